"""A whole value as text to read: JSON in order, bytes as a dump, long ones from their beginning."""

import json
from dataclasses import dataclass
from enum import StrEnum

from keeperdb.engines.blocks import CellKind, Column
from keeperdb.query.geometry import is_geometry, well_known_text

FIRST_CHARACTERS = 64 * 1024  # shown at once; the rest when it is asked for
MOST_CHARACTERS = 4_000_000  # more would make the text widget slow; Copy takes all
_BYTES_PER_LINE = 16
_CHARACTERS_PER_LINE = 76  # of a dump
_UNITS = ("bytes", "KB", "MB", "GB")


class Form(StrEnum):
    """How a value can be looked at."""

    TEXT = "Text"
    JSON = "JSON, indented"
    HEX = "Hexadecimal"
    WKT = "Well-known text"


@dataclass(frozen=True, slots=True)
class ShownValue:
    """Text for the window; `is_cut` where the value goes on."""

    text: str
    is_cut: bool


def forms(text: str | None, column: Column) -> tuple[Form, ...]:
    """How this value can be looked at, the best first."""
    if text is None:
        return (Form.TEXT,)
    if is_geometry(column) and _geometry(text, column) is not None:
        return (Form.WKT, Form.HEX, Form.TEXT)
    if column.kind is CellKind.BINARY and text.startswith("0x"):
        return (Form.HEX, Form.TEXT)
    if column.kind is CellKind.JSON or text.lstrip()[:1] in ("{", "["):
        return (Form.JSON, Form.TEXT, Form.HEX)
    return (Form.TEXT, Form.HEX)


def shown_value(text: str, column: Column, form: Form, limit: int = FIRST_CHARACTERS) -> ShownValue:
    """At most some `limit` characters of a value in that form. What is not JSON is shown as it is."""
    if form is Form.HEX:
        return _dump(text, column, limit)
    if form is Form.JSON:
        text = indented(text)
    elif form is Form.WKT:
        text = _geometry(text, column) or text
    return ShownValue(text[:limit], len(text) > limit)


def indented(text: str) -> str:
    """JSON with a line for each member; its strings, its numbers and their order stay exactly as they are."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return "".join(_indented_pieces(text))


def size_in_words(count: int) -> str:
    """A number of bytes, such as `12 bytes` or `1.5 MB`."""
    if count < 1024:
        return "1 byte" if count == 1 else f"{count:,} bytes"
    size, unit = float(count), 0
    while size >= 1024 and unit < len(_UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.1f} {_UNITS[unit]} ({count:,} bytes)"


def about(text: str | None, column: Column) -> str:
    """Type and size of a value; NULL and the empty text are said in words."""
    name = column.type_name or column.kind.value
    if text is None:
        return f"{name} · NULL, no value"
    if not text:
        return f"{name} · empty text, 0 characters"
    if column.kind is CellKind.BINARY and text.startswith("0x"):
        count = (len(text) - 2) // 2
        return f"{name} · empty, 0 bytes" if not count else f"{name} · {size_in_words(count)}"
    if column.kind is CellKind.JSON and text == "null":
        return f"{name} · the JSON value null, which is not NULL"
    characters = "1 character" if len(text) == 1 else f"{len(text):,} characters"
    return f"{name} · {characters} · {size_in_words(len(text.encode('utf-8', 'replace')))}"


def _geometry(text: str, column: Column) -> str | None:
    is_binary = column.kind is CellKind.BINARY and text.startswith("0x")
    try:
        return well_known_text(column, bytes.fromhex(text[2:]) if is_binary else text)
    except ValueError:
        return None


def _dump(text: str, column: Column, limit: int) -> ShownValue:
    """Offset, bytes and printable characters, sixteen bytes to a line."""
    most = limit // _CHARACTERS_PER_LINE * _BYTES_PER_LINE
    if column.kind is CellKind.BINARY and text.startswith("0x"):
        digits = text[2 : 2 + 2 * most]
        content, is_cut = bytes.fromhex(digits[: len(digits) // 2 * 2]), len(text) - 2 > 2 * most
    else:
        whole = text[:most].encode("utf-8", "replace")
        content, is_cut = whole[:most], len(whole) > most or len(text) > most
    lines = []
    for offset in range(0, len(content), _BYTES_PER_LINE):
        part = content[offset : offset + _BYTES_PER_LINE]
        characters = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in part)
        lines.append(f"{offset:08x}  {part.hex(' '):<47}  {characters}")
    return ShownValue("\n".join(lines), is_cut)


def _indented_pieces(text: str) -> list[str]:
    """By its own characters: reading it into Python and writing it again would change numbers and double names."""
    pieces: list[str] = []
    depth, position = 0, 0
    while position < len(text):
        character = text[position]
        if character == '"':
            end = _string_end(text, position)
            pieces.append(text[position:end])
            position = end
            continue
        if character in "{[":
            after = _skip_space(text, position + 1)
            if text[after] in "}]":
                pieces.append(character + text[after])
                position = after + 1
                continue
            depth += 1
            pieces.append(character + "\n" + "  " * depth)
        elif character in "}]":
            depth -= 1
            pieces.append("\n" + "  " * depth + character)
        elif character == ",":
            pieces.append(",\n" + "  " * depth)
        elif character == ":":
            pieces.append(": ")
        elif not character.isspace():
            pieces.append(character)
        position += 1
    return pieces


def _string_end(text: str, start: int) -> int:
    """The position after a JSON string that begins at `start`."""
    position = start + 1
    while text[position] != '"':
        position += 2 if text[position] == "\\" else 1
    return position + 1


def _skip_space(text: str, position: int) -> int:
    while text[position].isspace():
        position += 1
    return position
