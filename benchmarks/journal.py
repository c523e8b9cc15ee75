"""What is kept of work: 50 tabs come back, a history of 100,000 entries is searched, a long text is taken down."""

import json
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.figures import Figure, middle
from keeperdb.connections.profile import ConnectionProfile, PasswordMode
from keeperdb.connections.store import ConnectionStore
from keeperdb.paths import Paths
from keeperdb.query.history import History, HistoryEntry
from keeperdb.settings import Settings
from keeperdb.workspace.journal import Journal, TabState, WindowState

_RUNS = 5
_TABS = 50
_ENTRIES = 100_000
_SEARCHES: tuple[dict[str, object], ...] = (
    {"words": ""},
    {"words": "s"},
    {"words": "select"},
    {"words": "orders_77 region"},
    {"words": "nothing like it"},
    {"words": "select", "connection_id": "c3"},
    {"words": "select", "connection_id": "none"},
    {"words": "sel", "failed_only": True},
)


def measure() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        _fill(home)
        runs = [_restored(home) for _ in range(_RUNS)]
    yield Figure(f"{_TABS} tabs restored, until the window can be used", middle(runs) * 1000, "ms", 300)
    yield from _history()
    yield from _writing()


def _fill(home: Path) -> None:
    """One connection, and a journal with its tabs, of which some are long."""
    paths = Paths.under(home)
    paths.make()
    profile = ConnectionProfile("Orders", "sqlite", path=str(home / "orders.db"), password_mode=PasswordMode.NONE)
    ConnectionStore(paths.data / "connections.json").save_many([profile])
    Settings(paths.config / "settings.json").set("connections.keychain", "ask")
    journal = Journal(paths.data / "journal" / "1")
    tabs = [_tab(number, profile) for number in range(_TABS)]
    for tab in tabs:
        journal.write_tab(tab)
    heads = tuple(tab.head for tab in tabs)
    journal.write_windows([WindowState(profile.id, profile.name, heads, heads[0].id, "sqlite", profile.path)])


def _tab(number: int, profile: ConnectionProfile) -> TabState:
    lines = 20_000 if number % 10 == 9 else 200
    text = "\n".join(f"select {line}, 'something' from orders where id = {line};" for line in range(lines))
    return TabState(uuid.uuid4().hex, profile.id, profile.name, title=f"query {number}", text=text)


def _restored(home: Path) -> float:
    """Seconds from the decision to restore until the windows can be used."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.journal_process", str(home)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    if found["tabs"] != _TABS:
        raise RuntimeError(f"{found['tabs']} tabs came back")
    return float(found["seconds"])


def _history() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        history = History(Path(folder) / "history.sqlite")
        history.record([_entry(number) for number in range(_ENTRIES)])
        worst = max(middle(_searched(history, search) for _ in range(_RUNS)) for search in _SEARCHES)
    what = f"history of {_ENTRIES:,} entries searched, worst of {len(_SEARCHES)}"
    yield Figure(what, worst * 1000, "ms", 50)


def _entry(number: int) -> HistoryEntry:
    sql = (
        f"select o.id, o.total from orders_{number % 300} o join customer c on c.id = o.customer_id "
        f"where c.region = 'r{number % 50}' order by o.total desc limit {number}"
    )
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
    error = "no such table" if number % 40 == 0 else ""
    return HistoryEntry(f"c{number % 20}", f"Orders {number % 20}", sql, at, 0.01, number, error)


def _searched(history: History, search: dict[str, object]) -> float:
    began = time.perf_counter()
    history.search(**search)  # type: ignore[arg-type]
    return time.perf_counter() - began


def _writing() -> Iterator[Figure]:
    text = "select 1, 'something' from orders;\n" * 150_000
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder))
        tab = TabState(uuid.uuid4().hex, text=text)
        times = []
        for number in range(_RUNS):
            began = time.perf_counter()
            journal.write_tab(TabState(tab.id, text=text + str(number)))
            times.append(time.perf_counter() - began)
    yield Figure("5 MB text written to the journal, in the background", middle(times) * 1000, "ms", 500)
