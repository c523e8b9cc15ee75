"""The bar that is there while a transaction is open: what it holds, Commit and Roll back."""

from datetime import UTC, datetime

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from keeperdb.gui.actions import describe_button
from keeperdb.gui.query_session import QuerySession
from keeperdb.gui.strips import Strip
from keeperdb.query.at_stake import changes_in_words

_CLOCK = 15_000  # milliseconds between two looks at how long the transaction is open


class TransactionBar(Strip):
    """Shown by `show_transaction`; its buttons ask through signals."""

    commit_requested = Signal()
    rollback_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("warning", parent)
        self._session: QuerySession | None = None
        self._idle_minutes = 0
        self._clock = QTimer(self, interval=_CLOCK)
        self._clock.timeout.connect(self._tell)
        self.commit_button = self.add_button("Commit", self.commit_requested.emit)
        self.rollback_button = self.add_button("Roll back", self.rollback_requested.emit)
        describe_button(self.commit_button, "query.commit")
        describe_button(self.rollback_button, "query.rollback")

    def show_transaction(self, session: QuerySession, idle_minutes: int) -> None:
        """Say what is not committed and since when; the buttons work while nothing runs."""
        self._session, self._idle_minutes = session, idle_minutes
        self.commit_button.setEnabled(not session.is_busy and not session.has_failed)
        self.rollback_button.setEnabled(not session.is_busy)
        self._tell()
        self._clock.start()

    def _tell(self) -> None:
        session = self._session
        if session is None or session.since is None:
            self._clock.stop()
            return
        minutes = int((datetime.now(UTC) - session.since).total_seconds() // 60)
        since = f"since {session.since.astimezone():%H:%M}" + (f" ({minutes} min)" if minutes else "")
        changes = changes_in_words(session.statements, session.rows)
        text = (
            f"{changes[0].upper()}{changes[1:]} not committed" if session.statements else "Transaction open, no changes"
        )
        if session.has_failed:
            self.show_text(f"The transaction failed and can only be rolled back, {since}", f"{text}.")
            return
        is_long = bool(self._idle_minutes) and minutes >= self._idle_minutes
        hint = "It may keep others waiting for its locks. Commit or roll back." if is_long else ""
        self.show_text(f"{text}, {since}", hint)
