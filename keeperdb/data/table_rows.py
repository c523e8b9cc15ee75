"""Reads one page of a table: where it begins, whether there is more, and the rows, which stay what the server sent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from keeperdb.data.edit_cells import Cell
from keeperdb.data.edit_sql import Sql
from keeperdb.data.edit_targets import cells_of
from keeperdb.data.paging import PageRequest, can_seek, keyless_rows_sql, page_sql
from keeperdb.query.results import ResultSet
from keeperdb.query.session import Session
from keeperdb.query.statements import Statement
from keeperdb.task import Task


@dataclass(frozen=True, slots=True)
class TablePage:
    """Rows of a page. `request` reads the same page again; `first` and `last` are cells of its outermost rows."""

    request: PageRequest
    result: ResultSet
    has_before: bool
    has_after: bool
    first: Mapping[str, Cell]
    last: Mapping[str, Cell]


def read_page(session: Session, request: PageRequest, task: Task) -> TablePage:
    """On the session's lane. Raises `QueryError`, `ConnectError` or `KeeperDBError` for a filter that is none."""
    request = _seeking(session, request, task)
    if request.is_backwards:
        request = _turned(session, request, task)
    result = _run(session, page_sql(session.engine, request), request, task)
    result.fetch(request.size, task)
    has_after = any(len(block) for block in result.drain(task, 1))
    result.close()
    names = [column.name for column in request.shape.columns]
    dialect, count = session.engine.dialect, result.row_count
    first = dict(zip(names, cells_of(result, 0, dialect), strict=True)) if count else {}
    last = dict(zip(names, cells_of(result, count - 1, dialect), strict=True)) if count else {}
    has_before = request.offset > 0 or request.after is not None
    return TablePage(request, result, has_before, has_after, first, last)


def next_page(page: TablePage) -> PageRequest:
    """The rows behind those of `page`."""
    if page.request.is_by_key:
        return replace(page.request, after=page.last, is_backwards=False)
    return replace(page.request, offset=page.request.offset + page.request.size)


def previous_page(page: TablePage) -> PageRequest:
    """The rows before those of `page`."""
    if page.request.is_by_key:
        return replace(page.request, after=page.first or None, is_backwards=True)
    return replace(page.request, offset=max(0, page.request.offset - page.request.size))


def first_page(request: PageRequest) -> PageRequest:
    return replace(request, after=None, is_backwards=False, offset=0)


def last_page(request: PageRequest) -> PageRequest:
    """Only where there is a key: nothing is counted."""
    return replace(request, after=None, is_backwards=True, offset=0)


def _seeking(session: Session, request: PageRequest, task: Task) -> PageRequest:
    """With what is known of how pages can go on; by numbers of rows they begin again at the first."""
    if request.key is None:
        return replace(request, after=None, is_backwards=False)
    seeks = can_seek(session.engine, request)
    keyless = keyless_rows_sql(session.engine, request) if seeks else None
    if keyless is not None:
        seeks = not _run(session, keyless, request, task).fetch(1, task)
    if seeks:
        return replace(request, seeks=True, offset=0)
    return replace(request, seeks=False, after=None, is_backwards=False)


def _turned(session: Session, request: PageRequest, task: Task) -> PageRequest:
    """The same page forwards: found by the row before it, which is the last one of the reading backwards."""
    result = _run(session, page_sql(session.engine, request), request, task)
    result.fetch(request.size + 1, task)
    forwards = replace(request, is_backwards=False, after=None)
    if result.row_count <= request.size:
        return forwards
    cells = cells_of(result, request.size, session.engine.dialect)
    names = [column.name for column in request.shape.columns]
    return replace(forwards, after=dict(zip(names, cells, strict=True)))


def _run(session: Session, sql: Sql, request: PageRequest, task: Task) -> ResultSet:
    text, values = sql.bound()
    statement = Statement(text, 0, len(text), request.shape.name)
    return session.execute(statement, task, parameters=values or None)[-1]
