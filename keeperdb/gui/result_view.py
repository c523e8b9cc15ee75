"""One result: the grid, and under it how many rows there are, whether there are more, and how to get them."""

from PySide6.QtCore import Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from keeperdb.gui.copy_cells import CopyFormat, cells_as_text
from keeperdb.gui.elided_label import ElidedLabel
from keeperdb.gui.filter_bar import FilterBar
from keeperdb.gui.grid import Grid
from keeperdb.gui.messages import rows_in_words, times_in_words
from keeperdb.gui.notices import show_notice
from keeperdb.gui.result_model import ResultModel
from keeperdb.gui.row_arranging import RowArranging
from keeperdb.gui.runner import Runner
from keeperdb.gui.strips import small_label
from keeperdb.query.results import ResultSet
from keeperdb.query.shown_rows import ShownRows
from keeperdb.query.timezones import Converter, TimeZone, converter
from keeperdb.settings import Settings

_GROW_EVERY = 50  # milliseconds


class ResultView(QWidget):
    """Shows a result that another thread may be adding rows to.

    `more_requested` asks for the next page, `all_requested` for the rest, `stop_requested` to stop fetching;
    `grew` follows each time that rows, or the state of the result, changed.
    """

    more_requested = Signal()
    all_requested = Signal()
    stop_requested = Signal()
    grew = Signal()

    def __init__(self, result: ResultSet, runner: Runner, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
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
        self.filter_bar = FilterBar(self.model.columns, self)
        self.arranging = RowArranging(self.grid, self.model, runner, self)
        self._lay_out()
        self._connect_arranging()
        self.set_time_zone(settings.text("results.time_zone"))
        self._timer = QTimer(self, interval=_GROW_EVERY)
        self._timer.timeout.connect(self.refresh)
        self.grid.near_end.connect(self._want_more)
        self.grid.copy_requested.connect(self.copy)
        self.refresh()

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
            self.grid.viewport().update()

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
        """Put the selected cells on the clipboard; the text is made in the background."""
        cells, result = self.grid.selected_cells(), self.model.shown
        if not cells.is_empty:
            self._runner.start(
                lambda task: cells_as_text(result, cells, copy_format, task), owner=self, done=self._copied
            )
            top, left, _, _ = cells.ranges[0]
            if cells.is_single_cell and result.text(top, left) is None:
                show_notice(self, "NULL is copied as an empty text", seconds=3)

    def _copied(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        lines = text.count("\n") + 1
        if lines > 1:
            show_notice(self, f"{lines:,} lines copied", seconds=3)

    def _show_arranged(self) -> None:
        arranging, shown = self.arranging, self.model.rowCount()
        words = arranging.words()
        self.arranged_label.setText(words)
        self.more_label.setVisible(not words)  # the words say it too
        self.as_came_button.setVisible(arranging.is_active and not arranging.is_working)
        self.cancel_button.setVisible(arranging.is_working)
        no_rows = "No row has this text" if self.result.row_count else "No rows"
        self.grid.set_empty_text("" if shown or self.is_fetching else no_rows)
        self.grid.heads.show_keys(arranging.wanted.keys)

    def _filter_current(self) -> None:
        """Filter the column of the current cell."""
        index = self.grid.currentIndex()
        self.filter_bar.open(index.column() if index.isValid() else None)

    def _cancel_arranging(self) -> None:
        self.arranging.cancel()
        self.filter_bar.show_filter(self.arranging.wanted.filter)

    def _connect_arranging(self) -> None:
        self.grid.sort_requested.connect(self.arranging.press)
        self.grid.filter_requested.connect(self._filter_current)
        self.grid.escaped.connect(self.show_as_fetched)
        self.filter_bar.changed.connect(self.arranging.filter)
        self.filter_bar.closed.connect(self.show_as_fetched)
        self.filter_bar.column_chosen.connect(self.arranging.prepare)
        self.filter_bar.left.connect(self.grid.setFocus)
        self.arranging.changed.connect(self._show_arranged)
        self.as_came_button.clicked.connect(self.show_as_fetched)
        self.cancel_button.clicked.connect(self._cancel_arranging)

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
        footer.addWidget(self.times_label)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.filter_bar)
        column.addWidget(self.grid, 1)
        bar = QWidget()
        bar.setFixedHeight(30)
        bar.setLayout(footer)
        column.addWidget(bar)
