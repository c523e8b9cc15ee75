"""Reads and writes files that the machine's own user names; never for a caller over the network."""

import os
from pathlib import Path

from keeperdb.errors import CommandError, CommandKind
from keeperdb.paths import write_atomically

_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_LONGEST_NAME = 200  # bytes
_RESERVED = {"con", "prn", "aux", "nul", *(f"{name}{digit}" for name in ("com", "lpt") for digit in range(10))}


def write_text(path: str, text: str) -> None:
    """Replace a file, readable by its owner only. Raises `StoreError`."""
    write_atomically(Path(path), f"{text}\n".encode(errors="surrogateescape"))


def read_bytes(path: str, largest: int) -> bytes:
    """The content of a file. Raises `CommandError`."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(largest + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "that is not the name of a file"
        raise CommandError(CommandKind.NOT_FOUND, f"{path} could not be read: {reason}.") from error
    if len(content) > largest:
        raise CommandError(CommandKind.BAD_ARGUMENTS, f"{path} is larger than {largest >> 20} MB.")
    return content


def write_new(folder: Path, name: str, content: bytes) -> Path:
    """Write a new file below `folder` under a name that somebody else chose; return its path.

    Never outside of `folder`, never through a link, and never over another file: then a number is added.
    """
    plain = safe_name(name)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for number in range(1, _MOST_OF_ONE_NAME):
            path = folder / (plain if number == 1 else _numbered(plain, number))
            try:
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_FOLLOW, 0o600)
            except FileExistsError:
                continue
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            return path
    except OSError as error:
        raise CommandError(
            CommandKind.FORBIDDEN, f"{folder / plain} could not be written: {error.strerror}."
        ) from error
    raise CommandError(CommandKind.EXISTS, f"{folder / plain} exists already, many times.")


_MOST_OF_ONE_NAME = 1000


def safe_name(name: str) -> str:
    """A name of a vault as one of a file or a folder on any system: no separators, no signs with a meaning."""
    plain = "".join(each if each.isprintable() and each not in '/\\:*?"<>|' else "_" for each in name)
    plain = plain.encode()[:_LONGEST_NAME].decode(errors="ignore").strip(" .")
    is_reserved = plain.partition(".")[0].casefold() in _RESERVED
    return f"_{plain}" if is_reserved or not plain else plain


def _numbered(name: str, number: int) -> str:
    stem, dot, ending = name.rpartition(".")
    return f"{stem} ({number}){dot}{ending}" if stem else f"{name} ({number})"
