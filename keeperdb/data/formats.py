"""How rows are written: CSV, JSON, JSON lines, Markdown."""

import base64
import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from keeperdb.engines.blocks import Block, Column


class ExportFormat(StrEnum):
    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"
    MARKDOWN = "md"


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What a person may choose.

    `guards_formulas` puts an apostrophe before text that a spreadsheet would run, and makes the file inexact.
    `has_bom` lets Excel see that a CSV file is UTF-8. `null_text` is for Markdown; in CSV, NULL is nothing at all
    and an empty text is `""`.
    """

    delimiter: str = ","
    has_header: bool = True
    guards_formulas: bool = False
    has_bom: bool = False
    null_text: str = "NULL"


class Cells(Protocol):
    """What a block and a result have in common."""

    def text(self, row: int, column: int) -> str | None: ...

    def value(self, row: int, column: int) -> Any: ...


class RowWriter(Protocol):
    """Turns rows into text, piece by piece."""

    def __init__(self, columns: Sequence[Column], options: ExportOptions) -> None: ...

    def begin(self) -> str: ...

    def rows(self, block: Block, start: int, stop: int) -> str: ...

    def end(self) -> str: ...


_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)*(?:[eE][+-]?[0-9]+)?")
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


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


class CsvWriter:
    """Each value exactly as the server writes it."""

    def __init__(self, columns: Sequence[Column], options: ExportOptions) -> None:
        self._columns = range(len(columns))
        self._names = [column.name for column in columns]
        self._options = options
        self._line = SeparatedLine(options.delimiter, options.guards_formulas)

    def begin(self) -> str:
        bom = "\ufeff" if self._options.has_bom else ""
        return bom + (self._line.write(self._names) if self._options.has_header else "")

    def rows(self, block: Block, start: int, stop: int) -> str:
        text, write, columns = block.text, self._line.write, self._columns
        return "".join([write([text(row, column) for column in columns]) for row in range(start, stop)])

    def end(self) -> str:
        return ""


class JsonLinesWriter:
    """One object per line, its members in the order of the columns."""

    def __init__(self, columns: Sequence[Column], options: ExportOptions) -> None:
        names = numbered([column.name for column in columns])
        self._members = [
            (f"{json_string(name)}: ", index, column.kind.is_number)
            for index, (name, column) in enumerate(zip(names, columns, strict=True))
        ]

    def begin(self) -> str:
        return ""

    def rows(self, block: Block, start: int, stop: int) -> str:
        return "".join([self.object(block, row) + "\n" for row in range(start, stop)])

    def end(self) -> str:
        return ""

    def object(self, block: Block, row: int) -> str:
        members = [key + json_value(block, row, column, number) for key, column, number in self._members]
        return "{" + ", ".join(members) + "}"


class JsonWriter(JsonLinesWriter):
    """An array of objects."""

    _separator = "[\n"

    def rows(self, block: Block, start: int, stop: int) -> str:
        pieces = []
        for row in range(start, stop):
            pieces.append(self._separator + self.object(block, row))
            self._separator = ",\n"
        return "".join(pieces)

    def end(self) -> str:
        return "[]\n" if self._separator == "[\n" else "\n]\n"


class MarkdownWriter:
    """A table as GitHub's Markdown has it. Values show as they are: none becomes markup or HTML."""

    def __init__(self, columns: Sequence[Column], options: ExportOptions) -> None:
        self._columns = columns
        self._null = markdown_text(options.null_text)

    def begin(self) -> str:
        rule = ["---:" if column.kind.is_number else "---" for column in self._columns]
        return _markdown_line(markdown_text(column.name) for column in self._columns) + _markdown_line(rule)

    def rows(self, block: Block, start: int, stop: int) -> str:
        return "".join(
            [
                _markdown_line(self._cell(block.text(row, column)) for column in range(len(self._columns)))
                for row in range(start, stop)
            ]
        )

    def end(self) -> str:
        return ""

    def _cell(self, text: str | None) -> str:
        return self._null if text is None else markdown_text(text)


WRITERS: dict[ExportFormat, type[RowWriter]] = {
    ExportFormat.CSV: CsvWriter,
    ExportFormat.JSON: JsonWriter,
    ExportFormat.JSONL: JsonLinesWriter,
    ExportFormat.MARKDOWN: MarkdownWriter,
}


def numbered(names: Sequence[str]) -> list[str]:
    """`names`, each once: the second `name` becomes `name_2`, or the next number that is free."""
    taken = set(names)
    seen: dict[str, int] = {}
    result = []
    for name in names:
        number = seen.get(name, 0) + 1
        unique = name
        while number > 1 and unique in taken:
            unique = f"{name}_{number}"
            number += 1
        seen[name] = max(number - 1, 1)
        taken.add(unique)
        result.append(unique)
    return result


_quote = json.JSONEncoder(ensure_ascii=False).encode

# RFC 8259 section 6
_JSON_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_C1 = re.compile("[\x7f-\x9f\ud800-\udfff]")  # JSON allows these in the open; terminals and encoders do not


def json_value(cells: Cells, row: int, column: int, is_number: bool) -> str:
    """One cell as JSON: numbers digit by digit, bytes in base64, NULL as null, everything else as the server's text."""
    text = cells.text(row, column)
    if text is None:
        return "null"
    if is_number and _JSON_NUMBER.fullmatch(text):
        return text
    value = cells.value(row, column)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes | bytearray | memoryview):
        return f'"{base64.b64encode(value).decode()}"'
    if isinstance(value, int | float | Decimal):
        return _json_number(value, text)
    return json_string(text)


def json_string(text: str) -> str:
    """`text` as a JSON string that is also harmless on a terminal."""
    quoted = _quote(text)
    return quoted if quoted.isprintable() else _C1.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def _json_number(value: Any, text: str) -> str:
    """JSON has no infinity and no NaN: they become strings."""
    for literal in (text, str(value)):
        if _JSON_NUMBER.fullmatch(literal):
            return literal
    if math.isnan(value):
        return '"NaN"'
    return '"Infinity"' if value > 0 else '"-Infinity"'


_MARKUP = re.compile(r"[\\|*`\[\]~]|(?<![^\W_])_|_(?![^\W_])")
_BREAK = re.compile(r"\r\n|\r|\n")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def markdown_text(text: str) -> str:
    """`text` for a cell of a Markdown table."""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    text = _MARKUP.sub(lambda found: "\\" + found[0], text)
    if text.isprintable():
        return text
    text = _BREAK.sub("<br>", text).replace("\t", " ")
    return _UNSEEN.sub(lambda found: f"\\\\u{ord(found[0]):04x}", text)


def _markdown_line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |\n"
