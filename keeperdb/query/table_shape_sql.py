"""The catalogue queries behind a table's shape, by dialect. Names are bound, except where a product cannot.

Each gives the same columns. Columns: name, type, required, default, generated, auto, choices, plain text. Keys: name,
`p` or `u`, column. Foreign keys: name, column, schema and table that is referred to, column there. About: `table` or
`view`, transactional, why it is locked, estimated rows. Truth is `1`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShapeQueries:
    """`{db}` is where the name of a database or an attached file stands, quoted. `unique_is_enforced` by the server."""

    columns: str
    keys: str
    foreign_keys: str
    about: str
    unique_is_enforced: bool = True
    default_schema: str = ""

    def names(self, path: Sequence[str]) -> Mapping[str, str]:
        """What is bound: the schema and the table."""
        return {"schema": path[-2] if len(path) > 1 else self.default_schema, "name": path[-1]}

    def placed(self, statement: str, path: Sequence[str], quote: Callable[[str], str]) -> str:
        return statement.replace("{db}", quote(path[0] if len(path) > 1 else self.default_schema))


_POSTGRESQL = ShapeQueries(
    columns="""
SELECT a.attname, pg_catalog.format_type(coalesce(nullif(t.typbasetype, 0), a.atttypid),
        CASE WHEN t.typbasetype = 0 THEN a.atttypmod ELSE t.typtypmod END),
    CASE WHEN a.attnotnull THEN '1' END, pg_catalog.pg_get_expr(d.adbin, d.adrelid),
    CASE WHEN a.attgenerated <> '' OR a.attidentity = 'a' THEN '1' END,
    CASE WHEN a.attidentity <> '' OR pg_catalog.pg_get_serial_sequence(
        pg_catalog.format('%I.%I', n.nspname, c.relname), a.attname) IS NOT NULL THEN '1' END,
    (SELECT pg_catalog.json_agg(e.enumlabel ORDER BY e.enumsortorder)::text FROM pg_catalog.pg_enum e
        WHERE e.enumtypid = coalesce(nullif(t.typbasetype, 0), t.oid)),
    CASE WHEN co.oid IS NOT NULL AND NOT co.collisdeterministic THEN '0' ELSE '1' END
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation
WHERE n.nspname = :schema AND c.relname = :name AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
""",
    # Neither partial indexes nor those of expressions; deferrable ones may have two rows for a while.
    keys="""
SELECT i.relname, CASE WHEN x.indisprimary THEN 'p' ELSE 'u' END, a.attname
FROM pg_catalog.pg_index x
JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
CROSS JOIN LATERAL pg_catalog.unnest(x.indkey::pg_catalog.int2[]) WITH ORDINALITY AS k(number, place)
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
WHERE n.nspname = :schema AND c.relname = :name AND x.indisunique AND x.indimmediate AND x.indisvalid
    AND x.indpred IS NULL AND x.indexprs IS NULL AND k.place <= x.indnkeyatts
ORDER BY x.indisprimary DESC, x.indnkeyatts, i.relname, k.place
""",
    foreign_keys="""
SELECT k.conname, a.attname, rn.nspname, r.relname, ra.attname
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class r ON r.oid = k.confrelid
JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey))
    WITH ORDINALITY AS p(own, other, place)
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.own
JOIN pg_catalog.pg_attribute ra ON ra.attrelid = r.oid AND ra.attnum = p.other
WHERE n.nspname = :schema AND c.relname = :name AND k.contype = 'f'
ORDER BY k.conname, p.place
""",
    about="""
SELECT CASE WHEN c.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END, '1',
    CASE WHEN c.relkind = 'm' THEN 'A materialized view holds what its query returned; its rows cannot be edited.'
        WHEN c.relkind = 'S' THEN 'The row of a sequence cannot be edited.'
        WHEN c.relkind = 'v' AND pg_catalog.pg_relation_is_updatable(c.oid, true) & 28 = 0
        THEN 'The server cannot write through this view.' END,
    CASE WHEN c.reltuples > 0 THEN c.reltuples::bigint END
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = :schema AND c.relname = :name
""",
)

_MYSQL = ShapeQueries(
    columns="""
SELECT COLUMN_NAME, COLUMN_TYPE, CASE IS_NULLABLE WHEN 'NO' THEN '1' END, COLUMN_DEFAULT,
    CASE WHEN EXTRA LIKE '%GENERATED%' AND EXTRA NOT LIKE '%DEFAULT_GENERATED%' THEN '1' END,
    CASE WHEN EXTRA LIKE '%auto_increment%' THEN '1' END,
    CASE WHEN DATA_TYPE = 'enum' THEN COLUMN_TYPE END, '0'
FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = :schema AND TABLE_NAME = :name ORDER BY ORDINAL_POSITION
""",
    # Not those of which some part is the beginning of a column, or an expression.
    keys="""
SELECT s.INDEX_NAME, CASE s.INDEX_NAME WHEN 'PRIMARY' THEN 'p' ELSE 'u' END, s.COLUMN_NAME
FROM information_schema.STATISTICS s
WHERE s.TABLE_SCHEMA = :schema AND s.TABLE_NAME = :name AND s.NON_UNIQUE = 0 AND NOT EXISTS (
    SELECT 1 FROM information_schema.STATISTICS p WHERE p.TABLE_SCHEMA = s.TABLE_SCHEMA
        AND p.TABLE_NAME = s.TABLE_NAME AND p.INDEX_NAME = s.INDEX_NAME
        AND (p.SUB_PART IS NOT NULL OR p.COLUMN_NAME IS NULL))
ORDER BY s.INDEX_NAME = 'PRIMARY' DESC, s.INDEX_NAME, s.SEQ_IN_INDEX
""",
    foreign_keys="""
SELECT CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME
FROM information_schema.KEY_COLUMN_USAGE
WHERE TABLE_SCHEMA = :schema AND TABLE_NAME = :name AND REFERENCED_TABLE_NAME IS NOT NULL
ORDER BY CONSTRAINT_NAME, ORDINAL_POSITION
""",
    about="""
SELECT CASE WHEN t.TABLE_TYPE LIKE '%VIEW' THEN 'view' ELSE 'table' END,
    CASE WHEN e.TRANSACTIONS = 'NO' THEN '0' ELSE '1' END,
    CASE WHEN v.IS_UPDATABLE = 'NO' THEN 'The server cannot write through this view.' END, t.TABLE_ROWS
FROM information_schema.TABLES t
LEFT JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE
LEFT JOIN information_schema.VIEWS v ON v.TABLE_SCHEMA = t.TABLE_SCHEMA AND v.TABLE_NAME = t.TABLE_NAME
WHERE t.TABLE_SCHEMA = :schema AND t.TABLE_NAME = :name
""",
)

_SQLITE = ShapeQueries(
    columns="""
SELECT name, type, CASE WHEN "notnull" OR (pk = 1 AND upper(type) = 'INTEGER' AND 1 = (
        SELECT count(*) FROM pragma_table_xinfo(:name, :schema) WHERE pk > 0)) THEN '1' END, dflt_value,
    CASE WHEN hidden IN (2, 3) THEN '1' END,
    CASE WHEN pk = 1 AND upper(type) = 'INTEGER' AND 1 = (
        SELECT count(*) FROM pragma_table_xinfo(:name, :schema) WHERE pk > 0) THEN '1' END, NULL, '1'
FROM pragma_table_xinfo(:name, :schema) WHERE hidden <> 1 ORDER BY cid
""",
    keys="""
SELECT * FROM (
    SELECT '' AS k, 'p' AS kind, name, pk AS place FROM pragma_table_xinfo(:name, :schema) WHERE pk > 0
    UNION ALL
    SELECT l.name, 'u', i.name, i.seqno FROM pragma_index_list(:name, :schema) l, pragma_index_info(l.name, :schema) i
    WHERE l."unique" AND NOT l.partial AND l.origin <> 'pk' AND NOT EXISTS (
        SELECT 1 FROM pragma_index_info(l.name, :schema) e WHERE e.name IS NULL)
) ORDER BY kind, k, place
""",
    foreign_keys="""
SELECT f.id, f."from", NULL, f."table", coalesce(f."to", (
    SELECT p.name FROM pragma_table_xinfo(f."table", :schema) p WHERE p.pk = f.seq + 1))
FROM pragma_foreign_key_list(:name, :schema) f ORDER BY f.id, f.seq
""",
    about="""
SELECT type, '1', CASE WHEN type = 'view' AND NOT EXISTS (SELECT 1 FROM {db}.sqlite_schema t WHERE t.type = 'trigger'
        AND t.tbl_name = s.name COLLATE NOCASE) THEN 'SQLite writes through a view only where triggers say how.'
    WHEN name LIKE 'sqlite\\_%' ESCAPE '\\' THEN 'This table belongs to SQLite itself.' END, NULL
