"""Folders with something in them, for the window to be measured on."""

import sqlite3
from pathlib import Path

from keeperdb.connections.profile import ConnectionProfile, Environment, PasswordMode
from keeperdb.connections.store import ConnectionStore
from keeperdb.paths import Paths
from keeperdb.settings import Settings

CONNECTIONS = 1_000
_ENGINES = ("postgresql", "mysql", "mariadb", "sqlite")
_COUNT = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
INSERT INTO big
SELECT i, i * 7919, printf('%020d', i), i / 7.0,
  '2026-01-01 12:00:00+01', i % 2, hex(randomblob(50)), json_object('n', i) FROM n
"""


def fill_home(home: Path) -> Paths:
    """1,000 local connections of all engines, in folders, and settings that need no keychain."""
    paths = Paths.under(home)
    paths.make()
    store = ConnectionStore(paths.data / "connections.json")
    store.save_many(_profile(number, home) for number in range(CONNECTIONS))
    Settings(paths.config / "settings.json").set("connections.keychain", "ask")
    return paths


def make_big_table(path: Path, rows: int) -> None:
    """A SQLite file with a table `big` of `rows` × 8 columns of several types."""
    with sqlite3.connect(path) as connection:
        connection.execute(
            "CREATE TABLE big (id INTEGER, n INTEGER, code TEXT, x REAL, at TEXT, ok INTEGER, note TEXT, j TEXT)"
        )
        connection.execute(_COUNT, (rows,))
    connection.close()


def _profile(number: int, home: Path) -> ConnectionProfile:
    engine = _ENGINES[number % len(_ENGINES)]
    place = (
        {"path": str(home / f"{number}.db")}
        if engine == "sqlite"
        else {"host": f"db{number}.example.com", "port": 5000 + number}
    )
    return ConnectionProfile(
        name=f"Orders of region {number}",
        engine=engine,
        user="reader",
        password_mode=PasswordMode.ASK,
        folder=("Regions", f"Group {number // 50}"),
        environment=tuple(Environment)[number % 5],
        **place,  # type: ignore[arg-type]
    )
