"""Watches how the statements of a window's tabs end, and says so where nobody is looking."""

from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject

from keeperdb.gui.cell_text import elide_middle, one_line
from keeperdb.gui.notices import show_notice
from keeperdb.gui.privacy import privacy
from keeperdb.gui.query_tab import QueryTab
from keeperdb.gui.strips import seconds_in_words

if TYPE_CHECKING:
    from keeperdb.gui.app import Application
    from keeperdb.gui.main_window import MainWindow

_AFTER = "appearance.notify_after"  # seconds; 0 is never
_NAME_CHARACTERS = 48


class RunWatch(QObject):
    """In a window that is looked at, another tab is told of in a notice; otherwise the desktop is told.

    The words name the tab and the connection: neither SQL nor what a server said, which may hold data.
    """

    def __init__(self, app: "Application", window: "MainWindow") -> None:
        super().__init__(window)
        self._app = app
        self._window = window

    def follow(self, tab: QueryTab) -> None:
        """Watch a tab, until it is gone."""
        tab.run_ended.connect(lambda is_good, seconds: self._ended(tab, seconds, is_good=is_good))

    def _ended(self, tab: QueryTab, seconds: float, *, is_good: bool) -> None:
        threshold = self._app.workspace.settings.number(_AFTER)
        if not threshold or seconds < threshold:
            return
        name = elide_middle(one_line(tab.title), _NAME_CHARACTERS)
        how = f"{'ended' if is_good else 'failed'} after {seconds_in_words(seconds)}"
        window = tab.window()
        if not window.isActiveWindow() or window.isMinimized():
            connection = elide_middle(one_line(privacy().sentence(self._window.profile.name)), _NAME_CHARACTERS)
            title = "Query ended" if is_good else "Query failed"
            is_locked = self._app.lock.page is not None
            said = "KeeperDB is locked." if is_locked else f"{name} on {connection} {how}."
            self._app.desktop.tell(window, title, said, lambda: self._go_to(tab))
        elif not tab.isVisible():
            kind = "success" if is_good else "error"
            show_notice(window, f"“{name}” {how}.", kind, action=("Go there", lambda: self._go_to(tab)))

    def _go_to(self, tab: QueryTab) -> None:
        if not shiboken6.isValid(tab):
            return  # closed since
        window = tab.window()
        if window.isMinimized():
            window.showNormal()
        self._window.tabs.go_to(tab)
