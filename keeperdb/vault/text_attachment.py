"""A text kept with one record: as an attached file, or in a secret field where the vault takes no files."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from keeper_secrets_manager_core.crypto import CryptoUtils

from keeperdb.errors import VaultError, VaultReason
from keeperdb.task import Task
from keeperdb.vault.contents import Json, VaultFile, VaultFolder, VaultRecord
from keeperdb.vault.decoding import UNDECRYPTABLE
from keeperdb.vault.file_transfer import fetch_file, send_file
from keeperdb.vault.writing import WritingClient

_LARGEST = 1_000_000  # bytes
_MEDIA_TYPE = "text/plain"
# Why a file may be refused while the record itself can still be written.
_NO_FILES = (VaultReason.ACCESS_DENIED, VaultReason.BAD_ANSWER, VaultReason.NOT_FOUND, VaultReason.OTHER)


@dataclass(frozen=True, slots=True)
class NamedText:
    """A text, the name of its file, and the label of the field that holds it where files are refused."""

    name: str
    label: str
    text: str = field(default="", repr=False)


def find_text(client: WritingClient, record: VaultRecord, names: Sequence[NamedText], task: Task) -> NamedText | None:
    """The newest text of those names that the record has; an attached one before a field. Raises `VaultError`."""
    by_name = {each.name: each for each in names}
    files = [file for file in record.files if file.name in by_name or file.title in by_name]
    if files:
        newest = max(files, key=lambda file: (file.modified_at or datetime.min.replace(tzinfo=UTC), file.uid))
        named = by_name.get(newest.name) or by_name[newest.title]
        return NamedText(named.name, named.label, _read(client, newest, task))
    for each in names:
        text = _field_text(record.content or {}, each.label)
        if text:
            return NamedText(each.name, each.label, text)
    return None


def keep_text(
    client: WritingClient, record: VaultRecord, text: NamedText, names: Sequence[NamedText], task: Task
) -> None:
    """Put `text` into the record in place of every text of `names`.

    The new one is there before the old ones go, so that a lost connection leaves at least one. Raises `VaultError`:
    CONFLICT if the record was changed since it was read.
    """
    uid, referred = record.uid, _references(record.content or {})
    old = [file.uid for file in record.files if {file.name, file.title} & {each.name for each in names}]
    labels = {each.label for each in names}
    try:
        _attach(client, record, text, task)
    except VaultError as error:
        if error.reason not in _NO_FILES:
            raise
        record = read_record(client, uid, task)
        dangling = [each for each in _references(record.content or {}) if each not in referred]  # announced, not sent
        document = _with_field(_without(record.content or {}, labels, [*old, *dangling]), text)
        client.update_record(record, document, task, [*old, *dangling])
        return
    record = read_record(client, uid, task)
    if old or any(_field_text(record.content or {}, label) for label in labels):
        client.update_record(record, _without(record.content or {}, labels, old), task, old)


def add_login(client: WritingClient, title: str, root: VaultFolder, task: Task) -> str:
    """A new record of type *login* without values, directly in a shared folder; return its uid. Raises `VaultError`."""
    fields: list[Json] = [
        {"type": each, "value": []} for each in ("login", "password", "url", "fileRef", "oneTimeCode")
    ]
    uid = client.new_uid()
    client.write_record(uid, {"title": title, "type": "login", "fields": fields, "custom": []}, root, root.uid, task)
    return uid


def _attach(client: WritingClient, record: VaultRecord, text: NamedText, task: Task) -> None:
    content = text.text.encode()
    file = VaultFile(
        client.new_uid(), text.name, text.name, len(content), _MEDIA_TYPE, datetime.now(UTC), client.new_key()
    )
    document = _with_reference(record.content or {}, file.uid)
    send_file(client.announce_file(record, document, file, content, task), client.server, task)


def _read(client: WritingClient, file: VaultFile, task: Task) -> str:
    if file.size > _LARGEST or file.key is None:
        raise VaultError(VaultReason.BAD_ANSWER, f"The attachment {file.name or file.title} cannot be read.")
    try:
        content: bytes = CryptoUtils.decrypt_aes(fetch_file(file.url, client.server, task), file.key)
        return content.decode("utf-8-sig")
    except UNDECRYPTABLE as error:
        raise VaultError(VaultReason.BAD_ANSWER, f"The attachment {file.name} could not be decrypted.") from error


def read_record(client: WritingClient, uid: str, task: Task) -> VaultRecord:
    """One record as it is now. Raises `VaultError`."""
    record = client.read(task, [uid]).records.get(uid)
    if record is None or record.content is None:
        raise VaultError(VaultReason.NOT_FOUND, f"Record {uid} is no longer shared with this application.")
    return record


def _references(document: Json) -> list[str]:
    return [
        str(uid)
        for each in document.get("fields") or ()
        if isinstance(each, dict) and each.get("type") == "fileRef"
        for uid in each.get("value") or ()
    ]


def _with_reference(document: Json, uid: str) -> Json:
    fields = list(document.get("fields") or ())
    for index, each in enumerate(fields):
        if isinstance(each, dict) and each.get("type") == "fileRef":
            fields[index] = {**each, "value": [*(each.get("value") or ()), uid]}
            return {**document, "fields": fields}
    return {**document, "fields": [*fields, {"type": "fileRef", "value": [uid]}]}


def _without(document: Json, labels: set[str], files: Sequence[str]) -> Json:
    def cleaned(each: Json) -> Json:
        return {**each, "value": [uid for uid in each.get("value") or () if uid not in files]}

    fields = [
        cleaned(each) if isinstance(each, dict) and each.get("type") == "fileRef" else each
        for each in document.get("fields") or ()
    ]
    custom = [
        each for each in document.get("custom") or () if not (isinstance(each, dict) and each.get("label") in labels)
    ]
    return {**document, "fields": fields, "custom": custom}


def _with_field(document: Json, text: NamedText) -> Json:
    added = {"type": "secret", "label": text.label, "value": [text.text]}
    return {**document, "custom": [*document["custom"], added]}


def _field_text(document: Json, label: str) -> str:
    for each in (*(document.get("custom") or ()), *(document.get("fields") or ())):
        if isinstance(each, dict) and each.get("label") == label and each.get("value"):
            value = each["value"][0]
            return value if isinstance(value, str) else ""
    return ""
