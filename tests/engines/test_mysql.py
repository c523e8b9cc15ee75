"""The engine contract on MySQL itself, which differs from MariaDB in its words, its versions and its switches."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import pytest

from keeperdb.connections.profile import ConnectionProfile, Credential, TlsMode
from keeperdb.errors import ConnectReason
from keeperdb.query.session import Session
from keeperdb.task import Task
from tests.contracts.engine_contract import MANY_ROWS, Connect, ServerContract, rows_of, texts
from tests.fixtures.database_servers import DatabaseServer

_MOMENT = "2024-02-29 12:34:56.789012"


class TestMySql(ServerContract):
    engine_id = "mysql"
    slow = "SELECT SLEEP(1000)"
    many = "SELECT i FROM numbers ORDER BY i"
    wrong = ("SELECT 'é😀',\n 1 FROM t WHERE a = = 2", 33)
    tables = ("keeperdb_test", "Tables")
    kill = "KILL {number}"
    own_number = "SELECT CONNECTION_ID()"
    values = (
        ("9223372036854775807", "9223372036854775807", 2**63 - 1),
        ("CAST(18446744073709551615 AS UNSIGNED)", "18446744073709551615", 2**64 - 1),
        ("CAST(1.5 AS DECIMAL(10,2))", "1.50", Decimal("1.50")),
        ("0.1e0", "0.1", 0.1),
        ("x'00ff'", "0x00ff", b"\x00\xff"),
        ("''", "", ""),
        ("NULL", None, None),
        ("b'0101'", "0x05", b"\x05"),
        ("DATE '1890-12-31'", "1890-12-31", date(1890, 12, 31)),
        (f"TIMESTAMP '{_MOMENT}'", _MOMENT, datetime.fromisoformat(_MOMENT)),
        ("TIME '-838:59:59'", "-838:59:59", "-838:59:59"),
        ("'é😀\u202e'", "é😀\u202e", "é😀\u202e"),
        ("REPEAT('x', 70000)", "x" * 70_000, "x" * 70_000),
        ("true", "1", 1),
    )
    refused_when_read_only = (
        "INSERT INTO {table} VALUES ('y')",
        "SET SESSION TRANSACTION READ WRITE",
        "SET @@session.tx_read_only := OFF",
        "START TRANSACTION READ WRITE",
        "COMMIT |> START TRANSACTION READ WRITE |> DELETE FROM {table} |> COMMIT",
        "PREPARE s FROM 'DELETE FROM {table}' |> EXECUTE s",
        "/*!50000 DELETE FROM {table} */",
        "DELETE FROM {table}",
        "TRUNCATE {table}",
        "DROP TABLE {table}",
        "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE {table}",
    )

    @pytest.fixture
    def profile(self, mysql_server: DatabaseServer) -> ConnectionProfile:
        return mysql_server.profile()

    @pytest.fixture
    def credential(self, mysql_server: DatabaseServer) -> Credential:
        return mysql_server.credential

    @pytest.fixture
    def session(self, connect: Connect) -> Iterator[Session]:
        """With a table of numbers, which this server cannot make up."""
        session = connect()
        if rows_of(session, "SHOW TABLES LIKE 'numbers'") == []:
            session.execute("CREATE TABLE numbers (i INT PRIMARY KEY)", Task())
            digits = "(SELECT 0 AS d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5"
            digits += " UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)"
            number = "1 + a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d"
            joined = ", ".join(f"{digits} {name}" for name in "abcef")
            session.execute(f"INSERT INTO numbers SELECT {number} FROM {joined} WHERE {number} <= {MANY_ROWS}", Task())
        return session

    def test_a_result_without_rows_still_has_columns(self, session: Session) -> None:
        result = session.execute("SELECT 1 AS x FROM numbers WHERE 1 = 0", Task())[0]
        assert result.fetch(10, Task()) == 0
        assert [column.name for column in result.columns or ()] == ["x"]
        assert result.is_complete

    def test_an_abandoned_result_does_not_undo_what_the_statement_did(self, session: Session, table: str) -> None:
        """A procedure stands for RETURNING, which MySQL lacks."""
        make_filler(session, table)
        session.execute("CALL fill()", Task())[0].fetch(10, Task())
        assert rows_of(session, f"SELECT count(*) FROM {table}") == [(str(MANY_ROWS),)]

    def test_closing_does_not_undo_what_a_statement_did(self, session: Session, table: str, connect: Connect) -> None:
        make_filler(session, table)
        other = connect()
        other.execute("CALL fill()", Task())[0].fetch(10, Task())
        other.close()
        assert rows_of(session, f"SELECT count(*) FROM {table}") == [(str(MANY_ROWS),)]

    def test_a_read_only_connection_reads(self, session: Session, table: str, connect: Connect) -> None:
        """Without WITH, which came with version 8."""
        session.execute(f"INSERT INTO {table} VALUES ('x')", Task())
        reader = connect(read_only=True)
        assert rows_of(reader, f"SELECT a FROM {table}") == [("x",)]
        assert not reader.in_transaction

    def test_a_procedure_returns_several_results(self, session: Session) -> None:
        session.execute("DROP PROCEDURE IF EXISTS several", Task())
        session.execute(
            "CREATE PROCEDURE several() BEGIN SELECT 1 AS a; SELECT 'x' AS b UNION SELECT 'y'; SELECT 5; END",
            Task(),
        )
        results = session.execute("CALL several()", Task())
        assert [texts(result) for result in results if result.columns] == [[("1",)], [("x",), ("y",)], [("5",)]]

    def test_warnings_are_kept(self, session: Session) -> None:
        result = session.execute("SELECT CAST('12x' AS SIGNED)", Task())[0]
        result.fetch(10, Task())
        assert result.notices == ["Warning: Truncated incorrect INTEGER value: '12x' (1292)"]

    def test_dates_that_are_none_are_kept(self, session: Session) -> None:
        session.execute("SET SESSION sql_mode = ''", Task())
        session.execute("CREATE TEMPORARY TABLE dates (d DATE, t DATETIME(3), y YEAR)", Task())
        session.execute("INSERT INTO dates VALUES ('0000-00-00', '2024-00-31 00:00:00.5', 0)", Task())
        assert rows_of(session, "SELECT * FROM dates") == [("0000-00-00", "2024-00-31 00:00:00.500", "0000")]

    def test_a_server_without_encryption_is_refused_where_it_is_required(
        self, profile: ConnectionProfile, credential: Credential
    ) -> None:
        error = self.connect_error(profile.with_(tls=TlsMode.VERIFY_FULL), credential)
        assert error.reason is ConnectReason.TLS
        assert "offers no encrypted connection" in error.message

    def test_the_version_is_that_of_mysql(self, session: Session) -> None:
        assert session.server_version == "MySQL 5.6.24"


def make_filler(session: Session, table: str) -> None:
    """A procedure that fills the table, and then returns rows."""
    session.execute("DROP PROCEDURE IF EXISTS fill", Task())
    body = f"INSERT INTO {table} SELECT i FROM numbers; SELECT i FROM numbers;"
    session.execute(f"CREATE PROCEDURE fill() BEGIN {body} END", Task())
