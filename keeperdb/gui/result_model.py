"""The table model over a result: it grows as rows arrive, and decodes only the cells that are looked at."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from keeperdb.engines.blocks import Column
from keeperdb.gui.cell_text import CellStyle, cell_text, elide_middle, one_line, tooltip
from keeperdb.query.results import ResultSet

Index = QModelIndex | QPersistentModelIndex

_ROOT = QModelIndex()
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_ALIGNMENT = int(Qt.ItemDataRole.TextAlignmentRole)
_TOOLTIP = int(Qt.ItemDataRole.ToolTipRole)
_HEADER_CHARACTERS = 60


class ResultModel(QAbstractTableModel):
    """Shows the rows that `grow` has announced; the result itself may already hold more, added by its lane."""

    def __init__(self, result: ResultSet, null_text: str = "NULL", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.result = result
        self.null_text = null_text
        self.columns: tuple[Column, ...] = result.columns or ()
        self._alignments = [_RIGHT if column.kind.is_number else _LEFT for column in self.columns]
        self._rows = result.row_count

    def grow(self) -> int:
        """Announce the rows that arrived since the last call; return how many."""
        count = self.result.row_count
        added = count - self._rows
        if added > 0:
            self.beginInsertRows(QModelIndex(), self._rows, count - 1)
            self._rows = count
            self.endInsertRows()
        return max(added, 0)

    def set_null_text(self, text: str) -> None:
        """Another word for NULL, from now on."""
        self.null_text = text
        if self._rows and self.columns:
            self.dataChanged.emit(self.index(0, 0), self.index(self._rows - 1, len(self.columns) - 1))

    def cell(self, row: int, column: int) -> tuple[str, CellStyle]:
        """What stands in a cell and how it is meant; for the delegate, which skips `data`."""
        return cell_text(self.result, row, column, self.null_text)

    def is_right_aligned(self, column: int) -> bool:
        return self._alignments[column] == _RIGHT

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else self._rows

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if not index.isValid() or index.row() >= self._rows:
            return None
        if role == _DISPLAY:
            return self.cell(index.row(), index.column())[0]
        if role == _ALIGNMENT:
            return self._alignments[index.column()]
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return self._row_header(section, role)
        if not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == _DISPLAY:
            return elide_middle(one_line(column.name), _HEADER_CHARACTERS) or " "
        if role == _TOOLTIP:
            return tooltip(f"{column.name}\n{column.type_name or column.kind}")
        if role == _ALIGNMENT:
            return self._alignments[section]
        return None

    def _row_header(self, section: int, role: int) -> Any:
        if role == _DISPLAY:
            return str(section + 1)
        return _RIGHT if role == _ALIGNMENT else None
