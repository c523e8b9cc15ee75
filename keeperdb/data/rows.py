"""Where rows that are written come from: a result as far as it was fetched, or all of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from keeperdb.engines.blocks import Block, Column
from keeperdb.engines.columns import EncodedColumns, TextColumns, text_columns
from keeperdb.query.results import ResultSet
from keeperdb.task import Task


class RowSource(Protocol):
    """Rows with their columns, block by block."""

    @property
    def columns(self) -> tuple[Column, ...]: ...

    @property
    def total(self) -> int | None:
        """How many rows there are; None if that is not known yet."""
        ...

    def blocks(self, task: Task) -> Iterator[Block]:
        """The rows from the first on; may be called once. May block, and raises what fetching raises."""
        ...


@dataclass(frozen=True, slots=True)
class FetchedRows:
    """The rows of a result that were fetched until now. May be read on any thread."""

    result: ResultSet

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.result.columns or ()

    @property
    def total(self) -> int | None:
        return self.result.row_count

    def blocks(self, task: Task) -> Iterator[Block]:
        return _first(self.result.blocks(), self.result.row_count)


@dataclass(frozen=True, slots=True)
class AllRows:
    """The first `limit` rows of a result, or all: what was fetched, then the rest as it comes.

    The rest is not kept, so memory stays constant however long the result is. Read on the session's lane.
    """

    result: ResultSet
    limit: int | None = None

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.result.columns or ()

    @property
    def total(self) -> int | None:
        return self.result.row_count if self.result.is_complete and self.limit is None else None

    def blocks(self, task: Task) -> Iterator[Block]:
        fetched = self.result.row_count
        yield from _first(self.result.blocks(), fetched if self.limit is None else min(fetched, self.limit))
        rest = None if self.limit is None else max(0, self.limit - fetched)
        yield from self.result.drain(task, rest)


@dataclass(frozen=True, slots=True)
class _Head:
    """The first `rows` rows of a block."""

    block: Block
    rows: int

    def __len__(self) -> int:
        return self.rows

    def text(self, row: int, column: int) -> str | None:
        return self.block.text(row, column)

    def value(self, row: int, column: int) -> Any:
        return self.block.value(row, column)

    def text_columns(self, start: int, stop: int) -> EncodedColumns | TextColumns | None:
        return text_columns(self.block, start, stop)

    @property
    def nbytes(self) -> int:
        return self.block.nbytes * self.rows // max(1, len(self.block))


def _first(blocks: Iterable[Block], rows: int) -> Iterator[Block]:
    for block in blocks:
        if rows <= 0:
            return
        yield block if len(block) <= rows else _Head(block, rows)
        rows -= len(block)
