"""Rows as JSON: an array of objects, or one object per line."""

import base64
import json
import math
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from keeperdb.data.options import Cells, ExportOptions
from keeperdb.engines.blocks import Block, Column


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
