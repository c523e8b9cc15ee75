"""What is in a SQL Server, for the schema tree: queries of the sys views, names bound as parameters.

A database's name cannot be bound; it stands quoted before each view, so that every database can be looked into.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from typing import Any, NamedTuple

from keeperdb.engines.base import Node, NodeKind

Rows = list[tuple[Any, ...]]
Query = Callable[..., Rows]  # (statement, parameters) -> rows

_USERS_NAME = "Users and roles"
_SYSTEM_DATABASES = ("master", "model", "msdb", "tempdb")
_SYSTEM_SCHEMAS = ("INFORMATION_SCHEMA", "guest", "sys")
_FIRST_ROLE_SCHEMA = 16384  # schemas of fixed roles, such as db_owner

# On Azure SQL Database (edition 5) only the database that is connected to can be looked into.
_DATABASES = """
SELECT d.name, CASE WHEN HAS_DBACCESS(d.name) = 1
    AND (d.name = DB_NAME() OR CAST(SERVERPROPERTY('EngineEdition') AS int) <> 5) THEN 1 ELSE 0 END
FROM sys.databases AS d
ORDER BY d.name
"""

_SCHEMAS = "SELECT s.name, s.schema_id FROM {db}.sys.schemas AS s ORDER BY s.name"

_OBJECTS = """
SELECT o.name, {detail}, CAST(e.value AS nvarchar(4000))
FROM {db}.sys.all_objects AS o
JOIN {db}.sys.schemas AS s ON s.schema_id = o.schema_id
LEFT JOIN {db}.sys.extended_properties AS e
    ON e.class = 1 AND e.major_id = o.object_id AND e.minor_id = 0 AND e.name = 'MS_Description'
WHERE s.name = ? AND o.type IN ({types})
ORDER BY o.name
"""

_TYPES = """
SELECT c.name, CASE WHEN c.is_table_type = 1 THEN 'table' WHEN c.is_assembly_type = 1 THEN 'CLR' ELSE {type} END, NULL
FROM {db}.sys.types AS c
LEFT JOIN {db}.sys.types AS t ON t.user_type_id = c.system_type_id
JOIN {db}.sys.schemas AS s ON s.schema_id = c.schema_id
WHERE s.name = ? AND c.is_user_defined = 1
ORDER BY c.name
"""

_USERS = """
SELECT p.name, LOWER(REPLACE(p.type_desc, '_', ' ')), p.is_fixed_role
FROM {db}.sys.database_principals AS p
ORDER BY p.is_fixed_role, p.name
"""

_SIZES = """
SELECT o.name, SUM(CASE WHEN p.index_id IN (0, 1) AND a.type = 1 THEN p.rows ELSE 0 END),
    SUM(CAST(a.total_pages AS bigint)) * 8192
FROM {db}.sys.all_objects AS o
JOIN {db}.sys.schemas AS s ON s.schema_id = o.schema_id
JOIN {db}.sys.partitions AS p ON p.object_id = o.object_id
JOIN {db}.sys.allocation_units AS a ON a.container_id = CASE WHEN a.type = 2 THEN p.partition_id ELSE p.hobt_id END
WHERE s.name = ? AND o.type IN ('U', 'S', 'IT', 'V')
GROUP BY o.name
"""

# Comments have no time of their own.
_STAMP = """
SELECT COUNT_BIG(*), CONVERT(varchar(30), MAX(o.modify_date), 126), SUM(CAST(o.object_id AS bigint)),
    COUNT_BIG(e.value), CHECKSUM_AGG(CHECKSUM(CAST(e.value AS nvarchar(4000))))
FROM {db}.sys.all_objects AS o
JOIN {db}.sys.schemas AS s ON s.schema_id = o.schema_id
LEFT JOIN {db}.sys.extended_properties AS e
    ON e.class = 1 AND e.major_id = o.object_id AND e.minor_id = 0 AND e.name = 'MS_Description'
