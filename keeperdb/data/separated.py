"""CSV and TSV, exact or guarded for spreadsheets; rows are written column by column, which is many times faster."""

import re
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import replace
from typing import AnyStr, Generic

from keeperdb.data.options import ExportOptions
from keeperdb.engines.blocks import Block, Column
from keeperdb.engines.columns import EncodedColumns, text_columns

_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)*(?:[eE][+-]?[0-9]+)?")
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
_USUAL_DELIMITERS = ",;\t|"
_END_OF_COPY = "\\."  # alone on a line it ends the data of PostgreSQL's COPY, which quotes it therefore


def guarded(text: str) -> str:
    """`text` with an apostrophe before it if a spreadsheet would take it for a formula; numbers stay numbers."""
    if text.startswith(_FORMULA_STARTS) and not _PLAIN_NUMBER.fullmatch(text):
        return "'" + text
    return text


class SeparatedLine:
    """Writes one line of separated values, as RFC 4180 has it but with a line feed at its end."""

    def __init__(self, delimiter: str, guards_formulas: bool = False) -> None:
        self._delimiter = delimiter
        self._guards_formulas = guards_formulas
        self._special = re.compile(f'[{re.escape(delimiter)}"\r\n]')

    def write(self, cells: Sequence[str | None]) -> str:
        """The line, with its line feed."""
        if self._guards_formulas:
            cells = [None if cell is None else guarded(cell) for cell in cells]
        if len(cells) == 1 and cells[0] == _END_OF_COPY:
            return f'"{_END_OF_COPY}"\n'
        line = self._delimiter.join([cell or "" for cell in cells])
        if "" not in cells and not self._special.search(line.replace(self._delimiter, "", len(cells) - 1)):
            return line + "\n"  # the usual case, found by looking at the line once: nothing in it needs quotes
        return self._delimiter.join(map(self._cell, cells)) + "\n"

    def _cell(self, cell: str | None) -> str:
        if cell is None:
            return ""
        if not cell or self._special.search(cell):
            return '"' + cell.replace('"', '""') + '"'
        return cell


class SeparatedColumns(Generic[AnyStr]):
    """Writes the same lines from whole columns, of text or of UTF-8; `encode` makes either from ASCII."""

    def __init__(self, delimiter: str, encode: Callable[[str], AnyStr]) -> None:
        self._has_usual_delimiter = delimiter in _USUAL_DELIMITERS
        self._delimiter: AnyStr = encode(delimiter)
        self._quote: AnyStr = encode('"')
        self._feed: AnyStr = encode("\n")
        self._none: AnyStr = encode("")
        self._nul: AnyStr = encode("\0")
        self._specials: tuple[AnyStr, ...] = (self._quote, self._delimiter, self._feed, encode("\r"))
        self._end_of_copy: AnyStr = encode(_END_OF_COPY)

    def write(self, columns: Sequence[Sequence[AnyStr | None]], plain: Set[int] = frozenset()) -> AnyStr:
        """The lines of rows whose cells stand in `columns`; those of `plain` need no quotes."""
        plain = plain if self._has_usual_delimiter else frozenset()
        cells = [self._plain(each) if number in plain else self._column(each) for number, each in enumerate(columns)]
        if len(cells) == 1 and self._end_of_copy in cells[0]:
            cells = [[self._quoted(cell) if cell == self._end_of_copy else cell for cell in cells[0]]]
        rows: Iterable[tuple[AnyStr, ...]] = zip(*cells, strict=True)
        join: Callable[[Iterable[AnyStr]], AnyStr] = self._delimiter.join
        lines = list(map(join, rows))
        lines.append(self._none)
        return self._feed.join(lines)

    def _plain(self, cells: Sequence[AnyStr | None]) -> Sequence[AnyStr]:
        if all(cells):
            return cells  # type: ignore[return-value]  # none of them is None, as was just seen
        return [self._none if cell is None else cell or self._quote + self._quote for cell in cells]

    def _column(self, cells: Sequence[AnyStr | None]) -> Sequence[AnyStr]:
        if not all(cells):  # NULL, or an empty text
            return [self._none if cell is None else self._cell(cell) for cell in cells]
        whole: Sequence[AnyStr] = cells  # type: ignore[assignment]  # none of them is None, as was just seen
        together = self._nul.join(whole)
        found = [special for special in self._specials if special in together]
        return self._quoted_where(whole, together, found) if found else whole

    def _quoted_where(self, cells: Sequence[AnyStr], together: AnyStr, found: list[AnyStr]) -> Sequence[AnyStr]:
        """Quotes around the cells with what was `found`; cells are `together` with a NUL between two."""
        quote, first = self._quote, found[0]
        if first == quote:
            if together.count(self._nul) != len(cells) - 1:  # a cell has a NUL of its own
                return [self._cell(cell) for cell in cells]
            cells = together.replace(quote, quote + quote).split(self._nul)
        if len(found) == 1:
            return [quote + cell + quote if first in cell else cell for cell in cells]
        rest = found[1:]
        return [
            quote + cell + quote if first in cell or any(special in cell for special in rest) else cell
            for cell in cells
        ]

    def _cell(self, cell: AnyStr) -> AnyStr:
        is_special = not cell or any(special in cell for special in self._specials)
        return self._quoted(cell) if is_special else cell

    def _quoted(self, cell: AnyStr) -> AnyStr:
        return self._quote + cell.replace(self._quote, self._quote + self._quote) + self._quote


class CsvWriter:
    """Each value exactly as the server writes it."""

    def __init__(self, columns: Sequence[Column], options: ExportOptions) -> None:
        self._columns = range(len(columns))
        self._names = [column.name for column in columns]
        self._options = options
        self._line = SeparatedLine(options.delimiter, options.guards_formulas)
        self._of_text = SeparatedColumns[str](options.delimiter, str)
        self._of_bytes = SeparatedColumns[bytes](options.delimiter, str.encode)

    def begin(self) -> str:
        bom = "\ufeff" if self._options.has_bom else ""
        return bom + (self._line.write(self._names) if self._options.has_header else "")

    def rows(self, block: Block, start: int, stop: int) -> str:
        text, write, columns = block.text, self._line.write, self._columns
        return "".join([write([text(row, column) for column in columns]) for row in range(start, stop)])

    def encoded(self, block: Block, start: int, stop: int) -> bytes:
        """The same as `rows` in UTF-8; a lone surrogate, which UTF-8 does not have, becomes `\\udc80`."""
        is_exact = bool(self._columns) and not self._options.guards_formulas
        columns = text_columns(block, start, stop) if is_exact else None
        if isinstance(columns, EncodedColumns):
            return self._of_bytes.write(columns.cells, columns.plain)
        text = (
            self._of_text.write(columns.cells, columns.plain) if columns is not None else self.rows(block, start, stop)
        )
        return text.encode("utf-8", "backslashreplace")

    def end(self) -> str:
        return ""


class TsvWriter(CsvWriter):
    """As CSV, with a tab between two values."""

    def __init__(self, columns: Sequence[Column], options: ExportOptions) -> None:
        super().__init__(columns, replace(options, delimiter="\t"))
