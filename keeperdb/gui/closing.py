"""What is asked before tabs are closed: about statements that run, changes not committed, and text not saved."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from keeperdb.gui.cell_text import elide_middle, one_line
from keeperdb.gui.query_tab import QueryTab
from keeperdb.gui.question import Step, ask


def close_tabs(
    parent: QWidget, tabs: Sequence[QueryTab], then: Step, *, asks_about_text: bool, keeps_staged: bool = False
) -> None:
    """Ask what has to be asked about `tabs`; `then` is called when they may be closed, perhaps much later.

    `keeps_staged` if staged changes will be there again when the tabs are.
    """

    def about_text() -> None:
        unsaved = [tab for tab in tabs if tab.has_unsaved_text] if asks_about_text else []
        if not unsaved:
            then()
            return
        detail = "Ctrl+S in the tab saves it to a file."
        ask(parent, f"{_names(unsaved)} text that is not saved.", detail, [("Close without saving", then)])

    def about_changes() -> None:
        open_ = [tab for tab in tabs if tab.has_uncommitted_changes]
        if not open_:
            about_text()
            return
        choices = [
            ("Commit", lambda: _one_by_one(open_, lambda tab, next_: tab.commit(next_), about_text)),
            ("Roll back", lambda: _one_by_one(open_, lambda tab, next_: tab.rollback(next_), about_text)),
        ]
        ask(parent, f"{_names(open_)} changes that are not committed.", "What is to happen with them?", choices)

    def about_staged() -> None:
        staged = [] if keeps_staged else [tab for tab in tabs if tab.staged_count]
        if not staged:
            about_changes()
            return
        detail = "They are not in the database yet."
        ask(parent, f"{_names(staged)} staged changes.", detail, [("Discard them and close", about_changes)])

    running = [tab for tab in tabs if tab.would_lose_work]
    if running:
        what = "A statement" if any(tab.is_running for tab in running) else "An export"
        text = f"{what} runs in {', '.join(_title(tab) for tab in running)}."
        ask(parent, text, "Closing stops it, and rolls back what it did not commit.", [("Stop and close", then)])
    else:
        about_staged()


def _one_by_one(tabs: Sequence[QueryTab], act: Callable[[QueryTab, Step], None], then: Step) -> None:
    if tabs:
        act(tabs[0], lambda: _one_by_one(tabs[1:], act, then))
    else:
        then()


def _names(tabs: Sequence[QueryTab]) -> str:
    """`query 1 has`, or `query 1 and 2 more have`."""
    if len(tabs) == 1:
        return f"“{_title(tabs[0])}” has"
    return f"“{_title(tabs[0])}” and {len(tabs) - 1} more have"


def _title(tab: QueryTab) -> str:
    return elide_middle(one_line(tab.title), 40)
