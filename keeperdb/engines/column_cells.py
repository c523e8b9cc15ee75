"""One column of a block at once, in the lightest form its driver gives: for sorting and filtering fetched rows."""

from collections.abc import Iterable, Sequence
from typing import Protocol, runtime_checkable

from keeperdb.engines.blocks import Block

Cell = bytes | str | int | float | None


@runtime_checkable
class CellBlock(Protocol):
    """A block that gives a column without making an object per row of all columns."""

    def cells(self, column: int) -> Sequence[Cell]:
        """The cells from the first row to the last: what `text()` says, as text or in UTF-8, or a plain number.

        Cells in UTF-8 do not stand beside numbers.
        """
        ...


@runtime_checkable
class RowwiseBlock(Protocol):
    """A block that has to look at all columns to find one."""

    def every_column(self) -> Sequence[Sequence[Cell]]:
        """`cells` of each column."""
        ...


def every_column(block: Block, columns: int) -> Iterable[Sequence[Cell]]:
    """The cells of each of the `columns` of `block`."""
    if isinstance(block, RowwiseBlock):
        return block.every_column()
    return (column_cells(block, column) for column in range(columns))


def column_cells(block: Block, column: int) -> Sequence[Cell]:
    """One column of `block`; of a block that cannot do better, its texts."""
    if isinstance(block, CellBlock):
        return block.cells(column)
    return [block.text(row, column) for row in range(len(block))]


@runtime_checkable
class TextBlock(Protocol):
    """A block whose `cells` may be numbers, and that writes a column faster than cell by cell."""

    def texts(self, column: int) -> Sequence[str | None]:
        """What `text()` says of each cell, from the first row to the last."""
        ...


def column_texts(block: Block, column: int) -> Sequence[str | None]:
    """One column of `block` as text."""
    if isinstance(block, TextBlock):
        return block.texts(column)
    return [block.text(row, column) for row in range(len(block))]
