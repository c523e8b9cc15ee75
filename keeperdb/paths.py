"""Where files live: one folder when `KEEPERDB_HOME` or `--home` says so, the platform's own places otherwise."""

import contextlib
import glob
import itertools
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from keeperdb.errors import StoreError

_APP = "KeeperDB"
_LOCK_TIMEOUT = 10.0  # seconds; a writer holds a lock for milliseconds, so longer means that something is wrong


@dataclass(frozen=True, slots=True)
class Paths:
    """The four folders of one user on one machine. They are made on demand, readable by that user only."""

    config: Path
    data: Path
    cache: Path
    logs: Path

    @classmethod
    def under(cls, home: Path) -> "Paths":
        """Everything below one folder."""
        home = home.expanduser().absolute()
        return cls(home / "config", home / "data", home / "cache", home / "logs")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ, home: Path | None = None) -> "Paths":
        """`home`, else `KEEPERDB_HOME`, else the platform's places."""
        if home is not None:
            return cls.under(home)
        if environment.get("KEEPERDB_HOME"):
            return cls.under(Path(environment["KEEPERDB_HOME"]))
        from platformdirs import PlatformDirs

        places = PlatformDirs(_APP.lower() if os.name == "posix" else _APP, appauthor=False)
        return cls(places.user_config_path, places.user_data_path, places.user_cache_path, places.user_log_path)

    def make(self) -> None:
        """Create the folders. Raises `StoreError` where that is not possible."""
        for folder in (self.config, self.data, self.cache, self.logs):
            make_private_folder(folder)


def make_private_folder(folder: Path) -> None:
    """Create `folder` for this user only. Raises `StoreError` where that is not possible."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The folder {folder} could not be created: {error.strerror}.",
            "Check its permissions, or choose another with --home.",
        ) from error


def write_atomically(path: Path, content: bytes) -> None:
    """Replace `path` by `content` so that a reader, or a crash at any point, sees the old or the new whole file.

    The file is readable by this user only. Raises `StoreError`.
    """
    make_private_folder(path.parent)
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise StoreError(
            f"{path} could not be written: {error.strerror}.", "Check free space and permissions, then try again."
        ) from error


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep every other thread and process that asks for the same `path` out until the block is left.

    Half-written copies that a killed writer left beside `path` are removed. Raises `StoreError` when another
    process keeps it for more than ten seconds, or the folder cannot be written.
    """
    import filelock  # only here: importing it takes longer than reading all of our files

    make_private_folder(path.parent)
    lock = filelock.FileLock(f"{path}.lock", timeout=_LOCK_TIMEOUT)
    try:
        lock.acquire()
    except filelock.Timeout as error:
        raise StoreError(f"{path} is in use by another program.", "Close other windows, then try again.") from error
    except OSError as error:
        raise StoreError(
            f"{path} could not be locked: {error.strerror}.", "Check the permissions of its folder."
        ) from error
    try:
        for leftover in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
            leftover.unlink(missing_ok=True)
        yield
    finally:
        lock.release()


def set_aside(path: Path, damaged: bytes) -> Path | None:
    """Rename a file that holds the `damaged` content so that nothing overwrites it; return its new name.

    None, and nothing happens, if another process has put something else there in the meantime. Raises `StoreError`.
    """
    try:
        if path.read_bytes() != damaged:
            return None
        for number in itertools.count(1):
            aside = path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")
            if not aside.exists():
                path.rename(aside)
                return aside
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(
            f"{path} is damaged and could not be set aside: {error.strerror}.", "Move it away, then start again."
        ) from error
    return None


def _sync_folder(folder: Path) -> None:
    """Make a rename in `folder` durable, where the platform can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
