"""Finding a text in all cells of the shown rows, and going from one to the next."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from keeperdb.query.arranging import Order
from keeperdb.query.shown_columns import ShownColumns, in_order
from keeperdb.query.shown_rows import ShownRows
from keeperdb.query.timezones import Converter
from keeperdb.task import Task


@dataclass(frozen=True, slots=True)
class FoundCells:
    """The places of the cells with `text`: for each column the places of rows, ascending."""

    text: str
    rows: dict[int, Sequence[int]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(map(len, self.rows.values()))

    def has(self, place: int, column: int) -> bool:
        rows = self.rows.get(column, ())
        index = bisect_left(rows, place)
        return index < len(rows) and rows[index] == place

    def among(self, places: range, column: int) -> Sequence[int]:
        """Which of `places` have the text in `column`."""
        rows = self.rows.get(column, ())
        return rows[bisect_left(rows, places.start) : bisect_left(rows, places.stop)]

    def number(self, place: int, column: int, columns: Sequence[int]) -> int:
        """How many found cells stand before that one, counted row by row in the order of `columns`."""
        position = columns.index(column) if column in columns else -1
        before = sum(bisect_left(rows, place) for rows in self.rows.values())
        return before + sum(1 for each in columns[: max(position, 0)] if self.has(place, each))

    def after(self, place: int, column: int, columns: Sequence[int]) -> tuple[int, int] | None:
        """The next found cell behind (place, column), row by row in the order of `columns`; around the end."""
        position = columns.index(column) if column in columns else -1
        here = [(place, each) for each in columns[position + 1 :] if self.has(place, each)]
        if here:
            return here[0]
        return self._first(columns, place + 1) or self._first(columns, 0)

    def before(self, place: int, column: int, columns: Sequence[int]) -> tuple[int, int] | None:
        """The found cell before (place, column); around the beginning."""
        position = columns.index(column) if column in columns else 0
        here = [(place, each) for each in columns[:position] if self.has(place, each)]
        if here:
            return here[-1]
        return self._last(columns, place - 1) or self._last(columns, None)

    def _first(self, columns: Sequence[int], start: int) -> tuple[int, int] | None:
        """The first found cell from row `start` on."""
        found = []
        for position, column in enumerate(columns):
            rows = self.rows.get(column, ())
            index = bisect_left(rows, start)
            if index < len(rows):
                found.append((rows[index], position))
        return (min(found)[0], columns[min(found)[1]]) if found else None

    def _last(self, columns: Sequence[int], end: int | None) -> tuple[int, int] | None:
        """The last found cell up to row `end`, or of all."""
        found = []
        for position, column in enumerate(columns):
            rows = self.rows.get(column, ())
            index = len(rows) if end is None else bisect_right(rows, end)
            if index:
                found.append((rows[index - 1], position))
        return (max(found)[0], columns[max(found)[1]]) if found else None


def find_cells(
    kept: ShownColumns,
    shown: ShownRows,
    order: Order | None,
    text: str,
    columns: Sequence[int],
    task: Task,
    zone: Converter | None = None,
) -> FoundCells:
    """Where `text` is in the cells of `columns`, upper and lower case alike. Raises `Cancelled`.

    `order` is the one that `shown` follows, `zone` writes moments as the grid does. Columns are read one after the
    other, and stay in `kept` if all of them may.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    from keeperdb.query.fetched_column import found_in

    found: dict[int, Sequence[int]] = {}
    if kept.can_keep_all:
        task.report(0, len(columns), "Searching")
        kept.read(columns, task)
    for number, column in enumerate(columns):
        task.report(number, len(columns), "Searching")
        texts = kept.as_fetched(column, task, zone)
        mask = pa.chunked_array([found_in(text, each) for each in texts.chunks], pa.bool_())
        if not kept.can_keep_all:
            kept.clear()
        places = _numbers(pc.indices_nonzero(in_order(mask, order, len(shown))))
        if len(places):
            found[column] = places
    return FoundCells(text, found)


def _numbers(places: Any) -> Sequence[int]:
    """As a view of Arrow's memory, so that a million places are not a million objects."""
    if not len(places):
        return ()
    view = memoryview(places.buffers()[1]).cast("B").cast("Q")
    return view[places.offset : places.offset + len(places)]
