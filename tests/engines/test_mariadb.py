"""MariaDB through its engine, on a private server; and servers that misbehave."""

import os
import signal
import socket
import struct
import threading
import time
import traceback
from array import array
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from keeperdb.connections.profile import CommitMode, ConnectionProfile, Credential, TlsMode
from keeperdb.engines.blocks import CellKind
from keeperdb.engines.column_cells import arrow_columns
from keeperdb.engines.mysql_arrow import text_arrays
from keeperdb.engines.registry import get_engine
from keeperdb.errors import Cancelled, ConnectError, ConnectReason, QueryError
from keeperdb.keychain import Secret
from keeperdb.query.session import Session
from keeperdb.task import Task
from tests.contracts.engine_contract import (
    MANY_ROWS,
    Connect,
    ServerContract,
    cancel_soon,
    find,
    names_below,
    rows_of,
    texts,
)
from tests.fixtures.database_servers import DatabaseServer

_LONG_DECIMAL = "12345678901234567890123456789012345.678901234567890123456789"
_MOMENT = "2024-02-29 12:34:56.789012"


class TestMariaDb(ServerContract):
    engine_id = "mariadb"
    slow = "SELECT SLEEP(1000)"
    many = f"SELECT seq AS i FROM seq_1_to_{MANY_ROWS}"
    wrong = ("SELECT 'é😀',\n 1 FROM t WHERE a = = 2", 33)
    tables = ("keeperdb_test", "Tables")
    kill = "KILL {number}"
    own_number = "SELECT CONNECTION_ID()"
    values = (
        ("9223372036854775807", "9223372036854775807", 2**63 - 1),
        ("CAST(18446744073709551615 AS UNSIGNED)", "18446744073709551615", 2**64 - 1),
        ("-9223372036854775808", "-9223372036854775808", -(2**63)),
        (_LONG_DECIMAL, _LONG_DECIMAL, Decimal(_LONG_DECIMAL)),
        ("CAST(1.5 AS DECIMAL(10,2))", "1.50", Decimal("1.50")),
        ("0.1e0", "0.1", 0.1),
        ("5e-324", "5e-324", 5e-324),
        ("x'00ff'", "0x00ff", b"\x00\xff"),
        ("CAST('' AS BINARY)", "0x", b""),
        ("''", "", ""),
        ("NULL", None, None),
        ("b'0101'", "0x05", b"\x05"),
        ("DATE '1890-12-31'", "1890-12-31", date(1890, 12, 31)),
        ("DATE '9999-12-31'", "9999-12-31", date(9999, 12, 31)),
        ("CAST('0000-00-00' AS DATE)", "0000-00-00", "0000-00-00"),
        (f"TIMESTAMP '{_MOMENT}'", _MOMENT, datetime.fromisoformat(_MOMENT)),
        ("TIME '-838:59:59'", "-838:59:59", "-838:59:59"),
        ("'é😀\u202e'", "é😀\u202e", "é😀\u202e"),
        ("'a\\0b'", "a\x00b", "a\x00b"),
        ("REPEAT('x', 70000)", "x" * 70_000, "x" * 70_000),
        ("REPEAT('x', 252)", "x" * 252, "x" * 252),
        ("true", "1", 1),
    )
    refused_when_read_only = (
        "INSERT INTO {table} VALUES ('y')",
        "SET SESSION TRANSACTION READ WRITE",
        "SET TRANSACTION READ WRITE",
        "SET SESSION tx_read_only = 0",
        "SET @@tx_read_only = 0",
        "SET @@session.tx_read_only := OFF",
        "SET STATEMENT tx_read_only = 0 FOR DELETE FROM {table}",
        "START TRANSACTION READ WRITE",
        "BEGIN",
        "COMMIT |> START TRANSACTION READ WRITE |> DELETE FROM {table} |> COMMIT",
        "BEGIN NOT ATOMIC COMMIT; START TRANSACTION READ WRITE; DELETE FROM {table}; COMMIT; END",
        "EXECUTE IMMEDIATE 'SET SESSION tx_read_only = 0'",
        "PREPARE s FROM 'DELETE FROM {table}' |> EXECUTE s",
        "/*!50000 DELETE FROM {table} */",
        "/*M! DELETE FROM {table} */",
        "SELECT 1 /*! INTO OUTFILE '/tmp/keeperdb-outfile' */",
        "SELECT 1 INTO OUTFILE '/tmp/keeperdb-outfile'",
        "CALL wipe()",
        "SELECT wiped()",
        "DELETE FROM {table}",
        "TRUNCATE {table}",
        "DROP TABLE {table}",
        "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE {table}",
        "ANALYZE FORMAT=JSON DELETE FROM {table}",
    )

    @pytest.fixture
    def profile(self, mariadb_server: DatabaseServer) -> ConnectionProfile:
        return mariadb_server.profile()

    @pytest.fixture
    def credential(self, mariadb_server: DatabaseServer) -> Credential:
        return mariadb_server.credential

    @pytest.fixture
    def table(self, session: Session) -> Iterator[str]:
        """Also a procedure and a function that would empty it."""
        self.drop(session, "contract")
        for statement in (
            "CREATE TABLE contract (a VARCHAR(20))",
            "CREATE OR REPLACE PROCEDURE wipe() BEGIN COMMIT; SET SESSION tx_read_only = 0; DELETE FROM contract; END",
            "CREATE OR REPLACE FUNCTION wiped() RETURNS INT BEGIN SET tx_read_only=0;DELETE FROM contract;RETURN 1;END",
        ):
            session.execute(statement, Task())
        yield "contract"
        if session.is_open:
            session.rollback(Task())
            session.set_commit_mode(CommitMode.AUTO, Task())
            self.drop(session, "contract")

    def test_columns_have_the_servers_type_names(self, session: Session) -> None:
        self.drop(session, "types")
        session.execute(
            "CREATE TABLE types (a BIGINT UNSIGNED, b DECIMAL(10,2), c VARCHAR(20), d MEDIUMBLOB, e BIT(5),"
            " f ENUM('x'), g SET('x', 'y'), h DATETIME(3), i LONGTEXT, j TINYINT, k YEAR, l FLOAT, m BINARY(2),"
            " n POINT)",
            Task(),
        )
        session.execute(
            "INSERT INTO types VALUES (1, 2, 'c', 'd', b'101', 'x', 'x,y', '2024-01-01 00:00:00.5', 'i', 1, 2024, 0.5,"
            " 'm', POINT(1, 2))",
            Task(),
        )
        result = session.execute("SELECT * FROM types", Task())[0]
        result.fetch(1, Task())
        names = [column.type_name for column in result.columns or ()]
        assert names[:8] == [
            "bigint unsigned",
            "decimal(10,2)",
            "varchar",
            "mediumblob",
            "bit(5)",
            "enum",
            "set",
            "datetime",
        ]
        assert names[8:] == ["longtext", "tinyint", "year", "float", "binary", "geometry"]
        assert texts(result)[0][3:8] == ("0x64", "00101", "x", "x,y", "2024-01-01 00:00:00.500")
        assert result.value(0, 4) == 5
        assert (result.columns or ())[3].kind is CellKind.BINARY

    def test_a_procedure_returns_all_its_results(self, session: Session, table: str) -> None:
        session.execute(
            f"CREATE OR REPLACE PROCEDURE several() BEGIN SELECT 1 AS a; SELECT 'x' AS b UNION SELECT 'y';"
            f" INSERT INTO {table} VALUES ('x'), ('y'); END",
            Task(),
        )
        results = session.execute("CALL several()", Task())
        assert [texts(result) for result in results] == [[("1",)], [("x",), ("y",)], []]
        assert [result.columns and result.columns[0].name for result in results] == ["a", "b", None]
        assert results[-1].rows_affected == 2
        assert all(result.is_complete for result in results)

    def test_an_error_in_a_procedure_ends_it(self, session: Session) -> None:
        session.execute("CREATE OR REPLACE PROCEDURE failing() BEGIN SELECT 1; SELECT * FROM nowhere; END", Task())
        with pytest.raises(QueryError) as caught:
            session.execute("CALL failing()", Task())
        assert caught.value.code == "1146"
        assert rows_of(session, "SELECT 1") == [("1",)]

    def test_a_deadlock_takes_back_the_transaction_and_that_is_seen(self, connect: Connect) -> None:
        one, other = connect(), connect()
        one.execute("CREATE OR REPLACE TABLE locked (id int PRIMARY KEY, x int) ENGINE = InnoDB", Task())
        one.execute("INSERT INTO locked VALUES (1, 0), (2, 0), (3, 0)", Task())
        for session in (one, other):
            session.set_commit_mode(CommitMode.MANUAL, Task())
        other.execute("UPDATE locked SET x = 1 WHERE id > 1", Task())  # the heavier one survives
        one.execute("UPDATE locked SET x = 1 WHERE id = 1", Task())
        waits = threading.Thread(target=lambda: other.execute("UPDATE locked SET x = 2 WHERE id = 1", Task()))
        waits.start()
        running = "SELECT count(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'"
        third = connect()
        deadline = time.monotonic() + 20
        while rows_of(third, running) != [("1",)] and time.monotonic() < deadline:
            time.sleep(0.05)
        with pytest.raises(QueryError) as caught:
            one.execute("UPDATE locked SET x = 2 WHERE id = 2", Task())
        waits.join(20)
        assert caught.value.code == "1213"
        assert not one.in_transaction
        assert one.at_stake.in_words() == []
        other.commit(Task())
        assert rows_of(third, "SELECT x FROM locked ORDER BY id") == [("2",), ("1",), ("1",)]

    def test_warnings_are_kept(self, session: Session) -> None:
        result = session.execute("SELECT CAST('12x' AS INTEGER)", Task())[0]
        result.fetch(10, Task())
        assert result.notices == ["Warning: Truncated incorrect INTEGER value: '12x' (1292)"]

    def test_a_column_is_the_same_alone_and_beside_the_others(self, connect: Connect) -> None:
        rows = (
            "SELECT NULL, repeat('a', 250), repeat('é', 200), repeat('b', 70000), x'00ff', b'101', seq FROM seq_1_to_50"
        )
        result = connect().execute(f"{rows} UNION ALL SELECT 1, NULL, '', NULL, NULL, NULL, NULL", Task())[0]
        result.fetch(100, Task())
        blocks = result.blocks()
        together = arrow_columns(blocks, range(7))
        for column in range(7):
            texts = [block.text(row, column) for block in blocks for row in range(len(block))]
            alone = [cell for block in blocks for cell in block.cells(column)]
            assert [cell.decode() if isinstance(cell, bytes) else cell for cell in alone] == texts
            for found in (together[column], arrow_columns(blocks, [column])[0]):
                assert (found is None) == (column in (4, 5))  # bytes and bits are shown as digits
                assert found is None or found.to_pylist() == texts

    def test_lengths_of_eight_bytes_are_read(self) -> None:
        rows = b"\xfe" + (3).to_bytes(8, "little") + b"abc" + b"\xfb"
        found = text_arrays([(rows, array("I", [0])), (b"\x01x\x00", array("I", [0]))], [0, 1])
        assert {column: cells.to_pylist() for column, cells in found.items()} == {0: ["abc", "x"], 1: [None, ""]}

    def test_a_warning_inside_a_procedure_is_a_notice_of_its_last_result(self, connect: Connect) -> None:
        session = connect()
        body = "SELECT 1; SIGNAL SQLSTATE '01000' SET MESSAGE_TEXT = 'look here'; SELECT 2"
        session.execute(f"CREATE OR REPLACE PROCEDURE warns() BEGIN {body}; END", Task())
        results = session.execute("CALL warns()", Task())
        assert [result.row_count for result in results] == [1, 1]
        assert results[-1].notices == ["Warning: look here (1642)"]

    def test_rows_larger_than_one_packet_arrive_whole(self, session: Session) -> None:
        session.execute("SET GLOBAL max_allowed_packet = 1024 * 1024 * 64", Task())
        other = Session(session.profile, session.engine, session.engine.connect(session.profile, self.login, Task()))
        result = other.execute("SELECT REPEAT('x', 17000000) AS big, 'end' UNION ALL SELECT 'small', 'end'", Task())[0]
        result.fetch(10, Task())
        assert len(result.text(0, 0) or "") == 17_000_000
        assert [result.text(0, 1), *texts(result)[1]] == ["end", "small", "end"]
        other.close()

    @pytest.fixture(autouse=True)
    def _remember_login(self, credential: Credential) -> None:
        self.login = credential

    def test_use_changes_the_database(self, session: Session) -> None:
        session.execute("USE information_schema", Task())
        assert session.database == "information_schema"

    def test_a_column_in_another_character_set_is_read(self, session: Session) -> None:
        session.execute("SET character_set_results = latin1", Task())
        assert rows_of(session, "SELECT 'äß'") == [("äß",)]

    def test_a_server_that_falls_silent_is_given_up(self, session: Session, mariadb_server: DatabaseServer) -> None:
        result = session.execute(f"SELECT x.i FROM ({self.many}) x, ({self.many}) y", Task())[0]
        result.fetch(10, Task())
        task = Task()
        os.kill(mariadb_server.pid, signal.SIGSTOP)
        try:
            timer = cancel_soon(task)
            with pytest.raises(Cancelled):
                result.fetch(10**12, task)
            timer.join()
            assert not session.is_open
        finally:
            os.kill(mariadb_server.pid, signal.SIGCONT)

    def test_a_password_that_is_not_latin_works(self, session: Session, profile: ConnectionProfile) -> None:
        session.execute("CREATE OR REPLACE USER euro@'%' IDENTIFIED BY 'p€😀'", Task())
        credential = Credential("euro", Secret("p€😀"))
        get_engine("mariadb").connect(profile.with_(database=""), credential, Task()).close()

    def test_a_forbidden_database_is_named(self, session: Session, profile: ConnectionProfile) -> None:
        session.execute("CREATE OR REPLACE USER poor@'%' IDENTIFIED BY 'poor-Passw0rd'", Task())
        error = self.connect_error(profile, Credential("poor", Secret("poor-Passw0rd")))
        assert error.reason is ConnectReason.NO_DATABASE

    def test_a_unix_socket_is_used(self, mariadb_server: DatabaseServer, connect: Connect) -> None:
        path = str(mariadb_server.folder / "server.sock")
        session = connect(options={"unix_socket": path}, host="nowhere.invalid")
        assert rows_of(session, "SELECT 1") == [("1",)]

    def test_profile_options_are_set(self, connect: Connect) -> None:
        session = connect(options={"time_zone": "+05:30", "sql_mode": "ANSI_QUOTES"})
        assert rows_of(session, "SELECT @@time_zone, @@sql_mode") == [("+05:30", "ANSI_QUOTES")]

    def test_every_kind_of_object_is_listed(self, session: Session) -> None:
        for statement in (
            "CREATE OR REPLACE DATABASE kinds",
            "CREATE TABLE kinds.parent (id INT PRIMARY KEY, code VARCHAR(9) UNIQUE, CHECK (id > 0))",
            "CREATE TABLE kinds.child (id INT, FOREIGN KEY (id) REFERENCES kinds.parent (id))",
            "CREATE VIEW kinds.both_of_them AS SELECT * FROM kinds.parent",
            "CREATE FUNCTION kinds.twice(n INT) RETURNS INT RETURN 2 * n",
            "CREATE TRIGGER kinds.notify BEFORE INSERT ON kinds.parent FOR EACH ROW SET NEW.code = 'x'",
        ):
            session.execute(statement, Task())
        assert names_below(session, find(session, "kinds", "Tables")) == ["child", "parent"]
        assert names_below(session, find(session, "kinds", "Views")) == ["both_of_them"]
        routines = session.children(find(session, "kinds", "Routines"), Task())
        assert [(node.name, node.detail) for node in routines] == [("twice", "function → int(11)")]
        assert names_below(session, find(session, "kinds", "Tables", "parent", "Triggers")) == ["notify"]
        keys = session.children(find(session, "kinds", "Tables", "parent", "Keys"), Task())
        assert [key.detail for key in keys] == ["primary key (id)", "unique (code)", "check"]
        foreign = session.children(find(session, "kinds", "Tables", "child", "Keys"), Task())
        assert [key.detail for key in foreign] == ["foreign key (id) → parent (id)"]
        session.execute("DROP DATABASE kinds", Task())


