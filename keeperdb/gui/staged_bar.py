"""The bar over rows with staged changes: how many, what undo takes back, Preview SQL, Commit and Discard."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from keeperdb.data.staged import RowState
from keeperdb.gui.icons import set_icon
from keeperdb.gui.strips import Strip
from keeperdb.task import Progress

_WORDS = {RowState.MODIFIED: "changed", RowState.INSERTED: "new", RowState.DELETED: "deleted"}


class StagedBar(Strip):
    """Hidden while nothing is staged, and there is nothing to do again."""

    undo_requested = Signal()
    redo_requested = Signal()
    preview_requested = Signal()
    commit_requested = Signal()
    discard_requested = Signal()
    stop_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("info", parent)
        self.undo_button = self.add_button("Undo", self.undo_requested.emit, "link")
        self.redo_button = self.add_button("Redo", self.redo_requested.emit, "link")
        set_icon(self.undo_button, "undo", "accent")
        set_icon(self.redo_button, "redo", "accent")
        self.preview_button = self.add_button(
            "Preview SQL", self.preview_requested.emit, tip="Show the statements that Commit runs (Ctrl+Alt+Q)"
        )
        self.commit_button = self.add_button(
            "Commit", self.commit_requested.emit, "primary", "Write all of it in one transaction (Ctrl+Alt+Return)"
        )
        self.discard_button = self.add_button(
            "Discard", self.discard_requested.emit, tip="Take all of it back; Undo brings it back"
        )
        self.stop_button = self.add_button("Stop", self.stop_requested.emit, tip="Stop, and roll back what was written")
        self.stop_button.hide()

    def show_staged(self, counts: Mapping[RowState, int], undo: str, redo: str) -> None:
        """Say what is staged; `undo` and `redo` are the steps that they would take."""
        total = sum(counts.values())
        parts = [f"{count:,} {_WORDS[state]}" for state, count in counts.items() if count]
        rows = "1 row is staged" if total == 1 else f"{total:,} rows are staged"
        self.undo_button.setEnabled(bool(undo))
        self.undo_button.setToolTip(f"Undo: {undo} (Ctrl+Z)" if undo else "Nothing to undo")
        self.redo_button.setEnabled(bool(redo))
        self.redo_button.setToolTip(f"Redo: {redo} (Ctrl+Y)" if redo else "Nothing to redo")
        for button in (self.preview_button, self.commit_button, self.discard_button):
            button.setEnabled(total > 0)
        if total:
            self.show_text(f"{rows}: {', '.join(parts)}")
        elif undo or redo:
            self.show_text("Nothing is staged")
        else:
            self.hide()

    def show_progress(self, progress: Progress) -> None:
        """How many rows are written by now."""
        if not self.stop_button.isHidden() and progress.total:
            self.show_text(f"Committing… {progress.done:,} of {progress.total:,} rows")

    def show_committing(self, is_committing: bool) -> None:
        """While the changes are being written, only Stop can be pressed."""
        for button in (self.undo_button, self.redo_button, self.preview_button, self.discard_button):
            button.setVisible(not is_committing)
        self.commit_button.setVisible(not is_committing)
        self.stop_button.setVisible(is_committing)
        if is_committing:
            self.show_text("Committing…")
