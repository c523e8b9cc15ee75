"""Redshift: what it shares with PostgreSQL runs on a real one, its catalogue on views of the same names."""

from decimal import Decimal
from typing import Any

import psycopg
import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st

from keeperdb.connections.profile import ConnectionProfile, Credential, TlsMode
from keeperdb.engines import redshift_catalog, redshift_ddl
from keeperdb.engines.base import Node, NodeKind
from keeperdb.engines.redshift_connection import version_line, with_defaults
from keeperdb.engines.registry import get_engine
from keeperdb.engines.tls import effective_mode
from keeperdb.errors import NotFoundError, UnsupportedError
from keeperdb.query.session import Session
from keeperdb.task import Task
from tests.contracts.engine_contract import MANY_ROWS, Connect, ServerContract, find, names_below, rows_of
from tests.fixtures.database_servers import DatabaseServer

# What Redshift has and PostgreSQL lacks, as far as the catalogue asks for it
_LIKENESS = """
CREATE VIEW svv_external_schemas AS SELECT 'lake'::text AS schemaname, 1 AS eskind;
CREATE VIEW svv_mv_info AS SELECT current_database()::text AS database_name, schemaname::text AS schema_name,
    matviewname::text AS name, 'f'::bpchar AS is_stale FROM pg_matviews;
CREATE VIEW svv_tables AS SELECT *, 'words'::text AS remarks FROM information_schema.tables;
CREATE VIEW svv_columns AS SELECT *, ''::text AS remarks FROM information_schema.columns;
CREATE VIEW svv_external_tables AS SELECT 'lake'::text AS schemaname, 'outside'::text AS tablename;
CREATE VIEW svv_table_info AS SELECT current_database()::text AS database, schemaname::text AS schema,
    tablename::text AS "table", 7::numeric AS tbl_rows, 3::bigint AS size FROM pg_tables;
CREATE VIEW pg_proc_info AS SELECT * FROM pg_catalog.pg_proc;
CREATE VIEW public.pg_attribute AS SELECT attrelid, attname, attnum, attname = 'd' AS attisdistkey,
    (attname = 's')::int AS attsortkeyord FROM pg_catalog.pg_attribute;
CREATE SCHEMA lake;
"""
_DATABASE = "redshift_like"


@pytest.fixture(scope="session")
def redshift_like(postgresql_server: DatabaseServer) -> str:
    """A database of the private PostgreSQL with the views that Redshift has."""
    address = {"host": postgresql_server.host, "port": postgresql_server.port, "user": postgresql_server.user}
    login: dict[str, Any] = {**address, "password": postgresql_server.password, "autocommit": True}
    with psycopg.connect(dbname=postgresql_server.database, **login) as server:
        server.execute(f"DROP DATABASE IF EXISTS {_DATABASE}")
        server.execute(f"CREATE DATABASE {_DATABASE}")
    with psycopg.connect(dbname=_DATABASE, **login) as database:
        database.execute(_LIKENESS)
    return _DATABASE


