"""The bar that is there while a transaction is open: what it holds, Commit and Roll back."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from keeperdb.gui.strips import Strip

COMMIT_KEYS = "Ctrl+Shift+M"
ROLLBACK_KEYS = "Ctrl+Shift+U"


class TransactionBar(Strip):
    """Shown by `show_transaction`; its buttons ask through signals."""

    commit_requested = Signal()
    rollback_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("warning", parent)
        self.commit_button = self.add_button(
            "Commit", self.commit_requested.emit, tip=f"Keep the changes ({COMMIT_KEYS})"
        )
        self.rollback_button = self.add_button(
            "Roll back", self.rollback_requested.emit, tip=f"Undo the changes ({ROLLBACK_KEYS})"
        )

    def show_transaction(self, statements: int, is_enabled: bool) -> None:
        """Say how many statements the transaction holds; the buttons work while nothing runs."""
        count = "1 statement" if statements == 1 else f"{statements:,} statements"
        self.show_text(f"Transaction open: {count} since it began, not committed")
        self.commit_button.setEnabled(is_enabled)
        self.rollback_button.setEnabled(is_enabled)
