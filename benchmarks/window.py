"""Start and memory of the picker with 1,000 connections, and the worst stalls of the UI thread in the main flows."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, middle
from benchmarks.homes import fill_home

_RUNS = 5
_BARE = """
import sys
from PySide6.QtWidgets import QApplication, QWidget
app = QApplication(sys.argv)
window = QWidget()
window.show()
window.repaint()
print("usable", flush=True)
"""


def measure() -> Iterator[Figure]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        fill_home(home)
        starts = [_start([sys.executable, "-m", "benchmarks.start", str(home)], environment) for _ in range(_RUNS)]
        bare = [_start([sys.executable, "-c", _BARE], environment) for _ in range(_RUNS)]
    beside = "an empty Qt window"
    yield Figure(
        "start to usable picker, 1,000 connections",
        middle(s for s, _ in starts),
        "s",
        0.5,
        beside,
        middle(s for s, _ in bare),
    )
    yield Figure("idle memory, picker with 1,000 connections", middle(m for _, m in starts if m), "MB", 150)
    yield from _stalls(environment)


def _start(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Seconds until the first line of output, and the number on the second, if there is one."""
    begun = time.perf_counter()
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        seconds = time.perf_counter() - begun
        rest = process.stdout.read().strip()
    return seconds, float(rest) if rest else 0.0


def _stalls(environment: dict[str, str]) -> Iterator[Figure]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.stalls"], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    for name, (worst, beside) in json.loads(done.stdout).items():
        yield Figure(f"worst stall: {name}", worst, "ms", 50, "idle window", beside)
