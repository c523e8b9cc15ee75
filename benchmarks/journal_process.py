"""Run in a process of its own: restores the windows of a home, or types into a tab, and prints what that took."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer

from keeperdb.gui.app import Application
from keeperdb.gui.main import make_qt
from keeperdb.gui.runner import Runner
from keeperdb.paths import Paths
from keeperdb.workspace import Workspace

_PATIENCE = 60.0  # seconds


def main(home: Path) -> None:
    qt = make_qt()
    application = Application(qt, Workspace(Paths.under(home)), Runner(qt))
    began: list[float] = []
    restore = application.restoring.restore

    def timed() -> None:
        began.append(time.perf_counter())
        restore()

    application.restoring.restore = timed  # type: ignore[method-assign]
    application.start()
    _until(lambda: bool(application.windows) and all(each.restored.is_settled for each in application.windows))
    for window in application.windows:
        window.repaint()
    ended = time.perf_counter()
    tabs = sum(len(window.tabs.pages) for window in application.windows)
    print(json.dumps({"seconds": ended - began[0], "tabs": tabs}), flush=True)
    application.shut_down()


def _until(holds: Callable[[], bool]) -> None:
    deadline, loop = time.monotonic() + _PATIENCE, QEventLoop()
    watch = QTimer(interval=1)
    watch.timeout.connect(lambda: loop.quit() if holds() or time.monotonic() > deadline else None)
    watch.start()
    loop.exec()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
