"""What every engine does, on a real database; each engine's tests inherit it."""

import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from keeperdb.connections.profile import CommitMode, ConnectionProfile, Credential
from keeperdb.engines.base import Node, NodeKind
from keeperdb.engines.registry import get_engine
from keeperdb.errors import Cancelled, ConnectError, ConnectReason, QueryError
from keeperdb.keychain import Secret
from keeperdb.query.results import ResultSet
from keeperdb.query.session import Session
from keeperdb.task import Task

MANY_ROWS = 50_000

Connect = Callable[..., Session]


def rows_of(session: Session, statement: str) -> list[tuple[str | None, ...]]:
    """All rows of one statement, as text."""
    result = session.execute(statement, Task())[-1]
    while result.fetch(1_000, Task()):
        pass
    return texts(result)


def texts(result: ResultSet) -> list[tuple[str | None, ...]]:
    columns = range(len(result.columns or ()))
    return [tuple(result.text(row, column) for column in columns) for row in range(result.row_count)]


def cancel_soon(task: Task, seconds: float = 0.2) -> threading.Timer:
    timer = threading.Timer(seconds, task.cancel)
    timer.start()
    return timer


def names_below(session: Session, node: Node | None) -> list[str]:
    return [child.name for child in session.children(node, Task())]


def find(session: Session, *path: str) -> Node:
    """The node that is reached by opening the nodes of these names one after the other."""
    node: Node | None = None
    for name in path:
        node = next(child for child in session.children(node, Task()) if child.name == name)
    assert node is not None
    return node


