"""The results grid: a table view tuned for a million rows, whose columns can be pinned, hidden, moved and sorted by."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QHeaderView,
    QInputDialog,
    QMenu,
    QTableView,
    QWidget,
)

from keeperdb.gui.column_layouts import ColumnLayout
from keeperdb.gui.copy_cells import CellSelection
from keeperdb.gui.grid_announcer import GridAnnouncer
from keeperdb.gui.grid_columns import GridColumns
from keeperdb.gui.grid_drag import DragSelection
from keeperdb.gui.grid_header import GridHeader
from keeperdb.gui.grid_menu import fill_cell_menu, fill_column_menu
from keeperdb.gui.grid_painter import GridPainter, TintSource
from keeperdb.gui.grid_pinned import PinnedView
from keeperdb.gui.grid_widths import width_of
from keeperdb.gui.masked_columns import tell_masked
from keeperdb.gui.result_model import Index, ResultModel
from keeperdb.gui.runner import Runner
from keeperdb.gui.theme import font, mono_font
from keeperdb.gui.tokens import BODY, GRID_ROW, color
from keeperdb.gui.value_dialog import ValueDialog
from keeperdb.query.arranging import Arrangement, Order

_NEAR_END = 100  # rows


class Grid(QTableView):
    """Shows a `ResultModel`.

    `near_end` says that the last rows that were fetched are being looked at; `sort_requested(column, adds)` follows a
    click on a head; `escaped` the Escape key. `menu_extras` add to the menu of a cell; `add_tint` colours cells.
    """

    near_end = Signal()
    sort_requested = Signal(int, bool)
    escaped = Signal()

    def __init__(
        self, model: ResultModel, runner: Runner, density: str = "comfortable", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._runner = runner
        self._widths_are_set = False
        self._menu_column: int | None = None
        self._tints: list[TintSource] = []
        self._pinned: PinnedView | None = None
        self.menu_extras: list[Callable[[QMenu], None]] = []
        self.empty_text = ""
        self.setAccessibleName("Result rows")
        self.setProperty("role", "pane")
        self.setFont(mono_font(BODY))
        self._configure()
        self.heads = GridHeader(self)
        self.setHorizontalHeader(self.heads)
        self.setModel(model)
        self._detach_headers()
        self.columns = GridColumns(self, self.heads)
        self._configure_headers(density)
        self._painter = GridPainter(self, model, self, self._tints)
        GridAnnouncer(self)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(lambda point: self.open_menu(self.viewport().mapToGlobal(point)))
        self.verticalScrollBar().valueChanged.connect(self._look_for_end)
        self.columns.pinned_changed.connect(self._show_pinned)
        model.rowsInserted.connect(self._rows_arrived)
        self._rows_arrived()

    @property
    def current_row(self) -> int:
        """The number of the current row in the result; -1 if there is none."""
        index = self.currentIndex()
        return self._model.shown.row(index.row()) if index.isValid() else -1

    @property
    def target_column(self) -> int:
        """The column that an action is about: the one whose head was clicked, or the current one; -1 for none."""
        return self.currentIndex().column() if self._menu_column is None else self._menu_column

    def arrange(self, arrangement: Arrangement, order: Order | None, place: int = -1) -> None:
        """Show the rows of `order`; the selection goes, and the row at `place`, if any, becomes the current one."""
        column = max(self.currentIndex().column(), 0)
        self.selectionModel().clear()
        self._model.arrange(arrangement, order)
        self.show_keys(arrangement)
        self.repaint_cells()
        if 0 <= place < self._model.rowCount():
            self.setCurrentIndex(self._model.index(place, column))

    def show_keys(self, arrangement: Arrangement) -> None:
        """Draw the arrows of what is sorted by."""
        self.heads.show_keys(arrangement.keys)
        if self._pinned is not None:
            self._pinned.heads.show_keys(arrangement.keys)

    def add_tint(self, tint: TintSource) -> None:
        """Ask `tint` for the grounds of the cells that are painted: `tint(places of rows, column)` -> place: colour."""
        self._tints.append(tint)
        self.repaint_cells()

    def fit_row_numbers(self) -> None:
        """Make room for the numbers of all rows, with the marks of staged ones where they are edited."""
        characters = max(2, len(str(self._model.rowCount()))) + (2 if self._model.editing is not None else 0)
        self.verticalHeader().setFixedWidth(self.fontMetrics().horizontalAdvance("0") * characters + 18)

    def repaint_cells(self) -> None:
        """Paint all cells again, also the pinned ones, and the numbers of the rows."""
        self.viewport().update()
        self.verticalHeader().viewport().update()
        if self._pinned is not None:
            self._pinned.viewport().update()

    def apply_layout(self, layout: ColumnLayout) -> None:
        """Arrange the columns as they were remembered."""
        if not layout.is_empty:
            self.columns.apply(layout)

    def set_density(self, density: str) -> None:
        """Row height by the setting `appearance.density`."""
        height = GRID_ROW.get(density, GRID_ROW["comfortable"])
        header = self.verticalHeader()
        header.setMinimumSectionSize(height)
        header.setDefaultSectionSize(height)
        if self._pinned is not None:
            self._pinned.set_row_height(height)

    def selected_cells(self) -> CellSelection:
        """The selection, columns in the order in which they are shown."""
        selection = self.selectionModel().selection()
        parts = [selection.at(index) for index in range(selection.size())]
        ranges = tuple((each.top(), each.left(), each.bottom(), each.right()) for each in parts)
        return CellSelection(ranges, tuple(self.columns.shown))

    def go_to_row(self, number: int) -> None:
        """Select the row of that 1-based number, as far as it was fetched."""
        row = min(max(number, 1), self._model.rowCount()) - 1
        column = max(self.currentIndex().column(), 0)
        self.setCurrentIndex(self._model.index(row, column))
        self.scrollTo(self._model.index(row, column), QAbstractItemView.ScrollHint.PositionAtCenter)

    def go_to_cell(self, place: int, column: int) -> None:
        """Make a cell the current one, and show it."""
        index = self._model.index(place, column)
        self.setCurrentIndex(index)
        self.scrollTo(index)

    def go_to_column(self, column: int) -> None:
        """Show a column, also one that was hidden, with the current cell in it."""
        if self.isColumnHidden(column):
            self.columns.show(column)
        row = max(self.currentIndex().row(), self.rowAt(0), 0)
        if self._model.rowCount():
            self.go_to_cell(row, column)
        else:
            self.horizontalScrollBar().setValue(self.heads.sectionPosition(column))

    def ask_row(self) -> None:
        """Ask for a row number, and go there."""
        rows = self._model.rowCount()
        if rows:
            now = self.currentIndex().row() + 1
            number, accepted = QInputDialog.getInt(self, "Go to row", f"Row (1 to {rows:,})", max(now, 1), 1, rows)
            if accepted:
                self.go_to_row(number)

    def show_value(self) -> None:
        """Open the current cell's whole value in a window of its own."""
        index = self.currentIndex()
        if index.isValid() and index.column() in self._model.masked:
            tell_masked(self)
        elif index.isValid():
            ValueDialog(self._model.shown, index.row(), index.column(), self._runner, self.window()).show()

    def fit_column(self, column: int) -> None:
        """As wide as what is seen of it needs."""
        first = max(self.rowAt(0), 0)
        self.columns.set_width(column, width_of(self._model, column, self.fontMetrics(), first))

    def select_rows(self) -> None:
        """Select the whole rows of the selected cells."""
        model, selection = self.selectionModel(), self.selectionModel().selection()
        flags = QItemSelectionModel.SelectionFlag
        model.select(selection, flags.ClearAndSelect | flags.Rows)

    def set_empty_text(self, text: str) -> None:
        """What is written in the middle while there is no row."""
        if text != self.empty_text:
            self.empty_text = text
            self.viewport().update()

    def choose_widths(self) -> None:
        """Widths by the first rows: asking all of them would cost a pause."""
        self._widths_are_set = self._model.rowCount() > 0
        for column in range(self._model.columnCount()):
            if self.columns.own_width(column) is None:
                self.columns.choose_width(column, width_of(self._model, column, self.fontMetrics()))

    def column_name(self, column: int) -> str:
        """The name of a column as the server has it."""
        return self._model.columns[column].name

    def open_menu(self, place: QPoint) -> None:
        """The menu of the selected cells, at a point of the screen."""
        menu = self._new_menu()
        fill_cell_menu(menu, self)
        for extra in self.menu_extras:
            extra(menu)
        menu.popup(place)

    def open_column_menu(self, column: int, place: QPoint) -> None:
        """The menu of a column's head, at a point of the screen."""
        self._menu_column = column
        menu = self._new_menu()
        menu.aboutToHide.connect(self._forget_column, Qt.ConnectionType.QueuedConnection)  # after what was chosen
        fill_column_menu(menu, self)
        menu.popup(place)

    def scrollTo(
        self, index: Index, hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible
    ) -> None:
        bar = self.horizontalScrollBar()
        before = bar.value()
        super().scrollTo(index, hint)
        if self.columns.is_pinned(index.column()):
            bar.setValue(before)
        elif self._pinned is not None and self._pinned.isVisible():
            covered = self._pinned.width() - self.visualRect(index).left()
            if covered > 0:
                bar.setValue(bar.value() - covered)

    def edit(self, index: Index, *more: Any) -> Any:
        """As Qt has it; the pinned columns make room for the editor of one of them."""
        result = super().edit(index, *more)
        is_open = self.state() == QAbstractItemView.State.EditingState
        if is_open and self._pinned is not None and self.columns.is_pinned(index.column()):
            self.horizontalScrollBar().setValue(0)
            self._pinned.hide()
        return result

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        super().closeEditor(editor, hint)
        self._show_pinned()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._pinned is not None:
            self._pinned.place()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        self._painter.paint(painter, event.rect())
        if self.empty_text and not self._model.rowCount():
            painter.setPen(color("muted"))
            painter.setFont(font(BODY))
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, self.empty_text)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and hasattr(self, "_painter"):
            self._painter.follow_theme()
            if self._pinned is not None:
                self._pinned.painter.follow_theme()

    def _configure(self) -> None:
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setAlternatingRowColors(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.doubleClicked.connect(self.show_value)

    def _detach_headers(self) -> None:
        """Give each header an empty selection: asked row by row, select-all would take 9 to 18 s at a million rows."""
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setSelectionModel(QItemSelectionModel(self._model, header))

    def _configure_headers(self, density: str) -> None:
        self.set_density(density)
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        columns.setSectionsMovable(True)
        columns.setHighlightSections(False)
        rows.setHighlightSections(False)
        columns.setMinimumSectionSize(32)
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        columns.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        columns.setAccessibleName("Column heads")
        rows.setAccessibleName("Row numbers")
        self._connect_heads(self.heads)

    def _connect_heads(self, heads: GridHeader) -> None:
        heads.sort_pressed.connect(self.sort_requested)
        heads.select_pressed.connect(self.selectColumn)
        heads.menu_pressed.connect(self.open_column_menu)
        heads.fit_pressed.connect(self.fit_column)

    def _show_pinned(self) -> None:
        """The view of the pinned columns is made when it is first needed."""
        columns = tuple(column for column in self.columns.pinned if not self.isColumnHidden(column))
        if self._pinned is None:
            if not columns:
                return
            self._pinned = PinnedView(self, self._model, self._tints)
            DragSelection(self, self._pinned)
            self._pinned.menu_requested.connect(self.open_menu)
            self._pinned.doubleClicked.connect(self.doubleClicked)
            self._connect_heads(self._pinned.heads)
            self.heads.sectionResized.connect(lambda column, _old, new: self._widen_pinned(column, new))
            self.show_keys(self._model.arrangement)
            self._pinned.verticalScrollBar().setValue(self.verticalScrollBar().value())
        self._pinned.show_columns(columns)

    def _widen_pinned(self, column: int, width: int) -> None:
        if self._pinned is not None and self.columns.is_pinned(column):
            self._pinned.follow_width(column, width)

    def _new_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        return menu

    def _forget_column(self) -> None:
        self._menu_column = None

    def _rows_arrived(self) -> None:
        self.fit_row_numbers()
        if not self._widths_are_set:
            self.choose_widths()
        if self._pinned is not None:
            self._pinned.place()
        self._look_for_end()

    def _look_for_end(self) -> None:
        """By rows, because the scroll bar learns of new ones later."""
        shown = self.viewport().height() // max(1, self.verticalHeader().defaultSectionSize())
        if self.verticalScrollBar().value() + shown >= self._model.rowCount() - _NEAR_END:
            self.near_end.emit()
