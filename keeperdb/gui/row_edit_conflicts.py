"""What is asked when somebody else wrote to a row that has a staged change."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from keeperdb.data.edits import EditError, EditReason
from keeperdb.data.staged import RowRef, StagedChanges
from keeperdb.gui.question import ask

_DETAIL = (
    "Nothing was written; the changes are still staged. "
    "Your change can be kept, over what is in the row now, or taken back."
)
_GONE = "Nothing was written; the changes are still staged. Without this one the others can be committed."


def ask_conflict(
    window: QWidget, error: EditError, changes: StagedChanges, ref: RowRef, solved: Callable[[str], None]
) -> bool:
    """Ask; `solved(words)` follows an answer. False if the error is no conflict, or nothing can be done about it."""

    def keep() -> None:
        changes.rebase(ref, error.current)
        solved("Your change is kept. Commit writes it over the row as it is now.")

    def revert() -> None:
        changes.revert([ref])
        solved("Your change of this row is taken back; Undo brings it again.")

    choices: list[tuple[str, Callable[[], None]]] = []
    if error.reason is EditReason.CHANGED and error.current:
        choices.append(("Keep my change", keep))
    if error.reason in (EditReason.CHANGED, EditReason.GONE):
        choices.append(("Revert my change", revert))
        ask(window, error.message, _GONE if error.reason is EditReason.GONE else _DETAIL, choices, "Decide later")
    return bool(choices)
