"""The panel History: what was run, found as one types, looked at and used again."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QFont, QFontMetrics, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSplitter, QVBoxLayout, QWidget

from keeperdb.errors import KeeperDBError
from keeperdb.gui import words
from keeperdb.gui.actions import make_action, set_available
from keeperdb.gui.cell_text import elide_middle, one_line
from keeperdb.gui.editor import Editor, EditorPreferences
from keeperdb.gui.history_list import PAGE, HistoryList, HistoryModel
from keeperdb.gui.notices import plain_label, show_notice
from keeperdb.gui.question import ask
from keeperdb.gui.search_field import SearchField
from keeperdb.gui.theme import BODY, font
from keeperdb.query.history import HistoryEntry

if TYPE_CHECKING:
    from keeperdb.gui.app import Application
    from keeperdb.gui.main_window import MainWindow

_TYPING = 40  # milliseconds after the last key until it is searched
_RECORDED = 300  # milliseconds in which what was run is shown together
_WIDTH = 320
_PREVIEWED = 20_000  # characters
_PREVIEW = EditorPreferences(font_size=12, word_wrap=True, line_numbers=False, folding=False)
_PADDING = 30  # pixels of a button beside its text
_NAME = 24  # characters of a new tab's title


class HistoryPanel(QWidget):
    """Of one main window; searching and writing is done in the background."""

    def __init__(self, app: "Application", window: "MainWindow") -> None:
        super().__init__()
        self._app, self._window = app, window
        self._history = app.history.history
        self._search_number = 0
        self.search = SearchField("Search history")
        self.own = self._segment("This connection", "Show only what was run on this connection")
        self.every = self._segment("All", "Show what was run on every connection")
        self.failed = self._segment("Failed", "Show only statements that failed")
        self.own.setChecked(True)
        self.model = HistoryModel(self)
        self.list = HistoryList(self.model)
        self.nothing = plain_label("", "muted", wrap=True)
        self.nothing.setContentsMargins(12, 12, 12, 12)
        self.preview = Editor(window.dialect, _PREVIEW, self)
        self.preview.setReadOnly(True)
        self._actions = self._make_actions()
        self._lay_out()
        self._connect()
        self.look()

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, super().sizeHint().height())

    def look(self) -> None:
        """Search anew."""
        self._search_number += 1
        self._find(0, self._show)

    def open_entries(self) -> None:
        """Open the chosen statements in a new tab; nothing is run."""
        chosen = self.list.chosen()
        if chosen:
            self._window.new_tab(_joined(chosen), _title(chosen[0]))

    def run_again(self) -> None:
        """Open the chosen statements in a new tab, with a button that runs them."""
        chosen = self.list.chosen()
        if chosen:
            tab = self._window.new_tab(_joined(chosen), _title(chosen[0]))
            here = self._window.profile
            others = sorted({one_line(entry.connection) for entry in chosen if entry.connection_id != here.id})
            text = f"Nothing was run yet. It would run on {here.name}."
            if others:
                text = f"Nothing was run yet. This was run on {', '.join(others)}; here it would run on {here.name}."
            kind = "warning" if others else "info"
            run = f"Run on {elide_middle(one_line(here.name), _NAME)}" if others else "Run"
            show_notice(self._window, text, kind, action=(run, tab.run_all), seconds=0)

    def insert(self) -> None:
        """Write the chosen statements at the caret of the current tab."""
        tab, chosen = self._window.tabs.current, self.list.chosen()
        if tab is not None and chosen and not tab.editor.isReadOnly() and tab.editor.isVisible():
            tab.editor.textCursor().insertText(_joined(chosen))
            tab.editor.setFocus()
        else:
            self.open_entries()

    def copy(self) -> None:
        """Copy the chosen statements."""
        QGuiApplication.clipboard().setText(_joined(self.list.chosen()))

    def delete(self) -> None:
        """Forget the chosen statements; it can be undone."""
        chosen = self.list.chosen()
        if chosen:
            self._change(lambda: self._history.remove([entry.id for entry in chosen]))
            text = f"{words.count(len(chosen), 'statement')} forgotten"

            def undo() -> None:
                self._change(lambda: self._history.restore(chosen))

            show_notice(self._window, text, action=("Undo", undo))

    def clear(self) -> None:
        """Ask, then forget everything that the list is of."""
        is_own = self.own.isChecked()
        what = f"what was run on {self._window.profile.name}" if is_own else "everything that was ever run"
        connection_id = self._window.profile.id if is_own else ""
        ask(
            self._window,
            f"Forget {what}?",
            "This cannot be undone.",
            [("Clear history", lambda: self._change(lambda: self._history.clear(connection_id)))],
            keep="Keep",
        )

    def _find(self, before_id: int, then: Callable[[list[HistoryEntry]], None]) -> None:
        number, text = self._search_number, self.search.text()
        connection_id = self._window.profile.id if self.own.isChecked() else ""
        is_failed = self.failed.isChecked()

        def show(entries: list[HistoryEntry]) -> None:
            if number == self._search_number:
                then(entries)

        self._app.runner.start(
            lambda _: self._history.search(
                text, connection_id=connection_id, failed_only=is_failed, before_id=before_id, limit=PAGE
            ),
            owner=self,
            done=show,
            failed=self._fail,
        )

    def _show(self, entries: list[HistoryEntry]) -> None:
        self.model.show(entries)
        self.nothing.setText("" if entries else self._why_empty())
        self.nothing.setVisible(not entries)
        self.list.setVisible(bool(entries))
        self._show_current()

    def _why_empty(self) -> str:
        if self.search.text().strip() or self.failed.isChecked():
            return "No statement matches."
        if not self._app.workspace.settings.is_on("tabs.record_history"):
            return "The history is switched off in the settings."
        return "Nothing was run yet. Statements are listed here with their time, rows and errors."

    def _fail(self, error: KeeperDBError) -> None:
        self.model.show([])
        self.nothing.setText(f"{error.message} {error.hint}".strip())
        self.nothing.show()

    def _change(self, operation: Callable[[], None]) -> None:
        self._app.runner.start(
            lambda _: operation(), owner=self, done=lambda _: self._app.history.recorded.emit(), failed=self._fail
        )

    def _show_current(self) -> None:
        chosen = self.list.chosen()
        self.preview.setPlainText(_joined(chosen)[:_PREVIEWED])
        for action in self._actions.values():
            set_available(action, bool(chosen), "Choose a statement in the history first.")

    def _connect(self) -> None:
        self._typing = QTimer(self, singleShot=True, interval=_TYPING)
        self._typing.timeout.connect(self.look)
        self._recorded = QTimer(self, singleShot=True, interval=_RECORDED)
        self._recorded.timeout.connect(self.look)
        self.search.textChanged.connect(self._typing.start)
        self.search.moved.connect(lambda _: self._enter_list())
        self.search.entered.connect(lambda _: self._enter_list())
        for button in (self.own, self.every, self.failed):
            button.toggled.connect(lambda is_on: self.look() if is_on or self.sender() is self.failed else None)
        self.model.more_wanted.connect(lambda last: self._find(last, self.model.add))
        self.list.selectionModel().selectionChanged.connect(lambda *_: self._show_current())
        self.list.activated.connect(lambda _: self.open_entries())
        self.list.customContextMenuRequested.connect(self._open_menu)
        self._app.history.recorded.connect(self._recorded.start)

    def _enter_list(self) -> None:
        if self.model.entries:
            self.list.setFocus()
            self.list.setCurrentIndex(self.model.index(0, 0))

    def _open_menu(self, point: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions([*self._actions.values(), self._clear])
        menu.popup(self.list.viewport().mapToGlobal(point))

    def _make_actions(self) -> dict[str, QAction]:
        acts: dict[str, Callable[[], object]] = {
            "history.open": self.open_entries,
            "history.run_again": self.run_again,
            "history.insert": self.insert,
            "history.copy": self.copy,
            "history.delete": self.delete,
        }
        scope = Qt.ShortcutContext.WidgetShortcut
        self._clear = make_action("history.clear", self.list, self.clear, scope)
        return {name: make_action(name, self.list, act, scope) for name, act in acts.items()}

    def _segment(self, text: str, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setCheckable(True)
        bold = font(BODY)
        bold.setWeight(QFont.Weight.DemiBold)  # as it is while it is pressed
        button.setMinimumWidth(QFontMetrics(bold).horizontalAdvance(text) + _PADDING)
        button.setProperty("role", "segment")
        button.setToolTip(tip)
        return button

    def _lay_out(self) -> None:
        self.own.setAutoExclusive(True)
        self.every.setAutoExclusive(True)
        scopes, holder = QHBoxLayout(), QWidget()
        scopes.setContentsMargins(0, 0, 0, 0)
        scopes.setSpacing(0)
        scopes.addWidget(self.own)
        scopes.addWidget(self.every)
        holder.setLayout(scopes)
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 0)
        row.addWidget(holder)
        row.addStretch(1)
        row.addWidget(self.failed)
        box = QHBoxLayout()
        box.setContentsMargins(8, 4, 8, 0)
        box.addWidget(self.search)
        self.preview.setAccessibleName("Statement")
        self.preview.setPlaceholderText("The chosen statement as it was run.")
        self.preview.setProperty("role", "pane")
        upper = QWidget()
        inner = QVBoxLayout(upper)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.nothing)
        inner.addWidget(self.list, 1)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(upper)
        splitter.addWidget(self.preview)
        splitter.setStretchFactor(0, 4)
        splitter.setStretchFactor(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(box)
        column.addLayout(row)
        column.addWidget(splitter, 1)
        self.setFocusProxy(self.search)


def _joined(entries: list[HistoryEntry]) -> str:
    """One statement as it was; several with a separator each."""
    if len(entries) == 1:
        return entries[0].sql
    return "".join(f"{entry.sql.rstrip().rstrip(';')};\n\n" for entry in entries)


def _title(entry: HistoryEntry) -> str:
    return " ".join(entry.sql[:200].split())[:_NAME] or "history"
