"""SQL Server as far as it goes without a server: driver, connection string, batches, errors, values."""

import re
import struct
from datetime import datetime

import pyodbc
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from keeperdb.connections.profile import ConnectionProfile, Credential, TlsMode
from keeperdb.engines import odbc_columns
from keeperdb.engines.converted import ConvertedBlock, pack
from keeperdb.engines.odbc_errors import connect_error, diagnostics, is_lost, query_error
from keeperdb.engines.odbc_login import connection_string
from keeperdb.engines.packed import PackedBlock
from keeperdb.engines.registry import get_engine
from keeperdb.engines.sqlserver_batch import check_read_only, returns_one_result
from keeperdb.engines.sqlserver_connection import product
from keeperdb.engines.sqlserver_login import access_token, choose_driver, login, query_timeout
from keeperdb.errors import ConnectError, ConnectReason, QueryError
from keeperdb.keychain import Secret
from keeperdb.query.statements import split, statement_at
from keeperdb.task import Task

MICROSOFT = "ODBC Driver 18 for SQL Server"
_M = f"[Microsoft][{MICROSOFT}]"
_AT = "(SQLDriverConnect)"
CREDENTIAL = Credential("sa", Secret("p;w}d"))


def profile(**changes: object) -> ConnectionProfile:
    made = ConnectionProfile("billing", "sqlserver", host="db.example.com", database="billing")
    return made.with_(**changes)


def fields_of(text: str) -> dict[str, str]:
    """A connection string read back by the grammar of SQLDriverConnect, without the code that wrote it."""
    found, position = {}, 0
    while position < len(text):
        name, _, rest = text[position:].partition("=")
        if rest.startswith("{"):
            value = re.match(r"\{((?:[^}]|\}\})*)\}", rest)
            assert value is not None
            found[name] = value[1].replace("}}", "}")
            position += len(name) + 1 + value.end() + 1
        else:
            value = re.match(r"[^;]*", rest)
            assert value is not None
            found[name] = value[0]
            position += len(name) + 1 + value.end() + 1
    return found


# -- connection string


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), st.text("{};=\\ [](),@"))
@example("};UID=other", "{")
def test_no_value_leaves_its_field(password: str, user: str) -> None:
    fields = {"DRIVER": MICROSOFT, "Server": "tcp:db,1433", "UID": user, "PWD": password, "APP": "KeeperDB"}
    assert fields_of(connection_string(fields).reveal()) == fields


def test_a_nul_character_is_refused() -> None:
    with pytest.raises(ConnectError) as caught:
        connection_string({"PWD": "a\0b"})
    assert caught.value.reason is ConnectReason.PROFILE
    assert "a\0b" not in str(caught.value)


def test_a_connection_string_is_not_shown() -> None:
    chosen = login(profile(), CREDENTIAL, MICROSOFT)
    assert "p;w}d" not in repr(connection_string(chosen.fields))
    assert "p;w}d" not in repr(chosen)


def test_a_sql_login_has_user_and_password() -> None:
    fields = login(profile(), CREDENTIAL, MICROSOFT).fields
    assert (fields["Server"], fields["Database"]) == ("tcp:db.example.com,1433", "billing")
    assert (fields["UID"], fields["PWD"]) == ("sa", "p;w}d")
    assert "Trusted_Connection" not in fields
    assert fields["ConnectRetryCount"] == "0"


def test_a_windows_login_has_neither() -> None:
    fields = login(profile(options={"authentication": "windows"}), CREDENTIAL, MICROSOFT).fields
    assert fields["Trusted_Connection"] == "Yes"
    assert not {"UID", "PWD"} & set(fields)


def test_an_entra_token_is_an_attribute_and_not_in_the_string() -> None:
    chosen = login(profile(options={"authentication": "entra"}), Credential("", Secret("eyJ0")), MICROSOFT)
    assert not {"UID", "PWD", "Trusted_Connection"} & set(chosen.fields)
    assert chosen.attributes == {1256: b"\x08\0\0\0e\0y\0J\x000\0"}


