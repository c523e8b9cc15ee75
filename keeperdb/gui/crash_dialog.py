"""A bug of ours, told with what belongs into a report, and ways to go on."""

import platform
import traceback
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from keeperdb import __version__
from keeperdb.gui.notices import IconLabel, plain_label
from keeperdb.gui.query_session import QuerySession
from keeperdb.gui.question import ask
from keeperdb.gui.words import count
from keeperdb.log import redact

if TYPE_CHECKING:
    from keeperdb.gui.app import Application

_MOST_FRAMES = 60
_LONGEST = 500  # characters of an exception's text, which may hold data
_TEXT = (
    "This is a bug in the program. What you typed is still there. The details hold no passwords; copy them into a "
    "report. If the window behaves oddly, start again: tabs and texts are brought back."
)


class CrashDialog(QDialog):
    """What went wrong inside, for a report; `error` is not shown in full, because its text may hold data."""

    def __init__(self, app: "Application", parent: QWidget | None, error: BaseException) -> None:
        super().__init__(parent)
        self._app = app
        self.setWindowTitle("KeeperDB")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(680, 440)
        self.details = crash_details(error)
        view = QPlainTextEdit(self.details)
        view.setReadOnly(True)
        view.setProperty("role", "paper")
        view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        view.setAccessibleName("Details")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(12)
        title = QHBoxLayout()
        title.setSpacing(12)
        title.addWidget(IconLabel("error", "danger", 24))
        title.addWidget(plain_label("Something in KeeperDB went wrong", "title"), 1)
        layout.addLayout(title)
        layout.addWidget(plain_label(_TEXT, wrap=True))
        layout.addWidget(view, 1)
        layout.addLayout(self._buttons())
        self._close.setFocus()

    def copy(self) -> None:
        """Put the details on the clipboard."""
        QApplication.clipboard().setText(self.details)

    def open_log(self) -> None:
        """Show what was written down before."""
        from keeperdb.gui.log_viewer import LogViewer

        LogViewer(self._app.runner, self._app.workspace.paths.logs, self).show()

    def restart(self) -> None:
        """End and start anew; asks first where a transaction would be rolled back."""
        sessions = [each for window in self._app.windows for each in window.findChildren(QuerySession)]
        at_stake = sum(session.in_transaction for session in sessions)
        if at_stake:
            text = f"{count(at_stake, 'open transaction')} will be rolled back"
            ask(
                self, "Restart KeeperDB?", f"{text}. Tabs and texts are brought back.", [("Restart", self._app.restart)]
            )
        else:
            self._app.restart()

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        acts = (("Copy details", self.copy), ("Open log", self.open_log), ("Restart and restore", self.restart))
        for text, act in acts:
            button = QPushButton(text)
            button.setAutoDefault(False)
            button.clicked.connect(act)
            row.addWidget(button)
        row.addStretch()
        close = QPushButton("Go on")
        close.setDefault(True)
        close.clicked.connect(self.reject)
        row.addWidget(close)
        self._close = close
        return row


def crash_details(error: BaseException) -> str:
    """Version, platform and where it happened, without values: an exception's own text may hold data."""
    lines = [f"KeeperDB {__version__}, Python {platform.python_version()}, {platform.system()} {platform.release()}"]
    for frame in traceback.extract_tb(error.__traceback__)[-_MOST_FRAMES:]:
        lines.append(f"  {frame.filename.rpartition('keeperdb/')[2]}:{frame.lineno} in {frame.name}")
    lines.append(redact(f"{type(error).__name__}: {error}")[:_LONGEST])
    return "\n".join(lines)
