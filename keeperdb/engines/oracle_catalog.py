"""What is in an Oracle database, for the schema tree: queries of the ALL_ views with bound names."""

from collections.abc import Callable
from itertools import groupby
from typing import Any, NamedTuple

from keeperdb.engines.base import Node, NodeKind

_USERS_NAME = "Users"

Rows = list[tuple[Any, ...]]
Query = Callable[..., Rows]  # (statement, parameters by name) -> rows

# oracle_maintained is there since 12.1, the oldest version that the driver speaks to.
_SCHEMAS = """
SELECT u.username, CASE WHEN u.oracle_maintained = 'Y' THEN 1 ELSE 0 END,
    CASE WHEN u.username = SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') THEN 0 ELSE 1 END
FROM all_users u
ORDER BY 3, 2, u.username
"""

_TABLES = """
SELECT t.table_name, CASE WHEN t.partitioned = 'YES' THEN 'partitioned' WHEN t.temporary = 'Y' THEN 'temporary' END,
    c.comments, t.num_rows, t.blocks * s.block_size
FROM all_tables t
LEFT JOIN all_tab_comments c ON c.owner = t.owner AND c.table_name = t.table_name
LEFT JOIN user_tablespaces s ON s.tablespace_name = t.tablespace_name
WHERE t.owner = :owner AND t.nested = 'NO' AND t.secondary = 'N' AND NOT EXISTS (
    SELECT 1 FROM all_mviews m WHERE m.owner = t.owner AND m.mview_name = t.table_name)
ORDER BY t.table_name
"""

_OBJECTS = """
SELECT o.object_name, CASE WHEN o.status <> 'VALID' THEN LOWER(o.status) END, c.comments, NULL, NULL
FROM all_objects o
LEFT JOIN all_tab_comments c ON c.owner = o.owner AND c.table_name = o.object_name
WHERE o.owner = :owner AND o.object_type = :kind AND o.secondary = 'N'
ORDER BY o.object_name
"""

_ROUTINES = """
SELECT o.object_name, LOWER(o.object_type) || CASE WHEN o.status <> 'VALID' THEN ' ' || LOWER(o.status) END,
    NULL, NULL, NULL
FROM all_objects o
WHERE o.owner = :owner AND o.object_type IN ('FUNCTION', 'PACKAGE', 'PROCEDURE')
ORDER BY o.object_name
"""

_COLUMNS = """
SELECT c.column_name, m.comments, c.data_type, c.char_length, c.data_precision, c.data_scale, c.data_length, c.nullable
FROM all_tab_columns c
LEFT JOIN all_col_comments m ON m.owner = c.owner AND m.table_name = c.table_name AND m.column_name = c.column_name
WHERE c.owner = :owner AND c.table_name = :name
ORDER BY c.column_id
"""

_KEYS = """
SELECT k.constraint_name, k.constraint_type, k.r_owner, k.r_constraint_name, c.column_name
FROM all_constraints k
JOIN all_cons_columns c ON c.owner = k.owner AND c.constraint_name = k.constraint_name
WHERE k.owner = :owner AND k.table_name = :name AND k.constraint_type IN ('P', 'U', 'R')
ORDER BY CASE k.constraint_type WHEN 'P' THEN 1 WHEN 'U' THEN 2 ELSE 3 END, k.constraint_name, c.position
"""

_REFERENCED = """
SELECT c.table_name, c.column_name
FROM all_cons_columns c
WHERE c.owner = :owner AND c.constraint_name = :name
ORDER BY c.position
"""

_CHECKS = """
SELECT k.constraint_name, k.search_condition_vc
FROM all_constraints k
WHERE k.owner = :owner AND k.table_name = :name AND k.constraint_type = 'C' AND k.generated = 'USER NAME'
ORDER BY k.constraint_name
"""

_INDEXES = """
SELECT i.index_name, CASE WHEN i.uniqueness = 'UNIQUE' THEN 'unique ' END || LOWER(i.index_type), c.column_name
FROM all_indexes i
JOIN all_ind_columns c ON c.index_owner = i.owner AND c.index_name = i.index_name
WHERE i.table_owner = :owner AND i.table_name = :name
ORDER BY i.index_name, c.column_position
"""

_TRIGGERS = """
SELECT t.trigger_name, LOWER(t.trigger_type || ' ' || t.triggering_event)
    || CASE WHEN t.status <> 'ENABLED' THEN ' (disabled)' END
FROM all_triggers t
WHERE t.table_owner = :owner AND t.table_name = :name
ORDER BY t.trigger_name
"""

_USERS = "SELECT u.username, CASE WHEN u.oracle_maintained = 'Y' THEN 1 ELSE 0 END FROM all_users u ORDER BY 2, 1"

# Comments have no time of their own.
_STAMP = """
SELECT COUNT(*) || ' ' || TO_CHAR(MAX(o.last_ddl_time), 'YYYYMMDDHH24MISS') || ' ' || SUM(o.object_id) || ' '
    || (SELECT SUM(ORA_HASH(c.comments)) FROM all_tab_comments c WHERE c.owner = :owner)
FROM all_objects o
WHERE o.owner = :owner
"""


class _Group(NamedTuple):
    """A heading below a schema, and the query of what stands below it."""

    kind: NodeKind
    statement: str
    object_type: str = ""  # of ALL_OBJECTS
    has_children: bool = False


