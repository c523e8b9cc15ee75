"""What is shown when the program starts: the windows of the last time, a question about them, or the list."""

import importlib
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.errors import KeeperDBError, StoreError
from keeperdb.gui import words
from keeperdb.gui.notices import show_notice
from keeperdb.workspace import Change
from keeperdb.workspace.journal import WindowState

if TYPE_CHECKING:
    from keeperdb.gui.app import Application
    from keeperdb.gui.main_window import MainWindow

_LOOK = 250  # milliseconds between two looks at whether the windows can be used
_WINDOWS = "keeperdb.gui.main_window"


class Restoring(QObject):
    """Restores windows with their tabs; never runs anything, and connects to nothing."""

    def __init__(self, app: "Application") -> None:
        super().__init__(app)
        self._app = app
        self._trouble: KeeperDBError | None = None
        self._left: list[WindowState] = []
        self._watch = QTimer(self, interval=_LOOK)
        self._watch.timeout.connect(self._look_whether_usable)
        app.changed.connect(self._on_change)
        app.journal.troubled.connect(self._warn)

    def read(self) -> None:
        """In the background, before there is a window: what was open, and the code that its windows need."""
        journal = self._app.journal
        try:
            journal.begin(journal.read())
        except StoreError as error:
            self._trouble = error
        if self.expects_windows:
            importlib.import_module(_WINDOWS)

    @property
    def expects_windows(self) -> bool:
        """Whether windows will probably be shown, so that the list need not be before."""
        return bool(self._app.journal.open_before) and not self._app.journal.is_safe_start

    def begin(self) -> None:
        """The workspace is loaded: show what the settings say."""
        journal, states = self._app.journal, self._app.journal.open_before
        if self._trouble is not None:
            self._warn(self._trouble)
        count = words.count(sum(len(state.tabs) for state in states), "tab")
        if states and journal.is_safe_start:
            text = f"The last two starts failed, so {count} from before {_were(count)} not restored."
            self._offer(text, "warning")
            return
        choice = self._app.workspace.settings.text("tabs.at_start")
        if states and choice == "restore":
            self.restore()
            return
        if states and choice == "ask":
            self._offer(f"{count} {_were(count)} open when KeeperDB ended.", "info")
        else:
            self._app.show_picker()
        journal.succeed()

    def restore(self) -> None:
        """Show the windows that were open, one after the other."""
        self._app.journal.is_safe_start = False
        self._left = self._app.journal.take_open()
        self._show_next()

    def show(self, state: WindowState, *, profile: ConnectionProfile | None = None) -> "MainWindow":
        """Show one window as it was, connected to nothing."""
        from keeperdb.gui.main_window import MainWindow
        from keeperdb.gui.restored_missing import MissingOpener, profile_for, stand_in

        found = profile or profile_for(state, self._app.workspace)
        opener = MissingOpener(state.connection) if found is None else self._app.opener(found)
        window = MainWindow(self._app, found or stand_in(state), opener=opener, state=state)
        self._app.present(window)
        return window

    def move(self, window: "MainWindow", profile: ConnectionProfile) -> None:
        """Have the tabs of a window go on on another connection."""
        state = self._app.journal.move_tabs(window)
        moved = replace(
            state, connection_id=profile.id, connection=profile.name, engine=profile.engine, path=profile.path
        )
        self.show(moved, profile=profile)
        window.close_quietly()

    def _show_next(self) -> None:
        if self._left:
            self.show(self._left.pop(0))
            QTimer.singleShot(0, self, self._show_next)
        else:
            self._watch.start()

    def _look_whether_usable(self) -> None:
        """The start has worked when the tabs that are looked at are there."""
        if all(window.restored.is_settled for window in self._app.windows):
            self._watch.stop()
            self._app.journal.succeed()

    def _offer(self, text: str, kind: str) -> None:
        self._app.show_picker()
        show_notice(self._app.picker, text, kind, action=("Restore tabs", self.restore), seconds=0)

    def _on_change(self, change: Change) -> None:
        """A connection that was missing may be there now: its tabs go on there."""
        if change is not Change.CONNECTIONS:
            return
        usable = {profile.id: profile for profile in self._app.workspace.profiles() if profile.is_usable}
        for window in [each for each in self._app.windows if each.is_missing]:
            if window.profile.id in usable:
                self.move(window, usable[window.profile.id])

    def _warn(self, error: KeeperDBError) -> None:
        text = f"What is open cannot be kept for the next start. {error.message} {error.hint}"
        show_notice(self._app.front, text.strip(), "warning", seconds=0)


def _were(count: str) -> str:
    return "was" if count.startswith("1 ") else "were"
