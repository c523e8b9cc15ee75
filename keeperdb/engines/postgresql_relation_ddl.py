"""The statements that make a table or view of PostgreSQL, with all its parts, assembled from the catalogue.

Every query takes the OID of the relation as `$1` and is sent with an empty search path, so that the server's own
`pg_get_…def` functions name every object in full. Columns of the catalogue that older versions lack are read through
`to_jsonb`. Owners and privileges are left to GRANT.
"""

import re
from collections.abc import Callable, Sequence

Rows = list[tuple[str | None, ...]]
Query = Callable[..., Rows]  # (statement, parameters) -> rows as text

_FRAGMENT = re.compile(r"\{(?P<name>toast options|wrapper options|options) (?P<source>[\w.]+)\}")
# pg_attver is the server's own count of a column's changes, in 15.20 and newer; pg_dump leaves it out as well.
_OPTION_LIST = (
    "(SELECT string_agg({pair}, ', ') FROM pg_options_to_table({source}) o WHERE o.option_name <> 'pg_attver')"
)
_OPTION_FORMATS = {"options": "%s = %L", "toast options": "toast.%s = %L", "wrapper options": "%I %L"}


def _filled(text: str, **parts: str) -> str:
    """A query with its `{parts}` put in; `{options x}` are the storage options in the array `x`, as SQL."""
    for name, part in parts.items():
        text = text.replace(f"{{{name}}}", part)
    return _FRAGMENT.sub(_options, text)


def _options(match: re.Match[str]) -> str:
    pair = f"format('{_OPTION_FORMATS[match['name']]}', o.option_name, o.option_value)"
    return _OPTION_LIST.replace("{pair}", pair).replace("{source}", match["source"])


_TABLE = _filled("""
SELECT c.oid::regclass, CASE WHEN c.relkind = 'f' THEN 'FOREIGN ' WHEN c.relpersistence = 'u' THEN 'UNLOGGED '
    ELSE '' END,
    CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END,
    CASE WHEN NOT c.relispartition THEN (
        SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno) FROM pg_inherits i
        WHERE i.inhrelid = c.oid) END,
    pg_get_partkeydef(c.oid),
    (SELECT a.amname FROM pg_am a WHERE a.oid = c.relam AND a.amname <> 'heap'),
    concat_ws(', ', {options c.reloptions},
        (SELECT {toast options t.reloptions} FROM pg_class t WHERE t.oid = c.reltoastrelid)),
    (SELECT quote_ident(s.spcname) FROM pg_tablespace s WHERE s.oid = c.reltablespace),
    (SELECT format('SERVER %I', s.srvname) || coalesce(' OPTIONS (' || {wrapper options f.ftoptions} || ')', '')
        FROM pg_foreign_table f JOIN pg_foreign_server s ON s.oid = f.ftserver WHERE f.ftrelid = c.oid),
    CASE WHEN c.relispartition THEN (
        SELECT format('ALTER TABLE ONLY %s ATTACH PARTITION %s %s', i.inhparent::regclass, c.oid::regclass,
            pg_get_expr(c.relpartbound, c.oid)) FROM pg_inherits i WHERE i.inhrelid = c.oid) END
FROM pg_class c WHERE c.oid = $1::oid
""")

_SEQUENCE = """format('CREATE%s SEQUENCE %s AS %s INCREMENT BY %s MINVALUE %s MAXVALUE %s START WITH %s CACHE %s%s',
    CASE WHEN c.relpersistence = 'u' THEN ' UNLOGGED' ELSE '' END, c.oid::regclass, format_type(s.seqtypid, NULL),
    s.seqincrement, s.seqmin, s.seqmax, s.seqstart, s.seqcache, CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END)"""

_OWNED_SEQUENCES = _filled(
    """
SELECT {sequence} FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid
JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass
WHERE d.deptype = 'a' AND d.refobjsubid > 0 AND d.refobjid = $1::oid ORDER BY d.refobjsubid, c.relname
""",
    sequence=_SEQUENCE,
)
_ONE_SEQUENCE = _filled(
    "SELECT {sequence} FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid WHERE c.oid = $1::oid",
    sequence=_SEQUENCE,
)

_OWNERSHIP = """
SELECT format('ALTER SEQUENCE %s OWNED BY %s.%I', d.objid::regclass, d.refobjid::regclass, a.attname)
FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'
JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a' AND d.{end} = $1::oid
ORDER BY d.refobjsubid, c.relname
"""
_SEQUENCE_OWNER = _OWNERSHIP.format(end="objid")

