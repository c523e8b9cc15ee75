"""The bar that finds a text in all cells of a grid: how many there are, the next and the one before, each marked."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from keeperdb.gui.grid import Grid
from keeperdb.gui.icons import set_icon
from keeperdb.gui.notices import plain_label
from keeperdb.gui.result_model import ResultModel
from keeperdb.gui.runner import Runner
from keeperdb.gui.search_field import SearchField
from keeperdb.gui.tokens import color
from keeperdb.query.cell_finding import FoundCells, find_cells
from keeperdb.query.shown_columns import ShownColumns
from keeperdb.query.shown_rows import ShownRows
from keeperdb.query.timezones import Converter
from keeperdb.task import Progress, Task

_PAUSE = 200  # milliseconds without a key


class FindBar(QWidget):
    """`wanted(text)` follows typing after a short pause; `stepped(1 or -1)` the keys and buttons; `closed` Escape."""

    wanted = Signal(str)
    stepped = Signal(int)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = SearchField("Find in all cells", self)
        self.field.setMaximumWidth(420)
        self.count = plain_label("", "muted")
        self.count.setAccessibleName("Found cells")
        self.next_button = _button("chevron-down", "Next found cell", "Next (Enter, F3)", lambda: self.stepped.emit(1))
        self.previous_button = _button(
            "chevron-up", "Previous found cell", "Previous (Up, Shift+F3)", lambda: self.stepped.emit(-1)
        )
        self.close_button = _button("close", "Close finding", "Close (Esc)", self.closed.emit)
        set_icon(self.close_button, "close", "muted")
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._timer.timeout.connect(self._tell)
        self.field.textChanged.connect(lambda _: self._timer.start())
        self.field.entered.connect(lambda _: self._enter())
        self.field.moved.connect(lambda rows: self.stepped.emit(1 if rows > 0 else -1))
        self._told = ""
        self._lay_out()
        self.hide()

    def open(self) -> None:
        """Show the bar with the focus in its field."""
        self.show()
        self.field.setFocus()
        self.field.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _enter(self) -> None:
        if self._timer.isActive() or self._told != self.field.text():
            self._tell()
        else:
            self.stepped.emit(1)

    def _tell(self) -> None:
        self._timer.stop()
        self._told = self.field.text()
        self.wanted.emit(self._told)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(4)
        row.addWidget(self.field, 1)
        row.addWidget(self.previous_button)
        row.addWidget(self.next_button)
        row.addSpacing(8)
        row.addWidget(self.count)
        row.addStretch(1)
        row.addWidget(self.close_button)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)


def _button(name: str, words: str, tip: str, act: Callable[[], object]) -> QToolButton:
    button = QToolButton()
    set_icon(button, name)
    button.setAccessibleName(words)
    button.setToolTip(tip)
    button.clicked.connect(lambda _checked: act())
    return button


class CellFinding(QObject):
    """Searches the shown rows in the background, marks what was found, and goes from one to the next."""

    def __init__(self, bar: FindBar, grid: Grid, model: ResultModel, runner: Runner) -> None:
        super().__init__(grid)
        self.bar = bar
        self.found = FoundCells("")
        self._grid = grid
        self._model = model
        self._runner = runner
        self._kept = ShownColumns(model.result)
        self._zone: Converter | None = None
        self._task: Task | None = None
        self._searched: ShownRows | None = None  # whose cells were looked at
        grid.add_tint(self._tint)
        bar.wanted.connect(self.search)
        bar.stepped.connect(self.step)
        bar.closed.connect(self.close)

    @property
    def is_working(self) -> bool:
        return self._task is not None

    def set_converter(self, zone: Converter | None) -> None:
        """Find moments as the grid writes them from now on."""
        self._zone = zone

    def open(self) -> None:
        """Show the bar; what was looked for is looked for again, for rows may have come."""
        self.bar.open()
        if self.bar.field.text():
            self.search(self.bar.field.text())

    def close(self) -> None:
        """Take bar and marks away."""
        self._stop()
        self._show(FoundCells(""))
        kept = self._kept
        self._runner.start(lambda _: kept.clear(), owner=self)
        self.bar.hide()
        self._grid.setFocus()

    def search(self, text: str) -> None:
        """Look for `text` in all shown cells; the first one from the current cell on becomes the current one."""
        self._stop()
        if not text:
            self._show(FoundCells(""))
            return
        shown, order, zone, columns = self._model.shown, self._model.order, self._zone, self._grid.columns.shown
        kept = self._kept
        self.bar.count.setText("Searching…")
        task = self._runner.start(
            lambda task: find_cells(kept, shown, order, text, columns, task, zone),
            owner=self,
            done=lambda found: self._done(task, shown, found),
            progress=self._report,
        )
        self._task = task

    def follow(self) -> None:
        """Other rows are shown, or elsewhere: what was found is looked for again."""
        if self.bar.isVisible() and self._searched is not None and self._searched is not self._model.shown:
            self.search(self.found.text)

    def step(self, by: int) -> None:
        """Go to the next found cell, or the one before."""
        if self.bar.isVisible() and self._searched is not None and self._searched is not self._model.shown:
            self.search(self.found.text)  # rows came, or stand elsewhere now
            return
        index, columns = self._grid.currentIndex(), self._grid.columns.shown
        place, column = (index.row(), index.column()) if index.isValid() else (-1, -1)
        found = self.found.after(place, column, columns) if by > 0 else self.found.before(place, column, columns)
        if found is not None:
            self._grid.go_to_cell(*found)
        self._show_count()

    def _stop(self) -> None:
        if self._task is not None:
            self._runner.cancel(self._task)
            self._task = None

    def _report(self, progress: Progress) -> None:
        if self._task is not None and progress.total:
            self.bar.count.setText(f"Searching… {100 * progress.done // progress.total} %")

    def _done(self, task: Task, shown: ShownRows, found: FoundCells) -> None:
        if task is not self._task:
            return
        self._task, self._searched = None, shown
        self._show(found)
        index = self._grid.currentIndex()
        is_here = index.isValid() and found.has(index.row(), index.column())
        if found.count and not is_here and shown is self._model.shown:
            self.step(1)

    def _show(self, found: FoundCells) -> None:
        self.found = found
        self._searched = self._searched if found.text else None
        self._show_count()
        self._grid.repaint_cells()

    def _show_count(self) -> None:
        count, index = self.found.count, self._grid.currentIndex()
        if not self.found.text:
            self.bar.count.setText("")
        elif not count:
            self.bar.count.setText("Nothing found in the fetched rows")
        elif index.isValid() and self.found.has(index.row(), index.column()):
            number = self.found.number(index.row(), index.column(), self._grid.columns.shown) + 1
            self.bar.count.setText(f"{number:,} of {count:,}")
        else:
            self.bar.count.setText(f"{count:,} found")

    def _tint(self, rows: range, column: int) -> Mapping[int, QColor]:
        if not self.found.rows or self._searched is not self._model.shown:
            return {}
        mark = color("match")
        return dict.fromkeys(self.found.among(rows, column), mark)
