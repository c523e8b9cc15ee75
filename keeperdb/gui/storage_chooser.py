"""Where the storage is to be kept: vault, shared folder and record type, and what cannot be used with the reason."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from keeperdb.gui.cell_text import one_line
from keeperdb.gui.fields import Field
from keeperdb.gui.icons import set_icon
from keeperdb.gui.notices import IconLabel, plain_label
from keeperdb.vault.storage_model import FOLDER_NAME, RecordKind, StorageTarget

_KIND_HELP = {
    RecordKind.DATABASE: "Each connection becomes one record, with its login and password.",
    RecordKind.PAM_DATABASE: "Each connection becomes one record; login and password are in a linked PAM User.",
}
_WIDTH = 420


class StorageChooser(QWidget):
    """`chosen(StorageTarget, RecordKind)` follows the button; `target_changed()` another vault or folder."""

    chosen = Signal(object, object)
    target_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._targets: list[StorageTarget] = []
        self.vault, self.folder, self.kind = QComboBox(), QComboBox(), QComboBox()
        for kind in RecordKind:
            self.kind.addItem(kind.label, kind)
        self.vault_field = Field("Vault", self.vault)
        self.folder_field = Field("Shared folder", self.folder)
        self.kind_field = Field("Record type", self.kind)
        self.go = QPushButton("Switch on")
        self.go.setProperty("role", "primary")
        self.go.setAutoDefault(False)
        set_icon(self.go, "storage", "on-accent")
        self._form = QWidget()
        self.refused = QWidget()
        self._refused_rows = QVBoxLayout(self.refused)
        self._build()
        self.vault.currentIndexChanged.connect(self._show_folders)
        self.folder.currentIndexChanged.connect(self._show_target)
        self.kind.currentIndexChanged.connect(self._show_kind)
        self.go.clicked.connect(self._choose)
        self._show_kind()
        self.show_targets(())

    @property
    def target(self) -> StorageTarget | None:
        found = self.folder.currentData()
        return found if isinstance(found, StorageTarget) else None

    @property
    def record_kind(self) -> RecordKind:
        return RecordKind(self.kind.currentData())

    def show_targets(self, targets: Sequence[StorageTarget]) -> None:
        """Offer those that can hold the storage, and name the others; what is chosen stays chosen."""
        self._targets = [target for target in targets if target.is_offered]
        kept = self.target
        with QSignalBlocker(self.vault):
            self.vault.clear()
            for vault_id, name in {each.vault_id: each.vault_name for each in self._targets}.items():
                self.vault.addItem(one_line(name, 80), vault_id)
            if kept is not None:
                self.vault.setCurrentIndex(max(0, self.vault.findData(kept.vault_id)))
        self._show_folders()
        if kept is not None:
            uids = [self.folder.itemData(row).shared_folder_uid for row in range(self.folder.count())]
            self.folder.setCurrentIndex(uids.index(kept.shared_folder_uid) if kept.shared_folder_uid in uids else 0)
        self._form.setVisible(bool(self._targets))
        self._show_refused([target for target in targets if not target.is_offered])

    def set_busy(self, busy: bool) -> None:
        for widget in (self.vault, self.folder, self.kind, self.go):
            widget.setEnabled(not busy)

    def _choose(self) -> None:
        if self.target is not None:
            self.chosen.emit(self.target, self.record_kind)

    def _show_folders(self) -> None:
        vault_id = self.vault.currentData()
        with QSignalBlocker(self.folder):
            self.folder.clear()
            for target in self._targets:
                if target.vault_id == vault_id:
                    self.folder.addItem(one_line(target.shared_folder_name, 80), target)
            holders = [row for row in range(self.folder.count()) if self.folder.itemData(row).has_storage]
            self.folder.setCurrentIndex(holders[0] if holders else 0)
        self._show_target()

    def _show_target(self) -> None:
        target = self.target
        if target is not None:
            found = f"There is a folder {FOLDER_NAME} in it already; it is used."
            new = f"A folder {FOLDER_NAME} is made in it. Whoever shares it can read what is kept there, passwords too."
            self.folder_field.set_help(" ".join([found if target.has_storage else new, target.note]).strip())
        self.target_changed.emit()

    def _show_kind(self) -> None:
        self.kind_field.set_help(_KIND_HELP[self.record_kind])

    def _show_refused(self, targets: Sequence[StorageTarget]) -> None:
        while (item := self._refused_rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        if targets:
            self._refused_rows.addWidget(plain_label("Cannot be used", "heading"))
        for target in targets:
            self._refused_rows.addWidget(_refusal(target))
        self.refused.setVisible(bool(targets))

    def _build(self) -> None:
        form = QVBoxLayout(self._form)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(12)
        for field in (self.vault_field, self.folder_field, self.kind_field):
            field.control.setMaximumWidth(_WIDTH)
            form.addWidget(field)
        row = QHBoxLayout()
        row.addWidget(self.go)
        row.addStretch()
        form.addLayout(row)
        self._refused_rows.setContentsMargins(0, 0, 0, 0)
        self._refused_rows.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addWidget(self._form)
        layout.addWidget(self.refused)


def _refusal(target: StorageTarget) -> QWidget:
    name = " · ".join(one_line(part, 80) for part in (target.vault_name, target.shared_folder_name) if part)
    words = QVBoxLayout()
    words.setSpacing(0)
    words.addWidget(plain_label(name, wrap=True, selectable=True))
    words.addWidget(plain_label(target.reason, "muted", wrap=True, selectable=True))
    widget = QWidget()
    row = QHBoxLayout(widget)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    row.addWidget(IconLabel("lock", "muted"), 0, Qt.AlignmentFlag.AlignTop)
    row.addLayout(words, 1)
    return widget
