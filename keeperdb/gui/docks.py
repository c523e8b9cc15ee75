"""The panels around the tabs: they are moved, tabbed, detached, hidden and remembered."""

from collections.abc import Callable

import shiboken6
from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QTabBar, QWidget

from keeperdb.gui.action_table import ACTIONS
from keeperdb.gui.actions import make_action
from keeperdb.gui.dock_title import DockTitle

_VERSION = 1  # of the layout; a change of the docks that all windows have makes older ones useless
_OPTIONS = (
    QMainWindow.DockOption.AllowNestedDocks
    | QMainWindow.DockOption.AllowTabbedDocks
    | QMainWindow.DockOption.GroupedDragging
)

_SMALLEST = QSize(280, 180)  # that a panel has at first

Content = QWidget | Callable[[], QWidget]


class Dock(QDockWidget):
    """One panel; what is in it is made when it is first seen."""

    def __init__(self, dock_id: str, title: str, content: Content, parent: QWidget) -> None:
        super().__init__(title, parent)
        self.setObjectName(f"dock.{dock_id}")  # by which Qt finds it in a saved layout
        self.setAccessibleName(title)
        self._content = content
        self.setTitleBarWidget(DockTitle(self, title))
        if isinstance(content, QWidget):
            self.setWidget(content)
        else:
            self.visibilityChanged.connect(self._fill)

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(_SMALLEST)

    def content(self) -> QWidget:
        """What is in the panel, made now if it was not yet."""
        if self.widget() is None and not isinstance(self._content, QWidget):
            self.setWidget(self._content())
        return self.widget()

    def _fill(self, is_visible: bool) -> None:
        if is_visible:
            self.content()


class Docks:
    """The panels of one main window."""

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        self._docks: dict[str, Dock] = {}
        self._layout = QByteArray()  # as it was before anything was moved
        self._restored = False
        window.setDockOptions(_OPTIONS)
        window.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        window.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)

    def add(self, dock_id: str, title: str, content: Content, area: Qt.DockWidgetArea, is_visible: bool) -> Dock:
        """Add a panel; where a layout was restored before that has it, it goes to its place there."""
        dock = Dock(dock_id, title, content, self._window)
        before = [each for each in self._docks.values() if self._window.dockWidgetArea(each) == area]
        self._docks[dock_id] = dock
        self._window.addDockWidget(area, dock)
        if before and area is not Qt.DockWidgetArea.LeftDockWidgetArea:
            self._window.tabifyDockWidget(before[-1], dock)
        dock.setVisible(is_visible)
        dock.visibilityChanged.connect(lambda _: self._name_bars())
        if self._restored:
            self._window.restoreDockWidget(dock)
        if (action_id := f"view.{dock_id}") in ACTIONS:
            make_action(action_id, self._window, lambda: self.toggle(dock_id), Qt.ShortcutContext.WindowShortcut)
        return dock

    def _name_bars(self) -> None:
        """The tabs of panels that share a place are made by Qt, without a name."""
        if not shiboken6.isValid(self._window):  # the program ends
            return
        for bar in self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            bar.setAccessibleName("Panels")

    def get(self, dock_id: str) -> Dock | None:
        return self._docks.get(dock_id)

    def show(self, dock_id: str) -> None:
        """Show a panel in front of those it shares its place with. Raises `KeyError`."""
        dock = self._docks[dock_id]
        dock.show()
        dock.raise_()

    def toggle(self, dock_id: str) -> None:
        """Go to a panel; hide it if the focus is there already. Raises `KeyError`."""
        dock, focus = self._docks[dock_id], QApplication.focusWidget()
        if dock.isVisible() and focus is not None and dock.isAncestorOf(focus):
            dock.hide()
        else:
            self.show(dock_id)
            dock.content().setFocus()

    def toggles(self) -> list[QAction]:
        """What shows and hides each panel that has no action of its own in the table."""
        return [dock.toggleViewAction() for name, dock in self._docks.items() if f"view.{name}" not in ACTIONS]

    def save(self) -> bytes:
        """The layout, in Qt's own form."""
        return bytes(self._window.saveState(_VERSION).data())

    def restore(self, layout: bytes) -> None:
        """Take a layout into use; one that cannot be used changes nothing."""
        self._layout = self._window.saveState(_VERSION)
        self._restored = bool(layout) and self._window.restoreState(QByteArray(layout), _VERSION)

    def reset(self) -> None:
        """Put every panel back where it was made."""
        self._window.restoreState(self._layout, _VERSION)
