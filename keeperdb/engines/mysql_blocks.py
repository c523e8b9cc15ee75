"""Rows of MySQL and MariaDB as bytes of the protocol, and what their columns are."""

import codecs
from array import array
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from pymysql.charset import charset_by_id, charset_by_name
from pymysql.constants import FIELD_TYPE, FLAG

from keeperdb.engines.blocks import CellKind, Column
from keeperdb.engines.columns import PLAIN_KINDS, EncodedColumns, are_utf8
from keeperdb.engines.mysql_wire import RawRows, cells, column_cells, flat_cells
from keeperdb.engines.stored import Restore

if TYPE_CHECKING:
    import pyarrow as pa

_BINARY_CHARSET = 63
_UNSIGNED = {FIELD_TYPE.TINY, FIELD_TYPE.SHORT, FIELD_TYPE.INT24, FIELD_TYPE.LONG, FIELD_TYPE.LONGLONG}

_TYPES: dict[int, tuple[str, CellKind]] = {
    FIELD_TYPE.TINY: ("tinyint", CellKind.INTEGER),
    FIELD_TYPE.SHORT: ("smallint", CellKind.INTEGER),
    FIELD_TYPE.INT24: ("mediumint", CellKind.INTEGER),
    FIELD_TYPE.LONG: ("int", CellKind.INTEGER),
    FIELD_TYPE.LONGLONG: ("bigint", CellKind.INTEGER),
    FIELD_TYPE.YEAR: ("year", CellKind.INTEGER),
    FIELD_TYPE.FLOAT: ("float", CellKind.FLOAT),
    FIELD_TYPE.DOUBLE: ("double", CellKind.FLOAT),
    FIELD_TYPE.DECIMAL: ("decimal", CellKind.DECIMAL),
    FIELD_TYPE.NEWDECIMAL: ("decimal", CellKind.DECIMAL),
    FIELD_TYPE.DATE: ("date", CellKind.DATE),
    FIELD_TYPE.NEWDATE: ("date", CellKind.DATE),
    FIELD_TYPE.TIME: ("time", CellKind.TIME),
    FIELD_TYPE.DATETIME: ("datetime", CellKind.TIMESTAMP),
    FIELD_TYPE.TIMESTAMP: ("timestamp", CellKind.TIMESTAMP),
    FIELD_TYPE.BIT: ("bit", CellKind.OTHER),
    FIELD_TYPE.JSON: ("json", CellKind.JSON),
    FIELD_TYPE.GEOMETRY: ("geometry", CellKind.BINARY),
    FIELD_TYPE.NULL: ("null", CellKind.TEXT),
}
_TEXT_TYPES = {  # text and binary name
    FIELD_TYPE.STRING: ("char", "binary"),
    FIELD_TYPE.VAR_STRING: ("varchar", "varbinary"),
    FIELD_TYPE.VARCHAR: ("varchar", "varbinary"),
    FIELD_TYPE.TINY_BLOB: ("tinytext", "tinyblob"),
    FIELD_TYPE.MEDIUM_BLOB: ("mediumtext", "mediumblob"),
    FIELD_TYPE.LONG_BLOB: ("longtext", "longblob"),
}
_BLOB_SIZES = ((255, "tiny"), (65_535, ""), (16_777_215, "medium"))  # bytes, and the word before text or blob


class MySqlBlock:
    """A run of rows of one result, in the text protocol."""

    def __init__(self, rows: RawRows, columns: "MySqlColumns") -> None:
        self._data = rows.data
        self._starts = rows.starts
        self._columns = columns
        self._recent: tuple[int, list[Any]] = (-1, [])  # replaced whole, so that threads may share it

    def __len__(self) -> int:
        return len(self._starts)

    def text(self, row: int, column: int) -> str | None:
        content = self._content(row, column)
        return None if content is None else self._columns.writers[column](content)

    def value(self, row: int, column: int) -> Any:
        content = self._content(row, column)
        if content is None:
            return None
        try:
            return self._columns.loaders[column](content)
        except ValueError:
            return self._columns.writers[column](content)  # a zero date

    def stored(self) -> tuple[bytes, Restore]:
        starts = self._starts.tobytes()
        return starts + self._data, partial(_restored, self._columns, len(starts))

    def text_columns(self, start: int, stop: int) -> EncodedColumns | None:
        """As they stand in the packets, which the server sends in UTF-8 unless it was told otherwise."""
        columns = self._columns
        if not columns.are_utf8 or not 0 <= start < stop <= len(self._starts):
            return None
        flat = flat_cells(self._data, self._starts[start:stop], len(columns.columns))
        cells: list[Sequence[bytes | None]] = [flat[n :: len(columns.columns)] for n in range(len(columns.columns))]
        for number in columns.converted:
            write = columns.writers[number]
            cells[number] = [None if cell is None else write(cell).encode() for cell in cells[number]]
        texts = (column for number, column in enumerate(cells) if number not in columns.plain)
        return EncodedColumns(cells, columns.plain) if all(map(are_utf8, texts)) else None

    def cells(self, column: int) -> Sequence[bytes | None] | list[str | None]:
        """One column, in UTF-8 where that is how it came."""
        if column in self._columns.converted or not self._columns.are_utf8:
            return [self.text(row, column) for row in range(len(self))]
        return column_cells(self._data, self._starts, column)

    def arrays(self, others: Sequence["MySqlBlock"], columns: Sequence[int]) -> "list[pa.Array | None]":
        """Of blocks of the same result; None for a column whose cells are not in UTF-8."""
        from keeperdb.engines.mysql_arrow import text_arrays

        plain = [n for n in columns if n not in self._columns.converted] if self._columns.are_utf8 else []
        found = text_arrays([(block._data, block._starts) for block in (self, *others)], plain)
        return [found.get(column) for column in columns]

    @property
    def nbytes(self) -> int:
        return len(self._data) + self._starts.itemsize * len(self._starts)

    def _content(self, row: int, column: int) -> bytes | None:
        number, slices = self._recent
        if number != row:
            if not 0 <= row < len(self._starts):
                raise IndexError(row)
            slices = cells(self._data, self._starts[row], len(self._columns.columns))
            self._recent = (row, slices)
        where = slices[column]
        return None if where is None else self._data[where]


