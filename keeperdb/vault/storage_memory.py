"""What this machine remembers of the storage between two syncs: one file without a secret in it."""

import json
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from keeperdb.errors import StoreError
from keeperdb.paths import locked, set_aside, write_atomically
from keeperdb.vault.storage_model import DeletionQuestion, RecordKind, StorageFailure
from keeperdb.vault.storage_plan import Base
from keeperdb.vault.storage_preferences import Preferences

_VERSION = 1
_TEXTS = (
    "vault_id",
    "shared_folder_uid",
    "shared_folder_name",
    "folder_uid",
    "machine",
    "machine_id",
    "key_id",
    "preferences_uid",
)


@dataclass(frozen=True, slots=True)
class LastRun:
    """How the last sync ended. An `error` is why it did not come to its end."""

    error: str = ""
    error_hint: str = ""
    failures: tuple[StorageFailure, ...] = ()
    notices: tuple[str, ...] = ()
    question: DeletionQuestion | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """Where the storage is, and how both sides were after the last sync.

    `touched` are local ids that were saved or removed here since, and when; `forgotten` those among them whose
    password was removed; `settings_changed` are settings and when they were set.
    `key_id` tells which key the digests of passwords were made with. `orphans` are uids of PAM Users that nothing
    named at the last look.
    """

    vault_id: str
    shared_folder_uid: str
    shared_folder_name: str
    folder_uid: str
    record_kind: RecordKind
    machine: str
    machine_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    last_sync: datetime | None = None
    key_id: str = ""
    base: Mapping[str, Base] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()
    orphans: frozenset[str] = frozenset()
    touched: Mapping[str, str] = field(default_factory=dict)
    forgotten: frozenset[str] = frozenset()
    settings_changed: Mapping[str, str] = field(default_factory=dict)
    last_run: LastRun = LastRun()
    preferences: Preferences = field(default_factory=dict)
    preferences_uid: str = ""

    def without_touched(self, seen: Mapping[str, str]) -> "Memory":
        """Forget what a sync has taken care of, except for what was touched again in the meantime."""
        rest = {name: at for name, at in self.touched.items() if seen.get(name) != at}
        return replace(self, touched=rest, forgotten=self.forgotten & rest.keys())

    def without_changed(self, seen: Mapping[str, str]) -> "Memory":
        """The same for settings."""
        rest = {name: at for name, at in self.settings_changed.items() if seen.get(name) != at}
        return replace(self, settings_changed=rest)


class MemoryFile:
    """The memory, in a file that several windows may change. Without a file the storage is off."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._stamp: tuple[int, ...] | None = None
        self.current: Memory | None = None
        self.warnings: list[str] = []

    @property
    def path(self) -> Path:
        return self._path

    def reload(self) -> bool:
        """Read the file; return whether it holds something else than before. Raises `StoreError`."""
        with self._lock:
            before, self.current = self.current, self._read()
            return before is not self.current and before != self.current

    def begin(self, memory: Memory) -> None:
        """Write the first memory. Raises `StoreError`."""
        with self._lock, locked(self._path):
            self._write(memory)

    def change(self, change: Callable[[Memory], Memory]) -> Memory | None:
        """Let `change` make a new memory of what the file holds now; None if the storage was switched off."""
        with self._lock, locked(self._path):
            memory = self._read()
            if memory is not None:
                changed = change(memory)
                if changed is not memory:
                    self._write(changed)
                memory = changed
            self.current = memory
            return memory

    def end(self) -> None:
        """Forget everything. Raises `StoreError`."""
        with self._lock, locked(self._path):
            try:
                self._path.unlink(missing_ok=True)
            except OSError as error:
                raise StoreError(f"{self._path} could not be deleted: {error.strerror}.") from error
            self.current, self._stamp = None, None

    def _write(self, memory: Memory) -> None:
        write_atomically(self._path, _encode(memory))
        self.current, self._stamp = memory, self._look()

    def _look(self) -> tuple[int, ...] | None:
        """Changes when the file does; None if there is none."""
        try:
            found = self._path.stat()
        except OSError:
            return None
        return (found.st_ino, found.st_mtime_ns, found.st_size)

    def _read(self) -> Memory | None:
        stamp = self._look()  # before reading: what is written in between is seen by the next call
        if stamp is not None and stamp == self._stamp:
            return self.current
        self._stamp = stamp
        return self._load()

    def _load(self) -> Memory | None:
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"{self._path} could not be read: {error.strerror}.", "Check its permissions.") from error
        try:
            found = json.loads(content)
            if found["version"] != _VERSION:
                self._warn(f"{self._path} was written by another version of KeeperDB. Storage is off in this one.")
                return None
            return _decode(found)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            aside = set_aside(self._path, content)
            if aside is None:  # another window has written it anew
                return self._load()
            self._warn(f"The state of the storage was damaged and set aside as {aside}. Switch it on again.")
            return None

    def _warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)


def _encode(memory: Memory) -> bytes:
    found = {
        "version": _VERSION,
        **{name: getattr(memory, name) for name in _TEXTS},
        "record_kind": memory.record_kind.value,
        "last_sync": memory.last_sync.isoformat() if memory.last_sync else None,
        "base": {local_id: [base.uid, base.digest, dict(base.content)] for local_id, base in memory.base.items()},
        "left_out": sorted(memory.left_out),
        "orphans": sorted(memory.orphans),
        "forgotten": sorted(memory.forgotten),
        "last_run": asdict(memory.last_run),
        "touched": dict(memory.touched),
        "settings_changed": dict(memory.settings_changed),
        "preferences": {name: list(dated) for name, dated in memory.preferences.items()},
    }
    return json.dumps(found, separators=(",", ":")).encode()


def _decode(found: Any) -> Memory:
    last_sync = found["last_sync"]
    return Memory(
        **{name: str(found[name]) for name in _TEXTS},
        record_kind=RecordKind(found["record_kind"]),
        last_sync=datetime.fromisoformat(last_sync) if last_sync else None,
        base={
            local_id: Base(dict(content), str(uid), str(digest))
            for local_id, (uid, digest, content) in found["base"].items()
        },
        left_out=frozenset(found["left_out"]),
        orphans=frozenset(found["orphans"]),
        touched=dict(found["touched"]),
        forgotten=frozenset(found["forgotten"]),
        last_run=_decode_run(found["last_run"]),
        settings_changed=dict(found["settings_changed"]),
        preferences={name: (value, str(at)) for name, (value, at) in found["preferences"].items()},
    )


def _decode_run(found: Any) -> LastRun:
    question = found["question"]
    return LastRun(
        str(found["error"]),
        str(found["error_hint"]),
        tuple(StorageFailure(**each) for each in found["failures"]),
        tuple(map(str, found["notices"])),
        DeletionQuestion(tuple(question["in_vault"]), tuple(question["here"])) if question else None,
    )
