"""Ways around a read-only connection that worked elsewhere, on real servers: nothing may change, inside or outside.

The published ones: CVE-2026-12045 (a statement commits and goes on, then COPY … TO PROGRAM), CVE-2026-17351 (client
and server disagree on where a string ends), writes that look like reads.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from keeperdb.connections.profile import CommitMode, ConnectionProfile, Credential
from keeperdb.engines.registry import get_engine
from keeperdb.errors import KeeperDBError, QueryError
from keeperdb.query.session import Session
from keeperdb.task import Task
from tests.contracts.engine_contract import rows_of
from tests.fixtures.database_servers import DatabaseServer

Open = Callable[..., Session]


def opener(profile: ConnectionProfile, credential: Credential | None) -> Iterator[Open]:
    sessions: list[Session] = []
    engine = get_engine(profile.engine)

    def open_session(**changes: object) -> Session:
        changed = profile.with_(**changes)
        sessions.append(Session(changed, engine, engine.connect(changed, credential, Task())))
        return sessions[-1]

    yield open_session
    for session in sessions:
        session.close()


@pytest.fixture
def postgresql(postgresql_server: DatabaseServer) -> Iterator[Open]:
    yield from opener(postgresql_server.profile(), postgresql_server.credential)


@pytest.fixture
def mariadb(mariadb_server: DatabaseServer) -> Iterator[Open]:
    yield from opener(mariadb_server.profile(), mariadb_server.credential)


@pytest.fixture
def sqlite(sqlite_file: Path) -> Iterator[Open]:
    yield from opener(ConnectionProfile("private", "sqlite", path=str(sqlite_file)), None)


@pytest.fixture(params=["postgresql", "mariadb", "sqlite"])
def place(request: pytest.FixtureRequest) -> Iterator[Open]:
    """A database with a table `bypassed` that holds one row."""
    opened: Open = request.getfixturevalue(request.param)
    writer = opened()
    for statement in (
        "DROP TABLE IF EXISTS bypassed",
        "CREATE TABLE bypassed (a int)",
        "INSERT INTO bypassed VALUES (1)",
    ):
        writer.execute(statement, Task())
    yield opened
    writer.execute("DROP TABLE bypassed", Task())


def attempt(session: Session, *statements: str) -> None:
    """Send all of them, whatever the answers are."""
    for statement in statements:
        try:
            for result in session.execute(statement, Task()):
                result.fetch(100, Task())
        except KeeperDBError:
            pass


def refused(session: Session, statement: str) -> None:
    with pytest.raises(QueryError):
        rows_of(session, statement)


@pytest.mark.parametrize("mode", [CommitMode.AUTO, CommitMode.MANUAL, CommitMode.SMART])
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1; DELETE FROM bypassed",
        "SELECT 1;DELETE FROM bypassed;COMMIT;",
        "COMMIT; DELETE FROM bypassed",
        "ROLLBACK; BEGIN; DELETE FROM bypassed; COMMIT",
        "SELECT 'a\\'; DELETE FROM bypassed; --'",
        "SELECT 'a\\'' ; DELETE FROM bypassed; -- '",
        "SELECT 1 /* ; */; DELETE FROM bypassed",
        "SELECT 1 -- \n; DELETE FROM bypassed",
        "SELECT 1 /* /* */ ; DELETE FROM bypassed -- */",
        'SELECT 1 AS "a; b" ; DELETE FROM bypassed',
        "SELECT $$;$$; DELETE FROM bypassed",
        "WITH x AS (SELECT 1) DELETE FROM bypassed",
        "WITH x AS (DELETE FROM bypassed RETURNING a) SELECT * FROM x",
        "EXPLAIN ANALYZE DELETE FROM bypassed",
        "ANALYZE DELETE FROM bypassed",
        "UPDATE bypassed SET a = 2",
        "ALTER TABLE bypassed ADD b int",
        "CREATE TABLE bypassed_copy AS SELECT * FROM bypassed",
        "SELECT * INTO bypassed_copy FROM bypassed",
        "DROP TABLE bypassed",
    ],
)
def test_nothing_changes(place: Open, statement: str, mode: CommitMode) -> None:
    reader = place(read_only=True, commit_mode=mode)
    attempt(reader, statement, "DELETE FROM bypassed", "COMMIT")
    attempt(reader, "COMMIT", statement, "COMMIT")
    reader.close()
    checker = place()
    assert rows_of(checker, "SELECT * FROM bypassed") == [("1",)]
    refused(checker, "SELECT * FROM bypassed_copy")


def test_several_statements_in_one_are_one_statement_to_nobody(place: Open) -> None:
    refused(place(read_only=True), "SELECT 1; SELECT 2")


def test_postgresql_programs_and_files_are_out_of_reach(postgresql: Open, postgresql_server: DatabaseServer) -> None:
    target = postgresql_server.folder / "data" / "bypassed"
    for statement in (
        f"COPY (SELECT 1) TO PROGRAM 'touch {target}'",
        f"COPY (SELECT 1) TO '{target}'",
        f"COMMIT; COPY (SELECT 1) TO PROGRAM 'touch {target}'",
        f"/* */ copy (SELECT 1) TO PROGRAM 'touch {target}'",
        f"DO $$ BEGIN EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch {target}'''; END $$",
        f"EXPLAIN ANALYZE SELECT lo_export(1, '{target}')",
    ):
        refused(postgresql(read_only=True), statement)
        assert not target.exists()


@pytest.mark.parametrize(
    "call",
    [
        "lo_from_bytea(0, 'x')",
        "LO_CREATE(0)",
        '"lo_creat"(-1)',
        "pg_catalog.lo_import('/etc/hostname')",
        "setval('s', 9)",
    ],
)
def test_postgresql_functions_that_write_are_refused(postgresql: Open, call: str) -> None:
    writer = postgresql()
    attempt(writer, "DROP SEQUENCE IF EXISTS s", "CREATE SEQUENCE s")
    before = rows_of(writer, "SELECT count(*) FROM pg_largeobject_metadata")
    refused(postgresql(read_only=True), f"SELECT {call}")
    assert rows_of(writer, "SELECT count(*) FROM pg_largeobject_metadata") == before
    assert rows_of(writer, "SELECT last_value, is_called FROM s") == [("1", "f")]


def test_postgresql_other_sessions_are_out_of_reach(postgresql: Open) -> None:
    victim = postgresql()
    number = rows_of(victim, "SELECT pg_backend_pid()")[0][0]
    for statement in (f"SELECT pg_terminate_backend({number})", f'SELECT "pg_terminate_backend" ({number})'):
        refused(postgresql(read_only=True), statement)
    assert rows_of(victim, "SELECT 1") == [("1",)]


def test_mariadb_files_and_other_sessions_are_out_of_reach(mariadb: Open, mariadb_server: DatabaseServer) -> None:
    victim = mariadb()
    number = rows_of(victim, "SELECT connection_id()")[0][0]
    target = mariadb_server.folder / "bypassed"
    for statement in (
        f"SELECT 1 INTO OUTFILE '{target}'",
        f"SELECT 1 /*!50000 INTO OUTFILE '{target}' */",
        f"(SELECT 1) INTO DUMPFILE '{target}'",
        f"KILL {number}",
        "SET GLOBAL max_connections = 1",
        "HANDLER mysql.user OPEN",
        "FLUSH TABLES WITH READ LOCK",
        "DELIMITER //",
    ):
        refused(mariadb(read_only=True), statement)
    assert not target.exists()
    assert rows_of(victim, "SELECT 1") == [("1",)]


def test_sqlite_other_files_are_out_of_reach(sqlite: Open, tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    for statement in (
        f"ATTACH '{other}' AS other",
        f"ATTACH DATABASE 'file:{other}?mode=rwc' AS other",
        f"VACUUM INTO '{other}'",
        "PRAGMA query_only = 0",
        "SELECT load_extension('/tmp/none')",
    ):
        refused(sqlite(read_only=True), statement)
        assert not other.exists()
