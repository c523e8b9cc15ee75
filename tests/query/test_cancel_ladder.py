"""Stopping, step by step, on servers that answer, on sessions that hang, and on servers that say nothing at all."""

import os
import signal
import threading
from collections.abc import Callable, Iterator

import pytest

from keeperdb.connections.profile import CommitMode
from keeperdb.engines.cancel_ladder import ASK_SECONDS, SIDE_SECONDS, climb
from keeperdb.engines.interruption import Interruption
from keeperdb.engines.registry import get_engine
from keeperdb.errors import Cancelled
from keeperdb.query.session import Session
from keeperdb.task import Progress, Task
from tests.fixtures.database_servers import DatabaseServer

ASK = "Asking the server to stop…"
END = "The server does not stop. Ending the session on the server…"
DROP = "The server does not answer. Dropping the connection…"


@pytest.fixture
def stop_process() -> Iterator[Callable[[int], None]]:
    """Holds a process still until the test ends."""
    held: list[int] = []

    def hold(number: int) -> None:
        os.kill(number, signal.SIGSTOP)
        held.append(number)

    yield hold
    for number in held:
        os.kill(number, signal.SIGCONT)


def opened(server: DatabaseServer) -> Session:
    engine, profile = get_engine(server.engine), server.profile()
    return Session(profile, engine, engine.connect(profile, server.credential, Task()))


def number_of(session: Session, statement: str) -> int:
    result = session.execute(statement, Task())[0]
    result.fetch(1, Task())
    return int(result.text(0, 0) or 0)


def cancel_while(session: Session, statement: str, before_cancel: Callable[[], None]) -> list[str]:
    """Run `statement` on a thread of its own, as a lane does, and stop it; returns what the person was told."""
    told: list[Progress] = []
    ended: list[BaseException] = []
    task = Task(told.append)

    def lane() -> None:
        try:
            session.execute(statement, task)[0].fetch(10**9, task)
        except Cancelled as error:
            ended.append(error)

    thread = threading.Thread(target=lane)
    thread.start()
    thread.join(0.5)
    assert thread.is_alive()
    before_cancel()
    task.cancel()
    thread.join(60)
    assert not thread.is_alive()
    assert len(ended) == 1
    return [progress.text for progress in told if progress.text]


SLOW = {"postgresql": "SELECT pg_sleep(300)", "mariadb": "SELECT sleep(300)"}


@pytest.mark.parametrize("name", ["postgresql", "mariadb"])
def test_a_server_that_answers_is_asked_and_keeps_the_session(request: pytest.FixtureRequest, name: str) -> None:
    session = opened(request.getfixturevalue(f"{name}_server"))
    assert cancel_while(session, SLOW[name], lambda: None) == [ASK]
    assert number_of(session, "SELECT 7") == 7
    session.close()


def test_a_session_that_hangs_is_dropped_and_marked_lost(
    postgresql_server: DatabaseServer, stop_process: Callable[[int], None]
) -> None:
    session = opened(postgresql_server)
    backend = number_of(session, "SELECT pg_backend_pid()")
    assert cancel_while(session, SLOW["postgresql"], lambda: stop_process(backend)) == [ASK, END, DROP]
    assert not session.is_open
    session.close()


@pytest.mark.parametrize("name", ["postgresql", "mariadb"])
def test_a_server_that_says_nothing_at_all_is_given_up(
    request: pytest.FixtureRequest, stop_process: Callable[[int], None], name: str
) -> None:
    server = request.getfixturevalue(f"{name}_server")
    session = opened(server)
    backend = number_of(session, "SELECT pg_backend_pid()") if name == "postgresql" else 0

    def hold_all() -> None:
        stop_process(server.pid)
        if backend:
            stop_process(backend)

    assert cancel_while(session, SLOW[name], hold_all) == [ASK, END, DROP]
    assert not session.is_open
    session.close()


def test_a_session_that_ignores_the_request_is_ended_on_the_server(postgresql_server: DatabaseServer) -> None:
    """A statement that a procedure catches each cancel of goes on; ending the session does not ask it."""
    session = opened(postgresql_server)
    stubborn = "DO $$ BEGIN LOOP BEGIN PERFORM pg_sleep(300); EXCEPTION WHEN query_canceled THEN END; END LOOP; END $$"
    assert cancel_while(session, stubborn, lambda: None) == [ASK, END]
    assert not session.is_open
    session.close()


def test_a_transaction_survives_a_stop_that_was_heard(mariadb_server: DatabaseServer) -> None:
    session = opened(mariadb_server)
    session.set_commit_mode(CommitMode.MANUAL, Task())
    session.execute("CREATE TEMPORARY TABLE kept (a int)", Task())
    session.execute("INSERT INTO kept VALUES (1)", Task())
    cancel_while(session, SLOW["mariadb"], lambda: None)
    assert session.in_transaction
    assert number_of(session, "SELECT count(*) FROM kept") == 1
    session.close()


def test_the_ladder_is_shorter_than_six_seconds() -> None:
    assert ASK_SECONDS + SIDE_SECONDS < 6


def test_each_step_gets_no_more_time_than_there_is() -> None:
    interruption, told, given = Interruption(), [], []
    with interruption.running():
        climb(interruption, told.append, given.append, given.append, lambda: told.append("dropped"))
    assert told == [ASK, END, DROP, "dropped"]
    assert all(0 < seconds <= SIDE_SECONDS for seconds in given)
    assert given[-1] < SIDE_SECONDS


def test_nothing_is_said_when_nothing_runs() -> None:
    told: list[str] = []
    climb(Interruption(), told.append, lambda _: None, lambda _: None, lambda: None)
    assert told == []
