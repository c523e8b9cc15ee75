"""Moves the current tab of a main window: to a pane beside it, into a window of its own, and back."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu

from keeperdb.gui.actions import make_action
from keeperdb.gui.closing import close_tabs
from keeperdb.gui.detached_window import DetachedWindow

if TYPE_CHECKING:
    from keeperdb.gui.app import Application
    from keeperdb.gui.main_window import MainWindow

_PLACE = "detached"  # the name of such windows among the windows' places
_MENU = ("file.close_tab", "file.close_others", "view.split", "view.split_down", "view.other_pane", "view.detach_tab")
_DETACHED_MENU = ("file.close_tab", "view.attach_tab")


class TabMoves:
    """Acts on the tabs of `window`, and has the actions for it there."""

    def __init__(self, app: "Application", window: "MainWindow") -> None:
        self._app = app
        self._window = window
        self._tabs = window.tabs
        acts: dict[str, Callable[[], object]] = {
            "view.split": self.split,
            "view.split_down": lambda: self.split(is_below=True),
            "view.other_pane": self.to_other_pane,
            "view.detach_tab": self.detach,
            "file.close_others": self.close_others,
        }
        for action_id, act in acts.items():
            make_action(action_id, window, act, Qt.ShortcutContext.WindowShortcut)
        self._tabs.menu_requested.connect(self._open_menu)
        self._tabs.detach_requested.connect(self.detach)

    def split(self, *, is_below: bool = False) -> None:
        """Move the current tab into a pane at its right, or under it; a new one if it is alone."""
        tab = self._tabs.current
        if tab is None:
            return
        is_alone = self._tabs.active.count() == 1
        pane = self._tabs.split(is_below=is_below)
        if is_alone:
            self._window.new_tab()
        else:
            self._tabs.add(tab, pane)

    def to_other_pane(self) -> None:
        """Move the current tab into the next pane."""
        tab, pane = self._tabs.current, self._tabs.other_pane()
        if tab is not None and pane is not None:
            self._tabs.add(tab, pane)

    def detach(self) -> None:
        """Move the current tab into a window of its own."""
        tab = self._tabs.current
        if tab is not None:
            window = DetachedWindow(self._app, self._window)
            self._app.places.follow(_PLACE, window)
            self._tabs.add(tab, window.pane)
            window.show()
            window.activateWindow()

    def attach(self) -> None:
        """Move the current tab of another window back into this one."""
        tab = self._tabs.current
        if tab is not None and tab.window() is not self._window:
            self._tabs.add(tab, self._tabs.inside[0])
            self._window.activateWindow()

    def close_others(self) -> None:
        """Close the other tabs of the pane; asks only what cannot be undone."""
        current = self._tabs.current
        others = [tab for tab in self._tabs.active.tabs if tab is not current]
        self._window.restored.close_others()
        if others:
            keeps = self._app.journal.is_keeping  # then they can be opened again, with what is staged
            drop = lambda: self._window.drop_tabs(others)  # noqa: E731 - too long for its line
            close_tabs(self._window, others, drop, asks_about_text=not keeps, keeps_staged=keeps)

    def _open_menu(self, place: QPoint) -> None:
        tab = self._tabs.current
        if tab is None:
            return
        window = tab.window()
        menu = QMenu(window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        names = _MENU if window is self._window else _DETACHED_MENU
        found = {action.objectName(): action for action in window.actions()}
        menu.addActions([found[name] for name in names])
        menu.popup(place)
