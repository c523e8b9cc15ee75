"""PostgreSQL through its engine, on a private server."""

import os
import signal
import traceback
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest

from keeperdb.connections.profile import CommitMode, ConnectionProfile, Credential, TlsMode
from keeperdb.engines.blocks import CellKind
from keeperdb.engines.registry import get_engine
from keeperdb.errors import Cancelled, ConnectError, ConnectReason, QueryError
from keeperdb.query.session import Session
from keeperdb.task import Task
from tests.contracts.engine_contract import MANY_ROWS, Connect, ServerContract, cancel_soon, find, names_below, rows_of
from tests.fixtures.database_servers import DatabaseServer


class TestPostgreSql(ServerContract):
    engine_id = "postgresql"
    slow = "SELECT pg_sleep(1000)"
    many = f"SELECT i::text AS i FROM generate_series(1, {MANY_ROWS}) AS s(i)"
    wrong = ("SELECT 'é😀', x FROM pg_class", 13)
    tables = ("keeperdb_test", "public", "Tables")
    names = (*ServerContract.names, "😀", "schema.table", "x" * 63)
    kill = "SELECT pg_terminate_backend({number})"
    own_number = "SELECT pg_backend_pid()"
    values = (
        ("9223372036854775807::int8", "9223372036854775807", 2**63 - 1),
        ("(-32768)::int2", "-32768", -32768),
        ("4294967295::oid", "4294967295", 2**32 - 1),
        (f"{'9' * 300}::numeric", "9" * 300, Decimal("9" * 300)),
        ("1.50::numeric(10,2)", "1.50", Decimal("1.50")),
        ("'NaN'::numeric", "NaN", Decimal("NaN")),
        ("'-Infinity'::numeric", "-Infinity", Decimal("-Infinity")),
        ("0.1::float8", "0.1", 0.1),
        ("0.1::float4", "0.1", 0.1),
        ("5e-324::float8", "5e-324", 5e-324),
        ("'Infinity'::float8", "Infinity", float("inf")),
        ("'NaN'::float8", "NaN", float("nan")),
        ("true", "t", True),
        ("'\\x00ff'::bytea", "0x00ff", b"\x00\xff"),
        ("''::bytea", "0x", b""),
        ("''::text", "", ""),
        ("NULL::int", None, None),
        ("'1890-12-31'::date", "1890-12-31", date(1890, 12, 31)),
        ("'0044-03-15 BC'::date", "0044-03-15 BC", "0044-03-15 BC"),
        ("'12345-01-01'::date", "12345-01-01", "12345-01-01"),
        ("'infinity'::timestamptz", "infinity", "infinity"),
        ("'24:00'::time", "24:00:00", "24:00:00"),
        ("'23:59:59.999999'::time", "23:59:59.999999", time(23, 59, 59, 999999)),
        ("'12:00+02'::timetz", "12:00:00+02", "12:00:00+02"),
        (
            "'2024-02-29 12:34:56.789'::timestamp",
            "2024-02-29 12:34:56.789",
            datetime.fromisoformat("2024-02-29T12:34:56.789"),
        ),
        ("'2024-02-29 12:00+05:30'::timestamptz", "2024-02-29 06:30:00+00", datetime(2024, 2, 29, 6, 30, tzinfo=UTC)),
        (
            "'1 year 2 mons -3 days 04:05:06.7'::interval",
            "1 year 2 mons -3 days +04:05:06.7",
        )
        * 1
        + ("1 year 2 mons -3 days +04:05:06.7",),
        ("'{1,NULL,3}'::int[]", "{1,NULL,3}", "{1,NULL,3}"),
        ('\'{"a,b","",NULL}\'::text[]', '{"a,b","",NULL}', '{"a,b","",NULL}'),
        ("'null'::json", "null", "null"),
        ('\'{"b":1, "a":1.10, "a":2}\'::json', '{"b":1, "a":1.10, "a":2}', '{"b":1, "a":1.10, "a":2}'),
        ("'[1e400]'::jsonb", f"[1{'0' * 400}]", f"[1{'0' * 400}]"),
        ("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid",) + ("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",) * 2,
        ("B'0101'", "0101", "0101"),
        ("'[1,10)'::int4range", "[1,10)", "[1,10)"),
        ("'192.168.0.1/24'::inet", "192.168.0.1/24", "192.168.0.1/24"),
        ("'<a>ß</a>'::xml", "<a>ß</a>", "<a>ß</a>"),
        ("ROW(1, NULL, 'x y')", '(1,,"x y")', '(1,,"x y")'),
        ("'é😀\u202e'", "é😀\u202e", "é😀\u202e"),
    )
    refused_when_read_only = (
        "INSERT INTO {table} VALUES ('y')",
        "WITH y AS (DELETE FROM {table} RETURNING a) SELECT * FROM y",
        "EXPLAIN ANALYZE DELETE FROM {table}",
        "SET default_transaction_read_only = off",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
        "SET TRANSACTION READ WRITE",
        "/* x */ SET /* y */ transaction_read_only TO off",
        "RESET default_transaction_read_only",
        "RESET ALL",
        "DISCARD ALL",
        "BEGIN READ WRITE",
        "START TRANSACTION READ WRITE",
        "COMMIT AND CHAIN |> SET TRANSACTION READ WRITE",
        "COMMIT |> BEGIN READ WRITE |> INSERT INTO {table} VALUES ('y') |> COMMIT",
        "COMMIT; BEGIN READ WRITE; INSERT INTO {table} VALUES ('y'); COMMIT",
        "SELECT set_config('transaction_read_only', 'off', false)",
        "SELECT set_config('default_transaction_read_only', 'off', false)",
        "UPDATE pg_settings SET setting = 'off' WHERE name = 'default_transaction_read_only'",
        "DO $$ BEGIN PERFORM set_config('default_transaction_read_only', 'off', false); END $$",
        "DO $$ BEGIN COMMIT; SET TRANSACTION READ WRITE; INSERT INTO contract VALUES ('y'); END $$",
        "COPY {table} FROM PROGRAM 'echo y'",
        "SELECT 'a\\'; DELETE FROM {table}; --'",
        "DROP TABLE {table}",
        "TRUNCATE {table}",
        "SELECT * INTO copied FROM {table}",
        "ROLLBACK |> SET TRANSACTION READ WRITE |> DELETE FROM {table}",
        "SAVEPOINT s |> ROLLBACK TO s |> SET TRANSACTION READ WRITE |> DELETE FROM {table} |> COMMIT",
    )

    @pytest.fixture
    def profile(self, postgresql_server: DatabaseServer) -> ConnectionProfile:
        return postgresql_server.profile()

    @pytest.fixture
    def credential(self, postgresql_server: DatabaseServer) -> Credential:
        return postgresql_server.credential

    def test_a_commit_that_the_server_turns_into_a_rollback_is_no_success(self, connect: Connect) -> None:
        session = connect()
        for statement in ("BEGIN", "CREATE TABLE gone_again (id int)"):
            session.execute(statement, Task())
        with pytest.raises(QueryError):
            session.execute("SELECT * FROM no_such_table", Task())
        assert session.has_failed
        with pytest.raises(QueryError, match="Nothing was committed"):
            session.commit(Task())
        assert session.in_transaction
        notices = session.execute("COMMIT", Task())[0].notices
        assert notices == ["WARNING: Nothing was committed: a statement of the transaction had failed."]
        assert not session.has_failed
        session.execute("BEGIN", Task())
        assert session.execute("ROLLBACK", Task())[0].notices == []

    def test_columns_have_the_servers_type_names(self, session: Session) -> None:
        session.execute("DROP TYPE IF EXISTS mood", Task())
        session.execute("CREATE TYPE mood AS ENUM ('ok')", Task())
        result = session.execute(
            "SELECT 1::numeric(10,2), 'x'::varchar(20), '{1}'::int[], now(), 'x'::name, '{}'::jsonb, 1::bit(3)", Task()
        )[0]
        assert [column.type_name for column in result.columns or ()] == [
            "numeric(10,2)",
            "character varying(20)",
            "integer[]",
            "timestamp with time zone",
            "name",
            "jsonb",
            "bit(3)",
        ]
        assert (result.columns or ())[0].kind is CellKind.DECIMAL

    def test_types_of_the_database_are_named(self, session: Session, connect: Connect) -> None:
        session.execute("DROP TYPE IF EXISTS mood", Task())
        session.execute("CREATE TYPE mood AS ENUM ('ok')", Task())
        statement = "SELECT 'ok'::mood, ARRAY['ok'::mood]"
        fresh = connect().execute(statement, Task())[0]
        assert [column.type_name for column in fresh.columns or ()] == ["mood", "mood[]"]
        session.execute(statement, Task())
        later = session.execute(statement, Task())[0]
        assert [column.type_name for column in later.columns or ()] == ["mood", "mood[]"]

    def test_notices_are_kept(self, session: Session) -> None:
        result = session.execute("DO $$ BEGIN RAISE NOTICE 'hello %', 1; RAISE WARNING 'careful'; END $$", Task())[0]
        assert result.notices == ["NOTICE: hello 1", "WARNING: careful"]

    def test_an_error_in_the_middle_of_rows_keeps_those_before(self, session: Session) -> None:
        result = session.execute("SELECT 1 / (2000 - i) FROM generate_series(1, 5000) AS s(i)", Task())[0]
        with pytest.raises(QueryError) as caught:
            result.fetch(10_000, Task())
        assert caught.value.code == "22012"
        assert 0 < result.row_count < 2_000
        assert (result.is_open, result.is_complete) == (False, False)
        assert rows_of(session, "SELECT 1") == [("1",)]

    def test_details_and_hints_come_along(self, session: Session, table: str) -> None:
        session.execute(f"ALTER TABLE {table} ADD UNIQUE (a)", Task())
        with pytest.raises(QueryError) as caught:
            session.execute(f"INSERT INTO {table} VALUES ('x'), ('x')", Task())
        assert caught.value.detail == "Key (a)=(x) already exists."
        with pytest.raises(QueryError) as caught:
            session.execute("SELECT nofunction(1)", Task())
        assert "type casts" in caught.value.hint

    def test_copy_is_refused_and_the_session_goes_on(self, session: Session, table: str) -> None:
        for statement in (f"COPY {table} FROM STDIN", f"COPY ({self.many}) TO STDOUT"):
            with pytest.raises(QueryError, match="COPY"):
                session.execute(statement, Task())
            assert rows_of(session, "SELECT 1") == [("1",)]

    def test_a_nul_character_is_refused(self, session: Session, table: str) -> None:
        with pytest.raises(QueryError) as caught:
            session.execute(f"DELETE FROM {table} \0 WHERE a = 'x'", Task())
        assert caught.value.position == len(f"DELETE FROM {table} ")

    def test_an_empty_statement_is_refused(self, session: Session) -> None:
        with pytest.raises(QueryError):
            session.execute("-- nothing", Task())

    def test_another_client_encoding_is_followed(self, session: Session) -> None:
        session.execute("SET client_encoding TO latin1", Task())
        assert rows_of(session, "SELECT 'äß'") == [("äß",)]

    def test_a_failed_transaction_stays_open_until_it_is_rolled_back(self, session: Session, table: str) -> None:
        session.set_commit_mode(CommitMode.MANUAL, Task())
        session.execute(f"INSERT INTO {table} VALUES ('x')", Task())
        with pytest.raises(QueryError):
            session.execute("SELECT 1 / 0", Task())
        assert session.in_transaction
        session.rollback(Task())
        assert rows_of(session, f"SELECT count(*) FROM {table}") == [("0",)]

    def test_an_abandoned_result_leaves_the_transaction_alive(self, session: Session, table: str) -> None:
        session.set_commit_mode(CommitMode.MANUAL, Task())
        session.execute(f"INSERT INTO {table} VALUES ('x')", Task())
        session.execute(self.many, Task())[0].fetch(10, Task())
        assert rows_of(session, f"SELECT a FROM {table}") == [("x",)]
        session.commit(Task())
        assert rows_of(session, f"SELECT a FROM {table}") == [("x",)]

    def test_a_server_that_falls_silent_is_given_up(self, session: Session) -> None:
        backend = int(rows_of(session, self.own_number)[0][0] or 0)
        result = session.execute(f"SELECT x.i FROM ({self.many}) x, ({self.many}) y", Task())[0]
        result.fetch(10, Task())
        task = Task()
        os.kill(backend, signal.SIGSTOP)
        try:
            timer = cancel_soon(task)
            with pytest.raises(Cancelled):
                result.fetch(10**12, task)
            timer.join()
            assert not session.is_open
        finally:
            os.kill(backend, signal.SIGCONT)

    def test_profile_options_are_set(self, connect: Connect) -> None:
        session = connect(
            options={"timezone": "Asia/Kolkata", "search_path": "pg_catalog", "application_name": "it's me"}
        )
        assert rows_of(session, "SHOW timezone") == [("Asia/Kolkata",)]
        assert rows_of(session, "SELECT current_setting('application_name')") == [("it's me",)]
        result = session.execute("SELECT '2024-01-01 00:00+00'::timestamptz", Task())[0]
        result.fetch(1, Task())
        zone = timezone(timedelta(hours=5, minutes=30))
        assert result.value(0, 0) == datetime(2024, 1, 1, 5, 30, tzinfo=zone)

    def test_variables_of_the_environment_are_shut_out(
        self, connect: Connect, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
    ) -> None:
        monkeypatch.setenv("PGHOSTADDR", "127.0.0.2")
        monkeypatch.setenv("PGPORT", str(unused_tcp_port))
        monkeypatch.setenv("PGOPTIONS", "-c search_path=nowhere")
        monkeypatch.setenv("PGPASSWORD", "wrong")
        assert rows_of(connect(), "SHOW search_path") == [('"$user", public',)]

    def test_a_password_of_the_environment_does_not_replace_a_missing_one(
        self, profile: ConnectionProfile, credential: Credential, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert credential.password is not None
        monkeypatch.setenv("PGPASSWORD", credential.password.reveal())
        with pytest.raises(ConnectError) as caught:
            get_engine("postgresql").connect(profile, Credential(credential.user), Task())
        assert caught.value.reason is ConnectReason.LOGIN

    def test_other_databases_are_listed_closed(self, session: Session) -> None:
        nodes = {node.name: node for node in session.children(None, Task())}
        assert nodes["keeperdb_test"].has_children
        assert not nodes["postgres"].has_children
        assert nodes["postgres"].detail == "connect to open"

    def test_every_kind_of_object_is_listed(self, session: Session) -> None:
        for statement in (
            "DROP SCHEMA IF EXISTS kinds CASCADE",
            "CREATE SCHEMA kinds",
            "CREATE TABLE kinds.parent (id int PRIMARY KEY, code text UNIQUE, CHECK (id > 0))",
            "CREATE TABLE kinds.child (id int REFERENCES kinds.parent, part int) PARTITION BY LIST (part)",
            "CREATE INDEX child_part ON kinds.child (part, lower(id::text))",
            "CREATE VIEW kinds.both AS SELECT * FROM kinds.parent",
            "CREATE MATERIALIZED VIEW kinds.stored AS SELECT * FROM kinds.parent",
            "CREATE SEQUENCE kinds.counter",
            "CREATE FUNCTION kinds.twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n'",
            "CREATE FUNCTION kinds.on_insert() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            "CREATE TRIGGER notify BEFORE INSERT ON kinds.parent FOR EACH ROW EXECUTE FUNCTION kinds.on_insert()",
        ):
            session.execute(statement, Task())
        below = ("keeperdb_test", "kinds")
        assert names_below(session, find(session, *below, "Tables")) == ["child", "parent"]
        assert names_below(session, find(session, *below, "Views")) == ["both"]
        assert names_below(session, find(session, *below, "Materialized views")) == ["stored"]
        assert names_below(session, find(session, *below, "Sequences")) == ["counter"]
        assert names_below(session, find(session, *below, "Routines")) == ["on_insert()", "twice(n integer)"]
        assert names_below(session, find(session, *below, "Tables", "parent", "Triggers")) == ["notify"]
        columns = session.children(find(session, *below, "Tables", "parent", "Columns"), Task())
        assert [(column.name, column.detail) for column in columns] == [("id", "integer not null"), ("code", "text")]
        keys = session.children(find(session, *below, "Tables", "parent", "Keys"), Task())
        assert [key.detail for key in keys] == ["PRIMARY KEY (id)", "UNIQUE (code)", "CHECK (id > 0)"]
        index = session.children(find(session, *below, "Tables", "child", "Indexes"), Task())[0]
        assert (index.name, index.detail) == ("child_part", "btree (part, lower(id::text))")


class TestTls:
    """How a connection to PostgreSQL is checked. The server's certificate is for `localhost`."""

    @pytest.mark.parametrize(
        ("mode", "host", "authority"),
        [
            (TlsMode.VERIFY_FULL, "localhost", "ca.pem"),
            (TlsMode.VERIFY_CA, "127.0.0.1", "ca.pem"),
            (TlsMode.REQUIRE, "127.0.0.1", ""),
            (TlsMode.PREFER, "127.0.0.1", ""),
            (TlsMode.DEFAULT, "127.0.0.1", ""),
        ],
    )
    def test_is_encrypted(self, postgresql_server: DatabaseServer, mode: TlsMode, host: str, authority: str) -> None:
        session = _open(postgresql_server, mode, host, authority)
        assert rows_of(session, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == [("t",)]
        session.close()

    def test_may_be_turned_off(self, postgresql_server: DatabaseServer) -> None:
        session = _open(postgresql_server, TlsMode.DISABLE, "127.0.0.1", "")
        assert rows_of(session, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == [("f",)]
        session.close()

    @pytest.mark.parametrize(
        ("mode", "host", "authority"),
        [
            (TlsMode.VERIFY_FULL, "127.0.0.1", "ca.pem"),  # another name
            (TlsMode.VERIFY_FULL, "localhost", "other-ca.pem"),
            (TlsMode.VERIFY_CA, "localhost", "other-ca.pem"),
            (TlsMode.VERIFY_FULL, "localhost", ""),  # the system does not know our authority
        ],
    )
    def test_refuses(self, postgresql_server: DatabaseServer, mode: TlsMode, host: str, authority: str) -> None:
        with pytest.raises(ConnectError) as caught:
            _open(postgresql_server, mode, host, authority)
        assert caught.value.reason is ConnectReason.TLS
        assert postgresql_server.password not in "".join(traceback.format_exception(caught.value))

    def test_a_missing_file_of_authorities_is_named(self, postgresql_server: DatabaseServer) -> None:
        with pytest.raises(ConnectError, match=r"nowhere\.pem"):
            _open(postgresql_server, TlsMode.VERIFY_FULL, "localhost", "nowhere.pem")


def _open(server: DatabaseServer, mode: TlsMode, host: str, authority: str) -> Session:
    ca = str(server.folder / authority) if authority else ""
    profile = server.profile(host=host, tls=mode, tls_ca=ca)
    engine = get_engine(server.engine)
    return Session(profile, engine, engine.connect(profile, server.credential, Task()))
