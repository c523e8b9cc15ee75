"""Settings → Storage: where the storage is kept, how it stands, and everything that can be done with it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from keeperdb.errors import KeeperDBError
from keeperdb.gui.icons import set_icon
from keeperdb.gui.notices import plain_label, show_notice
from keeperdb.gui.storage_chooser import StorageChooser
from keeperdb.gui.storage_off_dialog import StorageOffDialog
from keeperdb.gui.storage_plan_view import PlanDialog
from keeperdb.gui.storage_restore_dialog import RestoreDialog
from keeperdb.gui.storage_status import StorageStatus
from keeperdb.gui.storage_words import progress_text
from keeperdb.gui.strips import ErrorStrip, ProgressStrip
from keeperdb.task import Progress, Task
from keeperdb.vault.storage_model import (
    FOLDER_NAME,
    RecordKind,
    StorageOffer,
    StoragePlan,
    StorageTarget,
    SyncReport,
)

if TYPE_CHECKING:
    from keeperdb.gui.app import Application

T = TypeVar("T")
_CLOCK_SECONDS = 30  # how often "5 min ago" is put right
_QUIET_MILLISECONDS = 150  # what ends within that does not move the page
_INTRODUCTION = (
    f"Keeps the connections that are saved on this machine, with their passwords, and your preferences in a folder "
    f"named {FOLDER_NAME} of your Keeper Vault, and brings them to your next machine."
)
_NO_VAULT = "No vault is attached. The storage is kept in a vault that this machine is attached to."


class SyncStrip(ProgressStrip):
    """How far the sync is: `Configuring… 4 of 245`."""

    def update_progress(self, progress: Progress) -> None:
        super().update_progress(progress)
        self.message.setText(progress_text(progress))
        self.setAccessibleName(progress_text(progress))


class StoragePage(QWidget):
    """The part of the settings page above its options. It never waits: what takes time runs on the storage's lane."""

    def __init__(self, app: "Application") -> None:
        super().__init__()
        self._app = app
        self._sync = app.storage_sync
        self._looked_at: tuple[str, ...] | None = None  # the vaults whose folders are shown
        self._patience = QTimer(self, singleShot=True, interval=_QUIET_MILLISECONDS)
        self._clock = QTimer(self)
        self.progress = SyncStrip()
        self.progress.stop_button.setText("Cancel")
        self.error = ErrorStrip()
        self.empty = _NoVault()
        self.chooser = StorageChooser()
        self.look_again = _link("Look again")
        self.status = StorageStatus()
        self._build()
        self._wire()
        self.show_state()

    def show_state(self) -> None:
        """Show how the storage stands now, or how to begin."""
        state, vaults, is_running = self._sync.state, self._app.workspace.vaults.all(), self._sync.is_running
        self.empty.setVisible(not state.is_enabled and not vaults)
        is_choosing = not state.is_enabled and bool(vaults)
        self.chooser.setVisible(is_choosing and self._looked_at is not None)
        self.look_again.setVisible(is_choosing and not is_running and self._looked_at is not None)
        self.status.setVisible(state.is_enabled)
        self.chooser.set_busy(is_running)
        if state.is_enabled:
            self._looked_at = None
            self.status.show_state(
                state,
                is_busy=is_running,
                is_syncing=self._sync.is_syncing,
                syncs_again=self._sync.is_wanted_again,
            )
        elif self.isVisible():
            self._look_for_targets()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.show_state()

    def _look_for_targets(self, *, again: bool = False) -> None:
        """Read which folders can hold the storage, once for each set of vaults."""
        vault_ids = tuple(vault.id for vault in self._app.workspace.vaults.all())
        if not vault_ids or self._sync.is_running or (self._looked_at == vault_ids and not again):
            return
        self._looked_at = vault_ids
        self._run(
            self._app.workspace.storage.targets,
            "Looking for folders that can be edited…",
            self.chooser.show_targets,
        )

    def _switch_on(self, target: StorageTarget, kind: RecordKind) -> None:
        def switch_on(task: Task) -> StorageOffer:
            storage = self._app.workspace.storage
            storage.enable(target.vault_id, target.shared_folder_uid, kind, task)
            return (
                storage.offer(target.vault_id, task, target.shared_folder_uid) if target.has_storage else StorageOffer()
            )

        self._run(switch_on, "Switching on…", lambda offer: self._on_switched_on(target, offer))

    def _on_switched_on(self, target: StorageTarget, offer: StorageOffer) -> None:
        if any(not each.is_here for each in offer.connections) or offer.has_preferences:
            self._show_offer(offer, target.vault_name)
        else:
            self._sync_now()

    def _preview(self) -> None:
        self._run(self._app.workspace.storage.plan, "Looking what a sync would do…", self._show_plan)

    def _show_plan(self, plan: StoragePlan) -> None:
        approves = plan.question is not None
        dialog = PlanDialog(plan, self.window())
        dialog.accepted_all.connect(lambda: self._sync_now(approve_deletions=approves))
        dialog.kept_all.connect(self._keep_all)
        dialog.open()

    def _keep_all(self) -> None:
        self._run(self._app.workspace.storage.keep_all, "Bringing back…", self._on_synced)

    def _offer(self) -> None:
        state = self._sync.state
        self._run(
            lambda task: self._app.workspace.storage.offer(state.vault_id, task, state.shared_folder_uid),
            f"Reading {state.vault_name}…",
            lambda offer: self._show_offer(offer, state.vault_name),
        )

    def _show_offer(self, offer: StorageOffer, vault_name: str) -> None:
        dialog = RestoreDialog(offer, vault_name, self.window())
        dialog.chosen.connect(self._take_in)
        dialog.rejected.connect(self._sync_now)
        dialog.open()

    def _take_in(self, selection: frozenset[str]) -> None:
        self._run(
            lambda task: self._app.workspace.storage.restore(task, selection),
            "Taking in…",
            self._on_synced,
        )

    def _switch_off(self) -> None:
        dialog = StorageOffDialog(self._sync.state, self.window())
        dialog.chosen.connect(self._off)
        dialog.open()

    def _off(self, keeps_copy: bool) -> None:
        name = self._sync.state.vault_name
        text = (
            f"The storage is off. {name} keeps its copy."
            if keeps_copy
            else f"The storage is off and its copy gone from {name}."
        )
        self._run(
            lambda task: self._app.workspace.storage.disable(task, keep_copy=keeps_copy),
            "Switching off…" if keeps_copy else "Removing the copy in the vault…",
            lambda _: show_notice(self, text, "success"),
        )

    def _sync_now(self, *, approve_deletions: bool = False) -> None:
        self.error.hide()
        self._sync.sync(self.window(), approve_deletions=approve_deletions, failed=self._on_failed)
        self.show_state()

    def _run(self, operation: Callable[[Task], T], text: str, done: Callable[[T], object]) -> None:
        self.error.hide()
        self._sync.run(self.window(), operation, text=text, done=done, failed=self._on_failed)

    def _on_failed(self, error: KeeperDBError) -> None:
        if error.message != self._sync.state.error:  # the state of the storage says it already
            self.error.show_error(error)

    def _on_started(self) -> None:
        self._patience.start()
        self.show_state()

    def _show_progress(self) -> None:
        if self._sync.is_running:
            self.progress.begin(self._sync.progress.text, self._sync.cancel)
            self.progress.update_progress(self._sync.progress)

    def _on_ended(self) -> None:
        self._patience.stop()
        self.progress.hide()
        self.show_state()

    def _on_change(self, _: object) -> None:
        self.show_state()

    def _on_synced(self, report: SyncReport) -> None:
        if self.isVisible():
            show_notice(self, report.text, "warning" if report.failures or report.question else "success")

    def _wire(self) -> None:
        self._sync.synced.connect(self._on_synced)
        self._sync.started.connect(self._on_started)
        self._sync.progressed.connect(self.progress.update_progress)
        self._sync.ended.connect(self._on_ended)
        self._patience.timeout.connect(self._show_progress)
        self._clock.timeout.connect(self.show_state)
        self._clock.start(_CLOCK_SECONDS * 1000)
        self._app.changed.connect(self._on_change)
        self.empty.attach.clicked.connect(lambda: self._app.attach_vault(self.window()))
        self.look_again.clicked.connect(lambda: self._look_for_targets(again=True))
        self.chooser.chosen.connect(self._switch_on)
        self.status.sync_requested.connect(self._sync_now)
        self.status.preview_requested.connect(self._preview)
        self.status.restore_requested.connect(self._offer)
        self.status.off_requested.connect(self._switch_off)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(plain_label(_INTRODUCTION, wrap=True))
        for widget in (self.error, self.progress, self.empty, self.chooser, self.status):
            layout.addWidget(widget)
        row = QHBoxLayout()
        row.addWidget(self.look_again)
        row.addStretch()
        layout.addLayout(row)


class _NoVault(QFrame):
    """What to do where no vault is attached."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.attach = QPushButton("Connect to your Keeper Vault")
        self.attach.setProperty("role", "primary")
        self.attach.setAutoDefault(False)
        set_icon(self.attach, "vault", "on-accent")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(plain_label(_NO_VAULT, wrap=True))
        row = QHBoxLayout()
        row.addWidget(self.attach)
        row.addStretch()
        layout.addLayout(row)


def _link(text: str) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("role", "link")
    button.setAutoDefault(False)
    set_icon(button, "refresh", "accent")
    return button
