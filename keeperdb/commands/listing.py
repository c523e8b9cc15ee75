"""`ls`: what is in a folder."""

from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from keeperdb.commands.command import Output
from keeperdb.commands.context import Context
from keeperdb.commands.lookup import folder_at, join_path, split_path, working_folder
from keeperdb.commands.patterns import name_matcher
from keeperdb.commands.record_text import describe
from keeperdb.commands.snapshot import ROOT, Snapshot, folder_name
from keeperdb.commands.tables import kept_ready, one_line, report, table
from keeperdb.errors import CommandError, CommandKind
from keeperdb.vault.contents import VaultFolder, VaultRecord

_COLUMNS = {"type": "Type", "uid": "UID", "name": "Name", "details": "Details"}


@dataclass(frozen=True, slots=True)
class _Listed:
    folders: Sequence[VaultFolder]
    records: Sequence[VaultRecord]


def ls(context: Context, arguments: Namespace) -> Output:
    snapshot, here = context.snapshot, working_folder(context)
    options = tuple(value for name, value in sorted(vars(arguments).items()) if name not in ("word", "output"))
    return snapshot.kept(("ls", here, options), lambda: kept_ready(_list(snapshot, here, arguments)))


def _list(snapshot: Snapshot, here: str, arguments: Namespace) -> Output:
    listed = _chosen(snapshot, here, arguments)
    folders = listed.folders if arguments.folders or not arguments.records else ()
    records = listed.records if arguments.records or not arguments.folders else ()
    if arguments.format != "table":
        rows = [*(_folder_row(snapshot, each) for each in folders), *(_record_row(each) for each in records)]
        rows.sort(key=lambda row: (row["type"], row["name"].casefold()))
        return report(arguments, _COLUMNS, rows)
    data = {
        "folders": [_folder_member(snapshot, number, each) for number, each in enumerate(folders, 1)],
        "records": [_record_member(number, each) for number, each in enumerate(records, 1)],
    }
    said = _detailed(data, shorten=not arguments.verbose) if arguments.detail else _names(folders, records)
    return Output(data, said)


def _chosen(snapshot: Snapshot, here: str, arguments: Namespace) -> _Listed:
    """Raises `CommandError` (NOT_FOUND) for a path or pattern that nothing has."""
    pattern = arguments.pattern
    folder = folder_at(snapshot, pattern, here)
    if folder is not None:
        places = snapshot.below(folder) if arguments.recursive else iter((folder,))
        return _everything(snapshot, places)
    start, name = _place_of(snapshot, pattern, here)
    if start is not None:
        fits = name_matcher(name)
        everything = _everything(snapshot, snapshot.below(start) if arguments.recursive else iter((start,)))
        listed = _Listed(
            [each for each in everything.folders if fits(folder_name(each))],
            [each for each in everything.records if fits(each.title) or each.uid == name],
        )
        if listed.folders or listed.records:
            return listed
    if pattern in snapshot.records:
        return _Listed([], [snapshot.records[pattern]])
    raise CommandError(CommandKind.NOT_FOUND, f"{pattern}: No such folder or record")


def _everything(snapshot: Snapshot, places: Iterator[str]) -> _Listed:
    folders: list[VaultFolder] = []
    records: list[VaultRecord] = []
    for uid in places:
        folders += snapshot.subfolders(uid)
        records += snapshot.records_in(uid)
    return _Listed(folders, records)


def _place_of(snapshot: Snapshot, pattern: str, here: str) -> tuple[str | None, str]:
    """The folder that a pattern is looked for in, and the pattern itself."""
    is_absolute, names = split_path(pattern)
    if not names:
        return None, ""
    start = ROOT if is_absolute else here
    return folder_at(snapshot, join_path(names[:-1]), start) if names[1:] else start, names[-1]


def _folder_row(snapshot: Snapshot, folder: VaultFolder) -> dict[str, str]:
    flags = "" if folder.parent else "S"
    return {
        "details": f"Flags: {flags}, Parent: {snapshot.parent_of(folder) or '/'}",
        "name": folder_name(folder),
        "source": "classic_folder",
        "type": "folder",
        "uid": folder.uid,
    }


def _record_row(record: VaultRecord) -> dict[str, str]:
    return {
        "details": f"Type: {record.type}, Description: {describe(record)}",
        "name": record.title,
        "source": "classic",
        "type": "record",
        "uid": record.uid,
    }


def _folder_member(snapshot: Snapshot, number: int, folder: VaultFolder) -> dict[str, object]:
    return {
        "number": number,
        "uid": folder.uid,
        "name": folder_name(folder),
        "flags": folder_flags(snapshot, folder),
    }


def _record_member(number: int, record: VaultRecord) -> dict[str, object]:
    return {
        "number": number,
        "uid": record.uid,
        "type": record.type,
        "title": record.title,
        "description": describe(record),
    }


def folder_flags(snapshot: Snapshot, folder: VaultFolder) -> str:
    """`R`, and `W` unless the shared folder is known to be read only."""
    root = snapshot.contents.root(folder.uid)
    return "R" if root is not None and root.is_editable is False else "RW"


def _names(folders: Sequence[VaultFolder], records: Sequence[VaultRecord]) -> str:
    return "\n".join(
        [*(f"{one_line(folder_name(each))}/" for each in folders), *(one_line(each.title) for each in records)]
    )


def _detailed(data: dict[str, list[dict[str, object]]], *, shorten: bool) -> str:
    parts = []
    if data["folders"]:
        rows = [[each["uid"], each["name"], each["flags"]] for each in data["folders"]]
        parts.append(table(["Folder UID", "Name", "Flags"], rows, shorten))
    if data["records"]:
        rows = [[each[name] for name in ("uid", "type", "title", "description")] for each in data["records"]]
        parts.append(table(["Record UID", "Type", "Title", "Description"], rows, shorten))
    return "\n\n".join(parts)
