"""Tells the desktop of something that ended while nobody looked at its window: a title and one plain sentence."""

import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from keeperdb.gui.desktop_bus import Answer, notify
from keeperdb.gui.resources import application_icon
from keeperdb.gui.runner import Runner
from keeperdb.task import Task

_SHOWN_SECONDS = 15


class DesktopNotices(QObject):
    """The window's entry in the task bar is marked in every case; a notification comes with it where there are any."""

    def __init__(self, runner: Runner, qt: QApplication) -> None:
        super().__init__(runner)
        self._runner = runner
        self._qt = qt
        self._lane = runner.lane("notifications")
        self._waiting: Task | None = None  # for a click on the last notification

    def tell(self, window: QWidget, title: str, text: str, act: Callable[[], object]) -> None:
        """Tell of something that happened in `window`; `act` goes there where the desktop lets a click do that."""
        self._qt.alert(window)
        if sys.platform == "linux":
            self._show_on_bus(title, text, act)
        elif QSystemTrayIcon.isSystemTrayAvailable():
            self._show_in_tray(title, text, act)

    def _show_on_bus(self, title: str, text: str, act: Callable[[], object]) -> None:
        """A click is waited for until there is something newer to tell."""
        if self._waiting is not None:
            self._runner.cancel(self._waiting)
        self._waiting = self._runner.start(
            lambda task: notify(title, text, task),
            owner=self,
            done=lambda answer: act() if answer is Answer.CLICKED else None,
            lane=self._lane,
        )

    def _show_in_tray(self, title: str, text: str, act: Callable[[], object]) -> None:
        """On Windows and macOS a notification belongs to an icon, which is there as long as it."""
        tray = QSystemTrayIcon(application_icon(), self)
        tray.setToolTip(title)
        tray.messageClicked.connect(act)
        tray.show()
        tray.showMessage(title, text, application_icon(), _SHOWN_SECONDS * 1000)
        QTimer.singleShot(_SHOWN_SECONDS * 1000, tray, tray.deleteLater)