def _restored(columns: "MySqlColumns", size: int, content: bytes) -> MySqlBlock:
    """`size` bytes are the offsets of the rows, the rest their packets."""
    starts = array("I")
    starts.frombytes(content[:size])
    return MySqlBlock(RawRows(content[size:], starts), columns)


class MySqlColumns:
    """The columns of a result, and how each is read."""

    def __init__(self, fields: Sequence[Any]) -> None:
        """`fields` are PyMySQL's field descriptors."""
        described = [_describe(field) for field in fields]
        self.columns = tuple(column for column, _, _ in described)
        self.writers = tuple(writer for _, writer, _ in described)
        self.loaders = tuple(loader for _, _, loader in described)
        self.plain = frozenset(n for n, column in enumerate(self.columns) if column.kind in PLAIN_KINDS)
        texts = [_is_utf8(field) for field in fields]
        self.converted = tuple(n for n, is_text in enumerate(texts) if is_text is None)
        self.are_utf8 = False not in texts


def _describe(field: Any) -> tuple[Column, Callable[[bytes], str], Callable[[bytes], Any]]:
    name, kind = _type(field)
    if kind is CellKind.BINARY:
        return Column(field.name, name, kind), _hex, bytes
    if field.type_code == FIELD_TYPE.BIT:
        return Column(field.name, name, kind), _bits(field.length), _integer_from_bits
    writer = _decoder(field)
    return Column(field.name, name, kind), writer, _LOADERS.get(kind, writer)


def _type(field: Any) -> tuple[str, CellKind]:
    """The type as the server writes it, as far as a result tells."""
    if field.flags & FLAG.ENUM:
        return "enum", CellKind.TEXT
    if field.flags & FLAG.SET:
        return "set", CellKind.TEXT
    if field.type_code in _TYPES:
        name, kind = _TYPES[field.type_code]
        return name + _detail(field), kind
    return _text_type(field)


def _detail(field: Any) -> str:
    if field.type_code in (FIELD_TYPE.NEWDECIMAL, FIELD_TYPE.DECIMAL):
        unsigned = bool(field.flags & FLAG.UNSIGNED)
        precision = field.length - (0 if unsigned else 1) - (1 if field.scale else 0)
        return f"({precision},{field.scale}){' unsigned' if unsigned else ''}"
    if field.type_code == FIELD_TYPE.BIT:
        return f"({field.length})"
    return " unsigned" if field.type_code in _UNSIGNED and field.flags & FLAG.UNSIGNED else ""


def _text_type(field: Any) -> tuple[str, CellKind]:
    is_binary = field.charsetnr == _BINARY_CHARSET
    kind = CellKind.BINARY if is_binary else CellKind.TEXT
    if field.type_code == FIELD_TYPE.BLOB:
        size = field.length if is_binary else field.length // 4
        prefix = next((word for limit, word in _BLOB_SIZES if size <= limit), "long")
        return prefix + ("blob" if is_binary else "text"), kind
    names = _TEXT_TYPES.get(field.type_code, ("text", "blob"))
    return names[is_binary], kind


def _decoder(field: Any) -> Callable[[bytes], str]:
    """Text comes in the character set of its column, numbers and dates in ASCII."""
    encoding = "utf-8"
    if field.charsetnr not in (_BINARY_CHARSET, 0):
        try:
            encoding = charset_by_id(field.charsetnr).encoding
        except KeyError:
            encoding = "utf-8"  # a collation newer than the driver; the connection speaks utf8mb4

    def decode(content: bytes) -> str:
        return content.decode(encoding, "replace")

    return decode


def _is_utf8(field: Any) -> bool | None:
    """Whether the cells come in UTF-8; None for those that are bytes or bits and shown as digits."""
    if field.type_code == FIELD_TYPE.BIT or _type(field)[1] is CellKind.BINARY:
        return None
    if field.charsetnr in (_BINARY_CHARSET, 0):
        return True  # numbers and dates are ASCII
    try:
        return codecs.lookup(charset_by_id(field.charsetnr).encoding).name == "utf-8"
    except KeyError:
        return True


def python_encoding(charset: str | None) -> str:
    """Python's name of a character set of the server."""
    try:
        return str(charset_by_name(charset or "utf8mb4").encoding)
    except KeyError:
        return "utf-8"


def _hex(content: bytes) -> str:
    return f"0x{content.hex()}"


def _bits(length: int) -> Callable[[bytes], str]:
    def write(content: bytes) -> str:
        return f"{int.from_bytes(content, 'big'):0{length}b}"

    return write


def _integer_from_bits(content: bytes) -> int:
    return int.from_bytes(content, "big")


def _decimal(content: bytes) -> Decimal:
    return Decimal(content.decode())


def _date(content: bytes) -> date:
    return date.fromisoformat(content.decode())


def _timestamp(content: bytes) -> datetime:
    return datetime.fromisoformat(content.decode())


_LOADERS: dict[CellKind, Callable[[bytes], Any]] = {
    CellKind.INTEGER: int,
    CellKind.FLOAT: float,
    CellKind.DECIMAL: _decimal,
    CellKind.DATE: _date,
    CellKind.TIMESTAMP: _timestamp,
}
