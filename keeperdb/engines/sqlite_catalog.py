"""What is in a SQLite database, for the schema tree."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from keeperdb.engines.base import Node, NodeKind

Query = Callable[..., list[tuple[Any, ...]]]  # (statement, parameters) -> rows

_TABLES = "Tables"
_VIEWS = "Views"
_COLUMNS = "Columns"
_KEYS = "Keys"
_INDEXES = "Indexes"
_TRIGGERS = "Triggers"
_HAS_TABLE_LIST = (3, 37)  # https://www.sqlite.org/pragma.html#pragma_table_list
_SMALLEST_ROW = 4  # bytes
_STATISTICS = "sqlite_stat1"  # https://www.sqlite.org/fileformat2.html#stat1tab


def children(query: Query, node: Node | None) -> list[Node]:
    """The nodes below `node`. Objects of `main` have paths of one name, those of attached databases of two."""
    if node is None:
        return [*_groups((), _TABLES, _VIEWS), *_attached(query)]
    if node.kind is NodeKind.SCHEMA:
        return _groups(node.path, _TABLES, _VIEWS)
    if node.kind is NodeKind.TABLE:
        return _groups(node.path, _COLUMNS, _KEYS, _INDEXES, _TRIGGERS)
    if node.kind is NodeKind.VIEW:
        return _groups(node.path, _COLUMNS, _TRIGGERS)
    if node.kind is NodeKind.GROUP:
        return _GROUPS[node.name](query, node.path)
    return []


def stamp(query: Query, node: Node | None) -> str | None:
    """SQLite's own counter of changes of the schema, with the file it is in; nothing for a database in memory."""
    if node is None or node.kind is not NodeKind.GROUP:
        return None
    schema = node.path[0] if len(node.path) > (node.name not in (_TABLES, _VIEWS)) else "main"
    files: dict[str, str] = dict(query("SELECT name, file FROM pragma_database_list"))
    if not files.get(schema):
        return None
    try:
        file = Path(files[schema]).stat()
    except OSError:
        return None
    version = query(f"PRAGMA {_schema((schema,))}.schema_version")[0][0]
    return f"{version} {file.st_dev} {file.st_ino}"


def _groups(path: tuple[str, ...], *names: str) -> list[Node]:
    return [Node(NodeKind.GROUP, name, path, has_children=True) for name in names]


def _attached(query: Query) -> list[Node]:
    rows = query("SELECT name FROM pragma_database_list WHERE name NOT IN ('main', 'temp') ORDER BY seq")
    return [Node(NodeKind.SCHEMA, name, (name,), has_children=True) for (name,) in rows]


def _schema(path: tuple[str, ...]) -> str:
    """The schema of a group of objects (`path` is empty or the schema), as an identifier."""
    return '"' + (path[0] if path else "main").replace('"', '""') + '"'


def _split(path: tuple[str, ...]) -> tuple[str, str]:
    """(schema, object)"""
    return (path[0], path[1]) if len(path) == 2 else ("main", path[0])


def _objects(query: Query, path: tuple[str, ...], type_: str, kind: NodeKind) -> list[Node]:
    rows = query(
        f"SELECT name FROM {_schema(path)}.sqlite_schema WHERE type = ? ORDER BY name COLLATE NOCASE",  # noqa: S608 - quoted
        (type_,),
    )
    return [
        Node(kind, name, (*path, name), has_children=True, is_system=name.lower().startswith("sqlite_"))
        for (name,) in rows
    ]


def _tables(query: Query, path: tuple[str, ...]) -> list[Node]:
    """With the number of rows where ANALYZE has counted them."""
    nodes = _objects(query, path, "table", NodeKind.TABLE)
    if not any(node.name == _STATISTICS for node in nodes):
        return nodes
    counted = query(f"SELECT tbl, stat FROM {_schema(path)}.{_STATISTICS}")  # noqa: S608 - quoted
    rows = {table: stat.split(" ")[0] for table, stat in counted if isinstance(stat, str)}
    return [_with_rows(node, rows.get(node.name, "")) for node in nodes]


