"""What the columns of an ODBC result are, and how their cells are kept exactly."""

import contextlib
import ctypes
import functools
import re
import struct
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from keeperdb.engines.blocks import CellKind, Column
from keeperdb.engines.converted import Conversion

Converter = Callable[[bytes | None], str | bytes | None]

# SQL type codes of ODBC (sql.h, sqlext.h) and of Microsoft's driver (msodbcsql.h)
_REAL = 7
_KINDS: Mapping[int, CellKind] = {
    -7: CellKind.BOOLEAN,
    -6: CellKind.INTEGER,
    5: CellKind.INTEGER,
    4: CellKind.INTEGER,
    -5: CellKind.INTEGER,
    2: CellKind.DECIMAL,
    3: CellKind.DECIMAL,
    6: CellKind.FLOAT,
    _REAL: CellKind.FLOAT,
    8: CellKind.FLOAT,
    91: CellKind.DATE,
    92: CellKind.TIME,
    93: CellKind.TIMESTAMP,
    -2: CellKind.BINARY,
    -3: CellKind.BINARY,
    -4: CellKind.BINARY,
    -11: CellKind.OTHER,  # a GUID
    -150: CellKind.OTHER,  # sql_variant
    -151: CellKind.OTHER,  # a type of the CLR, such as geography
    -152: CellKind.OTHER,  # XML
    -154: CellKind.TIME,
    -155: CellKind.TIMESTAMP,
}
_PYTHON_TYPES: Mapping[type, tuple[str, CellKind]] = {
    bool: ("bit", CellKind.BOOLEAN),
    int: ("integer", CellKind.INTEGER),
    float: ("float", CellKind.FLOAT),
    Decimal: ("decimal", CellKind.DECIMAL),
    date: ("date", CellKind.DATE),
    time: ("time", CellKind.TIME),
    datetime: ("timestamp", CellKind.TIMESTAMP),
    bytearray: ("binary", CellKind.BINARY),
    bytes: ("binary", CellKind.BINARY),
}
_EXACT_SIZED = ("decimal", "numeric")
_LENGTH_SIZED = ("char", "varchar", "nchar", "nvarchar", "binary", "varbinary")
_FRACTION_SIZED = ("time", "datetime2", "datetimeoffset")

_DRIVER_MANAGERS = {
    "linux": ("libodbc.so.2",),
    "darwin": ("libodbc.2.dylib", "/opt/homebrew/lib/libodbc.2.dylib", "/usr/local/lib/libodbc.2.dylib"),
    "win32": ("odbc32",),
}
_TYPE_NAME, _CONCISE_TYPE = 14, 2  # SQL_DESC_TYPE_NAME, SQL_DESC_CONCISE_TYPE
_NAME_BYTES = 512

_FRACTION = re.compile(r"\.(\d{7})")
_PLAIN = (bool, int, float, str)


def describe(description: Sequence[Sequence[Any]], statement: Any) -> tuple[tuple[Column, ...], tuple[Conversion, ...]]:
    """The columns of a pyodbc description; `statement` is the cursor's handle, which knows the server's type names."""
    columns, conversions = [], []
    for number, (name, python_type, _, size, precision, scale, _) in enumerate(description, start=1):
        type_name, code = _server_type(statement, number)
        fallback, kind = _PYTHON_TYPES.get(python_type, ("text", CellKind.TEXT))
        kind = _KINDS.get(code, kind) if type_name else kind
        shown = _sized(type_name or fallback, size, precision, scale)
        columns.append(Column(name, shown, CellKind.BINARY if _is_hidden_binary(type_name) else kind))
        conversions.append(_conversion(kind, code, python_type, scale))
    return tuple(columns), tuple(conversions)


def _is_hidden_binary(type_name: str) -> bool:
    return type_name in ("timestamp", "rowversion", "image")


def _server_type(statement: Any, column: int) -> tuple[str, int]:
    """The server's word for the type and ODBC's code; ("", 0) where the driver manager cannot be asked."""
    library = _driver_manager()
    if library is None or statement is None:
        return "", 0
    buffer, length, number = ctypes.create_string_buffer(_NAME_BYTES), ctypes.c_short(), ctypes.c_ssize_t()
    answer = {}
    for field in (_TYPE_NAME, _CONCISE_TYPE):
        result = library.SQLColAttributeW(
            statement,
            ctypes.c_ushort(column),
            ctypes.c_ushort(field),
            buffer,
            ctypes.c_short(_NAME_BYTES),
            ctypes.byref(length),
            ctypes.byref(number),
        )
        if result not in (0, 1):  # success, with or without information
            return "", 0
        answer[field] = buffer.raw[: length.value].decode("utf-16-le", "replace")
    name = answer[_TYPE_NAME].lower().removesuffix(" identity").removesuffix("()")
    return name, _signed(number.value)


def _signed(number: int) -> int:
    """Some drivers leave a 32-bit number in the 64-bit field."""
    low = number & 0xFFFFFFFF
    return low - 0x100000000 if low & 0x80000000 else low


@functools.cache
def _driver_manager() -> "ctypes.CDLL | None":
    """The library that pyodbc is linked to: the same one, since a process has it once."""
    for name in _DRIVER_MANAGERS.get(sys.platform, _DRIVER_MANAGERS["linux"]):
        with contextlib.suppress(OSError):
            return ctypes.CDLL(name)
    return None


