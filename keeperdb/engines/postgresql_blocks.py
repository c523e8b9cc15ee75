"""Rows of PostgreSQL as libpq holds them, and what their columns are."""

import marshal
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from typing import Any, Protocol

from psycopg import pq
from psycopg.postgres import types as builtin_types

from keeperdb.engines.blocks import CellKind, Column
from keeperdb.engines.columns import PLAIN_KINDS, EncodedColumns, are_utf8
from keeperdb.engines.stored import Restore

_SAMPLE = 16  # rows that are weighed to estimate the memory of a block
_CELL_OVERHEAD = 16  # bytes libpq keeps per cell beside the text

_BYTEA = 17
_BYTEA_START = re.compile(rb"\A\\x")
_KINDS: dict[str, CellKind] = {
    "bool": CellKind.BOOLEAN,
    "int2": CellKind.INTEGER,
    "int4": CellKind.INTEGER,
    "int8": CellKind.INTEGER,
    "oid": CellKind.INTEGER,
    "xid8": CellKind.INTEGER,
    "float4": CellKind.FLOAT,
    "float8": CellKind.FLOAT,
    "numeric": CellKind.DECIMAL,
    "date": CellKind.DATE,
    "time": CellKind.TIME,
    "timetz": CellKind.TIME,
    "timestamp": CellKind.TIMESTAMP,
    "timestamptz": CellKind.TIMESTAMP,
    "interval": CellKind.INTERVAL,
    "bytea": CellKind.BINARY,
    "json": CellKind.JSON,
    "jsonb": CellKind.JSON,
    "text": CellKind.TEXT,
    "varchar": CellKind.TEXT,
    "bpchar": CellKind.TEXT,
    "char": CellKind.TEXT,
    "name": CellKind.TEXT,
    "unknown": CellKind.TEXT,
}


class Values(Protocol):
    """What a block asks of libpq's result."""

    def get_value(self, row_number: int, column_number: int) -> bytes | None: ...


