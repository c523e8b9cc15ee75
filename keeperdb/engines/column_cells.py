"""One column of a block at once, in the lightest form its driver gives: for sorting and filtering fetched rows."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from keeperdb.engines.blocks import Block

if TYPE_CHECKING:
    import pyarrow as pa

Cell = bytes | str | int | float | None


class CellBlock(Protocol):
    """A block that gives a column without making an object per row of all columns."""

    def cells(self, column: int) -> Sequence[Cell]:
        """The cells from the first row to the last: what `text()` says, as text or in UTF-8, or a plain number.

        Cells in UTF-8 do not stand beside numbers.
        """
        ...


class ArrowBlock(Protocol):
    """A block whose columns Arrow finds by itself, without an object for each cell."""

    def arrays(self, others: Sequence[Block], columns: Sequence[int]) -> "list[pa.Array | None]":
        """What `text()` says in each of `columns`, in the rows of this block and of `others` behind it.

        As an array of strings; None where that is not how the cells came.
        """
        ...


def arrow_columns(blocks: Sequence[Block], columns: Sequence[int]) -> "list[pa.Array | None]":
    """Each of `columns` of some blocks of one result as Arrow has it; None where its cells have to be asked for."""
    loaded = [block if (give := _way(block, "loaded")) is None else give() for block in blocks]
    if (give := _way(loaded[0], "arrays")) is None:
        return [None] * len(columns)
    arrays: list[pa.Array | None] = give(loaded[1:], columns)
    return arrays


def cells_of_columns(blocks: Sequence[Block], columns: Sequence[int]) -> list[list[Cell]]:
    """The cells of each of `columns` of all `blocks`; block by block, because a block fits a processor's cache."""
    found: list[list[Cell]] = [[] for _ in columns]
    for block in blocks:
        for column, cells in zip(columns, found, strict=True):
            cells += column_cells(block, column)
    return found


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
