"""What a vault holds of another machine: taken in whole or by selection."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QPushButton, QTreeWidgetItem, QVBoxLayout, QWidget

from keeperdb.gui.cell_text import one_line
from keeperdb.gui.connection_delegate import plain_tooltip
from keeperdb.gui.filtered_tree import FilteredTree
from keeperdb.gui.icons import engine_icon, icon
from keeperdb.gui.notices import plain_label
from keeperdb.gui.words import count, engine_name
from keeperdb.vault.storage_model import PREFERENCES_ID, OfferedConnection, StorageOffer

_SIZE = (760, 560)
_ID = int(Qt.ItemDataRole.UserRole)
_CHECKED, _UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked


class RestoreDialog(QDialog):
    """`chosen(local ids)` follows the button; the preferences are one of them."""

    chosen = Signal(object)

    def __init__(self, offer: StorageOffer, vault_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"From {vault_name}")
        self.resize(*_SIZE)
        self.all = QCheckBox("All")
        self.preferences = QCheckBox("Preferences: theme, page size, editor and the like replace those of this machine")
        self.preferences.setChecked(offer.has_preferences)
        self.preferences.setVisible(offer.has_preferences)
        self.tree = FilteredTree(
            "Connections in the vault", ["Name", "Database", "Address", ""], [250, 110, 210], "connection"
        )
        self.search = self.tree.search
        self.go = QPushButton()
        self.later = QPushButton("Not now")
        self._fill(offer)
        self._lay_out(offer, vault_name)
        self._wire()
        self._count()

    @property
    def selection(self) -> frozenset[str]:
        ids = {str(item.data(0, _ID)) for item in self._items() if item.checkState(0) is _CHECKED}
        if self.preferences.isChecked():
            ids.add(PREFERENCES_ID)
        return frozenset(ids)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
        else:
            super().keyPressEvent(event)

    def _items(self) -> list[QTreeWidgetItem]:
        """The connections that can be chosen; those that are here already are only shown."""
        return [item for item in self.tree.items() if item.flags() & Qt.ItemFlag.ItemIsUserCheckable]

    def _shown(self) -> list[QTreeWidgetItem]:
        return [item for item in self._items() if not item.isHidden()]

    def _accept(self) -> None:
        self.chosen.emit(self.selection)
        self.accept()

    def _check_all(self, checked: bool) -> None:
        """Those that the search has left."""
        self.tree.blockSignals(True)
        for item in self._shown():
            item.setCheckState(0, _CHECKED if checked else _UNCHECKED)
        self.tree.blockSignals(False)
        self._count()

    def _on_search(self, text: str) -> None:
        self.all.setText("All that match" if text.strip() else "All")
        self._count()

    def _toggle_current(self) -> None:
        item = self.tree.currentItem()
        if item in self._shown():
            item.setCheckState(0, _UNCHECKED if item.checkState(0) is _CHECKED else _CHECKED)

    def _count(self) -> None:
        """Say on the button what will happen, and on the box above whether all are checked."""
        checked = sum(item.checkState(0) is _CHECKED for item in self._items())
        parts = [count(checked, "connection")] if checked else []
        parts += ["preferences"] if self.preferences.isChecked() else []
        self.go.setText(f"Take in {' and '.join(parts)}" if parts else "Take in")
        self.go.setEnabled(bool(parts))
        shown = self._shown()
        of_shown = sum(item.checkState(0) is _CHECKED for item in shown)
        self.all.blockSignals(True)
        self.all.setTristate(0 < of_shown < len(shown))
        some = Qt.CheckState.PartiallyChecked if of_shown else _UNCHECKED
        self.all.setCheckState(_CHECKED if shown and of_shown == len(shown) else some)
        self.all.setEnabled(bool(shown))
        self.all.blockSignals(False)

    def _fill(self, offer: StorageOffer) -> None:
        ordered = sorted(offer.connections, key=lambda each: (each.is_here, each.name.casefold(), each.local_id))
        self.tree.show_items([_item(each) for each in ordered])

    def _wire(self) -> None:
        self.search.textChanged.connect(self._on_search)
        self.search.entered.connect(self._toggle_current)
        self.tree.itemChanged.connect(lambda *_: self._count())
        self.all.clicked.connect(lambda: self._check_all(self.all.checkState() is not _UNCHECKED))
        self.preferences.toggled.connect(lambda _: self._count())
        self.go.clicked.connect(self._accept)
        self.later.clicked.connect(self.reject)

    def _lay_out(self, offer: StorageOffer, vault_name: str) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(12)
        column.addWidget(plain_label(f"{offer.text} in {vault_name}", "title", wrap=True, selectable=True))
        column.addWidget(plain_label("What is not taken in stays in the vault, and can be taken in later.", wrap=True))
        for warning in offer.warnings:
            column.addWidget(plain_label(warning, "warning", wrap=True, selectable=True))
        column.addWidget(self.preferences)
        if offer.connections:
            row = QHBoxLayout()
            row.setSpacing(12)
            row.addWidget(self.all)
            row.addWidget(self.search, 1)
            column.addLayout(row)
            column.addWidget(self.tree, 1)
            column.addWidget(self.tree.nothing)
        else:
            column.addStretch()
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch()
        buttons.addWidget(self.later)
        buttons.addWidget(self.go)
        self.later.setAutoDefault(False)
        self.go.setProperty("role", "primary")
        self.go.setDefault(True)
        column.addLayout(buttons)


def _item(connection: OfferedConnection) -> QTreeWidgetItem:
    here = "already here" if connection.is_here else ""
    texts = [one_line(connection.name), engine_name(connection.engine), one_line(connection.address), here]
    item = QTreeWidgetItem(texts)
    item.setData(0, _ID, connection.local_id)
    item.setIcon(0, engine_icon(connection.engine))
    item.setToolTip(0, plain_tooltip(connection.name))
    item.setToolTip(2, plain_tooltip(connection.address))
    if connection.is_here:
        item.setFlags(Qt.ItemFlag.ItemIsSelectable)
        item.setIcon(3, icon("check", "muted"))
    else:
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(0, _CHECKED)
    return item
