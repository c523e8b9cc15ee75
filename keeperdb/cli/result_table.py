"""A result as a table for people: aligned, on one line per row, and harmless on a terminal."""

from collections.abc import Sequence

from keeperdb.cli.output import pad, safe, width
from keeperdb.data.formats import ExportOptions
from keeperdb.engines.blocks import Block, Column


class TableWriter:
    """Writes rows as they come; the widths are those of the first rows, and nothing is cut off."""

    def __init__(self, columns: Sequence[Column], options: ExportOptions) -> None:
        self._null = safe(options.null_text)
        self._names = [safe(column.name) for column in columns]
        self._is_right = [column.kind.is_number for column in columns]
        self._widths: list[int] = []

    def begin(self) -> str:
        return ""

    def rows(self, block: Block, start: int, stop: int) -> str:
        cells = [
            [self._cell(block.text(row, index)) for index in range(len(self._names))] for row in range(start, stop)
        ]
        return self._head(cells) + "".join(self._line(line) for line in cells)

    def end(self) -> str:
        return self._head([])

    def _head(self, cells: Sequence[Sequence[str]]) -> str:
        """The names above the first rows, or above none."""
        if self._widths or not self._names:
            return ""
        self._widths = [max(map(width, column)) for column in zip(self._names, *cells, strict=True)]
        return self._line(self._names) + "  ".join("─" * columns for columns in self._widths) + "\n"

    def _cell(self, text: str | None) -> str:
        return self._null if text is None else safe(text)

    def _line(self, cells: Sequence[str]) -> str:
        padded = (pad(*each) for each in zip(cells, self._widths, self._is_right, strict=True))
        return "  ".join(padded).rstrip() + "\n"
