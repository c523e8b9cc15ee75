"""The statements that make an object of SQL Server: its own text where it keeps one, assembled from the catalogue else.

Tables are written without partitions, file groups, compression and system versioning, which the editions differ in.
"""

from collections.abc import Callable
from itertools import groupby
from typing import Any

from keeperdb.engines.base import Node, NodeKind
from keeperdb.engines.sqlserver_catalog import Query, Rows, in_database
from keeperdb.errors import NotFoundError, UnsupportedError

_MODULE = """
SELECT m.definition
FROM {db}.sys.sql_modules AS m
JOIN {db}.sys.all_objects AS o ON o.object_id = m.object_id
JOIN {db}.sys.schemas AS s ON s.schema_id = o.schema_id
WHERE s.name = ? AND o.name = ?
"""
_SEQUENCE = """
SELECT t.name, CAST(q.start_value AS nvarchar(40)), CAST(q.increment AS nvarchar(40)),
    CAST(q.minimum_value AS nvarchar(40)), CAST(q.maximum_value AS nvarchar(40)), q.is_cycling, q.is_cached,
    q.cache_size
FROM {db}.sys.sequences AS q
JOIN {db}.sys.types AS t ON t.user_type_id = q.user_type_id
{of_object}
WHERE s.name = ? AND o.name = ?
"""
_TYPE = """
SELECT {type}, c.is_nullable
FROM {db}.sys.types AS c
JOIN {db}.sys.types AS t ON t.user_type_id = c.system_type_id
JOIN {db}.sys.schemas AS s ON s.schema_id = c.schema_id
WHERE s.name = ? AND c.name = ? AND c.is_table_type = 0 AND c.is_assembly_type = 0
"""
_COLUMNS = """
SELECT c.name, CASE WHEN t.is_user_defined = 1 THEN QUOTENAME(ts.name) + '.' + QUOTENAME(t.name) ELSE {type} END,
    c.is_nullable, c.collation_name, d.name, d.definition, CAST(i.seed_value AS nvarchar(40)),
    CAST(i.increment_value AS nvarchar(40)), k.definition, k.is_persisted
FROM {db}.sys.columns AS c
JOIN {db}.sys.types AS t ON t.user_type_id = c.user_type_id
JOIN {db}.sys.schemas AS ts ON ts.schema_id = t.schema_id
LEFT JOIN {db}.sys.default_constraints AS d ON d.object_id = c.default_object_id
LEFT JOIN {db}.sys.identity_columns AS i ON i.object_id = c.object_id AND i.column_id = c.column_id
LEFT JOIN {db}.sys.computed_columns AS k ON k.object_id = c.object_id AND k.column_id = c.column_id
{of_object}
WHERE s.name = ? AND o.name = ?
ORDER BY c.column_id
"""
_KEYS = """
SELECT k.name, CASE WHEN k.type = 'PK' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END + ' ' + i.type_desc, c.name,
    x.is_descending_key
FROM {db}.sys.key_constraints AS k
JOIN {db}.sys.indexes AS i ON i.object_id = k.parent_object_id AND i.index_id = k.unique_index_id
JOIN {db}.sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id
JOIN {db}.sys.columns AS c ON c.object_id = x.object_id AND c.column_id = x.column_id
{of_object}
WHERE s.name = ? AND o.name = ? AND x.is_included_column = 0
ORDER BY k.type, k.name, x.key_ordinal
"""
_CHECKS = """
SELECT k.name, k.definition
FROM {db}.sys.check_constraints AS k
{of_object}
WHERE s.name = ? AND o.name = ?
ORDER BY k.name
"""
_FOREIGN_KEYS = """
SELECT k.name, rs.name, r.name, REPLACE(k.delete_referential_action_desc, '_', ' '),
    REPLACE(k.update_referential_action_desc, '_', ' '), c.name, rc.name
FROM {db}.sys.foreign_keys AS k
JOIN {db}.sys.foreign_key_columns AS f ON f.constraint_object_id = k.object_id
JOIN {db}.sys.columns AS c ON c.object_id = f.parent_object_id AND c.column_id = f.parent_column_id
JOIN {db}.sys.columns AS rc ON rc.object_id = f.referenced_object_id AND rc.column_id = f.referenced_column_id
JOIN {db}.sys.all_objects AS r ON r.object_id = k.referenced_object_id
JOIN {db}.sys.schemas AS rs ON rs.schema_id = r.schema_id
{of_object}
WHERE s.name = ? AND o.name = ?
ORDER BY k.name, f.constraint_column_id
"""
_INDEXES = """
SELECT i.name, i.is_unique, i.type_desc, i.filter_definition, c.name, x.is_descending_key, x.is_included_column
FROM {db}.sys.indexes AS i
JOIN {db}.sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id
JOIN {db}.sys.columns AS c ON c.object_id = x.object_id AND c.column_id = x.column_id
{of_object}
WHERE s.name = ? AND o.name = ? AND i.is_primary_key = 0 AND i.is_unique_constraint = 0 AND i.name IS NOT NULL
ORDER BY i.name, x.is_included_column, x.key_ordinal, x.index_column_id
"""
_COMMENTS = """
SELECT c.name, CAST(e.value AS nvarchar(4000))
FROM {db}.sys.extended_properties AS e
LEFT JOIN {db}.sys.columns AS c ON c.object_id = e.major_id AND c.column_id = e.minor_id
{of_object}
WHERE s.name = ? AND o.name = ? AND e.class = 1 AND e.name = 'MS_Description'
ORDER BY e.minor_id
"""
_ORDERED = ("CLUSTERED", "NONCLUSTERED")
_COLUMN_STORES = ("CLUSTERED COLUMNSTORE", "NONCLUSTERED COLUMNSTORE")


