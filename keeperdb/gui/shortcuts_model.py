"""The actions with their keys as a table: what the page Shortcuts of the settings lists."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from keeperdb.gui.action_groups import group_of
from keeperdb.gui.action_table import ACTIONS, ActionSpec
from keeperdb.gui.icons import icon
from keeperdb.gui.shortcuts import Shortcuts, in_words

COLUMNS = ("Action", "Keys", "Where", "")
_NO_INDEX = QModelIndex()

Index = QModelIndex | QPersistentModelIndex


class ShortcutsModel(QAbstractTableModel):
    """The actions that have every word of the search in their name, their group or their keys."""

    def __init__(self, shortcuts: Shortcuts, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shortcuts = shortcuts
        self._specs = list(ACTIONS.values())
        self._shown = self._specs
        shortcuts.changed.connect(self._on_change)

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return COLUMNS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        spec = self._shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(spec, index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return spec.tip
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 1 and self.rivals(spec):
            return icon("warning", "warning")
        return None

    def spec(self, row: int) -> ActionSpec | None:
        return self._shown[row] if 0 <= row < len(self._shown) else None

    def rivals(self, spec: ActionSpec) -> list[str]:
        """The names of the actions that share a key with `spec` where both would act."""
        found = (each for key in self._shortcuts.keys(spec.id) for each in self._shortcuts.rivals(spec.id, key))
        return [ACTIONS[each].text for each in dict.fromkeys(found)]

    def search(self, text: str) -> None:
        """Show what has every word of `text`."""
        words = text.lower().split()
        self.beginResetModel()
        self._shown = [spec for spec in self._specs if all(word in self._searched(spec) for word in words)]
        self.endResetModel()

    def _searched(self, spec: ActionSpec) -> str:
        return " ".join(self._text(spec, column) for column in range(3)).lower()

    def _text(self, spec: ActionSpec, column: int) -> str:
        if column == 1:
            return ", ".join(in_words(key) for key in self._shortcuts.keys(spec.id))
        changed = "Changed" if self._shortcuts.is_changed(spec.id) else ""
        return (spec.text.rstrip("…"), "", group_of(spec).title, changed)[column]

    def _on_change(self) -> None:
        if self._shown:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._shown) - 1, len(COLUMNS) - 1))
