"""`storage status`: where KeeperDB's storage is, what is pending and what failed."""

from argparse import Namespace

from keeperdb.commands.command import Output
from keeperdb.commands.context import Context
from keeperdb.vault.storage_model import StorageState


def run(context: Context, arguments: Namespace) -> Output:
    """Raises `UnsupportedError` in gateway mode. Nothing is sent."""
    storage = context.vault.workspace.storage
    storage.check_supported()
    data = described(storage.state)
    said = "\n".join(f"{name.replace('_', ' ').capitalize():>20}: {value}" for name, value in data.items() if value)
    return Output(data, None if arguments.format == "json" else said)


def described(state: StorageState) -> dict[str, object]:
    """A state for a table or JSON."""
    return {
        "state": _state_words(state),
        "enabled": state.is_enabled,
        "supported": state.is_supported,
        "vault": state.vault_name,
        "folder": state.folder_path if state.is_enabled else "",
        "type": state.record_kind.label if state.is_enabled else "",
        "last_sync": state.last_sync.isoformat(timespec="seconds") if state.last_sync else None,
        "stored": state.stored,
        "pending": state.pending,
        "left_out": state.left_out,
        "question": state.question.text if state.question else "",
        "error": f"{state.error} {state.error_hint}".strip(),
        "failures": [f"{failure.message} {failure.hint}".strip() for failure in state.failures],
        "notices": list(state.notices),
    }


def _state_words(state: StorageState) -> str:
    if not state.is_supported:
        return "not available in gateway mode"
    if not state.is_enabled:
        return "off"
    if state.error:
        return "the last sync failed"
    if state.question:
        return "waits for an answer"
    return "on"