def ddl(query: Query, node: Node) -> str:
    """The batches that make `node`, each ended with GO. Raises `NotFoundError`, `UnsupportedError`."""
    make = _MAKERS.get(node.kind)
    if make is None:
        raise UnsupportedError(f"A {node.kind} has no statement that makes it.")
    return "".join(f"{batch}\nGO\n" for batch in make(query, node.path))


def _module(query: Query, path: tuple[str, ...]) -> list[str]:
    """A view, a routine or a trigger: the text that it was made with. The last name of `path` is its own."""
    rows = query(in_database(path[0], _MODULE), (path[1], path[-1]))
    if not rows:
        raise _gone(path)
    if rows[0][0] is None:
        raise UnsupportedError(f"The text of {path[-1]} is encrypted, or this login may not see definitions.")
    return [str(rows[0][0]).strip()]


def _table(query: Query, path: tuple[str, ...]) -> list[str]:
    columns = _ask(query, path, _COLUMNS, "c.object_id")
    if not columns:
        raise _gone(path)
    lines = [*map(_column, columns), *_keys(query, path), *_checks(query, path), *_references(query, path)]
    body = ",\n".join(f"    {line}" for line in lines)
    return [f"CREATE TABLE {_full(path)} (\n{body}\n)", *_indexes(query, path), *_comments(query, path)]


def _column(row: tuple[Any, ...]) -> str:
    name, type_text, nullable, collation, default_name, default, seed, increment, computed, persisted = row
    if computed is not None:
        return f"{_quote(name)} AS {computed}{' PERSISTED' if persisted else ''}"
    parts = [_quote(name), type_text]
    if collation:
        parts.append(f"COLLATE {collation}")
    if seed is not None:
        parts.append(f"IDENTITY({seed},{increment})")
    parts.append("NULL" if nullable else "NOT NULL")
    if default is not None:
        parts.append(f"CONSTRAINT {_quote(default_name)} DEFAULT {default}")
    return " ".join(parts)


def _keys(query: Query, path: tuple[str, ...]) -> list[str]:
    rows = _ask(query, path, _KEYS, "k.parent_object_id")
    return [
        f"CONSTRAINT {_quote(name)} {what} ({', '.join(_sorted(row[2], row[3]) for row in group)})"
        for (name, what), group in groupby(rows, key=lambda row: row[:2])
    ]


def _checks(query: Query, path: tuple[str, ...]) -> list[str]:
    rows = _ask(query, path, _CHECKS, "k.parent_object_id")
    return [f"CONSTRAINT {_quote(name)} CHECK {text}" for name, text in rows]


def _references(query: Query, path: tuple[str, ...]) -> list[str]:
    found = []
    rows = _ask(query, path, _FOREIGN_KEYS, "k.parent_object_id")
    for (name, schema, table, on_delete, on_update), group in groupby(rows, key=lambda row: row[:5]):
        pairs = list(group)
        own, other = (", ".join(_quote(row[number]) for row in pairs) for number in (5, 6))
        actions = "".join(
            f" ON {event} {action}"
            for event, action in (("DELETE", on_delete), ("UPDATE", on_update))
            if action != "NO ACTION"
        )
        target = f"{_quote(schema)}.{_quote(table)}"
        found.append(f"CONSTRAINT {_quote(name)} FOREIGN KEY ({own}) REFERENCES {target} ({other}){actions}")
    return found


