"""The local connections of one user: one JSON file that several windows may write."""

import json
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from keeperdb.connections.encoding import decode_profile, encode_profile, unknown_fields
from keeperdb.connections.profile import ConnectionProfile
from keeperdb.errors import NotFoundError, StoreError
from keeperdb.paths import locked, set_aside, write_atomically

_VERSION = 1

Entry = dict[str, Any]
Change = Callable[[list[Any]], None]  # edits the entries in place


class ConnectionStore:
    """Local connections, as they were when the file was last read or written.

    Nothing is read before `reload`. Each change reads the file again under a lock and touches only its own
    connection, so that two windows lose nothing of each other. Fields, and whole entries, that this version does not
    understand are kept. What is wrong with the file is said in `warnings`, one sentence each.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._stamp: tuple[int, ...] | None = None
        self._profiles: dict[str, ConnectionProfile] = {}
        self._removed: dict[str, Entry] = {}
        self._is_newer = False
        self.warnings: list[str] = []

    @property
    def path(self) -> Path:
        return self._path

    @property
    def is_read_only(self) -> bool:
        """Whether a newer version of the program wrote the file, so that this one must not."""
        return self._is_newer

    def all(self) -> list[ConnectionProfile]:
        """The connections in the order of the file. Reads memory only."""
        return list(self._profiles.values())

    def get(self, profile_id: str) -> ConnectionProfile:
        """The connection with that id. Raises `NotFoundError`. Reads memory only."""
        profile = self.find(profile_id)
        if profile is None:
            raise _gone()
        return profile

    def find(self, profile_id: str) -> ConnectionProfile | None:
        """The connection with that id, or None. Reads memory only."""
        return self._profiles.get(profile_id)

    def reload(self) -> bool:
        """Read the file if it changed since; return whether it did. Raises `StoreError` if it cannot be read."""
        with self._lock:
            stamp = self._read_stamp()  # before reading: what is written in between is seen by the next call
            if stamp == self._stamp:
                return False
            before = self._profiles
            self._take(self._read(), stamp)
            return self._profiles != before

    def save(self, profile: ConnectionProfile) -> None:
        """Add the connection, or replace the one with its id.

        Raises `StoreError`, and `SettingsError` if an option would hold a password.
        """
        self.save_many([profile])

    def save_many(self, profiles: Iterable[ConnectionProfile]) -> None:
        """Save all of them at once, or none."""
        encoded = [encode_profile(profile) for profile in profiles]

        def put(entries: list[Any]) -> None:
            for new in encoded:
                index = _index_of(entries, new["id"])
                if index is None:
                    entries.append(new | unknown_fields(self._removed.get(new["id"], {})))
                else:
                    entries[index] = new | unknown_fields(entries[index])

        self._change(put)

    def remove(self, profile_id: str) -> ConnectionProfile:
        """Remove and return the connection; `save` brings it back whole. Raises `NotFoundError`, `StoreError`."""
        removed: list[Entry] = []

        def cut(entries: list[Any]) -> None:
            index = _index_of(entries, profile_id)
            if index is not None:
                removed.append(entries.pop(index))

        self._change(cut)
        if not removed:
            raise _gone()
        self._removed[profile_id] = removed[0]
        return decode_profile(removed[0])

    def _change(self, change: Change) -> None:
        with self._lock, locked(self._path):
            document = self._read()
            if _is_newer(document):
                self._take(document, self._read_stamp())
                raise StoreError(
                    f"{self._path} was written by a newer version of KeeperDB and is not changed by this one.",
                    "Install the newer version.",
                )
            change(document["connections"])
            content = json.dumps(document | {"version": _VERSION}, indent=2, ensure_ascii=False)
            write_atomically(self._path, content.encode(errors="surrogatepass"))
            self._take(document, self._read_stamp())

    def _take(self, document: dict[str, Any], stamp: tuple[int, ...]) -> None:
        """Make the document what `all` shows. The new list replaces the old one at once, so readers need no lock."""
        profiles: dict[str, ConnectionProfile] = {}
        for entry in document["connections"]:
            try:
                profile = decode_profile(entry)
            except ValueError as error:
                self._warn(f"{self._path.name}: a connection was left out: {error}.")
                continue
            if profile.id in profiles:
                self._warn(f"{self._path.name}: “{profile.name}” has the same id as another and was left out.")
                continue
            profiles[profile.id] = profile
        self._is_newer = _is_newer(document)
        if self._is_newer:
            self._warn(
                f"{self._path} was written by a newer version of KeeperDB. Connections can be opened but not changed."
            )
        self._profiles = profiles
        self._stamp = stamp

    def _read(self) -> dict[str, Any]:
        """The document; an empty one if there is no file, or it was damaged and is set aside."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return {"connections": []}
        except OSError as error:
            raise StoreError(
                f"{self._path} could not be read: {error.strerror}.", "Check its permissions, then try again."
            ) from error
        try:
            document = json.loads(content.decode(errors="surrogatepass"))
            if not isinstance(document, dict) or not isinstance(document.get("connections"), list):
                raise ValueError("not a list of connections")
        except (ValueError, RecursionError):
            aside = set_aside(self._path, content)
            if aside is None:  # another window has written it anew
                return self._read()
            self._warn(f"The connections could not be read. The file was set aside as {aside}; the list starts empty.")
            return {"connections": []}
        return document

    def _read_stamp(self) -> tuple[int, ...]:
        try:
            found = self._path.stat()
        except OSError:
            return ()
        return (found.st_ino, found.st_mtime_ns, found.st_size)

    def _warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)


def _gone() -> NotFoundError:
    return NotFoundError("This connection does not exist any more.", "Refresh the list.")


def _is_newer(document: dict[str, Any]) -> bool:
    version = document.get("version", _VERSION)
    return not isinstance(version, int) or version > _VERSION


def _index_of(entries: list[Any], profile_id: str) -> int | None:
    return next(
        (index for index, entry in enumerate(entries) if isinstance(entry, dict) and entry.get("id") == profile_id),
        None,
    )
