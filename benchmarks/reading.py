"""Run in a process of its own: reads or exports `big` over one session; prints seconds and MB over idle as JSON."""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.big_tables import QUERY
from keeperdb.connections.profile import ConnectionProfile, Credential
from keeperdb.data.export import ExportFormat, ExportOptions, export_statement
from keeperdb.engines.registry import get_engine
from keeperdb.keychain import Secret
from keeperdb.query.session import Session
from keeperdb.task import Task

_ALL = 1_000_000_000  # rows


def main(way: str, place: dict[str, str]) -> None:
    """`way` is `result` or `csv`; `place` are fields of a profile, the password comes from the environment."""
    password = os.environ.get("PGPASSWORD") or os.environ.get("MYSQL_PWD") or ""
    port = place.pop("port")
    profile = ConnectionProfile("big", **place).with_(port=int(port))
    engine = get_engine(profile.engine)
    session = Session(profile, engine, engine.connect(profile, Credential(profile.user, Secret(password)), Task()))
    try:
        seconds, megabytes, rows = _measured({"result": _fetch, "csv": _export}[way], session)
    finally:
        session.close()
    print(json.dumps({"seconds": seconds, "megabytes": megabytes, "rows": rows}))


def _fetch(session: Session) -> tuple[int, object]:
    result = session.execute(QUERY, Task())[-1]
    result.fetch(_ALL, Task())
    return result.row_count, result


def _export(session: Session) -> tuple[int, object]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "big.csv"
        return export_statement(session, QUERY, path, ExportFormat.CSV, ExportOptions(), Task()), None


def _measured(run: Callable[[Session], tuple[int, object]], session: Session) -> tuple[float, float, int]:
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    idle = _megabytes("VmRSS")
    begun = time.perf_counter()
    rows, _kept = run(session)
    seconds = time.perf_counter() - begun
    return seconds, _megabytes("VmHWM") - idle, rows


def _megabytes(name: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
