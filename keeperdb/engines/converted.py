"""Packed rows whose cells are turned into text and values column by column."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from keeperdb.engines.blocks import Block
from keeperdb.engines.columns import TextColumns
from keeperdb.engines.packed import PackedBlock, Part
from keeperdb.engines.stored import Restore


@dataclass(frozen=True, slots=True)
class Conversion:
    """How the cells of a column are kept (None: as the driver gives them), shown, and handed out as values.

    Kept are int, float, bool, str and bytes only, so that rows can be packed.
    """

    to_text: Callable[[Any], str]
    to_value: Callable[[Any], Any] | None = None
    to_kept: Callable[[Any], Any] | None = None
    keeps_text: bool = False  # a kept text is what is shown


class ConvertedBlock:
    """A run of rows of one result, with a `Conversion` per column."""

    def __init__(self, rows: PackedBlock, conversions: Sequence[Conversion]) -> None:
        self._rows = rows
        self._conversions = conversions

    def __len__(self) -> int:
        return len(self._rows)

    def text(self, row: int, column: int) -> str | None:
        kept = self._rows.value(row, column)
        return None if kept is None else self._conversions[column].to_text(kept)

    def value(self, row: int, column: int) -> Any:
        kept = self._rows.value(row, column)
        to_value = self._conversions[column].to_value
        if kept is None or to_value is None:
            return kept
        try:
            return to_value(kept)
        except ValueError:
            return kept  # what Python's type cannot hold stays text

    def text_columns(self, start: int, stop: int) -> TextColumns:
        """Column by column, which spares a look-up for each cell."""
        if start >= stop:
            return TextColumns([() for _ in self._conversions])
        columns = zip(self._rows.columns(start, stop), self._conversions, strict=True)
        return TextColumns([_texts(cells, each) for cells, each in columns])

    def cells(self, column: int) -> Sequence[str | None]:
        return _texts(self._rows.values(column, 0, len(self)), self._conversions[column])

    def stored(self) -> tuple[bytes, Restore]:
        content, restore = self._rows.stored()
        return content, partial(_restored, restore, tuple(self._conversions))

    @property
    def nbytes(self) -> int:
        return self._rows.nbytes


def _texts(cells: Sequence[Any], conversion: Conversion) -> Sequence[str | None]:
    to_text = conversion.to_text
    if conversion.keeps_text and set(map(type, cells)) <= {str}:
        return cells
    return [None if cell is None else to_text(cell) for cell in cells]


def _restored(restore: Callable[[bytes], PackedBlock], conversions: Sequence[Conversion], content: bytes) -> Block:
    return ConvertedBlock(restore(content), conversions)


def pack(rows: list[Any], conversions: Sequence[Conversion]) -> list[Part]:
    """At most `PackedBlock.part_rows` rows, which are taken out of the list, as parts of a `PackedBlock`."""
    if not rows:
        return []
    columns: list[tuple[Any, ...] | list[Any]] = list(zip(*rows, strict=True))
    rows.clear()
    for number, each in enumerate(conversions):
        if (to_kept := each.to_kept) is not None:
            columns[number] = [None if cell is None else to_kept(cell) for cell in columns[number]]
    return [PackedBlock.pack_columns(columns)]
