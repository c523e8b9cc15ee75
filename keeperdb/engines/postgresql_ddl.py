"""The statements that make an object of PostgreSQL: the server's own, or assembled from its catalogue.

Owners, privileges and passwords are not part of them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from keeperdb.engines import postgresql_relation_ddl as relation
from keeperdb.engines.base import Node, NodeKind
from keeperdb.engines.postgresql_relation_ddl import Query, Rows
from keeperdb.errors import NotFoundError, QueryError, UnsupportedError

# With these the server writes names in full and constants so that they are read back unchanged (as pg_dump does).
_SETTINGS = {"search_path": "", "DateStyle": "ISO", "IntervalStyle": "postgres", "extra_float_digits": "3"}

_RELATION = """
SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2
"""
_INDEX = """
SELECT i.oid FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2 AND i.relname = $3
"""
_ROUTINE = """
SELECT p.oid, p.prokind FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = $1
    AND p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' = $2
"""
_TYPE = """
SELECT t.oid, t.typtype FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
WHERE n.nspname = $1 AND t.typname = $2
"""

_FUNCTION = "SELECT rtrim(pg_get_functiondef(p.oid), E'\\n') FROM pg_proc p WHERE p.oid = $1::oid"
_AGGREGATE = """
SELECT format('CREATE AGGREGATE %I.%I(%s) (%s)', n.nspname, p.proname,
    CASE WHEN pg_get_function_arguments(p.oid) = '' THEN '*' ELSE pg_get_function_arguments(p.oid) END,
    concat_ws(', ', E'\\n    SFUNC = ' || a.aggtransfn::regproc, E'\\n    STYPE = ' || format_type(a.aggtranstype,
        NULL),
    E'\\n    SSPACE = ' || nullif(a.aggtransspace, 0), E'\\n    FINALFUNC = ' || nullif(a.aggfinalfn, 0)::regproc,
    CASE WHEN a.aggfinalextra THEN E'\\n    FINALFUNC_EXTRA' END,
    E'\\n    FINALFUNC_MODIFY = ' || CASE WHEN a.aggfinalmodify <> CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END THEN
        CASE a.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
    E'\\n    COMBINEFUNC = ' || nullif(a.aggcombinefn, 0)::regproc,
    E'\\n    SERIALFUNC = ' || nullif(a.aggserialfn, 0)::regproc,
    E'\\n    DESERIALFUNC = ' || nullif(a.aggdeserialfn, 0)::regproc,
    E'\\n    INITCOND = ' || quote_literal(a.agginitval),
    E'\\n    MSFUNC = ' || nullif(a.aggmtransfn, 0)::regproc, E'\\n    MINVFUNC = ' || nullif(a.aggminvtransfn,
        0)::regproc,
    E'\\n    MSTYPE = ' || format_type(nullif(a.aggmtranstype, 0), NULL),
    E'\\n    MSSPACE = ' || nullif(a.aggmtransspace, 0), E'\\n    MFINALFUNC = ' || nullif(a.aggmfinalfn, 0)::regproc,
    CASE WHEN a.aggmfinalextra THEN E'\\n    MFINALFUNC_EXTRA' END,
    E'\\n    MFINALFUNC_MODIFY = ' || CASE WHEN a.aggmfinalmodify <> CASE a.aggkind WHEN 'n' THEN 'r' ELSE 'w' END THEN
        CASE a.aggmfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END,
    E'\\n    MINITCOND = ' || quote_literal(a.aggminitval),
    (SELECT format(E'\\n    SORTOP = OPERATOR(%I.%s)', s.nspname, o.oprname) FROM pg_operator o
        JOIN pg_namespace s ON s.oid = o.oprnamespace WHERE o.oid = a.aggsortop),
    E'\\n    PARALLEL = ' || CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' END,
    CASE a.aggkind WHEN 'h' THEN E'\\n    HYPOTHETICAL' END) || E'\\n')
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_aggregate a ON a.aggfnoid = p.oid
WHERE p.oid = $1::oid
"""
_ROUTINE_COMMENT = """
SELECT format('COMMENT ON %s %I.%I(%s) IS %L',
    CASE p.prokind WHEN 'p' THEN 'PROCEDURE' WHEN 'a' THEN 'AGGREGATE' ELSE 'FUNCTION' END, n.nspname, p.proname,
    CASE WHEN p.prokind = 'a' AND pg_get_function_identity_arguments(p.oid) = '' THEN '*'
        ELSE pg_get_function_identity_arguments(p.oid) END, obj_description(p.oid, 'pg_proc'))
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.oid = $1::oid AND obj_description(p.oid, 'pg_proc') IS NOT NULL
"""

_ENUM = """
SELECT format('CREATE TYPE %s AS ENUM (%s)', format_type($1::oid, NULL),
    string_agg(E'\\n    ' || quote_literal(e.enumlabel), ',' ORDER BY e.enumsortorder) || E'\\n')