def details(query: Query, node: Node) -> list[Node]:
    """Tables again, with an estimate of the rows of those that ANALYZE has not counted; empty for SQLite before 3.37.

    It is the span of the row numbers, which stand at both ends of a table, so that it is too high where rows were
    deleted. Tables without row numbers and virtual ones, which would be read whole, have none.
    """
    if node.kind is not NodeKind.GROUP or node.name != _TABLES or sqlite3.sqlite_version_info < _HAS_TABLE_LIST:
        return []
    schema = node.path[0] if node.path else "main"
    kinds = query("SELECT name FROM pragma_table_list WHERE schema = ? AND type = 'table' AND NOT wr", (schema,))
    numbered = {name for (name,) in kinds}
    pages, page = (query(f"PRAGMA {_schema((schema,))}.{name}")[0][0] for name in ("page_count", "page_size"))
    nodes = _tables(query, node.path)
    return [_estimated(query, each, pages * page // _SMALLEST_ROW) if each.name in numbered else each for each in nodes]


def _estimated(query: Query, node: Node, most: int) -> Node:
    """`most` is how many rows have room in the file: numbers that were given by chance tell nothing."""
    if node.row_estimate is not None:
        return node
    schema, name = _split(node.path)
    quoted = name.replace('"', '""')
    table = f'{_schema((schema,))}."{quoted}"'
    statement = f"SELECT (SELECT max(_rowid_) FROM {table}), (SELECT min(_rowid_) FROM {table})"  # noqa: S608 - quoted
    highest, lowest = query(statement)[0]
    if highest is None:
        return replace(node, row_estimate=0)
    is_number = isinstance(highest, int) and isinstance(lowest, int)  # a column may have the name
    return replace(node, row_estimate=highest - lowest + 1) if is_number and highest - lowest < most else node


def _with_rows(node: Node, rows: str) -> Node:
    return replace(node, row_estimate=int(rows)) if rows.isdecimal() else node


def _views(query: Query, path: tuple[str, ...]) -> list[Node]:
    return _objects(query, path, "view", NodeKind.VIEW)


def _columns(query: Query, path: tuple[str, ...]) -> list[Node]:
    schema, name = _split(path)
    rows = query('SELECT name, type, "notnull" FROM pragma_table_xinfo(?, ?) WHERE hidden <> 1', (name, schema))
    return [
        Node(NodeKind.COLUMN, column, (*path, column), f"{type_}{' not null' if required else ''}".strip().lower())
        for column, type_, required in rows
    ]


def _keys(query: Query, path: tuple[str, ...]) -> list[Node]:
    schema, name = _split(path)
    primary = query("SELECT name FROM pragma_table_xinfo(?, ?) WHERE pk > 0 ORDER BY pk", (name, schema))
    found = [_key(path, "primary key", ", ".join(column for (column,) in primary))] if primary else []
    unique = query("SELECT name FROM pragma_index_list(?, ?) WHERE origin = 'u'", (name, schema))
    found += [_key(path, index, f"unique ({_index_columns(query, schema, index)})") for (index,) in unique]
    return found + _foreign_keys(query, path)


def _foreign_keys(query: Query, path: tuple[str, ...]) -> list[Node]:
    schema, name = _split(path)
    rows = query('SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(?, ?) ORDER BY id, seq', (name, schema))
    keys: dict[int, tuple[str, list[str], list[str]]] = {}
    for number, table, column, target in rows:
        _, columns, targets = keys.setdefault(number, (table, [], []))
        columns.append(column)
        targets += [target] if target is not None else []
    return [
        _key(path, ", ".join(columns), f"→ {table}" + (f" ({', '.join(targets)})" if targets else ""))
        for table, columns, targets in keys.values()
    ]


def _indexes(query: Query, path: tuple[str, ...]) -> list[Node]:
    schema, name = _split(path)
    rows = query('SELECT name, "unique" FROM pragma_index_list(?, ?) ORDER BY name', (name, schema))
    return [
        Node(
            NodeKind.INDEX,
            index,
            (*path, index),
            f"{'unique ' if unique else ''}({_index_columns(query, schema, index)})",
            is_system=index.startswith("sqlite_"),
        )
        for index, unique in rows
    ]


def _triggers(query: Query, path: tuple[str, ...]) -> list[Node]:
    _, name = _split(path)
    rows = query(
        f"SELECT name FROM {_schema(path[:-1])}.sqlite_schema"  # noqa: S608 - quoted
        " WHERE type = 'trigger' AND tbl_name = ? COLLATE NOCASE ORDER BY name",
        (name,),
    )
    return [Node(NodeKind.TRIGGER, trigger, (*path, trigger)) for (trigger,) in rows]


def _index_columns(query: Query, schema: str, index: str) -> str:
    rows = query("SELECT name FROM pragma_index_info(?, ?) ORDER BY seqno", (index, schema))
    return ", ".join("expression" if column is None else column for (column,) in rows)


def _key(path: tuple[str, ...], name: str, detail: str) -> Node:
    return Node(NodeKind.KEY, name, (*path, name), detail)


_GROUPS: dict[str, Callable[[Query, tuple[str, ...]], list[Node]]] = {
    _TABLES: _tables,
    _VIEWS: _views,
    _COLUMNS: _columns,
    _KEYS: _keys,
    _INDEXES: _indexes,
    _TRIGGERS: _triggers,
}
