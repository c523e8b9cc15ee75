"""What is on a MySQL or MariaDB server, for the schema tree. A database is its own schema there."""

from collections.abc import Callable
from dataclasses import dataclass

from keeperdb.engines.base import Node, NodeKind

Rows = list[tuple[str | None, ...]]
Query = Callable[..., Rows]  # (statement, parameters) -> rows as text

USERS = "Users"
_SYSTEM_DATABASES = ("information_schema", "mysql", "performance_schema", "sys")
_SYSTEM_USERS = ("mariadb.sys", "mysql.sys", "mysql.session", "mysql.infoschema")

_DATABASES = "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA ORDER BY SCHEMA_NAME"

# Names and types only: MariaDB opens every table for anything else, seconds for thousands of them.
_OBJECTS = """
SELECT TABLE_NAME, '', '' FROM information_schema.TABLES
WHERE TABLE_SCHEMA = %s AND TABLE_TYPE {types} ORDER BY TABLE_NAME
"""
_TABLE_TYPES = "NOT IN ('VIEW', 'SYSTEM VIEW', 'SEQUENCE')"
_VIEW_TYPES = "IN ('VIEW', 'SYSTEM VIEW')"

# A view has the word VIEW for its comment.
_DETAILS = """
SELECT TABLE_NAME, CASE WHEN ENGINE = 'InnoDB' THEN '' ELSE COALESCE(ENGINE, '') END, TABLE_COMMENT, TABLE_ROWS,
    DATA_LENGTH + INDEX_LENGTH
FROM information_schema.TABLES WHERE TABLE_SCHEMA = %s AND TABLE_TYPE NOT IN ('VIEW', 'SYSTEM VIEW', 'SEQUENCE')
ORDER BY TABLE_NAME
"""
_STAMP = """
SELECT CONCAT_WS(' ', COUNT(*), COALESCE(SUM(CRC32(TABLE_NAME)), 0), COALESCE(BIT_XOR(CRC32(TABLE_NAME)), 0))
FROM information_schema.TABLES WHERE TABLE_SCHEMA = %s AND TABLE_TYPE {types}
"""
_ROUTINES = """
SELECT ROUTINE_NAME, CONCAT(LOWER(ROUTINE_TYPE), COALESCE(CONCAT(' → ', NULLIF(DTD_IDENTIFIER, '')), '')),
    ROUTINE_COMMENT
FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = %s ORDER BY ROUTINE_NAME, ROUTINE_TYPE
"""
_EVENTS = """
SELECT EVENT_NAME, CONCAT(LOWER(STATUS), ', ', CASE EVENT_TYPE WHEN 'RECURRING'
    THEN CONCAT('every ', INTERVAL_VALUE, ' ', LOWER(INTERVAL_FIELD)) ELSE CONCAT('at ', EXECUTE_AT) END), EVENT_COMMENT
FROM information_schema.EVENTS WHERE EVENT_SCHEMA = %s ORDER BY EVENT_NAME
"""
_COLUMNS = """
SELECT COLUMN_NAME, CONCAT(COLUMN_TYPE, CASE IS_NULLABLE WHEN 'NO' THEN ' not null' ELSE '' END), COLUMN_COMMENT
FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s ORDER BY ORDINAL_POSITION
"""
_KEYS = """
SELECT c.CONSTRAINT_NAME, CONCAT(LOWER(c.CONSTRAINT_TYPE),
    COALESCE(CONCAT(' (', GROUP_CONCAT(k.COLUMN_NAME ORDER BY k.ORDINAL_POSITION SEPARATOR ', '), ')'), ''),
    COALESCE(CONCAT(' → ', MAX(k.REFERENCED_TABLE_NAME), ' (',
        GROUP_CONCAT(k.REFERENCED_COLUMN_NAME ORDER BY k.ORDINAL_POSITION SEPARATOR ', '), ')'), '')), ''
FROM information_schema.TABLE_CONSTRAINTS c LEFT JOIN information_schema.KEY_COLUMN_USAGE k
    ON k.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA AND k.CONSTRAINT_NAME = c.CONSTRAINT_NAME
    AND k.TABLE_SCHEMA = c.TABLE_SCHEMA AND k.TABLE_NAME = c.TABLE_NAME
WHERE c.TABLE_SCHEMA = %s AND c.TABLE_NAME = %s
GROUP BY c.CONSTRAINT_NAME, c.CONSTRAINT_TYPE
ORDER BY FIELD(c.CONSTRAINT_TYPE, 'PRIMARY KEY', 'UNIQUE', 'FOREIGN KEY', 'CHECK'), c.CONSTRAINT_NAME
"""
_INDEXES = """
SELECT INDEX_NAME, CONCAT(CASE MIN(NON_UNIQUE) WHEN 0 THEN 'unique ' ELSE '' END, LOWER(MIN(INDEX_TYPE)),
    ' (', COALESCE(GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX SEPARATOR ', '), 'expression'), ')'),
    MIN(INDEX_COMMENT)
FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s
GROUP BY INDEX_NAME ORDER BY INDEX_NAME = 'PRIMARY' DESC, INDEX_NAME
"""
_TRIGGERS = """
SELECT TRIGGER_NAME, CONCAT(LOWER(ACTION_TIMING), ' ', LOWER(EVENT_MANIPULATION)), ''
FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = %s AND EVENT_OBJECT_TABLE = %s
ORDER BY ACTION_TIMING DESC, EVENT_MANIPULATION, ACTION_ORDER
"""
# Each sees the accounts it has privileges to see, at least its own.
_USERS = """
SELECT DISTINCT GRANTEE, '', '' FROM information_schema.USER_PRIVILEGES ORDER BY GRANTEE
"""


