"""Rows turned on their side: a line for each column, a column for each selected row, with a search by column name."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QFont, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QHeaderView, QTableView, QToolButton, QVBoxLayout, QWidget

from keeperdb.gui.actions import describe_button, make_action
from keeperdb.gui.cell_text import CellStyle, elide_middle, one_line, tooltip
from keeperdb.gui.icons import set_icon
from keeperdb.gui.masked_columns import before_copying
from keeperdb.gui.notices import plain_label
from keeperdb.gui.result_model import Index, ResultModel
from keeperdb.gui.search_field import SearchField
from keeperdb.gui.theme import mono_font
from keeperdb.gui.tokens import BODY, GRID_ROW, color
from keeperdb.query.column_names import unique_names

MOST_ROWS = 50  # that stand beside each other
_NAME_CHARACTERS = 60
_MEASURED_LINES = 200  # up to which the widths are those of the contents
_ROOT = QModelIndex()


class RecordModel(QAbstractTableModel):
    """Cells of a `ResultModel`: line *n* is the *n*-th shown column, column *m* the *m*-th chosen row."""

    def __init__(self, source: ResultModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self._names = unique_names(source.columns)
        self.columns: list[int] = []
        self.places: list[int] = []
        source.dataChanged.connect(lambda *_: self._tell())
        source.rowsRemoved.connect(lambda *_: self._keep_within())

    def show_rows(self, places: Sequence[int], columns: Sequence[int]) -> None:
        """Show these rows of the grid, and these columns."""
        self.beginResetModel()
        self.places, self.columns = list(places[:MOST_ROWS]), list(columns)
        self.endResetModel()

    def name(self, line: int) -> str:
        """The name of the column of a line."""
        return self._names[self.columns[line]]

    def text(self, line: int, number: int) -> str | None:
        """A cell in full; None for NULL."""
        return self._source.shown.text(self.places[number], self.columns[line])

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.places)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        text, style = self._source.cell(self.places[index.column()], self.columns[index.row()])
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if style is CellStyle.VALUE:
            return None
        if role == Qt.ItemDataRole.ForegroundRole:
            return color("null")
        if role == Qt.ItemDataRole.BackgroundRole:
            return color("hover")
        return _italic() if role == Qt.ItemDataRole.FontRole else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal:
            is_known = section < len(self.places) and role == Qt.ItemDataRole.DisplayRole
            return f"Row {self.places[section] + 1:,}" if is_known else None
        if section >= len(self.columns):
            return None
        column = self._source.columns[self.columns[section]]
        if role == Qt.ItemDataRole.DisplayRole:
            return elide_middle(one_line(self.name(section)), _NAME_CHARACTERS)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(f"{column.name}\n{column.type_name or column.kind}")
        return None

    def _tell(self) -> None:
        if self.columns and self.places:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.columns) - 1, len(self.places) - 1))

    def _keep_within(self) -> None:
        rows = self._source.rowCount()
        if any(place >= rows for place in self.places):
            self.show_rows([place for place in self.places if place < rows], self.columns)


def _italic() -> QFont:
    italic = QFont(mono_font(BODY))
    italic.setItalic(True)
    return italic


class RecordView(QWidget):
    """`closed` follows Escape or the button; `current_changed(place of the row, column)` each move to another cell."""

    closed = Signal()
    current_changed = Signal(int, int)

    def __init__(self, source: ResultModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self.model = RecordModel(source, self)
        self.search = SearchField("Find a column by its name", self)
        self.title = plain_label("", "muted")
        self.table = QTableView(self)
        self.close_button = QToolButton()
        self._all_columns: list[int] = []
        self._configure()
        self._lay_out()
        self.search.textChanged.connect(lambda _: self._filter())
        self.search.moved.connect(lambda _: self.table.setFocus())
        self.search.entered.connect(lambda _: self.table.setFocus())
        self.close_button.clicked.connect(self.closed)
        make_action("record.copy", self.table, self.copy, context=Qt.ShortcutContext.WidgetShortcut)
        make_action("record.previous", self, lambda: self.step(-1))
        make_action("record.next", self, lambda: self.step(1))
        make_action("record.search", self, self.search.setFocus)

    def show_rows(self, places: Sequence[int], columns: Sequence[int], current: int = -1) -> None:
        """Show these rows of the grid with a line for each of `columns`; the one of `current` is the current line."""
        self._all_columns = list(columns)
        self.model.show_rows(places, self._wanted())
        self._show_title()
        if len(self.model.columns) <= _MEASURED_LINES:
            self.table.resizeColumnsToContents()
        for number in range(self.model.columnCount()):
            self.table.setColumnWidth(number, min(max(self.table.columnWidth(number), 160), 480))
        if current in self.model.columns:
            self.table.setCurrentIndex(self.model.index(self.model.columns.index(current), 0))

    def step(self, by: int) -> None:
        """Show the row after, or before, the one that is shown; alone where several were."""
        if not self.model.places:
            return
        place = self.model.places[-1 if by > 0 else 0] + by
        if 0 <= place < self._source.rowCount():
            line = self.table.currentIndex().row()
            self.model.show_rows([place], self._wanted())
            self._show_title()
            if line >= 0:
                self.table.setCurrentIndex(self.model.index(line, 0))

    def copy(self) -> None:
        """Copy the selected cells: one exactly, more with the name of each column before them."""
        indexes = sorted(self.table.selectedIndexes(), key=lambda index: (index.row(), index.column()))
        are_masked = any(self.model.columns[index.row()] in self._source.masked for index in indexes)
        before_copying(self, are_masked, lambda: self._copy(indexes))

    def _copy(self, indexes: Sequence[QModelIndex]) -> None:
        if len(indexes) == 1:
            QGuiApplication.clipboard().setText(self.model.text(indexes[0].row(), indexes[0].column()) or "")
        elif indexes:
            QGuiApplication.clipboard().setText("\n".join(self._lines(indexes)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _lines(self, indexes: Sequence[QModelIndex]) -> list[str]:
        from keeperdb.data.formats import SeparatedLine

        cells: dict[int, list[str | None]] = {}
        for index in indexes:
            cells.setdefault(index.row(), []).append(self.model.text(index.row(), index.column()))
        line = SeparatedLine("\t")
        return [line.write([self.model.name(row), *texts]).removesuffix("\n") for row, texts in cells.items()]

    def _wanted(self) -> list[int]:
        """The columns with what is searched for in their names."""
        text = self.search.text().lower()
        names = unique_names(self._source.columns)
        return [column for column in self._all_columns if text in names[column].lower()]

    def _filter(self) -> None:
        self.model.show_rows(self.model.places, self._wanted())
        self._show_title()
        if self.model.columns:
            self.table.setCurrentIndex(self.model.index(0, 0))

    def _show_title(self) -> None:
        rows = len(self.model.places)
        words = "1 row" if rows == 1 else f"{rows} rows"
        lines = len(self.model.columns)
        self.title.setText(f"{words} · {lines:,} of {len(self._all_columns):,} columns")

    def _current(self) -> None:
        index = self.table.currentIndex()
        if index.isValid():
            self.current_changed.emit(self.model.places[index.column()], self.model.columns[index.row()])

    def _configure(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setFont(mono_font(BODY))
        table.setAccessibleName("Record")
        table.setObjectName("record")  # by which the style sheet gives its cells room
        table.setProperty("role", "pane")
        table.setWordWrap(False)
        table.setTabKeyNavigation(False)
        table.setFrameShape(QTableView.Shape.NoFrame)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        lines = table.verticalHeader()
        lines.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        lines.setDefaultSectionSize(GRID_ROW["comfortable"])
        lines.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        lines.setHighlightSections(False)
        lines.setMaximumWidth(320)
        table.horizontalHeader().setHighlightSections(False)
        table.selectionModel().currentChanged.connect(lambda *_: self._current())
        set_icon(self.close_button, "close", "muted")
        self.close_button.setAccessibleName("Close the record view")
        self.close_button.setToolTip("Back to the rows (Esc)")
        self.search.setMinimumWidth(220)
        self.search.setMaximumWidth(320)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(12, 6, 8, 6)
        head.setSpacing(8)
        head.addWidget(self.search, 1)
        head.addWidget(self.title)
        head.addStretch(1)
        for name, action_id, by in (("chevron-up", "record.previous", -1), ("chevron-down", "record.next", 1)):
            button = QToolButton()
            set_icon(button, name)
            describe_button(button, action_id)
            button.clicked.connect(lambda _checked, by=by: self.step(by))
            head.addWidget(button)
        head.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        self.setFocusProxy(self.table)
