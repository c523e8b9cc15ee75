"""A window of its own for SQL tabs, for the second screen; closing it brings its tabs back."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow

from keeperdb.gui.action_finder import ActionFinder
from keeperdb.gui.actions import make_action
from keeperdb.gui.app_actions import AppActions
from keeperdb.gui.cell_text import one_line
from keeperdb.gui.icons import engine_icon
from keeperdb.gui.palette_sources import ACTIONS_PREFIX
from keeperdb.gui.privacy import privacy
from keeperdb.gui.tab_pane import TabPane

if TYPE_CHECKING:
    from keeperdb.gui.app import Application
    from keeperdb.gui.main_window import MainWindow

_SIZE = QSize(960, 680)


class DetachedWindow(QMainWindow):
    """Holds one pane of the tabs of `main`, whose commands act here too."""

    def __init__(self, app: "Application", main: "MainWindow") -> None:
        super().__init__(main, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._app, self._main = app, main
        self.setWindowIcon(engine_icon(main.profile.engine))
        self.resize(_SIZE)
        self.pane: TabPane = main.tabs.add_outside()
        self.setCentralWidget(self.pane)
        self._add_actions()
        self.finder = ActionFinder(self, lambda: self.pane.current)
        main.tabs.changed.connect(self._show_title)
        main.tabs.emptied.connect(self._end)
        privacy().changed.connect(self._show_title)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._main.tabs.take_back(self.pane)
        super().closeEvent(event)

    def _add_actions(self) -> None:
        main = self._main
        acts: dict[str, Callable[[], object]] = {
            "file.new_tab": main.new_tab,
            "file.open": main.open_file,
            "file.save": main.save,
            "file.close_tab": main.close_tab,
            "file.reopen_tab": main.reopen_tab,
            "view.attach_tab": main.moves.attach,
            "view.next_tab": lambda: main.tabs.step(1),
            "view.previous_tab": lambda: main.tabs.step(-1),
            "view.settings": lambda: self._app.show_settings("appearance"),
            "view.connections": self._app.show_picker,
            "view.palette": lambda: main.open_palette(ACTIONS_PREFIX, self),
            "view.go_to": lambda: main.open_palette("", self),
            "file.close_window": self.close,
        }
        for action_id, act in acts.items():
            make_action(action_id, self, act, Qt.ShortcutContext.WindowShortcut)
        AppActions(self._app, self)

    def _show_title(self) -> None:
        tab = self.pane.current
        title = f"{one_line(tab.title)} — " if tab is not None else ""
        self.setWindowTitle(f"{title}{privacy().sentence(one_line(self._main.profile.name))} — KeeperDB")

    def _end(self, pane: TabPane) -> None:
        if pane is self.pane:
            self.close()
