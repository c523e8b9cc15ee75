"""One tab's session and the lane it lives on: opened when first needed, told from the UI thread what to do."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from PySide6.QtCore import QObject, Signal

from keeperdb.connections.profile import CommitMode
from keeperdb.errors import ConnectError, ConnectReason, KeeperDBError, KeychainError, KeychainReason
from keeperdb.gui.runner import Lane, Runner
from keeperdb.query.session import Session
from keeperdb.task import Progress, Task

T = TypeVar("T")


class SessionState(StrEnum):
    CLOSED = "closed"
    CONNECTING = "connecting"
    READY = "ready"
    BUSY = "busy"
    LOST = "lost"


class SessionOpener(Protocol):
    """How a window opens sessions; asks the person for a password when there is none."""

    def open(self, task: Task) -> Session:
        """A new session; blocks, so it runs on a lane. Raises what `Workspace.open` raises."""
        ...

    def ask_password(self, error: ConnectError, then: Callable[[], None], otherwise: Callable[[], None]) -> None:
        """Ask on the UI thread; `then` opens again with the answer, `otherwise` is called when there is none."""
        ...

    def open_keychain(self, error: KeychainError, then: Callable[[], None], otherwise: Callable[[], None]) -> None:
        """Unlock the keychain, or have another chosen, on the UI thread; as `ask_password`."""
        ...


_SOLVABLE = (KeychainReason.LOCKED, KeychainReason.MISSING)


class QuerySession(QObject):
    """Runs operations on one session, one after the other.

    Everything here is called on the UI thread, but `operation(session, task)`, which runs on the lane. `changed`
    follows each change of `state` and of the transaction.
    """

    changed = Signal()
    lost = Signal(object, object)  # ConnectError, and what was lost with it in words

    def __init__(
        self,
        runner: Runner,
        opener: SessionOpener,
        commit_mode: CommitMode,
        parent: QObject,
        *,
        session: Session | None = None,
        lane: Lane | None = None,
    ) -> None:
        """`session`, if it is open already, lives on `lane`."""
        super().__init__(parent)
        self.state = SessionState.CLOSED if session is None else SessionState.READY
        self.commit_mode = commit_mode
        self.isolation = ""  # the server's default
        self.in_transaction = False
        self.has_failed = False  # the transaction can only be rolled back
        self.statements = 0  # that changed something since the transaction began
        self.rows = 0  # that they changed
        self.since: datetime | None = None  # when the transaction began
        self.server_version = ""
        self.runner = self._runner = runner
        self._opener = opener
        self._lane = lane or runner.lane("session")
        self._session = session  # set on the lane; the UI thread only asks whether there is one
        self._tasks: list[Task] = []
        self._stopped: set[Task] = set()  # of those, which a person asked to stop

    @property
    def has_changes(self) -> bool:
        """Whether something that changed data waits for a commit."""
        return self.statements > 0

    @property
    def is_busy(self) -> bool:
        return self.state in (SessionState.BUSY, SessionState.CONNECTING)

    def run(
        self,
        operation: Callable[[Session, Task], T],
        *,
        done: Callable[[T], None],
        failed: Callable[[KeeperDBError], None],
        cancelled: Callable[[], None],
        progress: Callable[[Progress], None] | None = None,
    ) -> None:
        """Open the session if there is none, then run `operation`; one of the three callbacks is called at the end."""
        if self._session is None or self.state in (SessionState.CLOSED, SessionState.LOST):
            self._connect(lambda: self._run(operation, done, failed, cancelled, progress), failed, cancelled)
        else:
            self._run(operation, done, failed, cancelled, progress)

    def connect_again(self, failed: Callable[[KeeperDBError], None]) -> None:
        """Open a new session after the old one was lost; nothing is run again."""
        self._connect(lambda: self._enter(SessionState.READY), failed, lambda: None)

    def set_commit_mode(self, mode: CommitMode, failed: Callable[[KeeperDBError], None]) -> None:
        """Commit by hand or by itself from now on; a session that is not open yet begins that way."""
        self.commit_mode = mode
        if self.state is SessionState.READY:
            self._run(
                lambda session, task: session.set_commit_mode(mode, task), lambda _: None, failed, lambda: None, None
            )
        else:
            self.changed.emit()

    def another(self, parent: QObject) -> "QuerySession":
        """A session to the same place that opens when it is first used, and commits by itself."""
        return QuerySession(self._runner, self._opener, CommitMode.AUTO, parent)

    def cancel(self) -> None:
        """Stop what runs, and what waits behind it."""
        self._stopped.update(self._tasks)
        for task in self._tasks:
            self._runner.cancel(task)

    def set_isolation(self, level: str, failed: Callable[[KeeperDBError], None]) -> None:
        """The isolation level of transactions to come; a session that is not open yet begins with it."""
        self.isolation = level
        if self.state is SessionState.READY:
            self._run(lambda session, task: session.set_isolation(level, task), lambda _: None, failed, _nothing, None)
        else:
            self.changed.emit()

    def release(self) -> bool:
        """Close the session if nothing would be lost with it: the next run connects anew. Say whether none is left."""
        if self.state in (SessionState.CLOSED, SessionState.LOST):
            return True
        session = self._session
        if self.state is not SessionState.READY or session is None or session.at_stake.in_words():
            return False
        if session.in_transaction or session.has_rows_left:
            return False
        self._runner.start(self._drop_session, owner=self._runner, lane=self._lane)
        self._enter(SessionState.CLOSED)
        return True

    def close(self) -> None:
        """Stop what runs, close the session and its lane; what is not committed is rolled back."""
        self.cancel()
        self._runner.start(self._close_session, owner=self._runner, lane=self._lane)
        self._lane.close()

    def _connect(
        self, then: Callable[[], None], failed: Callable[[KeeperDBError], None], cancelled: Callable[[], None]
    ) -> None:
        def refused(error: KeeperDBError) -> None:
            self._enter(SessionState.CLOSED)
            if task in self._stopped:
                cancelled()
            elif isinstance(error, ConnectError) and error.reason is ConnectReason.PASSWORD_NEEDED:
                self._opener.ask_password(error, lambda: self._connect(then, failed, cancelled), cancelled)
            elif isinstance(error, KeychainError) and error.reason in _SOLVABLE:
                self._opener.open_keychain(error, lambda: self._connect(then, failed, cancelled), lambda: failed(error))
            else:
                failed(error)

        def stopped() -> None:
            self._enter(SessionState.CLOSED)
            cancelled()

        def opened(_: None) -> None:
            if task in self._stopped:  # asked for when the server had answered already
                self._enter(SessionState.READY)
                cancelled()
            else:
                then()

        self._enter(SessionState.CONNECTING)
        task = self._start(self._open, opened, refused, stopped, None)

    def _run(
        self,
        operation: Callable[[Session, Task], T],
        done: Callable[[T], None],
        failed: Callable[[KeeperDBError], None],
        cancelled: Callable[[], None],
        progress: Callable[[Progress], None] | None,
    ) -> None:
        def on_lane(task: Task) -> T:
            if self._session is None:
                raise ConnectError(ConnectReason.LOST, "The session is closed.", "Reconnect, then run it again.")
            return operation(self._session, task)

        def ended(then: Callable[[], None]) -> None:
            self._look_at_transaction()
            self._enter(SessionState.BUSY if self._tasks else SessionState.READY)
            then()

        def refused(error: KeeperDBError) -> None:
            if isinstance(error, ConnectError) and error.reason is ConnectReason.LOST:
                self._lose(error)
                failed(error)
            else:
                ended(lambda: failed(error))

        def stopped() -> None:
            if self._session is not None and not self._session.is_open:
                self._lose(_ended_by_stopping())
                cancelled()
            else:
                ended(cancelled)

        self._enter(SessionState.BUSY)
        self._start(on_lane, lambda result: ended(lambda: done(result)), refused, stopped, progress)

    def _start(
        self,
        operation: Callable[[Task], T],
        done: Callable[[T], None],
        failed: Callable[[KeeperDBError], None],
        cancelled: Callable[[], None],
        progress: Callable[[Progress], None] | None,
    ) -> Task:
        """Start on the lane; exactly one of `done`, `failed` and `cancelled` is called."""
        is_over = False

        def over(callback: Callable[[], None]) -> None:
            nonlocal is_over
            is_over = True
            self._tasks.remove(task)
            callback()
            self._stopped.discard(task)

        task = self._runner.start(
            operation,
            owner=self,
            lane=self._lane,
            progress=progress,
            done=lambda result: over(lambda: done(result)),
            failed=lambda error: over(lambda: failed(error)),
            finished=lambda: None if is_over else over(cancelled),
        )
        self._tasks.append(task)
        return task

    def _open(self, task: Task) -> None:
        """On the lane."""
        if self._session is not None:
            self._session.close()
            self._session = None
        session = self._opener.open(task)
        session.set_commit_mode(self.commit_mode, task)
        if self.isolation:
            session.set_isolation(self.isolation, task)
        self._session = session
        self.server_version = session.server_version

    def _drop_session(self, task: Task) -> None:
        """On the lane."""
        self._close_session(task)
        self._session = None

    def _close_session(self, _task: Task) -> None:
        """On the lane."""
        if self._session is not None:
            self._session.close()

    def _look_at_transaction(self) -> None:
        """While nothing runs on the lane."""
        session = self._session
        self.in_transaction = session is not None and session.in_transaction
        self.has_failed = session is not None and session.has_failed
        if session is not None and self.in_transaction:
            stake = session.at_stake
            self.statements, self.rows, self.since = stake.statements, stake.rows, stake.since
        else:
            self.statements, self.rows, self.since = 0, 0, None

    def _lose(self, error: ConnectError) -> None:
        what = self._session.at_stake.in_words() if self._session is not None else []
        self.in_transaction = self.has_failed = False
        self.statements, self.rows, self.since = 0, 0, None
        self._enter(SessionState.LOST)
        self.lost.emit(error, what)

    def _enter(self, state: SessionState) -> None:
        self.state = state
        self.changed.emit()


def _nothing() -> None:
    """Nobody waits for it."""


def _ended_by_stopping() -> ConnectError:
    return ConnectError(
        ConnectReason.LOST,
        "The session was ended, because the statement could not be stopped in another way.",
        "Reconnect to go on. What the statement did up to then may or may not be undone by the server.",
    )
