"""The statements of the script that is edited, as a list to go through; it follows the caret."""

from bisect import bisect_right
from collections.abc import Sequence
from functools import partial
from typing import Any

import shiboken6
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer
from PySide6.QtWidgets import QListView, QStackedLayout, QVBoxLayout, QWidget

from keeperdb.gui.cell_text import one_line, tooltip
from keeperdb.gui.editor import Editor
from keeperdb.gui.notices import plain_label
from keeperdb.gui.search_field import SearchField
from keeperdb.query.outline import outline
from keeperdb.query.statements import Statement
from keeperdb.task import Task

_SETTLE = 120  # milliseconds that collect keys and moves of the caret
_TIP = 600  # characters
_NO_INDEX = QModelIndex()
_EMPTY = "The statements of the script appear here."
_NOTHING = "No statement has that in its beginning."
_HEAD = 400  # characters of a statement in which the filter looks

Index = QModelIndex | QPersistentModelIndex


class OutlineModel(QAbstractListModel):
    """The statements by number; what a row says is found when it is looked at."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._statements: Sequence[Statement] = []
        self._dialect = ""
        self._labels: dict[int, str] = {}
        self.numbers: Sequence[int] = []  # of the statements that are shown

    def show_statements(self, statements: Sequence[Statement], dialect: str, numbers: Sequence[int]) -> None:
        self.beginResetModel()
        if statements is not self._statements:
            self._labels = {}
        self._statements, self._dialect, self.numbers = statements, dialect, numbers
        self.endResetModel()

    def statement(self, row: int) -> Statement | None:
        return self._statements[self.numbers[row]] if 0 <= row < len(self.numbers) else None

    def row_at(self, position: int) -> int:
        """The row of the statement at a character of the script, or before it."""
        number = bisect_right(self._statements, position, key=lambda each: each.start) - 1
        row = bisect_right(self.numbers, number) - 1
        return row if row >= 0 and self.numbers[row] == max(number, 0) else -1

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.numbers)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        number = self.numbers[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            if number not in self._labels:
                entry = next(iter(outline([self._statements[number]], self._dialect)))
                self._labels[number] = one_line(entry.label)
            return f"{number + 1:,}  {self._labels[number]}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(self._statements[number].text[:_TIP])
        return None


class OutlinePanel(QWidget):
    """`follow` says whose statements are shown."""

    def __init__(self) -> None:
        super().__init__()
        self._editor: Editor | None = None
        self._connections: list[Any] = []
        self.filter = SearchField("Filter statements")
        self.model = OutlineModel(self)
        self.view = QListView()
        self.view.setModel(self.model)
        self.view.setUniformItemSizes(True)
        self.view.setAccessibleName("Statements of the script")
        self.view.setProperty("role", "pane")
        self.view.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.said = plain_label(_EMPTY, "muted", wrap=True)
        self.said.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.said.setMargin(16)
        self._soon = QTimer(self, singleShot=True, interval=_SETTLE)
        self._soon.timeout.connect(self.refresh)
        self._lay_out()
        self.view.clicked.connect(self._go)
        self.view.activated.connect(self._go)
        self.filter.textChanged.connect(self._soon.start)
        self.filter.moved.connect(self._move)
        self.filter.entered.connect(lambda _: self._go(self.view.currentIndex()))
        self.setFocusProxy(self.filter)

    def follow(self, editor: Editor | None) -> None:
        """Show the statements of `editor` from now on."""
        if editor is self._editor:
            return
        if self._editor is not None and shiboken6.isValid(self._editor):
            for connection in self._connections:
                QObject.disconnect(connection)
        self._editor, self._connections = editor, []
        if editor is not None:
            self._connections = [
                editor.statements.changed.connect(self._soon.start),
                editor.caret_moved.connect(lambda *_: self._follow_caret()),
            ]
        self.refresh()

    def refresh(self) -> None:
        """Show the statements as they are now."""
        editor = self._editor
        if editor is None or not shiboken6.isValid(editor):
            self._editor = None
            self._show([], "", [])
            return
        if not editor.statements.is_current:
            return
        statements, wanted = editor.statements.statements, self.filter.text().strip().casefold()
        if not wanted:
            self._show(statements, editor.dialect, range(len(statements)))
        elif editor.runner is not None:
            editor.runner.start(
                partial(_matching, statements, wanted),
                owner=self,
                done=lambda numbers: self._show(statements, editor.dialect, numbers),
            )

    def _show(self, statements: Sequence[Statement], dialect: str, numbers: Sequence[int]) -> None:
        self.model.show_statements(statements, dialect, numbers)
        self.said.setText(_NOTHING if len(statements) else _EMPTY)
        self._pages.setCurrentIndex(0 if len(numbers) else 1)
        self._follow_caret()

    def _follow_caret(self) -> None:
        if self._editor is None or not self._editor.statements.is_current:
            return
        row = self.model.row_at(self._editor.selection()[0])
        if row >= 0 and row != self.view.currentIndex().row():
            self.view.setCurrentIndex(self.model.index(row, 0))

    def _move(self, rows: int) -> None:
        row = max(0, min(self.view.currentIndex().row() + rows, self.model.rowCount() - 1))
        self.view.setCurrentIndex(self.model.index(row, 0))

    def _go(self, index: Index) -> None:
        statement, editor = self.model.statement(index.row()), self._editor
        if statement is None or editor is None or not editor.statements.is_current:
            return
        editor.carets.clear()
        editor.setTextCursor(editor.place(statement.start, statement.start))
        editor.centerCursor()
        editor.setFocus()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        box = QVBoxLayout()
        box.setContentsMargins(8, 0, 8, 0)
        box.addWidget(self.filter)
        column.addLayout(box)
        pages = QWidget()
        self._pages = QStackedLayout(pages)
        self._pages.addWidget(self.view)
        self._pages.addWidget(self.said)
        column.addWidget(pages, 1)


def _matching(statements: Sequence[Statement], wanted: str, task: Task) -> list[int]:
    """In the background: the numbers of statements that have `wanted` near their beginning, or in their title."""
    found = []
    for number, statement in enumerate(statements):
        if number % 1_000 == 0:
            task.check()
        if wanted in statement.text[:_HEAD].casefold() or wanted in statement.title.casefold():
            found.append(number)
    return found
