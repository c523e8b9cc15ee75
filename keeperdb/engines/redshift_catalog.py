"""What is in a Redshift database, for the schema tree: what it has of pg_catalog, and its SVV views."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from keeperdb.engines.base import Node, NodeKind

Rows = list[tuple[str | None, ...]]
Query = Callable[..., Rows]  # (statement, parameters) -> rows as text

_SYSTEM_SCHEMAS = ("information_schema", "pg_auto_copy", "pg_automv", "pg_catalog", "pg_internal", "pg_mv", "pg_s3")

_DATABASES = "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY datname"

_SCHEMAS = """
SELECT n.nspname, CASE e.eskind WHEN 1 THEN 'external: data catalog' WHEN 2 THEN 'external: Hive'
    WHEN 3 THEN 'external: PostgreSQL' WHEN 4 THEN 'external: Redshift' WHEN 7 THEN 'external: MySQL'
    ELSE CASE WHEN e.schemaname IS NULL THEN '' ELSE 'external' END END
FROM pg_namespace n LEFT JOIN svv_external_schemas e ON e.schemaname = n.nspname
WHERE n.nspname NOT LIKE 'pg_temp%' AND n.nspname NOT LIKE 'pg_toast%'
ORDER BY n.nspname
"""

_TABLES = """
SELECT t.table_name, CASE t.table_type WHEN 'EXTERNAL TABLE' THEN 'external' ELSE '' END, t.remarks
FROM svv_tables t
WHERE t.table_catalog = $1 AND t.table_schema = $2 AND t.table_type <> 'VIEW'
ORDER BY t.table_name
"""

_VIEWS = """
SELECT c.relname,
    CASE WHEN lower(pg_get_viewdef(c.oid)) LIKE '%with no schema binding%' THEN 'late binding' ELSE '' END,
    obj_description(c.oid, 'pg_class')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind = 'v'
    AND c.relname NOT IN (SELECT m.name FROM svv_mv_info m WHERE m.schema_name = $2)
ORDER BY c.relname
"""

_MATERIALIZED_VIEWS = """
SELECT m.name, CASE WHEN m.is_stale = 't' THEN 'stale' ELSE '' END, ''
FROM svv_mv_info m
WHERE m.database_name = $1 AND m.schema_name = $2
ORDER BY m.name
"""

_ROUTINES = """
SELECT p.proname, oidvectortypes(p.proargtypes),
    CASE p.prokind WHEN 'p' THEN 'procedure' ELSE '→ ' || format_type(p.prorettype, NULL) END
FROM pg_proc_info p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = $1
ORDER BY p.proname, 2
"""

_COLUMNS = """
SELECT c.column_name, c.data_type
    || CASE WHEN c.character_maximum_length IS NOT NULL THEN '(' || c.character_maximum_length || ')'
        WHEN c.data_type = 'numeric' THEN '(' || c.numeric_precision || ',' || c.numeric_scale || ')' ELSE '' END
    || CASE c.is_nullable WHEN 'NO' THEN ' not null' ELSE '' END, c.remarks