class TestTls:
    """How a connection to MariaDB is checked. The server's certificate is for `localhost`."""

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
    def test_is_encrypted(self, mariadb_server: DatabaseServer, mode: TlsMode, host: str, authority: str) -> None:
        session = _open(mariadb_server, mode, host, authority)
        assert rows_of(session, "SHOW STATUS LIKE 'Ssl_cipher'")[0][1]
        assert len(rows_of(session, f"SELECT seq FROM seq_1_to_{MANY_ROWS}")) == MANY_ROWS
        task = Task()
        timer = cancel_soon(task)
        with pytest.raises(Cancelled):
            session.execute("SELECT SLEEP(1000)", task)[0].fetch(1, task)
        timer.join()
        assert session.is_open
        session.close()

    def test_may_be_turned_off(self, mariadb_server: DatabaseServer) -> None:
        session = _open(mariadb_server, TlsMode.DISABLE, "127.0.0.1", "")
        assert rows_of(session, "SHOW STATUS LIKE 'Ssl_cipher'") == [("Ssl_cipher", "")]
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
    def test_refuses(self, mariadb_server: DatabaseServer, mode: TlsMode, host: str, authority: str) -> None:
        with pytest.raises(ConnectError) as caught:
            _open(mariadb_server, mode, host, authority)
        assert caught.value.reason is ConnectReason.TLS
        assert mariadb_server.password not in "".join(traceback.format_exception(caught.value))


