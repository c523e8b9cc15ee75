"""How the storage stands, in a few words: for the page, the line under the list, and the status bar."""

from dataclasses import dataclass

from keeperdb.gui.words import ago, count
from keeperdb.task import Progress
from keeperdb.vault.storage_model import ChangeKind, StorageState


@dataclass(frozen=True, slots=True)
class Standing:
    """An icon with its tint, the words beside it, and the longer ones for a tooltip."""

    icon: str
    tint: str
    text: str
    details: str = ""


def standing(state: StorageState, *, is_running: bool = False) -> Standing:
    """What a person should know first."""
    details = f"{state.vault_name} · {state.folder_path}\nLast sync: {ago(state.last_sync)}"
    if is_running:
        return Standing("refresh", "accent", "Syncing", details)
    if state.error:
        return Standing("warning", "warning", "Not synced", f"{state.error} {state.error_hint}".strip())
    if state.question is not None:
        return Standing("warning", "warning", "Waits for an answer", state.question.text)
    if state.failures:
        failed = count(len(state.failures), "item")
        return Standing("warning", "warning", f"{failed} could not be synced", details)
    if state.pending:
        return Standing("clock", "muted", f"{count(state.pending, 'change')} to sync", details)
    if state.last_sync is None:
        return Standing("clock", "muted", "Not synced yet", details)
    return Standing("success", "success", "Up to date", details)


def progress_text(progress: Progress) -> str:
    """`Configuring… 4 of 245`, or the sentence alone where there is no count."""
    text = progress.text or "Syncing…"
    if progress.total and not any(character.isdigit() for character in text):
        return f"{text} {progress.done:,} of {progress.total:,}"
    return text


KIND_WORDS = {
    ChangeKind.WRITE: ("In the vault", "Write"),
    ChangeKind.DELETE: ("In the vault", "Delete"),
    ChangeKind.SAVE: ("On this machine", "Save"),
    ChangeKind.REMOVE: ("On this machine", "Remove"),
    ChangeKind.NOTE: ("", "To know"),
}
KIND_ICONS = {
    ChangeKind.WRITE: ("arrow-up", "accent"),
    ChangeKind.DELETE: ("trash", "danger"),
    ChangeKind.SAVE: ("arrow-down", "success"),
    ChangeKind.REMOVE: ("trash", "danger"),
    ChangeKind.NOTE: ("info", "muted"),
}