def _indexes(query: Query, path: tuple[str, ...], wanted: str = "") -> list[str]:
    rows = _ask(query, path[:3], _INDEXES, "i.object_id")
    return [
        _index(path[:3], head, [row[4:] for row in group])
        for head, group in groupby(rows, key=lambda row: row[:4])
        if not wanted or head[0] == wanted
    ]


def _index(path: tuple[str, ...], head: tuple[Any, ...], columns: Rows) -> str:
    name, unique, what, only = head
    if what not in (*_ORDERED, *_COLUMN_STORES):
        return f"-- The index {_quote(name)} is {what.lower()}: its statement is not known"
    keys = ", ".join(_sorted(column, down) for column, down, included in columns if not included)
    more = ", ".join(_quote(column) for column, _, included in columns if included)
    text = f"CREATE {'UNIQUE ' if unique else ''}{what} INDEX {_quote(name)} ON {_full(path)}"
    if what in _ORDERED:
        text += f" ({keys})" + (f" INCLUDE ({more})" if more else "")
    elif what == "NONCLUSTERED COLUMNSTORE":
        text += f" ({more})"
    return text + (f" WHERE {only}" if only else "")


def _comments(query: Query, path: tuple[str, ...]) -> list[str]:
    """MS_Description is where the product's own tools keep a comment."""
    found = []
    for column, text in _ask(query, path, _COMMENTS, "e.major_id"):
        level = f", N'COLUMN', {_literal(column)}" if column is not None else ""
        place = f"N'SCHEMA', {_literal(path[1])}, N'TABLE', {_literal(path[2])}{level}"
        found.append(f"EXEC sp_addextendedproperty N'MS_Description', {_literal(text)}, {place}")
    return found


def _own_index(query: Query, path: tuple[str, ...]) -> list[str]:
    found = _indexes(query, path, path[-1])
    if not found:
        raise UnsupportedError(f"The index {path[-1]} belongs to a key, which the statement of the table has.")
    return found


def _key(query: Query, path: tuple[str, ...]) -> list[str]:
    table, start = path[:3], f"CONSTRAINT {_quote(path[-1])} "
    for lines in (_keys(query, table), _checks(query, table), _references(query, table)):
        for line in lines:
            if line.startswith(start):
                return [f"ALTER TABLE {_full(table)} ADD {line}"]
    raise _gone(path)


def _sequence(query: Query, path: tuple[str, ...]) -> list[str]:
    rows = _ask(query, path, _SEQUENCE, "q.object_id")
    if not rows:
        raise _gone(path)
    type_name, start, step, least, most, cycles, cached, size = rows[0]
    cache = "NO CACHE" if not cached else f"CACHE {size}" if size else "CACHE"
    head = f"CREATE SEQUENCE {_full(path)} AS {type_name}\n    START WITH {start} INCREMENT BY {step}"
    return [f"{head}\n    MINVALUE {least} MAXVALUE {most} {'CYCLE' if cycles else 'NO CYCLE'} {cache}"]


def _type(query: Query, path: tuple[str, ...]) -> list[str]:
    rows = query(in_database(path[0], _TYPE), path[1:])
    if not rows:
        raise UnsupportedError(f"{path[-1]} is a table type or a type of the CLR: its statement is not known.")
    return [f"CREATE TYPE {_full(path)} FROM {rows[0][0]} {'NULL' if rows[0][1] else 'NOT NULL'}"]


def _ask(query: Query, path: tuple[str, ...], statement: str, owner: str) -> Rows:
    return query(in_database(path[0], statement, owner), path[1:3])


def _full(path: tuple[str, ...]) -> str:
    """Schema and name: the statement may be meant for another database."""
    return ".".join(_quote(name) for name in path[1:3])


def _quote(name: str) -> str:
    return "[" + name.replace("]", "]]") + "]"


def _literal(text: str) -> str:
    return "N'" + text.replace("'", "''") + "'"


def _sorted(column: str, is_descending: Any) -> str:
    return f"{_quote(column)} DESC" if is_descending else _quote(column)


def _gone(path: tuple[str, ...]) -> NotFoundError:
    return NotFoundError(f"There is no {path[-1]} any more.", "Refresh the tree.")


_MAKERS: dict[NodeKind, Callable[[Query, tuple[str, ...]], list[str]]] = {
    NodeKind.TABLE: _table,
    NodeKind.VIEW: _module,
    NodeKind.ROUTINE: _module,
    NodeKind.TRIGGER: _module,
    NodeKind.SEQUENCE: _sequence,
    NodeKind.TYPE: _type,
    NodeKind.INDEX: _own_index,
    NodeKind.KEY: _key,
}
