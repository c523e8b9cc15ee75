"""What the vault holds of the storage at one moment, sorted: records of ours, those that cannot be used, leftovers."""

import hashlib
import hmac
from dataclasses import dataclass, field

from keeperdb.errors import VaultError, VaultReason
from keeperdb.keychain import Secret
from keeperdb.vault.contents import Json, VaultContents, VaultFolder, VaultRecord
from keeperdb.vault.storage_content import PASSWORD
from keeperdb.vault.storage_documents import FieldValues
from keeperdb.vault.storage_folder import check_writable, storage_folders
from keeperdb.vault.storage_heads import Stored
from keeperdb.vault.storage_marks import has_marks, read_local_id, read_marks
from keeperdb.vault.storage_memory import Memory
from keeperdb.vault.storage_model import FOLDER_NAME, PREFERENCES_ID, RecordKind, StorageFailure
from keeperdb.vault.storage_plan import Base
from keeperdb.vault.storage_preferences import RECORD_TYPE, Preferences, read_preferences
from keeperdb.vault.storage_records import PAM_USER, Reading, read_record, read_unchanged, user_uid_of


@dataclass(slots=True)
class View:
    """The storage's folder with everything in it that is ours.

    `frozen` are local ids that must be left alone, with the reason. `is_partial`: some record could not be read, so
    that what is missing may still be there. `strays` are PAM Users of ours that no record names, by uid, with the id
    of the machine that wrote them.
    """

    root: VaultFolder
    folder: VaultFolder
    key: bytes = field(repr=False)
    readings: dict[str, Reading] = field(default_factory=dict)
    stored: dict[str, list[Stored]] = field(default_factory=dict)
    frozen: dict[str, StorageFailure] = field(default_factory=dict)
    problems: list[StorageFailure] = field(default_factory=list)
    preferences: dict[str, Preferences] = field(default_factory=dict)
    damaged_preferences: list[str] = field(default_factory=list)
    preferences_documents: dict[str, Json] = field(default_factory=dict)
    strays: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    is_partial: bool = False

    @property
    def key_id(self) -> str:
        return hmac.new(self.key, b"id", hashlib.sha256).hexdigest()[:16]

    def has_password(self, digest: str) -> bool:
        """Whether a record holds the password with that digest."""
        return bool(digest) and any(
            each.stored is not None and each.stored.content.get(PASSWORD) == digest for each in self.readings.values()
        )

    def digest(self, password: Secret) -> str:
        """Tells passwords apart, and means nothing without the key of the shared folder."""
        return hmac.new(self.key, password.reveal().encode(errors="surrogatepass"), hashlib.sha256).hexdigest()[:32]


def look(contents: VaultContents, memory: Memory) -> View:
    """Raises `VaultError` where the folder is gone, empty beyond belief, or must not be changed."""
    root, folder = _find_folder(contents, memory)
    check_writable(root)
    view = View(root, folder, _digest_key(root))
    if root.uid != memory.shared_folder_uid:
        view.notices.append(f"The folder {FOLDER_NAME} was moved to “{root.name or root.uid}”; it is used there.")
    _read_all(view, contents, memory)
    is_empty = not view.readings and not view.preferences and not view.damaged_preferences
    if is_empty and memory.base and not view.is_partial:
        raise VaultError(
            VaultReason.NO_RECORDS,
            f"The folder {FOLDER_NAME} no longer holds anything of this machine's storage. Nothing was changed here.",
            "If its records were deleted on purpose, switch storage off and on again: all is written anew.",
        )
    return view


def _find_folder(contents: VaultContents, memory: Memory) -> tuple[VaultFolder, VaultFolder]:
    folder = contents.folders.get(memory.folder_uid)
    if folder is None:
        folder = _folder_with_ours(contents, memory)
    root = contents.root(folder.uid) if folder is not None else None
    if folder is None or root is None:
        raise VaultError(
            VaultReason.NOT_FOUND,
            f"The folder {FOLDER_NAME} is no longer shared with this application. Nothing was changed here.",
            "If it was moved, share the folder it is in, with Can Edit. If it was deleted, switch storage off and on "
            "again: all is written anew.",
        )
    return root, folder


