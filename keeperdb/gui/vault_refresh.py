"""When the attached vaults are read: at start, at the interval of the settings, and when the person asks."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from keeperdb.errors import KeeperDBError, KeychainError, KeychainReason
from keeperdb.gui.keychain_gate import Attempt, KeychainGate
from keeperdb.gui.notices import show_error
from keeperdb.task import Progress, Task

if TYPE_CHECKING:
    from keeperdb.vault.attached import AttachedVault
    from keeperdb.workspace import Workspace


class VaultRefresh(QObject):
    """One read of the vaults at a time. `busy(text)` and `idle()` frame it."""

    busy = Signal(str)
    idle = Signal()

    def __init__(self, workspace: "Workspace", gate: KeychainGate, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._gate = gate
        self._attempt: Attempt | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._start_quietly)

    @property
    def is_running(self) -> bool:
        return self._attempt is not None

    def schedule(self, window: QWidget) -> None:
        """After the workspace was loaded: read now if the settings say so, then at their interval.

        Now is when a locked keychain is to be unlocked, at `window`.
        """
        if self._workspace.settings.is_on("vaults.refresh_at_start") and self._workspace.vaults.all():
            self._start(window, None, lambda _: None)
        self.reschedule()

    def reschedule(self) -> None:
        """Follow a change of the interval."""
        milliseconds = self._workspace.settings.number("vaults.refresh_minutes") * 60_000
        if not milliseconds:
            self._timer.stop()
        elif not self._timer.isActive() or self._timer.interval() != milliseconds:
            self._timer.start(milliseconds)

    def start(self, window: QWidget, vault_id: str | None = None) -> None:
        """Read one vault or all; what goes wrong is shown at `window`, and stays in the state of the vault."""
        if self._workspace.is_loaded and self._attempt is None and self._workspace.vaults.all():
            self._start(window, vault_id, lambda error: show_error(window, error))

    def cancel(self) -> None:
        if self._attempt is not None:
            self._attempt.cancel()

    def stop(self) -> None:
        self._timer.stop()
        self.cancel()

    def _start_quietly(self) -> None:
        """Without anybody having asked: errors stand in the status line only, and nothing is asked."""
        if self._attempt is None and self._workspace.vaults.all():
            self._start(None, None, lambda _: None)

    def _start(self, window: QWidget | None, vault_id: str | None, failed: Callable[[KeeperDBError], object]) -> None:
        def read(task: Task) -> "list[AttachedVault]":
            if window is not None and self._workspace.keychain.is_locked:
                raise KeychainError(
                    KeychainReason.LOCKED, "The encrypted file is locked.", "Enter its master password."
                )
            return self._workspace.refresh(vault_id, task)

        self.busy.emit("Reading the vaults…")
        self._attempt = self._gate.start(
            window, read, done=lambda _: None, failed=failed, progress=self._report, finished=self._ended
        )

    def _report(self, progress: Progress) -> None:
        self.busy.emit(progress.text or "Reading the vaults…")

    def _ended(self) -> None:
        self._attempt = None
        self.idle.emit()
