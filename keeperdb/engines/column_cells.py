"""One column of a block at once, in the lightest form its driver gives: for sorting and filtering fetched rows."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from keeperdb.engines.blocks import Block

Cell = bytes | str | int | float | None


class CellBlock(Protocol):
    """A block that gives a column without making an object per row of all columns."""

    def cells(self, column: int) -> Sequence[Cell]:
        """The cells from the first row to the last: what `text()` says, as text or in UTF-8, or a plain number.

        Cells in UTF-8 do not stand beside numbers.
        """
        ...


class RowwiseBlock(Protocol):
    """A block that has to look at all columns to find one."""

    def every_column(self) -> Sequence[Sequence[Cell]]:
        """`cells` of each column."""
        ...


def every_column(block: Block, columns: int) -> Iterable[Sequence[Cell]]:
    """The cells of each of the `columns` of `block`."""
    if (give := _way(block, "every_column")) is not None:
        every: Sequence[Sequence[Cell]] = give()
        return every
    return (column_cells(block, column) for column in range(columns))


def column_cells(block: Block, column: int) -> Sequence[Cell]:
    """One column of `block`; of a block that cannot do better, its texts."""
    if (give := _way(block, "cells")) is not None:
        cells: Sequence[Cell] = give(column)
        return cells
    return [block.text(row, column) for row in range(len(block))]


class TextBlock(Protocol):
    """A block whose `cells` may be numbers, and that writes a column faster than cell by cell."""

    def texts(self, column: int) -> Sequence[str | None]:
        """What `text()` says of each cell, from the first row to the last."""
        ...


def column_texts(block: Block, column: int) -> Sequence[str | None]:
    """One column of `block` as text."""
    if (give := _way(block, "texts")) is not None:
        texts: Sequence[str | None] = give(column)
        return texts
    return [block.text(row, column) for row in range(len(block))]


def _way(block: Block, name: str) -> Callable[..., Any] | None:
    """A method that some blocks have; `isinstance` of a protocol takes as long as a hundred cells."""
    found: Callable[..., Any] | None = getattr(block, name, None)
    return found
