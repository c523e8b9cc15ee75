"""What is in a PostgreSQL database, for the schema tree: plain catalogue queries with bound parameters."""

from collections.abc import Callable
from dataclasses import dataclass

from keeperdb.engines.base import Node, NodeKind

Rows = list[tuple[str | None, ...]]
Query = Callable[..., Rows]  # (statement, parameters) -> rows as text

ROLES = "Roles"
_SYSTEM_SCHEMAS = ("information_schema", "pg_catalog", "pg_toast")

# Types that are not built in, without those that every table brings along.
_TYPE_NAMES = """
SELECT t.oid, format_type(t.oid, NULL)
FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typlen = -1
WHERE t.oid >= 16384 AND coalesce(e.typtype, t.typtype) IN ('b', 'e', 'r', 'm')
"""

_DATABASES = """
SELECT datname, pg_catalog.shobj_description(oid, 'pg_database') FROM pg_catalog.pg_database
WHERE NOT datistemplate AND datallowconn ORDER BY datname
"""

_SCHEMAS = """
SELECT nspname, pg_catalog.obj_description(oid, 'pg_namespace') FROM pg_catalog.pg_namespace
WHERE nspname !~ '^pg_(toast_)?temp_' AND nspname <> 'pg_toast'
ORDER BY nspname IN ('information_schema', 'pg_catalog'), nspname
"""

_ROLES = """
SELECT rolname, concat_ws(', ', CASE WHEN rolsuper THEN 'superuser' END,
    CASE WHEN NOT rolcanlogin THEN 'no login' END, CASE WHEN rolcreatedb THEN 'creates databases' END,
    CASE WHEN rolcreaterole THEN 'creates roles' END, CASE WHEN rolreplication THEN 'replication' END),
    pg_catalog.shobj_description(oid, 'pg_authid'), NULL, NULL
FROM pg_catalog.pg_roles ORDER BY rolname ~ '^pg_', rolname
"""

# Sizes are those of the last VACUUM or ANALYZE: pg_total_relation_size looks at each file, 4 s for 30,000 tables,
# and waits for whoever holds a table locked. Before version 14, 0 rows meant unknown.
_RELATIONS = """
SELECT c.relname, CASE WHEN c.relkind = 'p' THEN 'partitioned' WHEN c.relkind = 'f' THEN 'foreign' ELSE '' END,
    d.description,
    CASE WHEN k.is_known THEN c.reltuples::bigint END,
    CASE WHEN k.is_known THEN nullif((c.relpages + coalesce(t.relpages, 0) + coalesce(t.pages, 0)
        + coalesce(i.pages, 0)) * current_setting('block_size')::bigint, 0) END
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = c.oid AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objsubid = 0
LEFT JOIN (
    SELECT t.oid, t.relpages, sum(ti.relpages) AS pages
    FROM pg_catalog.pg_class t LEFT JOIN pg_catalog.pg_index tx ON tx.indrelid = t.oid
    LEFT JOIN pg_catalog.pg_class ti ON ti.oid = tx.indexrelid WHERE t.relkind = 't' GROUP BY t.oid, t.relpages
) t ON t.oid = c.reltoastrelid
LEFT JOIN (
    SELECT x.indrelid, sum(ic.relpages) AS pages
    FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class ic ON ic.oid = x.indexrelid GROUP BY x.indrelid
) i ON i.indrelid = c.oid
CROSS JOIN LATERAL (SELECT c.reltuples > 0 OR c.relpages > 0
    OR c.reltuples = 0 AND current_setting('server_version_num')::int >= 140000 AS is_known) k
WHERE n.nspname = $1 AND c.relkind = ANY ('{kinds}'::pg_catalog."char"[])
ORDER BY c.relname
"""
_NAMES_ONLY = """
SELECT c.relname, '', pg_catalog.obj_description(c.oid, 'pg_class'), NULL, NULL
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind = ANY ('{kinds}'::pg_catalog."char"[])
ORDER BY c.relname
"""

