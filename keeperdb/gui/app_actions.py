"""Actions of the whole program, in the picker and in every main window."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from keeperdb.gui.actions import make_action
from keeperdb.gui.service_actions import ServiceActions

if TYPE_CHECKING:
    from keeperdb.gui.app import Application


class AppActions(QObject):
    """Makes them on `window`, whose dialogs they open."""

    def __init__(self, app: "Application", window: QWidget) -> None:
        super().__init__(window)
        self._app = app
        self._window = window
        acts: dict[str, Callable[[], object]] = {
            "app.lock": app.lock.lock,
            "app.privacy": self._toggle_privacy,
            "app.log": self._show_log,
            "app.check_updates": lambda: app.updates.check(window),
            "app.about": lambda: app.show_settings("about"),
        }
        for action_id, act in acts.items():
            make_action(action_id, window, act, Qt.ShortcutContext.WindowShortcut)
        ServiceActions(app, window)

    def _toggle_privacy(self) -> None:
        set_privacy(self._app, self._window, not self._app.workspace.settings.is_on("privacy.mode"))

    def _show_log(self) -> None:
        from keeperdb.gui.log_viewer import LogViewer

        LogViewer(self._app.runner, self._app.workspace.paths.logs, self._window).show()


def set_privacy(app: "Application", window: QWidget, is_on: bool) -> None:
    """Turn privacy mode on or off."""
    settings = app.workspace.settings
    app.runner.start(lambda _: settings.set("privacy.mode", is_on), owner=window)
