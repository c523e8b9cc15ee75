"""From a connection in the list to a session: what has to be asked on the way, and how it is cancelled."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.errors import Cancelled, ConnectError, ConnectReason, KeeperDBError, KeychainError
from keeperdb.gui.keychain_gate import Attempt, KeychainGate
from keeperdb.gui.password_prompt import PasswordPrompt
from keeperdb.gui.privacy import privacy
from keeperdb.gui.runner import Lane
from keeperdb.keychain.secret import Secret
from keeperdb.task import Progress, Task

if TYPE_CHECKING:
    from keeperdb.query.session import Session
    from keeperdb.workspace import Workspace


class SessionOpener(QObject):
    """Opens the sessions of one window.

    A password that was asked for serves all sessions of that window, and is forgotten with it.
    """

    def __init__(self, workspace: "Workspace", gate: KeychainGate, profile: ConnectionProfile, parent: QObject) -> None:
        super().__init__(parent)
        self.profile = profile
        self.window: QWidget | None = None
        self._workspace = workspace
        self._gate = gate
        self._password: Secret | None = None
        gate.forgotten.connect(self._forget)

    def _forget(self) -> None:
        self._password = None

    def open(self, task: Task) -> "Session":
        """A new session; blocks. A login that the server refuses for an asked password is asked for again."""
        password = self._password
        try:
            return self._workspace.open(
                self.profile, task, password=password, on_retry=lambda text: task.report(text=text)
            )
        except ConnectError as error:
            if password is not None and error.reason is ConnectReason.LOGIN:
                self._password = None
                raise ConnectError(ConnectReason.PASSWORD_NEEDED, error.message, "Enter the password again.") from error
            raise

    def ask_password(self, error: ConnectError, then: Callable[[], None], otherwise: Callable[[], None]) -> None:
        """Ask for the password; `then` opens again, `otherwise` is called when the person cancels."""
        user = f"{self.profile.user} at " if self.profile.user else ""
        title = f"Password for “{self.profile.name}”"
        prompt = PasswordPrompt(self.window, title, privacy().place(f"{user}{self.profile.address}"), action="Connect")
        if error.message:
            prompt.field.set_help(error.message)

        def answer(password: Secret) -> None:
            self._password = password
            prompt.accept()
            then()

        prompt.answered.connect(answer)
        prompt.rejected.connect(otherwise)
        prompt.open()

    def open_keychain(self, error: KeychainError, then: Callable[[], None], otherwise: Callable[[], None]) -> None:
        """Unlock the keychain, or have another chosen; then as `ask_password`."""
        if self.window is None:
            otherwise()
        else:
            self._gate.solve(self.window, error, then, otherwise)


class Opening(QObject):
    """One connection being opened: asks what has to be asked, then hands over the session and its lane."""

    def __init__(
        self,
        gate: KeychainGate,
        opener: SessionOpener,
        window: QWidget,
        *,
        done: Callable[["Session", Lane], None],
        failed: Callable[[KeeperDBError], None],
        progress: Callable[[Progress], None],
        ended: Callable[[], None],
    ) -> None:
        super().__init__(gate)
        self._gate = gate
        self._opener = opener
        self._window = window
        self._done, self._failed, self._progress, self._ended = done, failed, progress, ended
        self._lane: Lane | None = gate.runner.lane(f"session {opener.profile.name}")
        self._attempt: Attempt | None = None
        self._is_cancelled = False
        self._is_over = False
        self._is_running = False
        self._try()

    def cancel(self) -> None:
        """Stop; the person sees that at once, the server is told in the background."""
        self._is_cancelled = True
        if self._attempt is not None:
            self._attempt.cancel()
        self._end()

    def _try(self) -> None:
        self._is_running = True
        self._attempt = self._gate.start(
            self._window,
            self._open,
            done=self._opened,
            failed=self._refused,
            progress=self._progress,
            finished=self._on_finished,
            lane=self._lane,
        )

    def _open(self, task: Task) -> "Session":
        """On the lane. A session that nobody waits for any more is closed where it was opened."""
        session = self._opener.open(task)
        if self._is_cancelled:
            session.close()
            raise Cancelled
        return session

    def _opened(self, session: "Session") -> None:
        if self._is_cancelled:
            self._gate.runner.start(lambda _: session.close(), owner=self._gate.runner, lane=self._lane)
            return
        lane, self._lane = self._lane, None
        self._end()
        if lane is not None:
            self._done(session, lane)

    def _refused(self, error: KeeperDBError) -> None:
        if self._is_over:
            return
        if isinstance(error, ConnectError) and error.reason is ConnectReason.PASSWORD_NEEDED:
            self._opener.ask_password(error, self._try, self._end)
            return
        self._end()
        self._failed(error)

    def _on_finished(self) -> None:
        self._is_running = False
        self._let_lane_go()

    def _end(self) -> None:
        if not self._is_over:
            self._is_over = True
            self._ended()
        self._let_lane_go()

    def _let_lane_go(self) -> None:
        """Close the lane once nobody needs it: a session that came too late is closed on it first."""
        if self._is_over and not self._is_running:
            if self._lane is not None:
                self._lane.close()
            self.deleteLater()
