"""`get`: everything of one record or folder."""

from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from keeperdb.commands.command import Output
from keeperdb.commands.context import Context
from keeperdb.commands.listing import folder_flags
from keeperdb.commands.lookup import folder_at, records_at, require_record, working_folder
from keeperdb.commands.one_time_codes import code_line, one_time_urls
from keeperdb.commands.record_text import fields_of, first_value, notes_of, shown_value, values_of
from keeperdb.commands.snapshot import ROOT, Snapshot, folder_name
from keeperdb.commands.tables import one_line
from keeperdb.errors import CommandError, CommandKind
from keeperdb.vault.contents import VaultFile, VaultFolder, VaultRecord

_MISSING = "Cannot find any object with UID: {}"
_OWN_LABELS = {"login": "Login", "password": "Password", "url": "URL", "oneTimeCode": "TOTP URL"}
_OWN_MEMBERS = ("uid", "type", "title")
_REFERENCES = ("fileRef",)


def get(context: Context, arguments: Namespace) -> Output:
    snapshot = context.snapshot
    if not records_at(context, arguments.uid):
        folder = _folder(context, arguments.uid)
        if folder is not None:
            return _of_folder(snapshot, folder, arguments)
    record = require_record(context, arguments.uid, _MISSING)
    if record.content is None:
        raise CommandError(CommandKind.VAULT_UNREACHABLE, f"Record {record.uid} could not be decrypted.")
    match arguments.format:
        case "json":
            return Output(record_document(snapshot, record, with_links=arguments.include_dag), echo=_echo(arguments))
        case "password":
            return _password(record)
        case "fields":
            rows = [{"name": label, "value": value} for label, value in _details(snapshot, record, unmask=True)]
            return Output(rows)
        case _:
            return _detail(list(_details(snapshot, record, unmask=arguments.unmask)))


def record_document(snapshot: Snapshot, record: VaultRecord, *, with_links: bool = False) -> dict[str, Any]:
    """The record as Commander's JSON has it, secrets included; times are left out, which the protocol does not tell."""
    content = record.content or {}
    found: dict[str, Any] = {
        "record_uid": record.uid,
        "title": record.title,
        "type": record.type,
        "version": 3,
        "revision": record.revision,
        "source": "classic",
        "shared": bool(record.folder_uid),
        "fields": [_plain_field(field) for field in fields_of(record, "fields")],
        "custom": [_plain_field(field) for field in fields_of(record, "custom")],
        "notes": content.get("notes") or "",
    }
    place = snapshot.place_of(record)
    if place != ROOT:
        found["folder"] = {"path": "/".join(snapshot.names_to(place)), "uid": place}
    if record.files:
        found["attachments"] = [_attachment(file) for file in record.files]
    if with_links:
        found["links"] = [{"record_uid": each.get("recordUid"), "path": each.get("path")} for each in record.links]
    return found


def _folder(context: Context, text: str) -> VaultFolder | None:
    """By UID or path, else by a name that only one folder has."""
    uid = folder_at(context.snapshot, text, working_folder(context))
    if uid is not None:
        return context.snapshot.folders.get(uid)
    named = context.snapshot.named(text)
    return named[0] if len(named) == 1 else None


def _password(record: VaultRecord) -> Output:
    password = first_value(record, "password")
    if not isinstance(password, str):
        raise CommandError(CommandKind.NOT_FOUND, f"Record {record.uid} has no password.")
    return Output({"password": password}, said=password)


def _details(snapshot: Snapshot, record: VaultRecord, *, unmask: bool) -> Iterator[tuple[str, object]]:
    yield "UID", record.uid
    yield "Type", record.type
    yield "Title", record.title
    for field in fields_of(record):
        if field.get("type") not in _REFERENCES:
            yield from _shown_field(field, unmask=unmask)
    codes = [code_line(url) for url in one_time_urls(record)]
    yield from (("Two Factor Code", code) for code in codes if code)
    if notes_of(record):
        yield "Notes", notes_of(record)
    for file in record.files:
        yield "Attachments", f"{file.title or file.name} {_size(file.size)} ID: {file.uid}"
    yield "Shared", str(bool(record.folder_uid))
    place = snapshot.place_of(record)
    if place != ROOT:
        yield "Folder", "/".join(snapshot.names_to(place))


def _shown_field(field: dict[str, Any] | Any, *, unmask: bool) -> Iterator[tuple[str, object]]:
    kind, label = str(field.get("type") or ""), field.get("label")
    name = label if isinstance(label, str) and label else _OWN_LABELS.get(kind, kind)
    for value in values_of(field):
        yield name, shown_value(kind, value, unmask=unmask)


def _detail(rows: list[tuple[str, object]]) -> Output:
    data: dict[str, object] = {}
    for label, value in rows:
        _put(data, label.lower().replace(" ", "_"), value)
    lines = [f"{label:>20}: {_line(value)}" for label, value in rows]
    return Output(data, said="\n".join(["", *lines]))


def _put(data: dict[str, object], name: str, value: object) -> None:
    """A second value of the same name makes a list; a field called like the record's own members stands apart."""
    if name in _OWN_MEMBERS and name in data:
        name = f"field_{name}"
    if name not in data:
        data[name] = value
        return
    before = data[name]
    data[name] = [*before, value] if isinstance(before, list) else [before, value]


def _line(value: object) -> str:
    """A value for a person; those with parts show them, and further lines of text stand below the first."""
    if isinstance(value, dict):
        return ", ".join(one_line(f"{name}: {part}") for name, part in value.items() if part not in (None, ""))
    return ("\n" + " " * 22).join(map(one_line, str(value).split("\n")))


def _of_folder(snapshot: Snapshot, folder: VaultFolder, arguments: Namespace) -> Output:
    parent = snapshot.parent_of(folder)
    data: dict[str, Any] = {
        "folder_uid": folder.uid,
        "type": "classic_folder" if folder.parent else "classic_shared_folder",
        "name": folder_name(folder),
        "path": "/".join(snapshot.names_to(folder.uid)),
        "parent_uid": parent,
        "folder": {"uid": parent, "path": "/".join(snapshot.names_to(parent))},
        "records": [{"record_uid": each.uid, "record_name": each.title} for each in snapshot.records_in(folder.uid)],
    }
    if not folder.parent:
        may_edit = folder_flags(snapshot, folder) == "RW"
        data |= {"shared_folder_uid": folder.uid, "can_edit": may_edit, "manage_records": may_edit}
    if arguments.format == "json":
        return Output(data, echo=_echo(arguments))
    shown = [("Folder UID", folder.uid), ("Folder Type", data["type"]), ("Name", data["name"]), ("Path", data["path"])]
    return _detail([*shown, ("Records", len(data["records"]))])


def _plain_field(field: Any) -> dict[str, Any]:
    """Commander's three members first; what else the vault keeps beside them stays."""
    value = field.get("value")
    return {**field, "type": field.get("type"), "label": field.get("label") or "", "value": value if value else []}


def _attachment(file: VaultFile) -> dict[str, object]:
    return {"id": file.uid, "name": file.name, "title": file.title, "size": file.size, "type": file.media_type}


def _size(size: int) -> str:
    """As Commander shortens it: whole units of 1024."""
    for unit in ("b", "Kb", "Mb"):
        if size < 1024:
            return f"{size}{unit}"
        size //= 1024
    return f"{size}Gb"


def _echo(arguments: Namespace) -> str:
    return f"{arguments.word} {arguments.uid}"
