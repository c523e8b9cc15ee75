"""Reads the log files as lines with their levels, in the background; what is shown is redacted once more."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from keeperdb.errors import StoreError
from keeperdb.log import redact
from keeperdb.task import Task

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_NAME = "keeperdb.log"
_MOST_BYTES = 8_000_000  # of all files, the newest; the program keeps 4 MB
_LONGEST = 4_000  # characters of a line
_HEAD = re.compile(rf"\d{{4}}-\d\d-\d\d [\d:,]+ ({'|'.join(LEVELS)}) ")


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line; those of a traceback have the level of the line that they belong to."""

    text: str
    level: str


@dataclass(frozen=True, slots=True)
class LogRead:
    """What was read, and how to tell whether there is more by now."""

    lines: tuple[LogLine, ...]
    stamp: tuple[tuple[str, int, int], ...]


def files_of(folder: Path) -> list[Path]:
    """The log and those that were put aside, the oldest first."""
    return sorted((each for each in folder.glob(f"{_NAME}*") if each.is_file()), key=_age, reverse=True)


def read_log(folder: Path, known: LogRead | None, task: Task) -> LogRead:
    """The lines of all log files; `known` if nothing was written since. Raises `StoreError`."""
    try:
        files = files_of(folder)
        stamp = tuple((each.name, each.stat().st_size, each.stat().st_mtime_ns) for each in files)
        if known is not None and known.stamp == stamp:
            return known
        content = b"".join(each.read_bytes() for each in files)[-_MOST_BYTES:]
    except OSError as error:
        raise StoreError(
            f"The log could not be read: {error.strerror}.", "Check the permissions of its folder."
        ) from error
    return LogRead(tuple(_lines(redact(content.decode(errors="replace")).splitlines(), task)), stamp)


def matching(lines: Iterable[LogLine], least: str, words: str, task: Task) -> list[LogLine]:
    """The lines of this level or a graver one that have every word."""
    task.check()
    levels = set(LEVELS[LEVELS.index(least) :])
    wanted = words.lower().split()
    return [line for line in lines if line.level in levels and all(word in line.text.lower() for word in wanted)]


def delete_log(folder: Path) -> None:
    """Empty the log, and remove what was put aside. Raises `StoreError`."""
    try:
        for each in files_of(folder):
            if each.name == _NAME:
                with each.open("r+b") as file:  # the program goes on writing into it
                    file.truncate()
            else:
                each.unlink()
    except OSError as error:
        raise StoreError(f"The log could not be deleted: {error.strerror}.", "Check its permissions.") from error


def _age(path: Path) -> int:
    number = path.name.rpartition(".")[2]
    return int(number) if number.isdigit() else 0


def _lines(texts: Iterable[str], task: Task) -> Iterable[LogLine]:
    level = "INFO"
    for number, text in enumerate(texts):
        if number % 1_000 == 0:
            task.check()
        head = _HEAD.match(text)
        level = head[1] if head is not None else level
        yield LogLine(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…", level)