_SCHEMA_GROUPS = {
    "Tables": _Group(NodeKind.TABLE, _TABLES, has_children=True),
    "Views": _Group(NodeKind.VIEW, _OBJECTS, "VIEW", has_children=True),
    "Materialized views": _Group(NodeKind.MATERIALIZED_VIEW, _OBJECTS, "MATERIALIZED VIEW", has_children=True),
    "Routines": _Group(NodeKind.ROUTINE, _ROUTINES),
    "Sequences": _Group(NodeKind.SEQUENCE, _OBJECTS, "SEQUENCE"),
    "Types": _Group(NodeKind.TYPE, _OBJECTS, "TYPE"),
}
_OBJECT_GROUPS = {
    NodeKind.TABLE: ("Columns", "Keys", "Indexes", "Triggers"),
    NodeKind.VIEW: ("Columns", "Triggers"),
    NodeKind.MATERIALIZED_VIEW: ("Columns", "Indexes"),
}
_KEY_WORDS = {"P": "primary key", "U": "unique"}
_LENGTH_TYPES = ("CHAR", "NCHAR", "VARCHAR2", "NVARCHAR2")


def children(query: Query, node: Node | None) -> list[Node]:
    """The nodes below `node`; below the root the schemas, the current one first."""
    if node is None:
        schemas = [_schema(name, str(is_system) == "1") for name, is_system, _ in query(_SCHEMAS)]
        return [*schemas, _heading((), _USERS_NAME)]
    if node.kind is NodeKind.SCHEMA:
        return [_heading(node.path, name) for name in _SCHEMA_GROUPS]
    if node.kind in _OBJECT_GROUPS:
        return [_heading(node.path, name) for name in _OBJECT_GROUPS[node.kind]]
    if node.kind is NodeKind.GROUP and node.name in _SCHEMA_GROUPS:
        return _objects(query, node, _SCHEMA_GROUPS[node.name])
    return _PARTS[node.name](query, node.path) if node.kind is NodeKind.GROUP else []


def stamp(query: Query, node: Node | None) -> str | None:
    """What changes when anything in the schema of a heading does; None for other nodes."""
    if node is None or node.kind is not NodeKind.GROUP or node.name not in _SCHEMA_GROUPS:
        return None
    return str(query(_STAMP, {"owner": node.path[0]})[0][0])


def _users(query: Query, _path: tuple[str, ...]) -> list[Node]:
    return [Node(NodeKind.USER, name, (name,), is_system=str(is_system) == "1") for name, is_system in query(_USERS)]


def _schema(name: str, is_system: bool) -> Node:
    return Node(NodeKind.SCHEMA, name, (name,), has_children=True, is_system=is_system)


def _heading(path: tuple[str, ...], name: str) -> Node:
    return Node(NodeKind.GROUP, name, path, has_children=True)


def _objects(query: Query, node: Node, group: _Group) -> list[Node]:
    names = {"owner": node.path[0], **({"kind": group.object_type} if group.object_type else {})}
    return [
        Node(
            group.kind,
            name,
            (*node.path, name),
            detail or "",
            group.has_children,
            comment=comment or "",
            row_estimate=None if rows is None else int(rows),
            size_bytes=None if size is None else int(size),
        )
        for name, detail, comment, rows, size in query(group.statement, names)
    ]


def _of(path: tuple[str, ...]) -> dict[str, str]:
    return {"owner": path[0], "name": path[1]}


def _columns(query: Query, path: tuple[str, ...]) -> list[Node]:
    return [
        Node(NodeKind.COLUMN, name, (*path, name), column_type(*described), comment=comment or "")
        for name, comment, *described in query(_COLUMNS, _of(path))
    ]


def column_type(name: str, length: Any, precision: Any, scale: Any, size: Any, nullable: str) -> str:
    """As in a CREATE TABLE; numbers may come as text, as every NUMBER does here."""
    sized = name
    if name in _LENGTH_TYPES:
        sized = f"{name}({length})"
    elif name == "RAW":
        sized = f"{name}({size})"
    elif name == "NUMBER" and precision is not None:
        sized = f"{name}({precision},{scale})" if int(scale or 0) else f"{name}({precision})"
    elif name == "NUMBER" and scale is not None and int(scale) == 0:
        sized = "INTEGER"
    return sized if nullable == "Y" else f"{sized} not null"


def _keys(query: Query, path: tuple[str, ...]) -> list[Node]:
    found = []
    for (name, type_, owner, target), group in groupby(query(_KEYS, _of(path)), key=lambda row: row[:4]):
        columns = ", ".join(row[4] for row in group)
        detail = f"{_KEY_WORDS[type_]} ({columns})" if type_ in _KEY_WORDS else f"({columns})"
        if type_ == "R":
            detail += _reference(query, owner, target)
        found.append(Node(NodeKind.KEY, name, (*path, name), detail))
    checks = query(_CHECKS, _of(path))
    return [*found, *(Node(NodeKind.KEY, name, (*path, name), f"check {text}") for name, text in checks)]


def _reference(query: Query, owner: str, constraint: str) -> str:
    rows = query(_REFERENCED, {"owner": owner, "name": constraint})
    return f" → {owner}.{rows[0][0]} ({', '.join(column for _, column in rows)})" if rows else f" → {owner}"


def _indexes(query: Query, path: tuple[str, ...]) -> list[Node]:
    found = []
    for (name, what), group in groupby(query(_INDEXES, _of(path)), key=lambda row: row[:2]):
        columns = ", ".join(row[2] for row in group)
        found.append(Node(NodeKind.INDEX, name, (*path, name), f"{what} ({columns})"))
    return found


def _triggers(query: Query, path: tuple[str, ...]) -> list[Node]:
    rows = query(_TRIGGERS, _of(path))
    return [Node(NodeKind.TRIGGER, name, (*path, name), detail or "") for name, detail in rows]


_PARTS: dict[str, Callable[[Query, tuple[str, ...]], list[Node]]] = {
    "Columns": _columns,
    "Keys": _keys,
    "Indexes": _indexes,
    "Triggers": _triggers,
    _USERS_NAME: _users,
}
