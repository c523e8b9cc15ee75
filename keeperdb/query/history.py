"""What was run, when, where and how it went: kept without a limit, found by its words, and without secrets."""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from keeperdb.errors import StoreError
from keeperdb.log import redact
from keeperdb.paths import make_private_folder

_BUSY = 10.0  # seconds to wait for another window that writes
_MOST_TEXT = 1_000_000  # characters of one statement; what is longer is cut
_WORD = re.compile(r"\w+")
_DAMAGED = ("file is not a database", "malformed", "not a database")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entry (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, connection_id TEXT NOT NULL, connection TEXT NOT NULL,
  sql TEXT NOT NULL, row_count INTEGER, seconds REAL NOT NULL, error TEXT NOT NULL,
  state TEXT GENERATED ALWAYS AS (iif(error = '', 'good', 'failed')) STORED);
CREATE INDEX IF NOT EXISTS entry_by_connection ON entry (connection_id, id);
CREATE INDEX IF NOT EXISTS entry_failed ON entry (id) WHERE error <> '';
CREATE VIRTUAL TABLE IF NOT EXISTS entry_words USING fts5 (
  sql, connection, error, connection_id, state,
  content='entry', content_rowid='id', tokenize='unicode61', prefix='2 3');
CREATE TRIGGER IF NOT EXISTS entry_added AFTER INSERT ON entry BEGIN
  INSERT INTO entry_words (rowid, sql, connection, error, connection_id, state)
  VALUES (new.id, new.sql, new.connection, new.error, new.connection_id, new.state);
END;
CREATE TRIGGER IF NOT EXISTS entry_removed AFTER DELETE ON entry BEGIN
  INSERT INTO entry_words (entry_words, rowid, sql, connection, error, connection_id, state)
  VALUES ('delete', old.id, old.sql, old.connection, old.error, old.connection_id, old.state);
END;
"""
_NEWEST = (1 << 63) - 1
_LIST = """
SELECT id, at, connection_id, connection, sql, row_count, seconds, error FROM entry
WHERE id < :before {filters} ORDER BY id DESC LIMIT :limit
"""
# Read from the newest word on, so that it ends as soon as there are enough.
_FIND = """
SELECT entry.id, at, entry.connection_id, entry.connection, entry.sql, row_count, seconds, entry.error
FROM entry_words JOIN entry ON entry.id = entry_words.rowid
WHERE entry_words MATCH :words AND entry_words.rowid < :before
ORDER BY entry_words.rowid DESC LIMIT :limit
"""


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One statement that was run. `at` is in UTC; `rows` are those returned or changed, None if there were none to
    count; `error` is empty if it worked; `id` is 0 before it is recorded, and grows with time after."""

    connection_id: str
    connection: str
    sql: str
    at: datetime
    seconds: float
    rows: int | None = None
    error: str = ""
    id: int = 0


class History:
    """The history file of one user; several windows and processes may use it at once. All of it blocks.

    Every method raises `StoreError` where the file cannot be read or written. A damaged file is set aside.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def record(self, entries: Sequence[HistoryEntry]) -> None:
        """Add what was run, with passwords, keys and tokens replaced in its text."""
        rows = [_row(entry) for entry in entries]
        with self._open() as database, database:
            database.executemany(
                "INSERT INTO entry (at, connection_id, connection, sql, row_count, seconds, error) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                rows,
            )

    def search(
        self,
        words: str = "",
        *,
        connection_id: str = "",
        failed_only: bool = False,
        before_id: int = 0,
        limit: int = 200,
    ) -> list[HistoryEntry]:
        """The latest entries with all of `words`, each of which may be the beginning of a longer one.

        `before_id` continues a list after its last entry.
        """
        terms = [f'{{sql connection error}}: "{term}"*' for term in _WORD.findall(words)]
        filters = " AND connection_id = :connection" if connection_id else ""
        filters += " AND error <> ''" if failed_only else ""
        query = _FIND if terms else _LIST.format(filters=filters)
        if connection_id:  # as a word too: joining lists of the index is quicker than reading entries
            terms.append('connection_id: "{}"'.format(connection_id.replace('"', '""')))
        if failed_only:
            terms.append('state: "failed"')
        values = {
            "words": " AND ".join(terms),
            "before": before_id or _NEWEST,
            "connection": connection_id,
            "limit": limit,
        }
        with self._open() as database:
            return [_entry(row) for row in database.execute(query, values)]

    def remove(self, ids: Sequence[int]) -> None:
        """Forget single entries."""
        with self._open() as database, database:
            database.executemany("DELETE FROM entry WHERE id = ?", [(each,) for each in ids])

    def restore(self, entries: Sequence[HistoryEntry]) -> None:
        """Undo `remove`: the entries are back in their places."""
        rows = [(entry.id, *_row(entry)) for entry in entries]
        with self._open() as database, database:
            database.executemany(
                "INSERT OR IGNORE INTO entry (id, at, connection_id, connection, sql, row_count, seconds, error) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )

    def prune(self, before: datetime) -> None:
        """Forget what was run before a moment."""
        with self._open() as database, database:
            database.execute("DELETE FROM entry WHERE at < ?", (before.timestamp(),))

    def clear(self, connection_id: str = "") -> None:
        """Forget everything, or what was run on one connection, and give the space back."""
        with self._open() as database:
            with database:
                database.execute("DELETE FROM entry WHERE ? IN ('', connection_id)", (connection_id,))
            database.execute("VACUUM")

    def count(self) -> int:
        with self._open() as database:
            return int(database.execute("SELECT count(*) FROM entry").fetchone()[0])

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        make_private_folder(self._path.parent)
        try:
            with closing(self._connected()) as database:
                yield database
        except sqlite3.Error as error:
            raise StoreError(
                f"The history in {self._path} cannot be used: {error}.", "Check free space and permissions."
            ) from error

    def _connected(self) -> sqlite3.Connection:
        try:
            return _prepared(self._path)
        except sqlite3.DatabaseError as error:
            if not any(words in str(error) for words in _DAMAGED):
                raise
            self._path.replace(_free_name(self._path))
            return _prepared(self._path)


def _prepared(path: Path) -> sqlite3.Connection:
    path.touch(mode=0o600)
    database = sqlite3.connect(path, timeout=_BUSY)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'entry_removed'").fetchone():
            database.executescript(_SCHEMA)
    except BaseException:
        database.close()
        raise
    return database


def _free_name(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")).exists():
        number += 1
    return aside


def _row(entry: HistoryEntry) -> tuple[float, str, str, str, int | None, float, str]:
    return (
        entry.at.timestamp(),
        entry.connection_id,
        entry.connection,
        redact(entry.sql[:_MOST_TEXT]),
        entry.rows,
        entry.seconds,
        redact(entry.error),
    )


def _entry(row: tuple[int, float, str, str, str, int | None, float, str]) -> HistoryEntry:
    number, at, connection_id, connection, sql, rows, seconds, error = row
    return HistoryEntry(connection_id, connection, sql, datetime.fromtimestamp(at, UTC), seconds, rows, error, number)
