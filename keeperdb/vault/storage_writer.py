"""Writes one connection, or the preferences, as new records, with the password from where it is kept."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property

from keeperdb.errors import KeychainError, KeychainReason, VaultError, VaultReason
from keeperdb.keychain import Secret
from keeperdb.task import Task
from keeperdb.vault.contents import Json
from keeperdb.vault.storage_content import PASSWORD, Content, profile_of
from keeperdb.vault.storage_documents import FieldValues
from keeperdb.vault.storage_marks import Marks
from keeperdb.vault.storage_memory import Memory
from keeperdb.vault.storage_model import RecordKind
from keeperdb.vault.storage_plan import Base, Change
from keeperdb.vault.storage_preferences import Preferences, write_preferences
from keeperdb.vault.storage_records import (
    Reading,
    kind_for,
    profile_body,
    write_database,
    write_pam_database,
    write_pam_user,
)
from keeperdb.vault.storage_view import View
from keeperdb.vault.writing import WritingClient


class Passwords:
    """Passwords by digest: from records that were read, or from the keychain at the moment one is needed."""

    def __init__(self, view: View, contents: Mapping[str, Content], kept: Callable[[str], Secret | None]) -> None:
        self._view = view
        self._contents = contents
        self._kept = kept

    def find(self, digest: str) -> Secret:
        """Raises `KeychainError` if there is none."""
        found = self._read.get(digest) or self._from_keychain(digest)
        if found is None:
            raise KeychainError(
                KeychainReason.FAILED, "Its password is no longer the one that was compared.", "Sync once more."
            )
        return found

    def _from_keychain(self, digest: str) -> Secret | None:
        for local_id in self._holders.get(digest, ()):
            password = self._kept(local_id)
            if password and self._view.digest(password) == digest:
                return password
        return None

    @cached_property
    def _read(self) -> dict[str, Secret]:
        found = {}
        for reading in self._view.readings.values():
            digest = reading.stored.content.get(PASSWORD) if reading.stored is not None else None
            password = reading.password or Secret(FieldValues(reading.document).text("password"))
            if digest and password:
                found[str(digest)] = password
        return found

    @cached_property
    def _holders(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for local_id, content in self._contents.items():
            if PASSWORD in content:
                found.setdefault(content[PASSWORD], []).append(local_id)
        return found


class RecordWriter:
    """Makes the records of one sync."""

    def __init__(self, client: WritingClient, view: View, memory: Memory, passwords: Passwords, now: datetime) -> None:
        self._client = client
        self._view = view
        self._memory = memory
        self._passwords = passwords
        self._now = now.isoformat(timespec="seconds")

    def write(self, change: Change, result: Content, task: Task) -> Base:
        """Write the records of one connection; return what both sides hold then.

        One request, or two for a *PAM Database*. Raises `VaultError`, `KeychainError`.
        """
        profile = profile_of(change.local_id, result)
        digest = str(result.get(PASSWORD, ""))
        password = self._passwords.find(digest) if digest else None
        origins = [self._view.readings[uid] for uid in change.origins if uid in self._view.readings]
        _refuse_files(origins)
        carried = _first(origin.document for origin in origins)
        uid = self._client.new_uid()
        marks = Marks(
            change.local_id,
            uid,
            profile_body(profile, carried),
            digest,
            change.replaces,
            change.changed,
            self._memory.machine,
            self._memory.machine_id,
            self._now,
        )
        if kind_for(profile, self._memory.record_kind) is RecordKind.DATABASE:
            return Base(result, uid, self._create(uid, write_database(profile, password, marks, carried), task))
        user_uid = self._client.new_uid()
        user_marks = Marks(change.local_id, user_uid, {}, machine_id=self._memory.machine_id)
        user = write_pam_user(profile, password, user_marks, _first(origin.user_document for origin in origins))
        self._create(user_uid, user, task)
        self._create(uid, write_pam_database(profile, user_uid, marks, carried), task)
        return Base(result, uid)

    def write_preferences(self, preferences: Preferences, task: Task) -> str:
        """Write the preferences record; return its uid. Raises `VaultError`."""
        uid = self._client.new_uid()
        carried = _first(self._view.preferences_documents.values())
        self._create(uid, write_preferences(preferences, uid, self._memory.machine, self._now, carried), task)
        return uid

    def _create(self, uid: str, document: Json, task: Task) -> str:
        return self._client.write_record(uid, document, self._view.root, self._view.folder.uid, task)


def _first(documents: Iterable[Json]) -> Json:
    return next(iter(documents), {})


def _refuse_files(origins: Sequence[Reading]) -> None:
    """A record is written anew to change it, and the files of the old one would go with it."""
    if any(
        FieldValues(each).value("fileRef") for origin in origins for each in (origin.document, origin.user_document)
    ):
        raise VaultError(
            VaultReason.OTHER,
            "Its record has files attached, which would be lost with a new record; it was not written.",
            "In the vault, move the files to another record, then sync once more.",
        )
