"""When each connection was last opened: one small file beside the connections, and no loss if it goes."""

import json
import threading
from datetime import UTC, datetime
from pathlib import Path

from keeperdb.errors import StoreError
from keeperdb.paths import locked, set_aside, write_atomically

_VERSION = 1
_MOST = 5000  # entries; the longest unused go first


class ConnectionState:
    """Last-used times by profile id, of local and vault connections. Nothing is read before `reload`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._last_used: dict[str, datetime] = {}

    def last_used(self, profile_id: str) -> datetime | None:
        """In UTC; None if it was never opened. Reads memory only."""
        return self._last_used.get(profile_id)

    def reload(self) -> None:
        """Read the file. Raises `StoreError` if that is not possible."""
        with self._lock:
            self._last_used = self._read()

    def touch(self, profile_id: str) -> None:
        """Write down that the connection was opened now. Raises `StoreError`; memory has the time all the same."""
        now = datetime.now(UTC)
        with self._lock:
            self._last_used = self._last_used | {profile_id: now}
            with locked(self._path):
                times = self._read() | {profile_id: now}
                latest = sorted(times.items(), key=lambda pair: pair[1])[-_MOST:]
                write_atomically(self._path, _encode(dict(latest)))
                self._last_used = dict(latest)

    def _read(self) -> dict[str, datetime]:
        """The times in the file; none if there is no file or it is damaged, which is then set aside."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise StoreError(
                f"{self._path} could not be read: {error.strerror}.", "Check its permissions, then try again."
            ) from error
        try:
            times = json.loads(content)["last_used"]
            return {profile_id: datetime.fromisoformat(time).astimezone(UTC) for profile_id, time in times.items()}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
            set_aside(self._path, content)
            return {}


def _encode(times: dict[str, datetime]) -> bytes:
    document = {"version": _VERSION, "last_used": {profile_id: time.isoformat() for profile_id, time in times.items()}}
    return json.dumps(document, indent=2).encode()