_DEFAULT = """CASE WHEN to_jsonb(a) ->> 'attgenerated' IN ('s', 'v') THEN
        format(' GENERATED ALWAYS AS (%s)%s', pg_get_expr(d.adbin, d.adrelid),
            CASE to_jsonb(a) ->> 'attgenerated' WHEN 's' THEN ' STORED' ELSE '' END)
    WHEN a.attidentity <> '' THEN (
        SELECT format(' GENERATED %s AS IDENTITY (SEQUENCE NAME %s INCREMENT BY %s MINVALUE %s MAXVALUE %s'
                || ' START WITH %s CACHE %s%s)',
            CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END, s.seqrelid::regclass,
            s.seqincrement, s.seqmin, s.seqmax, s.seqstart, s.seqcache, CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END)
        FROM pg_depend i JOIN pg_sequence s ON s.seqrelid = i.objid
        WHERE i.classid = 'pg_class'::regclass AND i.refclassid = 'pg_class'::regclass AND i.deptype = 'i'
            AND i.refobjid = a.attrelid AND i.refobjsubid = a.attnum)
    WHEN d.adbin IS NOT NULL THEN ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) ELSE '' END"""

_COLLATION = """CASE WHEN a.attcollation <> t.typcollation AND a.attcollation <> 0 THEN (
        SELECT format(' COLLATE %I.%I', n.nspname, o.collname) FROM pg_collation o
        JOIN pg_namespace n ON n.oid = o.collnamespace WHERE o.oid = a.attcollation) ELSE '' END"""

_COLUMN = _filled(
    """
SELECT format('%I', a.attname), ' ' || format_type(a.atttypid, a.atttypmod) || {collation}
    || CASE to_jsonb(a) ->> 'attcompression' WHEN 'p' THEN ' COMPRESSION pglz' WHEN 'l' THEN ' COMPRESSION lz4'
        ELSE '' END
    || coalesce(' OPTIONS (' || {wrapper options a.attfdwoptions} || ')', ''),
    {default} || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END,
    a.attislocal OR c.relispartition
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
""",
    collation=_COLLATION,
    default=_DEFAULT,
)
_COLUMNS = _COLUMN + "ORDER BY a.attnum"
ONE_COLUMN = _COLUMN + "AND a.attname = $2"

# What a column that came from a parent table has of its own
_INHERITED_COLUMNS = """
SELECT format('ALTER TABLE ONLY %s ALTER COLUMN %I ', c.oid::regclass, a.attname) || x.change
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
CROSS JOIN LATERAL (VALUES
    (CASE WHEN to_jsonb(a) ->> 'attgenerated' <> '' THEN NULL
        WHEN d.adbin IS NOT NULL THEN 'SET DEFAULT ' || pg_get_expr(d.adbin, d.adrelid)
        WHEN EXISTS (SELECT FROM pg_inherits i JOIN pg_attribute p ON p.attrelid = i.inhparent
            WHERE i.inhrelid = c.oid AND p.attname = a.attname AND p.atthasdef) THEN 'DROP DEFAULT' END),
    (CASE WHEN a.attnotnull THEN 'SET NOT NULL' END)) AS x (change)
WHERE c.oid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped AND NOT a.attislocal AND NOT c.relispartition
    AND x.change IS NOT NULL
ORDER BY a.attnum
"""

# CREATE TABLE does not take NOT VALID. Partitions get their parent's constraints before they are attached.
_CONSTRAINTS = """
SELECT format('CONSTRAINT %I ', k.conname) || pg_get_constraintdef(k.oid), k.convalidated
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE c.oid = $1::oid AND k.contype IN ('p', 'u', 'f', 'c', 'x') AND (k.conislocal OR c.relispartition)
    AND NOT (k.contype = 'f' AND k.conparentid <> 0)
ORDER BY strpos('puxcf', k.contype::text), k.conname
"""

# What ALTER TABLE sets of a column: storage, statistics target, options.
_COLUMN_SETTINGS = _filled("""
SELECT format('ALTER %s %s ALTER COLUMN %I ', CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW'
    WHEN 'f' THEN 'FOREIGN TABLE ONLY' ELSE 'TABLE ONLY' END, c.oid::regclass, a.attname) || x.change
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
CROSS JOIN LATERAL (VALUES
    (CASE WHEN a.attstorage <> t.typstorage THEN 'SET STORAGE ' || CASE a.attstorage
        WHEN 'p' THEN 'PLAIN' WHEN 'm' THEN 'MAIN' WHEN 'e' THEN 'EXTERNAL' ELSE 'EXTENDED' END END),
    (CASE WHEN a.attstattarget >= 0 THEN 'SET STATISTICS ' || a.attstattarget END),
    (CASE WHEN a.attoptions IS NOT NULL THEN 'SET (' || {options a.attoptions} || ')' END)) AS x (change)
WHERE c.oid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped AND x.change IS NOT NULL AND c.relkind <> 'v'
ORDER BY a.attnum
""")

