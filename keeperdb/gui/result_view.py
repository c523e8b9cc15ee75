"""One result: the grid, and under it how many rows there are, whether there are more, and how to get them."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal, SignalInstance
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from keeperdb.data.references import ResultReferences, shown_path
from keeperdb.gui.actions import make_action
from keeperdb.gui.aggregate_label import SelectionAggregates
from keeperdb.gui.copy_actions import GridCopying
from keeperdb.gui.copy_cells import CopyFormat
from keeperdb.gui.elided_label import ElidedLabel
from keeperdb.gui.filter_bar import FilterBar
from keeperdb.gui.find_cells import CellFinding, FindBar
from keeperdb.gui.grid import Grid
from keeperdb.gui.grid_actions import GridActions
from keeperdb.gui.masked_columns import before_copying
from keeperdb.gui.messages import rows_in_words, times_in_words
from keeperdb.gui.record_view import MOST_ROWS, RecordView
from keeperdb.gui.result_context import ResultContext
from keeperdb.gui.result_filters import ResultFilters
from keeperdb.gui.result_keys import ResultKeys
from keeperdb.gui.result_model import ResultModel
from keeperdb.gui.row_arranging import RowArranging
from keeperdb.gui.runner import Runner
from keeperdb.gui.strips import small_label
from keeperdb.query.arranging import SortKey
from keeperdb.query.results import ResultSet
from keeperdb.query.shown_columns import ShownColumns
from keeperdb.query.shown_rows import ShownRows
from keeperdb.query.timezones import Converter, TimeZone, converter
from keeperdb.settings import Settings

_GROW_EVERY = 50  # milliseconds


class ResultView(QWidget):
    """Shows a result that another thread may be adding rows to.

    `more_requested` asks for the next page, `all_requested` for the rest, `stop_requested` to stop fetching;
    `grew` follows each time that rows, or the state of the result, changed; `cell_changed` each change of the current
    cell; `selection_told` each change of `selection_text`.
    """

    more_requested = Signal()
    all_requested = Signal()
    stop_requested = Signal()
    grew = Signal()
    cell_changed = Signal()
    selection_told = Signal()
    value_requested = Signal()  # show, or hide, the panel with the current value

    def __init__(
        self,
        result: ResultSet,
        runner: Runner,
        settings: Settings,
        parent: QWidget | None = None,
        context: ResultContext | None = None,
    ) -> None:
        super().__init__(parent)
        self.context = context or ResultContext()
        self.result = result
        self.is_fetching = False
        self._zone = TimeZone.AS_SENT
        self._runner = runner
        self.model = ResultModel(result, settings.text("results.null_text"), self)
        self.grid = Grid(self.model, runner, settings.text("appearance.density"), self)
        self.rows_label = small_label("Rows")
        self.more_label = small_label("Rest of the result")
        self.times_label = small_label("Time")
        self.arranged_label = ElidedLabel("Sorting and filter")
        self.all_button = self._button("Fetch all", "Fetch the rows that are still on the server", self.all_requested)
        self.stop_button = self._button("Stop fetching", "Keep the rows that have arrived", self.stop_requested)
        self.as_came_button = self._button("Show as fetched", "All rows, in the order in which they came (Esc)", None)
        self.cancel_button = self._button("Cancel", "Leave the rows as they are shown", None)
        self.stop_copy_button = self._button("Cancel copy", "Leave the clipboard as it is", None)
        self.copy_label = small_label("Copying")
        self.hidden_button = self._button("", "Show all columns", None)
        self.filter_bar = FilterBar(self.model.columns, self)
        self.arranging = RowArranging(self.grid, self.model, runner, self)
        self._make_tools(runner, settings)
        self._lay_out()
        self._connect_arranging()
        self._connect_tools()
        self.set_time_zone(settings.text("results.time_zone"))
        self._timer = QTimer(self, interval=_GROW_EVERY)
        self._timer.timeout.connect(self.refresh)
        self.grid.near_end.connect(self._want_more)
        self._remember_columns()
        self.refresh()

    def _make_tools(self, runner: Runner, settings: Settings) -> None:
        """What works on the rows: copying, sums, finding, filters, keys, records, and the actions for all of it."""
        self.shown_columns = ShownColumns(self.result)
        self.copying = GridCopying(self.grid, self.model, runner, settings)
        self.copying.source.engine = self.context.engine
        self.aggregates = SelectionAggregates(self.grid, self.model, self.shown_columns, runner)
        self.keys = ResultKeys(self.model, self.context, self)
        self.find_bar = FindBar(self)
        self.finding = CellFinding(self.find_bar, self.grid, self.model, runner)
        self.filters = ResultFilters(self.grid, self.model, self.filter_bar, self.shown_columns, runner)
        self.record = RecordView(self.model, self)
        self.pages = QStackedWidget(self)
        self.actions_of_grid = GridActions(self.grid, self.copy, self._slots())

    def set_fetching(self, is_fetching: bool) -> None:
        """Say whether rows are arriving; while they are, the grid looks for them every 50 ms."""
        self.is_fetching = is_fetching
        if is_fetching:
            self._timer.start()
        else:
            self._timer.stop()
        self.refresh()

    @property
    def shown_rows(self) -> ShownRows | None:
        """The rows as the grid shows them, where that is not how they came."""
        return self.model.shown if self.model.shown.differs else None

    def open_filter(self) -> None:
        """Show the filter bar with the focus in it."""
        self.filter_bar.open()

    def show_as_fetched(self) -> None:
        """Take filter and sorting away; the grid has the focus then."""
        self.filter_bar.close_bar()
        self.arranging.clear()
        self.grid.setFocus()

    def set_time_zone(self, name: str) -> None:
        """Show moments as the setting `results.time_zone` says."""
        self._zone = choice = TimeZone(name)
        if choice is TimeZone.SESSION:  # the rules of a zone are read from a file
            session_zone = self.result.time_zone
            self._runner.start(
                lambda _: converter(choice, session_zone), owner=self, done=lambda write: self._write_in(choice, write)
            )
        else:
            self._write_in(choice, converter(choice))

    def _write_in(self, zone: TimeZone, write: Converter | None) -> None:
        if zone is self._zone:  # no other one was chosen meanwhile
            self.model.set_converter(write)
            self.arranging.set_converter(write)
            self.finding.set_converter(write)
            self.filters.set_converter(write)
            self.grid.repaint_cells()

    def refresh(self) -> None:
        """Show what has arrived."""
        self.model.grow()
        self.arranging.follow(is_fetching=self.is_fetching)
        can_fetch = self.result.is_open and not self.result.is_complete
        self.rows_label.setText(rows_in_words(self.result))
        self.more_label.setText(self._rest(can_fetch))
        self.times_label.setText(times_in_words(self.result))
        self.all_button.setVisible(can_fetch and not self.is_fetching)
        self.stop_button.setVisible(self.is_fetching)
        self._show_arranged()
        self.grew.emit()

    def copy(self, copy_format: CopyFormat) -> None:
        """Put the selected cells on the clipboard; the text is made in the background.

        SQL that names the table asks first what the table and its key are called; masked cells are asked about.
        """
        cells = self.grid.selected_cells()
        are_masked = any(left <= column <= right for column in self.model.masked for _, left, _, right in cells.ranges)
        before_copying(self.grid, are_masked, lambda: self._copy(copy_format))

    def _copy(self, copy_format: CopyFormat) -> None:
        if copy_format in (CopyFormat.INSERT, CopyFormat.UPDATE) and self.keys.can_ask:
            self.keys.find(lambda found: self._copy_named(copy_format, found), lambda _: self.copying.copy(copy_format))
        else:
            self.copying.copy(copy_format)

    def _copy_named(self, copy_format: CopyFormat, found: ResultReferences) -> None:
        source = self.copying.source
        if found.table:
            source.table, source.keys = shown_path(source.engine, found.table), found.keys
        self.copying.copy(copy_format)

    @property
    def selection_text(self) -> str:
        """What the selected cells add up to, in words; empty for one cell or none."""
        return self.aggregates.text

    @property
    def current_cell(self) -> tuple[int, int] | None:
        """Place and column of the cell that is looked at, in the grid or as a record; None for none."""
        if self.is_record:
            index = self.record.table.currentIndex()
            return (
                (self.record.model.places[index.column()], self.record.model.columns[index.row()])
                if index.isValid()
                else None
            )
        index = self.grid.currentIndex()
        return (index.row(), index.column()) if index.isValid() else None

    @property
    def is_record(self) -> bool:
        """Whether rows are shown on their side."""
        return self.pages.currentWidget() is self.record

    def focus_rows(self) -> None:
        """Put the focus where the arrow keys move through the rows."""
        (self.record.table if self.is_record else self.grid).setFocus()

    def toggle_record(self) -> None:
        """Show the selected rows on their side, or all rows again."""
        if self.is_record:
            self.show_grid()
            return
        index = self.grid.currentIndex()
        places = list(self.grid.selected_cells().rows()[:MOST_ROWS]) if self.grid.selected_cells().ranges else []
        if not places and index.isValid():
            places = [index.row()]
        if places:
            self.record.show_rows(places, self.grid.columns.shown, index.column())
            self.pages.setCurrentWidget(self.record)
            self.record.table.setFocus()
            self.cell_changed.emit()

    def show_grid(self) -> None:
        """Leave the record view; the cell that was looked at there is the current one."""
        cell = self.current_cell
        self.pages.setCurrentWidget(self.grid)
        if cell is not None and cell[0] < self.model.rowCount():
            self.grid.go_to_cell(*cell)
        self.grid.setFocus()

    def go_back_to_grid(self) -> None:
        """Escape in the grid: what was opened last is closed first."""
        if self.find_bar.isVisible():
            self.finding.close()
        else:
            self.show_as_fetched()

    def _show_arranged(self) -> None:
        arranging, shown = self.arranging, self.model.rowCount()
        words = arranging.words()
        self.arranged_label.setText(words)
        self.more_label.setVisible(not words)  # the words say it too
        self.as_came_button.setVisible(arranging.is_active and not arranging.is_working)
        self.cancel_button.setVisible(arranging.is_working)
        is_text = not self.filter_bar.is_condition
        no_rows = (
            f"No row {'has this text' if is_text else 'meets this condition'}" if self.result.row_count else "No rows"
        )
        self.grid.set_empty_text("" if shown or self.is_fetching else no_rows)
        self.grid.show_keys(arranging.wanted)

    def _filter_current(self) -> None:
        """Filter the column of the current cell."""
        self.filter_bar.open(self.grid.target_column if self.grid.target_column >= 0 else None)

    def _cancel_arranging(self) -> None:
        self.arranging.cancel()
        self.filter_bar.show_filter(self.arranging.wanted.filter)

    def _connect_arranging(self) -> None:
        self.grid.sort_requested.connect(self.arranging.press)
        self.grid.escaped.connect(self.go_back_to_grid)
        self.arranging.failed.connect(self.filter_bar.show_error)
        self.filter_bar.changed.connect(self.arranging.filter)
        self.filter_bar.closed.connect(self.show_as_fetched)
        self.filter_bar.column_chosen.connect(self.arranging.prepare)
        self.filter_bar.left.connect(self.grid.setFocus)
        self.arranging.changed.connect(self._show_arranged)
        self.as_came_button.clicked.connect(self.show_as_fetched)
        self.cancel_button.clicked.connect(self._cancel_arranging)

    def _slots(self) -> dict[str, Callable[[], object]]:
        """What the actions of the grid do that need more than the grid."""
        filters, arranging = self.filters, self.arranging
        return {
            "grid.find": self.finding.open,
            "grid.find_next": lambda: self.finding.step(1),
            "grid.find_previous": lambda: self.finding.step(-1),
            "grid.filter_column": self._filter_current,
            "grid.filter_value": filters.keep_value,
            "grid.exclude_value": filters.exclude_value,
            "grid.filter_values": filters.open_values,
            "grid.condition": self.filter_bar.open_condition,
            "grid.columns": filters.open_columns,
            "grid.sort_descending": self._sort_descending,
            "grid.sort_none": arranging.sort_none,
            "grid.record": self.toggle_record,
            "grid.value_panel": self.value_requested.emit,
        }

    def _sort_descending(self) -> None:
        if self.grid.target_column >= 0:
            self.arranging.sort_by(SortKey(self.grid.target_column, descending=True))

    def _connect_tools(self) -> None:
        self.aggregates.changed.connect(self.selection_told)
        self.arranging.changed.connect(self.aggregates.follow)
        self.arranging.changed.connect(self.finding.follow)
        self.copying.changed.connect(self._show_copying)
        self.grid.selectionModel().currentChanged.connect(lambda *_: self.cell_changed.emit())
        self.record.current_changed.connect(lambda *_: self.cell_changed.emit())
        self.record.closed.connect(self.show_grid)
        self.stop_copy_button.clicked.connect(self.copying.cancel)
        self.hidden_button.clicked.connect(self.grid.columns.show_all)
        self.grid.columns.pinned_changed.connect(self._show_hidden)
        make_action("record.back", self.record, self.show_grid)
        self.record.table.addAction(self.actions_of_grid["grid.value_panel"])

    def _show_hidden(self) -> None:
        """Columns that were hidden some other day are not forgotten about."""
        count = len(self.grid.columns.hidden)
        self.hidden_button.setText("1 hidden column" if count == 1 else f"{count:,} hidden columns")
        self.hidden_button.setVisible(count > 0)

    def _show_copying(self) -> None:
        self.copy_label.setText(self.copying.text)
        self.stop_copy_button.setVisible(bool(self.copying.text))

    def _remember_columns(self) -> None:
        """Columns stand as they did the last time for a query of this shape."""
        layouts = self.context.layouts
        if layouts is not None:
            self.grid.apply_layout(layouts.of(self.model.columns))
            self.grid.columns.changed.connect(lambda: layouts.keep(self.model.columns, self.grid.columns.layout()))

    def _want_more(self) -> None:
        """Not while rows are sorted or filtered: a few rows that are left would ask for page after page."""
        if self.model.order is None and self.result.is_open and not self.result.is_complete and not self.is_fetching:
            self.more_requested.emit()

    def _rest(self, can_fetch: bool) -> str:
        if self.is_fetching:
            return "Fetching…"
        if self.result.is_complete:
            return ""
        if self.result.is_capped:
            return "The row cap is reached; the rest was not kept"
        return "More rows are on the server" if can_fetch else "Not all rows were fetched"

    def _button(self, text: str, tip: str, signal: SignalInstance | None) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("role", "link")
        button.setToolTip(tip)
        if signal is not None:
            button.clicked.connect(signal)
        return button

    def _lay_out(self) -> None:
        footer = QHBoxLayout()
        footer.setContentsMargins(12, 0, 12, 0)
        footer.setSpacing(12)
        for widget in (self.rows_label, self.more_label, self.all_button, self.stop_button):
            footer.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        footer.addWidget(self.arranged_label, 1)
        for button in (self.as_came_button, self.cancel_button):
            footer.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        footer.addWidget(self.hidden_button)
        footer.addWidget(self.copy_label)
        footer.addWidget(self.stop_copy_button)
        footer.addWidget(self.times_label)
        self.stop_copy_button.hide()
        self.hidden_button.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.filter_bar)
        column.addWidget(self.find_bar)
        self.pages.addWidget(self.grid)
        self.pages.addWidget(self.record)
        column.addWidget(self.pages, 1)
        bar = QWidget()
        bar.setFixedHeight(30)
        bar.setLayout(footer)
        column.addWidget(bar)
