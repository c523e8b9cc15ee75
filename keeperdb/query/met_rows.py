"""Which fetched rows meet a condition that a person typed."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from keeperdb.engines.blocks import Block, Column
from keeperdb.query.fetched_column import FetchedColumn, found_anywhere
from keeperdb.query.row_expression import RowExpression
from keeperdb.query.timezones import Converter, has_zone
from keeperdb.task import Task

if TYPE_CHECKING:
    import pyarrow as pa


class FetchedCells:
    """The cells of fetched rows, for a condition. Methods raise `Cancelled`."""

    def __init__(
        self,
        columns: Sequence[Column],
        blocks: Sequence[Block],
        column: Callable[[int], FetchedColumn],
        task: Task,
        shown: Converter | None,
    ) -> None:
        """`column` gives the column of a number; `shown` writes moments as the grid does."""
        self._columns = columns
        self._blocks = blocks
        self._column = column
        self._task = task
        self._shown = shown

    def texts(self, column: int) -> "pa.ChunkedArray":
        """The texts as they are shown."""
        import pyarrow as pa

        shown = self._shown if has_zone(self._columns[column]) else None
        return pa.chunked_array(list(self._column(column).texts(self._blocks, self._task, shown)), pa.string())

    def keys(self, column: int) -> Sequence[Any]:
        """What the column is sorted by."""
        return self._column(column).keys(self._blocks, self._columns[column].kind, self._task)

    def found_anywhere(self, text: str) -> "pa.ChunkedArray":
        """Which rows have `text` in some cell, upper and lower case alike."""
        import pyarrow as pa

        return pa.chunked_array(found_anywhere(text, self._columns, self._blocks, self._task, self._shown), pa.bool_())


def met_rows(expression: RowExpression, cells: FetchedCells) -> Any:
    """The numbers of the rows that meet `expression`, ascending. Raises what `RowExpression.mask` raises."""
    import pyarrow.compute as pc

    return pc.indices_nonzero(expression.mask(cells))
