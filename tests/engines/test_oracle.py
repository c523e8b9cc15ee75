"""Oracle as far as it goes without a server: parameters, TLS on a real socket, scripts, errors, values."""

import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from socket import SHUT_RDWR, socket
from typing import Any

import oracledb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeperdb.connections.profile import ConnectionProfile, Credential, TlsMode
from keeperdb.engines.converted import ConvertedBlock, pack
from keeperdb.engines.oracle_columns import describe, interval_text, json_text, read_exactly, type_name
from keeperdb.engines.oracle_errors import connect_error, is_lost, position_of, query_error
from keeperdb.engines.oracle_login import connect_arguments
from keeperdb.engines.oracle_read_only import check
from keeperdb.engines.packed import PackedBlock
from keeperdb.engines.registry import get_engine
from keeperdb.errors import Cancelled, ConnectError, ConnectReason, QueryError
from keeperdb.keychain import Secret
from keeperdb.query.statements import split
from keeperdb.task import Task
from tests.contracts.engine_contract import cancel_soon
from tests.fixtures.database_servers import DatabaseServer

CREDENTIAL = Credential("scott", Secret('t/i"g@er)('))


def profile(**changes: object) -> ConnectionProfile:
    made = ConnectionProfile("orders", "oracle", host="127.0.0.1", database="orders.example.com")
    return made.with_(**changes)


def descriptor(**changes: object) -> str:
    parameters = connect_arguments(profile(**changes), CREDENTIAL, 15.0)["params"]
    return str(parameters.get_connect_string())


# -- parameters


def test_fields_become_a_descriptor_and_the_login_stays_apart() -> None:
    arguments = connect_arguments(profile(), CREDENTIAL, 15.0)
    assert (arguments["user"], arguments["password"]) == ("scott", 't/i"g@er)(')
    text = arguments["params"].get_connect_string()
    assert "(HOST=127.0.0.1)(PORT=1521)" in text
    assert "(SERVICE_NAME=orders.example.com)" in text
    assert "g@er" not in text


def test_a_sid_takes_the_place_of_the_service() -> None:
    text = descriptor(options={"sid": "ORCL"})
    assert "(SID=ORCL)" in text
    assert "SERVICE_NAME" not in text


