"""What is in a PostgreSQL database, for the schema tree: plain catalogue queries with bound parameters."""

from collections.abc import Callable
from typing import NamedTuple

from keeperdb.engines.base import Node, NodeKind

Rows = list[tuple[str | None, ...]]
Query = Callable[..., Rows]  # (statement, parameters) -> rows as text

_SYSTEM_SCHEMAS = ("information_schema", "pg_catalog", "pg_toast")

# Types that are not built in, without those that every table brings along.
_TYPES = """
SELECT t.oid, format_type(t.oid, NULL)
FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typlen = -1
WHERE t.oid >= 16384 AND coalesce(e.typtype, t.typtype) IN ('b', 'e', 'r', 'm')
"""

_DATABASES = "SELECT datname FROM pg_catalog.pg_database WHERE NOT datistemplate AND datallowconn ORDER BY datname"

_SCHEMAS = """
SELECT nspname FROM pg_catalog.pg_namespace
WHERE nspname !~ '^pg_(toast_)?temp_' AND nspname <> 'pg_toast'
ORDER BY nspname IN ('information_schema', 'pg_catalog'), nspname
"""

_RELATIONS = """
SELECT c.relname, CASE WHEN c.relkind = 'p' THEN 'partitioned' WHEN c.relkind = 'f' THEN 'foreign' ELSE '' END
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind = ANY ($2::pg_catalog."char"[])
ORDER BY c.relname
"""

_ROUTINES = """
SELECT p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid), CASE p.prokind
    WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' WHEN 'w' THEN 'window'
    ELSE '→ ' || pg_catalog.format_type(p.prorettype, NULL) END
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = $1
ORDER BY p.proname, 2
"""

# Each of these has `c` for the relation whose parts it lists.
_OF_RELATION = """
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2
"""

_COLUMNS = """
SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
{of relation} AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""

_KEYS = """
SELECT k.conname, pg_catalog.pg_get_constraintdef(k.oid, true)
FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
{of relation} AND k.contype IN ('p', 'u', 'f', 'c', 'x')
ORDER BY strpos('pufcx', k.contype::text), k.conname
"""

_INDEXES = """
SELECT i.relname, CASE WHEN x.indisunique THEN 'unique ' ELSE '' END
    || substring(pg_catalog.pg_get_indexdef(x.indexrelid, 0, true) FROM ' USING (.*)$')
FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
{of relation}
ORDER BY i.relname
"""

_TRIGGERS = """
SELECT t.tgname, substring(pg_catalog.pg_get_triggerdef(t.oid, true) FROM '(?:BEFORE|AFTER|INSTEAD OF) [A-Z ]*')
FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
{of relation} AND NOT t.tgisinternal
ORDER BY t.tgname
"""


class _Group(NamedTuple):
    """A heading below a schema or a relation, and the query of what stands below it."""

    name: str
    kind: NodeKind
    statement: str
    relation_kinds: str = ""  # of pg_class.relkind, as an array
    has_children: bool = False


_SCHEMA_GROUPS = (
    _Group("Tables", NodeKind.TABLE, _RELATIONS, "{r,p,f}", has_children=True),
    _Group("Views", NodeKind.VIEW, _RELATIONS, "{v}", has_children=True),
    _Group("Materialized views", NodeKind.MATERIALIZED_VIEW, _RELATIONS, "{m}", has_children=True),
    _Group("Routines", NodeKind.ROUTINE, _ROUTINES),
    _Group("Sequences", NodeKind.SEQUENCE, _RELATIONS, "{S}"),
)
_RELATION_GROUPS = (
    _Group("Columns", NodeKind.COLUMN, _COLUMNS),
    _Group("Keys", NodeKind.KEY, _KEYS),
    _Group("Indexes", NodeKind.INDEX, _INDEXES),
    _Group("Triggers", NodeKind.TRIGGER, _TRIGGERS),
)
_GROUPS = {group.name: group for group in (*_SCHEMA_GROUPS, *_RELATION_GROUPS)}
_RELATIONS_WITH = {
    NodeKind.TABLE: ("Columns", "Keys", "Indexes", "Triggers"),
    NodeKind.VIEW: ("Columns", "Triggers"),
    NodeKind.MATERIALIZED_VIEW: ("Columns", "Indexes"),
}


def type_names(query: Query) -> dict[int, str]:
    """The names of types that are not built in, by OID."""
    return {int(oid): name for oid, name in query(_TYPES) if oid and name}


def children(query: Query, node: Node | None, current: str) -> list[Node]:
    """The nodes below `node`. Only the database that is connected to can be looked into."""
    if node is None:
        return [_database(name, current) for (name,) in query(_DATABASES) if name]
    if node.kind is NodeKind.DATABASE:
        return [_schema(node.path, name) for (name,) in query(_SCHEMAS) if name] if node.name == current else []
    if node.kind is NodeKind.SCHEMA:
        return [_heading(node.path, group.name) for group in _SCHEMA_GROUPS]
    if node.kind in _RELATIONS_WITH:
        return [_heading(node.path, name) for name in _RELATIONS_WITH[node.kind]]
    if node.kind is NodeKind.GROUP:
        return _below_group(query, node)
    return []


def _database(name: str, current: str) -> Node:
    is_current = name == current
    return Node(NodeKind.DATABASE, name, (name,), "" if is_current else "connect to open", has_children=is_current)


def _schema(path: tuple[str, ...], name: str) -> Node:
    return Node(NodeKind.SCHEMA, name, (*path, name), has_children=True, is_system=name in _SYSTEM_SCHEMAS)


def _heading(path: tuple[str, ...], name: str) -> Node:
    return Node(NodeKind.GROUP, name, path, has_children=True)


def _below_group(query: Query, node: Node) -> list[Node]:
    group = _GROUPS[node.name]
    parameters = node.path[1:]  # without the database
    if group.relation_kinds:
        parameters = (*parameters, group.relation_kinds)
    rows = query(group.statement.replace("{of relation}", _OF_RELATION), parameters)
    if group.kind is NodeKind.ROUTINE:
        return [_routine(node.path, *row) for row in rows]
    return [
        Node(group.kind, name or "", (*node.path, name or ""), detail or "", has_children=group.has_children)
        for name, detail in rows
    ]


def _routine(path: tuple[str, ...], name: str | None, arguments: str | None, detail: str | None) -> Node:
    """Routines of one name differ in their arguments, which are part of what identifies them."""
    signature = f"{name}({arguments})"
    return Node(NodeKind.ROUTINE, signature, (*path, signature), detail or "")
