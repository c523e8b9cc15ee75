"""What the columns of an Oracle result are, and how their cells are kept exactly."""

import functools
import json
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import oracledb

from keeperdb.engines.blocks import CellKind, Column
from keeperdb.engines.converted import Conversion

_KINDS: dict[Any, CellKind] = {
    oracledb.DB_TYPE_NUMBER: CellKind.DECIMAL,
    oracledb.DB_TYPE_BINARY_INTEGER: CellKind.INTEGER,
    oracledb.DB_TYPE_BINARY_FLOAT: CellKind.FLOAT,
    oracledb.DB_TYPE_BINARY_DOUBLE: CellKind.FLOAT,
    oracledb.DB_TYPE_BOOLEAN: CellKind.BOOLEAN,
    oracledb.DB_TYPE_DATE: CellKind.TIMESTAMP,  # has a time of day
    oracledb.DB_TYPE_TIMESTAMP: CellKind.TIMESTAMP,
    oracledb.DB_TYPE_TIMESTAMP_TZ: CellKind.TIMESTAMP,
    oracledb.DB_TYPE_TIMESTAMP_LTZ: CellKind.TIMESTAMP,
    oracledb.DB_TYPE_INTERVAL_DS: CellKind.INTERVAL,
    oracledb.DB_TYPE_INTERVAL_YM: CellKind.INTERVAL,
    oracledb.DB_TYPE_RAW: CellKind.BINARY,
    oracledb.DB_TYPE_LONG_RAW: CellKind.BINARY,
    oracledb.DB_TYPE_BLOB: CellKind.BINARY,
    oracledb.DB_TYPE_BFILE: CellKind.BINARY,
    oracledb.DB_TYPE_JSON: CellKind.JSON,
    oracledb.DB_TYPE_CHAR: CellKind.TEXT,
    oracledb.DB_TYPE_NCHAR: CellKind.TEXT,
    oracledb.DB_TYPE_VARCHAR: CellKind.TEXT,
    oracledb.DB_TYPE_NVARCHAR: CellKind.TEXT,
    oracledb.DB_TYPE_LONG: CellKind.TEXT,
    oracledb.DB_TYPE_CLOB: CellKind.TEXT,
    oracledb.DB_TYPE_NCLOB: CellKind.TEXT,
}
_NAMES: dict[Any, str] = {
    oracledb.DB_TYPE_VARCHAR: "VARCHAR2",
    oracledb.DB_TYPE_NVARCHAR: "NVARCHAR2",
    oracledb.DB_TYPE_TIMESTAMP_TZ: "TIMESTAMP WITH TIME ZONE",
    oracledb.DB_TYPE_TIMESTAMP_LTZ: "TIMESTAMP WITH LOCAL TIME ZONE",
    oracledb.DB_TYPE_INTERVAL_DS: "INTERVAL DAY TO SECOND",
    oracledb.DB_TYPE_INTERVAL_YM: "INTERVAL YEAR TO MONTH",
}
_SIZED = (
    oracledb.DB_TYPE_CHAR,
    oracledb.DB_TYPE_NCHAR,
    oracledb.DB_TYPE_VARCHAR,
    oracledb.DB_TYPE_NVARCHAR,
    oracledb.DB_TYPE_RAW,
)
# Read as text and bytes instead of through locators, a round trip each
_WHOLE = {
    oracledb.DB_TYPE_CLOB: oracledb.DB_TYPE_LONG,
    oracledb.DB_TYPE_NCLOB: oracledb.DB_TYPE_LONG_NVARCHAR,
    oracledb.DB_TYPE_BLOB: oracledb.DB_TYPE_LONG_RAW,
}
_FRACTION = re.compile(r"\.(\d{6})")
_NO_SCALE = -127  # of a NUMBER without precision, or a FLOAT


def read_exactly(cursor: Any, metadata: Any) -> Any:
    """Output type handler: NUMBER as the text of its digits, large objects whole."""
    if metadata.type_code is oracledb.DB_TYPE_NUMBER:
        return cursor.var(str, arraysize=cursor.arraysize)
    if metadata.type_code in _WHOLE:
        return cursor.var(_WHOLE[metadata.type_code], arraysize=cursor.arraysize)
    return None


def describe(description: Sequence[Any]) -> tuple[tuple[Column, ...], tuple[Conversion, ...]]:
    """The columns of a description of python-oracledb (FetchInfo)."""
    columns = [Column(str(item.name), type_name(item), _kind(item)) for item in description]
    return tuple(columns), tuple(_conversion(item) for item in description)


