"""Changes to a vault, each visible at once to every caller of the same `VaultState`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from keeperdb.commands.snapshot import ROOT
from keeperdb.commands.vault_state import VaultState
from keeperdb.errors import CommandError, CommandKind
from keeperdb.task import Task
from keeperdb.vault import record_files
from keeperdb.vault.contents import Json, VaultContents, VaultFile, VaultFolder, VaultRecord

Edit = Callable[[dict[str, Any]], Mapping[str, Any]]
_READ_ONLY = "In the vault, set the application's permission for the shared folder to Can Edit."


def add_record(state: VaultState, document: Json, folder_uid: str, task: Task) -> VaultRecord:
    """Add a record to a folder. Raises `VaultError`, and `CommandError` for the root, which holds none."""
    with state.writing(task) as (client, show):
        contents = state.contents.contents
        root = _root(contents, folder_uid)
        uid = client.new_uid()
        digest = client.write_record(uid, document, root, folder_uid, task)
        inner = folder_uid if folder_uid != root.uid else ""
        record = VaultRecord(uid, document, root.uid, inner, digest=digest, is_editable=True)
        show(_with_record(contents, record))
        return record


def change_record(state: VaultState, uid: str, edit: Edit, task: Task) -> None:
    """Let `edit` make new content of a record as it is in the vault now. Raises `VaultError`."""
    with state.writing(task) as (client, show):
        record = record_files.read_record(client, uid, task)
        document = edit(dict(record.content or {}))
        digest = client.update_record(record, document, task)
        show(_with_record(state.contents.contents, replace(record, content=document, digest=digest)))


def remove_records(state: VaultState, uids: Sequence[str], task: Task) -> dict[str, str]:
    """Delete records; return why not for each that stays. Raises `VaultError`."""
    with state.writing(task) as (client, show):
        refusals = client.remove_records(uids, task)
        show(_without(state.contents.contents, set(uids) - refusals.keys(), ()))
        return refusals


def add_folder(state: VaultState, name: str, parent_uid: str, task: Task) -> VaultFolder:
    """Make a folder in another. Raises `VaultError`, and `CommandError` in the root."""
    with state.writing(task) as (client, show):
        contents = state.contents.contents
        folder = client.add_folder(name, _root(contents, parent_uid), parent_uid, task)
        show(replace(contents, folders={**contents.folders, folder.uid: folder}))
        return folder


def rename_folder(state: VaultState, folder: VaultFolder, name: str, task: Task) -> None:
    """Give a folder that is not a shared one another name. Raises `VaultError`."""
    with state.writing(task) as (client, show):
        client.rename_folder(folder, name, task)
        contents = state.contents.contents
        show(replace(contents, folders={**contents.folders, folder.uid: replace(folder, name=name)}))


def remove_folders(state: VaultState, uids: Sequence[str], task: Task) -> dict[str, str]:
    """Delete folders with everything in them; return why not for each that stays. Raises `VaultError`."""
    with state.writing(task) as (client, show):
        refusals = client.remove_folders(uids, task)
        snapshot = state.contents
        gone = {below for uid in uids if uid not in refusals for below in snapshot.below(uid)}
        records = {each.uid for each in snapshot.contents.records.values() if snapshot.place_of(each) in gone}
        show(_without(snapshot.contents, records, gone))
        return refusals


def attach_file(state: VaultState, uid: str, name: str, content: bytes, task: Task) -> VaultFile:
    """Attach a file to a record. If its content does not arrive, its entry is taken back. Raises `VaultError`."""
    with state.writing(task) as (client, show):
        record = record_files.read_record(client, uid, task)
        file = record_files.new_file(client, name, content)
        try:
            changed = record_files.attach(client, record, file, content, task)
        except BaseException:
            record_files.take_back(client, uid, file)
            raise
        show(_with_record(state.contents.contents, changed))
        return file


def detach_files(state: VaultState, uid: str, file_uids: Collection[str], task: Task) -> None:
    """Delete files of a record. Raises `VaultError`."""
    with state.writing(task) as (client, show):
        record = record_files.read_record(client, uid, task)
        changed = record_files.detach(client, record, file_uids, task)
        show(_with_record(state.contents.contents, changed))


def fetch_files(
    state: VaultState, uid: str, task: Task, wanted: Callable[[VaultFile], bool]
) -> list[tuple[VaultFile, bytes]]:
    """The wanted files of a record with their contents. Raises `VaultError`."""
    with state.writing(task) as (client, _):
        record = record_files.read_record(client, uid, task)
        return [(file, record_files.fetch(client, file, task)) for file in record.files if wanted(file)]


def _root(contents: VaultContents, folder_uid: str) -> VaultFolder:
    root = contents.root(folder_uid) if folder_uid != ROOT else None
    if root is None:
        raise CommandError(
            CommandKind.FORBIDDEN,
            "A Secrets Manager application cannot write into the root of the vault.",
            "Name a shared folder that the application may edit, or a folder below one.",
        )
    if root.is_editable is False:
        raise CommandError(
            CommandKind.FORBIDDEN, f'The application may only view the shared folder "{root.name}".', _READ_ONLY
        )
    return root


def _with_record(contents: VaultContents, record: VaultRecord) -> VaultContents:
    return replace(contents, records={**contents.records, record.uid: record})


def _without(contents: VaultContents, records: Collection[str], folders: Collection[str]) -> VaultContents:
    return replace(
        contents,
        records={uid: each for uid, each in contents.records.items() if uid not in records},
        folders={uid: each for uid, each in contents.folders.items() if uid not in folders},
    )
