"""Has the rows of a grid sorted and filtered in the background, and says in words what is shown."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from keeperdb.errors import KeeperDBError
from keeperdb.gui.cell_text import elide_middle, one_line
from keeperdb.gui.grid import Grid
from keeperdb.gui.result_model import ResultModel
from keeperdb.gui.runner import Runner
from keeperdb.query.arranging import Arrangement, Arranger, Condition, Filter, Order, SortKey
from keeperdb.query.timezones import Converter
from keeperdb.task import Task

_AGAIN_AFTER = 1.0  # seconds between two times while rows go on arriving
_NAME_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class _Arranged:
    """What one operation found: `place` is where the current row stands now, -1 if it does not."""

    arrangement: Arrangement
    order: Order
    place: int
    is_continued: bool  # the rows that were shown stay where they are


class RowArranging(QObject):
    """`changed` follows each change of `words` and `is_working`; `failed` a condition that cannot be understood."""

    changed = Signal()
    failed = Signal(object)  # KeeperDBError

    def __init__(self, grid: Grid, model: ResultModel, runner: Runner, parent: QObject) -> None:
        super().__init__(parent)
        self.wanted = Arrangement()
        self._grid = grid
        self._model = model
        self._runner = runner
        self._arranger = Arranger(model.result)
        self._converter: Converter | None = None
        self._task: Task | None = None
        self._ended = 0.0

    @property
    def is_working(self) -> bool:
        return self._task is not None

    @property
    def is_active(self) -> bool:
        """Whether rows are sorted or filtered, or will be."""
        return not (self.wanted.is_empty and self._model.arrangement.is_empty)

    def press(self, column: int, adds: bool) -> None:
        """Sort as a click on the head of `column` says."""
        self._want(self.wanted.pressed(column, adds=adds))

    def sort_by(self, key: SortKey) -> None:
        """Sort by that column alone."""
        self._want(replace(self.wanted, keys=(key,)))

    def sort_none(self) -> None:
        """In the order in which the rows came."""
        if self.wanted.keys:
            self._want(replace(self.wanted, keys=()))

    def filter(self, wanted: Filter | Condition | None) -> None:
        """Keep the rows that `wanted` says; all for None."""
        if wanted != self.wanted.filter:
            self._want(replace(self.wanted, filter=wanted))

    def prepare(self, column: int | None) -> None:
        """Have a column read while the text to look for is typed."""
        if column is not None:
            arranger = self._arranger
            self._runner.start(lambda task: arranger.prepare(column, task), owner=self)

    def clear(self) -> None:
        """All rows as they came."""
        self._want(Arrangement())

    def cancel(self) -> None:
        """Stop, and leave the rows as they are shown."""
        if self._task is not None:
            self._runner.cancel(self._task)
            self._task = None
            self.wanted = self._model.arrangement
            self.changed.emit()

    def follow(self, *, is_fetching: bool) -> None:
        """Take in rows that have arrived: at once when fetching has ended, else from time to time."""
        order = self._model.order
        if order is None or self.is_working or order.fetched >= self._model.result.row_count:
            return
        if not is_fetching or time.monotonic() - self._ended >= _AGAIN_AFTER:
            self._start()

    def set_converter(self, converter: Converter | None) -> None:
        """Filter moments as the grid writes them from now on."""
        self._converter = converter
        if self.wanted.filter is not None:
            self._start()

    def words(self) -> str:
        """What is shown, and how; nothing for all rows as they came."""
        if self.is_working:
            return f"Arranging {self._model.result.row_count:,} rows…"
        arrangement, order = self._model.arrangement, self._model.order
        if order is None:
            return ""
        parts = []
        if arrangement.filter is not None:
            where = self._filtered_in_words(arrangement.filter)
            parts.append(f"{len(order.rows):,} of {order.fetched:,} rows shown, {where}")
        if arrangement.keys:
            names = ", ".join(self._name(key.column) for key in arrangement.keys)
            parts.append(f"{'sorted' if parts else 'Sorted'} locally by {names}")
        if not self._model.result.is_complete:
            parts.append("over fetched rows; more rows exist")
        return " · ".join(parts)

    def _want(self, arrangement: Arrangement) -> None:
        self.wanted = arrangement
        if arrangement.is_empty:
            self._show_all()
        else:
            self._start()

    def _show_all(self) -> None:
        if self._task is not None:
            self._runner.cancel(self._task)
            self._task = None
        row = self._grid.current_row
        if self._model.order is not None:
            self._grid.arrange(Arrangement(), None, row)
        arranger = self._arranger
        self._runner.start(lambda _: arranger.clear(), owner=self)
        self.changed.emit()

    def _start(self) -> None:
        if self._task is not None:
            self._runner.cancel(self._task)
        task = self._runner.start(
            self._operation(),
            owner=self,
            done=lambda arranged: self._done(task, arranged),
            failed=lambda error: self._fail(task, error),
        )
        self._task = task
        self.changed.emit()

    def _fail(self, task: Task, error: KeeperDBError) -> None:
        """A condition that cannot be understood: the rows stay as they are shown."""
        if task is self._task:
            self._task = None
            self.wanted = self._model.arrangement
            self.changed.emit()
            self.failed.emit(error)

    def _operation(self) -> Callable[[Task], _Arranged]:
        arranger, wanted, shown, before = self._arranger, self.wanted, self._converter, self._model.order
        row = self._grid.current_row
        is_same = wanted == self._model.arrangement

        def operation(task: Task) -> _Arranged:
            order = arranger.arrange(wanted, task, shown)
            is_continued = is_same and before is not None and order.begins_with(before)
            place = order.place(row) if row >= 0 and not is_continued else -1
            return _Arranged(wanted, order, place, is_continued)

        return operation

    def _done(self, task: Task, arranged: _Arranged) -> None:
        if task is not self._task:
            return  # another one was asked for meanwhile
        self._task, self._ended = None, time.monotonic()
        if arranged.is_continued:
            self._model.arrange(arranged.arrangement, arranged.order)
        else:
            self._grid.arrange(arranged.arrangement, arranged.order, arranged.place)
        self.changed.emit()

    def _filtered_in_words(self, wanted: Filter | Condition) -> str:
        if isinstance(wanted, Condition):
            return "by a condition"
        return f"filter on {'any column' if wanted.column is None else self._name(wanted.column)}"

    def _name(self, column: int) -> str:
        return elide_middle(one_line(self._model.columns[column].name), _NAME_CHARACTERS) or f"column {column + 1}"
