"""The files attached to one record: announced in the record, sent to where the vault says, and fetched from there."""

import mimetypes
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from keeperdb.errors import VaultError, VaultReason
from keeperdb.task import Task
from keeperdb.vault.contents import Json, VaultFile, VaultRecord

if TYPE_CHECKING:
    from keeperdb.vault.writing import WritingClient

_REFERENCES = "fileRef"  # the type of the field that names a record's files


def read_record(client: "WritingClient", uid: str, task: Task) -> VaultRecord:
    """One record as it is in the vault now, which a change must be made from. Raises `VaultError`."""
    record = client.read(task, [uid]).records.get(uid)
    if record is None:
        raise VaultError(VaultReason.NOT_FOUND, f"Record {uid} is no longer shared with this application.")
    return record


def new_file(client: "WritingClient", name: str, content: bytes) -> VaultFile:
    """A file that is attached to nothing yet."""
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return VaultFile(client.new_uid(), name, name, len(content), media_type, datetime.now(UTC), client.new_key(), "")


def attach(client: "WritingClient", record: VaultRecord, file: VaultFile, content: bytes, task: Task) -> VaultRecord:
    """Attach a new file; return the record with it.

    Where the content does not arrive, the record names the file all the same: `take_back` ends that. Raises
    `VaultError`.
    """
    from keeperdb.vault.file_transfer import send_file

    document = _with_reference(record.content or {}, file.uid)
    send_file(client.announce_file(record, document, file, content, task), client.server, task)
    return replace(record, content=document, files=(*record.files, file))


def detach(client: "WritingClient", record: VaultRecord, file_uids: Collection[str], task: Task) -> VaultRecord:
    """Delete files; return the record without them. Raises `VaultError`."""
    document = without_references(record.content or {}, file_uids)
    client.update_record(record, document, task, list(file_uids))
    files = tuple(file for file in record.files if file.uid not in file_uids)
    return replace(record, content=document, files=files)


def take_back(client: "WritingClient", uid: str, file: VaultFile) -> None:
    """After a failed `attach`: the record is not to name a file that has no content."""
    task = Task()  # the caller's may be the one that was stopped
    try:
        detach(client, read_record(client, uid, task), [file.uid], task)
    except VaultError:
        return  # the entry stays; the vault shows it as a file without content


def fetch(client: "WritingClient", file: VaultFile, task: Task) -> bytes:
    """The content of a file. Raises `VaultError`."""
    from keeperdb.vault.file_transfer import fetch_file

    return client.open_file(file, fetch_file(file.url, client.server, task))


def is_named(document: Json, file_uid: str) -> bool:
    """Whether a record's document names that file as one of its own."""
    return any(
        isinstance(field, dict) and field.get("type") == _REFERENCES and file_uid in (field.get("value") or ())
        for field in document.get("fields") or ()
    )


def without_references(document: Json, file_uids: Collection[str]) -> dict[str, Any]:
    """A record's document that no longer names those files."""
    return {
        name: _cleaned(value, file_uids) if name in ("fields", "custom") else value for name, value in document.items()
    }


def _cleaned(fields: object, file_uids: Collection[str]) -> object:
    if not isinstance(fields, list):
        return fields
    return [
        {**field, "value": [uid for uid in field["value"] if uid not in file_uids]}
        if isinstance(field, dict) and field.get("type") == _REFERENCES and isinstance(field.get("value"), list)
        else field
        for field in fields
    ]


def _with_reference(document: Json, file_uid: str) -> dict[str, Any]:
    fields = [dict(field) if isinstance(field, dict) else field for field in document.get("fields") or []]
    for field in fields:
        if isinstance(field, dict) and field.get("type") == _REFERENCES:
            field["value"] = [*(field.get("value") or []), file_uid]
            break
    else:
        fields.append({"type": _REFERENCES, "value": [file_uid]})
    return {**document, "fields": fields}