# Routines of one name differ in their arguments, which are part of what identifies them. Constructors of range types
# belong to the type.
_ROUTINES = """
SELECT p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')', CASE p.prokind
    WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' WHEN 'w' THEN 'window'
    ELSE '→ ' || pg_catalog.format_type(p.prorettype, NULL) END,
    d.description, NULL, NULL
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
LEFT JOIN pg_catalog.pg_description d
    ON d.objoid = p.oid AND d.classoid = 'pg_catalog.pg_proc'::pg_catalog.regclass
WHERE n.nspname = $1 AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend x WHERE x.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND x.objid = p.oid
        AND x.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND x.deptype = 'i')
ORDER BY p.proname, 1
"""

_TYPES = """
SELECT t.typname, CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'c' THEN 'composite' WHEN 'r' THEN 'range'
    WHEN 'd' THEN 'domain over ' || pg_catalog.format_type(t.typbasetype, t.typtypmod) ELSE 'base' END,
    pg_catalog.obj_description(t.oid, 'pg_type'), NULL, NULL
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
WHERE n.nspname = $1 AND t.typtype IN ('b', 'c', 'd', 'e', 'r') AND (t.typrelid = 0 OR c.relkind = 'c')
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = t.oid)
ORDER BY t.typname
"""

# Each of these has `c` for the relation whose parts it lists.
_OF_RELATION = """
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2
"""

_COLUMNS = """
SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)
    || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END, pg_catalog.col_description(c.oid, a.attnum), NULL, NULL
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
{of relation} AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""

_KEYS = """
SELECT k.conname, pg_catalog.pg_get_constraintdef(k.oid, true), pg_catalog.obj_description(k.oid, 'pg_constraint'),
    NULL, NULL
FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
{of relation} AND k.contype IN ('p', 'u', 'f', 'c', 'x')
ORDER BY strpos('pufcx', k.contype::text), k.conname
"""

_INDEXES = """
SELECT i.relname, CASE WHEN x.indisunique THEN 'unique ' ELSE '' END
    || substring(pg_catalog.pg_get_indexdef(x.indexrelid, 0, true) FROM ' USING (.*)$'),
    pg_catalog.obj_description(i.oid, 'pg_class'), NULL,
    nullif(i.relpages * current_setting('block_size')::bigint, 0)
FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
{of relation}
ORDER BY i.relname
"""

_TRIGGERS = """
SELECT t.tgname, substring(pg_catalog.pg_get_triggerdef(t.oid, true) FROM '(?:BEFORE|AFTER|INSTEAD OF) [A-Z ]*'),
    pg_catalog.obj_description(t.oid, 'pg_trigger'), NULL, NULL
FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
{of relation} AND NOT t.tgisinternal
ORDER BY t.tgname
"""

# The rows' xmin say which transactions wrote them; only age() turns them into numbers quickly. Its largest value
# means that a row is as old as the database.
_STAMP = """
SELECT concat_ws(' ', count(*), sum(age('3'::xid)::bigint - age(o.xmin)) FILTER (WHERE age(o.xmin) < 2147483647),
    (SELECT concat_ws(' ', count(*), sum(age('3'::xid)::bigint - age(d.xmin)) FILTER (WHERE age(d.xmin) < 2147483647))
    FROM pg_catalog.pg_description d WHERE d.classoid = 'pg_catalog.{table}'::pg_catalog.regclass AND d.objsubid = 0))
