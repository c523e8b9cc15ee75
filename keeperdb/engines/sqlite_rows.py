"""Rows of SQLite, and what one of its statements returned."""

import contextlib
import math
import sqlite3
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from keeperdb.engines.base import Execution
from keeperdb.engines.blocks import Block, CellKind, Column
from keeperdb.engines.columns import TextColumns
from keeperdb.engines.packed import PackedBlock, Part
from keeperdb.errors import QueryError

_STREAMED = 500  # rows; their objects fit a processor's cache


class RowReader:
    """The rows of one statement.

    TEXT may hold bytes that are not UTF-8. sqlite3's own decoding is twice as fast as any other and fails on them; then
    the statement is read anew with a decoding that keeps them, if it only reads and nobody changed the data meanwhile.
    """

    def __init__(self, connection: sqlite3.Connection, run: Callable[[], sqlite3.Cursor], *, only_reads: bool) -> None:
        self._connection = connection
        self._run = run
        self.is_strict = only_reads
        self._delivered = 0
        connection.text_factory = str if only_reads else _decode
        self.cursor = run()
        self._version = self._data_version() if only_reads else 0

    def take(self, rows: int) -> list[tuple[Any, ...]]:
        """Up to `rows` more rows; fewer at the end. Raises `sqlite3.Error` or `QueryError`."""
        if rows <= 0:
            return []  # sqlite3 would give all
        try:
            batch = self.cursor.fetchmany(rows)
        except sqlite3.OperationalError as error:
            if not self.is_strict or "Could not decode" not in str(error):
                raise
            self._start_again()
            batch = self.cursor.fetchmany(rows)
        self._delivered += len(batch)
        return batch

    def _start_again(self) -> None:
        self.is_strict = False
        self._connection.text_factory = _decode
        if self._data_version() != self._version:
            raise QueryError("The data changed while text that is not UTF-8 was read.", "Run the statement again.")
        self.cursor = self._run()
        skip = self._delivered
        while skip > 0 and (batch := self.cursor.fetchmany(min(skip, 1_000))):
            skip -= len(batch)

    def _data_version(self) -> int:
        """Changes when another connection commits (https://www.sqlite.org/pragma.html#pragma_data_version)."""
        version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        return version


class SqliteExecution(Execution):
    """What one statement returned. One row is read ahead, which tells the kinds of the columns and where the end is."""

    def __init__(self, reader: RowReader, operation: Callable[[], contextlib.AbstractContextManager[None]]) -> None:
        """`operation` is put around everything that may take long."""
        self._reader = reader
        self._operation = operation
        self._ahead: list[tuple[Any, ...]] = []
        cursor = reader.cursor
        if cursor.description is None:
            self.rows_affected = cursor.rowcount if cursor.rowcount >= 0 else None
            self.is_exhausted = True
        else:
            self._ahead = reader.take(1)
            self.is_exhausted = not self._ahead
            first = self._ahead[0] if self._ahead else (None,) * len(cursor.description)
            self.columns = tuple(
                _column(str(item[0]), value) for item, value in zip(cursor.description, first, strict=True)
            )

    def fetch(self, rows: int) -> Block | None:
        if self.is_exhausted:
            return None
        parts: list[Part] = []
        count = 0
        with self._operation():
            while count < rows and not self.is_exhausted:
                batch = self._take(min(rows - count, PackedBlock.part_rows))
                count += len(batch)
                parts += [PackedBlock.pack(batch)] if batch else []
            self._look_ahead()
        return SqliteBlock(parts, count)

    def stream(self, rows: int) -> Block | None:
        """Rows that nobody keeps need not be packed."""
        if self.is_exhausted:
            return None
        with self._operation():
            batch = self._take(min(rows, _STREAMED))
            self._look_ahead()
        return LooseRows(batch, has_surrogates=not self._reader.is_strict)

    def _take(self, rows: int) -> list[tuple[Any, ...]]:
        batch, self._ahead = self._ahead, []
        batch += self._reader.take(rows - len(batch))
        self.is_exhausted = len(batch) < rows
        return batch

    def _look_ahead(self) -> None:
        if not self.is_exhausted:
            self._ahead = self._reader.take(1)
            self.is_exhausted = not self._ahead

    def next_result(self) -> bool:
        return False

    def notices(self) -> list[str]:
        return []

    def close(self) -> None:
        self.is_exhausted = True
        self._ahead = []
        with contextlib.suppress(sqlite3.Error):
            self._reader.cursor.close()