# Of a key's own index CREATE TABLE takes no options and no tablespace here.
_INDEXES = _filled("""
SELECT s.statement
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
LEFT JOIN pg_constraint k ON k.conindid = i.oid AND k.conrelid = x.indrelid AND k.contype IN ('p', 'u', 'x')
CROSS JOIN LATERAL (VALUES
    (1, CASE WHEN k.oid IS NULL THEN pg_get_indexdef(i.oid) END),
    (2, CASE WHEN k.oid IS NOT NULL AND i.reloptions IS NOT NULL THEN
        format('ALTER INDEX %s SET (%s)', i.oid::regclass, {options i.reloptions}) END),
    (3, CASE WHEN k.oid IS NOT NULL AND i.reltablespace <> 0 THEN format('ALTER INDEX %s SET TABLESPACE %I',
        i.oid::regclass,
        (SELECT t.spcname FROM pg_tablespace t WHERE t.oid = i.reltablespace)) END),
    (4, (SELECT string_agg(format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s', i.oid::regclass, a.attnum,
        a.attstattarget),
        E';\\n' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = i.oid AND a.attstattarget >= 0)),
    (5, CASE WHEN x.indisclustered THEN format('ALTER TABLE %s CLUSTER ON %I', x.indrelid::regclass, i.relname) END),
    (6, CASE WHEN x.indisreplident THEN
        format('ALTER TABLE ONLY %s REPLICA IDENTITY USING INDEX %I', x.indrelid::regclass, i.relname) END)
) AS s (step, statement)
WHERE x.{end} = $1::oid AND s.statement IS NOT NULL ORDER BY i.relname, s.step
""")
_TABLE_INDEXES = _INDEXES.replace("{end}", "indrelid")
_ONE_INDEX = _INDEXES.replace("{end}", "indexrelid")

_ROW_SECURITY = """
SELECT s.statement FROM pg_class c CROSS JOIN LATERAL (VALUES
    (1, CASE WHEN c.relrowsecurity THEN format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', c.oid::regclass) END),
    (2, CASE WHEN c.relforcerowsecurity THEN format('ALTER TABLE ONLY %s FORCE ROW LEVEL SECURITY', c.oid::regclass)
        END),
    (3, CASE c.relreplident WHEN 'n' THEN format('ALTER TABLE ONLY %s REPLICA IDENTITY NOTHING', c.oid::regclass)
        WHEN 'f' THEN format('ALTER TABLE ONLY %s REPLICA IDENTITY FULL', c.oid::regclass) END)) AS s (step, statement)
WHERE c.oid = $1::oid AND c.relkind IN ('r', 'p') AND s.statement IS NOT NULL ORDER BY s.step
"""

_POLICIES = """
SELECT format('CREATE POLICY %I ON %s%s FOR %s TO %s', p.polname, p.polrelid::regclass,
    CASE WHEN p.polpermissive THEN '' ELSE ' AS RESTRICTIVE' END,
    CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
        ELSE 'ALL' END,
    (SELECT string_agg(CASE r.oid WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r.oid)) END, ', ')
        FROM unnest(p.polroles) AS r (oid)))
    || coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', '')
    || coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '')
FROM pg_policy p WHERE p.polrelid = $1::oid ORDER BY p.polname
"""

_STATISTICS = """
SELECT pg_get_statisticsobjdef(s.oid) FROM pg_statistic_ext s WHERE s.stxrelid = $1::oid ORDER BY s.stxname
"""

_RULES = """
SELECT rtrim(pg_get_ruledef(r.oid), ';') FROM pg_rewrite r
WHERE r.ev_class = $1::oid AND r.rulename <> '_RETURN' ORDER BY r.rulename
"""

_TRIGGER = """
SELECT pg_get_triggerdef(t.oid) || CASE WHEN t.tgenabled = 'O' THEN '' ELSE format(E';\\nALTER TABLE %s %s TRIGGER %I',
    t.tgrelid::regclass, CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA'
        ELSE 'ENABLE ALWAYS' END,
    t.tgname) END
FROM pg_trigger t
WHERE t.tgrelid = $1::oid AND NOT t.tgisinternal
"""
# Those of the partitioned table come with the partition.
_TRIGGERS = _TRIGGER + "AND coalesce(to_jsonb(t) ->> 'tgparentid', '0') = '0' ORDER BY t.tgname"
ONE_TRIGGER = _TRIGGER + "AND t.tgname = $2"

