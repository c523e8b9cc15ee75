"""Runs Python's garbage collector on the UI thread, a little at a time."""

import gc
import sys

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

_INTERVAL = 1_000  # milliseconds
_YOUNG = 2_000  # objects that were made since the last time and are still there
_FULL = 10  # steps after which everything young and old is looked at


class Collecting(QObject):
    """Takes the collector over from Python until `stop`.

    Python would collect on whatever thread makes the next object, for 80 ms in which no other thread goes on, and
    destroy Qt's objects there, which only the UI thread may. What modules consist of is left out, because it stays;
    what was left out beside them is looked at while another program has the keyboard.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._modules = 0
        self._steps = 0
        self._timer = QTimer(self, interval=_INTERVAL)
        self._timer.timeout.connect(self.step)
        self._timer.start()

    def stop(self) -> None:
        """Leave the collector to Python again."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def step(self) -> None:
        """Collect if there is something to be found."""
        if len(sys.modules) != self._modules:
            self._modules = len(sys.modules)
            gc.freeze()
        elif gc.get_count()[0] > _YOUNG:
            self._steps += 1
            gc.collect(2 if self._steps % _FULL == 0 else 1)
        elif self._steps >= _FULL and not _has_keyboard():
            self._steps = 0
            gc.unfreeze()
            gc.collect()
            gc.freeze()


def _has_keyboard() -> bool:
    return QGuiApplication.applicationState() is Qt.ApplicationState.ApplicationActive
