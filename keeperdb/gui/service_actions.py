"""Actions of the service, in the picker and in every main window."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget

from keeperdb.gui.actions import make_action, set_available
from keeperdb.gui.notices import show_notice
from keeperdb.gui.service_control import ServiceState
from keeperdb.service.urls import curl_line

if TYPE_CHECKING:
    from keeperdb.gui.app import Application

_NOT_RUNNING = "Start the service first."


class ServiceActions(QObject):
    """Makes them on `window`, where they also say what went wrong."""

    def __init__(self, app: "Application", window: QWidget) -> None:
        super().__init__(window)
        self._control = app.service
        self._window = window
        self._start = make_action("service.start", window, lambda: self._control.start_last(window))
        self._stop = make_action("service.stop", window, self._control.stop)
        self._copy = make_action("service.copy_curl", window, self._copy_curl)
        self._control.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        state = self._control.state
        runs = state is ServiceState.RUNNING
        set_available(self._start, state is ServiceState.STOPPED, "Stop the service first.")
        set_available(self._stop, runs, _NOT_RUNNING)
        set_available(self._copy, runs, _NOT_RUNNING)

    def _copy_curl(self) -> None:
        QApplication.clipboard().setText(curl_line(self._control.public_url or self._control.url))
        show_notice(self._window, "The curl line was copied. Put your API key into it.", "success")