class TestRedshift(ServerContract):
    engine_id = "redshift"
    slow = "SELECT pg_sleep(600)"
    many = f"SELECT generate_series AS a FROM generate_series(1, {MANY_ROWS})"
    wrong = ("SELECT 1 FORM x", 14)
    tables = (_DATABASE, "public", "Tables")
    values = (
        ("9223372036854775807::int8", "9223372036854775807", 2**63 - 1),
        ("1.50::numeric(38,2)", "1.50", Decimal("1.50")),
        ("0.1::float8", "0.1", 0.1),
        ("'ä😀'::varchar", "ä😀", "ä😀"),
        ("NULL::int4", None, None),
        ("true", "t", True),
    )
    refused_when_read_only = (
        "INSERT INTO {table} VALUES ('y')",
        "DROP TABLE {table}",
        "WITH x AS (DELETE FROM {table} RETURNING a) SELECT * FROM x",
        "SELECT * INTO contract_copy FROM {table}",
        "SET default_transaction_read_only = off",
        "COMMIT |> INSERT INTO {table} VALUES ('y')",
        "CALL p()",
    )
    kill = "SELECT pg_terminate_backend({number})"
    own_number = "SELECT pg_backend_pid()"

    @pytest.fixture
    def profile(self, postgresql_server: DatabaseServer, redshift_like: str) -> ConnectionProfile:
        options = {"search_path": "public, pg_catalog", "statement_timeout": "0"}
        return postgresql_server.profile(engine="redshift", database=redshift_like, options=options)

    @pytest.fixture
    def credential(self, postgresql_server: DatabaseServer) -> Credential:
        return postgresql_server.credential

    def test_the_version_names_the_product(self, session: Session) -> None:
        """This server is PostgreSQL, and says so; Redshift's own words are tested below."""
        assert session.server_version.startswith("PostgreSQL ")

    def test_keys_tell_how_rows_are_placed(self, session: Session) -> None:
        self.drop(session, "placed")
        session.execute("CREATE TABLE placed (d int PRIMARY KEY, s int, x varchar(5))", Task())
        keys = session.children(find(session, *self.tables, "placed", "Keys"), Task())
        assert [(key.name, key.detail) for key in keys] == [
            ("placed_pkey", "PRIMARY KEY (d) (not enforced)"),
            ("distribution key", "(d)"),
            ("sort key", "(s)"),
        ]
        columns = session.children(find(session, *self.tables, "placed", "Columns"), Task())
        assert columns[2].detail == "character varying(5)"
        self.drop(session, "placed")

    def test_external_schemas_are_told(self, session: Session) -> None:
        schemas = {node.name: node for node in session.children(find(session, _DATABASE), Task())}
        assert schemas["lake"].detail == "external: data catalog"
        assert schemas["pg_catalog"].is_system

    def test_rows_and_sizes_come_after_the_names_where_they_may_be_seen(self, session: Session, table: str) -> None:
        tables = find(session, *self.tables)
        before = {node.name: node for node in session.children(tables, Task())}[table]
        after = {node.name: node for node in session.details(tables, Task())}[table]
        assert (before.row_estimate, before.comment) == (None, "words")
        assert (after.row_estimate, after.size_bytes, after.comment) == (7, 3 * 1024 * 1024, "words")
        session.execute("ALTER VIEW svv_table_info RENAME TO hidden", Task())
        assert session.details(tables, Task()) == []
        session.execute("ALTER VIEW hidden RENAME TO svv_table_info", Task())
        assert names_below(session, find(session, "Users")).count("keeper") == 1

    def test_materialized_views_are_no_views(self, session: Session) -> None:
        session.execute("DROP MATERIALIZED VIEW IF EXISTS kept", Task())
        session.execute("CREATE MATERIALIZED VIEW kept AS SELECT 1 AS a", Task())
        assert names_below(session, find(session, _DATABASE, "public", "Materialized views")) == ["kept"]
        assert "kept" not in names_below(session, find(session, _DATABASE, "public", "Views"))
        session.execute("DROP MATERIALIZED VIEW kept", Task())

    def test_options_are_set_in_the_session(self, connect: Connect) -> None:
        session = connect(options={"statement_timeout": "12345", "timezone": "Asia/Tokyo"})
        assert rows_of(session, "SHOW statement_timeout") == [("12345ms",)]
        assert rows_of(session, "SHOW timezone") == [("Asia/Tokyo",)]
        assert rows_of(session, "SHOW client_encoding") == [("UTF8",)]


@pytest.fixture
def cluster() -> ConnectionProfile:
    return ConnectionProfile("events", "redshift", host="events.abc.eu-west-1.redshift.amazonaws.com", user="reader")


def test_the_port_and_the_database_of_every_cluster_are_the_defaults(cluster: ConnectionProfile) -> None:
    profile = with_defaults(cluster)
    assert (profile.port, profile.database) == (5439, "dev")
    kept = with_defaults(cluster.with_(port=15439, database="events"))
    assert (kept.port, kept.database) == (15439, "events")


