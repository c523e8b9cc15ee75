"""When the storage is synced: after a save, at start, at the interval of the settings, and when the person asks."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from keeperdb.errors import KeeperDBError, KeychainError, KeychainReason
from keeperdb.gui.keychain_gate import Attempt, KeychainGate
from keeperdb.gui.runner import Lane
from keeperdb.task import Progress, Task
from keeperdb.vault.storage_model import StorageState, SyncReport
from keeperdb.workspace import Change

if TYPE_CHECKING:
    from keeperdb.gui.vault_refresh import VaultRefresh
    from keeperdb.workspace import Workspace

T = TypeVar("T")
_SAVE_SECONDS = 2.0  # what is saved within this time goes with one sync
_TEXT = "Syncing…"


class StorageSync(QObject):
    """Everything that is done with the storage, one thing at a time on a lane of its own.

    `started()`, `progressed(Progress)` and `ended()` frame each operation; `synced(SyncReport)` follows a sync.
    """

    started = Signal()
    progressed = Signal(object)
    ended = Signal()
    synced = Signal(object)

    def __init__(
        self, workspace: "Workspace", gate: KeychainGate, refresh: "VaultRefresh", parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._gate = gate
        self._refresh = refresh
        self._lane: Lane | None = None
        self._attempts: list[Attempt] = []
        self.is_syncing = False
        self.is_wanted_again = False
        self._is_stopped = False
        self.progress = Progress()
        self.delay = QTimer(self, singleShot=True, interval=int(_SAVE_SECONDS * 1000))
        self.delay.timeout.connect(self._sync_pending)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._sync_quietly)

    @property
    def is_available(self) -> bool:
        """Whether there is a storage in this mode; there is none before the workspace is loaded."""
        return self._workspace.is_loaded and self._workspace.storage.state.is_supported

    @property
    def state(self) -> StorageState:
        return self._workspace.storage.state if self.is_available else StorageState(is_supported=False)

    @property
    def is_running(self) -> bool:
        return bool(self._attempts)

    def schedule(self, window: QWidget) -> None:
        """After the workspace was loaded: sync now if the settings say so, then at their interval.

        A locked keychain is asked for at `window`, unless the vaults are being read, which asks already.
        """
        if self._is_enabled() and self._workspace.settings.is_on("storage.sync_at_start"):
            if self._refresh.is_running:
                self._refresh.idle.connect(self._after_refresh)
            else:
                self.sync(window)
        self.reschedule()

    def reschedule(self) -> None:
        """Follow a change of the interval, or of whether the storage is switched on."""
        minutes = self._workspace.settings.number("storage.sync_minutes") if self._is_enabled() else 0
        if not minutes:
            self._timer.stop()
        elif not self._timer.isActive() or self._timer.interval() != minutes * 60_000:
            self._timer.start(minutes * 60_000)

    def follow(self, change: Change) -> None:
        """Sync a little after something was saved here; several saves go together."""
        if not self.is_available:
            return
        if change in (Change.CONNECTIONS, Change.SETTINGS) and self._is_enabled() and not self._is_stopped:
            self.delay.start()
        if change in (Change.SETTINGS, Change.STORAGE):
            self.reschedule()

    def sync(
        self,
        window: QWidget | None,
        *,
        approve_deletions: bool = False,
        failed: Callable[[KeeperDBError], object] | None = None,
    ) -> None:
        """Sync, or once more when the sync that runs is done. For `window` None nothing is asked or shown."""
        if self.is_syncing:
            self.is_wanted_again = True
            return
        self.is_syncing = True
        self.delay.stop()
        self.run(
            window,
            lambda task: self._workspace.storage.sync(task, approve_deletions=approve_deletions),
            text=_TEXT,
            done=self._on_synced,
            failed=failed,
            finished=self._on_sync_finished,
        )

    def run(
        self,
        window: QWidget | None,
        operation: Callable[[Task], T],
        *,
        text: str,
        done: Callable[[T], object] | None = None,
        failed: Callable[[KeeperDBError], object] | None = None,
        finished: Callable[[], object] | None = None,
    ) -> None:
        """Run an operation on the storage after those that wait; a locked keychain is unlocked at `window` first."""

        def unlocked(task: Task) -> T:
            if self._workspace.keychain.is_locked:
                raise KeychainError(
                    KeychainReason.LOCKED, "The encrypted file is locked.", "Enter its master password."
                )
            return operation(task)

        def ended() -> None:
            self._attempts.remove(attempt)
            if finished is not None:
                finished()
            if not self._attempts:
                self.ended.emit()

        attempt = self._gate.start(
            window,
            unlocked,
            done=done or _ignore,
            failed=failed or _ignore,
            progress=self._report,
            finished=ended,
            lane=self._own_lane(),
        )
        self._attempts.append(attempt)
        if len(self._attempts) == 1:
            self.progress = Progress(text=text)
            self.started.emit()

    def cancel(self) -> None:
        """Stop what runs and what waits; what was written so far stays, and the next sync goes on from there."""
        self.is_wanted_again = False
        for attempt in self._attempts:
            attempt.cancel()

    def stop(self) -> None:
        """Nothing starts by itself any more; the program is about to end."""
        self._is_stopped = True
        self.delay.stop()
        self._timer.stop()
        self.cancel()

    def _is_enabled(self) -> bool:
        return self.state.is_enabled

    def _after_refresh(self) -> None:
        self._refresh.idle.disconnect(self._after_refresh)
        self._sync_quietly()

    def _sync_pending(self) -> None:
        if self._is_enabled() and self.state.pending:
            self._sync_quietly()

    def _sync_quietly(self) -> None:
        """Without anybody having asked: what goes wrong stands in the state, and nothing is asked."""
        if self._is_enabled() and not self._is_stopped:
            self.sync(None)

    def _on_synced(self, report: SyncReport) -> None:
        if report.is_deferred:  # another window syncs, and may have looked before the last save
            self.delay.start()
        self.synced.emit(report)

    def _on_sync_finished(self) -> None:
        self.is_syncing = False
        if self.is_wanted_again:
            self.is_wanted_again = False
            self._sync_quietly()

    def _report(self, progress: Progress) -> None:
        self.progress = progress if progress.text else Progress(progress.done, progress.total, self.progress.text)
        self.progressed.emit(self.progress)

    def _own_lane(self) -> Lane:
        if self._lane is None:
            self._lane = self._gate.runner.lane("storage")
        return self._lane


def _ignore(_: object) -> None:
    """The state of the storage says how it ended."""
