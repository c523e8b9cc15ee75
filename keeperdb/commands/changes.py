"""Changes to a vault, each visible at once to every caller of the same `VaultState`."""

import mimetypes
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from keeperdb.commands.snapshot import ROOT
from keeperdb.commands.vault_state import VaultState
from keeperdb.errors import CommandError, CommandKind, VaultError, VaultReason
from keeperdb.task import Task
from keeperdb.vault.contents import Json, VaultContents, VaultFile, VaultFolder, VaultRecord

if TYPE_CHECKING:
    from keeperdb.vault.writing import WritingClient

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
        record = _read_record(client, uid, task)
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
    from keeperdb.vault.file_transfer import send_file

    with state.writing(task) as (client, show):
        record = _read_record(client, uid, task)
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        file = VaultFile(
            client.new_uid(), name, name, len(content), media_type, datetime.now(UTC), client.new_key(), ""
        )
        document = _with_reference(record.content or {}, file.uid)
        upload = client.announce_file(record, document, file, content, task)
        try:
            send_file(upload, client.server, task)
        except BaseException:
            _take_back(client, uid, file.uid)
            raise
        changed = replace(record, content=document, files=(*record.files, file))
        show(_with_record(state.contents.contents, changed))
        return file


def detach_files(state: VaultState, uid: str, file_uids: Collection[str], task: Task) -> None:
    """Delete files of a record. Raises `VaultError`."""
    with state.writing(task) as (client, show):
        record = _read_record(client, uid, task)
        changed = _detach(client, record, file_uids, task)
        show(_with_record(state.contents.contents, changed))


def fetch_files(
    state: VaultState, uid: str, task: Task, wanted: Callable[[VaultFile], bool]
) -> list[tuple[VaultFile, bytes]]:
    """The wanted files of a record with their contents. Raises `VaultError`."""
    with state.writing(task) as (client, _):
        record = _read_record(client, uid, task)
        return [(file, _fetch(client, file, task)) for file in record.files if wanted(file)]


def _fetch(client: "WritingClient", file: VaultFile, task: Task) -> bytes:
    from keeperdb.vault.file_transfer import fetch_file

    return client.open_file(file, fetch_file(file.url, client.server, task))


def _read_record(client: "WritingClient", uid: str, task: Task) -> VaultRecord:
    """The record as it is in the vault now, which a change must be made from."""
    record = client.read(task, [uid]).records.get(uid)
    if record is None:
        raise VaultError(VaultReason.NOT_FOUND, f"Record {uid} is no longer shared with this application.")
    return record


def _take_back(client: "WritingClient", uid: str, file_uid: str) -> None:
    """Whatever became of the upload, the record is not to name a file that has no content."""
    task = Task()  # the caller's may be the one that was stopped
    try:
        _detach(client, _read_record(client, uid, task), [file_uid], task)
    except VaultError:
        return  # the entry stays; the vault shows it as a file without content


def _detach(client: "WritingClient", record: VaultRecord, file_uids: Collection[str], task: Task) -> VaultRecord:
    document = _without_references(record.content or {}, file_uids)
    client.update_record(record, document, task, list(file_uids))
    files = tuple(file for file in record.files if file.uid not in file_uids)
    return replace(record, content=document, files=files)


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


def _with_reference(content: Json, file_uid: str) -> dict[str, Any]:
    fields = [dict(field) if isinstance(field, dict) else field for field in content.get("fields") or []]
    for field in fields:
        if isinstance(field, dict) and field.get("type") == "fileRef":
            field["value"] = [*(field.get("value") or []), file_uid]
            break
    else:
        fields.append({"type": "fileRef", "value": [file_uid]})
    return {**content, "fields": fields}


def _without_references(content: Json, file_uids: Collection[str]) -> dict[str, Any]:
    def cleaned(fields: object) -> object:
        if not isinstance(fields, list):
            return fields
        return [
            {**field, "value": [uid for uid in field["value"] if uid not in file_uids]}
            if isinstance(field, dict) and field.get("type") == "fileRef" and isinstance(field.get("value"), list)
            else field
            for field in fields
        ]

    return {name: cleaned(value) if name in ("fields", "custom") else value for name, value in content.items()}
