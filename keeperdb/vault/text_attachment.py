"""A text kept with one record: as an attached file, or in a secret field where the vault takes no files."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from keeperdb.errors import VaultError, VaultReason
from keeperdb.task import Task
from keeperdb.vault import record_files
from keeperdb.vault.contents import Json, VaultFile, VaultFolder, VaultRecord
from keeperdb.vault.writing import WritingClient

_LARGEST = 1_000_000  # bytes
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
    old = [file.uid for file in record.files if {file.name, file.title} & {each.name for each in names}]
    labels = {each.label for each in names}
    content = text.text.encode()
    file = record_files.new_file(client, text.name, content)
    try:
        record_files.attach(client, record, file, content, task)
    except VaultError as error:
        if error.reason not in _NO_FILES:
            raise
        record = read_record(client, record.uid, task)
        is_dangling = record_files.is_named(record.content or {}, file.uid)  # announced, not sent
        gone = [*old, file.uid] if is_dangling else old
        client.update_record(record, _with_field(_without(record.content or {}, labels, gone), text), task, gone)
        return
    record = read_record(client, record.uid, task)
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


def _read(client: WritingClient, file: VaultFile, task: Task) -> str:
    if file.size > _LARGEST or file.key is None:
        raise VaultError(VaultReason.BAD_ANSWER, f"The attachment {file.name or file.title} cannot be read.")
    try:
        return record_files.fetch(client, file, task).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise VaultError(VaultReason.BAD_ANSWER, f"The attachment {file.name} is not a text.") from error


def read_record(client: WritingClient, uid: str, task: Task) -> VaultRecord:
    """One record as it is now, with what it says. Raises `VaultError`."""
    record = record_files.read_record(client, uid, task)
    if record.content is None:
        raise VaultError(VaultReason.BAD_ANSWER, f"Record {uid} could not be decrypted.")
    return record


def _without(document: Json, labels: set[str], files: Sequence[str]) -> Json:
    custom = [
        each for each in document.get("custom") or () if not (isinstance(each, dict) and each.get("label") in labels)
    ]
    return {**record_files.without_references(document, files), "custom": custom}


def _with_field(document: Json, text: NamedText) -> Json:
    added = {"type": "secret", "label": text.label, "value": [text.text]}
    return {**document, "custom": [*document["custom"], added]}


def _field_text(document: Json, label: str) -> str:
    for each in (*(document.get("custom") or ()), *(document.get("fields") or ())):
        if isinstance(each, dict) and each.get("label") == label and each.get("value"):
            value = each["value"][0]
            return value if isinstance(value, str) else ""
    return ""
