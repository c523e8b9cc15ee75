"""What a table is made of, as far as editing its rows needs to know: columns, keys and what they refer to."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import groupby
from typing import Any

from keeperdb.engines.base import Engine
from keeperdb.errors import NotFoundError
from keeperdb.query.results import ResultSet
from keeperdb.query.session import Session
from keeperdb.query.table_shape_sql import ShapeQueries, queries_of
from keeperdb.task import Task

_ALL = 1_000_000


class KeyKind(StrEnum):
    PRIMARY = "primary"
    UNIQUE = "unique"
    VIRTUAL = "virtual"  # chosen by a person, and found to be unique by counting


@dataclass(frozen=True, slots=True)
class TableKey:
    """Columns whose values name exactly one row."""

    kind: KeyKind
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """`columns` of this table have the values of `target_columns` of the table at `target`, a path."""

    columns: tuple[str, ...]
    target: tuple[str, ...]
    target_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShapeColumn:
    """One column. `type_name` is the server's own word, `default` the SQL text of its default.

    `is_generated` is a column that is computed, or whose values only the server makes; `is_auto` one whose values the
    server makes unless told. `is_plain_text` says that equality of its texts compares each byte. `choices` are the
    values of an enumeration.
    """

    name: str
    type_name: str
    is_required: bool = False
    default: str | None = None
    is_generated: bool = False
    is_auto: bool = False
    choices: tuple[str, ...] = ()
    is_plain_text: bool = True

    @property
    def base_type(self) -> str:
        """`type_name` in lower case without sizes: `numeric(10,2)` is `numeric`."""
        head, bracket, rest = self.type_name.lower().partition("(")
        return (head + rest.partition(")")[2]).strip() if bracket else head.strip()


@dataclass(frozen=True)
class TableShape:
    """A table or a view. `path` is that of its node in the schema tree; `locked` says why nothing of it can be edited.

    `keys` are the primary key first, then those unique keys that no row is without. `is_transactional` tells that
    what was written to it can be rolled back.
    """

    path: tuple[str, ...]
    columns: tuple[ShapeColumn, ...]
    keys: tuple[TableKey, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    is_view: bool = False
    is_transactional: bool = True
    locked: str = ""
    row_estimate: int | None = None

    @property
    def name(self) -> str:
        return self.path[-1]

    @cached_property
    def by_name(self) -> Mapping[str, ShapeColumn]:
        return {column.name: column for column in self.columns}

    def foreign_key_of(self, column: str) -> ForeignKey | None:
        """The key of one column that `column` is, or the first of several that it is part of."""
        found = [key for key in self.foreign_keys if column in key.columns]
        return min(found, key=lambda key: len(key.columns), default=None)


def qualified(engine: Engine, path: Sequence[str]) -> str:
    """A table's name as SQL has it; PostgreSQL and Redshift take no other database, so theirs is left out."""
    names = path[-2:] if engine.dialect in ("postgres", "redshift") else path
    return ".".join(engine.quote(name) for name in names)


def describe_table(session: Session, path: Sequence[str], task: Task) -> TableShape:
    """Ask the server; nothing is counted. Raises `NotFoundError`, `QueryError` or `ConnectError`."""
    queries = queries_of(session.engine.dialect)
    names = queries.names(path)
    columns = [_column(row) for row in run(session, queries.columns, names, task, queries, path)]
    if not columns:
        raise NotFoundError(f"There is no table {'.'.join(path)}, or it may not be seen.", "Refresh the objects.")
    kind, transactional, locked, estimate = next(
        iter(run(session, queries.about, names, task, queries, path)), ("table", "1", "", None)
    )
    required = {column.name for column in columns if column.is_required}
    keys = _keys(run(session, queries.keys, names, task, queries, path), required, queries)
    references = _foreign_keys(run(session, queries.foreign_keys, names, task, queries, path), path)
    return TableShape(
        tuple(path),
        tuple(columns),
        tuple(keys),
        tuple(references),
        is_view=kind == "view",
        is_transactional=transactional != "0",
        locked=locked or "",
        row_estimate=None if estimate is None else max(0, int(float(estimate))),
    )


def run(
    session: Session,
    statement: str,
    values: Mapping[str, Any],
    task: Task,
    queries: ShapeQueries,
    path: Sequence[str],
) -> list[tuple[str | None, ...]]:
    """All rows of a catalogue query, as text."""
    if not statement:
        return []
    text = queries.placed(statement, path, session.engine.quote)
    used = {name: value for name, value in values.items() if f":{name}" in text}
    return texts_of(session.execute(text, task, parameters=used, confirmed=True)[-1], task)


def texts_of(result: ResultSet, task: Task) -> list[tuple[str | None, ...]]:
    """Every row of a result as text; the result is complete then."""
    result.fetch(_ALL, task)
    width = range(len(result.columns or ()))
    return [tuple(result.text(row, column) for column in width) for row in range(result.row_count)]


def _column(row: Sequence[str | None]) -> ShapeColumn:
    name, type_name, required, default, generated, auto, choices, plain = row
    return ShapeColumn(
        name or "",
        type_name or "",
        required == "1",
        default,
        generated == "1",
        auto == "1",
        tuple(_choices(choices or "")),
        plain != "0",
    )


def _choices(text: str) -> Iterator[str]:
    """From a JSON list, or from `enum('a','it''s')`."""
    if text.startswith("["):
        yield from json.loads(text)
    elif text.lower().startswith("enum("):
        for part in _quoted(text[5:-1]):
            yield part.replace("''", "'")


def _quoted(text: str) -> Iterator[str]:
    position = 0
    while (start := text.find("'", position)) >= 0:
        end = start + 1
        while text[end : end + 1] != "'" or text[end + 1 : end + 2] == "'":
            end += 2 if text[end : end + 1] == "'" else 1
        yield text[start + 1 : end]
        position = end + 1


def _keys(rows: Sequence[Sequence[str | None]], required: set[str], queries: ShapeQueries) -> Iterator[TableKey]:
    for (kind, _), group in groupby(rows, key=lambda row: (row[1], row[0])):
        columns = tuple(row[2] or "" for row in group)
        if kind == "p":
            yield TableKey(KeyKind.PRIMARY, columns)
        elif queries.unique_is_enforced and required.issuperset(columns):
            yield TableKey(KeyKind.UNIQUE, columns)


def _foreign_keys(rows: Sequence[Sequence[str | None]], path: Sequence[str]) -> Iterator[ForeignKey]:
    """`path` gives what stands before the schema of the target, such as the database."""
    for _, group in groupby(rows, key=lambda row: row[0]):
        parts = list(group)
        schema, table = parts[0][2], parts[0][3] or ""
        before = path[: len(path) - 2] if schema else path[:-1]
        target = (*before, *([schema] if schema else []), table)
        yield ForeignKey(tuple(row[1] or "" for row in parts), target, tuple(row[4] or "" for row in parts))