def _folder_with_ours(contents: VaultContents, memory: Memory) -> VaultFolder | None:
    """Another folder of that name that holds what this machine knows; two machines may each have made one."""
    for folder in storage_folders(contents, memory.shared_folder_uid):
        for record in contents.records.values():
            is_in = record.inner_folder_uid == folder.uid and record.content is not None
            if is_in and read_local_id(FieldValues(record.content or {})) in memory.base:
                return folder
    return None


def _read_all(view: View, contents: VaultContents, memory: Memory) -> None:
    known = {base.uid: local_id for local_id, base in memory.base.items()}
    folders = {folder.uid for folder in storage_folders(contents, view.root.uid)} | {view.folder.uid}
    users = set()
    for record in contents.records.values():
        is_in_folder = record.inner_folder_uid in folders
        if record.content is None:
            _note_unreadable(
                view, record, known.get(record.uid, ""), is_in_folder=is_in_folder or not record.folder_uid
            )
            continue
        if _is_unchanged(record, known.get(record.uid, ""), memory):
            _take(view, record, read_unchanged(record, known[record.uid], memory.base[known[record.uid]]))
            continue
        fields = FieldValues(record.content)
        if record.uid not in known and not (is_in_folder and has_marks(fields)):
            continue
        if record.type == RECORD_TYPE or read_local_id(fields) == PREFERENCES_ID:
            _read_preferences(view, record)
        elif record.type == PAM_USER:
            marks = read_marks(fields)
            view.strays[record.uid] = marks.machine_id if marks else ""
        else:
            users.add(user_uid_of(fields))
            _read_connection(view, record, fields, contents, known.get(record.uid, ""), memory)
    for uid in users:
        view.strays.pop(uid, None)
    _read_crowds(view, contents, memory)


def _is_unchanged(record: VaultRecord, local_id: str, memory: Memory) -> bool:
    """Whether it is the very record that the last sync saw, of a type that says everything by itself."""
    is_plain = bool(local_id) and record.type == RecordKind.DATABASE
    return is_plain and memory.base[local_id].digest == record.digest


def _read_crowds(view: View, contents: VaultContents, memory: Memory) -> None:
    """Where several records have one id, all that they say about themselves counts."""
    for local_id, versions in list(view.stored.items()):
        if len(versions) > 1:
            del view.stored[local_id]
            for each in versions:
                record = contents.records[each.uid]
                known_id = local_id if memory.base.get(local_id, Base({}, "")).uid == each.uid else ""
                _read_connection(view, record, FieldValues(record.content or {}), contents, known_id, memory)


def _read_connection(
    view: View, record: VaultRecord, fields: FieldValues, contents: VaultContents, known_id: str, memory: Memory
) -> None:
    user = contents.records.get(user_uid_of(fields))
    base = memory.base[known_id].content if known_id else None
    reading = read_record(record, fields, user, view.digest, known_id, base)
    _take(view, record, reading)


def _take(view: View, record: VaultRecord, reading: Reading) -> None:
    if reading.stored is not None:
        view.readings[record.uid] = reading
        view.stored.setdefault(reading.local_id, []).append(reading.stored)
        return
    failure = StorageFailure(record.title or record.uid, reading.problem, reading.hint)
    view.problems.append(failure)
    if reading.local_id:
        view.frozen[reading.local_id] = failure


def _note_unreadable(view: View, record: VaultRecord, local_id: str, *, is_in_folder: bool) -> None:
    if not local_id and not is_in_folder:
        return
    view.is_partial = True
    failure = StorageFailure(
        record.uid,
        f"The record {record.uid} could not be decrypted. What is missing is not taken for deleted.",
        "In the vault, remove it from the shared folder and add it anew.",
    )
    view.problems.append(failure)
    if local_id:
        view.frozen[local_id] = failure


def _read_preferences(view: View, record: VaultRecord) -> None:
    document = record.content or {}
    found = read_preferences(document)
    view.preferences_documents[record.uid] = document
    if found is None:
        view.damaged_preferences.append(record.uid)
        view.notices.append("The preferences record was damaged in the vault; it is written anew.")
    else:
        view.preferences[record.uid] = found


def _digest_key(root: VaultFolder) -> bytes:
    return hmac.new(root.key or b"", b"KeeperDB storage: digests of passwords", hashlib.sha256).digest()
