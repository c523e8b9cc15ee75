"""Files: the add_file verb, and the plain upload and download that go with it."""

import json
import secrets

from keeperdb.demo import wire
from keeperdb.demo.calls import Call
from keeperdb.demo.file_store import FileStore
from keeperdb.demo.protocol import CipherError, Json, unseal
from keeperdb.demo.vault_state import StoredFile, StoredRecord, VaultState
from keeperdb.demo.writing_verbs import checked_data

UPLOADED = 201


def add_file(call: Call) -> Json:
    """Enters the file and the owner record's new data; the content follows by upload."""
    record = call.editable_record(call.text("ownerRecordUid"))
    uid, key, data = call.text("fileRecordUid"), call.owner_blob("fileRecordKey"), call.blob("fileRecordData")
    owner_data = checked_data(call, record, "ownerRecordData", "ownerRecordRevision")
    try:
        if unseal(call.blob("linkKey"), record.key) != key:
            raise wire.bad_request("linkKey and fileRecordKey hold different keys")
        unseal(data, key)
    except CipherError as error:
        raise wire.bad_request("linkKey or fileRecordData cannot be opened") from error
    file = StoredFile(uid, key, data, _size(call), secrets.token_urlsafe(24), secrets.token_urlsafe(24))
    record.files[uid] = file
    record.data, record.revision = owner_data, call.state.next_revision()
    return {
        "url": f"{call.base_url}/upload",
        "parameters": json.dumps({"key": uid, "policy": file.upload_ticket}),
        "successStatusCode": UPLOADED,
    }


def accept_upload(state: VaultState, files: FileStore, content_type: str, body: bytes) -> None:
    """Keep the `file` part of a form that carries the parameters of `add_file`. Raises `WireError`."""
    form = parse_form(content_type, body)
    found = find_file(state, form.get("key", b"").decode("ascii", "replace"))
    if found is None or not secrets.compare_digest(form.get("policy", b""), found[1].upload_ticket.encode()):
        raise wire.denied("The upload ticket is not valid")
    if len(form.get("file", b"")) != found[1].size:
        raise wire.bad_request("The content has not the size that was announced")
    files.write(found[1].uid, form["file"])
    found[1].is_uploaded = True


def read_download(state: VaultState, files: FileStore, uid: str, ticket: str) -> bytes:
    """The encrypted content. Raises `WireError`."""
    found = find_file(state, uid)
    if found is None or not secrets.compare_digest(ticket.encode(), found[1].download_ticket.encode()):
        raise wire.denied("The download ticket is not valid")
    blob = files.read(uid)
    if blob is None:
        raise wire.WireError("not_found", "The file was never uploaded", status=404)
    return blob


def find_file(state: VaultState, uid: str) -> tuple[StoredRecord, StoredFile] | None:
    """A file, and the record it is attached to."""
    for record in state.records.values():
        if uid in record.files:
            return record, record.files[uid]
    return None


def parse_form(content_type: str, body: bytes) -> dict[str, bytes]:
    """The fields of a multipart/form-data body (RFC 7578) by name. Raises `WireError`."""
    kind, _, parameter = content_type.partition("boundary=")
    boundary = parameter.split(";")[0].strip().strip('"')
    if not kind.startswith("multipart/form-data") or not boundary:
        raise wire.bad_request("The upload is not a form")
    fields: dict[str, bytes] = {}
    for part in body.split(b"--" + boundary.encode())[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        fields[_part_name(head)] = content.removesuffix(b"\r\n")
    return fields


def _part_name(head: bytes) -> str:
    for piece in head.decode("utf-8", "replace").replace("\r\n", ";").split(";"):
        name, _, value = piece.strip().partition("=")
        if name == "name":
            return value.strip('"')
    return ""


def _size(call: Call) -> int:
    size = call.payload.get("fileSize")
    if not isinstance(size, int) or size < 0:
        raise wire.bad_request("fileSize is missing")
    return size