WHERE s.name = ? AND o.type IN ({types})
"""

_ROUTINE_DETAIL = """CASE WHEN o.type IN ('P', 'PC', 'X') THEN 'procedure' WHEN o.type = 'AF' THEN 'aggregate'
    WHEN o.type IN ('IF', 'TF', 'FT') THEN 'table function' ELSE 'function' END"""

# Each of these ends with the schema's and the object's name.
_OF_OBJECT = """
JOIN {db}.sys.all_objects AS o ON o.object_id = {owner}
JOIN {db}.sys.schemas AS s ON s.schema_id = o.schema_id
"""

# As in a CREATE TABLE; `t` is the type, `c` what has its sizes
_TYPE_TEXT = """t.name + CASE
    WHEN t.name IN ('char', 'varchar', 'binary', 'varbinary') AND c.max_length <> -1
        THEN '(' + CAST(c.max_length AS varchar(10)) + ')'
    WHEN t.name IN ('nchar', 'nvarchar') AND c.max_length <> -1
        THEN '(' + CAST(c.max_length / 2 AS varchar(10)) + ')'
    WHEN t.name IN ('char', 'varchar', 'nchar', 'nvarchar', 'binary', 'varbinary') THEN '(max)'
    WHEN t.name IN ('decimal', 'numeric')
        THEN '(' + CAST(c.precision AS varchar(10)) + ',' + CAST(c.scale AS varchar(10)) + ')'
    WHEN t.name IN ('datetime2', 'datetimeoffset', 'time') THEN '(' + CAST(c.scale AS varchar(10)) + ')'
    ELSE '' END"""

_COLUMNS = """
SELECT c.name, {type}
    + CASE WHEN c.is_identity = 1 THEN ' identity' WHEN c.is_computed = 1 THEN ' computed' ELSE '' END
    + CASE WHEN c.is_nullable = 0 THEN ' not null' ELSE '' END
    , CAST(e.value AS nvarchar(4000))
FROM {db}.sys.all_columns AS c
JOIN {db}.sys.types AS t ON t.user_type_id = c.user_type_id
LEFT JOIN {db}.sys.extended_properties AS e
    ON e.class = 1 AND e.major_id = c.object_id AND e.minor_id = c.column_id AND e.name = 'MS_Description'
{of_object}
WHERE s.name = ? AND o.name = ?
ORDER BY c.column_id
"""

_UNIQUE_KEYS = """
SELECT k.name, CASE WHEN k.type = 'PK' THEN 'primary key' ELSE 'unique' END, c.name
FROM {db}.sys.key_constraints AS k
JOIN {db}.sys.index_columns AS i ON i.object_id = k.parent_object_id AND i.index_id = k.unique_index_id
JOIN {db}.sys.all_columns AS c ON c.object_id = i.object_id AND c.column_id = i.column_id
{of_object}
WHERE s.name = ? AND o.name = ? AND i.is_included_column = 0
ORDER BY k.type, k.name, i.key_ordinal
"""

_FOREIGN_KEYS = """
SELECT k.name, c.name, rs.name, r.name, rc.name
FROM {db}.sys.foreign_keys AS k
JOIN {db}.sys.foreign_key_columns AS f ON f.constraint_object_id = k.object_id
JOIN {db}.sys.all_columns AS c ON c.object_id = f.parent_object_id AND c.column_id = f.parent_column_id
JOIN {db}.sys.all_columns AS rc ON rc.object_id = f.referenced_object_id AND rc.column_id = f.referenced_column_id
JOIN {db}.sys.all_objects AS r ON r.object_id = k.referenced_object_id
JOIN {db}.sys.schemas AS rs ON rs.schema_id = r.schema_id
{of_object}
WHERE s.name = ? AND o.name = ?
ORDER BY k.name, f.constraint_column_id
"""

_CHECKS = """
SELECT k.name, k.definition
FROM {db}.sys.check_constraints AS k
{of_object}
WHERE s.name = ? AND o.name = ?
ORDER BY k.name
"""

_INDEXES = """
SELECT i.name, CASE WHEN i.is_unique = 1 THEN 'unique ' ELSE '' END + LOWER(i.type_desc), c.name
FROM {db}.sys.indexes AS i
JOIN {db}.sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id
JOIN {db}.sys.all_columns AS c ON c.object_id = x.object_id AND c.column_id = x.column_id
{of_object}
WHERE s.name = ? AND o.name = ? AND i.name IS NOT NULL AND x.is_included_column = 0
ORDER BY i.name, x.key_ordinal, x.index_column_id
"""

_TRIGGERS = """
SELECT t.name, CASE WHEN t.is_instead_of_trigger = 1 THEN 'instead of' ELSE 'after' END
    + CASE WHEN t.is_disabled = 1 THEN ' (disabled)' ELSE '' END