FROM pg_enum e WHERE e.enumtypid = $1::oid
"""
_COMPOSITE = """
SELECT format('CREATE TYPE %s AS (%s)', format_type($1::oid, NULL), string_agg(E'\\n    ' || quote_ident(a.attname)
    || ' '
    || format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attcollation <> e.typcollation AND a.attcollation <> 0 THEN (
        SELECT format(' COLLATE %I.%I', n.nspname, o.collname) FROM pg_collation o
        JOIN pg_namespace n ON n.oid = o.collnamespace WHERE o.oid = a.attcollation) ELSE '' END,
    ',' ORDER BY a.attnum) || E'\\n')
FROM pg_type t JOIN pg_attribute a ON a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type e ON e.oid = a.atttypid WHERE t.oid = $1::oid
"""
_DOMAIN = """
SELECT format('CREATE DOMAIN %s AS %s%s%s%s%s', format_type(t.oid, NULL), format_type(t.typbasetype, t.typtypmod),
    CASE WHEN t.typcollation <> b.typcollation AND t.typcollation <> 0 THEN (
        SELECT format(' COLLATE %I.%I', n.nspname, o.collname) FROM pg_collation o
        JOIN pg_namespace n ON n.oid = o.collnamespace WHERE o.oid = t.typcollation) END,
    coalesce(' DEFAULT ' || pg_get_expr(t.typdefaultbin, 0), ' DEFAULT ' || quote_literal(t.typdefault)),
    CASE WHEN t.typnotnull THEN ' NOT NULL' END,
    (SELECT string_agg(format(E'\\n    CONSTRAINT %I ', k.conname) || pg_get_constraintdef(k.oid),
        '' ORDER BY k.conname)
        FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c' AND k.convalidated))
FROM pg_type t JOIN pg_type b ON b.oid = t.typbasetype WHERE t.oid = $1::oid
UNION ALL
SELECT format('ALTER DOMAIN %s ADD CONSTRAINT %I ', format_type($1::oid, NULL), k.conname)
    || pg_get_constraintdef(k.oid)
FROM pg_constraint k WHERE k.contypid = $1::oid AND k.contype = 'c' AND NOT k.convalidated
UNION ALL
SELECT format('COMMENT ON CONSTRAINT %I ON DOMAIN %s IS %L', k.conname, format_type($1::oid, NULL),
    obj_description(k.oid, 'pg_constraint'))
FROM pg_constraint k WHERE k.contypid = $1::oid AND obj_description(k.oid, 'pg_constraint') IS NOT NULL
"""
_RANGE = """
SELECT format('CREATE TYPE %s AS RANGE (%s)', format_type(r.rngtypid, NULL), concat_ws(', ',
    E'\\n    SUBTYPE = ' || format_type(r.rngsubtype, NULL),
    (SELECT format(E'\\n    SUBTYPE_OPCLASS = %I.%I', n.nspname, c.opcname) FROM pg_opclass c
        JOIN pg_namespace n ON n.oid = c.opcnamespace WHERE c.oid = r.rngsubopc),
    (SELECT format(E'\\n    COLLATION = %I.%I', n.nspname, o.collname) FROM pg_collation o
        JOIN pg_namespace n ON n.oid = o.collnamespace WHERE o.oid = r.rngcollation),
    E'\\n    CANONICAL = ' || nullif(r.rngcanonical::oid, 0)::regproc,
    E'\\n    SUBTYPE_DIFF = ' || nullif(r.rngsubdiff::oid, 0)::regproc,
    E'\\n    MULTIRANGE_TYPE_NAME = ' || format_type((to_jsonb(r) ->> 'rngmultitypid')::oid, NULL)) || E'\\n')
FROM pg_range r WHERE r.rngtypid = $1::oid
"""
_BASE = """
SELECT format('CREATE TYPE %s (%s)', format_type(t.oid, NULL), concat_ws(', ', E'\\n    INPUT = ' || t.typinput,
    E'\\n    OUTPUT = ' || t.typoutput, E'\\n    RECEIVE = ' || nullif(t.typreceive::oid, 0)::regproc,
    E'\\n    SEND = ' || nullif(t.typsend::oid, 0)::regproc, E'\\n    TYPMOD_IN = ' || nullif(t.typmodin::oid,
        0)::regproc,
    E'\\n    TYPMOD_OUT = ' || nullif(t.typmodout::oid, 0)::regproc,
    E'\\n    ANALYZE = ' || nullif(t.typanalyze::oid, 0)::regproc,
    E'\\n    INTERNALLENGTH = ' || CASE WHEN t.typlen < 0 THEN 'VARIABLE' ELSE t.typlen::text END,
    CASE WHEN t.typbyval THEN E'\\n    PASSEDBYVALUE' END,
    E'\\n    ALIGNMENT = ' || CASE t.typalign WHEN 'c' THEN 'char' WHEN 's' THEN 'int2' WHEN 'i' THEN 'int4'
        ELSE 'double' END,
    E'\\n    STORAGE = ' || CASE t.typstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main'
        ELSE 'extended' END,
    E'\\n    CATEGORY = ' || quote_literal(t.typcategory), CASE WHEN t.typispreferred
        THEN E'\\n    PREFERRED = true' END,
    E'\\n    DEFAULT = ' || quote_literal(t.typdefault), E'\\n    ELEMENT = ' || format_type(nullif(t.typelem, 0),
        NULL),
    E'\\n    DELIMITER = ' || quote_literal(t.typdelim), CASE WHEN t.typcollation <> 0
        THEN E'\\n    COLLATABLE = true' END)
    || E'\\n')
FROM pg_type t WHERE t.oid = $1::oid
"""
_TYPE_COMMENTS = """
SELECT format('COMMENT ON %s %s IS %L', CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, format_type(t.oid, NULL),
    obj_description(t.oid, 'pg_type'))
FROM pg_type t WHERE t.oid = $1::oid AND obj_description(t.oid, 'pg_type') IS NOT NULL
UNION ALL
SELECT format('COMMENT ON COLUMN %s.%I IS %L', format_type(t.oid, NULL), a.attname, d.description)
FROM pg_type t JOIN pg_attribute a ON a.attrelid = t.typrelid
JOIN pg_description d ON d.classoid = 'pg_class'::regclass AND d.objoid = a.attrelid AND d.objsubid = a.attnum
WHERE t.oid = $1::oid
"""
_TYPES = {"e": _ENUM, "c": _COMPOSITE, "d": _DOMAIN, "r": _RANGE, "b": _BASE}

_SCHEMA = """
SELECT format('CREATE SCHEMA %I', n.nspname) FROM pg_namespace n WHERE n.nspname = $1
UNION ALL
SELECT format('COMMENT ON SCHEMA %I IS %L', n.nspname, obj_description(n.oid, 'pg_namespace'))
FROM pg_namespace n WHERE n.nspname = $1 AND obj_description(n.oid, 'pg_namespace') IS NOT NULL
"""
_DATABASE = """
SELECT format('CREATE DATABASE %I TEMPLATE template0 ENCODING %L LC_COLLATE %L LC_CTYPE %L%s%s%s', d.datname,
    pg_encoding_to_char(d.encoding), coalesce(d.datcollate, to_jsonb(d) ->> 'datlocale'), d.datctype,
    CASE WHEN to_jsonb(d) ->> 'datlocprovider' = 'i' THEN format(' LOCALE_PROVIDER icu ICU_LOCALE %L',
        coalesce(to_jsonb(d) ->> 'daticulocale', to_jsonb(d) ->> 'datlocale')) END,
    (SELECT CASE s.spcname WHEN 'pg_default' THEN '' ELSE format(' TABLESPACE %I', s.spcname) END
        FROM pg_tablespace s WHERE s.oid = d.dattablespace),
    CASE WHEN d.datconnlimit >= 0 THEN ' CONNECTION LIMIT ' || d.datconnlimit END)
FROM pg_database d WHERE d.datname = $1
UNION ALL
SELECT format('ALTER DATABASE %I SET %s TO %L', d.datname, split_part(c.setting, '=', 1),
    substr(c.setting, strpos(c.setting, '=') + 1))
FROM pg_database d JOIN pg_db_role_setting s ON s.setdatabase = d.oid AND s.setrole = 0
CROSS JOIN LATERAL unnest(s.setconfig) AS c (setting) WHERE d.datname = $1
UNION ALL
SELECT format('COMMENT ON DATABASE %I IS %L', d.datname, shobj_description(d.oid, 'pg_database'))
FROM pg_database d WHERE d.datname = $1 AND shobj_description(d.oid, 'pg_database') IS NOT NULL
"""
_ROLE = """
SELECT format('CREATE ROLE %I', r.rolname) || concat('', CASE WHEN r.rolsuper THEN ' SUPERUSER' END,
    CASE WHEN r.rolcreatedb THEN ' CREATEDB' END, CASE WHEN r.rolcreaterole THEN ' CREATEROLE' END,
    CASE WHEN NOT r.rolinherit THEN ' NOINHERIT' END, CASE WHEN r.rolcanlogin THEN ' LOGIN' END,
    CASE WHEN r.rolreplication THEN ' REPLICATION' END, CASE WHEN r.rolbypassrls THEN ' BYPASSRLS' END,
    CASE WHEN r.rolconnlimit >= 0 THEN ' CONNECTION LIMIT ' || r.rolconnlimit END,
    ' VALID UNTIL ' || quote_literal(r.rolvaliduntil::text))
FROM pg_roles r WHERE r.rolname = $1
UNION ALL
SELECT format('GRANT %I TO %I%s', g.rolname, r.rolname, CASE WHEN m.admin_option THEN ' WITH ADMIN OPTION' END)
FROM pg_roles r JOIN pg_auth_members m ON m.member = r.oid JOIN pg_roles g ON g.oid = m.roleid WHERE r.rolname = $1
UNION ALL
SELECT format('ALTER ROLE %I%s SET %s TO %L', r.rolname,
    (SELECT format(' IN DATABASE %I', d.datname) FROM pg_database d WHERE d.oid = s.setdatabase),
    split_part(c.setting, '=', 1), substr(c.setting, strpos(c.setting, '=') + 1))
FROM pg_roles r JOIN pg_db_role_setting s ON s.setrole = r.oid
CROSS JOIN LATERAL unnest(s.setconfig) AS c (setting) WHERE r.rolname = $1
UNION ALL
SELECT format('COMMENT ON ROLE %I IS %L', r.rolname, shobj_description(r.oid, 'pg_authid'))
FROM pg_roles r WHERE r.rolname = $1 AND shobj_description(r.oid, 'pg_authid') IS NOT NULL
"""


def ddl(query: Query, node: Node) -> str:
    """The statements that make `node`. Raises `NotFoundError` when it is gone, `UnsupportedError` for a heading."""
    make = _MAKERS.get(node.kind)
    if make is None:
        raise UnsupportedError(f"A {node.kind} has no statement that makes it.")
    with _readable(query):
        statements = make(query, node)
    if not statements:
        raise _gone(node)
    return "".join(f"{statement};\n\n" for statement in statements).rstrip("\n") + "\n"


@contextmanager
def _readable(query: Query) -> Iterator[None]:
    """Inside, the server writes what can be read back whatever the session's settings are."""
    names = list(_SETTINGS)
    before = query("SELECT " + ", ".join(f"current_setting('{name}')" for name in names))[0]
    _set(query, dict(_SETTINGS))
    try:
        yield
    finally:
        with suppress(QueryError):  # of a transaction that has failed: its rollback takes the settings back too
            _set(query, dict(zip(names, before, strict=True)))


def _set(query: Query, settings: dict[str, str | None]) -> None:
    calls = ", ".join(f"set_config('{name}', ${n}, false)" for n, name in enumerate(settings, 1))
    query(f"SELECT {calls}", tuple(settings.values()))


def _relation(query: Query, node: Node) -> str:
    return _one(query(_RELATION, node.path[1:3]), node)[0]


def _table(query: Query, node: Node) -> list[str]:
    return relation.table(query, _relation(query, node))


def _view(query: Query, node: Node) -> list[str]:
    return relation.view(query, _relation(query, node))


def _materialized_view(query: Query, node: Node) -> list[str]:
    return relation.materialized_view(query, _relation(query, node))


def _sequence(query: Query, node: Node) -> list[str]:
    return relation.sequence(query, _relation(query, node))


def _index(query: Query, node: Node) -> list[str]:
    return relation.index(query, _one(query(_INDEX, node.path[1:]), node)[0])


def _column(query: Query, node: Node) -> list[str]:
    oid = _relation(query, node)
    name, type_, rest, _ = _one(query(relation.ONE_COLUMN, (oid, node.name)), node)
    return [f"ALTER TABLE {query('SELECT $1::oid::regclass', (oid,))[0][0]} ADD COLUMN {name}{type_}{rest}"]


def _key(query: Query, node: Node) -> list[str]:
    return relation.key(query, _relation(query, node), node.name)


def _trigger(query: Query, node: Node) -> list[str]:
    return _texts(query(relation.ONE_TRIGGER, (_relation(query, node), node.name)))


def _routine(query: Query, node: Node) -> list[str]:
    oid, kind = _one(query(_ROUTINE, node.path[1:]), node)
    return _texts(query(_AGGREGATE if kind == "a" else _FUNCTION, (oid,)) + query(_ROUTINE_COMMENT, (oid,)))


def _type(query: Query, node: Node) -> list[str]:
    oid, kind = _one(query(_TYPE, node.path[1:]), node)
    return _texts(query(_TYPES.get(kind, _BASE), (oid,)) + query(_TYPE_COMMENTS, (oid,)))


def _named(statement: str) -> Callable[[Query, Node], list[str]]:
    return lambda query, node: _texts(query(statement, (node.name,)))


def _one(rows: Rows, node: Node) -> tuple[str, ...]:
    if not rows:
        raise _gone(node)
    return tuple(text or "" for text in rows[0])


def _texts(rows: Rows) -> list[str]:
    return [text for text, *_ in rows if text]


def _gone(node: Node) -> NotFoundError:
    return NotFoundError(f"There is no {node.kind} “{node.name}” any more.", "Refresh the objects.")


_MAKERS: dict[NodeKind, Callable[[Query, Node], list[str]]] = {
    NodeKind.DATABASE: _named(_DATABASE),
    NodeKind.SCHEMA: _named(_SCHEMA),
    NodeKind.TABLE: _table,
    NodeKind.VIEW: _view,
    NodeKind.MATERIALIZED_VIEW: _materialized_view,
    NodeKind.COLUMN: _column,
    NodeKind.KEY: _key,
    NodeKind.INDEX: _index,
    NodeKind.TRIGGER: _trigger,
    NodeKind.SEQUENCE: _sequence,
    NodeKind.ROUTINE: _routine,
    NodeKind.TYPE: _type,
    NodeKind.USER: _named(_ROLE),
}
