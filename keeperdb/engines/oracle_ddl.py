"""The statements that make an object of Oracle, as DBMS_METADATA writes them."""

from collections.abc import Callable
from typing import Any

from keeperdb.engines.base import Node, NodeKind
from keeperdb.errors import NotFoundError, QueryError, UnsupportedError

Query = Callable[..., list[tuple[Any, ...]]]

# https://docs.oracle.com/en/database/oracle/oracle-database/23/arpls/DBMS_METADATA.html
_TERMINATED = """BEGIN
  DBMS_METADATA.SET_TRANSFORM_PARAM(DBMS_METADATA.SESSION_TRANSFORM, 'SQLTERMINATOR', TRUE);
  DBMS_METADATA.SET_TRANSFORM_PARAM(DBMS_METADATA.SESSION_TRANSFORM, 'PRETTY', TRUE);
END;"""
_OWN = "SELECT DBMS_METADATA.GET_DDL(:kind, :name, :owner) FROM dual"
_USER = "SELECT DBMS_METADATA.GET_DDL('USER', :name) FROM dual"
_DEPENDENT = "SELECT DBMS_METADATA.GET_DEPENDENT_DDL(:kind, :name, :owner) FROM dual"
_ROUTINE_KIND = """
SELECT o.object_type FROM all_objects o
WHERE o.owner = :owner AND o.object_name = :name AND o.object_type IN ('FUNCTION', 'PACKAGE', 'PROCEDURE')
"""
_KEY_KIND = "SELECT k.constraint_type FROM all_constraints k WHERE k.owner = :owner AND k.constraint_name = :name"

# The indexes of keys are part of the table's own statement.
_INDEXES = """
SELECT i.owner, i.index_name FROM all_indexes i
WHERE i.table_owner = :owner AND i.table_name = :name AND i.index_type <> 'LOB' AND NOT EXISTS (
    SELECT 1 FROM all_constraints k
    WHERE k.owner = i.table_owner AND k.index_name = i.index_name AND k.constraint_type IN ('P', 'U'))
ORDER BY i.index_name
"""
_PART_OWNER = {
    NodeKind.INDEX: "SELECT i.owner FROM all_indexes i "
    "WHERE i.table_owner = :owner AND i.table_name = :name AND i.index_name = :part",
    NodeKind.TRIGGER: "SELECT t.owner FROM all_triggers t "
    "WHERE t.table_owner = :owner AND t.table_name = :name AND t.trigger_name = :part",
}
_KINDS = {
    NodeKind.VIEW: "VIEW",
    NodeKind.MATERIALIZED_VIEW: "MATERIALIZED_VIEW",
    NodeKind.SEQUENCE: "SEQUENCE",
    NodeKind.TYPE: "TYPE",
}
_GONE = ("ORA-31603",)
_NO_DEPENDENT = "ORA-31608"


def ddl(query: Query, node: Node) -> str:
    """The statements that make `node`. Raises `NotFoundError` when it is gone, `UnsupportedError`, `QueryError`."""
    make = _MAKERS.get(node.kind)
    if make is None:
        raise UnsupportedError(f"A {node.kind} has no statement that makes it.")
    query(_TERMINATED)
    try:
        statements = make(query, node)
    except QueryError as error:
        if error.code in _GONE:
            raise _gone(node) from error
        raise
    return "\n\n".join(str(statement).strip() for statement in statements) + "\n"


def _own(query: Query, node: Node, kind: str = "", owner: str = "") -> list[Any]:
    names = {"kind": kind or _KINDS[node.kind], "name": node.path[-1], "owner": owner or node.path[0]}
    return [query(_OWN, names)[0][0]]


def _table(query: Query, node: Node) -> list[Any]:
    owner, name = node.path
    statements = _own(query, node, "TABLE")
    for index_owner, index in query(_INDEXES, {"owner": owner, "name": name}):
        statements += [query(_OWN, {"kind": "INDEX", "name": index, "owner": index_owner})[0][0]]
    return statements + _comments(query, node)


def _view(query: Query, node: Node) -> list[Any]:
    return _own(query, node) + _comments(query, node)


def _comments(query: Query, node: Node) -> list[Any]:
    try:
        return [query(_DEPENDENT, {"kind": "COMMENT", "name": node.path[-1], "owner": node.path[0]})[0][0]]
    except QueryError as error:
        if error.code == _NO_DEPENDENT:
            return []
        raise


def _routine(query: Query, node: Node) -> list[Any]:
    rows = query(_ROUTINE_KIND, {"owner": node.path[0], "name": node.path[-1]})
    if not rows:
        raise _gone(node)
    return _own(query, node, str(rows[0][0]))


def _part(query: Query, node: Node) -> list[Any]:
    """An index or a trigger, which may belong to another schema than its table."""
    owner, table, part = node.path
    rows = query(_PART_OWNER[node.kind], {"owner": owner, "name": table, "part": part})
    if not rows:
        raise _gone(node)
    return _own(query, node, node.kind.name, str(rows[0][0]))


def _key(query: Query, node: Node) -> list[Any]:
    rows = query(_KEY_KIND, {"owner": node.path[0], "name": node.path[-1]})
    if not rows:
        raise _gone(node)
    return _own(query, node, "REF_CONSTRAINT" if rows[0][0] == "R" else "CONSTRAINT")


def _user(query: Query, node: Node) -> list[Any]:
    return [query(_USER, {"name": node.name})[0][0]]


def _gone(node: Node) -> NotFoundError:
    return NotFoundError(f"There is no {node.kind} {node.name} any more.", "Refresh the tree.")


_MAKERS: dict[NodeKind, Callable[[Query, Node], list[Any]]] = {
    NodeKind.TABLE: _table,
    NodeKind.VIEW: _view,
    NodeKind.MATERIALIZED_VIEW: _own,
    NodeKind.ROUTINE: _routine,
    NodeKind.SEQUENCE: _own,
    NodeKind.TYPE: _own,
    NodeKind.INDEX: _part,
    NodeKind.TRIGGER: _part,
    NodeKind.KEY: _key,
    NodeKind.USER: _user,
}
