"""Stands over the objects of a window that came back from before: nothing is connected until a person wants it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from keeperdb.errors import KeeperDBError
from keeperdb.gui.notices import plain_label
from keeperdb.gui.query_session import SessionState
from keeperdb.gui.query_tabs import QueryTabs
from keeperdb.gui.schema_tree import SchemaTree
from keeperdb.query.session import Session
from keeperdb.task import Task

_OPEN = (SessionState.READY, SessionState.BUSY)


class ReopenBar(QWidget):
    """Connects the tree when its button is pressed, or once a tab has connected. `connected(version)` follows."""

    connected = Signal(str)

    def __init__(self, tree: SchemaTree, tabs: QueryTabs) -> None:
        super().__init__()
        self._tree, self._tabs = tree, tabs
        self._has_begun = False
        self.words = plain_label("Not connected", "heading", wrap=True, selectable=True)
        self.hint = plain_label("The tabs are as they were. Nothing was run.", "muted", wrap=True, selectable=True)
        self.button = QPushButton("Connect")
        self.button.setProperty("role", "primary")
        self.button.setToolTip("Connect, and list what is in the database")
        self.button.clicked.connect(lambda _checked: self.connect_now())
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(4)
        for widget in (self.words, self.hint, self.button):
            column.addWidget(widget)
        tree.session.changed.connect(self._follow)
        tabs.changed.connect(self._look_at_tabs)

    def connect_now(self) -> None:
        """Connect the tree."""
        if self._tree.session.state is SessionState.CLOSED:
            self._tree.session.connect_again(self._fail)

    def _look_at_tabs(self) -> None:
        """A person who ran something wants the connection."""
        if not self._has_begun and any(tab.session.state in _OPEN for tab in self._tabs.tabs):
            self.connect_now()

    def _follow(self) -> None:
        state = self._tree.session.state
        self.button.setEnabled(state is SessionState.CLOSED)
        if state is SessionState.CONNECTING:
            self.words.setText("Connecting…")
        elif state in _OPEN and not self._has_begun:
            self._has_begun = True
            self.hide()
            self._tree.session.run(_describe, done=self._begin, failed=self._fail, cancelled=self._reset)
        elif state is SessionState.CLOSED and not self._has_begun and self.words.text() == "Connecting…":
            self._reset()

    def _begin(self, described: tuple[str, str]) -> None:
        database, version = described
        self._tree.begin(database)
        self.connected.emit(version)

    def _fail(self, error: KeeperDBError) -> None:
        self._has_begun = False
        self.words.setText(error.message)
        self.hint.setText(error.hint)
        self.button.setText("Try again")
        self.show()

    def _reset(self) -> None:
        self._has_begun = False
        self.words.setText("Not connected")
        self.show()


def _describe(session: Session, _task: Task) -> tuple[str, str]:
    return session.database, session.server_version