_ONE_CONSTRAINT = """
SELECT format('ALTER TABLE %s ADD CONSTRAINT %I ', k.conrelid::regclass, k.conname) || pg_get_constraintdef(k.oid),
    format('COMMENT ON CONSTRAINT %I ON %s IS %L', k.conname, k.conrelid::regclass,
        obj_description(k.oid, 'pg_constraint')), obj_description(k.oid, 'pg_constraint') IS NOT NULL,
    CASE WHEN k.contype IN ('p', 'u', 'x') THEN k.conindid END
FROM pg_constraint k WHERE {place}
"""
_NAMED_CONSTRAINT = _ONE_CONSTRAINT.replace("{place}", "k.conrelid = $1::oid AND k.conname = $2")
_INDEX_CONSTRAINT = _ONE_CONSTRAINT.replace("{place}", "k.conindid = $1::oid AND k.contype IN ('p', 'u', 'x')")

_COMMENTS = """
SELECT format('COMMENT ON %s IS %L', s.what, s.description) FROM (
    SELECT 1 AS step, d.objsubid AS place, CASE WHEN d.objsubid = 0 THEN CASE c.relkind WHEN 'v' THEN 'VIEW '
        WHEN 'f' THEN
        'FOREIGN TABLE ' WHEN 'm' THEN 'MATERIALIZED VIEW ' WHEN 'S' THEN 'SEQUENCE ' WHEN 'i' THEN 'INDEX '
            WHEN 'I' THEN
        'INDEX ' ELSE 'TABLE ' END || c.oid::regclass
        ELSE format('COLUMN %s.%I', c.oid::regclass, a.attname) END AS what, d.description
    FROM pg_class c JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid WHERE c.oid = $1::oid
    UNION ALL
    SELECT 2, 0, format('CONSTRAINT %I ON %s', k.conname, k.conrelid::regclass), obj_description(k.oid, 'pg_constraint')
    FROM pg_constraint k WHERE k.conrelid = $1::oid
    UNION ALL
    SELECT 3, 0, format('INDEX %s', x.indexrelid::regclass), obj_description(x.indexrelid, 'pg_class')
    FROM pg_index x WHERE x.indrelid = $1::oid
    UNION ALL
    SELECT 4, 0, format('TRIGGER %I ON %s', t.tgname, t.tgrelid::regclass), obj_description(t.oid, 'pg_trigger')
    FROM pg_trigger t WHERE t.tgrelid = $1::oid
    UNION ALL
    SELECT 5, 0, format('RULE %I ON %s', r.rulename, r.ev_class::regclass), obj_description(r.oid, 'pg_rewrite')
    FROM pg_rewrite r WHERE r.ev_class = $1::oid
    UNION ALL
    SELECT 6, 0, format('POLICY %I ON %s', p.polname, p.polrelid::regclass), obj_description(p.oid, 'pg_policy')
    FROM pg_policy p WHERE p.polrelid = $1::oid
    UNION ALL
    SELECT 7, 0, format('STATISTICS %I.%I', n.nspname, s.stxname), obj_description(s.oid, 'pg_statistic_ext')
    FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE s.stxrelid = $1::oid
) s WHERE s.description IS NOT NULL ORDER BY s.step, s.place, s.what
"""

_VIEW = _filled("""
SELECT format('CREATE VIEW %s%s AS%s', c.oid::regclass,
    coalesce(' WITH (' || {options c.reloptions} || ')', ''),
    E'\\n' || rtrim(pg_get_viewdef(c.oid), ';'))
FROM pg_class c WHERE c.oid = $1::oid
""")

_VIEW_DEFAULTS = """
SELECT format('ALTER VIEW %s ALTER COLUMN %I SET DEFAULT %s', d.adrelid::regclass, a.attname, pg_get_expr(d.adbin,
    d.adrelid))
FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
WHERE d.adrelid = $1::oid ORDER BY a.attnum
"""

