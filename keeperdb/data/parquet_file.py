"""Rows as a Parquet file whose types are exact: a column that turns out to hold more becomes wider, up to text."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from keeperdb.data.json_rows import numbered
from keeperdb.data.options import ExportOptions
from keeperdb.data.rows import RowSource
from keeperdb.engines.blocks import Block, CellKind, Column
from keeperdb.task import Task

_GROUP_ROWS = 50_000  # of one row group
_GROUP_BYTES = 32 << 20  # of the blocks that become one
_STEP = 5_000  # rows between two looks at the task
_DECIMAL = re.compile(r"(?:decimal|numeric|number)\((\d+), ?(-?\d+)\)")
_ZONED = ("with time zone", "timestamptz", "datetimeoffset", "timetz")
_LARGEST_128, _LARGEST_256 = 38, 76  # digits
_UNSIGNED = ("oid", "xid8")
_EXACT_IN_FLOAT = 2**53
_MISFIT = (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, TypeError, ValueError)


class _Misfit(Exception):  # noqa: N818 - says that a column has to be wider
    def __init__(self, column: int, value: Any) -> None:
        super().__init__(column)
        self.column = column
        self.value = value


def write_parquet(source: RowSource, file: BinaryIO, options: ExportOptions, task: Task, notices: list[str]) -> int:
    """Write all rows and return how many; `notices` gets a sentence for each column that had to become text.

    Raises `Cancelled`, what fetching raises, and `OSError`.
    """
    writer = _Groups(source.columns, file)
    written = 0
    try:
        for block in source.blocks(task):
            for start in range(0, len(block), _STEP):
                stop = min(start + _STEP, len(block))
                writer.add(block, start, stop)
                written += stop - start
                task.report(written, source.total, f"{written:,} rows written")
        writer.close()
    finally:
        writer.abandon()
    notices += writer.notices
    return written


class _Groups:
    """Row groups of one file; when a value does not fit its column, all are written anew with a wider one."""

    def __init__(self, columns: Sequence[Column], file: BinaryIO) -> None:
        self._columns = columns
        self._names = numbered([column.name for column in columns])
        self._types = [arrow_type(column) for column in columns]
        self._file = file
        self._writer = self._open()
        self._waiting: list[pa.RecordBatch] = []
        self._rows = 0
        self._bytes = 0
        self.notices: list[str] = []

    def add(self, block: Block, start: int, stop: int) -> None:
        while True:
            try:
                arrays = [self._array(number, block, start, stop) for number in range(len(self._columns))]
                break
            except _Misfit as misfit:
                self._widen(misfit)
        batch = pa.RecordBatch.from_arrays(arrays, schema=self._schema)
        self._waiting.append(batch)
        self._rows += len(batch)
        self._bytes += batch.nbytes
        if self._rows >= _GROUP_ROWS or self._bytes >= _GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def abandon(self) -> None:
        """Let go of the file, whatever it has; nothing happens after `close`."""
        if self._writer.is_open:
            self._writer.close()

    @property
    def _schema(self) -> pa.Schema:
        return pa.schema(list(zip(self._names, self._types, strict=True)))

    def _open(self) -> pq.ParquetWriter:
        return pq.ParquetWriter(self._file, self._schema, compression="zstd")

    def _flush(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.Table.from_batches(self._waiting), row_group_size=self._rows)
            self._waiting, self._rows, self._bytes = [], 0, 0

    def _array(self, number: int, block: Block, start: int, stop: int) -> pa.Array:
        kind = self._types[number]
        if pa.types.is_string(kind):
            return pa.array([_unicode(block.text(row, number)) for row in range(start, stop)], kind)
        values = [block.value(row, number) for row in range(start, stop)]
        for value in values:
            if value is not None and not _fits(value, kind):
                raise _Misfit(number, value)
        try:
            return pa.array(values, kind)
        except _MISFIT as error:
            raise _Misfit(number, None) from error

    def _widen(self, misfit: _Misfit) -> None:
        """Give the column a type that holds the value as well, and write again what is written."""
        number, name = misfit.column, self._columns[misfit.column].name
        self._flush()
        self._writer.close()
        with tempfile.TemporaryFile() as copy:
            self._move_to(copy)
            kind = self._types[number] = self._wider(copy, misfit)
            self._writer = self._open()
            for batch in _batches(copy):
                arrays = batch.columns
                arrays[number] = _converted(arrays[number], kind)
                self._writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=self._schema))
        if pa.types.is_string(kind):
            self.notices.append(f"The column “{name}” holds values of several types, and is written as text.")

    def _move_to(self, copy: BinaryIO) -> None:
        """The file's content, which leaves the file empty."""
        self._file.flush()
        with os.fdopen(os.dup(self._file.fileno()), "rb") as written:
            written.seek(0)
            shutil.copyfileobj(written, copy)
        self._file.seek(0)
        self._file.truncate()

    def _wider(self, copy: BinaryIO, misfit: _Misfit) -> pa.DataType:
        """Floats for whole numbers that all stay exact, text otherwise."""
        if pa.types.is_int64(self._types[misfit.column]) and isinstance(misfit.value, float):
            try:
                for batch in _batches(copy):
                    _converted(batch.column(misfit.column), pa.float64())
            except pa.ArrowInvalid:
                return pa.string()
            return pa.float64()
        return pa.string()