FROM svv_columns c
WHERE c.table_catalog = $1 AND c.table_schema = $2 AND c.table_name = $3
ORDER BY c.ordinal_position
"""

_CONSTRAINTS = """
SELECT k.conname, pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND k.contype IN ('p', 'u', 'f')
ORDER BY CASE k.contype WHEN 'p' THEN 1 WHEN 'u' THEN 2 ELSE 3 END, k.conname
"""

# Of a compound sort key the order is positive, of an interleaved one its signs alternate.
_PLACEMENT = """
SELECT a.attname, CASE WHEN a.attisdistkey THEN 't' ELSE 'f' END, abs(a.attsortkeyord)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND (a.attisdistkey OR a.attsortkeyord <> 0)
ORDER BY 3, a.attnum
"""

_USERS = "SELECT u.usename, CASE WHEN u.usesuper THEN 'superuser' ELSE '' END FROM pg_user u ORDER BY u.usename"

# Only tables with rows are there; sizes are in blocks.
_SIZES = """
SELECT i."table", i.tbl_rows, i.size FROM svv_table_info i WHERE i.database = $1 AND i.schema = $2
"""
_BLOCK = 1024 * 1024  # bytes
_USERS_NAME = "Users"


class _Group(NamedTuple):
    """A heading, what stands below it, and which names of the path its query takes."""

    kind: NodeKind
    statement: str
    names: tuple[int, ...]  # places in the path (database, schema, relation)
    has_children: bool = False


_SCHEMA_GROUPS = {
    "Tables": _Group(NodeKind.TABLE, _TABLES, (0, 1), has_children=True),
    "Views": _Group(NodeKind.VIEW, _VIEWS, (1, 1), has_children=True),
    "Materialized views": _Group(NodeKind.MATERIALIZED_VIEW, _MATERIALIZED_VIEWS, (0, 1), has_children=True),
    "Routines": _Group(NodeKind.ROUTINE, _ROUTINES, (1,)),
}
_COLUMN_GROUP = _Group(NodeKind.COLUMN, _COLUMNS, (0, 1, 2))
_RELATION_GROUPS = {
    NodeKind.TABLE: ("Columns", "Keys"),
    NodeKind.VIEW: ("Columns",),
    NodeKind.MATERIALIZED_VIEW: ("Columns",),
}


def children(query: Query, node: Node | None, current: str) -> list[Node]:
    """The nodes below `node`. Only the database that is connected to can be looked into."""
    if node is None:
        databases = [_database(name, current) for (name,) in query(_DATABASES) if name]
        return [*databases, _heading((), _USERS_NAME)]
    if node.kind is NodeKind.DATABASE:
        return [_schema(node.path, *row) for row in query(_SCHEMAS)] if node.name == current else []
    if node.kind is NodeKind.SCHEMA:
        return [_heading(node.path, name) for name in _SCHEMA_GROUPS]
    if node.kind in _RELATION_GROUPS:
        return [_heading(node.path, name) for name in _RELATION_GROUPS[node.kind]]
    return _below_group(query, node) if node.kind is NodeKind.GROUP else []


def details(query: Query, node: Node) -> list[Node]:
    """Tables again, with their rows and sizes; other nodes have none."""
    if node.kind is not NodeKind.GROUP or node.name != "Tables":
        return []
    sizes = {name: (rows, size) for name, rows, size in query(_SIZES, node.path[:2])}
    found = []
    for each in _below_group(query, node):
        rows, size = sizes.get(each.name, (None, None))
        found.append(
            replace(
                each,
                row_estimate=None if rows is None else int(float(rows)),
                size_bytes=None if size is None else int(size) * _BLOCK,
            )
        )
    return found


def _database(name: str, current: str) -> Node:
    is_current = name == current
    return Node(NodeKind.DATABASE, name, (name,), "" if is_current else "connect to open", has_children=is_current)


def _schema(path: tuple[str, ...], name: str | None, detail: str | None) -> Node:
    name = name or ""
    is_system = name in _SYSTEM_SCHEMAS
    return Node(NodeKind.SCHEMA, name, (*path, name), detail or "", has_children=True, is_system=is_system)


def _heading(path: tuple[str, ...], name: str) -> Node:
    return Node(NodeKind.GROUP, name, path, has_children=True)


def _below_group(query: Query, node: Node) -> list[Node]:
    if node.name == _USERS_NAME:
        return [Node(NodeKind.USER, name or "", (name or "",), detail or "") for name, detail in query(_USERS)]
    if node.name == "Keys":
        return _keys(query, node.path)
    group = _SCHEMA_GROUPS.get(node.name, _COLUMN_GROUP)
    rows = query(group.statement, tuple(node.path[place] for place in group.names))
    if group.kind is NodeKind.ROUTINE:
        return [_routine(node.path, *row) for row in rows]
    return [
        Node(group.kind, name or "", (*node.path, name or ""), detail or "", group.has_children, comment=comment or "")
        for name, detail, comment in rows
    ]


def _routine(path: tuple[str, ...], name: str | None, arguments: str | None, detail: str | None) -> Node:
    """Routines of one name differ in their arguments, which are part of what identifies them."""
    signature = f"{name}({arguments})"
    return Node(NodeKind.ROUTINE, signature, (*path, signature), detail or "")


def _keys(query: Query, path: tuple[str, ...]) -> list[Node]:
    """Constraints, which Redshift does not enforce, and how the rows are spread over the nodes and sorted on them."""
    found = [
        Node(NodeKind.KEY, name or "", (*path, name or ""), f"{detail} (not enforced)")
        for name, detail in query(_CONSTRAINTS, path[1:])
    ]
    rows = query(_PLACEMENT, path[1:])
    for title, columns in (
        ("distribution key", [name or "" for name, is_distribution, _ in rows if is_distribution == "t"]),
        ("sort key", [name or "" for name, _, order in rows if order != "0"]),
    ):
        if columns:
            found.append(Node(NodeKind.KEY, title, (*path, title), f"({', '.join(columns)})"))
    return found
