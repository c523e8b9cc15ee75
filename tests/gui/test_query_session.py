"""A tab's session: what is asked to stop while it connects is not run, however late that is asked."""

import threading

import pytest

from keeperdb.connections.profile import CommitMode
from keeperdb.errors import ConnectError, ConnectReason
from keeperdb.gui.query_session import QuerySession, SessionState


class HeldOpener:
    """Connects like another, and holds the answer back until `answers` is set."""

    def __init__(self, opener, error: ConnectError | None = None) -> None:
        self._opener = opener
        self._error = error
        self.answers = threading.Event()
        self.has_answered = threading.Event()
        self.asked: list[ConnectError] = []

    def open(self, task):
        try:
            assert self.answers.wait(20)
            if self._error is not None:
                raise self._error
            return self._opener.open(task)
        finally:
            self.has_answered.set()

    def ask_password(self, error, then, otherwise) -> None:
        self.asked.append(error)


class Ends(list):
    """The callbacks of a run, by name."""

    def run(self, session: QuerySession) -> None:
        session.run(
            lambda session, task: self.append("ran"),
            done=lambda _: self.append("done"),
            failed=lambda error: self.append("failed"),
            cancelled=lambda: self.append("cancelled"),
        )


@pytest.fixture
def make(qtbot, runner, opener, tab):
    sessions = []

    def make_(error: ConnectError | None = None) -> tuple[QuerySession, HeldOpener]:
        held = HeldOpener(opener, error)
        sessions.append(QuerySession(runner, held, CommitMode.AUTO, tab))
        return sessions[-1], held

    yield make_
    for session in sessions:
        session.close()


def test_a_stop_that_comes_after_the_server_has_answered_is_not_lost(qtbot, make):
    session, opener = make()
    ends = Ends()
    ends.run(session)
    opener.answers.set()
    assert opener.has_answered.wait(20)
    session.cancel()  # before the event loop has brought the answer
    qtbot.waitUntil(lambda: bool(ends), timeout=20_000)
    assert ends == ["cancelled"]
    qtbot.waitUntil(lambda: not session.is_busy, timeout=20_000)
    ends.clear()
    ends.run(session)
    qtbot.waitUntil(lambda: ends == ["ran", "done"], timeout=20_000)
    assert session.state is SessionState.READY


def test_nobody_is_asked_for_a_password_after_stop(qtbot, make):
    session, opener = make(ConnectError(ConnectReason.PASSWORD_NEEDED, "A password is needed."))
    ends = Ends()
    ends.run(session)
    opener.answers.set()
    assert opener.has_answered.wait(20)
    session.cancel()
    qtbot.waitUntil(lambda: bool(ends), timeout=20_000)
    assert ends == ["cancelled"]
    assert opener.asked == []
    assert session.state is SessionState.CLOSED