@pytest.mark.parametrize(
    "changes",
    [
        {"database": "x)(HOST=evil"},
        {"database": "x\ny"},
        {"database": "a b"},
        {"host": "h)(PORT=1"},
        {"host": "h\x00i"},
        {"options": {"sid": "a=b"}},
        {"database": ""},
        {"options": {"role": "root"}},
        {"tls": TlsMode.VERIFY_FULL, "tls_ca": "/nowhere/ca.pem"},
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ConnectError) as caught:
        connect_arguments(profile(**changes), CREDENTIAL, 15.0)
    assert caught.value.reason is ConnectReason.PROFILE


@pytest.mark.parametrize(
    ("host", "mode", "protocol", "checks_name"),
    [
        ("127.0.0.1", TlsMode.DEFAULT, "tcp", None),
        ("db.example.com", TlsMode.DEFAULT, "tcps", True),
        ("db.example.com", TlsMode.VERIFY_CA, "tcps", False),
        ("db.example.com", TlsMode.REQUIRE, "tcps", False),
        ("db.example.com", TlsMode.DISABLE, "tcp", None),
    ],
)
def test_a_remote_host_is_spoken_to_with_tls(host: str, mode: TlsMode, protocol: str, checks_name: bool | None) -> None:
    parameters = connect_arguments(profile(host=host, tls=mode), CREDENTIAL, 15.0)["params"]
    assert parameters.protocol == protocol
    if checks_name is not None:
        assert parameters.ssl_server_dn_match is checks_name
        expected = ssl.CERT_NONE if mode is TlsMode.REQUIRE else ssl.CERT_REQUIRED
        assert parameters.ssl_context.verify_mode is expected


def failure(**changes: object) -> ConnectError:
    timeout = float(str(changes.pop("timeout", 5.0)))
    with pytest.raises(ConnectError) as caught:
        get_engine("oracle").connect(profile(**changes), CREDENTIAL, Task(), timeout=timeout)
    assert "g@er" not in str(caught.value)
    return caught.value


def test_a_closed_port_is_unreachable(unused_tcp_port: int) -> None:
    error = failure(port=unused_tcp_port)
    assert error.reason is ConnectReason.UNREACHABLE
    assert f"127.0.0.1:{unused_tcp_port}" in str(error)


def test_an_unknown_host_is_unreachable() -> None:
    assert failure(host="nowhere.invalid", tls=TlsMode.DISABLE).reason is ConnectReason.UNREACHABLE


def test_a_silent_server_times_out(silent_port: int) -> None:
    assert failure(port=silent_port, timeout=0.3).reason is ConnectReason.TIMEOUT


def test_connecting_is_stopped(silent_port: int) -> None:
    task = Task()
    timer = cancel_soon(task)
    with pytest.raises(Cancelled):
        get_engine("oracle").connect(profile(port=silent_port), CREDENTIAL, task, timeout=600)
    timer.join()


@contextmanager
def tls_listener(folder: Path) -> Iterator[tuple[int, list[bool]]]:
    """A port that shakes hands with the certificate for `localhost`, notes whether that went well, and hangs up."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    shaken: list[bool] = []
    with socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def serve() -> None:
            try:
                while True:
                    client, _ = listener.accept()
                    with client:
                        try:
                            with context.wrap_socket(client, server_side=True) as wrapped:
                                shaken.append(bool(wrapped.recv(1)))
                        except OSError:
                            shaken.append(False)
            except OSError:
                return

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1], shaken
        finally:
            listener.shutdown(SHUT_RDWR)
            thread.join()


@pytest.mark.parametrize(
    ("host", "mode", "authority", "is_trusted"),
    [
        ("localhost", TlsMode.VERIFY_FULL, "ca.pem", True),
        ("127.0.0.1", TlsMode.VERIFY_FULL, "ca.pem", False),
        ("127.0.0.1", TlsMode.VERIFY_CA, "ca.pem", True),
        ("localhost", TlsMode.VERIFY_CA, "other-ca.pem", False),
        ("localhost", TlsMode.VERIFY_FULL, "other-ca.pem", False),
        ("127.0.0.1", TlsMode.REQUIRE, "other-ca.pem", True),
    ],
)
def test_a_certificate_is_checked_as_the_mode_says(
    postgresql_server: DatabaseServer, host: str, mode: TlsMode, authority: str, is_trusted: bool
) -> None:
    """By the driver itself, on a real handshake; what comes after it is not Oracle."""
    with tls_listener(postgresql_server.folder) as (port, shaken):
        error = failure(host=host, port=port, tls=mode, tls_ca=str(postgresql_server.folder / authority))
    assert (error.reason is not ConnectReason.TLS) is is_trusted
    assert any(shaken) is is_trusted


# -- errors


def oracle_error(code: str, message: str, offset: int = 0) -> oracledb.DatabaseError:
    @dataclass
    class Details:
        full_code: str
        message: str
        offset: int
        is_session_dead: bool = False

    return oracledb.DatabaseError(Details(code, message, offset))


@pytest.mark.parametrize(
    ("code", "message", "reason"),
    [
        ("ORA-01017", "ORA-01017: invalid credential or not authorized; logon denied", ConnectReason.LOGIN),
        ("ORA-28000", "ORA-28000: The account is locked.", ConnectReason.LOGIN),
        ("DPY-6001", 'DPY-6001: Service "x" is not registered with the listener', ConnectReason.NO_DATABASE),
        ("ORA-12514", "ORA-12514: Cannot connect to database.", ConnectReason.NO_DATABASE),
        ("DPY-6005", "DPY-6005: cannot connect\n[Errno 111] Connection refused", ConnectReason.UNREACHABLE),
        ("DPY-6005", "DPY-6005: cannot connect\ntimed out", ConnectReason.TIMEOUT),
        ("DPY-6005", "DPY-6005: cannot connect\n[SSL: CERTIFICATE_VERIFY_FAILED]", ConnectReason.TLS),
        ("DPY-6006", "DPY-6006: The name on the server certificate does not match", ConnectReason.TLS),
        ("ORA-12170", "ORA-12170: Cannot connect. TCP connect timeout", ConnectReason.TIMEOUT),
        ("ORA-12541", "ORA-12541: Cannot connect. No listener", ConnectReason.UNREACHABLE),
        ("DPY-3010", "DPY-3010: connections to this database server version are not supported", ConnectReason.OTHER),
        ("ORA-99999", "ORA-99999: something new", ConnectReason.OTHER),
    ],
)
def test_a_refusal_has_a_reason(code: str, message: str, reason: ConnectReason) -> None:
    error = connect_error(oracle_error(code, message), address="db:1521", database="x", user="scott")
    assert error.reason is reason
    assert "db:1521" in str(error) or "scott" in str(error)


def test_an_error_of_a_statement_tells_code_words_and_place() -> None:
    text = 'ORA-00942: table or view "X" does not exist\nHelp: https://docs.oracle.com/error-help/db/ora-00942/'
    error = query_error(oracle_error("ORA-00942", text, 14), "SELECT * FROM x")
    assert (error.message, error.code, error.position) == ('table or view "X" does not exist', "ORA-00942", 14)
    assert "http" not in str(error)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), st.integers(0, 30))
def test_a_place_in_bytes_becomes_one_in_characters(text: str, index: int) -> None:
    index = min(index, len(text))
    assert position_of(text, len(text[:index].encode())) == index


def test_a_broken_connection_is_recognised() -> None:
    assert is_lost(oracle_error("DPY-4011", "DPY-4011: the database or network closed the connection"))
    assert is_lost(oracle_error("ORA-03113", "ORA-03113: end-of-file on communication channel"))
    assert not is_lost(oracle_error("ORA-01476", "ORA-01476: divisor is equal to zero"))


# -- scripts


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("SELECT 1 FROM dual; SELECT 2 FROM dual", ["SELECT 1 FROM dual", "SELECT 2 FROM dual"]),
        ("SELECT 1 FROM dual\n/\nSELECT 2 FROM dual\n/\n", ["SELECT 1 FROM dual", "SELECT 2 FROM dual"]),
        ("INSERT INTO t VALUES (1);\n/\n", ["INSERT INTO t VALUES (1)"]),
        ("SELECT 4\n / 2 FROM dual", ["SELECT 4\n / 2 FROM dual"]),
        ("SELECT 4\n/\n2 FROM dual", ["SELECT 4", "2 FROM dual"]),
        ("SELECT 'a\n/\n;b' FROM dual", ["SELECT 'a\n/\n;b' FROM dual"]),
        ("SELECT q'[it's; a\n/\n]' FROM dual;", ["SELECT q'[it's; a\n/\n]' FROM dual"]),
        ("SELECT nq'!a';b!' FROM dual;", ["SELECT nq'!a';b!' FROM dual"]),
        ("/* a;\n/\n*/ SELECT 1 FROM dual", ["/* a;\n/\n*/ SELECT 1 FROM dual"]),
        ("BEGIN a; b; END;\n/\nSELECT 1 FROM dual;", ["BEGIN a; b; END;", "SELECT 1 FROM dual"]),
        ("DECLARE x INT; BEGIN NULL; END;", ["DECLARE x INT; BEGIN NULL; END;"]),
        (
            "CREATE OR REPLACE EDITIONABLE PACKAGE BODY p AS PROCEDURE a IS BEGIN NULL; END; END;\n/\nDROP TABLE t;",
            ["CREATE OR REPLACE EDITIONABLE PACKAGE BODY p AS PROCEDURE a IS BEGIN NULL; END; END;", "DROP TABLE t"],
        ),
        ("CREATE TABLE type (a INT); SELECT 1 FROM dual", ["CREATE TABLE type (a INT)", "SELECT 1 FROM dual"]),
        (
            "WITH FUNCTION f RETURN INT IS BEGIN RETURN 1; END; SELECT f FROM dual\n/",
            ["WITH FUNCTION f RETURN INT IS BEGIN RETURN 1; END; SELECT f FROM dual"],
        ),
        ("/\n-- nothing\n/", []),
    ],
)
def test_a_program_goes_on_to_its_slash(script: str, expected: list[str]) -> None:
    assert [statement.text for statement in split(script, "oracle")] == expected


@given(st.text("BEGIN END;/\n'q[]-*aSELECT", max_size=60))
def test_statements_are_slices_in_order(script: str) -> None:
    last = 0
    for statement in split(script, "oracle"):
        assert script[statement.start : statement.end] == statement.text
        assert statement.start >= last
        last = statement.end


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO t VALUES (1)",
        "BEGIN DELETE FROM t; END;",
        "DROP TABLE t",
        "COMMIT",
        "SET TRANSACTION READ WRITE",
        "ALTER SESSION SET x = 1",
        "CALL p()",
        "SELECT * FROM t FOR UPDATE",
        "WITH FUNCTION f RETURN INT IS BEGIN RETURN 1; END; SELECT f FROM dual",
        "/* SELECT */ TRUNCATE TABLE t",
        "EXPLAIN PLAN FOR SELECT 1 FROM dual",
        "",
    ],
)
def test_a_read_only_connection_sends_queries_only(statement: str) -> None:
    with pytest.raises(QueryError):
        check(statement)


@pytest.mark.parametrize(
    "statement", ["-- x\nSELECT 'FOR UPDATE' FROM dual", "WITH x AS (SELECT 1 a FROM dual) SELECT a FROM x"]
)
def test_a_read_only_connection_reads(statement: str) -> None:
    check(statement)


# -- values


@dataclass
class Described:
    """A column as python-oracledb describes it."""

    name: str
    type_code: Any
    precision: int | None = None
    scale: int | None = None
    display_size: int | None = None


def block(description: Described, value: Any) -> ConvertedBlock:
    _, conversions = describe([description])
    return ConvertedBlock(PackedBlock(pack([(value,)], conversions), 1, str), conversions)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=20, max_value=10**18, min_value=-(10**18)))
def test_a_number_keeps_every_digit(number: Decimal) -> None:
    cell = block(Described("A", oracledb.DB_TYPE_NUMBER), format(number, "f"))
    assert cell.text(0, 0) == format(number, "f")
    assert cell.value(0, 0) == number


def test_numbers_are_asked_for_as_text_and_large_objects_whole() -> None:
    class Cursor:
        arraysize = 500

        def var(self, type_: Any, arraysize: int) -> tuple[Any, int]:
            return type_, arraysize

    asked = {
        type_: read_exactly(Cursor(), Described("A", type_))
        for type_ in (oracledb.DB_TYPE_NUMBER, oracledb.DB_TYPE_CLOB, oracledb.DB_TYPE_BLOB, oracledb.DB_TYPE_DATE)
    }
    assert asked == {
        oracledb.DB_TYPE_NUMBER: (str, 500),
        oracledb.DB_TYPE_CLOB: (oracledb.DB_TYPE_LONG, 500),
        oracledb.DB_TYPE_BLOB: (oracledb.DB_TYPE_LONG_RAW, 500),
        oracledb.DB_TYPE_DATE: None,
    }


@pytest.mark.parametrize(
    ("description", "value", "text", "given_back"),
    [
        (Described("A", oracledb.DB_TYPE_NUMBER, 38, 0), "9" * 38, "9" * 38, int("9" * 38)),
        (Described("A", oracledb.DB_TYPE_BINARY_DOUBLE), 0.1, "0.1", 0.1),
        (Described("A", oracledb.DB_TYPE_RAW), b"\x00\xff", "0x00ff", b"\x00\xff"),
        (Described("A", oracledb.DB_TYPE_BOOLEAN), True, "TRUE", True),
        (
            Described("A", oracledb.DB_TYPE_DATE),
            datetime.fromisoformat("1890-01-02 03:04:05"),
            "1890-01-02 03:04:05",
            datetime.fromisoformat("1890-01-02 03:04:05"),
        ),
        (
            Described("A", oracledb.DB_TYPE_TIMESTAMP_TZ, scale=3),
            datetime.fromisoformat("2024-01-02T03:04:05.120-03:30"),
            "2024-01-02 03:04:05.120 -03:30",
            datetime.fromisoformat("2024-01-02T03:04:05.120-03:30"),
        ),
        (
            Described("A", oracledb.DB_TYPE_INTERVAL_DS),
            -timedelta(days=2, hours=3, microseconds=6),
            "-02 03:00:00.000006",
            "-02 03:00:00.000006",
        ),
        (Described("A", oracledb.DB_TYPE_INTERVAL_YM), oracledb.IntervalYM(-2, -3), "-02-03", "-02-03"),
        (
            Described("A", oracledb.DB_TYPE_JSON),
            {"a": [Decimal("1.10"), None]},
            '{"a": [1.10, null]}',
            {"a": [Decimal("1.10"), None]},
        ),
        (Described("A", oracledb.DB_TYPE_VARCHAR), None, None, None),
    ],
)
def test_values_are_kept_exactly(description: Described, value: Any, text: str | None, given_back: Any) -> None:
    cell = block(description, value)
    assert cell.text(0, 0) == text
    assert cell.value(0, 0) == given_back
    assert type(cell.value(0, 0)) is type(given_back)


@given(st.timedeltas(min_value=timedelta(days=-99), max_value=timedelta(days=99)))
def test_an_interval_reads_back_from_its_text(value: timedelta) -> None:
    sign, days, hours, minutes, seconds, micros = struct.unpack("1s2sx2sx2sx2sx6s", interval_text(value).encode())
    read = timedelta(
        days=int(days), hours=int(hours), minutes=int(minutes), seconds=int(seconds), microseconds=int(micros)
    )
    assert (-read if sign == b"-" else read) == value


def test_what_json_lacks_becomes_a_string() -> None:
    assert (
        json_text([b"\x01", timedelta(seconds=1), "ä", 1.5, True]) == '["0x01", "+00 00:00:01.000000", "ä", 1.5, true]'
    )


def test_types_are_named_as_in_a_create_table() -> None:
    number = oracledb.DB_TYPE_NUMBER
    assert type_name(Described("A", number, 10, 2)) == "NUMBER(10,2)"
    assert type_name(Described("A", number, 10, 0)) == "NUMBER(10)"
    assert type_name(Described("A", number, 126, -127)) == "FLOAT(126)"
    assert type_name(Described("A", number, 0, -127)) == "NUMBER"
    assert type_name(Described("A", oracledb.DB_TYPE_VARCHAR, display_size=20)) == "VARCHAR2(20)"
    assert type_name(Described("A", oracledb.DB_TYPE_TIMESTAMP_TZ, scale=6)) == "TIMESTAMP(6) WITH TIME ZONE"
