"""Gives a main window, and each window detached from it, its command palette when that is first asked for."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QMainWindow

from keeperdb.gui.palette_sources import Source
from keeperdb.gui.runner import Lane

if TYPE_CHECKING:
    from keeperdb.gui.app import Application
    from keeperdb.gui.main_window import MainWindow
    from keeperdb.gui.palette import Palette

_DIRECT = Qt.FindChildOption.FindDirectChildrenOnly
_LATE = 150  # milliseconds after names have arrived until they can be found


class PaletteHost(QObject):
    """All palettes of one connection search the same sources, on one lane."""

    def __init__(self, app: "Application", main: "MainWindow") -> None:
        super().__init__(main)
        self._app = app
        self._main = main
        self._added: list[Source] = []
        self._lane: Lane | None = None
        self._patience = QTimer(self, singleShot=True, interval=_LATE)
        self._patience.timeout.connect(self._refresh)
        self.destroyed.connect(lambda: self._lane.close() if self._lane is not None else None)

    def add_source(self, source: Source) -> None:
        """Search `source` too, behind the window's own; palettes that are there already do so from the next time on."""
        self._added.append(source)

    def open(self, prefix: str, window: QMainWindow) -> None:
        """Open the palette over `window`."""
        from keeperdb.gui.palette import Palette

        palette = window.findChild(Palette, options=_DIRECT) or self._make(window)
        palette.open(prefix)

    def _make(self, window: QMainWindow) -> "Palette":
        from keeperdb.gui.action_finder import ActionFinder
        from keeperdb.gui.palette import Palette
        from keeperdb.gui.palette_objects import ObjectsSource
        from keeperdb.gui.palette_own_sources import ActionsSource, ConnectionsSource, SettingsSource, TabsSource

        if self._lane is None:
            self._lane = self._app.runner.lane("palette")
            self._main.tree.session.changed.connect(self._patience.start)
        finder = window.findChild(ActionFinder, options=_DIRECT)
        sources: list[Source] = [TabsSource(self._main.tabs), ObjectsSource(self._main.tree)]
        sources += [ConnectionsSource(self._app), SettingsSource(self._app)]
        if finder is not None:
            sources.append(ActionsSource(finder))
        return Palette(window, lambda: [*sources, *self._added], self._app.palette_memory, self._app.runner, self._lane)

    def _refresh(self) -> None:
        from keeperdb.gui.palette import Palette

        for palette in self._main.findChildren(Palette):
            palette.refresh()
