"""Decrypts the answers of get_secret and get_folders, each record and folder by itself.

The SDK drops a whole folder for one bad record, flat records whose key is wrapped with a folder's, and all folders
for one bad folder; here nothing is dropped.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from cryptography.exceptions import InvalidTag
from keeper_secrets_manager_core.crypto import CryptoUtils
from keeper_secrets_manager_core.exceptions import KeeperError
from keeper_secrets_manager_core.utils import url_safe_str_to_bytes

from keeperdb.vault.contents import Json, VaultContents, VaultFile, VaultFolder, VaultRecord

UNDECRYPTABLE = (InvalidTag, KeeperError, ValueError, TypeError)


def decode_contents(secrets: Json, folders: Json, app_key: bytes) -> VaultContents:
    """The two answers as contents. `folders` may be empty: then no folder has a name."""
    shared = [entry for entry in _objects(secrets.get("folders")) if _uid(entry, "folderUid")]
    known = {folder.uid: folder for folder in _decode_folders(_objects(folders.get("folders")), app_key)}
    for entry in shared:
        uid = _uid(entry, "folderUid")
        key = _open_key(entry.get("folderKey"), app_key)
        if uid not in known or (known[uid].key is None and key is not None):
            known[uid] = VaultFolder(uid, known[uid].name if uid in known else "", "", key)
        if isinstance(entry.get("isEditable"), bool):
            known[uid] = replace(known[uid], is_editable=entry["isEditable"])
    records = list(_decode_records(secrets, shared, known, app_key))
    warnings = (*_unnamed(known, bool(folders)), *_unreadable(records), *_server_warnings(secrets))
    return VaultContents(_by_uid(records), known, _expires_at(secrets), warnings)


def _decode_folders(entries: list[Json], app_key: bytes) -> Iterator[VaultFolder]:
    """All folders, whatever their order; one that cannot be decrypted keeps its place in the tree."""
    parents = {_uid(entry, "folderUid"): _uid(entry, "parent") for entry in entries}
    roots = {
        _uid(entry, "folderUid"): _open_key(entry.get("folderKey"), app_key)
        for entry in entries
        if not _uid(entry, "parent")
    }
    for entry in entries:
        uid, parent = _uid(entry, "folderUid"), _uid(entry, "parent")
        if not uid:
            continue
        key = roots[uid] if not parent else _open_inner_key(entry.get("folderKey"), roots.get(_root(uid, parents)))
        yield VaultFolder(uid, _folder_name(entry.get("data"), key), parent, key)


def _root(uid: str, parents: Mapping[str, str]) -> str:
    seen: set[str] = set()
    while parents.get(uid) and uid not in seen:
        seen.add(uid)
        uid = parents[uid]
    return uid


def _decode_records(
    secrets: Json, shared: list[Json], folders: Mapping[str, VaultFolder], app_key: bytes
) -> Iterator[VaultRecord]:
    """Records of folders first, so that a double that was shared by itself does not hide its folder."""
    every_key = [folder.key for folder in folders.values() if folder.key is not None]
    parents = {folder.uid: folder.parent for folder in folders.values()}
    for entry in shared:
        folder_uid = _uid(entry, "folderUid")
        key = folders[folder_uid].key
        for record in _objects(entry.get("records")):
            yield _decode_record(record, folder_uid, [key, app_key] if key is not None else [app_key])
    for record in _objects(secrets.get("records")):
        yield _decode_record(record, _home(record, parents), [app_key, *every_key])


def _home(entry: Json, parents: Mapping[str, str]) -> str:
    """The shared folder of a record that arrived outside of it, or nothing."""
    inner = _uid(entry, "innerFolderUid")
    return _uid(entry, "folderUid") or (_root(inner, parents) if inner in parents else "")


def _decode_record(entry: Json, folder_uid: str, keys: Iterable[bytes]) -> VaultRecord:
    key, content = _open_content(entry, keys)
    revision, is_editable = entry.get("revision"), entry.get("isEditable")
    return VaultRecord(
        _uid(entry, "recordUid"),
        content,
        folder_uid,
        _uid(entry, "innerFolderUid"),
        tuple(_objects(entry.get("links"))),
        data_digest(entry.get("data")),
        tuple(_decode_files(entry, key)) if entry.get("files") else (),
        revision if isinstance(revision, int) else 0,
        key,
        is_editable if isinstance(is_editable, bool) else None,
    )


def _decode_files(entry: Json, record_key: bytes | None) -> Iterator[VaultFile]:
    for file in _objects(entry.get("files")):
        key = _open_key(file.get("fileKey"), record_key) if record_key is not None else None
        about = _open_json(file.get("data"), key) or {}
        if _uid(file, "fileUid"):
            yield VaultFile(
                _uid(file, "fileUid"),
                _text(about, "name"),
                _text(about, "title"),
                about["size"] if isinstance(about.get("size"), int) else 0,
                _text(about, "type"),
                _moment(about.get("lastModified")),
                key,
                _text(file, "url"),
            )


def data_digest(data: object) -> str:
    """Of the encrypted data of a record, in base64 of either kind. It says nothing about the content."""
    plain = data.translate(_STANDARD_TO_URL_SAFE).rstrip("=") if isinstance(data, str) else ""
    return hashlib.sha256(plain.encode(errors="surrogatepass")).hexdigest()[:32]


def _open_content(entry: Json, keys: Iterable[bytes]) -> tuple[bytes | None, Json | None]:
    """The first key that opens the record, and its JSON. A record without a key of its own has the outer one."""
    for outer in keys:
        key = _open_key(entry["recordKey"], outer) if entry.get("recordKey") else outer
        content = _open_json(entry.get("data"), key)
        if content is not None:
            return key, content
    return None, None


def _open_key(text: object, outer: bytes) -> bytes | None:
    try:
        key = CryptoUtils.decrypt_aes(_from_base64(text), outer)
    except UNDECRYPTABLE:
        return None
    return key if isinstance(key, bytes) and len(key) == 32 else None


def _open_inner_key(text: object, outer: bytes | None) -> bytes | None:
    if outer is None:
        return None
    try:
        key = CryptoUtils.decrypt_aes_cbc(_from_base64(text), outer)
    except UNDECRYPTABLE:
        return None
    return key if isinstance(key, bytes) and len(key) == 32 else None


def _open_json(text: object, key: bytes | None) -> Json | None:
    if key is None:
        return None
    try:
        found = json.loads(CryptoUtils.decrypt_aes(_from_base64(text), key))
    except (*UNDECRYPTABLE, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _folder_name(text: object, key: bytes | None) -> str:
    if key is None or not text:
        return ""
    try:
        found = json.loads(CryptoUtils.decrypt_aes_cbc(_from_base64(text), key))
    except (*UNDECRYPTABLE, RecursionError):
        return ""
    name = found.get("name") if isinstance(found, dict) else None
    return name if isinstance(name, str) else ""


def _expires_at(secrets: Json) -> datetime | None:
    """From milliseconds since 1970; 0 stands for never."""
    return _moment(secrets.get("expiresOn"))


def _moment(value: object) -> datetime | None:
    try:
        return datetime.fromtimestamp(value / 1000, UTC) if isinstance(value, int) and value > 0 else None
    except (OverflowError, ValueError, OSError):  # later than any calendar goes
        return None


def _by_uid(records: Iterable[VaultRecord]) -> dict[str, VaultRecord]:
    """A record that is shared twice comes twice: the readable one counts, else the first."""
    found: dict[str, VaultRecord] = {}
    for record in records:
        if record.uid and (record.uid not in found or found[record.uid].content is None):
            found[record.uid] = record
    return found


def _unnamed(folders: Mapping[str, VaultFolder], were_asked: bool) -> Iterator[str]:
    unnamed = sorted(folder.uid for folder in folders.values() if not folder.name)
    if were_asked and unnamed:
        yield f"The names of {_counted(len(unnamed), 'folder')} could not be read: {_listed(unnamed)}."


def _unreadable(records: list[VaultRecord]) -> Iterator[str]:
    unreadable = sorted(uid for uid, record in _by_uid(records).items() if record.content is None)
    if unreadable:
        yield f"{_counted(len(unreadable), 'record')} could not be decrypted: {_listed(unreadable)}."
    nameless = sum(not record.uid for record in records)
    if nameless:
        yield f"{_counted(nameless, 'record')} came without an identifier and cannot be listed."


def _server_warnings(secrets: Json) -> Iterator[str]:
    warnings = secrets.get("warnings")
    for warning in warnings if isinstance(warnings, list) else []:
        if isinstance(warning, str):
            yield "".join(character if character.isprintable() else " " for character in warning)[:300]


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _listed(uids: list[str]) -> str:
    rest = f" and {len(uids) - 5} more" if len(uids) > 5 else ""
    return ", ".join(uids[:5]) + rest


def _objects(value: object) -> list[Json]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _text(entry: Json, name: str) -> str:
    value = entry.get(name)
    return value if isinstance(value, str) else ""


def _uid(entry: Json, name: str) -> str:
    """A uid (16 bytes as URL-safe base64) or nothing; other text of a server is no identifier."""
    value = entry.get(name)
    return value if isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", value) else ""


def _from_base64(text: object) -> bytes:
    """Standard or URL-safe base64, with or without padding: servers send both."""
    if not isinstance(text, str):
        raise TypeError
    decoded: bytes = url_safe_str_to_bytes(text.translate(_STANDARD_TO_URL_SAFE).rstrip("="))
    return decoded


_STANDARD_TO_URL_SAFE = str.maketrans("+/", "-_")
