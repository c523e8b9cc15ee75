"""The foreign keys of other tables that refer to a table."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from keeperdb.query.session import Session
from keeperdb.query.table_shape import ForeignKey, texts_of
from keeperdb.query.table_shape_sql import queries_of
from keeperdb.task import Task

# Each gives: name of the key, schema and table it belongs to, its column, the column that is referred to.
_POSTGRESQL = """
SELECT k.oid::text, n.nspname, c.relname, a.attname, ra.attname
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class r ON r.oid = k.confrelid
JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey))
    WITH ORDINALITY AS p(own, other, place)
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.own
JOIN pg_catalog.pg_attribute ra ON ra.attrelid = r.oid AND ra.attnum = p.other
WHERE rn.nspname = :schema AND r.relname = :name AND k.contype = 'f' AND k.conparentid = 0
ORDER BY n.nspname, c.relname, k.oid, p.place
"""
_MYSQL = """
SELECT CONSTRAINT_NAME, TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, REFERENCED_COLUMN_NAME
FROM information_schema.KEY_COLUMN_USAGE
WHERE REFERENCED_TABLE_SCHEMA = :schema AND REFERENCED_TABLE_NAME = :name
ORDER BY TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION
"""
_SQLITE = """
SELECT s.name || ':' || f.id, NULL, s.name, f."from", coalesce(f."to", (
    SELECT p.name FROM pragma_table_xinfo(:name, :schema) p WHERE p.pk = f.seq + 1))
FROM {db}.sqlite_schema s JOIN pragma_foreign_key_list(s.name, :schema) f
WHERE s.type = 'table' AND f."table" = :name COLLATE NOCASE ORDER BY s.name, f.id, f.seq
"""
_SQL_SERVER = """
SELECT k.name, s.name, o.name, c.name, rc.name
FROM {db}.sys.foreign_keys AS k
JOIN {db}.sys.foreign_key_columns AS f ON f.constraint_object_id = k.object_id
JOIN {db}.sys.all_columns AS c ON c.object_id = f.parent_object_id AND c.column_id = f.parent_column_id
JOIN {db}.sys.all_columns AS rc ON rc.object_id = f.referenced_object_id AND rc.column_id = f.referenced_column_id
JOIN {db}.sys.all_objects AS r ON r.object_id = k.referenced_object_id
JOIN {db}.sys.schemas AS rs ON rs.schema_id = r.schema_id
JOIN {db}.sys.all_objects AS o ON o.object_id = k.parent_object_id
JOIN {db}.sys.schemas AS s ON s.schema_id = o.schema_id
WHERE rs.name = :schema AND r.name = :name
ORDER BY s.name, o.name, k.name, f.constraint_column_id
"""
_ORACLE = """
SELECT k.CONSTRAINT_NAME, k.OWNER, k.TABLE_NAME, c.COLUMN_NAME, r.COLUMN_NAME
FROM ALL_CONSTRAINTS k
JOIN ALL_CONS_COLUMNS c ON c.OWNER = k.OWNER AND c.CONSTRAINT_NAME = k.CONSTRAINT_NAME
JOIN ALL_CONS_COLUMNS r
    ON r.OWNER = k.R_OWNER AND r.CONSTRAINT_NAME = k.R_CONSTRAINT_NAME AND r.POSITION = c.POSITION
WHERE r.OWNER = :schema AND r.TABLE_NAME = :name AND k.CONSTRAINT_TYPE = 'R'
ORDER BY k.OWNER, k.TABLE_NAME, k.CONSTRAINT_NAME, c.POSITION
"""
_STATEMENTS: Mapping[str, str] = {
    "postgres": _POSTGRESQL,
    "mysql": _MYSQL,
    "sqlite": _SQLITE,
    "tsql": _SQL_SERVER,
    "oracle": _ORACLE,
}


def referring_keys(session: Session, path: Sequence[str], task: Task) -> list[ForeignKey]:
    """For each key that refers to the table at `path`: its own table as `target`, its columns, those referred to.

    Empty where the product has no such keys to tell. Raises `QueryError`, `ConnectError` or `Cancelled`.
    """
    statement = _STATEMENTS.get(session.engine.dialect, "")
    if not statement:
        return []
    queries = queries_of(session.engine.dialect)
    text = queries.placed(statement, path, session.engine.quote)
    values = {name: value for name, value in queries.names(path).items() if f":{name}" in text}
    rows = texts_of(session.execute(text, task, parameters=values, confirmed=True)[-1], task)
    return list(_keys(rows, path))


def _keys(rows: Sequence[Sequence[str | None]], path: Sequence[str]) -> Iterator[ForeignKey]:
    for _, group in groupby(rows, key=lambda row: row[:3]):
        parts = list(group)
        schema, table = parts[0][1], parts[0][2] or ""
        before = path[: len(path) - 2] if schema else path[:-1]
        owner = (*before, *([schema] if schema else []), table)
        yield ForeignKey(tuple(row[3] or "" for row in parts), owner, tuple(row[4] or "" for row in parts))
