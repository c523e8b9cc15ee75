"""How a value is written on one line of a grid: short, exact in what it shows, and never as markup."""

import html
import unicodedata
from enum import StrEnum
from typing import Any, Protocol

from keeperdb.engines.blocks import CellKind, Column
from keeperdb.query.geometry import is_geometry, well_known_text

MAX_CHARACTERS = 300  # more than any column is wide
EMPTY_TEXT = "(empty)"
JSON_NULL_TEXT = "JSON null"
_BINARY_BYTES = 24
_GEOMETRY_BYTES = 2_000

_VISIBLE = {0x0A: "↵", 0x0D: "␍", 0x09: "⇥", 0xA0: "⍽"}  # the pictures of other controls are too small to be read


class CellStyle(StrEnum):
    """Whether a cell shows its value, or a word of ours for one that has no text of its own."""

    VALUE = "value"
    NULL = "null"
    EMPTY = "empty"


class ShownCells(Protocol):
    """What cells are read from: a result, or a result as it is looked at."""

    @property
    def columns(self) -> tuple[Column, ...] | None: ...

    def text(self, row: int, column: int) -> str | None: ...

    def value(self, row: int, column: int) -> Any: ...


def cell_text(result: ShownCells, row: int, column: int, null_text: str) -> tuple[str, CellStyle]:
    """What stands in a cell, at most `MAX_CHARACTERS` long, and how it is meant."""
    kind = result.columns[column].kind if result.columns else CellKind.TEXT
    if result.columns and is_geometry(result.columns[column]):
        text = geometry_text(result, row, column)
        if text is not None:
            return one_line(text), CellStyle.VALUE
    if kind is CellKind.BINARY:
        return binary_text(result.value(row, column), null_text)
    text = result.text(row, column)
    if text is None:
        return null_text, CellStyle.NULL
    if not text:
        return EMPTY_TEXT, CellStyle.EMPTY
    if kind is CellKind.JSON and text == "null":
        return JSON_NULL_TEXT, CellStyle.NULL
    return one_line(text), CellStyle.VALUE


def geometry_text(result: ShownCells, row: int, column: int) -> str | None:
    """A geometry as text; None where there is none, or one too long to be read for a line of a grid."""
    value = result.value(row, column)
    if value is None or len(value) > _GEOMETRY_BYTES:
        return None
    return well_known_text((result.columns or ())[column], value)


def binary_text(value: object, null_text: str) -> tuple[str, CellStyle]:
    """The first bytes as hexadecimal digits, and how many there are."""
    if value is None:
        return null_text, CellStyle.NULL
    if not isinstance(value, bytes | bytearray | memoryview):
        return one_line(str(value)), CellStyle.VALUE
    content = bytes(value[:_BINARY_BYTES])
    if not content:
        return EMPTY_TEXT, CellStyle.EMPTY
    if len(value) <= _BINARY_BYTES:
        return f"0x{content.hex()}", CellStyle.VALUE
    return f"0x{content.hex()}… ({len(value):,} bytes)", CellStyle.VALUE


def one_line(text: str, limit: int = MAX_CHARACTERS) -> str:
    """`text` cut to `limit` characters, with line breaks, control and invisible characters made visible."""
    short = text if len(text) <= limit else text[:limit] + "…"
    return short if short.isprintable() else visible(short)


def visible(text: str) -> str:
    """`text` with every control, format and bidirectional character written as a sign or as its code."""
    return "".join(character if character.isprintable() else _sign(character) for character in text)


def is_hidden(character: str) -> bool:
    """Whether a character cannot be seen, or changes the order in which others are: a trick in pasted SQL."""
    return unicodedata.category(character) in ("Cf", "Co", "Cs", "Zl", "Zp") or character == "\xa0"


def _sign(character: str) -> str:
    sign = _VISIBLE.get(ord(character))
    if sign is not None:
        return sign
    return character if unicodedata.category(character) == "Zs" else f"⟨U+{ord(character):04X}⟩"


def tooltip(text: str) -> str:
    """`text` for a tooltip: Qt guesses at markup there, so it is given markup in which everything is escaped."""
    return f"<qt>{html.escape(text).replace(chr(10), '<br>')}</qt>" if text else ""


def elide_middle(text: str, limit: int) -> str:
    """At most `limit` characters of `text`, its beginning and its end."""
    if len(text) <= limit:
        return text
    head = limit // 2
    return f"{text[:head]}…{text[len(text) - (limit - 1 - head) :]}"
