"""Values of cells as editing keeps them: exact, comparable, and writable as JSON."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from keeperdb.engines.blocks import Block, CellKind, Column
from keeperdb.errors import KeeperDBError, StoreError
from keeperdb.query.results import ResultSet
from keeperdb.query.shown_rows import ShownRows
from keeperdb.query.table_shape import ShapeColumn

# Text as the server writes it; bytes for binary columns; SQLite's own kinds, which belong to the cell there.
Cell = str | int | float | bytes | None

_LARGEST = 2**63  # of SQLite's integers
_WHOLE = re.compile(r"[+-]?[0-9]+")
_REAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_BLOB_TYPES = {
    *("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "bytea", "image", "raw", "long raw"),
    *("binary varying", "varbyte"),
}


class Stand(StrEnum):
    """What a new value is, where it is no value of its own: the server's to make."""

    DEFAULT = "default"
    NOW = "now"
    TODAY = "today"
    USER = "user"


@dataclass(frozen=True, slots=True)
class NewValue:
    """What a cell is to hold: `cell`, None for NULL; or what `stand` stands for."""

    cell: Cell = None
    stand: Stand | None = None

    @property
    def in_words(self) -> str:
        """For a cell of a grid, where it is no value."""
        return _WORDS.get(self.stand, "") if self.stand is not None else ""


_WORDS: dict[Stand | None, str] = {
    Stand.DEFAULT: "DEFAULT",
    Stand.NOW: "current time",
    Stand.TODAY: "current date",
    Stand.USER: "current user",
}


def cell_at(rows: "Block | ResultSet | ShownRows", row: int, number: int, column: Column, dialect: str) -> Cell:
    """The cell of a result, exactly: as the server wrote it, and what it is in SQLite."""
    if dialect == "sqlite":
        value = rows.value(row, number)
        return bytes(value) if isinstance(value, bytearray | memoryview) else _native(value)
    if column.kind is CellKind.BINARY:
        value = rows.value(row, number)
        if isinstance(value, bytes | bytearray | memoryview):
            return bytes(value)
    return rows.text(row, number)


def _native(value: Any) -> Cell:
    return value if value is None or isinstance(value, str | int | float | bytes) else str(value)


def is_binary(column: ShapeColumn, dialect: str) -> bool:
    """Whether the values of a column are bytes."""
    if column.base_type in ("timestamp", "rowversion"):
        return dialect == "tsql"
    return column.base_type in _BLOB_TYPES


def cell_from_text(text: str, column: ShapeColumn, dialect: str, old: Cell = None) -> Cell:
    """What a person means by `text` in that column; `old` is what stood there.

    Raises `KeeperDBError` for digits of a binary column that are none. Whether the text suits the column is for
    `edit_kinds.problem_with` and, in the end, the server.
    """
    if dialect == "sqlite":
        return _sqlite_cell(text, column, old)
    return bytes_of(text) if is_binary(column, dialect) else text


def bytes_of(text: str) -> bytes:
    """From `0x…`, as a grid shows bytes; any other text is its UTF-8. Raises `KeeperDBError`."""
    if not text.startswith(("0x", "0X")):
        return text.encode("utf-8", "surrogateescape")
    try:
        return bytes.fromhex(text[2:])
    except ValueError:
        raise KeeperDBError(
            "What follows 0x are no hexadecimal digits, two for each byte.", "Write 0x00ff, or text without 0x."
        ) from None


def _sqlite_cell(text: str, column: ShapeColumn, old: Cell) -> Cell:
    """As SQLite's column affinity would store it; where there is none, of the kind that stood there.

    https://www.sqlite.org/datatype3.html#determination_of_column_affinity
    """
    affinity = affinity_of(column.type_name)
    if affinity == "BLOB":
        if isinstance(old, bytes) or (column.type_name and text.startswith("0x")):
            return bytes_of(text)
        if isinstance(old, bool) or not isinstance(old, int | float):
            return text
    elif affinity == "TEXT":
        return text
    stripped = text.strip()
    if _WHOLE.fullmatch(stripped) and -_LARGEST <= int(stripped) < _LARGEST and affinity != "REAL":
        return int(stripped)
    return float(stripped) if _REAL.fullmatch(stripped) else text


def affinity_of(type_name: str) -> str:
    """SQLite's rules, in their order."""
    name = type_name.upper()
    if "INT" in name:
        return "INTEGER"
    if any(word in name for word in ("CHAR", "CLOB", "TEXT")):
        return "TEXT"
    if "BLOB" in name or not name:
        return "BLOB"
    return "REAL" if any(word in name for word in ("REAL", "FLOA", "DOUB")) else "NUMERIC"


def text_of(cell: Cell) -> str | None:
    """As a grid shows it."""
    if cell is None or isinstance(cell, str):
        return cell
    return f"0x{cell.hex()}" if isinstance(cell, bytes) else repr(cell) if isinstance(cell, float) else str(cell)


def cell_to_json(cell: Cell) -> Any:
    """Exactly: floats by their bits, bytes in base64."""
    if isinstance(cell, bytes):
        return {"bytes": base64.b64encode(cell).decode("ascii")}
    if isinstance(cell, float):
        return {"float": cell.hex()}
    return {"int": str(cell)} if isinstance(cell, int) else cell


def cell_from_json(content: Any) -> Cell:
    """Raises `StoreError` for what `cell_to_json` does not write."""
    if content is None or isinstance(content, str):
        return content
    try:
        ((kind, text),) = content.items()
        if kind == "bytes":
            return base64.b64decode(text, validate=True)
        if kind == "float":
            return float.fromhex(text)
        if kind == "int":
            return int(text)
    except (AttributeError, TypeError, ValueError, binascii.Error) as error:
        raise StoreError("A kept value cannot be read.") from error
    raise StoreError("A kept value is of an unknown kind.")


def new_to_json(value: NewValue) -> Any:
    return {"stand": value.stand.value} if value.stand is not None else {"value": cell_to_json(value.cell)}


def new_from_json(content: Any) -> NewValue:
    """Raises `StoreError`."""
    if isinstance(content, dict) and set(content) == {"value"}:
        return NewValue(cell_from_json(content["value"]))
    if isinstance(content, dict) and set(content) == {"stand"} and content["stand"] in list(Stand):
        return NewValue(stand=Stand(content["stand"]))
    raise StoreError("A kept change cannot be read.")


def in_words(names: Sequence[str], cells: Sequence[Cell]) -> str:
    """`id = 3, lang = en`, short enough for a sentence."""
    parts = (f"{name} = {(text_of(cell) or 'NULL')[:40]}" for name, cell in zip(names, cells, strict=True))
    return ", ".join(parts)
