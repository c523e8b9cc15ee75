"""`cd`, `mkdir`, `rmdir` and `rndir`."""

from argparse import Namespace

from keeperdb.commands import changes
from keeperdb.commands.command import Output
from keeperdb.commands.context import Context
from keeperdb.commands.lookup import (
    folder_at,
    new_place,
    require_folder,
    split_path,
    working_folder,
    writable_place,
)
from keeperdb.commands.patterns import name_matcher
from keeperdb.commands.restrictions import PROTECTED, check_folder_name, check_place, forbidden
from keeperdb.commands.snapshot import ROOT, Snapshot, folder_name
from keeperdb.errors import CommandError, CommandKind
from keeperdb.vault.contents import VaultFolder

_FLAGS = "folder type flag (-sf/--shared-folder for shared folder or -uf/--user-folder for user folder)"
_NO_SHARED = "A Secrets Manager application cannot {} shared folders."
_IN_THE_VAULT = "Do it in the vault."


def cd(context: Context, arguments: Namespace) -> Output:
    """Changes the caller's own context and nothing else."""
    context.folder_uid = require_folder(context, arguments.folder)
    return Output()


def mkdir(context: Context, arguments: Namespace) -> Output:
    _check_mkdir(context, arguments)
    parent, name = new_place(context, arguments.folder)
    _check_is_free(context.snapshot, parent, name)
    if arguments.shared_folder:
        raise CommandError(CommandKind.FORBIDDEN, _NO_SHARED.format("make"), "Use -uf for a folder below a shared one.")
    parent = writable_place(context, parent)
    check_place(context, parent)
    check_folder_name(context, name)
    _check_is_free(context.snapshot, parent, name)
    folder = changes.add_folder(context.vault, name, parent, context.task)
    return Output({"folder_uid": folder.uid}, said=folder.uid)


def rmdir(context: Context, arguments: Namespace) -> Output:
    snapshot = context.snapshot
    folders = [each for pattern in arguments.pattern for each in _matching(context, pattern)]
    folders = list({each.uid: each for each in folders}.values())
    said = _what_goes(snapshot, folders)
    _check_rmdir(context, folders)
    if not arguments.force:
        raise CommandError(
            CommandKind.BAD_ARGUMENTS, "Missing required parameters: -f/--force flag to bypass interactive confirmation"
        )
    refusals = changes.remove_folders(context.vault, [each.uid for each in folders], context.task)
    if refusals:
        named = ", ".join(f"{folder_name(snapshot.folders[uid])} ({why})" for uid, why in refusals.items())
        raise CommandError(CommandKind.FORBIDDEN, f"The vault did not delete {named}.")
    return Output(said="" if arguments.quiet else "\n".join(said))


def rndir(context: Context, arguments: Namespace) -> Output:
    if not arguments.name.strip():
        raise CommandError(CommandKind.BAD_ARGUMENTS, "Missing required parameter: -n/--name with the new name")
    uid = require_folder(context, arguments.folder)
    folder = context.snapshot.folders.get(uid)
    if folder is None or not folder.parent:
        raise CommandError(CommandKind.FORBIDDEN, _NO_SHARED.format("rename"), _IN_THE_VAULT)
    check_place(context, uid)
    check_folder_name(context, arguments.name)
    _check_is_free(context.snapshot, context.snapshot.parent_of(folder), arguments.name, apart_from=uid)
    changes.rename_folder(context.vault, folder, arguments.name, context.task)
    if arguments.quiet:
        return Output()
    return Output(said=f'Folder "{folder_name(folder)}" has been renamed to "{arguments.name}"')


def _check_mkdir(context: Context, arguments: Namespace) -> None:
    """Over the network both are required, as Commander requires them there."""
    missing = []
    if context.is_remote and not arguments.shared_folder and not arguments.user_folder:
        missing.append(_FLAGS)
    if not split_path(arguments.folder)[1]:
        missing.append("folder name")
    if missing:
        raise CommandError(
            CommandKind.BAD_ARGUMENTS, f"Missing required parameters: {' and '.join(missing)}", is_usage=True
        )


def _check_is_free(snapshot: Snapshot, parent: str, name: str, apart_from: str = "") -> None:
    if any(folder_name(each) == name and each.uid != apart_from for each in snapshot.subfolders(parent)):
        raise CommandError(CommandKind.EXISTS, f'Folder "{name}" already exists')


def _matching(context: Context, pattern: str) -> list[VaultFolder]:
    """Raises `CommandError` if there is no such folder."""
    snapshot, here = context.snapshot, working_folder(context)
    found = folder_at(snapshot, pattern, here)
    if found == ROOT:
        raise CommandError(CommandKind.FORBIDDEN, "The root of the vault cannot be deleted.")
    if found is not None:
        return [snapshot.folders[found]]
    head, _, last = pattern.rpartition("/")
    start = folder_at(snapshot, head or ("/" if pattern.startswith("/") else ""), here)
    fits = name_matcher(last)
    fitting = [each for each in snapshot.subfolders(start or ROOT) if start is not None and fits(folder_name(each))]
    if not fitting:
        raise CommandError(CommandKind.NOT_FOUND, f'Folder "{pattern}" not found')
    return fitting


def _check_rmdir(context: Context, folders: list[VaultFolder]) -> None:
    if any(not each.parent for each in folders):
        raise CommandError(CommandKind.FORBIDDEN, _NO_SHARED.format("delete"), _IN_THE_VAULT)
    if not context.is_remote:
        return
    everything = context.vault.contents
    gone = {uid for folder in folders for uid in everything.below(folder.uid)}
    if any(everything.place_of(everything.records[uid]) in gone for uid in everything.hidden):
        raise forbidden(PROTECTED)


def _what_goes(snapshot: Snapshot, folders: list[VaultFolder]) -> list[str]:
    lines = ["The following user folder(s) will be removed:"]
    for folder in folders:
        below = list(snapshot.below(folder.uid))
        records = sum(len(snapshot.records_in(uid)) for uid in below)
        counts = [_counted(len(below) - 1, "folder"), _counted(records, "record")]
        lines += [f"{'/'.join(snapshot.names_to(folder.uid))}/", ", ".join(each for each in counts if each)]
    return [line for line in lines if line]


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}" if count else ""