class EngineContract:
    """What every engine does."""

    engine_id: str
    slow: str  # a statement that runs for many minutes and returns nothing before
    many: str  # a statement that returns the numbers from 1 to MANY_ROWS
    values: tuple[tuple[str, str | None, Any], ...]  # expression, its text, its value
    wrong: tuple[str, int]  # a statement the server refuses, and where
    tables: tuple[str, ...]  # names of the nodes on the way to the group of tables
    create: str = "CREATE TABLE {name} ({column} VARCHAR(20))"
    names: tuple[str, ...] = (
        'a"b',
        "a'b",
        "a`b",
        "a.b",
        "a\nb",
        "a;b",
        "%s",
        "{x}",
        "$1",
        "-- x",
        "/* x",
        "ä ß",
        "\u202ex",
    )
    refused_when_read_only: tuple[str, ...]

    @pytest.fixture
    def profile(self) -> ConnectionProfile:
        raise NotImplementedError

    @pytest.fixture
    def credential(self) -> Credential | None:
        return None

    @pytest.fixture
    def connect(self, profile: ConnectionProfile, credential: Credential | None) -> Iterator[Connect]:
        sessions = []
        engine = get_engine(self.engine_id)

        def open_session(**changes: object) -> Session:
            changed = profile.with_(**changes)
            session = Session(changed, engine, engine.connect(changed, credential, Task()))
            sessions.append(session)
            return session

        yield open_session
        for session in sessions:
            session.close()

    @pytest.fixture
    def session(self, connect: Connect) -> Session:
        return connect()

    @pytest.fixture
    def table(self, session: Session) -> Iterator[str]:
        """An empty table with a column `a`."""
        self.drop(session, "contract")
        session.execute("CREATE TABLE contract (a VARCHAR(20))", Task())
        yield "contract"
        if session.is_open:
            session.rollback(Task())
            session.set_commit_mode(CommitMode.AUTO, Task())
            self.drop(session, "contract")

    def drop(self, session: Session, name: str) -> None:
        session.execute(f"DROP TABLE IF EXISTS {session.engine.quote(name)}", Task())

    # -- values

    def test_values_arrive_unchanged(self, session: Session) -> None:
        for expression, text, value in self.values:
            result = session.execute(f"SELECT {expression} AS x", Task())[0]
            result.fetch(1, Task())
            assert (expression, result.text(0, 0)) == (expression, text)
            assert (expression, type(result.value(0, 0))) == (expression, type(value))
            assert (expression, result.value(0, 0)) == (expression, value) or value != value

    def test_null_the_empty_text_and_the_word_null_differ(self, session: Session) -> None:
        assert rows_of(session, "SELECT NULL, '', 'NULL'") == [(None, "", "NULL")]

    def test_columns_are_known_before_rows_are_fetched(self, session: Session) -> None:
        result = session.execute("SELECT 1 AS first, 'x' AS second", Task())[0]
        assert [column.name for column in result.columns or ()] == ["first", "second"]
        assert result.row_count == 0

    def test_columns_may_have_the_same_name(self, session: Session) -> None:
        result = session.execute("SELECT 1 AS x, 2 AS x", Task())[0]
        result.fetch(10, Task())
        assert [column.name for column in result.columns or ()] == ["x", "x"]
        assert texts(result) == [("1", "2")]

    def test_a_result_without_rows_still_has_columns(self, session: Session) -> None:
        result = session.execute("SELECT 1 AS x WHERE 1 = 0", Task())[0]
        assert result.fetch(10, Task()) == 0
        assert [column.name for column in result.columns or ()] == ["x"]
        assert result.is_complete

    # -- streaming

    def test_the_first_rows_come_without_the_rest(self, session: Session) -> None:
        result = session.execute(self.many, Task())[0]
        assert result.fetch(10, Task()) == 10
        assert (result.row_count, result.is_open, result.is_complete) == (10, True, False)

    @pytest.mark.parametrize("page", [1, 7, 500, 999, 1_000_000])
    def test_pages_of_any_size_give_every_row_once(self, session: Session, page: int) -> None:
        wanted = 2_000 if page < 500 else MANY_ROWS
        result = session.execute(
            f"SELECT * FROM ({self.many}) x" if page > 499 else f"{self.many} LIMIT {wanted}", Task()
        )[0]
        sizes = []
        while added := result.fetch(page, Task()):
            sizes.append(added)
        assert all(size == page for size in sizes[:-1])
        assert [result.text(row, 0) for row in range(result.row_count)] == [str(n) for n in range(1, wanted + 1)]
        assert (result.is_open, result.is_complete) == (False, True)

    def test_another_thread_reads_while_rows_arrive(self, session: Session) -> None:
        result = session.execute(self.many, Task())[0]
        wrong: list[object] = []
        done = threading.Event()

        def look() -> None:
            while not done.is_set():
                last = result.row_count - 1
                if last >= 0 and result.text(last, 0) != str(last + 1):
                    wrong.append((last, result.text(last, 0)))

        looker = threading.Thread(target=look)
        looker.start()
        while result.fetch(1_000, Task()):
            pass
        done.set()
        looker.join()
        assert wrong == []
        assert result.row_count == MANY_ROWS

    def test_a_new_statement_closes_the_result_before_and_leaves_it_incomplete(self, session: Session) -> None:
        result = session.execute(self.many, Task())[0]
        result.fetch(10, Task())
        assert rows_of(session, "SELECT 1") == [("1",)]
        assert (result.is_open, result.is_complete, result.row_count) == (False, False, 10)
        assert result.text(9, 0) == "10"
        assert result.fetch(10, Task()) == 0

    # -- stopping

    def test_a_running_statement_is_stopped(self, session: Session) -> None:
        task = Task()
        timer = cancel_soon(task)
        with pytest.raises(Cancelled):
            session.execute(self.slow, task)[0].fetch(10, task)
        timer.join()
        assert session.is_open
        assert rows_of(session, "SELECT 1") == [("1",)]

    def test_a_statement_that_was_stopped_before_it_began_does_not_run(self, session: Session, table: str) -> None:
        task = Task()
        task.cancel()
        with pytest.raises(Cancelled):
            session.execute(f"INSERT INTO {table} VALUES ('x')", task)
        assert rows_of(session, f"SELECT count(*) FROM {table}") == [("0",)]

    def test_fetching_is_stopped_and_keeps_what_it_has(self, session: Session) -> None:
        result = session.execute(self.many, Task())[0]
        result.fetch(10, Task())
        task = Task()
        task.cancel()
        with pytest.raises(Cancelled):
            result.fetch(10, task)
        assert (result.is_open, result.is_complete, result.row_count) == (False, False, 10)
        assert rows_of(session, "SELECT 1") == [("1",)]

    def test_a_stop_at_any_moment_leaves_a_session_that_answers_rightly(self, session: Session) -> None:
        for step in range(40):
            task = Task()
            timer = cancel_soon(task, step / 4_000)
            try:
                result = session.execute(self.many, task)[0]
                result.fetch(2_000, task)
            except Cancelled:
                pass
            timer.join()
            assert rows_of(session, f"SELECT {step}") == [(str(step),)]

    def test_nothing_happens_when_nothing_runs(self, session: Session) -> None:
        session._connection.cancel()
        assert rows_of(session, "SELECT 1") == [("1",)]

    # -- errors

    def test_an_error_tells_its_position(self, session: Session) -> None:
        statement, position = self.wrong
        with pytest.raises(QueryError) as caught:
            session.execute(statement, Task())
        assert caught.value.position == position
        assert caught.value.code
        assert rows_of(session, "SELECT 1") == [("1",)]

    def test_two_statements_in_one_text_are_refused(self, session: Session, table: str) -> None:
        with pytest.raises(QueryError):
            session.execute(f"SELECT 1; INSERT INTO {table} VALUES ('x')", Task())
        assert rows_of(session, f"SELECT count(*) FROM {table}") == [("0",)]

    def test_half_a_character_is_refused(self, session: Session) -> None:
        with pytest.raises(QueryError) as caught:
            session.execute("SELECT '\ud83d'", Task())
        assert caught.value.position == 8
        assert rows_of(session, "SELECT 1") == [("1",)]

    def test_a_closed_session_says_so(self, session: Session) -> None:
        session.close()
        session.close()
        assert not session.is_open
        with pytest.raises(ConnectError) as caught:
            session.execute("SELECT 1", Task())
        assert caught.value.reason is ConnectReason.LOST

    # -- changes

    def test_changes_are_counted(self, session: Session, table: str) -> None:
        result = session.execute(f"INSERT INTO {table} VALUES ('x'), ('y'), (NULL)", Task())[0]
        assert (result.columns, result.rows_affected, result.is_complete) == (None, 3, True)

    def test_auto_mode_commits_each_statement(self, session: Session, table: str, connect: Connect) -> None:
        session.execute(f"INSERT INTO {table} VALUES ('x')", Task())
        assert not session.in_transaction
        assert rows_of(connect(), f"SELECT a FROM {table}") == [("x",)]

    def test_manual_mode_waits_for_the_commit(self, session: Session, table: str, connect: Connect) -> None:
        other = connect()
        session.set_commit_mode(CommitMode.MANUAL, Task())
        session.execute(f"INSERT INTO {table} VALUES ('x')", Task())
        assert session.in_transaction
        assert rows_of(other, f"SELECT a FROM {table}") == []
        session.commit(Task())
        assert not session.in_transaction
        assert rows_of(other, f"SELECT a FROM {table}") == [("x",)]

    def test_manual_mode_takes_back(self, session: Session, table: str) -> None:
        session.set_commit_mode(CommitMode.MANUAL, Task())
        session.execute(f"INSERT INTO {table} VALUES ('x')", Task())
        session.rollback(Task())
        assert not session.in_transaction
        assert rows_of(session, f"SELECT a FROM {table}") == []

    def test_a_change_of_mode_does_not_commit(self, session: Session, table: str, connect: Connect) -> None:
        session.set_commit_mode(CommitMode.MANUAL, Task())
        session.execute(f"INSERT INTO {table} VALUES ('x')", Task())
        session.set_commit_mode(CommitMode.AUTO, Task())
        assert session.in_transaction
        assert rows_of(connect(), f"SELECT a FROM {table}") == []
        session.rollback(Task())

    def test_a_profile_may_ask_for_manual_mode(self, session: Session, table: str, connect: Connect) -> None:
        manual = connect(commit_mode=CommitMode.MANUAL)
        manual.execute(f"INSERT INTO {table} VALUES ('x')", Task())
        manual.close()
        assert rows_of(session, f"SELECT a FROM {table}") == []

    def test_an_abandoned_result_does_not_undo_what_the_statement_did(self, session: Session, table: str) -> None:
        result = session.execute(f"INSERT INTO {table} SELECT * FROM ({self.many}) x RETURNING a", Task())[0]
        result.fetch(10, Task())
        assert result.is_open
        assert rows_of(session, f"SELECT count(*) FROM {table}") == [(str(MANY_ROWS),)]

    def test_closing_does_not_undo_what_a_statement_did(self, session: Session, table: str, connect: Connect) -> None:
        other = connect()
        other.execute(f"INSERT INTO {table} SELECT * FROM ({self.many}) x RETURNING a", Task())[0].fetch(10, Task())
        other.close()
        assert rows_of(session, f"SELECT count(*) FROM {table}") == [(str(MANY_ROWS),)]

    # -- read-only

    def test_a_read_only_connection_reads(self, session: Session, table: str, connect: Connect) -> None:
        session.execute(f"INSERT INTO {table} VALUES ('x')", Task())
        reader = connect(read_only=True)
        assert rows_of(reader, f"SELECT a FROM {table}") == [("x",)]
        assert not reader.in_transaction
        assert rows_of(reader, f"WITH y AS (SELECT a FROM {table}) SELECT count(*) FROM y") == [("1",)]

    @pytest.mark.parametrize("mode", list(CommitMode))
    def test_a_read_only_connection_cannot_be_made_to_write(
        self, session: Session, table: str, connect: Connect, mode: CommitMode
    ) -> None:
        session.execute(f"INSERT INTO {table} VALUES ('x')", Task())
        for attempt in self.refused_when_read_only:
            reader = connect(read_only=True, commit_mode=mode)
            for statement in (attempt, f"INSERT INTO {table} VALUES ('y')", "COMMIT"):
                for part in statement.split(" |> "):
                    try:
                        for result in reader.execute(part.replace("{table}", table), Task()):
                            result.fetch(10, Task())
                    except QueryError:
                        pass
            reader.close()
            assert (attempt, rows_of(session, f"SELECT a FROM {table}")) == (attempt, [("x",)])

    # -- catalogue

    def test_names_with_every_character_work_everywhere(self, session: Session) -> None:
        quote = session.engine.quote
        for name in self.names:
            self.drop(session, name)
            session.execute(self.create.format(name=quote(name), column=quote(name)), Task())
            session.execute(f"INSERT INTO {quote(name)} ({quote(name)}) VALUES ('x')", Task())
        tables = {node.name: node for node in session.children(find(session, *self.tables), Task())}
        for name in self.names:
            assert name in tables
            assert tables[name].kind is NodeKind.TABLE
            assert rows_of(session, session.engine.select_all(tables[name].path)) == [("x",)]
            columns = session.children(find(session, *self.tables, name, "Columns"), Task())
            assert [column.name for column in columns] == [name]
            for group in session.children(tables[name], Task()):
                session.children(group, Task())
            self.drop(session, name)

    def test_the_tree_can_be_opened_everywhere(self, session: Session, table: str) -> None:
        def walk(node: Node | None, depth: int) -> int:
            nodes = [child for child in session.children(node, Task()) if not child.is_system]
            return len(nodes) + sum(walk(child, depth + 1) for child in nodes if child.has_children)

        assert walk(None, 0) > len(self.tables)
        assert table in names_below(session, find(session, *self.tables))


