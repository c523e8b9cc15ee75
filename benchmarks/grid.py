"""The grid of the window with a million rows of PostgreSQL and of SQLite, beside Qt's own table and proxy."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict

from benchmarks.big_tables import QUERY, BigTable, big_tables
from benchmarks.figures import Figure, middle

_RUNS = 5
_NAMES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}


def measure(*, is_quick: bool = False) -> Iterator[Figure]:
    with big_tables() as tables:
        for table in tables:
            if table.engine in _NAMES:
                walks = [_walk(table) for _ in range(1 if is_quick else _RUNS)]
                found = {name: middle(walk[name] for walk in walks) for name in walks[0]}
                yield from _figures(_NAMES[table.engine], found)


def _figures(name: str, found: dict[str, float]) -> Iterator[Figure]:
    idle = ("idle window", found["idle"])
    yield Figure(f"{name}: first rows in the grid after the first batch", found["first rows"], "ms", 50, *idle)
    yield Figure(f"{name}: worst stall while 1M rows arrive", found["arrival"], "ms", 50, *idle)
    yield Figure(f"{name}: frames while they arrive, 95th percentile", found["frame p95"], "ms", 16, *idle)
    plain = ("QTableView with its own delegate", found["plain jump"])
    yield Figure(f"{name}: random jump in 1M × 20, 95th percentile", found["jump"], "ms", 10, *plain)
    yield Figure(f"{name}: select all of 1M rows, and paint", found["select all"], "ms", 100, *idle)
    proxy = ("QSortFilterProxyModel, 100,000 rows", found["proxy sort"])
    yield Figure(f"{name}: sort 1M rows by text", found["sort"], "s", 0.5, *proxy)
    yield Figure(f"{name}: filter 1M rows by substring", found["filter"], "s", 0.3, *proxy)
    yield Figure(f"{name}: the same once the column was read", found["filter again"], "s", 0.3, *proxy)
    yield Figure(f"{name}: worst stall while sorting and filtering", found["arranging stall"], "ms", 50, *idle)


def _walk(table: BigTable) -> dict[str, float]:
    fields = asdict(table)
    place = {name: str(fields[name]) for name in ("engine", "host", "port", "database", "user", "path") if fields[name]}
    environment = {**os.environ, **table.environment, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "benchmarks.grid_walk", json.dumps(place), QUERY]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    found: dict[str, float] = json.loads(done.stdout)
    return found