def type_name(item: Any) -> str:
    """As in a CREATE TABLE: `NUMBER(10,2)`, `VARCHAR2(20)`, `TIMESTAMP(6) WITH TIME ZONE`."""
    code = item.type_code
    name = _NAMES.get(code) or str(code.name).removeprefix("DB_TYPE_").replace("_", " ")
    if code is oracledb.DB_TYPE_NUMBER:
        return _number_name(item.precision, item.scale)
    if code in _SIZED and item.display_size:
        return f"{name}({item.display_size})"
    if name.startswith("TIMESTAMP") and item.scale is not None:
        return name.replace("TIMESTAMP", f"TIMESTAMP({item.scale})", 1)
    return name


def _number_name(precision: int | None, scale: int | None) -> str:
    if not precision:
        return "NUMBER"
    if scale == _NO_SCALE:
        return f"FLOAT({precision})"
    return f"NUMBER({precision},{scale})" if scale else f"NUMBER({precision})"


def _kind(item: Any) -> CellKind:
    is_whole = item.type_code is oracledb.DB_TYPE_NUMBER and item.precision and item.scale == 0
    return CellKind.INTEGER if is_whole else _KINDS.get(item.type_code, CellKind.OTHER)


def _conversion(item: Any) -> Conversion:
    kind = _kind(item)
    if item.type_code is oracledb.DB_TYPE_NUMBER:
        return Conversion(str, int if kind is CellKind.INTEGER else Decimal, kept, keeps_text=True)
    if kind is CellKind.TIMESTAMP:
        scale = 0 if item.type_code is oracledb.DB_TYPE_DATE else item.scale
        return Conversion(functools.partial(_cut_fraction, scale), _timestamp, kept)
    if kind is CellKind.JSON:
        return Conversion(str, functools.partial(json.loads, parse_float=Decimal), json_text, keeps_text=True)
    return Conversion(cell_text, None, kept, keeps_text=True)


def kept(value: Any) -> Any:
    """A value of python-oracledb as one that can be packed, with nothing lost."""
    if isinstance(value, str | bytes | bool | int | float):
        return value
    for type_, convert in _KEPT:
        if isinstance(value, type_):
            return convert(value)
    return str(value)  # IntervalYM comes here too on versions that have another class for it


def cell_text(value: Any) -> str:
    """A kept value as it is shown."""
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return repr(value) if isinstance(value, float) else str(value)


def interval_text(value: timedelta) -> str:
    """`+02 03:04:05.000006`, as Oracle writes INTERVAL DAY TO SECOND."""
    sign = "-" if value < timedelta(0) else "+"
    value = abs(value)
    minutes, seconds = divmod(value.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{value.days:02} {hours:02}:{minutes:02}:{seconds:02}.{value.microseconds:06}"


def months_text(value: Any) -> str:
    """`+02-03`, as Oracle writes INTERVAL YEAR TO MONTH."""
    sign = "-" if value.years < 0 or value.months < 0 else "+"
    return f"{sign}{abs(value.years):02}-{abs(value.months):02}"


def _timestamp_text(value: datetime) -> str:
    offset = value.strftime("%z")
    return f"{value.date().isoformat()} {value:%H:%M:%S.%f}" + (f" {offset[:3]}:{offset[3:5]}" if offset else "")


def _timestamp(text: str) -> datetime:
    return datetime.fromisoformat(text.replace(" +", "+").replace(" -", "-"))


def json_text(value: Any) -> str:
    """Oracle's JSON as text, with every digit of its numbers; what JSON itself lacks becomes a string."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(str(name))}: {json_text(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(json_text, value)) + "]"
    if isinstance(value, Decimal):
        return format(value, "f")
    if value is None or isinstance(value, str | bool | int | float):
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(str(cell_text(kept(value))), ensure_ascii=False)


def _cut_fraction(scale: int | None, value: Any) -> str:
    digits = 6 if scale is None else min(scale, 6)
    return _FRACTION.sub(lambda match: f".{match[1][:digits]}" if digits else "", str(value))


_KEPT: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (Decimal, lambda value: format(value, "f")),
    (datetime, _timestamp_text),
    (date, str),
    (timedelta, interval_text),
    (oracledb.IntervalYM, months_text),
    (bytearray, bytes),
    (dict, json_text),
    (list, json_text),
)
