"""The verbs that read: get_secret and get_folders."""

import base64
from collections.abc import Iterator

from keeperdb.demo.calls import Call
from keeperdb.demo.protocol import Json, KeyPair, new_key, seal, seal_cbc, to_base64, to_json, to_url_base64
from keeperdb.demo.vault_state import StoredFile, StoredFolder, StoredRecord


def get_secret(call: Call) -> Json:
    """Everything shared with the application, or what the filters let through."""
    application, device = call.application, call.device
    owner = KeyPair.from_der(call.state.owner_key)
    expires = device.access_expires_at
    wanted = _wanted(call)
    return {
        "appData": to_url_base64(seal(to_json({"title": application.title, "type": "default"}), application.key)),
        "encryptedAppKey": to_base64(device.encrypted_app_key) if device.encrypted_app_key else None,
        "appOwnerPublicKey": to_base64(owner.point),
        "folders": list(_folders(call, wanted)),
        "records": [*_direct_records(call, wanted), *_flat_records(call, wanted)],
        "expiresOn": int(expires * 1000) if expires else 0,
        "warnings": None,
        "extra": None,
    }


def get_folders(call: Call) -> Json:
    """Every shared folder and subfolder with its name; a parent comes before its children."""
    folders: list[Json] = []
    for root, _ in call.shared_folders():
        folders.append(_folder_entry(root, seal(root.key, _working_key(root.is_broken, call.application.key)), None))
        for folder in call.state.folders.values():
            if folder.root == root.uid and not folder.is_shared:
                key = seal_cbc(folder.key, _working_key(folder.is_broken, root.key))
                folders.append(_folder_entry(folder, key, folder.parent))
    return {"folders": folders}


def _folder_entry(folder: StoredFolder, key: bytes, parent: str | None) -> Json:
    return {
        "folderUid": folder.uid,
        "folderKey": to_base64(key),
        "data": to_base64(folder.data),
        "parent": parent,
    }


def _working_key(is_broken: bool, key: bytes) -> bytes:
    """`key`, or for something broken on purpose one that nobody has."""
    return new_key() if is_broken else key


def _wanted(call: Call) -> dict[str, list[StoredRecord]]:
    """The records that the filters let through, by the shared folder they are in (empty for none)."""
    records, folders = set(call.uids("requestedRecords")), set(call.uids("requestedFolders"))
    found: dict[str, list[StoredRecord]] = {}
    for record in call.state.records.values():
        root = call.state.root_of(record)
        if not (records or folders) or record.uid in records or not folders.isdisjoint((record.folder_uid, root)):
            found.setdefault(root, []).append(record)
    return found


def _folders(call: Call, wanted: dict[str, list[StoredRecord]]) -> Iterator[Json]:
    """Shared folders that have records: empty ones are not listed here."""
    for root, is_editable in call.shared_folders():
        records = [
            _record_entry(call, record, root.key, is_editable)
            for record in wanted.get(root.uid, [])
            if record.delivery == "folder"
        ]
        if records:
            yield {
                "folderUid": root.uid,
                "folderKey": to_base64(seal(root.key, _working_key(root.is_broken, call.application.key))),
                "data": None,
                "parent": None,
                "isEditable": is_editable,
                "records": records,
            }


def _direct_records(call: Call, wanted: dict[str, list[StoredRecord]]) -> Iterator[Json]:
    for records in wanted.values():
        for record in records:
            if record.uid in call.application.shares:
                is_editable = call.application.shares[record.uid]
                yield _record_entry(call, record, call.application.key, is_editable)


def _flat_records(call: Call, wanted: dict[str, list[StoredRecord]]) -> Iterator[Json]:
    """Records of shared folders that arrive outside of them, their key wrapped with a folder's key."""
    for root, is_editable in call.shared_folders():
        for record in wanted.get(root.uid, []):
            if record.delivery.startswith("flat"):
                wrapping = call.state.folders[record.folder_uid] if record.delivery == "flat-inner" else root
                yield _record_entry(call, record, wrapping.key, is_editable) | {"innerFolderUid": record.folder_uid}


def _record_entry(call: Call, record: StoredRecord, wrapping_key: bytes, is_editable: bool) -> Json:
    folder = call.state.folders.get(record.folder_uid)
    key = to_base64(seal(record.key, _working_key(record.is_broken, wrapping_key)))
    entry: Json = {
        "recordUid": record.uid,
        "recordKey": "" if record.delivery == "legacy" else key,
        "data": to_base64(record.data),
        "revision": record.revision,
        "isEditable": is_editable,
        "files": [_file_entry(call, record, file) for file in record.files.values() if file.is_uploaded] or None,
        "folderUid": None,
        "innerFolderUid": None if folder is None or folder.is_shared else folder.uid,
    }
    if call.payload.get("requestLinks"):
        entry["links"] = list(_links(record))
    return entry


def _file_entry(call: Call, record: StoredRecord, file: StoredFile) -> Json:
    return {
        "fileUid": file.uid,
        "fileKey": to_base64(seal(file.key, record.key)),
        "data": to_base64(file.data),
        "url": f"{call.base_url}/files/{file.uid}?ticket={file.download_ticket}",
        "thumbnailUrl": None,
    }


def _links(record: StoredRecord) -> Iterator[Json]:
    for link in record.links:
        plain = link.data.encode() if link.data is not None else None
        data = seal(plain, record.key) if plain is not None and link.is_encrypted else plain
        yield {
            "recordUid": link.record_uid,
            "path": link.path,
            "data": base64.b64encode(data).decode() if data is not None else None,
        }
