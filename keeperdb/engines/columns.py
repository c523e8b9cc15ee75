"""Whole columns of a block at once, for blocks that can give them faster than cell by cell."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Protocol

from keeperdb.engines.blocks import Block, CellKind

_NUMBERS = {CellKind.INTEGER, CellKind.DECIMAL, CellKind.FLOAT, CellKind.BOOLEAN}
_TIMES = {CellKind.DATE, CellKind.TIME, CellKind.TIMESTAMP}
PLAIN_KINDS = frozenset(_NUMBERS | _TIMES)


@dataclass(frozen=True, slots=True)
class EncodedColumns:
    """Columns of UTF-8. Those in `plain` are ASCII without comma, semicolon, tab, bar, quote and line end."""

    cells: Sequence[Sequence[bytes | None]]
    plain: Set[int] = frozenset()


@dataclass(frozen=True, slots=True)
class TextColumns:
    """Columns of text; `plain` as in `EncodedColumns`."""

    cells: Sequence[Sequence[str | None]]
    plain: Set[int] = frozenset()


class ColumnarBlock(Protocol):
    """A block that also gives its cells by column."""

    def text_columns(self, start: int, stop: int) -> EncodedColumns | TextColumns | None:
        """The cells of rows `start` to `stop`: what `text()` says of each, as text or in UTF-8.

        None where some cell cannot be given that way: the caller then asks cell by cell.
        """
        ...


def text_columns(block: Block, start: int, stop: int) -> EncodedColumns | TextColumns | None:
    """As `ColumnarBlock.text_columns`; None for other blocks."""
    give = getattr(block, "text_columns", None)  # isinstance of a protocol takes as long as a hundred rows
    found: EncodedColumns | TextColumns | None = None if give is None else give(start, stop)
    return found


def are_utf8(cells: Sequence[bytes | None]) -> bool:
    """Whether each cell is UTF-8; half a character at the end of one is not mended by the next."""
    together = b"\0".join(filter(None, cells))
    if together.isascii():
        return True
    try:
        together.decode()
    except UnicodeDecodeError:
        return False
    return True
