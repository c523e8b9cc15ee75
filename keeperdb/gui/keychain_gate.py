"""Runs what needs the keychain: unlocks it, or has another place chosen, and then goes on where it stopped."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from keeperdb.errors import KeeperDBError, KeychainError, KeychainReason
from keeperdb.gui import words
from keeperdb.gui.password_prompt import KeychainChoice, MasterPasswordPrompt, OldSecretsChoice
from keeperdb.gui.runner import Lane, Runner
from keeperdb.keychain.secret import Secret
from keeperdb.task import Progress, Task

if TYPE_CHECKING:
    from keeperdb.workspace import Workspace

T = TypeVar("T")
_SOLVABLE = (KeychainReason.LOCKED, KeychainReason.MISSING)


class GivenUpError(KeychainError):
    """The person closed the question; nothing was changed."""


class Attempt(QObject):
    """An operation that may have to wait for the keychain; `cancel` stops it at any point.

    The callbacks are those of `Runner.start`; `finished` comes once, after the last try.
    """

    def __init__(
        self,
        gate: "KeychainGate",
        window: QWidget | None,
        operation: Callable[[Task], T],
        *,
        done: Callable[[T], object],
        failed: Callable[[KeeperDBError], object],
        progress: Callable[[Progress], object] | None = None,
        finished: Callable[[], object] | None = None,
        lane: Lane | None = None,
    ) -> None:
        super().__init__(gate)
        self._gate = gate
        self._window = window
        self._operation = operation
        self._done, self._failed = done, failed
        self._progress, self._finished = progress, finished
        self._lane = lane
        self._is_waiting = False
        self._task: Task | None = None
        self.is_cancelled = False
        self._run()

    def cancel(self) -> None:
        self.is_cancelled = True
        if self._task is not None:
            self._gate.runner.cancel(self._task)

    def _run(self) -> None:
        self._is_waiting = False
        self._task = self._gate.runner.start(
            self._operation,
            owner=self,
            done=self._done,
            failed=self._on_failed,
            progress=self._progress,
            finished=self._on_finished,
            lane=self._lane,
        )

    def _on_failed(self, error: KeeperDBError) -> None:
        is_solvable = isinstance(error, KeychainError) and error.reason in _SOLVABLE
        if isinstance(error, KeychainError) and is_solvable and self._window is not None and not self.is_cancelled:
            self._is_waiting = True
            self._gate.solve(self._window, error, self._run, lambda: self._give_up(error))
        else:
            self._failed(error)

    def _give_up(self, error: KeeperDBError) -> None:
        self._is_waiting = False
        self._failed(error)
        self._on_finished()

    def _on_finished(self) -> None:
        if not self._is_waiting:
            if self._finished is not None:
                self._finished()
            self.deleteLater()


class KeychainGate(QObject):
    """Stands between the windows and operations that need secrets.

    `forgotten` says that what was typed before is not to be used any more: the program was locked.
    """

    forgotten = Signal()

    def __init__(self, workspace: "Workspace", runner: Runner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.runner = runner

    def start(
        self,
        window: QWidget | None,
        operation: Callable[[Task], T],
        *,
        done: Callable[[T], object],
        failed: Callable[[KeeperDBError], object],
        progress: Callable[[Progress], object] | None = None,
        finished: Callable[[], object] | None = None,
        lane: Lane | None = None,
    ) -> Attempt:
        """Run `operation` in the background; dialogs that it needs belong to `window`, and are not shown for None."""
        return Attempt(
            self, window, operation, done=done, failed=failed, progress=progress, finished=finished, lane=lane
        )

    def solve(
        self, window: QWidget, error: KeychainError, go_on: Callable[[], None], give_up: Callable[[], None]
    ) -> None:
        """Unlock the encrypted file, or have another place chosen; then `go_on`, or `give_up` if the person cancels."""
        self.runner.start(
            lambda _: (self.workspace.keychain.is_locked, self.workspace.keychain.is_new),
            owner=window,
            done=lambda state: self._ask(window, error, state, go_on, give_up),
        )

    def choose(
        self, window: QWidget, kind: str, done: Callable[[], object], failed: Callable[[KeeperDBError], object]
    ) -> None:
        """Keep secrets in another kind of place from now on; asks for a master password where that needs one."""
        if kind == "file":
            self._probe_file(window, lambda is_new: self._ask_master(window, is_new, self._chooser(kind), done, failed))
        elif kind == "ask":
            self._choose_nowhere(window, done, failed)
        else:
            self._move(window, kind, None, done, failed)

    def _choose_nowhere(
        self, window: QWidget, done: Callable[[], object], failed: Callable[[KeeperDBError], object]
    ) -> None:
        """Ask what becomes of what is kept, if there is anything and it can be read."""
        cancelled = GivenUpError(KeychainReason.LOCKED, "Nothing was changed.")

        def ask(count: int) -> None:
            if not count:
                self._move(window, "ask", None, done, failed)
                return
            choice = OldSecretsChoice(window, words.count(count, "secret"), self.workspace.keychain.label)
            choice.chosen.connect(lambda removes: self._move(window, "ask", None, done, failed, removes=removes))
            choice.rejected.connect(lambda: failed(cancelled))
            choice.open()

        self.runner.start(self.workspace.count_kept, owner=window, done=ask, failed=lambda _: ask(0))

    def _ask(
        self,
        window: QWidget,
        error: KeychainError,
        state: tuple[bool, bool],
        go_on: Callable[[], None],
        give_up: Callable[[], None],
    ) -> None:
        is_locked, is_new = state
        if is_locked:
            unlock = self.workspace.keychain.unlock
            self._ask_master(window, is_new, lambda password, _: unlock(password), go_on, lambda _: give_up())
            return
        choice = KeychainChoice(window, error)
        choice.rejected.connect(give_up)
        choice.chosen.connect(
            lambda kind: go_on() if kind == "retry" else self.choose(window, kind, go_on, lambda _: give_up())
        )
        choice.open()

    def _ask_master(
        self,
        window: QWidget,
        is_new: bool,
        use: Callable[[Secret, Task], None],
        done: Callable[[], object],
        failed: Callable[[KeeperDBError], object],
    ) -> None:
        """Ask until `use` takes the password; `failed` when the person cancels."""
        prompt = MasterPasswordPrompt(window, is_new=is_new)
        cancelled = GivenUpError(KeychainReason.LOCKED, "The encrypted file stays locked.", "Try again to unlock it.")

        def finish() -> None:
            prompt.rejected.disconnect()
            prompt.accept()
            done()

        prompt.rejected.connect(lambda: failed(cancelled))
        prompt.answered.connect(
            lambda password: self.runner.start(
                lambda task: use(password, task),
                owner=prompt,
                done=lambda _: finish(),
                failed=lambda error: prompt.fail(str(error)),
            )
        )
        prompt.open()

    def _probe_file(self, window: QWidget, then: Callable[[bool], object]) -> None:
        from keeperdb.keychain import FileKeychain, open_keychain

        def is_new(_: Task) -> bool:
            keychain = open_keychain("file", self.workspace.paths)
            return isinstance(keychain, FileKeychain) and not keychain.exists

        self.runner.start(is_new, owner=window, done=then)

    def _chooser(self, kind: str) -> Callable[[Secret, Task], None]:
        return lambda password, task: self.workspace.choose_keychain(kind, task, master_password=password)

    def _move(
        self,
        window: QWidget,
        kind: str,
        password: Secret | None,
        done: Callable[[], object],
        failed: Callable[[KeeperDBError], object],
        *,
        removes: bool = False,
    ) -> None:
        self.runner.start(
            lambda task: self.workspace.choose_keychain(kind, task, master_password=password, removes=removes),
            owner=window,
            done=lambda _: done(),
            failed=failed,
        )
