"""Temporary folders: what a process that was killed left behind is removed by a later one."""

import functools
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_PREFIX = "keeperdb-demo-"
_OWNER = ".owner"  # in the folder, and locked for as long as a process that made it lives
_NEW_SECONDS = 60.0  # in which its maker may not have locked it yet
_owners: dict[Path, BinaryIO] = {}


def make_temporary_folder(kind: str) -> Path:
    """A new private folder for `remove_temporary_folder`; `kind` is part of its name. Raises `OSError`."""
    _remove_abandoned()
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{kind}-"))
    if sys.platform != "win32":
        _owners[folder] = owner = (folder / _OWNER).open("xb")
        _lock(owner)
    return folder


def remove_temporary_folder(folder: Path) -> None:
    """Remove it with everything in it; what cannot be removed stays. May be called twice."""
    shutil.rmtree(folder, ignore_errors=True)
    owner = _owners.pop(folder, None)
    if owner is not None:
        owner.close()


@functools.cache  # once for each process
def _remove_abandoned() -> None:
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_OWNER}"):
        with suppress(OSError), _owning(path):
            shutil.rmtree(path.parent, ignore_errors=True)


@contextmanager
def _owning(path: Path) -> Iterator[None]:
    """Raises `OSError` where somebody owns the folder, or may be about to."""
    with path.open("rb") as owner:
        if time.time() - path.stat().st_mtime < _NEW_SECONDS:
            raise BlockingIOError("new")
        _lock(owner)
        yield


def _lock(file: BinaryIO) -> None:
    """Raises `OSError` while another process has the lock."""
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