@given(st.text("abcXYZ019._-", min_size=1))
def test_a_token_is_its_length_in_bytes_and_utf_16(token: str) -> None:
    content = access_token(token)
    (length,) = struct.unpack("<I", content[:4])
    assert length == len(content) - 4
    assert content[4:].decode("utf-16-le") == token


@pytest.mark.parametrize(
    ("changes", "reason", "words"),
    [
        ({"options": {"authentication": "kerberos"}}, ConnectReason.PROFILE, "sql, windows, entra"),
        ({"options": {"authentication": "entra"}}, ConnectReason.PASSWORD_NEEDED, "Entra token"),
        ({"host": "db;DRIVER=x"}, ConnectReason.PROFILE, "does not belong"),
        ({"host": "db,1"}, ConnectReason.PROFILE, "does not belong"),
        ({"options": {"instance": "a\\b;c"}}, ConnectReason.PROFILE, "does not belong"),
        ({"tls_ca": "/ca.pem"}, ConnectReason.TLS, "update-ca-certificates"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, object], reason: ConnectReason, words: str) -> None:
    with pytest.raises(ConnectError) as caught:
        login(profile(**changes), Credential("sa"), MICROSOFT)
    assert caught.value.reason is reason
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {"Encrypt": "yes", "TrustServerCertificate": "no"}),
        ({"tls": TlsMode.VERIFY_CA}, {"Encrypt": "yes", "TrustServerCertificate": "no"}),
        ({"tls": TlsMode.REQUIRE}, {"Encrypt": "yes", "TrustServerCertificate": "yes"}),
        ({"host": "localhost"}, {"Encrypt": "yes", "TrustServerCertificate": "yes"}),
        ({"tls": TlsMode.DISABLE}, {"Encrypt": "no"}),
        (
            {"options": {"host_name_in_certificate": "other.example.com"}},
            {"Encrypt": "yes", "TrustServerCertificate": "no", "HostNameInCertificate": "other.example.com"},
        ),
    ],
)
def test_a_remote_certificate_is_checked_unless_the_profile_says_otherwise(
    changes: dict[str, object], expected: dict[str, str]
) -> None:
    fields = login(profile(**changes), CREDENTIAL, MICROSOFT).fields
    names = ("Encrypt", "TrustServerCertificate", "HostNameInCertificate")
    assert {name: fields[name] for name in names if name in fields} == expected


def test_freetds_does_not_pretend_to_check_a_certificate() -> None:
    with pytest.raises(ConnectError) as caught:
        login(profile(), CREDENTIAL, "FreeTDS")
    assert caught.value.reason is ConnectReason.TLS
    fields = login(profile(tls=TlsMode.REQUIRE), CREDENTIAL, "FreeTDS").fields
    assert (fields["Server"], fields["Port"], fields["Encryption"]) == ("db.example.com", "1433", "require")


def test_a_read_only_connection_asks_for_a_readable_replica() -> None:
    assert login(profile(read_only=True), CREDENTIAL, MICROSOFT).fields["ApplicationIntent"] == "ReadOnly"
    assert "ApplicationIntent" not in login(profile(), CREDENTIAL, MICROSOFT).fields
    assert not get_engine("sqlserver").capabilities.enforces_read_only


def test_an_instance_without_a_port_is_asked_for_by_name() -> None:
    options = {"instance": "SQLEXPRESS"}
    assert login(profile(options=options), CREDENTIAL, MICROSOFT).fields["Server"] == "db.example.com\\SQLEXPRESS"
    with_port = login(profile(options=options, port=1500), CREDENTIAL, MICROSOFT)
    assert with_port.fields["Server"] == "tcp:db.example.com,1500"


def test_a_time_out_is_a_number_of_seconds() -> None:
    assert query_timeout(profile(options={"query_timeout": "30"})) == 30
    with pytest.raises(ConnectError):
        query_timeout(profile(options={"query_timeout": "1;2"}))


# -- driver


