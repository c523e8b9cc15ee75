"""SQLite through its engine."""

import sqlite3
import stat
from pathlib import Path

import pytest

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.engines.registry import get_engine
from keeperdb.errors import Cancelled, ConnectError, ConnectReason, QueryError
from keeperdb.task import Task
from tests.contracts.engine_contract import MANY_ROWS, Connect, EngineContract, cancel_soon, find, names_below, rows_of


class TestSqlite(EngineContract):
    engine_id = "sqlite"
    slow = "WITH RECURSIVE x(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM x) SELECT count(*) FROM x"
    many = (
        "SELECT i FROM (WITH RECURSIVE x(i) AS "
        f"(SELECT 1 UNION ALL SELECT i + 1 FROM x WHERE i < {MANY_ROWS}) SELECT i FROM x)"
    )
    wrong = ("SELECT 1 FORM x", 0)
    tables = ("Tables",)
    values = (
        ("9223372036854775807", "9223372036854775807", 2**63 - 1),
        ("-9223372036854775807 - 1", "-9223372036854775808", -(2**63)),
        ("0.1", "0.1", 0.1),
        ("1.0", "1.0", 1.0),
        ("1e16", "1e+16", 1e16),
        ("5e-324", "5e-324", 5e-324),
        ("1e999", "Inf", float("inf")),
        ("-1e999", "-Inf", float("-inf")),
        ("x'00ff'", "0x00ff", b"\x00\xff"),
        ("x''", "0x", b""),
        ("''", "", ""),
        ("NULL", None, None),
        ("'1890-12-31'", "1890-12-31", "1890-12-31"),
        ("'é😀\u202e'", "é😀\u202e", "é😀\u202e"),
        ("'a' || char(0) || 'b'", "a\x00b", "a\x00b"),
        ("true", "1", 1),
    )
    refused_when_read_only = (
        "INSERT INTO {table} VALUES ('y')",
        "PRAGMA query_only = OFF",
        "PRAGMA query_only(0)",
        "PRAGMA main.query_only = 0",
        "PRAGMA writable_schema = ON",
        "BEGIN IMMEDIATE",
        "DROP TABLE {table}",
        "WITH y AS (SELECT 1) DELETE FROM {table}",
    )

    @pytest.fixture
    def profile(self, sqlite_file: Path) -> ConnectionProfile:
        return ConnectionProfile(name="private", engine="sqlite", path=str(sqlite_file))

    def test_an_error_tells_its_position(self, connect: Connect) -> None:
        session = connect()
        with pytest.raises(QueryError) as caught:
            session.execute("SELECT 1 FROM x WHERE a = = 2 AND selec", Task())
        assert caught.value.position is None  # two places could be meant
        with pytest.raises(QueryError) as caught:
            session.execute("SELECT 'é', 1 FORM x", Task())
        assert caught.value.position == 19
        assert caught.value.code == "SQLITE_ERROR"

    def test_a_missing_file_is_not_created(self, connect: Connect, tmp_path: Path) -> None:
        missing = tmp_path / "missing.sqlite"
        with pytest.raises(ConnectError) as caught:
            connect(path=str(missing))
        assert caught.value.reason is ConnectReason.NO_DATABASE
        assert not missing.exists()

    def test_a_missing_file_is_created_on_request(self, connect: Connect, tmp_path: Path) -> None:
        missing = tmp_path / "new ?#%20.sqlite"
        connect(path=str(missing), options={"create": "on"}).execute("CREATE TABLE t (a)", Task())
        assert missing.stat().st_size > 0

    def test_a_folder_and_another_kind_of_file_are_told(self, connect: Connect, tmp_path: Path) -> None:
        text = tmp_path / "text.sqlite"
        text.write_text("no database at all, but long enough to have a header of a hundred bytes\n" * 20)
        for path in (tmp_path, text):
            with pytest.raises(ConnectError) as caught:
                connect(path=str(path))
            assert caught.value.reason is ConnectReason.NO_DATABASE

    def test_an_empty_path_is_a_database_in_memory(self, connect: Connect) -> None:
        session = connect(path="")
        session.execute("CREATE TABLE t (a)", Task())
        assert names_below(session, find(session, "Tables")) == ["t"]

    def test_a_read_only_connection_writes_no_other_file(self, connect: Connect, tmp_path: Path) -> None:
        connect().execute("CREATE TABLE t (a)", Task())
        reader = connect(read_only=True)
        other = tmp_path / "other.sqlite"
        for statement in (f"VACUUM INTO '{other}'", f"ATTACH '{other}' AS other"):
            with pytest.raises(QueryError):
                reader.execute(statement, Task())
        assert not other.exists()

    def test_a_file_without_write_permission_opens(self, connect: Connect, sqlite_file: Path) -> None:
        connect().execute("CREATE TABLE t (a)", Task())
        sqlite_file.chmod(stat.S_IRUSR)
        assert rows_of(connect(read_only=True), "SELECT count(*) FROM t") == [("0",)]

    def test_text_that_is_not_utf8_survives(self, connect: Connect) -> None:
        result = connect().execute("SELECT cast(x'61ff62' AS TEXT), 'ok'", Task())[0]
        result.fetch(1, Task())
        assert result.text(0, 0) == "a\N{REPLACEMENT CHARACTER}b"
        assert result.text(0, 1) == "ok"
        assert result.value(0, 0).encode("utf-8", "surrogateescape") == b"a\xffb"

    def test_text_that_is_not_utf8_survives_late_in_a_result(self, connect: Connect) -> None:
        session = connect()
        session.execute("CREATE TABLE t AS SELECT i, cast(i AS TEXT) AS x FROM (" + self.many + ")", Task())
        session.execute("UPDATE t SET x = cast(x'ff' AS TEXT) WHERE i = 30000", Task())
        result = session.execute("SELECT x FROM t", Task())[0]
        result.fetch(29_500, Task())
        assert result.fetch(1_000_000, Task()) == MANY_ROWS - 29_500
        expected = [str(n) if n != 30_000 else "\N{REPLACEMENT CHARACTER}" for n in range(1, MANY_ROWS + 1)]
        assert [result.text(row, 0) for row in range(MANY_ROWS)] == expected

    def test_a_lock_of_another_program_is_waited_for(self, connect: Connect, sqlite_file: Path) -> None:
        session = connect()
        session.execute("CREATE TABLE t (a)", Task())
        other = sqlite3.connect(sqlite_file)
        try:
            other.execute("BEGIN EXCLUSIVE")
            task = Task()
            timer = cancel_soon(task)
            with pytest.raises(Cancelled):
                session.execute("INSERT INTO t VALUES (1)", task)
            timer.join()
        finally:
            other.close()
        assert rows_of(session, "SELECT count(*) FROM t") == [("0",)]

    def test_an_untrusted_schema_cannot_call_functions_with_effects(self, connect: Connect) -> None:
        assert rows_of(connect(), "PRAGMA trusted_schema") == [("0",)]

    def test_extensions_cannot_be_loaded(self, connect: Connect) -> None:
        with pytest.raises(QueryError):
            connect().execute("SELECT load_extension('/nowhere')", Task())

    def test_keys_indexes_and_triggers_are_listed(self, connect: Connect) -> None:
        session = connect()
        for statement in (
            "CREATE TABLE parent (id INTEGER PRIMARY KEY, code TEXT UNIQUE)",
            "CREATE TABLE child (id INTEGER, parent_id INTEGER REFERENCES parent (id), PRIMARY KEY (id, parent_id))",
            "CREATE INDEX child_parent ON child (parent_id)",
            "CREATE TRIGGER child_insert AFTER INSERT ON child BEGIN SELECT 1; END",
            "CREATE VIEW both AS SELECT * FROM parent",
        ):
            session.execute(statement, Task())
        keys = session.children(find(session, "Tables", "child", "Keys"), Task())
        assert [key.detail for key in keys] == ["id, parent_id", "→ parent (id)"]
        assert "child_parent" in names_below(session, find(session, "Tables", "child", "Indexes"))
        assert names_below(session, find(session, "Tables", "child", "Triggers")) == ["child_insert"]
        assert names_below(session, find(session, "Views", "both", "Columns")) == ["id", "code"]

    def test_rows_are_estimated_without_statistics_and_without_reading_the_table(self, connect: Connect) -> None:
        session = connect()
        numbers = "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 500) SELECT i FROM n"
        for statement in (
            "CREATE TABLE counted (a)",
            f"INSERT INTO counted {numbers}",
            "CREATE TABLE later (id INTEGER PRIMARY KEY)",
            f"INSERT INTO later SELECT i + 1000000 FROM ({numbers})",
            "CREATE TABLE none (a)",
            "CREATE TABLE keyed (a PRIMARY KEY) WITHOUT ROWID",
            "INSERT INTO keyed VALUES (1)",
            "CREATE TABLE random (id INTEGER PRIMARY KEY)",
            "INSERT INTO random VALUES (1), (9000000000000000000)",
        ):
            session.execute(statement, Task())
        tables = session.details(find(session, "Tables"), Task())
        found = {node.name: node.row_estimate for node in tables}
        wanted = {"counted": 500, "later": 500, "none": 0, "keyed": None, "random": None}
        assert {name: found[name] for name in wanted} == wanted

    def test_attached_databases_are_listed(self, connect: Connect, tmp_path: Path) -> None:
        session = connect()
        session.execute(f"ATTACH '{tmp_path / 'x.db'}' AS \"o'ther\"", Task())
        session.execute('CREATE TABLE "o\'ther".t (a PRIMARY KEY)', Task())
        node = find(session, "o'ther", "Tables", "t")
        assert node.path == ("o'ther", "t")
        assert rows_of(session, session.engine.select_all(node.path)) == []
        assert names_below(session, find(session, "o'ther", "Tables", "t", "Columns")) == ["a"]

    def test_the_version_is_sqlites_own(self, connect: Connect) -> None:
        assert connect().server_version == f"SQLite {sqlite3.sqlite_version}"


def test_an_engine_is_opened_without_a_credential(sqlite_file: Path) -> None:
    profile = ConnectionProfile(name="x", engine="sqlite", path=str(sqlite_file))
    get_engine("sqlite").connect(profile, None, Task()).close()
