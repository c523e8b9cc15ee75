"""How fast 1,000,000 rows arrive in a result and in a CSV file, beside the databases' own programs; and the memory."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.big_tables import QUERY, BigTable, big_tables
from benchmarks.figures import Figure, middle

_RUNS, _QUICK_RUNS = 5, 1
_NAMES = {"postgresql": "PostgreSQL", "mariadb": "MariaDB", "sqlite": "SQLite"}
_CSV_MEMORY = 60  # MB over idle


@dataclass(frozen=True, slots=True)
class Limits:
    """For one database: the ratio and the MB over idle of a complete result, and the ratio of a CSV file."""

    result: float
    result_memory: float
    csv: float


_LIMITS = {
    "postgresql": Limits(1.0, 450, 1.2),
    "mariadb": Limits(2.5, 450, 1.5),
    "sqlite": Limits(1.5, 400, 1.5),
}


def measure(*, is_quick: bool = False) -> Iterator[Figure]:
    """Seconds as the ratio to the other program in the same run, the two by turns; medians."""
    with big_tables() as tables:
        for table in tables:
            yield from _figures(table, _QUICK_RUNS if is_quick else _RUNS)


def _figures(table: BigTable, runs: int) -> Iterator[Figure]:
    name, limits = _NAMES[table.engine], _LIMITS[table.engine]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "big.csv"
        reading, writing = _reader(table), _writer(table, file)
        for what, way, other, most, memory in (
            (f"{name}: 1,000,000 rows into a complete result", "result", reading, limits.result, limits.result_memory),
            (f"{name}: CSV of 1,000,000 rows to a file", "csv", writing, limits.csv, _CSV_MEMORY),
        ):
            pairs = [(_ours(table, way), other.seconds()) for _ in range(runs)]
            seconds, beside = middle(ours["seconds"] for ours, _ in pairs), middle(theirs for _, theirs in pairs)
            yield Figure(what, seconds, "s", beside * most, other.name, beside)
            yield Figure(f"{what}: memory over idle", max(ours["megabytes"] for ours, _ in pairs), "MB", memory)


@dataclass(frozen=True, slots=True)
class _Program:
    name: str
    run: Callable[[], object]

    def seconds(self) -> float:
        begun = time.perf_counter()
        self.run()
        return time.perf_counter() - begun


def _reader(table: BigTable) -> _Program:
    """What prints all rows to nowhere."""
    ways = {
        "postgresql": ("`psql --csv` to /dev/null", ["--csv", "-c", QUERY]),
        "mariadb": ("`mariadb --quick` to /dev/null", ["--quick", "-e", QUERY]),
        "sqlite": ("`sqlite3` to /dev/null", [QUERY]),
    }
    name, arguments = ways[table.engine]
    return _Program(name, lambda: _call(table, arguments, Path(os.devnull)))


def _writer(table: BigTable, file: Path) -> _Program:
    """What writes all rows to a file as CSV, or as near as it comes."""
    ways = {
        "postgresql": ("`psql \\copy`", ["-c", f"\\copy ({QUERY}) TO '{file}' CSV HEADER"]),
        "mariadb": ("`mariadb --batch`", ["--batch", "-e", QUERY]),
        "sqlite": ("`sqlite3 -csv`", ["-csv", "-header", QUERY]),
    }
    name, arguments = ways[table.engine]
    out = Path(os.devnull) if table.engine == "postgresql" else file
    return _Program(name, lambda: _call(table, arguments, out))


def _call(table: BigTable, arguments: list[str], out: Path) -> None:
    with out.open("wb") as stream:
        subprocess.run([*table.client, *arguments], env={**os.environ, **table.environment}, stdout=stream, check=True)


def _ours(table: BigTable, way: str) -> dict[str, Any]:
    """In a process of its own, over a session that is open already."""
    place = {"engine": table.engine, "path": table.path, "database": table.database, "user": table.user}
    place |= {"host": table.host, "port": str(table.port)}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.reading", way, json.dumps(place)],
        env={**os.environ, **table.environment},
        stdout=subprocess.PIPE,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
