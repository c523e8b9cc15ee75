"""Lists on standard output, as a table, JSON or CSV; text made safe for a terminal."""

import csv
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import TextIO

FORMATS = ("table", "json", "csv")

# Control characters, and the format characters that reorder or hide what stands around them.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_UNSAFE_IN_JSON = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def safe(text: str) -> str:
    """`text` on one line, with everything that could steer a terminal written as an escape."""
    return _UNSAFE.sub(lambda match: _SHORT.get(match[0]) or _escape(match[0]), text)


def safe_lines(text: str) -> str:
    """As `safe`, but line breaks stay."""
    return "\n".join(safe(line) for line in text.split("\n"))


def width(text: str) -> int:
    """Columns that `text` takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF") for char in text)


def pad(text: str, columns: int, is_right: bool = False) -> str:
    blanks = " " * (columns - width(text))
    return blanks + text if is_right else text + blanks


def to_json(value: object, indent: int | None = 2) -> str:
    """JSON whose text is readable, and harmless on a terminal."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _UNSAFE_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def write_list(out: TextIO, format_name: str, rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> None:
    """Write `rows` as an array of objects, as CSV, or as a table of `columns` only."""
    if format_name == "json":
        out.write(to_json(list(rows)) + "\n")
    elif format_name == "csv":
        _write_csv(out, rows, columns)
    else:
        write_table(out, columns, [[_text(row.get(column)) for column in columns] for row in rows])


def write_object(out: TextIO, format_name: str, row: Mapping[str, object]) -> None:
    """Write one thing with all its fields: one line each in a table, one object in JSON."""
    if format_name == "json":
        out.write(to_json(row) + "\n")
    elif format_name == "csv":
        _write_csv(out, [row], list(row))
    else:
        columns = max(map(len, row), default=0)
        for name, value in row.items():
            if value not in (None, "", []):
                out.write(f"{name.replace('_', ' '):<{columns}}  {safe(_text(value))}\n")


def write_table(out: TextIO, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    lines = [[safe(cell) for cell in row] for row in rows]
    titles = [heading.replace("_", " ").upper() for heading in headings]
    widths = [max(map(width, column)) for column in zip(titles, *lines, strict=True)]
    for line in (titles, *lines):
        out.write("  ".join(pad(*cell) for cell in zip(line, widths, strict=True)).rstrip() + "\n")


def _write_csv(out: TextIO, rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> None:
    writer = csv.writer(out, lineterminator="\n")
    names = list(dict.fromkeys([*columns, *(name for row in rows for name in row)]))
    writer.writerow(names)
    writer.writerows([_text(row.get(name)) for name in names] for row in rows)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "/".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{key}={each}" for key, each in value.items())
    return str(value)


def _escape(char: str) -> str:
    return f"\\x{ord(char):02x}" if ord(char) < 0x100 else f"\\u{ord(char):04x}"
