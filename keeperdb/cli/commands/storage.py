"""`keeperdb storage`: switch it on and off, look at it, sync, restore."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from keeperdb.cli import exit_codes
from keeperdb.cli.context import Context
from keeperdb.cli.output import write_list, write_object
from keeperdb.cli.questions import ask, can_ask
from keeperdb.commands.storage import described
from keeperdb.errors import NotFoundError, SettingsError
from keeperdb.settings import did_you_mean
from keeperdb.vault.storage_model import DeletionQuestion, RecordKind, StorageTarget, SyncReport

if TYPE_CHECKING:
    from keeperdb.task import Task
    from keeperdb.workspace import Workspace

_KINDS = {"database": RecordKind.DATABASE, "pam-database": RecordKind.PAM_DATABASE}
_COLUMNS = ("change", "what")


def enable(context: Context) -> int:
    workspace, arguments = _prepared(context), context.arguments
    vault = workspace.find_vault(arguments.vault)
    targets = context.run(workspace.storage.targets)
    target = _chosen([each for each in targets if each.vault_id == vault.id], vault.name, arguments.folder)
    kind = _KINDS[arguments.type]
    state = context.run(lambda task: workspace.storage.enable(target.vault_id, target.shared_folder_uid, kind, task))
    context.say(f"Storage is on, in {vault.name}: {state.folder_path}.")
    offer = context.run(lambda task: workspace.storage.offer(vault.id, task, target.shared_folder_uid))
    if state.left_out:
        context.say(f"It holds {offer.text}. `keeperdb storage restore --all` brings them here.")
    return _sync(context, workspace.storage.sync)


def status(context: Context) -> int:
    state = _prepared(context, unlock=False).storage.state
    write_object(context.out, context.arguments.format, described(state))
    return exit_codes.OK


def plan(context: Context) -> int:
    plan = context.run(_prepared(context).storage.plan)
    rows = [{"change": str(line.kind), "what": line.text} for line in plan.lines]
    write_list(context.out, context.arguments.format, rows, _COLUMNS)
    context.say(plan.question.text if plan.question else "Nothing to do." if plan.is_empty else _counted(plan.writes))
    return exit_codes.OK


def sync(context: Context) -> int:
    storage = _prepared(context).storage
    yes = bool(context.arguments.yes)
    report = context.run(lambda task: storage.sync(task, approve_deletions=yes))
    if report.question and can_ask():
        context.say(_names(report.question))
        if ask(f"{report.question.text} Delete them?", ""):
            report = context.run(lambda task: storage.sync(task, approve_deletions=True))
    return _say(context, report)


def restore(context: Context) -> int:
    arguments = context.arguments
    if bool(arguments.names) == arguments.all:
        raise SettingsError("Name what to restore, or everything with --all.", "`keeperdb storage plan` lists it.")
    storage = _prepared(context).storage
    names = None if arguments.all else arguments.names
    return _sync(context, lambda task: storage.restore(task, names))


def disable(context: Context) -> int:
    arguments = context.arguments
    if arguments.keep_copy and arguments.delete_copy:
        raise SettingsError("The copy cannot be kept and deleted.", "Give one of --keep-copy and --delete-copy.")
    storage = _prepared(context).storage
    question = f"Delete the vault's copy in {storage.state.folder_path} as well?"
    keeps = arguments.keep_copy or (
        not arguments.delete_copy and not ask(question, "Add --keep-copy or --delete-copy.")
    )
    context.run(lambda task: storage.disable(task, keep_copy=keeps))
    rest = "The vault's copy stays." if keeps else "The vault's copy is deleted."
    context.say(f"Storage is off. {rest} What is on this machine stays.")
    return exit_codes.OK


def _prepared(context: Context, *, unlock: bool = True) -> "Workspace":
    """The workspace, its keychain unlocked. Raises `UnsupportedError` in gateway mode."""
    workspace = context.workspace
    workspace.storage.check_supported()
    context.tells_progress = True
    if unlock:
        context.unlock()
    return workspace


def _sync(context: Context, operation: "Callable[[Task], SyncReport]") -> int:
    return _say(context, context.run(operation))


def _names(question: DeletionQuestion) -> str:
    places = (("From the vault", question.in_vault), ("From this machine", question.here))
    return "\n".join(f"{place}: {', '.join(names)}" for place, names in places if names)


def _say(context: Context, report: SyncReport) -> int:
    for notice in report.notices:
        context.say(notice)
    for failure in report.failures:
        context.say(f"Error: {failure.message}")
        if failure.hint:
            context.say(f"  {failure.hint}")
    if report.question:
        context.say(f"{report.question.text} None of that was done; `keeperdb storage sync --yes` does it.")
        context.say(_names(report.question))
    context.say(report.text)
    if context.arguments.format != "table":
        write_object(context.out, context.arguments.format, _reported(report))
    return exit_codes.VAULT if report.failures or report.question else exit_codes.OK


def _chosen(targets: list[StorageTarget], vault: str, folder: str | None) -> StorageTarget:
    """Raises `SettingsError` where none or several fit, and `NotFoundError` for a folder that is not there."""
    names = [each.shared_folder_name for each in targets]
    if folder is not None and folder not in names:
        hint = did_you_mean(folder, names) or f"There are: {', '.join(names)}."
        raise NotFoundError(f"{vault} shares no folder “{folder}”.", hint)
    fitting = [each for each in targets if folder in (None, each.shared_folder_name)]
    offered = [each for each in fitting if each.is_offered]
    if not offered:
        reasons = [f"{each.shared_folder_name}: {each.reason}".removeprefix(": ") for each in fitting]
        raise SettingsError(f"{vault} cannot hold the storage.", " ".join(reasons))
    with_storage = [each for each in offered if each.has_storage]
    if len(offered) > 1 and len(with_storage) != 1:
        raise SettingsError(
            f"{vault} shares several folders that can hold the storage.",
            f"Choose one with --folder: {', '.join(each.shared_folder_name for each in offered)}.",
        )
    return with_storage[0] if with_storage else offered[0]


def _reported(report: SyncReport) -> dict[str, object]:
    return {
        "written": report.written,
        "deleted": report.deleted,
        "saved": report.saved,
        "removed": report.removed,
        "deferred": report.is_deferred,
        "failures": [
            {"name": failure.name, "message": failure.message, "hint": failure.hint} for failure in report.failures
        ],
        "notices": list(report.notices),
        "question": report.question.text if report.question else None,
        "delete_in_vault": list(report.question.in_vault) if report.question else [],
        "delete_here": list(report.question.here) if report.question else [],
    }


def _counted(writes: int) -> str:
    return f"A sync would write {writes} record{'' if writes == 1 else 's'}."
