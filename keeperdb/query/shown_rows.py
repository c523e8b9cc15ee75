"""A result as it is looked at: some of its rows, in some order, moments in some zone; read by grid, copy and export."""

from collections.abc import Callable, Iterator
from typing import Any

from keeperdb.engines.blocks import Block, Column
from keeperdb.query.arranging import Order
from keeperdb.query.results import ResultSet
from keeperdb.query.timezones import Converter, has_zone
from keeperdb.task import Task


class ShownRows:
    """Immutable, and safe to read from any thread. Without `order` the first `count` rows as they came.

    It is a block too, and a source of rows for export.
    """

    def __init__(
        self, result: ResultSet, order: Order | None = None, shown: Converter | None = None, count: int | None = None
    ) -> None:
        self.result = result
        self.columns: tuple[Column, ...] = result.columns or ()
        self._rows = None if order is None else order.rows
        self._count = len(order.rows) if order is not None else result.row_count if count is None else count
        self._converters: dict[int, Converter] = (
            {} if shown is None else {number: shown for number, each in enumerate(self.columns) if has_zone(each)}
        )

    def __len__(self) -> int:
        return self._count

    @property
    def total(self) -> int | None:
        return self._count

    @property
    def differs(self) -> bool:
        """Whether rows stand elsewhere than they came, or a cell may be written anew."""
        return self._rows is not None or bool(self._converters)

    def row(self, place: int) -> int:
        """The number of the row of the result that stands at `place`."""
        return place if self._rows is None else self._rows[place]

    def text(self, row: int, column: int) -> str | None:
        """The cell as it is shown and copied, in full; None for NULL."""
        text = self.result.text(row if self._rows is None else self._rows[row], column)
        if text is None or column not in self._converters:
            return text
        return self._converters[column](text)

    def reader(self, column: int) -> Callable[[int, int], str | None]:
        """The shortest way to `text` for cells of `column`, for whoever reads many."""
        return self.result.text if self._rows is None and column not in self._converters else self.text

    def value(self, row: int, column: int) -> Any:
        """The cell as a Python value; a moment in a zone that was chosen is its text."""
        if column in self._converters:
            return self.text(row, column)
        return self.result.value(self.row(row), column)

    def blocks(self, task: Task) -> Iterator[Block]:
        """All rows as one block."""
        yield self

    @property
    def nbytes(self) -> int:
        return self.result.nbytes * self._count // max(1, self.result.row_count)
