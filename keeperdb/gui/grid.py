"""The results grid: a table view tuned for a million rows, with copying, going to a row and looking at a value."""

from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QInputDialog, QMenu, QTableView, QWidget

from keeperdb.gui.copy_cells import CellSelection, CopyFormat
from keeperdb.gui.grid_header import ARROW_ROOM, GridHeader
from keeperdb.gui.grid_painter import PADDING, GridPainter
from keeperdb.gui.result_model import ResultModel
from keeperdb.gui.runner import Runner
from keeperdb.gui.theme import font, mono_font
from keeperdb.gui.tokens import BODY, GRID_ROW, color
from keeperdb.gui.value_dialog import ValueDialog
from keeperdb.query.arranging import Arrangement, Order

_SAMPLE_ROWS = 200
_NARROWEST, _WIDEST = 5, 48  # characters
_NEAR_END = 100  # rows
_COPY_ACTIONS = (
    (CopyFormat.TSV, "Copy", "Ctrl+C"),
    (CopyFormat.TSV_HEADERS, "Copy with column names", "Ctrl+Shift+C"),
    (CopyFormat.CSV, "Copy as CSV", ""),
    (CopyFormat.JSON, "Copy as JSON", ""),
    (CopyFormat.MARKDOWN, "Copy as Markdown", ""),
)


class Grid(QTableView):
    """Shows a `ResultModel`.

    `near_end` says that the last rows that were fetched are being looked at; `sort_requested(column, adds)` follows a
    click on a head; `escaped` the Escape key.
    """

    near_end = Signal()
    copy_requested = Signal(object)  # CopyFormat
    sort_requested = Signal(int, bool)
    filter_requested = Signal()
    escaped = Signal()

    def __init__(
        self, model: ResultModel, runner: Runner, density: str = "comfortable", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._runner = runner
        self._widths_are_set = False
        self.empty_text = ""
        self.setAccessibleName("Result rows")
        self.setProperty("role", "pane")
        self.setFont(mono_font(BODY))
        self._configure()
        self.heads = GridHeader(self)
        self.setHorizontalHeader(self.heads)
        self.setModel(model)
        self._detach_headers()
        self._configure_headers(density)
        self._painter = GridPainter(self, model)
        self._add_actions()
        self.verticalScrollBar().valueChanged.connect(self._look_for_end)
        model.rowsInserted.connect(self._rows_arrived)
        self._rows_arrived()

    @property
    def current_row(self) -> int:
        """The number of the current row in the result; -1 if there is none."""
        index = self.currentIndex()
        return self._model.shown.row(index.row()) if index.isValid() else -1

    def arrange(self, arrangement: Arrangement, order: Order | None, place: int = -1) -> None:
        """Show the rows of `order`; the selection goes, and the row at `place`, if any, becomes the current one."""
        column = max(self.currentIndex().column(), 0)
        self.selectionModel().clear()
        self._model.arrange(arrangement, order)
        self.heads.show_keys(arrangement.keys)
        self.viewport().update()
        if 0 <= place < self._model.rowCount():
            self.setCurrentIndex(self._model.index(place, column))

    def set_density(self, density: str) -> None:
        """Row height by the setting `appearance.density`."""
        height = GRID_ROW.get(density, GRID_ROW["comfortable"])
        header = self.verticalHeader()
        header.setMinimumSectionSize(height)
        header.setDefaultSectionSize(height)

    def selected_cells(self) -> CellSelection:
        """The selection, columns in the order in which they are shown."""
        selection = self.selectionModel().selection()
        parts = [selection.at(index) for index in range(selection.size())]
        ranges = tuple((each.top(), each.left(), each.bottom(), each.right()) for each in parts)
        header = self.horizontalHeader()
        order = sorted(range(self._model.columnCount()), key=header.visualIndex)
        return CellSelection(ranges, tuple(column for column in order if not header.isSectionHidden(column)))

    def go_to_row(self, number: int) -> None:
        """Select the row of that 1-based number, as far as it was fetched."""
        row = min(max(number, 1), self._model.rowCount()) - 1
        column = max(self.currentIndex().column(), 0)
        self.setCurrentIndex(self._model.index(row, column))
        self.scrollTo(self._model.index(row, column), QAbstractItemView.ScrollHint.PositionAtCenter)

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
        if index.isValid():
            ValueDialog(self._model.shown, index.row(), index.column(), self._runner, self.window()).show()

    def set_empty_text(self, text: str) -> None:
        """What is written in the middle while there is no row."""
        if text != self.empty_text:
            self.empty_text = text
            self.viewport().update()

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
        self.heads.sort_pressed.connect(self.sort_requested)
        self.heads.select_pressed.connect(self.selectColumn)
        rows.setHighlightSections(False)
        columns.setMinimumSectionSize(32)
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        columns.setTextElideMode(Qt.TextElideMode.ElideMiddle)

    def _add_actions(self) -> None:
        for copy_format, text, shortcut in _COPY_ACTIONS:
            action = self._add_action(text, shortcut)
            action.triggered.connect(lambda _=False, chosen=copy_format: self.copy_requested.emit(chosen))
        self._add_action("Show value", "F2").triggered.connect(self.show_value)
        self._add_action("Go to row…", "Ctrl+G").triggered.connect(self.ask_row)
        self._add_action("Select all", "Ctrl+A").triggered.connect(self.selectAll)
        self._add_action("Select column", "Ctrl+Space").triggered.connect(self._select_column)
        self._add_action("Sort by column", "Alt+S").triggered.connect(self._sort_current)
        self._add_action("Filter by column…", "").triggered.connect(self.filter_requested)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)

    def _select_column(self) -> None:
        if self.currentIndex().isValid():
            self.selectColumn(self.currentIndex().column())

    def _sort_current(self) -> None:
        if self.currentIndex().isValid():
            self.sort_requested.emit(self.currentIndex().column(), False)

    def _add_action(self, text: str, shortcut: str) -> QAction:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(shortcut))
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.addAction(action)
        return action

    def _open_menu(self, point: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(self.actions())
        menu.popup(self.viewport().mapToGlobal(point))

    def _rows_arrived(self) -> None:
        digits = len(str(self._model.rowCount()))
        self.verticalHeader().setFixedWidth(self.fontMetrics().horizontalAdvance("0") * max(2, digits) + 18)
        if not self._widths_are_set:
            self._set_widths()
        self._look_for_end()

    def _set_widths(self) -> None:
        """Widths by the first rows: asking all of them would cost a pause."""
        rows = min(self._model.rowCount(), _SAMPLE_ROWS)
        self._widths_are_set = rows > 0
        character = self.fontMetrics().horizontalAdvance("0")
        for column in range(self._model.columnCount()):
            longest = max((len(self._model.cell(row, column)[0]) for row in range(rows)), default=0)
            name = len(str(self._model.headerData(column, Qt.Orientation.Horizontal)))
            characters = min(max(longest, name + 1, _NARROWEST), _WIDEST)
            with_arrow = min(name, _WIDEST) * character + ARROW_ROOM + 18
            self.setColumnWidth(column, max(characters * character + 2 * PADDING + 2, with_arrow))

    def _look_for_end(self) -> None:
        """By rows, because the scroll bar learns of new ones later."""
        shown = self.viewport().height() // max(1, self.verticalHeader().defaultSectionSize())
        if self.verticalScrollBar().value() + shown >= self._model.rowCount() - _NEAR_END:
            self.near_end.emit()
