"""The ODBC path, as SQL Server takes it, on a real PostgreSQL."""

import os
import signal
from datetime import date, datetime
from decimal import Decimal

import pytest

from keeperdb.connections.profile import CommitMode, ConnectionProfile, Credential
from keeperdb.engines.blocks import CellKind
from keeperdb.engines.converted import ConvertedBlock
from keeperdb.engines.registry import ENGINES
from keeperdb.errors import Cancelled, ConnectError, ConnectReason, QueryError, UnsupportedError
from keeperdb.keychain import Secret
from keeperdb.query.session import Session
from keeperdb.task import Task
from tests.contracts.engine_contract import MANY_ROWS, Connect, ServerContract, cancel_soon, rows_of, texts
from tests.fixtures.database_servers import DatabaseServer
from tests.fixtures.odbc_servers import OdbcPostgreSql

_GUID = "6F1B2C3D-0000-4000-8000-000000000001"


class TestOdbc(ServerContract):
    engine_id = "odbc-postgresql"
    slow = "SELECT pg_sleep(600)"
    many = f"SELECT generate_series AS a FROM generate_series(1, {MANY_ROWS})"
    wrong = ("SELECT 1 WHERE = 2", 15)
    tables = ("keeperdb_test", "public", "Tables")
    values = (
        ("9223372036854775807::int8", "9223372036854775807", 2**63 - 1),
        ("12::int2", "12", 12),
        ("1.50::numeric(10,2)", "1.50", Decimal("1.50")),
        ("0.0000000001::numeric", "0.0000000001", Decimal("0.0000000001")),
        (
            "12345678901234567890123456789.123456789::numeric(40,9)",
            "12345678901234567890123456789.123456789",
            Decimal("12345678901234567890123456789.123456789"),
        ),
        ("0.1::float8", "0.1", 0.1),
        ("5e-324::float8", "5e-324", 5e-324),
        ("0.1::float4", "0.1", 0.1),
        ("'1890-12-31'::date", "1890-12-31", date(1890, 12, 31)),
        (
            "'0001-01-01 00:00:00.000001'::timestamp",
            "0001-01-01 00:00:00.000001",
            datetime.fromisoformat("0001-01-01 00:00:00.000001"),
        ),
        ("'6f1b2c3d-0000-4000-8000-000000000001'::uuid", _GUID, _GUID),
        ("'ä😀'::text", "ä😀", "ä😀"),
        ("''::text", "", ""),
        ("NULL::int4", None, None),
        (r"'\x00ff'::bytea", "0x00ff", b"\x00\xff"),
    )
    refused_when_read_only = (
        "INSERT INTO {table} VALUES ('y')",
        "DELETE FROM {table}",
        "DROP TABLE {table}",
        "WITH x AS (DELETE FROM {table} RETURNING a) SELECT * FROM x",
        "SELECT * INTO contract_copy FROM {table}",
        "DO $$ BEGIN DELETE FROM contract; END $$",
    )

    kill = "SELECT pg_terminate_backend({number})"
    own_number = "SELECT pg_backend_pid()"

    @pytest.fixture(autouse=True)
    def engine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The registry knows it for the time of a test."""
        monkeypatch.setitem(ENGINES, "odbc-postgresql", OdbcPostgreSql())

    @pytest.fixture
    def profile(self, postgresql_server: DatabaseServer) -> ConnectionProfile:
        return postgresql_server.profile()

    @pytest.fixture
    def credential(self, postgresql_server: DatabaseServer) -> Credential:
        return postgresql_server.credential

    def test_two_statements_in_one_text_are_refused(self, session: Session, table: str) -> None:
        """Not through ODBC: a text is a batch, and each of its statements has a result."""
        results = session.execute(f"SELECT 1; INSERT INTO {table} VALUES ('x'), ('y'); SELECT 2, 3", Task())
        assert [texts(result) for result in results if result.columns] == [[("1",)], [("2", "3")]]
        assert [result.rows_affected for result in results if not result.columns] == [2]
        assert rows_of(session, f"SELECT count(*) FROM {table}") == [("2",)]

    def test_every_row_of_two_hundred_thousand_arrives_in_order(self, session: Session) -> None:
        result = session.execute("SELECT i, 'row ' || i, i / 3.0 FROM generate_series(1, 200000) i", Task())[0]
        while result.fetch(5_000, Task()):
            pass
        assert result.row_count == 200_000
        assert [result.text(row, 0) for row in range(0, 200_000, 999)] == [str(n) for n in range(1, 200_001, 999)]
        assert (result.text(199_999, 1), result.is_complete) == ("row 200000", True)

    def test_columns_bear_the_words_of_the_server(self, session: Session) -> None:
        result = session.execute("SELECT 1::int8, 1.5::numeric(10,2), now(), 'x'::varchar(5), '{}'::bytea", Task())[0]
        assert [column.type_name for column in result.columns or ()] == [
            "int8",
            "numeric(10,2)",
            "timestamptz",
            "varchar(5)",
            "bytea",
        ]
        assert [column.kind for column in result.columns or ()] == [
            CellKind.INTEGER,
            CellKind.DECIMAL,
            CellKind.TIMESTAMP,
            CellKind.TEXT,
            CellKind.BINARY,
        ]

    def test_notices_arrive_with_the_result(self, session: Session) -> None:
        statement = "DO $$ BEGIN RAISE NOTICE 'one'; RAISE WARNING 'two'; END $$"
        notices = session.execute(statement, Task())[0].notices
        assert any("one" in notice for notice in notices)
        assert any("two" in notice for notice in notices)

    def test_an_open_transaction_is_noticed_in_auto_mode(self, session: Session, table: str, connect: Connect) -> None:
        session.execute("BEGIN", Task())
        session.execute(f"INSERT INTO {table} VALUES ('x')", Task())
        assert session.in_transaction
        assert rows_of(connect(), f"SELECT a FROM {table}") == []
        session.commit(Task())
        assert not session.in_transaction
        assert rows_of(connect(), f"SELECT a FROM {table}") == [("x",)]

    def test_a_server_that_answers_nothing_is_let_go(self, session: Session, connect: Connect) -> None:
        """Its process is stopped, so that neither a cancel nor a kill reaches it: the socket is shut."""
        number = int(rows_of(session, self.own_number)[0][0] or 0)
        os.kill(number, signal.SIGSTOP)
        try:
            steps: list[str] = []
            task = Task(lambda progress: steps.append(progress.text))
            timer = cancel_soon(task)
            with pytest.raises(Cancelled):
                session.execute("SELECT 1", task)
            timer.join()
            with pytest.raises(ConnectError) as caught:
                session.execute("SELECT 1", Task())
            assert caught.value.reason is ConnectReason.LOST
            assert not session.is_open
            assert [step.split("…")[0].split(". ")[-1] for step in steps] == [
                "Asking the server to stop",
                "Ending the session on the server",
                "Dropping the connection",
            ]
        finally:
            os.kill(number, signal.SIGCONT)
        assert rows_of(connect(), "SELECT 1") == [("1",)]

    @pytest.mark.parametrize("secret", ["p;w}d={x", "}", "{", "};PWD={", " =;", "ä'\"€", "DRIVER={X}"])
    def test_a_password_cannot_end_its_field(self, session: Session, connect: Connect, secret: str) -> None:
        quoted = secret.replace("'", "''")
        session.execute("DROP ROLE IF EXISTS hostile", Task())
        session.execute(f"CREATE ROLE hostile LOGIN PASSWORD '{quoted}'", Task())
        engine = OdbcPostgreSql()
        opened = engine.connect(connect().profile, Credential("hostile", Secret(secret)), Task())
        assert opened.user == "hostile"
        opened.close()
        session.execute("DROP ROLE hostile", Task())

    def test_a_statement_with_a_nul_character_is_not_sent_in_part(self, session: Session) -> None:
        with pytest.raises(QueryError) as caught:
            session.execute("SELECT 1 \0; DROP TABLE x", Task())
        assert caught.value.position == 9

    def test_a_result_of_manual_mode_is_left_open_across_pages(self, session: Session) -> None:
        session.set_commit_mode(CommitMode.MANUAL, Task())
        result = session.execute(self.many, Task())[0]
        result.fetch(10, Task())
        assert session.in_transaction
        assert result.fetch(10, Task()) == 10
        session.rollback(Task())
        assert (result.is_open, result.is_complete) == (False, False)

    def test_the_isolation_level_is_chosen(self, session: Session) -> None:
        session._connection.set_isolation("serializable")
        assert rows_of(session, "SHOW default_transaction_isolation") == [("serializable",)]
        session._connection.set_isolation("")
        assert rows_of(session, "SHOW default_transaction_isolation") == [("read committed",)]
        with pytest.raises(UnsupportedError):
            session._connection.set_isolation("chaos; DROP TABLE x")

    def test_rows_of_a_table_are_estimated_and_not_counted(self, session: Session, table: str) -> None:
        session.execute(f"INSERT INTO {table} SELECT 'x' FROM generate_series(1, 321)", Task())
        assert session._connection.estimate_rows("", [table]) is None
        session.execute(f"ANALYZE {table}", Task())
        assert session._connection.estimate_rows("", [table]) == 321
        assert session._connection.estimate_rows("DELETE FROM x WHERE y", [table]) is None
        assert session._connection.estimate_rows("", [table, "no_such_table"]) is None

    def test_whole_columns_say_what_the_cells_say(self, session: Session) -> None:
        statement = (
            "SELECT i, i::numeric / 7, 'row ' || i || chr(8364), CASE WHEN i % 3 = 0 THEN 'x' END, i::float8 / 3,"
            " '\\x00ff'::bytea, now()::timestamp(3), i % 2 = 0, i::float4 / 3 FROM generate_series(1, 350) i"
        )
        execution = session._connection.execute(statement)
        block = execution.fetch(350)
        assert isinstance(block, ConvertedBlock)
        for start, stop in ((0, 350), (99, 101), (120, 120), (340, 350)):
            for number, cells in enumerate(block.text_columns(start, stop).cells):
                assert list(cells) == [block.text(row, number) for row in range(start, stop)]
        for number in range(9):
            assert [str(cell) for cell in block.cells(number)] == [str(block.text(row, number)) for row in range(350)]

    def test_a_driver_without_time_outs_says_so(self, session: Session) -> None:
        assert not session._connection.set_statement_timeout(1)
        assert rows_of(session, "SELECT 1") == [("1",)]
