"""The line at the bottom: connection, environment, transaction, rows and time; always in words, never colour alone."""

import shiboken6
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStatusBar, QWidget

from keeperdb.connections.profile import CommitMode, ConnectionProfile, Environment
from keeperdb.engines.guarantees import read_only_label, read_only_promise
from keeperdb.engines.registry import get_engine
from keeperdb.gui.cell_text import elide_middle, one_line, tooltip
from keeperdb.gui.editor import Editor
from keeperdb.gui.elided_label import ElidedLabel
from keeperdb.gui.notices import plain_label
from keeperdb.gui.privacy import privacy
from keeperdb.gui.query_session import QuerySession, SessionState
from keeperdb.gui.tokens import environment_color
from keeperdb.query.at_stake import changes_in_words

_DOT = 8
_MARGIN = 8  # pixels at each side of a text


class EnvironmentDot(QWidget):
    """A dot in the environment's colour; the word stands beside it."""

    def __init__(self, environment: Environment) -> None:
        super().__init__()
        self._environment = environment
        self.setFixedSize(_DOT + 8, _DOT + 4)

    def paintEvent(self, event: QPaintEvent) -> None:
        fill = environment_color(self._environment)
        if fill is not None:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(fill)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(QRectF(6, 2, _DOT, _DOT))
            painter.end()


class SteadyLabel(QLabel):
    """A muted text that keeps the width of the widest it had, so that its neighbours stay where they are."""

    def __init__(self, name: str, usual: str) -> None:
        """`usual` is as long as texts commonly are."""
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", "muted")
        self.setAccessibleName(name)
        self.setContentsMargins(_MARGIN, 0, _MARGIN, 0)
        self._usual = usual
        self._widest = 0

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        usual = self.fontMetrics().horizontalAdvance(self._usual) + 2 * _MARGIN
        self._widest = max(self._widest, usual, hint.width())
        return QSize(self._widest, hint.height())


class StatusBar(QStatusBar):
    """What stands still is at the left, what changes with the current tab at the right."""

    def __init__(self, profile: ConnectionProfile, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.connection = plain_label()
        self.version = plain_label(role="muted")
        self.transaction = SteadyLabel("Transaction", "No transaction")
        self.rows = SteadyLabel("Rows and time", "1,000 rows · 10 ms + 10 ms")
        self.caret = SteadyLabel("Place of the caret", "Line 100, column 10")
        self._editor: Editor | None = None
        if profile.environment is not Environment.NONE:
            self.addWidget(EnvironmentDot(profile.environment))
        self._profile = profile
        self._show_connection()
        privacy().changed.connect(self._show_connection)
        self.connection.setContentsMargins(6, 0, 6, 0)
        self.addWidget(self.connection)
        if profile.vault is not None:
            self.addWidget(_badge(profile.vault.vault_name))
        self.addWidget(self.version)
        self.selection = ElidedLabel("Selected cells")
        self.addWidget(self.selection, 1)
        for label in (self.caret, self.transaction, self.rows):
            self.addPermanentWidget(label)

    def _show_connection(self) -> None:
        self.connection.setText(_in_words(self._profile))
        self.connection.setToolTip(tooltip(_in_full(self._profile)))

    def show_selection(self, text: str) -> None:
        """Show what the selected cells of the result that is looked at add up to."""
        self.selection.setText(text)
        self.version.setVisible(not text)  # the sums have its room; nothing at their right moves

    def follow_caret(self, editor: Editor | None) -> None:
        """Show where the caret of this editor is, from now on."""
        if editor is self._editor:
            return
        if self._editor is not None and shiboken6.isValid(self._editor):
            self._editor.caret_moved.disconnect(self._show_caret)
        self._editor = editor
        self.caret.setText("")
        if editor is not None:
            editor.caret_moved.connect(self._show_caret)
            self._show_caret(*editor.caret())

    def _show_caret(self, line: int, column: int, carets: int) -> None:
        self.caret.setText(f"{carets:,} carets" if carets > 1 else f"Line {line:,}, column {column:,}")

    def show_tab(self, session: QuerySession | None, rows: str) -> None:
        """Show what the current tab has."""
        self.rows.setText(rows)
        self.transaction.setText("" if session is None else _transaction_in_words(session))


def _in_words(profile: ConnectionProfile) -> str:
    parts = [profile.environment.value, elide_middle(one_line(privacy().sentence(profile.name)), 48)]
    if profile.read_only:
        parts.append(read_only_label(get_engine(profile.engine)))
    return " · ".join(part for part in parts if part)


def _in_full(profile: ConnectionProfile) -> str:
    promise = f"\nRead-only. {read_only_promise(get_engine(profile.engine))}" if profile.read_only else ""
    return f"{privacy().sentence(profile.full_name)}\n{privacy().place(profile.address)}{promise}"


def _badge(vault: str) -> QLabel:
    badge = plain_label("Vault", "badge")
    badge.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)  # taller neighbours would stretch it
    badge.setToolTip(tooltip(f"From the vault {vault}"))
    return badge


def _transaction_in_words(session: QuerySession) -> str:
    if session.in_transaction:
        return f"Transaction open: {changes_in_words(session.statements, session.rows)}"
    if session.state in (SessionState.CLOSED, SessionState.CONNECTING):
        return ""
    return "Auto-commit" if session.commit_mode is CommitMode.AUTO else "No transaction"
