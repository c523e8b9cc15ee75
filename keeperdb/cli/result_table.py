"""A result as a table for people: aligned, on one line per row, and harmless on a terminal."""

from collections.abc import Sequence
from typing import TextIO

from keeperdb.cli.output import pad, safe, width
from keeperdb.engines.blocks import Column
from keeperdb.query.results import ResultSet


class TableWriter:
    """Writes rows as they come; the widths are those of the first call to `write`, and nothing is cut off."""

    def __init__(self, out: TextIO, columns: Sequence[Column], null_text: str) -> None:
        self._out = out
        self._null = safe(null_text)
        self._names = [safe(column.name) for column in columns]
        self._is_right = [column.kind.is_number for column in columns]
        self._widths: list[int] = []

    def write(self, result: ResultSet, start: int, stop: int) -> None:
        lines = [
            [self._cell(result.text(row, column)) for column in range(len(self._names))] for row in range(start, stop)
        ]
        if not self._widths:
            self._widths = [max(map(width, column)) for column in zip(self._names, *lines, strict=True)]
            self._write_line(self._names)
            self._out.write("  ".join("─" * columns for columns in self._widths) + "\n")
        for line in lines:
            self._write_line(line)

    def finish(self) -> None:
        """Nothing stands below the rows."""

    def _cell(self, text: str | None) -> str:
        return self._null if text is None else safe(text)

    def _write_line(self, cells: Sequence[str]) -> None:
        padded = (pad(*each) for each in zip(cells, self._widths, self._is_right, strict=True))
        self._out.write("  ".join(padded).rstrip() + "\n")