def test_the_newest_driver_of_microsoft_is_chosen_before_freetds() -> None:
    installed = ["FreeTDS", "ODBC Driver 17 for SQL Server", MICROSOFT, "SQLite3"]
    assert choose_driver(installed) == MICROSOFT
    assert choose_driver(installed, "FreeTDS") == "FreeTDS"
    assert choose_driver(["SQLite3", "FreeTDS"]) == "FreeTDS"


def test_no_driver_is_told_with_the_line_that_installs_one() -> None:
    with pytest.raises(ConnectError) as caught:
        choose_driver(["SQLite3", "PostgreSQL Unicode"])
    assert caught.value.reason is ConnectReason.DRIVER
    assert "apt-get install unixodbc tdsodbc" in caught.value.hint


def test_a_driver_that_this_machine_lacks_is_named() -> None:
    wanted = profile(options={"driver": "ODBC Driver 99 for SQL Server"})
    with pytest.raises(ConnectError) as caught:
        get_engine("sqlserver").connect(wanted, CREDENTIAL, Task())
    assert caught.value.reason is ConnectReason.DRIVER
    assert "ODBC Driver 99 for SQL Server" in caught.value.message


def test_a_closed_port_is_unreachable_through_the_real_driver(unused_tcp_port: int) -> None:
    closed = profile(host="127.0.0.1", port=unused_tcp_port, options={"driver": "FreeTDS"})
    with pytest.raises(ConnectError) as caught:
        get_engine("sqlserver").connect(closed, CREDENTIAL, Task(), timeout=5)
    assert caught.value.reason is ConnectReason.UNREACHABLE
    assert f"127.0.0.1:{unused_tcp_port}" in str(caught.value)
    assert "p;w}d" not in str(caught.value)


# -- errors, as Microsoft's driver and FreeTDS word them


@pytest.mark.parametrize(
    ("state", "text", "reason"),
    [
        ("28000", f"[28000] {_M}[SQL Server]Login failed for user 'sa'. (18456) {_AT}", ConnectReason.LOGIN),
        ("42000", f'[42000] {_M}[SQL Server]Cannot open database "x". (4060) {_AT}', ConnectReason.NO_DATABASE),
        ("08001", f"[08001] {_M}SSL Provider: [error:0A000086:verify failed] (-1) {_AT}", ConnectReason.TLS),
        (
            "08001",
            f"[08001] {_M}TCP Provider: Error code 0x2749 (10061) {_AT}; [08001] {_M}Login timeout expired (0)",
            ConnectReason.UNREACHABLE,
        ),
        ("HYT00", f"[HYT00] {_M}Login timeout expired (0) {_AT}", ConnectReason.TIMEOUT),
        ("08S01", f"[08S01] [FreeTDS][SQL Server]Unable to connect (20009) {_AT}", ConnectReason.UNREACHABLE),
        ("01000", f"[01000] [unixODBC]Can't open lib 'X' : file not found (0) {_AT}", ConnectReason.DRIVER),
        ("HY000", f"[HY000] [X][Y]Something new (1) {_AT}", ConnectReason.OTHER),
    ],
)
def test_what_a_driver_says_has_a_reason(state: str, text: str, reason: ConnectReason) -> None:
    error = connect_error(pyodbc.Error(state, text), address="db:1433", database="x", user="sa", driver="D")
    assert error.reason is reason
    assert "D said: " in error.hint


def test_an_error_of_a_statement_tells_number_words_and_place() -> None:
    error = query_error(
        pyodbc.ProgrammingError(
            "42000",
            "[42000] [Microsoft][ODBC Driver 18 for SQL Server][SQL Server]Incorrect syntax near 'FORM'. (102)"
            " (SQLExecDirectW); [42000] [Microsoft][ODBC Driver 18 for SQL Server][SQL Server]Statement(s) could not be"
            " prepared. (8180)",
        ),
        "SELECT 1 FORM t",
    )
    assert (error.message, error.code, error.position) == ("Incorrect syntax near 'FORM'.", "102", 9)
    assert error.detail == "Statement(s) could not be prepared."