FROM {db}.sys.triggers AS t
{of_object}
WHERE s.name = ? AND o.name = ?
ORDER BY t.name
"""


class _Group(NamedTuple):
    """A heading below a schema: kinds of sys.all_objects, and what stands beside a name."""

    kind: NodeKind
    types: tuple[str, ...]
    detail: str = "''"
    has_children: bool = False


_SCHEMA_GROUPS = {
    "Tables": _Group(NodeKind.TABLE, ("U", "S", "IT"), has_children=True),
    "Views": _Group(NodeKind.VIEW, ("V",), has_children=True),
    "Routines": _Group(NodeKind.ROUTINE, ("P", "PC", "X", "FN", "FS", "IF", "TF", "FT", "AF"), detail=_ROUTINE_DETAIL),
    "Sequences": _Group(NodeKind.SEQUENCE, ("SO",)),
    "Types": _Group(NodeKind.TYPE, ()),
}
_OBJECT_GROUPS = {
    NodeKind.TABLE: ("Columns", "Keys", "Indexes", "Triggers"),
    NodeKind.VIEW: ("Columns", "Indexes", "Triggers"),
}


def children(query: Query, node: Node | None, current: str) -> list[Node]:
    """The nodes below `node`; below the root the databases of the server."""
    if node is None:
        return [_database(name, bool(is_open), current) for name, is_open in query(_DATABASES)]
    if node.kind is NodeKind.DATABASE:
        schemas = [_schema(node, name, number) for name, number in query(in_database(node.name, _SCHEMAS))]
        return [*schemas, _heading(node.path, _USERS_NAME)]
    if node.kind is NodeKind.SCHEMA:
        return [_heading(node.path, name) for name in _SCHEMA_GROUPS]
    if node.kind in _OBJECT_GROUPS:
        return [_heading(node.path, name) for name in _OBJECT_GROUPS[node.kind]]
    if node.kind is NodeKind.GROUP and node.name in _SCHEMA_GROUPS:
        return _objects(query, node, _SCHEMA_GROUPS[node.name])
    return _PARTS[node.name](query, node.path) if node.kind is NodeKind.GROUP else []


def details(query: Query, node: Node) -> list[Node]:
    """Tables and views again, with rows and sizes as the storage engine counts them."""
    if node.kind is not NodeKind.GROUP or node.name not in ("Tables", "Views"):
        return []
    sizes = {name: (rows, size) for name, rows, size in query(in_database(node.path[0], _SIZES), (node.path[1],))}
    found = []
    for each in _objects(query, node, _SCHEMA_GROUPS[node.name]):
        rows, size = sizes.get(each.name, (None, None))
        found.append(replace(each, row_estimate=_number(rows), size_bytes=_number(size)))
    return found


def stamp(query: Query, node: Node | None) -> str | None:
    """What changes when a heading of a schema does; None for other nodes."""
    group = _SCHEMA_GROUPS.get(node.name) if node is not None and node.kind is NodeKind.GROUP else None
    if node is None or group is None or not group.types:
        return None
    statement = in_database(node.path[0], _STAMP.replace("{types}", _listed(group.types)))
    return " ".join(str(part) for part in query(statement, (node.path[1],))[0])


def _number(value: Any) -> int | None:
    return None if value is None else int(value)


def _listed(types: tuple[str, ...]) -> str:
    return ", ".join(f"'{each}'" for each in types)


def _users(query: Query, path: tuple[str, ...]) -> list[Node]:
    rows = query(in_database(path[0], _USERS))
    return [
        Node(NodeKind.USER, name, (*path, name), detail, is_system=bool(is_fixed)) for name, detail, is_fixed in rows
    ]


def in_database(database: str, statement: str, owner: str = "") -> str:
    """`statement` for the views of `database`; `owner` is the column that says which object a part belongs to."""
    name = "[" + database.replace("]", "]]") + "]"
    statement = statement.replace("{type}", _TYPE_TEXT)
    return statement.replace("{of_object}", _OF_OBJECT).replace("{owner}", owner).replace("{db}", name)


def _database(name: str, is_open: bool, current: str) -> Node:
    detail = "" if is_open else "connect to open"
    is_system = name in _SYSTEM_DATABASES and name != current
    return Node(NodeKind.DATABASE, name, (name,), detail, has_children=is_open, is_system=is_system)


def _schema(database: Node, name: str, number: int) -> Node:
    is_system = name in _SYSTEM_SCHEMAS or number >= _FIRST_ROLE_SCHEMA
    return Node(NodeKind.SCHEMA, name, (*database.path, name), has_children=True, is_system=is_system)


def _heading(path: tuple[str, ...], name: str) -> Node:
    return Node(NodeKind.GROUP, name, path, has_children=True)


def objects_statement(database: str, group: str) -> str:
    """The query of the names below a heading; its parameter is the schema."""
    kinds = _SCHEMA_GROUPS[group]
    if not kinds.types:
        return in_database(database, _TYPES)
    return in_database(database, _OBJECTS.replace("{detail}", kinds.detail).replace("{types}", _listed(kinds.types)))


def _objects(query: Query, node: Node, group: _Group) -> list[Node]:
    database, schema = node.path
    return [
        Node(group.kind, name, (*node.path, name), detail, has_children=group.has_children, comment=comment or "")
        for name, detail, comment in query(objects_statement(database, node.name), (schema,))
    ]


def _columns(query: Query, path: tuple[str, ...]) -> list[Node]:
    rows = query(in_database(path[0], _COLUMNS, "c.object_id"), path[1:])
    return [Node(NodeKind.COLUMN, name, (*path, name), detail, comment=comment or "") for name, detail, comment in rows]


def _keys(query: Query, path: tuple[str, ...]) -> list[Node]:
    unique = query(in_database(path[0], _UNIQUE_KEYS, "k.parent_object_id"), path[1:])
    checks = query(in_database(path[0], _CHECKS, "k.parent_object_id"), path[1:])
    return [
        *_with_columns(NodeKind.KEY, path, unique),
        *_foreign_keys(query, path),
        *(Node(NodeKind.KEY, name, (*path, name), f"check {text}") for name, text in checks),
    ]


def _foreign_keys(query: Query, path: tuple[str, ...]) -> list[Node]:
    found = []
    rows = query(in_database(path[0], _FOREIGN_KEYS, "k.parent_object_id"), path[1:])
    for name, group in groupby(rows, key=lambda row: row[0]):
        parts = list(group)
        columns, targets = (", ".join(row[number] for row in parts) for number in (1, 4))
        detail = f"({columns}) → {parts[0][2]}.{parts[0][3]} ({targets})"
        found.append(Node(NodeKind.KEY, name, (*path, name), detail))
    return found


def _indexes(query: Query, path: tuple[str, ...]) -> list[Node]:
    return _with_columns(NodeKind.INDEX, path, query(in_database(path[0], _INDEXES, "i.object_id"), path[1:]))


def _with_columns(kind: NodeKind, path: tuple[str, ...], rows: Rows) -> list[Node]:
    """One node for the rows of one name, each of which has a column: (name, what it is, column)."""
    found = []
    for (name, what), group in groupby(rows, key=lambda row: row[:2]):
        columns = ", ".join(row[2] for row in group)
        found.append(Node(kind, name, (*path, name), f"{what} ({columns})"))
    return found


def _triggers(query: Query, path: tuple[str, ...]) -> list[Node]:
    rows = query(in_database(path[0], _TRIGGERS, "t.parent_id"), path[1:])
    return [Node(NodeKind.TRIGGER, name, (*path, name), detail) for name, detail in rows]


_PARTS: dict[str, Callable[[Query, tuple[str, ...]], list[Node]]] = {
    "Columns": _columns,
    "Keys": _keys,
    "Indexes": _indexes,
    "Triggers": _triggers,
    _USERS_NAME: _users,
}
