"""The table model over a result: it grows as rows arrive, and decodes only the cells that are looked at."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from keeperdb.data.edit_cells import Cell, text_of
from keeperdb.data.edit_targets import EditableRows
from keeperdb.data.staged import RowState
from keeperdb.data.staged_rows import StagedRows
from keeperdb.engines.blocks import CellKind, Column
from keeperdb.gui.cell_text import CellStyle, cell_text, elide_middle, one_line, tooltip
from keeperdb.gui.icons import icon
from keeperdb.gui.privacy import MASK, privacy
from keeperdb.query.arranging import Arrangement, Order
from keeperdb.query.geometry import is_geometry, well_known_text
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
_EDIT = int(Qt.ItemDataRole.EditRole)
_DECORATION = int(Qt.ItemDataRole.DecorationRole)
_HEADER_CHARACTERS = 60
_MARKS = {RowState.DELETED: "× ", RowState.MODIFIED: "• "}


class ResultModel(QAbstractTableModel):
    """Shows the rows that `grow` has announced, or those of an `Order`.

    The result itself may already hold more, added by its lane. `arrangement` is the one that `shown` follows.
    With `editing`, what is staged stands over the rows, and new rows behind them; `edited(row, column, text)` follows
    what was typed into a cell.
    """

    edited = Signal(int, int, str)

    def __init__(self, result: ResultSet, null_text: str = "NULL", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.result = result
        self.null_text = null_text
        self.arrangement = Arrangement()
        self.order: Order | None = None
        self.columns: tuple[Column, ...] = result.columns or ()
        self.editing: EditableRows | None = None
        self._extra = 0  # rows that are staged to be inserted
        self._converter: Converter | None = None
        self._alignments = [_RIGHT if column.kind.is_number else _LEFT for column in self.columns]
        self._rows = result.row_count
        self.shown: ShownRows = ShownRows(result)
        self.masked: frozenset[int] = frozenset()  # columns that privacy mode hides
        privacy().changed.connect(self._look_at_privacy)
        self._look_at_privacy()

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

    def set_editing(self, editing: EditableRows | None) -> None:
        """Show what is staged in `editing` from now on."""
        self.editing = editing
        self.follow_staged()
        if self.columns:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)

    def follow_staged(self) -> None:
        """After a change of what is staged."""
        wanted = len(self.editing.inserted()) if self.editing is not None else 0
        count = self._rows + self._extra
        if wanted > self._extra:
            self.beginInsertRows(QModelIndex(), count, self._rows + wanted - 1)
            self._extra = wanted
            self._look()
            self.endInsertRows()
        elif wanted < self._extra:
            self.beginRemoveRows(QModelIndex(), self._rows + wanted, count - 1)
            self._extra = wanted
            self._look()
            self.endRemoveRows()
        else:
            self._look()
        self._tell_all()

    @property
    def staged(self) -> StagedRows | None:
        """The rows with what is staged; None if nothing of them can be edited."""
        return self.shown if isinstance(self.shown, StagedRows) else None

    @property
    def has_staged(self) -> bool:
        """Whether anything is staged at all."""
        return self.editing is not None and self.editing.change_count > 0

    def state(self, row: int, column: int) -> RowState:
        """How a cell is to be coloured."""
        staged = self.staged
        return staged.state(row, column) if staged is not None else RowState.SAME

    def locked(self, row: int, column: int) -> str:
        """Why a cell cannot be changed; empty if it can."""
        staged = self.staged
        if staged is None or self.editing is None:
            return "These rows are not being edited."
        if staged.number(row) is not None:
            return self.editing.columns[column].locked
        if staged.state(row, column) is RowState.DELETED:
            return "This row is to be deleted. Revert it to change it."
        return self.editing.locked_cell(staged.cells(row), column)

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
        if column in self.masked:
            return MASK, CellStyle.NULL
        staged = self.staged
        if staged is not None and (word := staged.is_word(row, column)):
            return word, CellStyle.NULL
        return cell_text(self.shown, row, column, self.null_text)

    def is_right_aligned(self, column: int) -> bool:
        return self._alignments[column] == _RIGHT

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else self._rows + self._extra

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if not index.isValid() or index.row() >= self._rows + self._extra:
            return None
        if role == _DISPLAY:
            return self.cell(index.row(), index.column())[0]
        if role == _ALIGNMENT:
            return self._alignments[index.column()]
        if role == _EDIT and index.column() in self.masked:
            return MASK
        if role == _EDIT:
            return self.shown.text(index.row(), index.column()) or ""
        if role == _TOOLTIP and self.editing is not None:
            return tooltip(self._about(index.row(), index.column()))
        return None

    def setData(self, index: Index, value: Any, role: int = _EDIT) -> bool:
        if role != _EDIT or self.editing is None:
            return False
        self.edited.emit(index.row(), index.column(), str(value))
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        can_edit = index.isValid() and self.editing is not None and index.column() not in self.masked
        can_edit = can_edit and not self.locked(index.row(), index.column())
        return flags | Qt.ItemFlag.ItemIsEditable if can_edit else flags

    def edited_text(self, row: int, column: int) -> str | None:
        """What the editor of a cell begins with: its text, and well-known text where it is geometry."""
        described = self.columns[column]
        if is_geometry(described) and described.kind is CellKind.BINARY:
            value = self.shown.value(row, column)
            if isinstance(value, bytes) and (text := well_known_text(described, value)) is not None:
                return text
        return self.shown.text(row, column)

    def old_cell(self, row: int, column: int) -> Cell:
        """What a cell of a row of the result holds in the database; None for a new row."""
        staged = self.staged
        if staged is None or staged.number(row) is not None:
            return None
        return staged.cells(row)[column]

    def _about(self, row: int, column: int) -> str:
        """Why a cell is locked, or what it was."""
        if column in self.masked:
            return "Masked by privacy mode"
        locked = self.locked(row, column)
        if locked:
            return locked
        if self.state(row, column) is RowState.MODIFIED:
            old = text_of(self.old_cell(row, column))
            return "Was NULL" if old is None else f"Was: {one_line(old)}"
        return ""

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return self._row_header(section, role)
        if not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == _DISPLAY:
            return elide_middle(one_line(column.name), _HEADER_CHARACTERS) or " "
        if role == _TOOLTIP:
            return tooltip(f"{column.name}\n{self._type(section)}{self._lock(section)}")
        if role == _DECORATION and self.editing is not None and self.editing.columns[section].locked:
            return icon("lock", "muted")
        if role == _ALIGNMENT:
            return self._alignments[section]
        return None

    def _type(self, section: int) -> str:
        column = self.columns[section]
        described = self.editing.columns[section].column if self.editing is not None else None
        return described.type_name if described is not None else column.type_name or column.kind

    def _lock(self, section: int) -> str:
        locked = self.editing.columns[section].locked if self.editing is not None else ""
        return f"\nLocked: {locked}" if locked else ""

    def _row_header(self, section: int, role: int) -> Any:
        if role == _DISPLAY:
            return f"{self._mark(section)}{section + 1}" if section < self._rows else "+"
        return _RIGHT if role == _ALIGNMENT else None

    def _mark(self, row: int) -> str:
        """What is staged for a row, told otherwise than by its colour."""
        staged = self.staged
        if staged is None or self.editing is None or self.editing.locked or not self.has_staged:
            return ""
        states = {self.editing.row_state(target, key) for target, key in self.editing.refs(staged.cells(row))}
        return next((mark for state, mark in _MARKS.items() if state in states), "")

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
        if self.editing is None:
            self.shown = ShownRows(self.result, self.order, self._converter, self._rows)
        else:
            self.shown = StagedRows(self.result, self.editing, self.order, self._converter, self._rows)

    def _look_at_privacy(self) -> None:
        hidden = frozenset(number for number, column in enumerate(self.columns) if privacy().hides(column.name))
        if hidden != self.masked:
            self.masked = hidden
            self._tell_all()

    def _tell_all(self) -> None:
        count = self._rows + self._extra
        if count and self.columns:
            self.dataChanged.emit(self.index(0, 0), self.index(count - 1, len(self.columns) - 1))