def test_a_server_without_tls_is_refused_where_tls_is_required(rogue_port: int) -> None:
    profile = _rogue_profile(rogue_port, tls=TlsMode.VERIFY_FULL)
    with pytest.raises(ConnectError) as caught:
        get_engine("mysql").connect(profile, Credential("u", Secret("p")), Task(), timeout=5)
    assert caught.value.reason is ConnectReason.TLS


def test_a_rogue_server_that_asks_for_a_file_gets_nothing(
    rogue_port: int, rogue_received: list[bytes], tmp_path: Path
) -> None:
    secret = tmp_path / "wanted"
    secret.write_text("content of the file")
    profile = _rogue_profile(rogue_port, tls=TlsMode.DISABLE)
    connection = get_engine("mysql").connect(profile, Credential("u", Secret("p")), Task(), timeout=5)
    with pytest.raises(ConnectError) as caught:
        connection.execute(f"SELECT '{secret}'")
    assert caught.value.reason is ConnectReason.LOST
    assert not connection.is_open
    assert all(b"content of the file" not in packet for packet in rogue_received)
    assert any(str(secret).encode() in packet for packet in rogue_received)


def _rogue_profile(port: int, tls: TlsMode) -> ConnectionProfile:
    return ConnectionProfile(name="rogue", engine="mysql", host="127.0.0.1", port=port, user="u", tls=tls)