FROM {db}.sqlite_schema s WHERE name = :name COLLATE NOCASE AND type IN ('table', 'view')
""",
    default_schema="main",
)

_SQL_SERVER = ShapeQueries(
    columns="""
SELECT c.name, t.name + CASE
        WHEN t.name IN ('decimal', 'numeric') THEN '(' + CAST(c.precision AS varchar(10)) + ',' +
            CAST(c.scale AS varchar(10)) + ')'
        WHEN t.name IN ('datetime2', 'datetimeoffset', 'time') THEN '(' + CAST(c.scale AS varchar(10)) + ')'
        ELSE '' END,
    CASE WHEN c.is_nullable = 0 THEN '1' END, d.definition,
    CASE WHEN c.is_computed = 1 OR c.is_identity = 1 OR t.name = 'timestamp' OR c.generated_always_type <> 0
        THEN '1' END,
    CASE WHEN c.is_identity = 1 THEN '1' END, NULL, '0'
FROM {db}.sys.all_columns AS c
JOIN {db}.sys.all_objects AS o ON o.object_id = c.object_id
JOIN {db}.sys.schemas AS s ON s.schema_id = o.schema_id
JOIN {db}.sys.types AS t ON t.user_type_id = c.system_type_id
LEFT JOIN {db}.sys.default_constraints AS d ON d.object_id = c.default_object_id
WHERE s.name = :schema AND o.name = :name
ORDER BY c.column_id
""",
    keys="""
SELECT i.name, CASE WHEN i.is_primary_key = 1 THEN 'p' ELSE 'u' END, c.name
FROM {db}.sys.indexes AS i
JOIN {db}.sys.index_columns AS x ON x.object_id = i.object_id AND x.index_id = i.index_id
JOIN {db}.sys.all_columns AS c ON c.object_id = x.object_id AND c.column_id = x.column_id
JOIN {db}.sys.all_objects AS o ON o.object_id = i.object_id
JOIN {db}.sys.schemas AS s ON s.schema_id = o.schema_id
WHERE s.name = :schema AND o.name = :name AND i.is_unique = 1 AND i.has_filter = 0 AND i.is_disabled = 0
    AND x.is_included_column = 0
ORDER BY i.is_primary_key DESC, i.name, x.key_ordinal
""",
    foreign_keys="""
SELECT k.name, c.name, rs.name, r.name, rc.name
FROM {db}.sys.foreign_keys AS k
JOIN {db}.sys.foreign_key_columns AS f ON f.constraint_object_id = k.object_id
JOIN {db}.sys.all_columns AS c ON c.object_id = f.parent_object_id AND c.column_id = f.parent_column_id
JOIN {db}.sys.all_columns AS rc ON rc.object_id = f.referenced_object_id AND rc.column_id = f.referenced_column_id
JOIN {db}.sys.all_objects AS r ON r.object_id = k.referenced_object_id
JOIN {db}.sys.schemas AS rs ON rs.schema_id = r.schema_id
JOIN {db}.sys.all_objects AS o ON o.object_id = k.parent_object_id
JOIN {db}.sys.schemas AS s ON s.schema_id = o.schema_id
WHERE s.name = :schema AND o.name = :name
ORDER BY k.name, f.constraint_column_id
""",
    about="""
SELECT CASE WHEN o.type = 'V' THEN 'view' ELSE 'table' END, '1',
    CASE WHEN o.is_ms_shipped = 1 THEN 'This object belongs to SQL Server itself.' END,
    (SELECT SUM(p.rows) FROM {db}.sys.partitions AS p WHERE p.object_id = o.object_id AND p.index_id IN (0, 1))
FROM {db}.sys.all_objects AS o JOIN {db}.sys.schemas AS s ON s.schema_id = o.schema_id
WHERE s.name = :schema AND o.name = :name
""",
)

_ORACLE = ShapeQueries(
    # DATA_DEFAULT is a LONG, which no expression takes
    columns="""
SELECT c.COLUMN_NAME, c.DATA_TYPE, CASE c.NULLABLE WHEN 'N' THEN '1' END, c.DATA_DEFAULT,
    CASE WHEN c.VIRTUAL_COLUMN = 'YES' OR i.GENERATION_TYPE = 'ALWAYS' THEN '1' END,
    CASE WHEN i.COLUMN_NAME IS NOT NULL THEN '1' END, NULL, '1'
