"""Columns of one result as Arrow holds them, in the order in which their rows are shown; the last ones are kept."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from keeperdb.engines.blocks import CellKind
from keeperdb.query.arranging import Order
from keeperdb.query.results import ResultSet
from keeperdb.query.timezones import Converter, has_zone
from keeperdb.task import Task

if TYPE_CHECKING:
    import pyarrow as pa

    from keeperdb.query.fetched_column import FetchedColumn

_MOST_CELLS = 12_000_000  # that are kept
_MOST_BYTES = 256 * 1024 * 1024  # of a result all of whose columns are kept


class ShownColumns:
    """May be called from any thread; one call waits for the other. All methods raise `Cancelled`."""

    def __init__(self, result: ResultSet) -> None:
        self._result = result
        self._columns: OrderedDict[int, FetchedColumn] = OrderedDict()
        self._lock = threading.Lock()

    def texts(
        self, column: int, order: Order | None, count: int, task: Task, shown: Converter | None = None
    ) -> "pa.ChunkedArray":
        """The texts of a column, for `order` or for the first `count` rows; moments as `shown` writes them."""
        return in_order(self.as_fetched(column, task, shown), order, count)

    def as_fetched(self, column: int, task: Task, shown: Converter | None = None) -> "pa.ChunkedArray":
        """The texts of a column for all fetched rows, in the order in which they came."""
        import pyarrow as pa

        has_zones = has_zone((self._result.columns or ())[column])
        with self._lock:
            arrays = list(self._column(column).texts(self._result.blocks(), task, shown if has_zones else None))
            return pa.chunked_array(arrays, pa.string())

    def numbers(self, column: int, order: Order | None, count: int, task: Task) -> "pa.ChunkedArray | None":
        """The numbers of a column as int64, uint64, decimal or float64; None if it holds anything else."""
        import pyarrow as pa

        kind = (self._result.columns or ())[column].kind
        if not kind.is_number and kind is not CellKind.TEXT:
            return None
        with self._lock:
            fetched, blocks = self._column(column), self._result.blocks()
            if kind is CellKind.TEXT and fetched.is_text(blocks, task):
                return None
            found = _exact_numbers(fetched.keys(blocks, kind, task), kind)
        if found is None:
            return None
        return in_order(found if isinstance(found, pa.ChunkedArray) else pa.chunked_array([found]), order, count)

    def read(self, columns: Iterable[int], task: Task) -> None:
        """Take in columns that are about to be asked for: together that is faster, if they can be kept."""
        from keeperdb.query.fetched_column import read_together

        with self._lock:
            new = [column for column in columns if column not in self._columns]
            if len(new) > 1 and len(new) <= self._most:
                read_together([self._column(column) for column in new], self._result.blocks(), task)

    @property
    def can_keep_all(self) -> bool:
        """Whether every column can be kept, so that reading all of them again is fast."""
        cells = self._result.row_count * len(self._result.columns or ())
        return cells <= _MOST_CELLS and self._result.nbytes <= _MOST_BYTES

    def clear(self) -> None:
        """Give back the memory."""
        with self._lock:
            self._columns.clear()

    def _column(self, column: int) -> "FetchedColumn":
        from keeperdb.query.fetched_column import FetchedColumn

        found = self._columns.pop(column, None) or FetchedColumn(column)
        self._columns[column] = found
        while len(self._columns) > self._most:
            self._columns.popitem(last=False)
        return found

    @property
    def _most(self) -> int:
        """How many columns are kept."""
        return max(1, _MOST_CELLS // max(1, self._result.row_count))


def in_order(array: "pa.ChunkedArray", order: Order | None, count: int) -> "pa.ChunkedArray":
    """The cells of the rows of `order`, or of the first `count` rows."""
    if order is None:
        return array.slice(0, count)
    return array.take(row_numbers(order.rows))


def row_numbers(rows: Sequence[int]) -> "pa.Array":
    """Numbers of rows as Arrow holds them; those of an order are not copied."""
    import pyarrow as pa

    if isinstance(rows, memoryview):
        return pa.Array.from_buffers(pa.uint64(), len(rows), [None, pa.py_buffer(rows)])
    return pa.array(rows, pa.uint64())


def _exact_numbers(keys: Sequence[Any], column: CellKind) -> "pa.ChunkedArray | pa.Array | None":
    """The numbers in what a column is sorted by; None where there is more to it. Short texts are sorted by numbers."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if len(keys) == 2 and pa.types.is_boolean(keys[0].type) and pa.types.is_floating(keys[1].type):
        return pc.if_else(keys[0], float("nan"), keys[1])
    if len(keys) != 1:
        return None
    kind = keys[0].type
    is_number = kind == pa.int64() or (kind == pa.uint64() and column.is_number)
    return keys[0] if is_number or pa.types.is_decimal(kind) or pa.types.is_floating(kind) else None
