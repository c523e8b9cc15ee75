"""Notices that nobody has used the program for a while."""

import time

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QWindow
from PySide6.QtWidgets import QApplication

_LOOK_EVERY = 5_000  # milliseconds
_INPUT = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletPress,
        QEvent.Type.InputMethod,
    }
)


class IdleWatch(QObject):
    """`idle` is emitted once nothing was typed or pointed at for as long as `watch` was told.

    Only the window in use is listened to: a filter on the whole application would see each of its events.
    """

    idle = Signal()

    def __init__(self, qt: QApplication) -> None:
        super().__init__(qt)
        self._qt = qt
        self._window: QWindow | None = None
        self._seconds = 0.0
        self._last = time.monotonic()
        self._clock = QTimer(self, interval=_LOOK_EVERY)
        self._clock.timeout.connect(self.look)
        qt.focusWindowChanged.connect(self._follow)

    def watch(self, seconds: float) -> None:
        """Wait for this long from the last input on; 0 stops."""
        if seconds and not self._seconds:
            self._last = time.monotonic()
        self._seconds = seconds
        self._follow(self._qt.focusWindow())
        if seconds:
            self._clock.start()
        else:
            self._clock.stop()

    def look(self) -> None:
        """Say so if it has been long enough."""
        if self._seconds and time.monotonic() - self._last >= self._seconds:
            self._last = time.monotonic()
            self.idle.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _INPUT:
            self._last = time.monotonic()
        return False

    def _follow(self, window: QWindow | None) -> None:
        if self._window is not None:
            self._window.removeEventFilter(self)
            self._window.destroyed.disconnect(self._forget)
        self._window = window if self._seconds else None
        if self._window is not None:
            self._window.installEventFilter(self)
            self._window.destroyed.connect(self._forget)

    def _forget(self) -> None:
        self._window = None