def test_an_ambiguous_place_is_not_guessed() -> None:
    text = "[42000] [FreeTDS][SQL Server]Incorrect syntax near 'a'. (102) (SQLExecDirectW)"
    assert query_error(pyodbc.Error("42000", text), "SELECT a a a").position is None


def test_a_broken_connection_is_recognised() -> None:
    lost = pyodbc.OperationalError("08S01", "[08S01] [Microsoft][X]Communication link failure (0) (SQLExecDirectW)")
    assert is_lost(lost)
    assert not is_lost(
        pyodbc.Error("22012", "[22012] [Microsoft][X][SQL Server]Divide by zero error. (8134) (SQLFetch)")
    )
    assert diagnostics(lost)[0].text == "Communication link failure"


# -- scripts


def texts(script: str) -> list[str]:
    return [statement.text for statement in split(script, "tsql")]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("SELECT 1\nGO\nSELECT 2", ["SELECT 1", "SELECT 2"]),
        ("SELECT 1\n  go  -- next\nSELECT 2\nGO", ["SELECT 1", "SELECT 2"]),
        ("SELECT 1\nGO 3\n", ["SELECT 1"] * 3),
        ("SELECT 1\nGO 99999999\n", ["SELECT 1\nGO 99999999"]),
        ("SELECT 'x\nGO\ny'", ["SELECT 'x\nGO\ny'"]),
        ("/* a\nGO\n/* b */ GO\n*/ SELECT 1", ["/* a\nGO\n/* b */ GO\n*/ SELECT 1"]),
        ("SELECT [a\nGO\n]]b;c] FROM t", ["SELECT [a\nGO\n]]b;c] FROM t"]),
        ("SELECT go FROM t", ["SELECT go FROM t"]),
        ("SELECT 1; SELECT 2;", ["SELECT 1;", "SELECT 2;"]),
        ("DECLARE @x int = 1; SELECT @x", ["DECLARE @x int = 1; SELECT @x"]),
        ("IF 1 = 1 SELECT 1; ELSE SELECT 2;", ["IF 1 = 1 SELECT 1; ELSE SELECT 2;"]),
        ("BEGIN TRAN; UPDATE t SET a = 1; COMMIT", ["BEGIN TRAN;", "UPDATE t SET a = 1;", "COMMIT"]),
        ("BEGIN TRY SELECT 1; END TRY BEGIN CATCH END CATCH", ["BEGIN TRY SELECT 1; END TRY BEGIN CATCH END CATCH"]),
        ("CREATE PROC p AS SELECT 1; SELECT 2;\nGO\nEXEC p", ["CREATE PROC p AS SELECT 1; SELECT 2;", "EXEC p"]),
        ("DROP TABLE IF EXISTS t; SELECT 1", ["DROP TABLE IF EXISTS t;", "SELECT 1"]),
        ("SELECT 1; SELECT 2\nGO 2", ["SELECT 1; SELECT 2"] * 2),
        ("GO\nGO\n-- nothing\nGO", []),
    ],
)
def test_batches_end_at_go(script: str, expected: list[str]) -> None:
    assert texts(script) == expected


@given(st.text("GOgo12 \n;'[]-/*@aSELECT", max_size=60))
def test_statements_are_slices_in_order(script: str) -> None:
    last = 0
    for statement in split(script, "tsql"):
        assert script[statement.start : statement.end] == statement.text
        assert statement.start >= last or statement.end == last  # GO with a count repeats one
        last = statement.end


def test_the_batch_at_the_caret_is_found() -> None:
    script = "SELECT 1\nGO\n-- name: two\nDECLARE @x int; SELECT @x\nGO"
    found = statement_at(script, script.index("@x"), "tsql")
    assert found is not None
    assert (found.title, found.text.endswith("SELECT @x")) == ("two", True)


