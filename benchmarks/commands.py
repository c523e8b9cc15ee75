"""How fast the command line answers, beside the interpreter alone."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Figure, middle
from keeperdb.connections.profile import ConnectionProfile
from keeperdb.connections.store import ConnectionStore
from keeperdb.paths import Paths

_RUNS = 5


def measure() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        paths = Paths.under(home)
        paths.make()
        memory = ConnectionProfile(name="Memory", engine="sqlite", path=":memory:")
        ConnectionStore(paths.data / "connections.json").save(memory)
        environment = {**os.environ, "KEEPERDB_HOME": str(home)}
        bare = _seconds([sys.executable, "-c", "import argparse"], environment)
        for what, arguments, limit in (
            ("`keeperdb --version`", ["--version"], 0.15),
            ("`keeperdb query` of one row on SQLite", ["query", "Memory", "SELECT 1"], 0.35),
        ):
            seconds = _seconds([sys.executable, "-m", "keeperdb", *arguments], environment)
            yield Figure(what, seconds, "s", limit, "the interpreter alone", bare)


def _seconds(command: list[str], environment: dict[str, str]) -> float:
    times = []
    for _ in range(_RUNS):
        begun = time.perf_counter()
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - begun)
    return middle(times)