@pytest.fixture
def rogue_received() -> list[bytes]:
    """What the rogue server was sent."""
    return []


@pytest.fixture
def rogue_port(rogue_received: list[bytes]) -> Iterator[int]:
    """A server that lets everybody in and answers each query by asking for the file named in it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        server = threading.Thread(target=_be_rogue, args=(listener, rogue_received))
        server.start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)
    server.join()


def _be_rogue(listener: socket.socket, received: list[bytes]) -> None:
    try:
        client, _ = listener.accept()
    except OSError:
        return
    with client:
        greeting = b"\x0a8.0.0-rogue\0" + struct.pack("<I", 1) + b"12345678\0"
        capabilities = 0x0008_A200 | 0x1  # protocol 4.1, plug-in authentication, transactions; no TLS
        greeting += struct.pack("<HBHHB", capabilities & 0xFFFF, 45, 2, capabilities >> 16, 21)
        greeting += b"\0" * 10 + b"123456789012\0" + b"mysql_native_password\0"
        _say(client, 0, greeting)
        while packet := _hear(client):
            received.append(packet)
            if packet[:1] == b"\x03" and b"'" in packet:  # a query that names a file
                _say(client, 1, b"\xfb" + packet.split(b"'")[1])
            else:
                _say(client, 2 if len(received) == 1 else 1, b"\0\0\0\x02\0\0\0")


def _say(client: socket.socket, sequence: int, body: bytes) -> None:
    client.sendall(struct.pack("<I", len(body))[:3] + bytes([sequence]) + body)


def _hear(client: socket.socket) -> bytes:
    try:
        header = client.recv(4, socket.MSG_WAITALL)
        length = int.from_bytes(header[:3], "little")
        return client.recv(length, socket.MSG_WAITALL) if length else b""
    except OSError:
        return b""


def _open(server: DatabaseServer, mode: TlsMode, host: str, authority: str) -> Session:
    ca = str(server.folder / authority) if authority else ""
    profile = server.profile(host=host, tls=mode, tls_ca=ca)
    engine = get_engine(server.engine)
    return Session(profile, engine, engine.connect(profile, server.credential, Task()))
