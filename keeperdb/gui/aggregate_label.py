"""What the selected cells of a grid add up to, worked out in the background and said in one line."""

from dataclasses import replace
from decimal import Decimal

from PySide6.QtCore import QObject, QTimer, Signal

from keeperdb.gui.cell_text import one_line
from keeperdb.gui.grid import Grid
from keeperdb.gui.result_model import ResultModel
from keeperdb.gui.runner import Runner
from keeperdb.query.aggregates import Aggregates, Number, Span, aggregate, distinct_count, merged
from keeperdb.query.shown_columns import ShownColumns
from keeperdb.task import Task

_PAUSE = 120  # milliseconds without a change of the selection
_DIGITS = 12  # after the point, of an average
_TEXT_CHARACTERS = 24  # of the least and the greatest text


class SelectionAggregates(QObject):
    """`changed` follows each change of `text`, which is empty for one cell or none."""

    changed = Signal()

    def __init__(self, grid: Grid, model: ResultModel, columns: ShownColumns, runner: Runner) -> None:
        super().__init__(grid)
        self.text = ""
        self.found: Aggregates | None = None
        self._grid = grid
        self._model = model
        self._columns = columns
        self._runner = runner
        self._task: Task | None = None
        self._has_columns = False
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._timer.timeout.connect(self._start)
        grid.selectionModel().selectionChanged.connect(lambda *_: self.follow())

    @property
    def is_working(self) -> bool:
        return self._task is not None or self._timer.isActive()

    def follow(self) -> None:
        """The selection, or what stands in its cells, has changed."""
        self._stop()
        self._timer.start()

    def cancel(self) -> None:
        """Stop; nothing is said about the selection then."""
        self._timer.stop()
        self._stop()
        self._say(None, "")

    def _stop(self) -> None:
        if self._task is not None:
            self._runner.cancel(self._task)
            self._task = None

    def _start(self) -> None:
        spans = self._spans()
        count = sum(last - first + 1 for each in spans.values() for first, last in each)
        if count < 2:
            self._say(None, "")
            self._forget_columns()
            return
        if not self._model.masked.isdisjoint(spans):
            self._say(None, f"{count:,} cells · masked")
            return
        self._has_columns = True
        shown, order, columns = self._model.shown, self._model.order, self._columns
        self._say(None, f"{count:,} cells · Calculating…")
        task = self._runner.start(
            lambda task: aggregate(columns, shown, order, spans, task),
            owner=self,
            done=lambda found: self._done(task, found, spans),
        )
        self._task = task

    def _forget_columns(self) -> None:
        """Give back the memory of what was added up; in the background, for it may still be in use there."""
        if self._has_columns:
            self._has_columns = False
            columns = self._columns
            self._runner.start(lambda _: columns.clear(), owner=self)

    def _spans(self) -> dict[int, list[Span]]:
        """The selected places of each column; columns that are hidden do not count."""
        cells = self._grid.selected_cells()
        rows = self._model.rowCount()
        spans: dict[int, list[Span]] = {column: [] for column in cells.columns}
        for top, left, bottom, right in cells.ranges:
            for column in spans:
                if left <= column <= right and top < rows:
                    spans[column].append((top, min(bottom, rows - 1)))
        return {column: merged(parts) for column, parts in spans.items() if parts}

    def _done(self, task: Task, found: Aggregates, spans: dict[int, list[Span]]) -> None:
        """Sums are said at once; how many values there are takes longer, and follows."""
        if task is not self._task:
            return
        self._task = None
        self._say(found, in_words(found))
        if found.distinct is None:
            self._count(found, spans)

    def _count(self, found: Aggregates, spans: dict[int, list[Span]]) -> None:
        shown, order, columns = self._model.shown, self._model.order, self._columns
        task = self._runner.start(
            lambda task: distinct_count(columns, shown, order, spans, task),
            owner=self,
            done=lambda count: self._done(task, replace(found, distinct=count), spans),
        )
        self._task = task

    def _say(self, found: Aggregates | None, text: str) -> None:
        self.found = found
        if text != self.text:
            self.text = text
            self.changed.emit()


def in_words(found: Aggregates) -> str:
    """Counts first, then what holds for the cells that are numbers."""
    parts = [f"{found.cells:,} cells"]
    if found.distinct is not None:
        parts.append(f"{found.distinct:,} distinct")
    if found.nulls:
        parts.append(f"{found.nulls:,} NULL")
    if found.numbers and found.numbers != found.cells - found.nulls:
        parts.append(f"{found.numbers:,} numbers")
    named = (("sum", found.total), ("avg", found.average), ("min", found.minimum), ("max", found.maximum))
    for name, value in (*named, ("median", found.median)):
        if value is not None:
            parts.append(f"{name} {_written(value)}")
    return " · ".join(parts)


def _written(value: Number | str) -> str:
    """Whole numbers and sums of decimals with every digit; averages with twelve after the point."""
    if isinstance(value, str):
        return one_line(value, _TEXT_CHARACTERS)
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.{_DIGITS}g}"
    if -value.as_tuple().exponent > _DIGITS:  # type: ignore[operator]  # it is finite
        value = round(value, _DIGITS)
        return f"{value.normalize():,f}" if value else "0"
    return f"{value:,f}" if isinstance(value, Decimal) else str(value)
