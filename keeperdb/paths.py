"""Where files live: one folder when `KEEPERDB_HOME` or `--home` says so, the platform's own places otherwise."""

import contextlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from keeperdb.errors import StoreError

_APP = "KeeperDB"


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


def _sync_folder(folder: Path) -> None:
    """Make a rename in `folder` durable, where the platform can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
