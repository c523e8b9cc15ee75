"""The menu bar, made from the table of actions; a menu is filled when it is opened, for where the focus is then."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QMenuBar

from keeperdb.gui.action_finder import ActionFinder
from keeperdb.gui.action_groups import MENUS, group_of, specs_of_menu
from keeperdb.gui.action_table import ActionSpec
from keeperdb.gui.submenus import SUBMENUS

Extra = Callable[[QMenu], None]  # adds what is not in the table, such as the list of docks


class ActionMenus:
    """Fills a menu bar; `extras` adds to the menu of that name."""

    def __init__(self, bar: QMenuBar, finder: ActionFinder, extras: dict[str, Extra] | None = None) -> None:
        self._finder = finder
        self._extras = extras or {}
        for name in MENUS:
            if specs_of_menu(name) or name in self._extras:
                menu = bar.addMenu(f"&{name}")
                menu.setObjectName(name)
                menu.setToolTipsVisible(True)
                menu.aboutToShow.connect(lambda menu=menu: self.fill(menu))

    def fill(self, menu: QMenu) -> None:
        """Put the actions that are meant now into a menu."""
        menu.clear()
        for below in menu.findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly):
            below.deleteLater()
        found = self._finder.actions()
        for section in specs_of_menu(menu.objectName()):
            parts: dict[str, QMenu] = {}
            for spec in section:
                _place(spec, menu, parts).addAction(found.get(spec.id) or _missing(spec, menu))
            menu.addSeparator()
        if menu.objectName() in self._extras:
            self._extras[menu.objectName()](menu)


def _place(spec: ActionSpec, menu: QMenu, parts: dict[str, QMenu]) -> QMenu:
    """The menu itself, or the one below it that the action stands in, made where its first action would be."""
    title = SUBMENUS.get(spec.id)
    if title is None:
        return menu
    if title not in parts:
        parts[title] = menu.addMenu(title)
        parts[title].setToolTipsVisible(True)
    return parts[title]


def _missing(spec: ActionSpec, menu: QMenu) -> QAction:
    """What stands for an action that nothing can do now."""
    action = QAction(spec.text, menu)
    action.setEnabled(False)
    action.setToolTip(group_of(spec).needs)
    return action