class ServerContract(EngineContract):
    """What every engine does whose databases are reached over the network."""

    kill: str  # a statement that ends the connection of this number
    own_number: str  # a query of the number of the own connection

    def connect_error(self, profile: ConnectionProfile, credential: Credential, **options: Any) -> ConnectError:
        with pytest.raises(ConnectError) as caught:
            get_engine(self.engine_id).connect(profile, credential, Task(), **options)
        assert credential.password is not None
        assert credential.password.reveal() not in "".join(traceback.format_exception(caught.value))
        return caught.value

    def test_a_wrong_password_is_a_refused_login(self, profile: ConnectionProfile, credential: Credential) -> None:
        error = self.connect_error(profile, Credential(credential.user, Secret("wrong-Passw0rd-€")))
        assert error.reason is ConnectReason.LOGIN
        assert credential.user in str(error)

    def test_an_unknown_user_is_a_refused_login(self, profile: ConnectionProfile, credential: Credential) -> None:
        assert credential.password is not None
        error = self.connect_error(profile, Credential("nobody-here", credential.password))
        assert error.reason is ConnectReason.LOGIN

    def test_an_unknown_database_is_named(self, profile: ConnectionProfile, credential: Credential) -> None:
        error = self.connect_error(profile.with_(database="nowhere"), credential)
        assert error.reason is ConnectReason.NO_DATABASE
        assert "nowhere" in str(error)

    def test_a_closed_port_is_unreachable(
        self, profile: ConnectionProfile, credential: Credential, unused_tcp_port: int
    ) -> None:
        error = self.connect_error(profile.with_(port=unused_tcp_port), credential)
        assert error.reason is ConnectReason.UNREACHABLE
        assert f"127.0.0.1:{unused_tcp_port}" in str(error)

    def test_an_unknown_host_is_unreachable(self, profile: ConnectionProfile, credential: Credential) -> None:
        error = self.connect_error(profile.with_(host="nowhere.invalid"), credential)
        assert error.reason is ConnectReason.UNREACHABLE

    def test_a_silent_server_times_out(
        self, profile: ConnectionProfile, credential: Credential, silent_port: int
    ) -> None:
        error = self.connect_error(profile.with_(port=silent_port), credential, timeout=0.3)
        assert error.reason is ConnectReason.TIMEOUT

    def test_connecting_is_stopped(self, profile: ConnectionProfile, credential: Credential, silent_port: int) -> None:
        task = Task()
        timer = cancel_soon(task)
        with pytest.raises(Cancelled):
            get_engine(self.engine_id).connect(profile.with_(port=silent_port), credential, task, timeout=600)
        timer.join()

    def test_a_lost_connection_is_told(self, session: Session, connect: Connect) -> None:
        number = rows_of(session, self.own_number)[0][0]
        connect().execute(self.kill.format(number=number), Task())[0].fetch(1, Task())
        with pytest.raises(ConnectError) as caught:
            rows_of(session, "SELECT 1")
        assert caught.value.reason is ConnectReason.LOST
        assert not session.is_open

    def test_a_connection_lost_while_rows_arrive_is_told(self, session: Session, connect: Connect) -> None:
        number = rows_of(session, self.own_number)[0][0]
        result = session.execute(f"SELECT x.*, y.* FROM ({self.many}) x, ({self.many}) y", Task())[0]
        result.fetch(10, Task())
        connect().execute(self.kill.format(number=number), Task())[0].fetch(1, Task())
        with pytest.raises(ConnectError) as caught:
            result.fetch(10**12, Task())
        assert caught.value.reason is ConnectReason.LOST
        assert not session.is_open
        assert not result.is_complete

    def test_the_version_names_the_product(self, session: Session) -> None:
        assert session.server_version.startswith(session.engine.name)
        assert session.server_version[-1].isdigit()
