"""Finds, among the many actions of a window, the one that is meant where the focus is."""

from collections.abc import Callable

import shiboken6
from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMenu, QMenuBar, QWidget

from keeperdb.gui.action_table import ACTIONS

_AT_FOCUS, _ON_PAGE, _ELSEWHERE, _HIDDEN = range(4)


class ActionFinder(QObject):
    """Each tab, editor and grid has actions of its own: those around the focus come first, then the current page's.

    A menu takes the focus while it is open, so what had it before is remembered.
    """

    def __init__(self, window: QWidget, page: Callable[[], QWidget | None]) -> None:
        super().__init__(window)
        self._window = window
        self._page = page
        self._focus: QWidget | None = None
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._remember)

    @property
    def focus(self) -> QWidget | None:
        """What has the focus in the window, or had it before a menu was opened."""
        return self._focus if self._focus is not None and shiboken6.isValid(self._focus) else None

    def actions(self) -> dict[str, QAction]:
        """The action of each name that would act now; some of them may be disabled."""
        page, focus = self._page(), self.focus
        found: dict[str, QAction] = {}
        ranks: dict[str, int] = {}
        for action in self._window.findChildren(QAction):
            action_id = action.objectName()
            rank = self._rank(action.parent(), page, focus) if action_id in ACTIONS else _HIDDEN
            if rank < ranks.get(action_id, _HIDDEN):
                found[action_id], ranks[action_id] = action, rank
        return found

    def _rank(self, owner: QObject | None, page: QWidget | None, focus: QWidget | None) -> int:
        if not isinstance(owner, QWidget):
            return _HIDDEN
        if focus is not None and (owner is focus or owner.isAncestorOf(focus)):
            return _AT_FOCUS
        if page is not None and (owner is page or page.isAncestorOf(owner)) and not owner.isHidden():
            return _ON_PAGE
        return _ELSEWHERE if owner is self._window or owner.isVisible() else _HIDDEN

    def _remember(self, _: QWidget | None, now: QWidget | None) -> None:
        if now is None or isinstance(now, QMenuBar | QMenu) or now.window() is not self._window:
            return
        self._focus = now