@pytest.mark.parametrize(
    ("batch", "is_one"),
    [
        ("SELECT 1", True),
        ("-- x\nSELECT a FROM (SELECT 1 AS a) t UNION ALL SELECT 2;", True),
        ("WITH x AS (SELECT 1 AS a) SELECT a FROM x WHERE a IN (SELECT 1)", True),
        ("SELECT 'EXEC p; SELECT 2'", True),
        ("SELECT 1 SELECT 2", False),
        ("SELECT 1; SELECT 2", False),
        ("SELECT 1 EXEC p", False),
        ("EXEC p", False),
        ("p", False),
        ("WITH x AS (SELECT 1 AS a) DELETE FROM x", False),
    ],
)
def test_only_a_single_select_is_streamed(batch: str, is_one: bool) -> None:
    assert returns_one_result(batch) is is_one


@pytest.mark.parametrize(
    "batch",
    [
        "INSERT INTO t VALUES (1)",
        "SELECT 1 DELETE FROM t",
        "SELECT * INTO copy FROM t",
        "WITH x AS (SELECT 1 AS a) DELETE FROM x",
        "SELECT 1; EXEC p",
        "sp_who",
        "EXECUTE ('DROP TABLE t')",
        "COMMIT",
        "BEGIN TRAN",
        "SET IMPLICIT_TRANSACTIONS OFF DROP TABLE t",
        "SELECT * FROM OPENROWSET('x', 'y', 'DELETE FROM t')",
        "DECLARE @x int TRUNCATE TABLE t",
        "/* SELECT */ UPDATE t SET a = 1",
        "",
    ],
)
def test_a_read_only_connection_refuses_what_may_write(batch: str) -> None:
    with pytest.raises(QueryError):
        check_read_only(batch)


@pytest.mark.parametrize(
    "batch",
    [
        "SELECT [update], 'DELETE' FROM t -- DROP",
        "WITH x AS (SELECT 1 a) SELECT a FROM x",
        "DECLARE @x int = 1 SELECT @x",
    ],
)
def test_a_read_only_connection_reads(batch: str) -> None:
    check_read_only(batch)


# -- values


def test_the_driver_s_structures_keep_every_digit() -> None:
    stamp = struct.pack("<h5HI", 9999, 12, 31, 23, 59, 59, 999_999_900)
    assert odbc_columns.read_timestamp(stamp) == "9999-12-31 23:59:59.9999999"
    offset = struct.pack("<h5HI2h", 2024, 2, 29, 1, 2, 3, 100, -3, -30)
    assert odbc_columns.read_timestamp_offset(offset) == "2024-02-29 01:02:03.0000001 -03:30"
    assert odbc_columns.read_time(struct.pack("<3HxxI", 1, 2, 3, 123_456_700)) == "01:02:03.1234567"
    assert odbc_columns.read_timestamp(None) is None
    assert odbc_columns.read_timestamp_offset(b"\x01\x02") == "0x0102"


def test_microsofts_layouts_are_used_with_microsofts_driver_only() -> None:
    assert set(product(MICROSOFT).converters) == {-155, -151, -154, 93}
    assert set(product("FreeTDS").converters) == {-155, -151}


def test_a_fraction_is_as_long_as_the_column_says() -> None:
    description = [("a", datetime, None, 23, 23, 3, True), ("b", str, None, 27, 27, 7, True)]
    columns, conversions = odbc_columns.describe(description, None)
    rows = [(datetime.fromisoformat("2024-01-02 03:04:05.123"), "x")]
    block = ConvertedBlock(PackedBlock(pack(list(rows), conversions), 1, str), conversions)
    assert columns[0].kind == "timestamp"
    assert block.text(0, 0) == "2024-01-02 03:04:05.123"
    assert block.value(0, 0) == rows[0][0]


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_32_bit_float_reads_back_from_its_text(value: float) -> None:
    assert struct.pack("<f", float(odbc_columns.real_text(value))) == struct.pack("<f", value)


def test_a_32_bit_float_has_no_digits_of_a_64_bit_one() -> None:
    assert odbc_columns.real_text(struct.unpack("<f", struct.pack("<f", 0.1))[0]) == "0.1"
