"""How long the UI thread was away: a timer that should fire every 2 ms, and the longest wait for it."""

import time

from PySide6.QtCore import QObject, Qt, QTimer

_INTERVAL = 2  # milliseconds


class Heartbeat(QObject):
    """Counts from `restart`; `worst` is the longest gap between two beats, in milliseconds."""

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._last = 0.0
        self.worst = 0.0
        self.restart()
        self._timer.start(_INTERVAL)

    def restart(self) -> None:
        self.worst = 0.0
        self._last = time.perf_counter()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.worst = max(self.worst, (now - self._last) * 1000)
        self._last = now