@dataclass(frozen=True, slots=True)
class _Group:
    """A heading, and the query of what stands below it: names, details and comments."""

    name: str
    kind: NodeKind
    statement: str
    has_children: bool = False
    types: str = ""  # of information_schema.TABLES, as a condition


def _objects(name: str, kind: NodeKind, types: str, *, has_children: bool = False) -> _Group:
    return _Group(name, kind, _OBJECTS.replace("{types}", types), has_children, types)


_TABLES = _objects("Tables", NodeKind.TABLE, _TABLE_TYPES, has_children=True)
_SEQUENCES = _objects("Sequences", NodeKind.SEQUENCE, "= 'SEQUENCE'")
_DATABASE_GROUPS = (
    _TABLES,
    _objects("Views", NodeKind.VIEW, _VIEW_TYPES, has_children=True),
    _Group("Routines", NodeKind.ROUTINE, _ROUTINES),
    _SEQUENCES,
    _Group("Events", NodeKind.EVENT, _EVENTS),
)
_TABLE_GROUPS = (
    _Group("Columns", NodeKind.COLUMN, _COLUMNS),
    _Group("Keys", NodeKind.KEY, _KEYS),
    _Group("Indexes", NodeKind.INDEX, _INDEXES),
    _Group("Triggers", NodeKind.TRIGGER, _TRIGGERS),
)
_GROUPS = {group.name: group for group in (*_DATABASE_GROUPS, *_TABLE_GROUPS, _Group(USERS, NodeKind.USER, _USERS))}
_HEADINGS = {
    NodeKind.DATABASE: tuple(group.name for group in _DATABASE_GROUPS),
    NodeKind.TABLE: tuple(group.name for group in _TABLE_GROUPS),
    NodeKind.VIEW: ("Columns",),
}


def children(query: Query, node: Node | None, *, has_sequences: bool) -> list[Node]:
    """The nodes below `node`. MySQL has no sequences, MariaDB has."""
    if node is None:
        databases = [_database(name) for (name,) in query(_DATABASES) if name]
        return [*databases, Node(NodeKind.GROUP, USERS, has_children=True)]
    if node.kind is NodeKind.GROUP:
        group = _GROUPS[node.name]
        return [_below(group, node.path, *row) for row in query(group.statement, node.path)]
    names = (name for name in _HEADINGS.get(node.kind, ()) if has_sequences or name != _SEQUENCES.name)
    return [Node(NodeKind.GROUP, name, node.path, has_children=True) for name in names]


def details(query: Query, node: Node) -> list[Node]:
    """The tables of a database with engine, comment, and what InnoDB estimates of their rows and sizes."""
    if node.kind is not NodeKind.GROUP or node.name != _TABLES.name:
        return []
    return [_below(_TABLES, node.path, *row) for row in query(_DETAILS, node.path)]


def stamp(query: Query, node: Node | None) -> str | None:
    """A text that changes when a table, view or sequence of a database is made, dropped or renamed."""
    group = _GROUPS.get(node.name) if node is not None and node.kind is NodeKind.GROUP else None
    if node is None or group is None or not group.types:
        return None
    return query(_STAMP.replace("{types}", group.types), node.path)[0][0]


def _below(
    group: _Group,
    path: tuple[str, ...],
    name: str | None,
    detail: str | None,
    comment: str | None,
    rows: str | None = None,
    size: str | None = None,
) -> Node:
    name = _account(name or "") if group.kind is NodeKind.USER else name or ""
    is_system = group.kind is NodeKind.USER and name.split("@")[0] in _SYSTEM_USERS
    return Node(
        group.kind,
        name,
        (*path, name),
        detail or "",
        group.has_children,
        is_system,
        comment or "",
        None if rows is None else int(rows),
        None if size is None else int(size),
    )


def _account(grantee: str) -> str:
    """`'user'@'host'`, in which nothing is escaped -> `user@host`, or the name of a role, which has no host."""
    user, _, host = grantee.rpartition("'@'")
    return f"{user[1:]}@{host[:-1]}" if len(host) > 1 else user[1:]


def _database(name: str) -> Node:
    is_system = name.lower() in _SYSTEM_DATABASES
    return Node(NodeKind.DATABASE, name, (name,), has_children=True, is_system=is_system)
