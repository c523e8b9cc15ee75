"""Sorting and filtering the rows that were fetched, by row numbers; the server is not asked and no row moves."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from keeperdb.engines.blocks import Block, CellKind
from keeperdb.query.fetched_column import FetchedColumn, found_anywhere, found_in
from keeperdb.query.results import ResultSet
from keeperdb.query.timezones import Converter, has_zone
from keeperdb.task import Task

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class SortKey:
    """A column to sort by."""

    column: int
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """Keeps rows with `text` in `column`, or in any column for None; upper and lower case are alike."""

    text: str
    column: int | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """Keeps rows that meet an expression on their columns, as `row_expression` reads it."""

    text: str


@dataclass(frozen=True, slots=True)
class Arrangement:
    """In what order rows are shown, and which."""

    keys: tuple[SortKey, ...] = ()
    filter: Filter | Condition | None = None

    @property
    def is_empty(self) -> bool:
        """Every row is shown, in the order in which it came."""
        return not self.keys and self.filter is None

    def pressed(self, column: int, *, adds: bool) -> "Arrangement":
        """After a click on a column's head: ascending, then descending, then not; `adds` keeps the other keys."""
        others = [key for key in self.keys if key.column != column] if adds else []
        old = next((key for key in self.keys if key.column == column), None)
        if old is None:
            return replace(self, keys=(*others, SortKey(column)))
        if old.descending:
            return replace(self, keys=tuple(others))
        if not adds:
            return replace(self, keys=(SortKey(column, descending=True),))
        flipped = tuple(replace(key, descending=True) if key.column == column else key for key in self.keys)
        return replace(self, keys=flipped)


@dataclass(frozen=True, slots=True)
class Order:
    """The rows to show: `rows[n]` is the number of the row that stands at `n`. Made from the first `fetched` rows."""

    rows: Sequence[int]
    fetched: int

    def place(self, row: int) -> int:
        """Where a row of the result stands; -1 if it is left out. Looks at every row."""
        return next((place for place, each in enumerate(self.rows) if each == row), -1)

    def begins_with(self, other: "Order") -> bool:
        """Whether the rows of `other` stand at the same places here."""
        ours, theirs = self.rows[: len(other.rows)], other.rows
        if isinstance(ours, memoryview) and isinstance(theirs, memoryview):
            return ours.tobytes() == theirs.tobytes()
        return list(ours) == list(theirs)


class Arranger:
    """Arranges the rows of one result; keeps the columns it needed last, so that the next time is faster.

    May be called from any thread; one call waits for the other.
    """

    def __init__(self, result: ResultSet) -> None:
        self._result = result
        self._columns: dict[int, FetchedColumn] = {}
        self._lock = threading.Lock()

    def arrange(self, arrangement: Arrangement, task: Task, shown: Converter | None = None) -> Order:
        """The order of the rows fetched so far. `shown` writes moments as the grid does.

        Raises `Cancelled`; and `KeeperDBError` for a `Condition` that cannot be read or compared.
        """
        with self._lock:
            task.check()
            blocks = self._result.blocks()
            count = sum(map(len, blocks))
            kept = self._filtered(arrangement.filter, blocks, task, shown)
            order = self._sorted(arrangement.keys, blocks, kept, task)
            self._forget(arrangement)
        return Order(_numbers(order, count), count)

    def prepare(self, column: int, task: Task) -> None:
        """Read a column that is likely to be asked for next. Raises `Cancelled`."""
        with self._lock:
            self._column(column).read(self._result.blocks(), task)

    def clear(self) -> None:
        """Give back the memory of the columns."""
        with self._lock:
            self._columns.clear()

    def _filtered(
        self, wanted: Filter | Condition | None, blocks: Sequence[Block], task: Task, shown: Converter | None
    ) -> "pa.Array | None":
        """The numbers of the rows that a filter keeps; None for all."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if wanted is None:
            return None
        if isinstance(wanted, Condition):
            return self._met(wanted, blocks, task, shown)
        if wanted.column is None:
            masks = found_anywhere(wanted.text, self._result.columns or (), blocks, task, shown)
        else:
            column = (self._result.columns or ())[wanted.column]
            texts = self._column(wanted.column).texts(blocks, task, shown if has_zone(column) else None)
            masks = [found_in(wanted.text, each) for each in texts]
        return pc.indices_nonzero(pa.chunked_array(masks, pa.bool_()))

    def _met(self, wanted: Condition, blocks: Sequence[Block], task: Task, shown: Converter | None) -> "pa.Array":
        """The numbers of the rows that meet a condition."""
        from keeperdb.query.met_rows import FetchedCells, met_rows
        from keeperdb.query.row_expression import read_expression

        columns = self._result.columns or ()
        expression = read_expression(wanted.text, columns)
        return met_rows(expression, FetchedCells(columns, blocks, self._column, task, shown))

    def _sorted(
        self, keys: tuple[SortKey, ...], blocks: Sequence[Block], kept: "pa.Array | None", task: Task
    ) -> "pa.Array | None":
        """The numbers of the rows in their order; NULL stands last. Rows that are equal stay as they came."""
        import pyarrow as pa
        import pyarrow.compute as pc

        arrays: list[Any] = []
        directions: list[tuple[str, str]] = []
        for key in keys:
            for each in self._column(key.column).keys(blocks, self._kind(key.column), task):
                directions.append((str(len(arrays)), "descending" if key.descending else "ascending"))
                whole = each.combine_chunks() if isinstance(each, pa.ChunkedArray) else each
                arrays.append(whole if kept is None else whole.take(kept))
            task.check()
        if not arrays:
            return kept
        table = pa.record_batch(arrays, names=[name for name, _ in directions])
        order = pc.sort_indices(table, sort_keys=directions)
        task.check()
        return order if kept is None else kept.take(order)

    def _column(self, column: int) -> FetchedColumn:
        return self._columns.setdefault(column, FetchedColumn(column))

    def _kind(self, column: int) -> CellKind:
        return (self._result.columns or ())[column].kind

    def _forget(self, arrangement: Arrangement) -> None:
        used = {key.column for key in arrangement.keys}
        if isinstance(arrangement.filter, Filter) and arrangement.filter.column is not None:
            used.add(arrangement.filter.column)
        for column in set(self._columns) - used:
            del self._columns[column]


def _numbers(order: "pa.Array | None", count: int) -> Sequence[int]:
    """As a view of the memory Arrow has them in: a list would be a million objects."""
    if order is None:
        return range(count)
    if not len(order):
        return ()
    return memoryview(order.buffers()[1]).cast("B").cast("Q")[order.offset : order.offset + len(order)]