def test_the_certificate_of_a_cluster_is_checked(cluster: ConnectionProfile) -> None:
    assert effective_mode(with_defaults(cluster)) is TlsMode.VERIFY_FULL
    assert effective_mode(with_defaults(cluster.with_(tls=TlsMode.REQUIRE))) is TlsMode.REQUIRE


def test_the_version_is_redshift_s_own() -> None:
    said = (
        "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), "
        "Redshift 1.0.12103"
    )
    assert version_line(said) == "Amazon Redshift 1.0.12103"
    assert version_line("PostgreSQL 15.4") == ""


def test_read_only_is_called_best_effort() -> None:
    assert not get_engine("redshift").capabilities.enforces_read_only


@given(st.text(st.characters(exclude_characters="\0"), min_size=1))
def test_a_quoted_name_reads_back(name: str) -> None:
    quoted = get_engine("redshift").quote(name)
    assert quoted[1:-1].replace('""', '"') == name
    assert quoted[1:-1].count('"') == 2 * name.count('"')


def test_every_query_of_the_catalogue_parses_and_binds_its_names() -> None:
    asked: list[tuple[str, tuple[Any, ...]]] = []

    def query(statement: str, parameters: tuple[Any, ...] = ()) -> list[tuple[str | None, ...]]:
        asked.append((statement, parameters))
        return []

    path = ("d'ev", "s'x", "t'x")
    redshift_catalog.children(query, None, path[0])
    redshift_catalog.children(query, Node(NodeKind.DATABASE, path[0], path[:1]), path[0])
    for name in ("Tables", "Views", "Materialized views", "Routines"):
        redshift_catalog.children(query, Node(NodeKind.GROUP, name, path[:2]), path[0])
    for name in ("Columns", "Keys"):
        redshift_catalog.children(query, Node(NodeKind.GROUP, name, path), path[0])
    redshift_catalog.children(query, Node(NodeKind.GROUP, "Users", ()), path[0])
    redshift_catalog.details(query, Node(NodeKind.GROUP, "Tables", path[:2]))
    assert len(asked) == 12
    for statement, parameters in asked:
        (parsed,) = sqlglot.parse(statement, dialect="redshift")
        assert parsed is not None
        assert {each.name for each in parsed.find_all(sqlglot.exp.Parameter)} == {
            str(number) for number in range(1, len(parameters) + 1)
        }
        assert "'x" not in statement


@pytest.mark.parametrize(
    ("kind", "name", "answers", "shown"),
    [
        (NodeKind.TABLE, 't"x', [[]], 'SHOW TABLE "s\'x"."t""x"'),
        (NodeKind.TABLE, "t", [[("1",)]], 'SHOW EXTERNAL TABLE "s\'x"."t"'),
        (NodeKind.VIEW, "v", [], 'SHOW VIEW "s\'x"."v"'),
        (NodeKind.MATERIALIZED_VIEW, "v", [], 'SHOW VIEW "s\'x"."v"'),
        (NodeKind.ROUTINE, "p(integer, text)", [[("1",)]], 'SHOW PROCEDURE "s\'x"."p"(integer, text)'),
    ],
)
def test_the_server_itself_writes_what_makes_an_object(
    kind: NodeKind, name: str, answers: list[list[tuple[str]]], shown: str
) -> None:
    asked: list[str] = []
    prepared = iter([*answers, [("CREATE it;\n",)]])

    def query(statement: str, _parameters: tuple[str, ...] = ()) -> list[tuple[str | None, ...]]:
        asked.append(statement)
        return list(next(prepared))

    assert redshift_ddl.ddl(query, Node(kind, name, ("dev", "s'x", name))) == "CREATE it;\n"
    assert asked[-1] == shown


def test_what_is_gone_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        redshift_ddl.ddl(lambda *_: [], Node(NodeKind.VIEW, "v", ("dev", "public", "v")))


def test_a_function_has_no_statement_that_redshift_tells() -> None:
    with pytest.raises(UnsupportedError):
        redshift_ddl.ddl(lambda *_: [], Node(NodeKind.ROUTINE, "f()", ("dev", "public", "f()")))