class SqliteBlock(PackedBlock):
    """Rows that are kept."""

    def __init__(self, parts: Sequence[Part], rows: int, to_text: Callable[[Any], str] | None = None) -> None:
        super().__init__(parts, rows, to_text or cell_text)

    def text_columns(self, start: int, stop: int) -> TextColumns:
        return _columns(self.columns(start, stop), has_surrogates=True)

    def texts(self, column: int) -> Sequence[str | None]:
        return _columns([self.values(column, 0, len(self))], has_surrogates=True).cells[0]


class LooseRows:
    """Rows that are used at once; `has_surrogates` if their text may stand for bytes that are not UTF-8."""

    def __init__(self, rows: list[tuple[Any, ...]], *, has_surrogates: bool) -> None:
        self._rows = rows
        self._has_surrogates = has_surrogates

    def __len__(self) -> int:
        return len(self._rows)

    def text(self, row: int, column: int) -> str | None:
        value = self._rows[row][column]
        return None if value is None else cell_text(value)

    def value(self, row: int, column: int) -> Any:
        return self._rows[row][column]

    @property
    def nbytes(self) -> int:
        return sum(map(sys.getsizeof, self._rows))

    def text_columns(self, start: int, stop: int) -> TextColumns:
        return _columns(zip(*self._rows[start:stop], strict=True), has_surrogates=self._has_surrogates)


def _columns(columns: Iterable[Sequence[Any]], *, has_surrogates: bool) -> TextColumns:
    """`cell_text` of each cell, None staying None; the usual case is a column of one type."""
    found: list[Sequence[str | None]] = []
    plain: set[int] = set()
    for number, cells in enumerate(columns):
        texts = None
        if isinstance(cells[0], str):
            texts = _if_texts(cells, has_surrogates=has_surrogates)
        elif isinstance(cells[0], int | float):
            texts = _if_numbers(cells)
            if texts is not None:
                plain.add(number)
        found.append(texts or [None if cell is None else cell_text(cell) for cell in cells])
    return TextColumns(found, plain)


def _if_texts(cells: Sequence[Any], *, has_surrogates: bool) -> Sequence[str] | None:
    """`cells`, if all of them are text that stays as it is."""
    try:
        together = "".join(cells)
    except TypeError:
        return None
    return cells if not has_surrogates or together.isascii() else None


def _if_numbers(cells: Sequence[Any]) -> Sequence[str] | None:
    """The texts of `cells`, if all are finite numbers: anything else has an n or a quote in Python's notation."""
    texts = list(map(repr, cells))
    together = "".join(texts)
    return None if any(mark in together for mark in _NO_NUMBERS) else texts


_NO_NUMBERS = ("n", "'", '"')  # None, inf and nan; text and bytes


def cell_text(value: Any) -> str:
    """A cell as SQLite writes it: floats with the fewest digits that read back the same, blobs as hex."""
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    if isinstance(value, float):
        return _float_text(value)
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return str(value)


def _float_text(value: float) -> str:
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    return repr(value)


_KINDS = {
    int: ("integer", CellKind.INTEGER),
    float: ("real", CellKind.FLOAT),
    str: ("text", CellKind.TEXT),
    bytes: ("blob", CellKind.BINARY),
}


def _column(name: str, first: Any) -> Column:
    """SQLite types cells, not columns: the first row's type stands for the column."""
    type_name, kind = _KINDS.get(type(first), ("", CellKind.TEXT))
    return Column(name, type_name, kind)


def _decode(content: bytes) -> str:
    """TEXT may hold bytes that are not UTF-8; they survive as surrogates."""
    return content.decode("utf-8", "surrogateescape")