class PgBlock:
    """A run of rows of one libpq result, in text format."""

    def __init__(self, result: "Values", start: int, stop: int, columns: "PgColumns", encoding: str) -> None:
        self._result = result
        self._start = start
        self._rows = stop - start
        self._columns = columns
        self._encoding = encoding

    def __len__(self) -> int:
        return self._rows

    def text(self, row: int, column: int) -> str | None:
        content = self._content(row, column)
        if content is None:
            return None
        text = content.decode(self._encoding, "replace")
        if column in self._columns.binary and text.startswith("\\x"):
            return "0x" + text[2:]
        return text

    def value(self, row: int, column: int) -> Any:
        content = self._content(row, column)
        if content is None:
            return None
        try:
            text = content.decode(self._encoding)
        except UnicodeDecodeError:
            return content  # only a database of encoding SQL_ASCII can send this
        try:
            return self._columns.loaders[column](text)
        except ValueError:
            return text  # a date before year 1 or after 9999, infinity, or another DateStyle

    def stored(self) -> tuple[bytes, Restore]:
        get = self._result.get_value
        rows = range(self._start, self._start + self._rows)
        cells = [[get(row, column) for row in rows] for column in range(len(self._columns.loaders))]
        return marshal.dumps(cells), partial(_restored, self._rows, self._columns, self._encoding)

    def text_columns(self, start: int, stop: int) -> EncodedColumns | None:
        """As libpq holds them, if that is UTF-8, which the server guarantees unless its own encoding is SQL_ASCII."""
        if self._encoding != "utf-8" or not 0 <= start <= stop <= self._rows:
            return None
        get = self._result.get_value
        rows = range(self._start + start, self._start + stop)
        cells = [[get(row, column) for row in rows] for column in range(len(self._columns.loaders))]
        for column in self._columns.binary:
            cells[column] = [cell and _BYTEA_START.sub(b"0x", cell) for cell in cells[column]]
        texts = (column for number, column in enumerate(cells) if number not in self._columns.plain)
        return EncodedColumns(cells, self._columns.plain) if all(map(are_utf8, texts)) else None

    def cells(self, column: int) -> list[str | None] | list[bytes | None]:
        """One column, in UTF-8 where that is how it came."""
        rows = range(self._start, self._start + self._rows)
        if column in self._columns.binary or self._encoding != "utf-8":
            return [self.text(row, column) for row in range(self._rows)]
        get = self._result.get_value
        return [get(row, column) for row in rows]

    @property
    def nbytes(self) -> int:
        columns = len(self._columns.loaders)
        rows = range(self._start, self._start + min(self._rows, _SAMPLE))
        weighed = sum(len(self._result.get_value(row, column) or b"") for row in rows for column in range(columns))
        return (weighed * self._rows // len(rows) if rows else 0) + _CELL_OVERHEAD * columns * self._rows

    def _content(self, row: int, column: int) -> bytes | None:
        if not 0 <= row < self._rows:
            raise IndexError(row)
        return self._result.get_value(self._start + row, column)


class _StoredValues:
    """The cells of a result that has left memory once."""

    def __init__(self, cells: list[list[bytes | None]]) -> None:
        self._cells = cells

    def get_value(self, row_number: int, column_number: int) -> bytes | None:
        return self._cells[column_number][row_number]


def _restored(rows: int, columns: "PgColumns", encoding: str, content: bytes) -> PgBlock:
    cells = marshal.loads(content)  # noqa: S302 - from a file that only this process has
    return PgBlock(_StoredValues(cells), 0, rows, columns, encoding)


class PgColumns:
    """The columns of a result, and how each is read."""

    def __init__(self, result: pq.abc.PGresult, type_names: Mapping[int, str], encoding: str) -> None:
        columns = []
        loaders = []
        self.unknown_types: set[int] = set()
        for number in range(result.nfields):
            oid, modifier = result.ftype(number), result.fmod(number)
            base = _builtin_name(oid)
            name = _type_name(oid, modifier, base) or type_names.get(oid)
            if name is None:
                self.unknown_types.add(oid)
            kind = _KINDS.get(base, CellKind.OTHER)
            title = (result.fname(number) or b"").decode(encoding, "replace")
            columns.append(Column(title, name or f"type {oid}", kind))
            loaders.append(_LOADERS.get(base, str))
        self.columns = tuple(columns)
        self.loaders = tuple(loaders)
        self.plain = frozenset(n for n, column in enumerate(self.columns) if column.kind in PLAIN_KINDS)
        self.binary = frozenset(n for n in range(result.nfields) if result.ftype(n) == _BYTEA)


def _builtin_name(oid: int) -> str:
    """`int4`, `numeric`, … for a type that every PostgreSQL has; empty otherwise, and for arrays."""
    info = builtin_types.get(oid)
    return info.name if info is not None and info.oid == oid else ""


def _type_name(oid: int, modifier: int, base: str) -> str | None:
    """As format_type() writes it (src/backend/utils/adt/format_type.c); None for types that are not built in."""
    info = builtin_types.get(oid)
    if info is None:
        return None
    if not base:
        return f"{info.regtype}[]"
    if modifier < 0:
        return info.regtype
    if base == "numeric":
        return f"numeric({((modifier - 4) >> 16) & 0xFFFF},{_scale(modifier)})"
    if base in ("varchar", "bpchar"):
        return f"{info.regtype}({modifier - 4})"
    if base in ("bit", "varbit"):
        return f"{info.regtype}({modifier})"
    return info.regtype


def _scale(modifier: int) -> int:
    """Eleven bits with sign, since PostgreSQL 15."""
    return (((modifier - 4) & 0x7FF) ^ 1024) - 1024


def _bytes(text: str) -> bytes:
    """`\\x…`; with bytea_output = escape the text itself says more than a guess."""
    if not text.startswith("\\x"):
        raise ValueError(text)
    return bytes.fromhex(text[2:])


def _decimal(text: str) -> Decimal:
    return Decimal(text)  # also NaN, Infinity and -Infinity


def _boolean(text: str) -> bool:
    return text == "t"


_LOADERS: dict[str, Callable[[str], Any]] = {
    "bool": _boolean,
    "int2": int,
    "int4": int,
    "int8": int,
    "oid": int,
    "xid8": int,
    "float4": float,
    "float8": float,
    "numeric": _decimal,
    "bytea": _bytes,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "timestamp": datetime.fromisoformat,
    "timestamptz": datetime.fromisoformat,
}
