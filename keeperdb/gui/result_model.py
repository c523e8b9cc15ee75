"""The table model over a result: it grows as rows arrive, and decodes only the cells that are looked at."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from keeperdb.engines.blocks import Column
from keeperdb.gui.cell_text import CellStyle, cell_text, elide_middle, one_line, tooltip
from keeperdb.query.arranging import Arrangement, Order
from keeperdb.query.results import ResultSet
from keeperdb.query.shown_rows import ShownRows
from keeperdb.query.timezones import Converter

Index = QModelIndex | QPersistentModelIndex

_ROOT = QModelIndex()
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_ALIGNMENT = int(Qt.ItemDataRole.TextAlignmentRole)
_TOOLTIP = int(Qt.ItemDataRole.ToolTipRole)
_HEADER_CHARACTERS = 60


class ResultModel(QAbstractTableModel):
    """Shows the rows that `grow` has announced, or those of an `Order`.

    The result itself may already hold more, added by its lane. `arrangement` is the one that `shown` follows.
    """

    def __init__(self, result: ResultSet, null_text: str = "NULL", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.result = result
        self.null_text = null_text
        self.arrangement = Arrangement()
        self.order: Order | None = None
        self.columns: tuple[Column, ...] = result.columns or ()
        self._converter: Converter | None = None
        self._alignments = [_RIGHT if column.kind.is_number else _LEFT for column in self.columns]
        self._rows = result.row_count
        self.shown = ShownRows(result)

    def grow(self) -> int:
        """Announce the rows that arrived since the last call; return how many. An order stands until the next one."""
        if self.order is not None:
            return 0
        added = self.result.row_count - self._rows
        if added > 0:
            self._resize(self._rows + added)
        return max(added, 0)

    def arrange(self, arrangement: Arrangement, order: Order | None) -> None:
        """Show the rows of `order`, or all as they came for None."""
        self.arrangement, self.order = arrangement, order
        self._resize(self.result.row_count if order is None else len(order.rows))
        self._tell_all()

    def set_converter(self, converter: Converter | None) -> None:
        """How moments are written from now on; as they were sent for None."""
        self._converter = converter
        self._look()
        self._tell_all()

    def set_null_text(self, text: str) -> None:
        """Another word for NULL, from now on."""
        self.null_text = text
        self._tell_all()

    def cell(self, row: int, column: int) -> tuple[str, CellStyle]:
        """What stands in a cell and how it is meant; for the grid, which skips `data`."""
        return cell_text(self.shown, row, column, self.null_text)

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

    def _resize(self, count: int) -> None:
        """To `count` rows, as rows that come or go at the end: a reset would lose widths and place."""
        if count > self._rows:
            self.beginInsertRows(QModelIndex(), self._rows, count - 1)
            self._rows = count
            self._look()
            self.endInsertRows()
        elif count < self._rows:
            self.beginRemoveRows(QModelIndex(), count, self._rows - 1)
            self._rows = count
            self._look()
            self.endRemoveRows()
        else:
            self._look()

    def _look(self) -> None:
        self.shown = ShownRows(self.result, self.order, self._converter, self._rows)

    def _tell_all(self) -> None:
        if self._rows and self.columns:
            self.dataChanged.emit(self.index(0, 0), self.index(self._rows - 1, len(self.columns) - 1))
