"""Fills a demo vault from a document.

The document, as JSON:

    {"folders": [FOLDER, ...],          shared folders
     "records": [RECORD, ...],          records that are shared one by one
     "unshared": [RECORD, ...]}         records that no application sees

    FOLDER: {"name": "Team", "editable": true, "records": [RECORD, ...], "folders": [FOLDER, ...]}
        `editable` (default true) counts for shared folders only.
    RECORD: {"record": {"title": ..., "type": ..., "fields": [...], "custom": [...]},
             "id": "word",              how other records refer to it, optional
             "editable": true,          for a record that is shared by itself
             "broken": false,           cannot be decrypted
             "delivery": "folder",      or "flat", "flat-inner", "legacy"
             "links": [{"to": "word", "is_launch_credential": true, ...}],
             "link_data": [{"path": "meta", "data": {...}, "encrypted": false}],
             "files": [{"name": "ca.pem", "text": "..."} or {"name": ..., "base64": "..."}]}

Anywhere in `record`, {"uid_of": "word"} stands for the uid of the record with that id.
"""

import base64
from collections.abc import Iterator
from typing import Any

from keeperdb.demo import protocol
from keeperdb.demo.account import Account
from keeperdb.demo.handles import Delivery, Folder, Record
from keeperdb.demo.protocol import Json
from keeperdb.errors import SettingsError


def plant(account: Account, document: Json) -> dict[str, Record]:
    """Add everything in `document`; returns the records that have an id. Raises `SettingsError` if it is malformed."""
    try:
        with account.changing():
            return _Planting(account, document).run()
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        detail = f"{type(error).__name__}: {error}"
        raise SettingsError(
            f"The seed document cannot be used ({detail}).", "See the description of its form."
        ) from error


class _Planting:
    """One document being planted: identifiers first, so that records may refer to later ones."""

    def __init__(self, account: Account, document: Json) -> None:
        self._account = account
        self._document = document
        self._uids = {entry["id"]: protocol.new_uid() for entry in _entries(document) if "id" in entry}
        self._links: list[tuple[Record, Json]] = []

    def run(self) -> dict[str, Record]:
        for entry in self._document.get("folders", []):
            shared = self._account.add_shared_folder(entry["name"], editable=entry.get("editable", True))
            self._fill(shared, entry)
        for entry in self._document.get("records", []):
            self._account.share_record(self._plant(entry, None), editable=entry.get("editable", True))
        for entry in self._document.get("unshared", []):
            self._plant(entry, None)
        for record, link in self._links:
            flags = {name: value for name, value in link.items() if name != "to"}
            self._account.link(record, self._uids[link["to"]], **flags)
        return {name: self._account.record(uid) for name, uid in self._uids.items()}

    def _fill(self, folder: Folder, entry: Json) -> None:
        for record in entry.get("records", []):
            self._plant(record, folder)
        for below in entry.get("folders", []):
            self._fill(folder.add_folder(below["name"]), below)

    def _plant(self, entry: Json, folder: Folder | None) -> Record:
        if not {"title", "type"} <= entry["record"].keys():
            raise KeyError("title or type of a record")
        record = self._account.add_record(
            self._resolve(entry["record"]),
            folder,
            delivery=Delivery(entry.get("delivery", Delivery.FOLDER)),
            uid=self._uids.get(entry.get("id", "")),
        )
        for file in entry.get("files", []):
            content = base64.b64decode(file["base64"]) if "base64" in file else file["text"].encode()
            record.add_file(file["name"], content)
        for item in entry.get("link_data", []):
            self._account.set_link_data(record, item["path"], item["data"], encrypted=item.get("encrypted", False))
        if entry.get("broken"):
            self._account.break_record(record)
        self._links += [(record, link) for link in entry.get("links", [])]
        return record

    def _resolve(self, value: Any) -> Any:
        if isinstance(value, dict):
            if value.keys() == {"uid_of"}:
                return self._uids[value["uid_of"]]
            return {name: self._resolve(item) for name, item in value.items()}
        return [self._resolve(item) for item in value] if isinstance(value, list) else value


def _entries(document: Json) -> Iterator[Json]:
    """Every record entry, whatever it is in."""
    yield from document.get("records", [])
    yield from document.get("unshared", [])
    for folder in document.get("folders", []):
        yield from _entries(folder)