FROM pg_catalog.{table} o
WHERE o.{column} = (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = $1) {condition}
"""


@dataclass(frozen=True, slots=True)
class _Group:
    """A heading, the query of what stands below it, and the catalogue table (with its column of the schema)."""

    name: str
    kind: NodeKind
    statement: str
    has_children: bool = False
    relation_kinds: str = ""  # of pg_class.relkind, as an array
    table: tuple[str, str] | None = None


def _relations(name: str, kind: NodeKind, kinds: str, *, statement: str = _RELATIONS, has_children: bool) -> _Group:
    text = statement.replace("{kinds}", kinds)
    return _Group(name, kind, text, has_children, kinds, ("pg_class", "relnamespace"))


def _part(name: str, kind: NodeKind, statement: str) -> _Group:
    return _Group(name, kind, statement.replace("{of relation}", _OF_RELATION))


_SCHEMA_GROUPS = (
    _relations("Tables", NodeKind.TABLE, "{r,p,f}", has_children=True),
    _relations("Views", NodeKind.VIEW, "{v}", statement=_NAMES_ONLY, has_children=True),
    _relations("Materialized views", NodeKind.MATERIALIZED_VIEW, "{m}", has_children=True),
    _Group("Routines", NodeKind.ROUTINE, _ROUTINES, table=("pg_proc", "pronamespace")),
    _relations("Sequences", NodeKind.SEQUENCE, "{S}", statement=_NAMES_ONLY, has_children=False),
    _Group("Types", NodeKind.TYPE, _TYPES, table=("pg_type", "typnamespace")),
)
_RELATION_GROUPS = (
    _part("Columns", NodeKind.COLUMN, _COLUMNS),
    _part("Keys", NodeKind.KEY, _KEYS),
    _part("Indexes", NodeKind.INDEX, _INDEXES),
    _part("Triggers", NodeKind.TRIGGER, _TRIGGERS),
)
_GROUPS = {group.name: group for group in (*_SCHEMA_GROUPS, *_RELATION_GROUPS, _Group(ROLES, NodeKind.USER, _ROLES))}
_RELATIONS_WITH = {
    NodeKind.TABLE: ("Columns", "Keys", "Indexes", "Triggers"),
    NodeKind.VIEW: ("Columns", "Triggers"),
    NodeKind.MATERIALIZED_VIEW: ("Columns", "Indexes"),
}


def type_names(query: Query) -> dict[int, str]:
    """The names of types that are not built in, by OID."""
    return {int(oid): name for oid, name in query(_TYPE_NAMES) if oid and name}


def children(query: Query, node: Node | None, current: str) -> list[Node]:
    """The nodes below `node`. Only the database that is connected to can be looked into."""
    if node is None:
        found = [_database(name or "", comment or "", current) for name, comment in query(_DATABASES)]
        return [*found, _heading((), ROLES)]
    if node.kind is NodeKind.DATABASE:
        return [_schema(node.path, *row) for row in query(_SCHEMAS)] if node.name == current else []
    if node.kind is NodeKind.SCHEMA:
        return [_heading(node.path, group.name) for group in _SCHEMA_GROUPS]
    if node.kind in _RELATIONS_WITH:
        return [_heading(node.path, name) for name in _RELATIONS_WITH[node.kind]]
    if node.kind is NodeKind.GROUP:
        return _below_group(query, node)
    return []


def stamp(query: Query, node: Node | None) -> str | None:
    """A text that changes when what stands below a heading of a schema does, from one row of the catalogue."""
    group = _GROUPS.get(node.name) if node is not None and node.kind is NodeKind.GROUP else None
    if node is None or group is None or group.table is None:
        return None
    table, column = group.table
    condition = (
        f"""AND o.relkind = ANY ('{group.relation_kinds}'::pg_catalog."char"[])""" if group.relation_kinds else ""
    )
    return query(_STAMP.format(table=table, column=column, condition=condition), node.path[1:])[0][0]


def _database(name: str, comment: str, current: str) -> Node:
    is_current = name == current
    detail = "" if is_current else "connect to open"
    return Node(NodeKind.DATABASE, name, (name,), detail, has_children=is_current, comment=comment)


def _schema(path: tuple[str, ...], name: str | None, comment: str | None) -> Node:
    name = name or ""
    is_system = name in _SYSTEM_SCHEMAS
    return Node(NodeKind.SCHEMA, name, (*path, name), has_children=True, is_system=is_system, comment=comment or "")


def _heading(path: tuple[str, ...], name: str) -> Node:
    return Node(NodeKind.GROUP, name, path, has_children=True)


def _below_group(query: Query, node: Node) -> list[Node]:
    group = _GROUPS[node.name]
    is_role = group.kind is NodeKind.USER
    path, kind, has_children = node.path, group.kind, group.has_children
    return [
        Node(
            kind,
            name or "",
            (*path, name or ""),
            detail or "",
            has_children,
            is_role and (name or "").startswith("pg_"),
            comment or "",
            None if rows is None else int(rows),
            None if size is None else int(size),
        )
        for name, detail, comment, rows, size in query(group.statement, path[1:])  # without the database
    ]
