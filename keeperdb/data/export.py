"""Writing results to files and streams."""

import io
import os
import secrets
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from keeperdb.data.formats import WRITERS, ExportFormat, ExportOptions, RowWriter, SqlOptions
from keeperdb.data.rows import AllRows, FetchedRows, RowSource
from keeperdb.data.separated import CsvWriter
from keeperdb.engines.blocks import Block
from keeperdb.errors import ExportError
from keeperdb.query.copied import CopiedRows
from keeperdb.query.session import Session
from keeperdb.task import Task

__all__ = [
    "AllRows",
    "ExportFormat",
    "ExportOptions",
    "FetchedRows",
    "RowSource",
    "SqlOptions",
    "export_result",
    "export_statement",
    "write_rows",
]

_STEP = 1000  # rows between two looks at the task
_COPIED = {ExportFormat.CSV, ExportFormat.TSV}


def write_rows(source: RowSource, stream: TextIO, form: ExportFormat, options: ExportOptions, task: Task) -> int:
    """Write all rows of `source` as text and return how many; memory does not grow with them.

    Raises `Cancelled`, what fetching raises, and what `stream` raises.
    """
    writer = WRITERS[form](source.columns, options)
    stream.write(writer.begin())
    put = _putter(writer, stream)
    written = 0
    for block in source.blocks(task):
        for start in range(0, len(block), _STEP):
            stop = min(start + _STEP, len(block))
            put(block, start, stop)
            written += stop - start
            task.report(written, source.total, f"{written:,} rows written")
    stream.write(writer.end())
    return written


def export_result(
    source: RowSource,
    path: Path,
    form: ExportFormat,
    options: ExportOptions,
    task: Task,
    *,
    may_replace: bool = True,
    notices: list[str] | None = None,
) -> int:
    """Write all rows of `source` to `path` and return how many.

    The file appears whole or not at all: a failure, a cancel or a crash leaves what was there before. `notices` gets a
    sentence for everything that the format could not hold. Raises `ExportError`, also for a link or a folder at
    `path`, or for any file without `may_replace`; `Cancelled`; and what fetching raises.
    """
    with replacing(path, may_replace) as stream:
        return _write(source, stream, form, options, task, [] if notices is None else notices)


def export_statement(
    session: Session,
    statement: str,
    path: Path,
    form: ExportFormat,
    options: ExportOptions,
    task: Task,
    *,
    parameters: Mapping[str, Any] | None = None,
    confirmed: bool = False,
    limit: int | None = None,
    may_replace: bool = True,
    notices: list[str] | None = None,
) -> int:
    """Run one statement, write all rows of its last result, or the first `limit`, to `path` and return how many.

    As `export_result`, with `parameters` and `confirmed` as `Session.execute` has them; raises besides what running
    raises, and `ExportError` for a statement that returns no rows.
    """
    said = [] if notices is None else notices
    with replacing(path, may_replace) as stream:
        if form in _COPIED and not options.guards_formulas and limit is None and not parameters:
            delimiter = "\t" if form is ExportFormat.TSV else options.delimiter
            copied = session.copy_csv(statement, delimiter, task)
            if copied is not None:
                return _write_copied(copied, stream, form, options, task)
        result = session.execute(statement, task, parameters=parameters, confirmed=confirmed)[-1]
        if result.columns is None:
            raise ExportError("The statement returns no rows, so there is nothing to export.", "Export a query.")
        written = _write(AllRows(result, limit), stream, form, options, task, said)
        result.close()
        said += result.notices
        return written


def _write(
    source: RowSource, stream: TextIO, form: ExportFormat, options: ExportOptions, task: Task, notices: list[str]
) -> int:
    """In the format's own way: XLSX and Parquet are not text."""
    if form is ExportFormat.XLSX:
        from keeperdb.data.xlsx_file import write_xlsx

        return write_xlsx(source, _binary(stream), options, task, notices)
    if form is ExportFormat.PARQUET:
        from keeperdb.data.parquet_file import write_parquet

        return write_parquet(source, _binary(stream), options, task, notices)
    return write_rows(source, stream, form, options, task)


def _write_copied(copied: CopiedRows, stream: TextIO, form: ExportFormat, options: ExportOptions, task: Task) -> int:
    stream.write(WRITERS[form](copied.columns, options).begin())
    stream.flush()
    file = _binary(stream)
    written = 0
    for lines, rows in copied.chunks(task):
        file.write(lines)
        written += rows
        task.report(written, None, f"{written:,} rows written")
    return written


def _putter(writer: RowWriter, stream: TextIO) -> Callable[[Block, int, int], object]:
    """What writes rows: past the stream's encoder, if the writer encodes and the stream is a file."""
    if isinstance(writer, CsvWriter) and isinstance(stream, io.TextIOWrapper) and _is_utf8(stream):
        stream.flush()
        file = stream.buffer
        return lambda block, start, stop: file.write(writer.encoded(block, start, stop))
    return lambda block, start, stop: stream.write(writer.rows(block, start, stop))


def _is_utf8(stream: io.TextIOWrapper) -> bool:
    return stream.encoding.lower() in ("utf-8", "utf8") and stream.errors == "backslashreplace"


def _binary(stream: TextIO) -> BinaryIO:
    return stream.buffer


@contextmanager
def replacing(path: Path, may_replace: bool) -> Iterator[TextIO]:
    """A new file beside `path` that takes its place when the block ends well, and vanishes when it does not."""
    _check_target(path, may_replace)
    part = path.with_name(f".keeperdb-{secrets.token_hex(8)}.part")
    try:
        with _create(part) as stream:
            yield stream
            _keep_mode(path, stream)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as error:
        raise ExportError(
            f"{path} could not be written: {error.strerror or 'the system gave no reason'}.",
            "Check the folder, its permissions and free space, then try again.",
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _check_target(path: Path, may_replace: bool) -> None:
    """A link is not followed: what it points to may be another file than the person thinks."""
    if path.is_symlink():
        raise ExportError(f"{path} is a link to another file.", "Choose that file itself, or another name.")
    if path.is_dir():
        raise ExportError(f"{path} is a folder.", "Add a file name.")
    if path.exists() and not path.is_file():
        raise ExportError(f"{path} is not a plain file.", "Choose another name.")
    if path.exists() and not may_replace:
        raise ExportError(f"{path} exists already.", "Choose another name.")


def _create(part: Path) -> TextIO:
    """A file that was not there before, with the permissions that new files of this user have."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    descriptor = os.open(part, flags, 0o666)
    # A lone surrogate, which UTF-8 does not have, is written as \udc80 instead of ending the export.
    return os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="")


def _keep_mode(path: Path, stream: TextIO) -> None:
    """A file that is replaced keeps who may read it."""
    if os.name == "posix" and path.exists():
        os.fchmod(stream.fileno(), stat.S_IMODE(path.stat().st_mode))
