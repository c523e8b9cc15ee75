"""The words of the storage sync: what a person is shown of it, and answers with."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

FOLDER_NAME = "KeeperDB Storage"
PREFERENCES_ID = "preferences"  # the local id of the one record that holds the preferences


class RecordKind(StrEnum):
    """The record type that a connection is kept as."""

    DATABASE = "databaseCredentials"
    PAM_DATABASE = "pamDatabase"  # with a linked *PAM User* that holds login and password

    @property
    def label(self) -> str:
        """Keeper's name for it."""
        return "Database" if self is RecordKind.DATABASE else "PAM Database"


@dataclass(frozen=True, slots=True)
class StorageTarget:
    """A shared folder of an attached vault. One that is not offered says why in `reason`.

    `has_storage`: there is a folder *KeeperDB Storage* in it already. `note` is worth knowing before choosing it.
    """

    vault_id: str
    vault_name: str
    shared_folder_uid: str = ""
    shared_folder_name: str = ""
    has_storage: bool = False
    reason: str = ""
    note: str = ""

    @property
    def is_offered(self) -> bool:
        return not self.reason


@dataclass(frozen=True, slots=True)
class OfferedConnection:
    """A connection in the vault; `is_here` says that this machine has it."""

    local_id: str
    name: str
    engine: str
    address: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class StorageOffer:
    """What is found in a vault's *KeeperDB Storage*. Choose by `local_id`; `PREFERENCES_ID` are the preferences."""

    connections: tuple[OfferedConnection, ...] = ()
    has_preferences: bool = False
    warnings: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.connections and not self.has_preferences

    @property
    def text(self) -> str:
        """Such as `43 connections and your preferences`."""
        count = len(self.connections)
        parts = [f"{count} connection{'' if count == 1 else 's'}"] if count or not self.has_preferences else []
        if self.has_preferences:
            parts.append("your preferences")
        return " and ".join(parts)


class ChangeKind(StrEnum):
    WRITE = "write"  # a record in the vault
    DELETE = "delete"  # a record in the vault
    SAVE = "save"  # a connection or preferences on this machine
    REMOVE = "remove"  # a connection on this machine
    NOTE = "note"  # nothing happens, but a person should know


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One thing that a sync would do, or will not touch and why, as one sentence."""

    kind: ChangeKind
    text: str


@dataclass(frozen=True, slots=True)
class DeletionQuestion:
    """Connections that a sync would delete, by name; it waits for an answer because there are many of them."""

    in_vault: tuple[str, ...] = ()
    here: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        parts = [
            f"{len(names)} connection{'' if len(names) == 1 else 's'} {where}"
            for names, where in ((self.in_vault, "from the vault"), (self.here, "from this machine"))
            if names
        ]
        return f"The sync would delete {' and '.join(parts)}."


@dataclass(frozen=True, slots=True)
class StoragePlan:
    """What the next sync would do. `writes` counts the records it would write."""

    lines: tuple[PlanLine, ...] = ()
    writes: int = 0
    question: DeletionQuestion | None = None

    @property
    def is_empty(self) -> bool:
        return all(line.kind is ChangeKind.NOTE for line in self.lines)


@dataclass(frozen=True, slots=True)
class StorageFailure:
    """One thing that could not be synced, named, with the reason and what to do."""

    name: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a sync did: counts of records in the vault and of connections on this machine.

    `is_deferred`: another sync was running; it goes over everything once more when it is done.
    """

    written: int = 0
    deleted: int = 0
    saved: int = 0
    removed: int = 0
    failures: tuple[StorageFailure, ...] = ()
    notices: tuple[str, ...] = ()
    question: DeletionQuestion | None = None
    is_deferred: bool = False

    @property
    def text(self) -> str:
        """One sentence."""
        if self.is_deferred:
            return "A sync is running; it goes over everything once more."
        counts = (
            (self.written, "written to the vault"),
            (self.deleted, "deleted from the vault"),
            (self.saved, "saved here"),
            (self.removed, "removed here"),
        )
        done = ", ".join(f"{count} {what}" for count, what in counts if count)
        return f"{done[:1].upper()}{done[1:]}." if done else "Everything is up to date."


@dataclass(frozen=True, slots=True)
class StorageState:
    """How the storage stands, from memory.

    `pending` counts what was changed here since the last sync, `left_out` what the vault has and this machine has
    not taken over. `error` is why the last sync did not finish. `last_sync` is in UTC.
    """

    is_supported: bool = True
    is_enabled: bool = False
    is_running: bool = False
    vault_id: str = ""
    vault_name: str = ""
    shared_folder_uid: str = ""
    shared_folder_name: str = ""
    folder_uid: str = ""
    record_kind: RecordKind = RecordKind.DATABASE
    last_sync: datetime | None = None
    pending: int = 0
    stored: int = 0
    left_out: int = 0
    failures: tuple[StorageFailure, ...] = ()
    notices: tuple[str, ...] = ()
    error: str = ""
    error_hint: str = ""
    question: DeletionQuestion | None = None

    @property
    def folder_path(self) -> str:
        """Such as `Team / KeeperDB Storage`."""
        return f"{self.shared_folder_name} / {FOLDER_NAME}" if self.shared_folder_name else FOLDER_NAME


Selection = Collection[str]
