"""What a vault that was just attached holds of another machine's storage: found quietly, offered, taken in."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from keeperdb.errors import KeeperDBError, NotFoundError
from keeperdb.gui.notices import show_notice
from keeperdb.gui.storage_restore_dialog import RestoreDialog
from keeperdb.task import Task
from keeperdb.vault.storage_model import FOLDER_NAME, RecordKind, StorageOffer, SyncReport

if TYPE_CHECKING:
    from keeperdb.gui.app import Application
    from keeperdb.vault.attached import AttachedVault


class StorageOffering(QObject):
    """Looks into a vault unless the storage is on already; what goes wrong meanwhile shows on the storage's page."""

    def __init__(self, app: "Application") -> None:
        super().__init__(app)
        self._app = app

    def look(self, vault: "AttachedVault", said: str) -> None:
        """Say what the vault offers, after what was `said` about it."""
        sync = self._app.storage_sync
        if sync.is_available and not sync.state.is_enabled and not vault.error:
            sync.run(
                None,
                lambda task: self._app.workspace.storage.offer(vault.id, task),
                text=f"Looking for {FOLDER_NAME} in {vault.name}…",
                done=lambda offer: self._show(vault, offer, said),
            )

    def _show(self, vault: "AttachedVault", offer: StorageOffer, said: str) -> None:
        if not offer.is_empty and not self._app.storage_sync.state.is_enabled:
            text = f"{said} Its {FOLDER_NAME} holds {offer.text}.".strip()
            show_notice(self._app.picker, text, "info", ("Take in…", lambda: self._choose(vault, offer)), seconds=0)

    def _choose(self, vault: "AttachedVault", offer: StorageOffer) -> None:
        dialog = RestoreDialog(offer, vault.name, self._app.picker)
        dialog.chosen.connect(lambda selection: self._take_in(vault, selection))
        dialog.open()

    def _take_in(self, vault: "AttachedVault", selection: frozenset[str]) -> None:
        picker = self._app.picker

        def failed(error: KeeperDBError) -> None:
            self._app.show_error(picker, error)

        self._app.storage_sync.run(
            picker, self._taker(vault, selection), text="Taking in…", done=self._tell, failed=failed
        )

    def _taker(self, vault: "AttachedVault", selection: frozenset[str]) -> Callable[[Task], SyncReport]:
        storage = self._app.workspace.storage

        def take_in(task: Task) -> SyncReport:
            targets = [each for each in storage.targets(task) if each.vault_id == vault.id and each.has_storage]
            if not targets:
                raise NotFoundError(f"{vault.name} has no folder {FOLDER_NAME} any more.", "Look into the vault.")
            target = next((each for each in targets if each.is_offered), targets[0])
            storage.enable(vault.id, target.shared_folder_uid, RecordKind.DATABASE, task)
            return storage.restore(task, selection)

        return take_in

    def _tell(self, report: SyncReport) -> None:
        kind = "warning" if report.failures or report.question else "success"
        show_notice(self._app.picker, f"{report.text} The storage is on.", kind)
