"""Finds records and folders by what a person types: a UID, a path or a title."""

import difflib

from keeperdb.commands.context import Context
from keeperdb.commands.snapshot import ROOT, Snapshot, folder_name
from keeperdb.errors import CommandError, CommandKind
from keeperdb.vault.contents import VaultFolder, VaultRecord

ROOT_NAME = "My Vault"
_SLASH = "\0"  # no line holds one, so it can stand for a slash that belongs to a name


def split_path(text: str) -> tuple[bool, list[str]]:
    """Whether a path begins at the root, and its names; `//` is a slash in a name."""
    parts = text.replace("//", _SLASH).split("/")
    is_absolute = len(parts) > 1 and not parts[0]
    return is_absolute, [part.replace(_SLASH, "/") for part in parts if part]


def join_path(names: list[str]) -> str:
    """The path that `split_path` takes apart."""
    return "/".join(name.replace("/", "//") for name in names)


def folder_at(snapshot: Snapshot, text: str, start: str) -> str | None:
    """The uid of the folder that `text` names, seen from the folder `start`; None if there is none."""
    if text in snapshot.folders:
        return text
    is_absolute, names = split_path(text)
    at = ROOT if is_absolute else start
    if names and names[0] == ROOT_NAME and _child(snapshot, at, ROOT_NAME) is None:
        at, names = ROOT, names[1:]
    for name in names:
        found = _step(snapshot, at, name)
        if found is None:
            return None
        at = found
    return at


def require_folder(context: Context, text: str) -> str:
    """As `folder_at`, from the working folder. Raises `CommandError` (NOT_FOUND)."""
    found = folder_at(context.snapshot, text, working_folder(context))
    if found is None:
        raise CommandError(CommandKind.NOT_FOUND, f'Folder "{text}" not found')
    return found


def working_folder(context: Context) -> str:
    """The caller's working folder; the root when it was deleted in the meantime."""
    return context.folder_uid if context.folder_uid in context.snapshot.folders else ROOT


def records_at(context: Context, text: str) -> tuple[VaultRecord, ...]:
    """The records of that UID, of that path, of that title in the working folder, or else of that title anywhere."""
    snapshot = context.snapshot
    if text in snapshot.records:
        return (snapshot.records[text],)
    here = working_folder(context)
    found = _titled(snapshot, here, text)
    if found:
        return found
    folder_text, title = _parent_and_name(text)
    if folder_text is not None:
        folder = folder_at(snapshot, folder_text, here)
        found = _titled(snapshot, folder, title) if folder is not None else ()
    return found or snapshot.titled(text)


def require_record(context: Context, text: str, message: str = 'Record "{}" not found.') -> VaultRecord:
    """The one record that `text` names. Raises `CommandError` if there is none or more than one."""
    found = records_at(context, text)
    if not found:
        raise CommandError(CommandKind.NOT_FOUND, message.format(text), _nearest(context.snapshot, text))
    if len(found) > 1:
        uids = ", ".join(sorted(each.uid for each in found)[:5])
        raise CommandError(
            CommandKind.BAD_ARGUMENTS, f'{len(found)} records have the title "{text}".', f"Use a UID: {uids}."
        )
    return found[0]


def writable_place(context: Context, folder_uid: str) -> str:
    """That folder; instead of the root, where an application cannot write, the only shared folder that it may change.

    Raises `CommandError` if there are none or several.
    """
    if folder_uid != ROOT:
        return folder_uid
    fitting = [each for each in context.snapshot.subfolders(ROOT) if each.is_editable is not False and each.key]
    if len(fitting) == 1:
        return fitting[0].uid
    named = ", ".join(folder_name(each) for each in fitting[:10])
    raise CommandError(
        CommandKind.FORBIDDEN,
        "A Secrets Manager application cannot write into the root of the vault.",
        f"Name one of the shared folders: {named}." if fitting else "Share a folder with it, with Can Edit.",
    )


def new_place(context: Context, text: str) -> tuple[str, str]:
    """The folder and the name of a folder to be made. Raises `CommandError` if the folder above does not exist."""
    is_absolute, names = split_path(text)
    if not names:
        raise CommandError(CommandKind.BAD_ARGUMENTS, "The name of the new folder is missing.")
    above = join_path(names[:-1])
    start = ROOT if is_absolute else working_folder(context)
    parent = folder_at(context.snapshot, above, start) if above else start
    if parent is None:
        raise CommandError(CommandKind.NOT_FOUND, f'Folder "{above}" not found', "Make it first.")
    return parent, names[-1]


def _parent_and_name(text: str) -> tuple[str | None, str]:
    head, slash, name = text.replace("//", _SLASH).rpartition("/")
    if not slash:
        return None, text
    return head.replace(_SLASH, "//") or "/", name.replace(_SLASH, "/")


def _step(snapshot: Snapshot, at: str, name: str) -> str | None:
    if name == ".":
        return at
    if name == "..":
        return snapshot.parent_of(snapshot.folders[at]) if at != ROOT else ROOT
    if name in snapshot.folders and snapshot.parent_of(snapshot.folders[name]) == at:
        return name
    child = _child(snapshot, at, name)
    return child.uid if child is not None else None


def _child(snapshot: Snapshot, at: str, name: str) -> VaultFolder | None:
    """The folder of that name; one that differs in case only if there is no other."""
    fitting = [each for each in snapshot.subfolders(at) if folder_name(each).casefold() == name.casefold()]
    exact = [each for each in fitting if folder_name(each) == name]
    return next(iter(exact or fitting), None)


def _titled(snapshot: Snapshot, folder_uid: str, title: str) -> tuple[VaultRecord, ...]:
    return tuple(each for each in snapshot.titled(title) if snapshot.place_of(each) == folder_uid)


def _nearest(snapshot: Snapshot, text: str) -> str:
    """A hint with the nearest title; nothing in a vault so large that looking would take long."""
    if len(snapshot.records) > _MOST_TO_COMPARE or len(text) > _LONGEST_TO_COMPARE:
        return ""
    found = difflib.get_close_matches(text, [each.title for each in snapshot.records.values()], n=1)
    return f'Is it "{found[0]}"?' if found else ""


_MOST_TO_COMPARE = 200
_LONGEST_TO_COMPARE = 100  # characters
