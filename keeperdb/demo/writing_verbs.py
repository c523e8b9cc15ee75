"""The verbs that change records and folders."""

from collections.abc import Collection

from keeperdb.demo import wire
from keeperdb.demo.calls import Call
from keeperdb.demo.file_store import FileStore
from keeperdb.demo.protocol import CipherError, Json, unseal, unseal_cbc
from keeperdb.demo.vault_state import StoredFolder, StoredRecord, VaultState
from keeperdb.demo.wire import WireError


def create_secret(call: Call) -> None:
    """Refuses blobs that the folder's other readers could not open."""
    root = call.editable_folder(call.text("folderUid"))
    folder = _folder_below(call, root, call.payload.get("subFolderUid"))
    uid, key, data = call.text("recordUid"), call.owner_blob("recordKey"), call.blob("data")
    if uid in call.state.records:
        raise wire.bad_request("Record UID already exists")
    try:
        if unseal(call.blob("folderKey"), root.key) != key:
            raise wire.bad_request("folderKey and recordKey hold different keys")
        unseal(data, key)
    except CipherError as error:
        raise wire.bad_request("folderKey or data cannot be opened") from error
    call.state.records[uid] = StoredRecord(uid, key, data, call.state.next_revision(), folder.uid)


def update_secret(call: Call) -> None:
    """Refuses a stale revision. With a transactionType the old data is kept until the transaction ends."""
    record = call.editable_record(call.text("recordUid"))
    data = checked_data(call, record, "data", "revision")
    if call.payload.get("transactionType"):
        record.before_transaction = record.before_transaction or record.data
    for uid in call.uids("links2Remove"):
        if record.files.pop(uid, None):
            call.files.remove(uid)
    record.data = data
    record.revision = call.state.next_revision()


def finalize_secret_update(call: Call) -> None:
    _record_in_transaction(call).before_transaction = None


def rollback_secret_update(call: Call) -> None:
    record = _record_in_transaction(call)
    record.data, record.before_transaction = record.before_transaction or record.data, None
    record.revision = call.state.next_revision()


def delete_secret(call: Call) -> Json:
    """One entry per record that the application can see; others are left out."""
    entries: list[Json] = []
    for uid in dict.fromkeys(call.uids("recordUids")):
        record = call.state.records.get(uid)
        editable = call.is_record_editable(record) if record else None
        if editable is not None:
            entries.append(_outcome("recordUid", uid, "" if editable else "Record is read only"))
    deleted = [entry["recordUid"] for entry in entries if entry["responseCode"] == "ok"]
    remove_records(call.state, deleted, call.files)
    return {"records": entries}


def create_folder(call: Call) -> None:
    root = call.editable_folder(call.text("sharedFolderUid"))
    parent = _folder_below(call, root, call.payload.get("parentUid"))
    uid, data = call.text("folderUid"), call.blob("data")
    if uid in call.state.folders:
        raise wire.bad_request("Folder UID already exists")
    try:
        key = unseal_cbc(call.blob("sharedFolderKey"), root.key)
        unseal_cbc(data, key)
    except CipherError as error:
        raise wire.bad_request("sharedFolderKey or data cannot be opened") from error
    call.state.folders[uid] = StoredFolder(uid, key, data, root.uid, parent.uid)


def update_folder(call: Call) -> None:
    folder, data = call.editable_folder(call.text("folderUid")), call.blob("data")
    try:
        unseal_cbc(data, folder.key)
    except CipherError as error:
        raise wire.bad_request("data cannot be opened") from error
    folder.data = data


def delete_folder(call: Call) -> Json:
    """One entry per folder that the application can see; others are left out."""
    entries: list[Json] = []
    for uid in call.uids("folderUids"):
        folder = call.state.folders.get(uid)
        if folder is None or call.is_folder_editable(folder) is None:
            continue
        entries.append(_outcome("folderUid", uid, _refusal_to_delete_folder(call, folder)))
        if entries[-1]["responseCode"] == "ok":
            remove_folder(call.state, uid, call.files)
    return {"folders": entries}


def remove_records(state: VaultState, uids: Collection[str], files: FileStore) -> None:
    """With their files, their shares and the links to them."""
    gone = set(uids)
    for uid in gone:
        for file in state.records.pop(uid).files:
            files.remove(file)
        for application in state.applications.values():
            application.shares.pop(uid, None)
    for record in state.records.values():
        if record.links:
            record.links = [link for link in record.links if link.record_uid not in gone]


def remove_folder(state: VaultState, uid: str, files: FileStore) -> None:
    """With its shares and everything below it."""
    for child in [folder.uid for folder in state.folders.values() if folder.parent == uid]:
        remove_folder(state, child, files)
    remove_records(state, [record.uid for record in state.records.values() if record.folder_uid == uid], files)
    del state.folders[uid]
    for application in state.applications.values():
        application.shares.pop(uid, None)


def checked_data(call: Call, record: StoredRecord, data_name: str, revision_name: str) -> bytes:
    """New data of `record`, if it can be opened and was made from the current revision. Raises `WireError`."""
    data = call.blob(data_name)
    if call.payload.get(revision_name) != record.revision:
        raise WireError(wire.OUT_OF_SYNC, "Revision mismatch: the record was changed in the meantime", status=409)
    try:
        unseal(data, record.key)
    except CipherError as error:
        raise wire.bad_request(f"{data_name} cannot be opened") from error
    return data


def _record_in_transaction(call: Call) -> StoredRecord:
    record = call.editable_record(call.text("recordUid"))
    if record.before_transaction is None:
        raise wire.bad_request("No transaction is open for this record")
    return record


def _folder_below(call: Call, root: StoredFolder, uid: object) -> StoredFolder:
    """The folder `uid` of the shared folder `root`, or `root` itself if there is no uid."""
    if not uid:
        return root
    folder = call.state.folders.get(uid) if isinstance(uid, str) else None
    if folder is None or folder.root != root.uid:
        raise wire.denied(wire.FOLDER_NOT_ACCESSIBLE)
    return folder


def _outcome(uid_name: str, uid: str, refusal: str) -> Json:
    code = "access_denied" if refusal else "ok"
    return {uid_name: uid, "responseCode": code, "errorMessage": refusal}


def _refusal_to_delete_folder(call: Call, folder: StoredFolder) -> str:
    if not call.is_folder_editable(folder):
        return "Folder is read only"
    if folder.is_shared:
        return "A shared folder cannot be deleted by an application"
    children = any(other.parent == folder.uid for other in call.state.folders.values())
    records = any(record.folder_uid == folder.uid for record in call.state.records.values())
    return "Folder is not empty" if (children or records) and not call.payload.get("forceDeletion") else ""
