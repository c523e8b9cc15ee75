"""What is on a MySQL or MariaDB server, for the schema tree. A database is its own schema there."""

from collections.abc import Callable
from typing import NamedTuple

from keeperdb.engines.base import Node, NodeKind

Rows = list[tuple[str | None, ...]]
Query = Callable[..., Rows]  # (statement, parameters) -> rows as text

_SYSTEM_DATABASES = ("information_schema", "mysql", "performance_schema", "sys")

_DATABASES = "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA ORDER BY SCHEMA_NAME"

_TABLES = """
SELECT TABLE_NAME, CASE TABLE_TYPE WHEN 'SEQUENCE' THEN 'sequence' ELSE '' END FROM information_schema.TABLES
WHERE TABLE_SCHEMA = %s AND TABLE_TYPE NOT IN ('VIEW', 'SYSTEM VIEW') ORDER BY TABLE_NAME
"""
_VIEWS = """
SELECT TABLE_NAME, '' FROM information_schema.TABLES
WHERE TABLE_SCHEMA = %s AND TABLE_TYPE IN ('VIEW', 'SYSTEM VIEW') ORDER BY TABLE_NAME
"""
_ROUTINES = """
SELECT ROUTINE_NAME, CONCAT(LOWER(ROUTINE_TYPE), COALESCE(CONCAT(' → ', DTD_IDENTIFIER), ''))
FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = %s ORDER BY ROUTINE_NAME
"""
_COLUMNS = """
SELECT COLUMN_NAME, CONCAT(COLUMN_TYPE, CASE IS_NULLABLE WHEN 'NO' THEN ' not null' ELSE '' END)
FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s ORDER BY ORDINAL_POSITION
"""
_KEYS = """
SELECT c.CONSTRAINT_NAME, CONCAT(LOWER(c.CONSTRAINT_TYPE),
    COALESCE(CONCAT(' (', GROUP_CONCAT(k.COLUMN_NAME ORDER BY k.ORDINAL_POSITION SEPARATOR ', '), ')'), ''),
    COALESCE(CONCAT(' → ', MAX(k.REFERENCED_TABLE_NAME), ' (',
        GROUP_CONCAT(k.REFERENCED_COLUMN_NAME ORDER BY k.ORDINAL_POSITION SEPARATOR ', '), ')'), ''))
FROM information_schema.TABLE_CONSTRAINTS c LEFT JOIN information_schema.KEY_COLUMN_USAGE k
    ON k.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA AND k.CONSTRAINT_NAME = c.CONSTRAINT_NAME
    AND k.TABLE_SCHEMA = c.TABLE_SCHEMA AND k.TABLE_NAME = c.TABLE_NAME
WHERE c.TABLE_SCHEMA = %s AND c.TABLE_NAME = %s
GROUP BY c.CONSTRAINT_NAME, c.CONSTRAINT_TYPE
ORDER BY FIELD(c.CONSTRAINT_TYPE, 'PRIMARY KEY', 'UNIQUE', 'FOREIGN KEY', 'CHECK'), c.CONSTRAINT_NAME
"""
_INDEXES = """
SELECT INDEX_NAME, CONCAT(CASE MIN(NON_UNIQUE) WHEN 0 THEN 'unique ' ELSE '' END, LOWER(MIN(INDEX_TYPE)),
    ' (', COALESCE(GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX SEPARATOR ', '), 'expression'), ')')
FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s
GROUP BY INDEX_NAME ORDER BY INDEX_NAME = 'PRIMARY' DESC, INDEX_NAME
"""
_TRIGGERS = """
SELECT TRIGGER_NAME, CONCAT(LOWER(ACTION_TIMING), ' ', LOWER(EVENT_MANIPULATION))
FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = %s AND EVENT_OBJECT_TABLE = %s
ORDER BY ACTION_TIMING DESC, EVENT_MANIPULATION, ACTION_ORDER
"""


class _Group(NamedTuple):
    """A heading, and the query of what stands below it."""

    name: str
    kind: NodeKind
    statement: str
    has_children: bool = False


_DATABASE_GROUPS = (
    _Group("Tables", NodeKind.TABLE, _TABLES, has_children=True),
    _Group("Views", NodeKind.VIEW, _VIEWS, has_children=True),
    _Group("Routines", NodeKind.ROUTINE, _ROUTINES),
)
_TABLE_GROUPS = (
    _Group("Columns", NodeKind.COLUMN, _COLUMNS),
    _Group("Keys", NodeKind.KEY, _KEYS),
    _Group("Indexes", NodeKind.INDEX, _INDEXES),
    _Group("Triggers", NodeKind.TRIGGER, _TRIGGERS),
)
_GROUPS = {group.name: group for group in (*_DATABASE_GROUPS, *_TABLE_GROUPS)}
_HEADINGS = {
    NodeKind.DATABASE: tuple(group.name for group in _DATABASE_GROUPS),
    NodeKind.TABLE: tuple(group.name for group in _TABLE_GROUPS),
    NodeKind.VIEW: ("Columns",),
}


def children(query: Query, node: Node | None) -> list[Node]:
    """The nodes below `node`."""
    if node is None:
        return [_database(name) for (name,) in query(_DATABASES) if name]
    if node.kind is NodeKind.GROUP:
        group = _GROUPS[node.name]
        rows = query(group.statement, node.path)
        return [
            Node(group.kind, name or "", (*node.path, name or ""), detail or "", has_children=group.has_children)
            for name, detail in rows
        ]
    return [Node(NodeKind.GROUP, name, node.path, has_children=True) for name in _HEADINGS.get(node.kind, ())]


def _database(name: str) -> Node:
    is_system = name.lower() in _SYSTEM_DATABASES
    return Node(NodeKind.DATABASE, name, (name,), has_children=True, is_system=is_system)