def arrow_type(column: Column) -> pa.DataType:
    """The type that holds every value of the column as far as its own type tells; text where that is not certain."""
    name = column.type_name.lower()
    is_zoned = any(word in name for word in _ZONED)
    if column.kind is CellKind.INTEGER:
        return pa.uint64() if name in _UNSIGNED or "unsigned" in name else pa.int64()
    if column.kind is CellKind.DECIMAL:
        return _decimal_type(name)
    if column.kind is CellKind.TIMESTAMP:
        return pa.timestamp("us", "UTC" if is_zoned else None)
    if column.kind is CellKind.TIME:
        return pa.string() if is_zoned else pa.time64("us")
    return _TYPES.get(column.kind, pa.string())


_TYPES = {
    CellKind.FLOAT: pa.float64(),
    CellKind.BOOLEAN: pa.bool_(),
    CellKind.DATE: pa.date32(),
    CellKind.BINARY: pa.binary(),
}


def _decimal_type(name: str) -> pa.DataType:
    found = _DECIMAL.match(name)
    digits, scale = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 0 <= scale <= digits or not 0 < digits <= _LARGEST_256:
        return pa.string()
    return pa.decimal128(digits, scale) if digits <= _LARGEST_128 else pa.decimal256(digits, scale)


def _fits(value: Any, kind: pa.DataType) -> bool:
    """Whether Arrow would take `value` for what it is: it turns many things into others without a word."""
    if pa.types.is_timestamp(kind):
        return isinstance(value, datetime) and (value.tzinfo is None) == (kind.tz is None)
    if pa.types.is_time64(kind):
        return isinstance(value, time) and value.tzinfo is None
    if pa.types.is_floating(kind):
        return type(value) is float or (type(value) is int and abs(value) <= _EXACT_IN_FLOAT)
    if pa.types.is_decimal(kind):
        return isinstance(value, Decimal) and value.is_finite()
    if pa.types.is_binary(kind):
        return isinstance(value, bytes | bytearray | memoryview)
    if pa.types.is_date32(kind):
        return type(value) is date
    return type(value) is (bool if pa.types.is_boolean(kind) else int)


def _batches(copy: BinaryIO) -> Iterator[pa.RecordBatch]:
    copy.seek(0)
    yield from pq.ParquetFile(copy).iter_batches(_STEP)


def _converted(array: pa.Array, kind: pa.DataType) -> pa.Array:
    """Raises `pa.ArrowInvalid` if a number would not stay exact."""
    if pa.types.is_string(kind):
        return pa.array([None if value is None else _text(value) for value in array.to_pylist()], kind)
    return array.cast(kind)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return f"0x{value.hex()}"
    return value.isoformat(" ") if isinstance(value, datetime) else str(value)


def _unicode(text: str | None) -> str | None:
    """Arrow text is UTF-8, which has no lone surrogates."""
    return text if text is None or text.isascii() else text.encode("utf-8", "backslashreplace").decode()