def _sized(name: str, size: int, precision: int, scale: int | None) -> str:
    if name in _EXACT_SIZED:
        return f"{name}({precision},{scale or 0})"
    if name in _LENGTH_SIZED:
        return f"{name}({size})" if size else f"{name}(max)"
    return f"{name}({scale})" if name in _FRACTION_SIZED and scale is not None else name


def _conversion(kind: CellKind, code: int, python_type: type, scale: int | None) -> Conversion:
    to_kept = None if python_type in _PLAIN and code not in (-150,) else kept
    if kind is CellKind.DECIMAL:
        return Conversion(str, Decimal, to_kept, keeps_text=True)
    if kind in (CellKind.TIMESTAMP, CellKind.TIME, CellKind.DATE):
        reader = {CellKind.TIMESTAMP: _timestamp, CellKind.TIME: _time, CellKind.DATE: date.fromisoformat}[kind]
        return Conversion(functools.partial(_cut_fraction, 6 if scale is None else scale), reader, to_kept)
    if code == _REAL:
        return Conversion(real_text, None, to_kept)
    return Conversion(cell_text, None, to_kept, keeps_text=True)


def kept(value: Any) -> Any:
    """A value of pyodbc as one that can be packed, with nothing lost."""
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return f"{value.date().isoformat()} {value:%H:%M:%S.%f}0{_offset_of(value)}"
    if isinstance(value, time):
        return f"{value:%H:%M:%S.%f}0"
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    return str(value)  # date and uuid.UUID, in their own standard form


def _offset_of(value: datetime) -> str:
    offset = value.strftime("%z")
    return f" {offset[:3]}:{offset[3:5]}" if offset else ""


def cell_text(value: Any) -> str:
    """A kept value as it is shown: bits as 1 and 0, binary as hex, floats with the fewest digits."""
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    if isinstance(value, bool):
        return "1" if value else "0"
    return repr(value) if isinstance(value, float) else str(value)


def real_text(value: Any) -> str:
    """A 32-bit float with the fewest digits that read back as the same 32 bits."""
    if not isinstance(value, float):
        return cell_text(value)
    for digits in range(6, 10):
        text = f"{value:.{digits}g}"
        if struct.pack("<f", float(text)) == struct.pack("<f", value):
            return repr(float(text))
    return repr(value)


def _cut_fraction(scale: int, value: Any) -> str:
    """As many digits of the second as the column has; kept are seven."""
    if not isinstance(value, str):
        return cell_text(value)
    return _FRACTION.sub(lambda match: f".{match[1][:scale]}" if scale else "", value)


def _timestamp(text: str) -> datetime | str:
    """Text stays text where microseconds would lose something."""
    return text if _is_finer(text) else datetime.fromisoformat(text.replace(" +", "+").replace(" -", "-"))


def _time(text: str) -> time | str:
    return text if _is_finer(text) else time.fromisoformat(text)


def _is_finer(text: str) -> bool:
    match = _FRACTION.search(text)
    return match is not None and match[1][6] != "0"


# How Microsoft's driver lays out the types that Python's own cannot hold in full
# (https://learn.microsoft.com/sql/relational-databases/native-client-odbc-date-time/data-type-support-for-odbc-date-and-time-improvements)
_TIMESTAMP_LAYOUT = struct.Struct("<h5HI")
_TIME_LAYOUT = struct.Struct("<3HxxI")
_OFFSET_LAYOUT = struct.Struct("<h5HI2h")


def read_timestamp(content: bytes | None) -> str | None:
    """SQL_TIMESTAMP_STRUCT; the fraction is in nanoseconds."""
    if content is None or len(content) != _TIMESTAMP_LAYOUT.size:
        return _as_it_is(content)
    year, month, day, hour, minute, second, fraction = _TIMESTAMP_LAYOUT.unpack(content)
    return f"{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{fraction // 100:07}"


def read_time(content: bytes | None) -> str | None:
    """SQL_SS_TIME2_STRUCT."""
    if content is None or len(content) != _TIME_LAYOUT.size:
        return _as_it_is(content)
    hour, minute, second, fraction = _TIME_LAYOUT.unpack(content)
    return f"{hour:02}:{minute:02}:{second:02}.{fraction // 100:07}"


def read_timestamp_offset(content: bytes | None) -> str | None:
    """SQL_SS_TIMESTAMPOFFSET_STRUCT; hours and minutes of the offset have the same sign."""
    if content is None or len(content) != _OFFSET_LAYOUT.size:
        return _as_it_is(content)
    *_, hours, minutes = _OFFSET_LAYOUT.unpack(content)
    sign = "-" if hours < 0 or minutes < 0 else "+"
    return f"{read_timestamp(content[: _TIMESTAMP_LAYOUT.size])} {sign}{abs(hours):02}:{abs(minutes):02}"


def _as_it_is(content: bytes | None) -> str | None:
    """NULL, or a layout that is not known: shown as hex instead of guessed."""
    return None if content is None else f"0x{content.hex()}"


def read_bytes(content: bytes | None) -> bytes | None:
    """A type of the CLR, such as geography, in its own serialized form."""
    return content
