"""A window with the log of the program: by level, searched, followed, copied, deleted."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from keeperdb.errors import KeeperDBError
from keeperdb.gui.cell_text import one_line
from keeperdb.gui.log_lines import LEVELS, LogLine, LogRead, delete_log, matching, read_log
from keeperdb.gui.notices import plain_label, show_error, show_notice
from keeperdb.gui.question import ask
from keeperdb.gui.runner import Runner
from keeperdb.gui.search_field import SearchField
from keeperdb.gui.theme import mono_font
from keeperdb.gui.tokens import SMALL, color
from keeperdb.gui.words import count
from keeperdb.task import Task

_ROOT = QModelIndex()
_FOLLOW_EVERY = 1_000  # milliseconds
_WAIT = 150  # milliseconds without a key before it is searched
_TINTS = {"WARNING": "warning", "ERROR": "danger", "CRITICAL": "danger", "DEBUG": "muted"}


class LogModel(QAbstractListModel):
    """The lines that match; each carries its level in words, and a colour besides."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[LogLine] = []

    def show_lines(self, lines: list[LogLine]) -> None:
        """Show these; lines that were only added keep the place and the selection."""
        old = len(self.lines)
        if lines[:old] == self.lines and len(lines) > old:
            self.beginInsertRows(QModelIndex(), old, len(lines) - 1)
            self.lines = lines
            self.endInsertRows()
        elif lines != self.lines:
            self.beginResetModel()
            self.lines = lines
            self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        line = self.lines[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return one_line(line.text, 1_000)
        if role == Qt.ItemDataRole.ForegroundRole and line.level in _TINTS:
            return color(_TINTS[line.level])
        return None


class LogViewer(QDialog):
    """Reads in the background; not in the way of the rest of the program."""

    def __init__(self, runner: Runner, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Log")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(980, 600)
        self._runner = runner
        self._folder = folder
        self._read: LogRead | None = None
        self._task: Task | None = None
        self.model = LogModel()
        self.view = QListView()
        self.search = SearchField("Search the log")
        self.level = QComboBox()
        self.follow = QCheckBox("Follow")
        self.state = plain_label("Reading…", "muted")
        self._configure()
        self._lay_out()
        self._clock = QTimer(self, interval=_FOLLOW_EVERY)
        self._clock.timeout.connect(self.look)
        self._pause = QTimer(self, singleShot=True, interval=_WAIT)
        self._pause.timeout.connect(self.look)
        self._connect()
        self.look()
        self._clock.start()

    def look(self) -> None:
        """Read what is new, and show what matches."""
        if self._task is not None:
            return
        known, least, words = self._read, str(self.level.currentData()), self.search.text()

        def operation(task: Task) -> tuple[LogRead, list[LogLine]]:
            found = read_log(self._folder, known, task)
            return found, matching(found.lines, least, words, task)

        self._task = self._runner.start(
            operation, owner=self, done=lambda found: self._show(*found), failed=self._fail, finished=self._ended
        )

    def copy(self) -> None:
        """Put the selected lines, or all that are shown, on the clipboard."""
        rows = sorted(index.row() for index in self.view.selectedIndexes()) or range(len(self.model.lines))
        text = "\n".join(self.model.lines[row].text for row in rows)
        QApplication.clipboard().setText(text)
        show_notice(self, f"{count(len(rows), 'line')} copied. Passwords and tokens are redacted.")

    def show_folder(self) -> None:
        """Open the folder of the log in the file manager."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))

    def ask_deletion(self) -> None:
        """Delete the log once the person agrees."""
        text = "What happened before cannot be looked up any more."
        ask(self, "Delete the log?", text, [("Delete the log", self.delete)], keep="Keep")

    def delete(self) -> None:
        """Delete the log."""
        self._runner.start(
            lambda _: delete_log(self._folder), owner=self, done=lambda _: self.look(), failed=self._fail
        )

    def _show(self, found: LogRead, lines: list[LogLine]) -> None:
        self._read = found
        self.model.show_lines(lines)
        total = len(found.lines)
        shown = count(total, "line") if len(lines) == total else f"{len(lines):,} of {count(total, 'line')}"
        self.state.setText(shown)
        if self.follow.isChecked():
            self.view.scrollToBottom()

    def _ended(self) -> None:
        self._task = None

    def _fail(self, error: KeeperDBError) -> None:
        self._clock.stop()
        show_error(self, error)

    def _configure(self) -> None:
        view = self.view
        view.setModel(self.model)
        view.setUniformItemSizes(True)
        view.setFont(mono_font(SMALL))
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setAccessibleName("Lines of the log")
        self.level.setAccessibleName("Least level")
        for level in LEVELS[:-1]:
            self.level.addItem("Everything" if level == "DEBUG" else f"{level.capitalize()} and graver", level)
        self.follow.setChecked(True)
        self.follow.setToolTip("Stay at the end while lines are added")

    def _connect(self) -> None:
        self.search.textChanged.connect(lambda _: self._pause.start())
        self.search.moved.connect(lambda _: self.view.setFocus())
        self.level.currentIndexChanged.connect(lambda _: self.look())
        QShortcut(QKeySequence.StandardKey.Copy, self.view, self.copy, context=Qt.ShortcutContext.WidgetShortcut)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.search, 1)
        head.addWidget(self.level)
        head.addWidget(self.follow)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.state, 1)
        acts = (("Copy", self.copy), ("Show in folder", self.show_folder), ("Delete the log…", self.ask_deletion))
        for text, act in acts:
            button = QPushButton(text)
            button.setAutoDefault(False)
            button.clicked.connect(act)
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.view, 1)
        column.addLayout(foot)
