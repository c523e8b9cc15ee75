"""Cells as literals of an SQL dialect: the same value comes back when the statement runs."""

import re
from collections.abc import Callable
from typing import Any

from keeperdb.data.options import Cells
from keeperdb.engines.blocks import CellKind, Column

Literal = Callable[[Cells, int, int, Column], str]

_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_NEGATIVE_ZEROS = ("-0", "-0.0")  # a literal of it is a whole number, which has no sign
_ORACLE_PIECE = 1000  # characters of one string literal, which may have 4,000 bytes at most
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]([0-9:.]+(?: ?[+-][0-9:]+)?)")


def literals_of(dialect: str) -> Literal:
    """The function that writes one cell; unknown dialects get standard SQL."""
    writer = _DIALECTS.get(dialect, _Literals)()
    return writer.write


class _Literals:
    """Standard SQL."""

    def write(self, cells: Cells, row: int, number: int, column: Column) -> str:
        text = cells.text(row, number)
        if text is None:
            return "NULL"
        if column.kind.is_number and _NUMBER.fullmatch(text) and text not in _NEGATIVE_ZEROS:
            return text
        return self.value(cells.value(row, number), text, column)

    def value(self, value: Any, text: str, column: Column) -> str:
        """What is neither NULL nor a number in a column of numbers."""
        if isinstance(value, bool):
            return self.boolean(value)
        if isinstance(value, bytes | bytearray | memoryview):
            return self.binary(bytes(value))
        if isinstance(value, int | float) and column.kind is CellKind.TEXT and _NUMBER.fullmatch(text):
            return text  # SQLite has a type per cell, not per column
        return self.text(text)

    def boolean(self, value: bool) -> str:
        return "TRUE" if value else "FALSE"

    def binary(self, value: bytes) -> str:
        return f"X'{value.hex()}'"

    def text(self, text: str) -> str:
        return "'" + text.replace("'", "''") + "'"


class _PostgreSql(_Literals):
    """https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-CONSTANTS"""

    def binary(self, value: bytes) -> str:
        return f"E'\\\\x{value.hex()}'"

    def text(self, text: str) -> str:
        """With E before it where a backslash would depend on standard_conforming_strings."""
        quoted = text.replace("'", "''")
        return "E'" + quoted.replace("\\", "\\\\") + "'" if "\\" in text else f"'{quoted}'"


class _MySql(_Literals):
    """https://dev.mysql.com/doc/refman/8.4/en/literals.html"""

    def value(self, value: Any, text: str, column: Column) -> str:
        if column.type_name.startswith("bit(") and isinstance(value, int):
            return f"b'{text}'"
        return super().value(value, text, column)

    def boolean(self, value: bool) -> str:
        return "1" if value else "0"

    def text(self, text: str) -> str:
        """What a backslash means depends on NO_BACKSLASH_ESCAPES; hexadecimal digits do not."""
        if "\\" in text:
            return f"_utf8mb4 X'{text.encode('utf-8', 'replace').hex()}'"
        return super().text(text)


class _Sqlite(_Literals):
    """https://www.sqlite.org/lang_expr.html#literal_values_constants_"""

    def write(self, cells: Cells, row: int, number: int, column: Column) -> str:
        """By the type of the cell: a column may hold all of them."""
        value = cells.value(row, number)
        if value is None:
            return "NULL"
        if isinstance(value, int):
            return str(int(value))
        if isinstance(value, float):
            return self._real(value)
        return self._text(value) if isinstance(value, str) else self.binary(bytes(value))

    @staticmethod
    def _real(value: float) -> str:
        """1e999 is how SQLite's own dump writes infinity; it has no NaN."""
        text = repr(value)
        return {"inf": "1e999", "-inf": "-1e999"}.get(text, text)

    def _text(self, value: str) -> str:
        """SQL text ends at a NUL and has to be UTF-8; values need not."""
        if "\0" in value or not _is_unicode(value):
            return f"CAST(X'{value.encode('utf-8', 'surrogateescape').hex()}' AS TEXT)"
        return self.text(value)


class _SqlServer(_Literals):
    """https://learn.microsoft.com/sql/t-sql/data-types/constants-transact-sql"""

    def boolean(self, value: bool) -> str:
        return "1" if value else "0"

    def binary(self, value: bytes) -> str:
        return f"0x{value.hex()}"

    def text(self, text: str) -> str:
        return "N" + super().text(text)


class _Oracle(_Literals):
    """https://docs.oracle.com/en/database/oracle/oracle-database/23/sqlrf/Literals.html"""

    def value(self, value: Any, text: str, column: Column) -> str:
        if column.kind is CellKind.DATE and _DATE.fullmatch(text):
            return f"DATE '{text}'"
        if column.kind in (CellKind.DATE, CellKind.TIMESTAMP) and _TIMESTAMP.fullmatch(text):
            return f"TIMESTAMP '{text.replace('T', ' ')}'"
        return super().value(value, text, column)

    def boolean(self, value: bool) -> str:
        return "1" if value else "0"

    def binary(self, value: bytes) -> str:
        return f"HEXTORAW('{value.hex()}')"

    def text(self, text: str) -> str:
        if len(text) <= _ORACLE_PIECE:
            return super().text(text)
        pieces = [text[start : start + _ORACLE_PIECE] for start in range(0, len(text), _ORACLE_PIECE)]
        return " || ".join(f"TO_CLOB({super(_Oracle, self).text(piece)})" for piece in pieces)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_DIALECTS: dict[str, type[_Literals]] = {
    "postgres": _PostgreSql,
    "redshift": _PostgreSql,
    "mysql": _MySql,
    "sqlite": _Sqlite,
    "tsql": _SqlServer,
    "oracle": _Oracle,
}
