"""From a table's name in a query to its path in the schema tree, as the server itself would find it."""

from keeperdb.engines.base import Engine
from keeperdb.query.origins import TableName
from keeperdb.query.session import Session
from keeperdb.query.table_shape import texts_of
from keeperdb.task import Task

_VISIBLE = """
SELECT pg_catalog.current_database(), n.nspname, c.relname
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname = :name AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {place}
"""
_SQLITE = """
SELECT schema, name FROM pragma_table_list
WHERE name = :name COLLATE NOCASE AND (:schema = '' OR schema = :schema COLLATE NOCASE)
ORDER BY schema <> 'temp', schema <> 'main' LIMIT 1
"""
_MYSQL = """
SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES
WHERE TABLE_SCHEMA = COALESCE(NULLIF(:schema, ''), DATABASE()) AND TABLE_NAME = :name
"""
_SQL_SERVER = """
SELECT DB_NAME(), SCHEMA_NAME(o.schema_id), o.name FROM sys.all_objects AS o
WHERE o.object_id = OBJECT_ID(:quoted) AND o.type IN ('U', 'V', 'S')
"""
_ORACLE = """
SELECT OWNER, OBJECT_NAME FROM ALL_OBJECTS
WHERE OBJECT_NAME = :name AND OWNER = COALESCE(:schema, SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA'))
    AND OBJECT_TYPE IN ('TABLE', 'VIEW')
"""


def find_table(session: Session, table: TableName, task: Task) -> tuple[str, ...] | None:
    """The path; None if there is no such table, or it is in another database."""
    engine = session.engine
    parts = [_folded(name, quoted=quoted, dialect=engine.dialect) for name, quoted in table.parts]
    schema = parts[-2] if len(parts) > 1 else ""
    values = {"name": parts[-1], "schema": schema, "quoted": ".".join(engine.quote(name) for name in parts)}
    statement = _statement(engine, has_schema=bool(schema))
    used = {name: value for name, value in values.items() if f":{name}" in statement}
    rows = texts_of(session.execute(statement, task, parameters=used, confirmed=True)[-1], task)
    if not rows or (len(parts) > 2 and rows[0][0] != parts[0]):
        return None
    path = tuple(name or "" for name in rows[0])
    return path[1:] if engine.dialect == "sqlite" and path[0] == "main" else path


def _statement(engine: Engine, *, has_schema: bool) -> str:
    if engine.dialect in ("postgres", "redshift"):
        place = "n.nspname = :schema" if has_schema else "pg_catalog.pg_table_is_visible(c.oid)"
        return _VISIBLE.replace("{place}", place)
    return {"sqlite": _SQLITE, "mysql": _MYSQL, "tsql": _SQL_SERVER, "oracle": _ORACLE}[engine.dialect]


def _folded(name: str, *, quoted: bool, dialect: str) -> str:
    """What the server makes of a name without quotes."""
    if quoted or dialect in ("mysql", "sqlite", "tsql"):
        return name
    return name.upper() if dialect == "oracle" else name.lower()
