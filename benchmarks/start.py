"""Run in a process of its own: prints a line when the picker can be used, and one with its memory when idle."""

import sys
from pathlib import Path

from PySide6.QtCore import QTimer

from benchmarks.homes import CONNECTIONS
from keeperdb.gui.app import Application
from keeperdb.gui.main import make_qt
from keeperdb.gui.runner import Runner
from keeperdb.paths import Paths
from keeperdb.workspace import Workspace

_IDLE = 2_000  # milliseconds


def main(home: Path) -> None:
    qt = make_qt()
    app = Application(qt, Workspace(Paths.under(home)), Runner(qt))
    app.start()

    def look() -> None:
        if len(app.workspace.profiles()) >= CONNECTIONS and app.picker.model.rowCount() >= CONNECTIONS:
            watch.stop()
            app.picker.repaint()
            print("usable", flush=True)
            QTimer.singleShot(_IDLE, finish)

    def finish() -> None:
        print(_resident_megabytes(), flush=True)
        app.shut_down()
        qt.quit()

    watch = QTimer(interval=1)
    watch.timeout.connect(look)
    watch.start()
    qt.exec()


def _resident_megabytes() -> float:
    """Resident memory of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    held = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
    return held / 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]))
