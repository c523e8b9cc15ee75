"""Reads the names of all tables of a database through the session that browses it, schema by schema."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from keeperdb.engines.base import Node, NodeKind
from keeperdb.errors import QueryError
from keeperdb.query.catalog import Catalog
from keeperdb.query.completion.names import TableName
from keeperdb.query.session import Session
from keeperdb.task import Task

_MOST_SCHEMAS = 300
_VIEWS = (NodeKind.VIEW, NodeKind.MATERIALIZED_VIEW)
_LISTS = ("Tables", "Views", "Materialized views", "Sequences")
_DEFAULTS = {
    "postgres": "SELECT n FROM unnest(current_schemas(false)) AS n",
    "redshift": "SELECT current_schema()",
    "tsql": "SELECT schema_name()",
    "oracle": "SELECT sys_context('USERENV', 'CURRENT_SCHEMA') FROM dual",
}


@dataclass(slots=True)
class Names:
    """Tables and views of some schemas; `others` are what a query can name too, but nobody looks for."""

    tables: list[TableName] = field(default_factory=list)
    others: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Places:
    """`holders` are what tables are below, the first those that need no qualification, whose paths are `defaults`."""

    holders: tuple[Node | None, ...]
    defaults: tuple[tuple[str, ...], ...]


def places(session: Session, catalog: Catalog, task: Task) -> Places:
    """Where tables are. Raises `QueryError` and `ConnectError`."""
    roots = catalog.children(session, None, task)
    holders: list[Node | None] = []
    if any(node.kind is NodeKind.GROUP and node.name == "Tables" for node in roots):
        holders.append(None)
    for node in roots:
        if node.kind is NodeKind.SCHEMA or (node.kind is NodeKind.DATABASE and node.has_children):
            holders += _schemas(session, catalog, node, task)
    defaults = _defaults(session, holders, task)
    ranks = {path: rank for rank, path in enumerate(defaults)}
    wanted = [each for each in holders if each is None or not each.is_system or each.path in ranks]
    wanted.sort(key=lambda each: ranks.get(_path(each), len(ranks)))
    return Places(tuple(wanted[:_MOST_SCHEMAS]), defaults)


def names_below(session: Session, catalog: Catalog, holder: Node | None, task: Task) -> Names:
    """The tables and views of one schema, or of a database without schemas; long lists may come from the disk."""
    found = Names()
    for group in catalog.children(session, holder, task):
        if group.kind is not NodeKind.GROUP or group.name not in _LISTS:
            continue
        if group.name == "Sequences" and session.engine.dialect != "postgres":
            continue
        for node in catalog.children(session, group, task):
            if group.name == "Sequences":
                found.others.add(node.name.casefold())
            else:
                found.tables.append(TableName(node.path, node.kind in _VIEWS, node.comment))
    return found


def _schemas(session: Session, catalog: Catalog, node: Node, task: Task) -> Iterator[Node]:
    """`node` itself where tables are right below it, else the schemas of the database that is connected to."""
    if node.kind is NodeKind.SCHEMA or not session.engine.capabilities.has_schemas:
        yield node
    elif node.name == session.database:
        yield from (each for each in catalog.children(session, node, task) if each.kind is NodeKind.SCHEMA)


def _defaults(session: Session, holders: Sequence[Node | None], task: Task) -> tuple[tuple[str, ...], ...]:
    query = _DEFAULTS.get(session.engine.dialect)
    if query is None:
        return ((),) if None in holders else ((session.database,),) if session.database else ()
    try:
        result = session.execute(query, task, confirmed=True)[-1]
        result.fetch(1_000, task)
    except QueryError:
        return ()
    wanted = [result.text(row, 0) for row in range(result.row_count)]
    return tuple(each.path for name in wanted for each in holders if each is not None and each.name == name)


def _path(node: Node | None) -> tuple[str, ...]:
    return () if node is None else node.path
