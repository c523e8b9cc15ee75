"""`keeperdb vault`: attach, list, refresh, rename and detach vaults."""

from typing import TYPE_CHECKING

from keeperdb.cli import exit_codes, secret_input
from keeperdb.cli.context import Context
from keeperdb.cli.output import write_list
from keeperdb.cli.questions import confirm
from keeperdb.errors import SettingsError, VaultError, VaultReason
from keeperdb.workspace.chosen_keychain import ASK

if TYPE_CHECKING:
    from keeperdb.vault.attached import AttachedVault

_COLUMNS = ("name", "endpoint", "connections", "unusable", "refreshed", "state")


def attach(context: Context) -> int:
    """The keychain is unlocked before the token is used, because a token serves once."""
    workspace = context.workspace
    if workspace.keychain.kind == ASK:
        raise SettingsError(
            "The access to a vault would be forgotten at the end of this command: connections.keychain is “ask”.",
            "Choose a place for it first: keeperdb config set connections.keychain file.",
        )
    context.unlock()
    text = secret_input.from_stdin("one-time token")
    retry = _Retry(context)
    vault = context.run(lambda task: workspace.attach(context.arguments.name, text.reveal(), task, retry))
    _say_state(context, vault)
    return exit_codes.OK


def show_list(context: Context) -> int:
    rows = [_row(vault) for vault in context.workspace.vaults.all()]
    write_list(context.out, context.arguments.format, rows, _COLUMNS)
    return exit_codes.OK


def refresh(context: Context) -> int:
    name, workspace = context.arguments.name, context.workspace
    vault_id = workspace.find_vault(name).id if name else None
    if workspace.vaults.all():
        context.unlock()
    vaults = context.run(lambda task: workspace.refresh(vault_id, task))
    for vault in vaults:
        _say_state(context, vault)
    return exit_codes.VAULT if any(vault.error for vault in vaults) else exit_codes.OK


def rename(context: Context) -> int:
    workspace = context.workspace
    vault = workspace.find_vault(context.arguments.name)
    context.run(lambda task: workspace.rename_vault(vault.id, context.arguments.new_name))
    return exit_codes.OK


def detach(context: Context) -> int:
    workspace = context.workspace
    vault = workspace.find_vault(context.arguments.name)
    if not confirm(context, f"Detach {vault.name} and its {_connections(vault.connection_count)}?"):
        return exit_codes.OK
    context.unlock()
    context.run(lambda task: workspace.detach(vault.id, task))
    context.say(f"{vault.name} is detached. Nothing was changed in Keeper; remove the device there as well.")
    return exit_codes.OK


class _Retry:
    """Sends again, twice, what got no answer: with the end of this process its key pair, and the token, are lost."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._left = 2

    def __call__(self, error: VaultError) -> bool:
        if error.reason not in (VaultReason.UNREACHABLE, VaultReason.TIMEOUT, VaultReason.BAD_ANSWER) or not self._left:
            return False
        self._left -= 1
        self._context.say(f"{error.message} Trying again.")
        return True


def _row(vault: "AttachedVault") -> dict[str, object]:
    return {
        "name": vault.name,
        "id": vault.id,
        "endpoint": vault.endpoint + (" (custom server key)" if vault.has_custom_key else ""),
        "connections": vault.connection_count,
        "unusable": vault.unusable_count,
        "refreshed": vault.refreshed_at.isoformat(timespec="seconds") if vault.refreshed_at else None,
        "state": vault.error or ("last known list" if vault.is_stale else "ready"),
        "warnings": list(vault.warnings),
    }


def _say_state(context: Context, vault: "AttachedVault") -> None:
    if vault.error:
        context.say(f"Error: {vault.name}: {vault.error}")
        context.say(f"  {vault.error_hint} The last known list stays.".strip())
    else:
        unusable = f", {vault.unusable_count} of them not usable" if vault.unusable_count else ""
        context.say(f"{vault.name}: {_connections(vault.connection_count)}{unusable}.")
    for warning in vault.warnings:
        context.say(f"Warning: {vault.name}: {warning}")


def _connections(count: int) -> str:
    return f"{count} connection{'' if count == 1 else 's'}"
