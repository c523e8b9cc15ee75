"""What kind of value a column takes, as far as its editor and a first check of what is typed need to know."""

import json
import re
import uuid
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from keeperdb.data.edit_cells import affinity_of, bytes_of, is_binary
from keeperdb.errors import KeeperDBError
from keeperdb.query.table_shape import ShapeColumn


class ValueKind(StrEnum):
    TEXT = "text"
    INTEGER = "whole number"
    NUMBER = "number"
    BOOLEAN = "true or false"
    CHOICE = "one of its values"
    DATE = "date"
    TIME = "time"
    TIMESTAMP = "date and time"
    JSON = "JSON"
    UUID = "UUID"
    BINARY = "bytes"
    GEOMETRY = "geometry"
    OTHER = "value"


_INTEGERS = {
    *("smallint", "integer", "bigint", "int", "tinyint", "mediumint", "int2", "int4", "int8", "year", "oid"),
}
_NUMBERS = {
    *("numeric", "decimal", "real", "double precision", "double", "float", "float4", "float8", "number", "money"),
    *("smallmoney", "binary_float", "binary_double"),
}
_TEXTS = {
    *("text", "character varying", "character", "varchar", "char", "nvarchar", "nchar", "ntext", "varchar2"),
    *("nvarchar2", "clob", "nclob", "tinytext", "mediumtext", "longtext", "name", "citext", "sysname", "xml", "set"),
}
GEOMETRIES = {  # of MySQL and MariaDB
    *("geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon"),
    *("geometrycollection", "geomcollection"),
}
_GEOMETRY = re.compile(rf"(?:SRID=\d{{1,10}};)?\s*(?:{'|'.join(sorted(GEOMETRIES))})\b.*", re.IGNORECASE | re.DOTALL)
_WORDS = {"infinity", "-infinity", "nan", "inf", "-inf", "now", "today"}
_TRUE_WORDS = {"t", "f", "true", "false", "yes", "no", "on", "off", "1", "0"}


def kind_of(column: ShapeColumn, dialect: str) -> ValueKind:
    """By the server's own name of the type."""
    name = column.base_type
    if column.choices:
        return ValueKind.CHOICE
    if is_binary(column, dialect):
        return ValueKind.BINARY
    if name in ("boolean", "bool") or (dialect == "tsql" and name == "bit") or column.type_name == "tinyint(1)":
        return ValueKind.BOOLEAN
    if dialect == "sqlite":
        return _sqlite_kind(column)
    if dialect == "mysql" and name in GEOMETRIES:
        return ValueKind.GEOMETRY
    first = name.split(" ")[0]
    if first in _INTEGERS or name in _INTEGERS:
        return ValueKind.INTEGER
    if name in _NUMBERS or first in _NUMBERS:
        return ValueKind.NUMBER
    if name in ("json", "jsonb"):
        return ValueKind.JSON
    if name in ("uuid", "uniqueidentifier"):
        return ValueKind.UUID
    if name.startswith(("timestamp", "datetime", "smalldatetime")) or (dialect == "oracle" and name == "date"):
        return ValueKind.TIMESTAMP
    if first in ("date", "time", "timetz"):
        return ValueKind.DATE if first == "date" else ValueKind.TIME
    return ValueKind.TEXT if name in _TEXTS or first in _TEXTS else ValueKind.OTHER


def _sqlite_kind(column: ShapeColumn) -> ValueKind:
    """SQLite takes anything nearly anywhere; names such as DATE are a habit of people."""
    name = column.base_type
    named = {"date": ValueKind.DATE, "time": ValueKind.TIME, "datetime": ValueKind.TIMESTAMP, "json": ValueKind.JSON}
    if name in named or name == "timestamp":
        return named.get(name, ValueKind.TIMESTAMP)
    return ValueKind.TEXT if affinity_of(column.type_name) == "TEXT" else ValueKind.OTHER


def takes_empty(column: ShapeColumn, dialect: str) -> bool:
    """Whether a text without characters is a value of the column."""
    kind = kind_of(column, dialect)
    return kind in (ValueKind.TEXT, ValueKind.BINARY) or (kind is ValueKind.OTHER and dialect == "sqlite")


def problem_with(text: str, column: ShapeColumn, dialect: str) -> str:
    """Why `text` can be no value of the column, in one sentence; empty if it may be one: the server decides."""
    kind = kind_of(column, dialect)
    if text.strip().lower() in _WORDS or (dialect == "sqlite" and kind is not ValueKind.JSON):
        return ""
    check = _CHECKS.get(kind)
    if kind is ValueKind.CHOICE:
        return "" if text in column.choices else f"“{text[:40]}” is not one of the values of {column.name}."
    try:
        if check is not None:
            check(text.strip())
    except (ValueError, InvalidOperation, KeeperDBError) as error:
        detail = f" {error.msg}, line {error.lineno}." if isinstance(error, json.JSONDecodeError) else ""
        return f"“{text[:40]}” is no {kind.value}, which {column.name} takes.{detail}"
    return ""


def _geometry(text: str) -> None:
    """Well-known text; the server reads the rest of it. Or bytes, as the grid shows them."""
    if text[:2].lower() == "0x":
        bytes_of(text)
    elif not _GEOMETRY.fullmatch(text):
        raise ValueError(text)


def _boolean(text: str) -> None:
    if text.lower() not in _TRUE_WORDS:
        raise ValueError(text)


def _integer(text: str) -> None:
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        raise ValueError(text)


def _date(text: str) -> None:
    if not text.upper().endswith("BC"):
        date.fromisoformat(text)


def _time(text: str) -> None:
    if not re.match(r"-?[0-9]{1,3}:[0-9]{2}", text):
        time.fromisoformat(text)


def _timestamp(text: str) -> None:
    if not text.upper().endswith("BC") and not re.match(r"[0-9]{4,}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}", text):
        datetime.fromisoformat(text)


_CHECKS: dict[ValueKind, Callable[[str], object]] = {
    ValueKind.BOOLEAN: _boolean,
    ValueKind.INTEGER: _integer,
    ValueKind.NUMBER: Decimal,
    ValueKind.DATE: _date,
    ValueKind.TIME: _time,
    ValueKind.TIMESTAMP: _timestamp,
    ValueKind.JSON: json.loads,
    ValueKind.UUID: uuid.UUID,
    ValueKind.BINARY: bytes_of,
    ValueKind.GEOMETRY: _geometry,
}
