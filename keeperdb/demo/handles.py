"""Folders and records of the demo vault as its owner sees them: decrypted, and with verbs."""

import json
import secrets
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

from keeperdb.demo import protocol
from keeperdb.demo.protocol import Json
from keeperdb.demo.vault_state import StoredFile, StoredFolder, StoredRecord

if TYPE_CHECKING:
    from keeperdb.demo.account import Account


class Delivery(StrEnum):
    """In which list a record is sent, and under which key: servers do all of these."""

    FOLDER = "folder"  # inside its shared folder
    FLAT = "flat"  # among the single records, its key wrapped with the shared folder's key
    FLAT_INNER = "flat-inner"  # the same, with the key of the subfolder that it is in
    LEGACY = "legacy"  # shared by itself and without a key of its own: the application's key opens it


class Folder:
    """A shared folder, or a folder below one."""

    def __init__(self, account: "Account", stored: StoredFolder) -> None:
        self._account = account
        self.stored = stored

    @property
    def uid(self) -> str:
        return self.stored.uid

    @property
    def name(self) -> str:
        return self.stored.name

    @property
    def path(self) -> tuple[str, ...]:
        """Names from the shared folder down to this one."""
        parent = self._account.state.folders.get(self.stored.parent)
        return (*Folder(self._account, parent).path, self.name) if parent else (self.name,)

    @property
    def records(self) -> list["Record"]:
        """Those directly in this folder."""
        return [record for record in self._account.records() if record.folder_uid == self.uid]

    def add_folder(self, name: str) -> "Folder":
        return self._account.add_folder(self, name)

    def add_record(self, document: Json, *, delivery: Delivery = Delivery.FOLDER) -> "Record":
        return self._account.add_record(document, self, delivery=delivery)


class Record:
    """A record, decrypted with the owner's key."""

    def __init__(self, account: "Account", stored: StoredRecord) -> None:
        self._account = account
        self.stored = stored

    @property
    def uid(self) -> str:
        return self.stored.uid

    @property
    def document(self) -> Json:
        """A copy of the record's JSON."""
        return self.stored.document

    @property
    def title(self) -> str:
        return str(self.document["title"])

    @property
    def type(self) -> str:
        return str(self.document["type"])

    @property
    def revision(self) -> int:
        return self.stored.revision

    @property
    def folder_uid(self) -> str:
        return self.stored.folder_uid

    @property
    def folder_path(self) -> tuple[str, ...]:
        """Empty for a record outside of all folders."""
        stored = self._account.state.folders.get(self.stored.folder_uid)
        return Folder(self._account, stored).path if stored else ()

    @property
    def files(self) -> dict[str, bytes]:
        """The decrypted contents of the attached files that were uploaded, by name."""
        return {_file_name(file): self._content(file) for file in self.stored.files.values() if file.is_uploaded}

    def value(self, name: str) -> object:
        """The first value of the field with this label or, failing that, type; None if there is none."""
        document = self.document
        fields = [*document.get("fields", []), *document.get("custom", [])]
        for key in ("label", "type"):
            for field in fields:
                if field.get(key) == name:
                    return field["value"][0] if field.get("value") else None
        return None

    def update(self, change: Json | Callable[[Json], None]) -> None:
        """As `Account.update_record_as_user`."""
        self._account.update_record_as_user(self, change)

    def add_file(self, name: str, content: bytes, mime_type: str = "application/octet-stream") -> str:
        """Attach a file as a person does; returns its uid."""
        uid, key = protocol.new_uid(), protocol.new_key()
        blob = protocol.seal(content, key)
        meta: Json = {"name": name, "size": len(content), "title": name, "lastModified": 0, "type": mime_type}
        data = protocol.seal(protocol.to_json(meta), key)
        tickets = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        with self._account.changing():
            self._account.files.write(uid, blob)
            self.stored.files[uid] = StoredFile(uid, key, data, len(blob), *tickets, is_uploaded=True)
            self.update(lambda document: _add_file_reference(document, uid))
        return uid

    def _content(self, file: StoredFile) -> bytes:
        return protocol.unseal(self._account.files.read(file.uid) or b"", file.key)


def uid_of(item: Folder | Record | str) -> str:
    """The uid of what may be given as such."""
    return item if isinstance(item, str) else item.uid


def _file_name(file: StoredFile) -> str:
    return str(json.loads(protocol.unseal(file.data, file.key))["name"])


def _add_file_reference(document: Json, uid: str) -> None:
    fields = document.setdefault("fields", [])
    for field in fields:
        if field["type"] == "fileRef":
            field["value"].append(uid)
            return
    fields.append({"type": "fileRef", "value": [uid]})
