"""The statements that make an object of SQLite, as SQLite keeps them itself."""

from collections.abc import Callable
from typing import Any

from keeperdb.engines.base import Node, NodeKind
from keeperdb.errors import NotFoundError, UnsupportedError

Query = Callable[..., list[tuple[Any, ...]]]  # (statement, parameters) -> rows

# A table's indexes and triggers follow it; those of keys have no statement.
_STATEMENTS = """
SELECT sql FROM {schema}.sqlite_schema WHERE sql IS NOT NULL AND (type = ? AND name = ? COLLATE NOCASE
    OR tbl_name = ? COLLATE NOCASE AND type IN ('index', 'trigger'))
ORDER BY type IN ('index', 'trigger'), type = 'trigger', rowid
"""
_ONE = "SELECT sql FROM {schema}.sqlite_schema WHERE sql IS NOT NULL AND type = ? AND name = ? COLLATE NOCASE"


def ddl(query: Query, node: Node) -> str:
    """The statements that make `node`; of a column or a key, which have none, those of the table.

    Raises `NotFoundError` when it is gone, `UnsupportedError` for a schema.
    """
    if node.kind in (NodeKind.TABLE, NodeKind.VIEW):
        statements = _whole(query, node.path, node.kind.value)
    elif node.kind in (NodeKind.INDEX, NodeKind.TRIGGER):
        rows = query(_ONE.replace("{schema}", _schema(node.path[:-1])), (node.kind.value, node.name))
        statements = [sql for (sql,) in rows] or _whole(query, node.path[:-1], "table")
    elif node.kind in (NodeKind.COLUMN, NodeKind.KEY):
        statements = _whole(query, node.path[:-1], "table") or _whole(query, node.path[:-1], "view")
    else:
        raise UnsupportedError(f"A {node.kind} has no statement that makes it.")
    if not statements:
        raise NotFoundError(f"There is no {node.kind} “{node.name}” any more.", "Refresh the objects.")
    return "\n\n".join(f"{statement};" for statement in statements) + "\n"


def _whole(query: Query, path: tuple[str, ...], type_: str) -> list[str]:
    """The statements of a table or view with its indexes and triggers; none if there is no such table or view."""
    found = query(_ONE.replace("{schema}", _schema(path)), (type_, path[-1]))
    if not found:
        return []
    return [sql for (sql,) in query(_STATEMENTS.replace("{schema}", _schema(path)), (type_, path[-1], path[-1]))]


def _schema(path: tuple[str, ...]) -> str:
    """The schema of an object whose path is (object) or (schema, object), as an identifier."""
    return '"' + (path[0] if len(path) == 2 else "main").replace('"', '""') + '"'
