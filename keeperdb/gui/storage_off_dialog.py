"""Switching the storage off: whether the vault keeps its copy is asked, and the buttons say what happens."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from keeperdb.gui.cell_text import one_line
from keeperdb.gui.notices import plain_label
from keeperdb.gui.words import count
from keeperdb.vault.storage_model import StorageState


class StorageOffDialog(QDialog):
    """`chosen(True)`: the vault keeps its copy; `chosen(False)`: it is removed. Leaving everything is the default."""

    chosen = Signal(bool)

    def __init__(self, state: StorageState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Switch off the storage")
        self.setMinimumWidth(580)
        name = one_line(state.vault_name)
        self.keep = QPushButton("Switch off, keep the copy")
        self.remove = QPushButton(f"Switch off, delete {count(state.stored, 'record')}")
        self.cancel = QPushButton("Leave it on")
        self.remove.setProperty("role", "danger")
        for button, keeps in ((self.keep, True), (self.remove, False)):
            button.setAutoDefault(False)
            button.clicked.connect(self._answer(keeps))
        self.cancel.setProperty("role", "primary")
        self.cancel.setDefault(True)
        self.cancel.clicked.connect(self.reject)
        self._lay_out(
            f"The connections on this machine stay as they are. {name} can keep the copy in {state.folder_path}, so "
            "that it can be taken in again, here or on another machine. Deleting it there takes it away from your "
            "other machines' storage as well."
        )
        self.cancel.setFocus()

    def _answer(self, keeps_copy: bool) -> Callable[[], None]:
        def answer() -> None:
            self.accept()
            self.chosen.emit(keeps_copy)

        return answer

    def _lay_out(self, text: str) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(16)
        column.addWidget(plain_label("Switch off the storage", "title"))
        column.addWidget(plain_label(text, wrap=True, selectable=True))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.remove)
        row.addStretch()
        row.addWidget(self.cancel)
        row.addWidget(self.keep)
        column.addLayout(row)