FROM ALL_TAB_COLS c
LEFT JOIN ALL_TAB_IDENTITY_COLS i
    ON i.OWNER = c.OWNER AND i.TABLE_NAME = c.TABLE_NAME AND i.COLUMN_NAME = c.COLUMN_NAME
WHERE c.OWNER = :schema AND c.TABLE_NAME = :name AND c.HIDDEN_COLUMN = 'NO'
ORDER BY c.COLUMN_ID
""",
    keys="""
SELECT k.CONSTRAINT_NAME, CASE k.CONSTRAINT_TYPE WHEN 'P' THEN 'p' ELSE 'u' END, c.COLUMN_NAME
FROM ALL_CONSTRAINTS k
JOIN ALL_CONS_COLUMNS c ON c.OWNER = k.OWNER AND c.CONSTRAINT_NAME = k.CONSTRAINT_NAME
WHERE k.OWNER = :schema AND k.TABLE_NAME = :name AND k.CONSTRAINT_TYPE IN ('P', 'U')
    AND k.STATUS = 'ENABLED' AND k.VALIDATED = 'VALIDATED' AND k.DEFERRABLE = 'NOT DEFERRABLE'
ORDER BY k.CONSTRAINT_TYPE, k.CONSTRAINT_NAME, c.POSITION
""",
    foreign_keys="""
SELECT k.CONSTRAINT_NAME, c.COLUMN_NAME, r.OWNER, r.TABLE_NAME, r.COLUMN_NAME
FROM ALL_CONSTRAINTS k
JOIN ALL_CONS_COLUMNS c ON c.OWNER = k.OWNER AND c.CONSTRAINT_NAME = k.CONSTRAINT_NAME
JOIN ALL_CONS_COLUMNS r
    ON r.OWNER = k.R_OWNER AND r.CONSTRAINT_NAME = k.R_CONSTRAINT_NAME AND r.POSITION = c.POSITION
WHERE k.OWNER = :schema AND k.TABLE_NAME = :name AND k.CONSTRAINT_TYPE = 'R'
ORDER BY k.CONSTRAINT_NAME, c.POSITION
""",
    about="""
SELECT CASE o.OBJECT_TYPE WHEN 'VIEW' THEN 'view' WHEN 'MATERIALIZED VIEW' THEN 'view' ELSE 'table' END, '1',
    CASE o.OBJECT_TYPE WHEN 'MATERIALIZED VIEW'
        THEN 'A materialized view holds what its query returned; its rows cannot be edited.' END, t.NUM_ROWS
FROM ALL_OBJECTS o LEFT JOIN ALL_TABLES t ON t.OWNER = o.OWNER AND t.TABLE_NAME = o.OBJECT_NAME
WHERE o.OWNER = :schema AND o.OBJECT_NAME = :name AND o.OBJECT_TYPE IN ('TABLE', 'VIEW', 'MATERIALIZED VIEW')
ORDER BY CASE o.OBJECT_TYPE WHEN 'MATERIALIZED VIEW' THEN 0 ELSE 1 END
""",
)

# Redshift declares keys and does not enforce them (https://docs.aws.amazon.com/redshift/latest/dg/t_Defining_constraints.html)
_REDSHIFT = ShapeQueries(
    columns="""
SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN '1' END,
    d.adsrc, CASE WHEN d.adsrc LIKE '%"identity"%' THEN '1' END,
    CASE WHEN d.adsrc LIKE '%identity"%' THEN '1' END, NULL, '1'
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE n.nspname = :schema AND c.relname = :name AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
""",
    keys="",
    foreign_keys="",
    about="""
SELECT CASE WHEN c.relkind = 'v' THEN 'view' ELSE 'table' END, '1',
    CASE WHEN c.relkind = 'v' THEN 'Redshift does not write through views.' END,
    CASE WHEN c.reltuples > 0 THEN c.reltuples END
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = :schema AND c.relname = :name
""",
    unique_is_enforced=False,
)

_QUERIES = {
    "postgres": _POSTGRESQL,
    "mysql": _MYSQL,
    "sqlite": _SQLITE,
    "tsql": _SQL_SERVER,
    "oracle": _ORACLE,
    "redshift": _REDSHIFT,
}


def queries_of(dialect: str) -> ShapeQueries:
    """The queries of a dialect; that of PostgreSQL for unknown ones."""
    return _QUERIES.get(dialect, _POSTGRESQL)
