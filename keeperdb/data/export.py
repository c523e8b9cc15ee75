"""Writing results to files and streams."""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from keeperdb.data.formats import WRITERS, ExportFormat, ExportOptions
from keeperdb.data.rows import AllRows, FetchedRows, RowSource
from keeperdb.errors import ExportError
from keeperdb.task import Task

__all__ = [
    "AllRows",
    "ExportFormat",
    "ExportOptions",
    "FetchedRows",
    "RowSource",
    "export_result",
    "write_rows",
]

_STEP = 1000  # rows between two looks at the task


def write_rows(source: RowSource, stream: TextIO, form: ExportFormat, options: ExportOptions, task: Task) -> int:
    """Write all rows of `source` and return how many; memory does not grow with them.

    Raises `Cancelled`, what fetching raises, and what `stream` raises.
    """
    writer = WRITERS[form](source.columns, options)
    stream.write(writer.begin())
    written = 0
    for block in source.blocks(task):
        for start in range(0, len(block), _STEP):
            stop = min(start + _STEP, len(block))
            stream.write(writer.rows(block, start, stop))
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
) -> int:
    """Write all rows of `source` to `path` and return how many.

    The file appears whole or not at all: a failure, a cancel or a crash leaves what was there before. Raises
    `ExportError`, also for a link or a folder at `path`, or for any file without `may_replace`; `Cancelled`; and what
    fetching raises.
    """
    with replacing(path, may_replace) as stream:
        return write_rows(source, stream, form, options, task)


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
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    descriptor = os.open(part, flags, 0o666)
    # A lone surrogate, which UTF-8 does not have, is written as \udc80 instead of ending the export.
    return os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="")


def _keep_mode(path: Path, stream: TextIO) -> None:
    """A file that is replaced keeps who may read it."""
    if os.name == "posix" and path.exists():
        os.fchmod(stream.fileno(), stat.S_IMODE(path.stat().st_mode))