_MATERIALIZED_VIEW = _filled("""
SELECT format('CREATE MATERIALIZED VIEW %s%s%s%s AS%s%s', c.oid::regclass,
    (SELECT ' USING ' || quote_ident(a.amname) FROM pg_am a WHERE a.oid = c.relam AND a.amname <> 'heap'),
    coalesce(' WITH (' || {options c.reloptions} || ')', ''),
    (SELECT ' TABLESPACE ' || quote_ident(s.spcname) FROM pg_tablespace s WHERE s.oid = c.reltablespace),
    E'\\n' || rtrim(pg_get_viewdef(c.oid), ';'), CASE WHEN c.relispopulated THEN '' ELSE E'\\nWITH NO DATA' END)
FROM pg_class c WHERE c.oid = $1::oid
""")


def table(query: Query, oid: str) -> list[str]:
    """The statements that make a table, a partitioned or a foreign one, without its rows."""
    name, kind, of_type, parents, partition_key, method, options, space, server, attach = query(_TABLE, (oid,))[0]
    columns = query(_COLUMNS, (oid,))
    constraints = query(_CONSTRAINTS, (oid,))
    inner = [text or "" for text, is_valid in constraints if is_valid == "t"]
    later = [f"ALTER TABLE {name} ADD {text}" for text, is_valid in constraints if is_valid != "t"]
    tail = [
        f"INHERITS ({parents})" if parents else "",
        f"PARTITION BY {partition_key}" if partition_key else "",
        f"USING {method}" if method else "",
        server or "",
        f"WITH ({options})" if options else "",
        f"TABLESPACE {space}" if space else "",
    ]
    head = f"CREATE {kind}TABLE {name}"
    made = _parts(head, of_type, columns, inner) + "".join(f"\n{part}" for part in tail if part)
    return [
        *_first(query, oid, _OWNED_SEQUENCES),
        made,
        *_first(query, oid, _OWNERSHIP.format(end="refobjid"), _INHERITED_COLUMNS),
        *later,
        *_first(query, oid, _COLUMN_SETTINGS, _TABLE_INDEXES),
        *([attach] if attach else []),
        *_first(query, oid, _STATISTICS, _RULES, _TRIGGERS, _ROW_SECURITY, _POLICIES, _COMMENTS),
    ]


def view(query: Query, oid: str) -> list[str]:
    """The statements that make a view."""
    return _first(query, oid, _VIEW, _VIEW_DEFAULTS, _RULES, _TRIGGERS, _COMMENTS)


def materialized_view(query: Query, oid: str) -> list[str]:
    """The statements that make a materialized view; it is filled if it is filled here."""
    return _first(query, oid, _MATERIALIZED_VIEW, _COLUMN_SETTINGS, _TABLE_INDEXES, _STATISTICS, _COMMENTS)


def sequence(query: Query, oid: str) -> list[str]:
    """The statements that make a sequence, and tell whose it is."""
    return _first(query, oid, _ONE_SEQUENCE, _SEQUENCE_OWNER, _COMMENTS)


def index(query: Query, oid: str) -> list[str]:
    """The statements that make an index; of a key's index, what makes the key."""
    return _constraint(query, query(_INDEX_CONSTRAINT, (oid,))) or _first(query, oid, _ONE_INDEX, _COMMENTS)


def key(query: Query, oid: str, name: str) -> list[str]:
    """The statements that make a key or check of the table `oid`."""
    return _constraint(query, query(_NAMED_CONSTRAINT, (oid, name)))


def _constraint(query: Query, rows: Rows) -> list[str]:
    """With the options of its index, which ADD CONSTRAINT does not take here."""
    made: list[str] = []
    for text, comment, has_comment, index_oid in rows:
        made += [text or "", *([comment or ""] if has_comment == "t" else [])]
        made += _first(query, index_oid, _ONE_INDEX, _COMMENTS) if index_oid else []
    return made


def _parts(head: str, of_type: str | None, columns: Rows, constraints: Sequence[str]) -> str:
    """The part of CREATE TABLE up to the closing bracket."""
    own = [row for row in columns if row[3] == "t"]
    if of_type is None:
        return f"{head} (" + ",".join(f"\n    {line}" for line in [*_lines(own), *constraints]) + "\n)"
    changed = [f"{name} WITH OPTIONS{rest}" for name, _, rest, _ in own if rest]
    inner = ",".join(f"\n    {line}" for line in [*changed, *constraints])
    return f"{head} OF {of_type}" + (f" ({inner}\n)" if inner else "")


def _lines(columns: Rows) -> list[str]:
    return [f"{name}{type_}{rest}" for name, type_, rest, _ in columns]


def _first(query: Query, oid: str, *statements: str) -> list[str]:
    """The first column of all rows of several queries."""
    return [text for statement in statements for text, *_ in query(statement, (oid,)) if text]
