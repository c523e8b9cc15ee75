"""A SQL file of 5 MB in the editor: the worst stalls of the UI thread while it is opened, scrolled and edited."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.figures import Figure


def measure() -> Iterator[Figure]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.editor_walk"],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    for name, (worst, beside) in json.loads(done.stdout).items():
        yield Figure(f"worst stall: {name}", worst, "ms", 50, "idle window", beside)
