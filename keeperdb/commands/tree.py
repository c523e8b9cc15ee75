"""`tree`: folders, and records if wanted, as a tree."""

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from keeperdb.commands.command import Output
from keeperdb.commands.context import Context
from keeperdb.commands.listing import folder_flags
from keeperdb.commands.lookup import ROOT_NAME, require_folder, working_folder
from keeperdb.commands.snapshot import ROOT, Snapshot, folder_name
from keeperdb.commands.tables import kept_ready, one_line
from keeperdb.vault.contents import VaultFolder, VaultRecord

_KEY = [
    "RO = Read-Only",
    "MU = Can Manage Users",
    "MR = Can Manage Records",
    "CE = Can Edit",
    "CS = Can Share",
    "OW = Owner",
]


@dataclass(frozen=True, slots=True)
class _Line:
    """One entry of the tree: a folder, or a record in one."""

    level: int
    item: VaultFolder | VaultRecord
    path: tuple[str, ...]
    is_last: tuple[bool, ...]


def tree(context: Context, arguments: Namespace) -> Output:
    snapshot = context.snapshot
    start = require_folder(context, arguments.folder) if arguments.folder else working_folder(context)
    options = tuple(value for name, value in sorted(vars(arguments).items()) if name not in ("word", "output"))
    return snapshot.kept(("tree", start, options), lambda: kept_ready(_tree(snapshot, start, arguments)))


def _tree(snapshot: Snapshot, start: str, arguments: Namespace) -> Output:
    if arguments.format == "json":
        path = tuple(snapshot.names_to(start))
        return Output({"tree": _node(snapshot, start, path, with_records=arguments.records)})
    lines = list(_lines(snapshot, start, arguments.records, (), ()))
    items = [_member(snapshot, line, arguments) for line in lines]
    if arguments.verbose:
        items.insert(0, {"level": 0, "name": _name(snapshot, start), "path": "", "shared": False, "type": "folder"})
        items[0]["uid"] = start or "None"
    shows_key = arguments.shares and not arguments.hide_shares_key
    said = "\n".join(_drawn(snapshot, start, lines, arguments, shows_key))
    return Output(items, said, message=_KEY if shows_key else None)


def _lines(
    snapshot: Snapshot, uid: str, with_records: bool, path: tuple[str, ...], is_last: tuple[bool, ...]
) -> Iterator[_Line]:
    children: list[VaultFolder | VaultRecord] = [*snapshot.subfolders(uid)]
    children += snapshot.records_in(uid) if with_records else ()
    for number, child in enumerate(children, 1):
        below = (*path, _title(child))
        lasts = (*is_last, number == len(children))
        yield _Line(len(path), child, below, lasts)
        if isinstance(child, VaultFolder):
            yield from _lines(snapshot, child.uid, with_records, below, lasts)


def _member(snapshot: Snapshot, line: _Line, arguments: Namespace) -> dict[str, Any]:
    """As the documentation shows it; the further members are Commander's."""
    is_folder = isinstance(line.item, VaultFolder)
    member: dict[str, Any] = {
        "level": line.level,
        "name": _title(line.item),
        "path": "/".join(line.path),
        "shared": isinstance(line.item, VaultFolder) and not line.item.parent,
        "type": "folder" if is_folder else "record",
    }
    if arguments.verbose:
        member["uid"] = line.item.uid
    if arguments.shares and isinstance(line.item, VaultFolder):
        member["share_permissions"] = {"default": _permission(snapshot, line.item), "users": [], "teams": []}
    return member


def _node(snapshot: Snapshot, uid: str, path: tuple[str, ...], *, with_records: bool) -> dict[str, Any]:
    folder = snapshot.folders.get(uid)
    is_shared = folder is not None and not folder.parent
    node: dict[str, Any] = {
        "kind": "shared_folder" if is_shared else "folder",
        "name": _name(snapshot, uid),
        "path": "/" + "/".join(path),
    }
    children = [
        _node(snapshot, each.uid, (*path, folder_name(each)), with_records=with_records)
        for each in snapshot.subfolders(uid)
    ]
    if with_records:
        children += [
            {"kind": "record", "name": each.title, "path": "/" + "/".join((*path, each.title)), "uid": each.uid}
            for each in snapshot.records_in(uid)
        ]
    return node | ({"children": children} if children else {})


def _drawn(snapshot: Snapshot, start: str, lines: list[_Line], arguments: Namespace, shows_key: bool) -> Iterator[str]:
    if shows_key:
        yield "Share Permissions Key:"
        yield from (f"  {each}" for each in _KEY)
    if arguments.title:
        yield arguments.title
    yield one_line(_name(snapshot, start))
    for line in lines:
        bars = "".join("    " if is_last else " │  " for is_last in line.is_last[:-1])
        branch = " └── " if line.is_last[-1] else " ├── "
        yield f"{bars}{branch}{_labelled(snapshot, line.item, arguments)}"


def _labelled(snapshot: Snapshot, item: VaultFolder | VaultRecord, arguments: Namespace) -> str:
    text = one_line(_title(item))
    if arguments.verbose:
        text += f" ({item.uid})"
    if isinstance(item, VaultRecord):
        return f"{text} [{one_line(item.type)}] [Record]"
    if not item.parent:
        text += " [SHARED]"
    return f"{text} ({_permission(snapshot, item)})" if arguments.shares else text


def _permission(snapshot: Snapshot, folder: VaultFolder) -> str:
    return "MR,CE" if folder_flags(snapshot, folder) == "RW" else "RO"


def _title(item: VaultFolder | VaultRecord) -> str:
    return folder_name(item) if isinstance(item, VaultFolder) else item.title


def _name(snapshot: Snapshot, uid: str) -> str:
    return folder_name(snapshot.folders[uid]) if uid != ROOT else ROOT_NAME
