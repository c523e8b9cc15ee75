"""An open SQLite database."""

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.engine import URL

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.engines import sqlite_catalog, sqlite_ddl
from keeperdb.engines.base import DriverConnection, Execution, Node
from keeperdb.engines.interruption import Interruption
from keeperdb.engines.sql_text import encode, leading_words, words
from keeperdb.engines.sqlite_errors import connect_error, is_busy, query_error
from keeperdb.engines.sqlite_rows import RowReader, SqliteExecution
from keeperdb.errors import Cancelled, ConnectError, ConnectReason, QueryError

_T = TypeVar("_T")

_MEMORY = ":memory:"
_LOCK_WAIT = 5.0  # seconds to wait for another connection's lock
_LOCK_STEP = 0.05
_PROGRESS_STEPS = 20_000  # virtual machine instructions between two looks at the wish to stop, a millisecond or so
_OUTSIDE_TRANSACTIONS = {"BEGIN", "COMMIT", "END", "ROLLBACK", "VACUUM", "PRAGMA", "ATTACH", "DETACH"}
_READING_WORDS = {"SELECT", "WITH", "VALUES", "EXPLAIN"}
_WRITING_WORDS = {"INSERT", "UPDATE", "DELETE", "REPLACE"}
_TRUE = {"1", "on", "true", "yes"}


def open_sqlite(profile: ConnectionProfile, *, timeout: float) -> "SqliteConnection":
    """Open the file of `profile`. Raises `ConnectError`."""
    path = _path(profile)
    if path is None:
        return SqliteConnection(_connect(URL.create("sqlite+pysqlite", database=_MEMORY)), _MEMORY, read_only=False)
    mode = "ro" if profile.read_only else "rw"
    if profile.options.get("create", "").lower() in _TRUE and not profile.read_only:
        mode = "rwc"
    elif not path.exists():
        raise ConnectError(
            ConnectReason.NO_DATABASE,
            f"There is no file {path}.",
            "Check the path, or turn on the option “create” to make a new database.",
        )
    if path.is_dir():
        raise ConnectError(ConnectReason.NO_DATABASE, f"{path} is a folder.", "Choose the database file in it.")
    url = URL.create("sqlite+pysqlite", database=path.as_uri(), query={"uri": "true", "mode": mode})
    try:
        connection = SqliteConnection(_connect(url), str(path), read_only=profile.read_only)
        connection.read_header(min(timeout, _LOCK_WAIT))
    except sqlite3.Error as error:
        raise connect_error(error, str(path)) from error
    return connection


def _path(profile: ConnectionProfile) -> Path | None:
    name = profile.path or profile.database
    return None if name in ("", _MEMORY) else Path(name).expanduser().absolute()


def _connect(url: URL) -> sqlite3.Connection:
    """Through SQLAlchemy's dialect. `isolation_level=None`: transactions are ours alone."""
    dialect = url.get_dialect()()
    arguments, options = dialect.create_connect_args(url)
    options.update(check_same_thread=False, isolation_level=None, timeout=0)
    connection: sqlite3.Connection = dialect.import_dbapi().connect(*arguments, **options)
    return connection


class SqliteConnection(DriverConnection):
    """One `sqlite3` connection. Only `cancel` may come from another thread."""

    def __init__(self, connection: sqlite3.Connection, path: str, *, read_only: bool) -> None:
        self._connection = connection
        self._interruption = Interruption()
        self._autocommit = True
        self._is_open = True
        self._closing = threading.Lock()
        self._execution: SqliteExecution | None = None
        self.server_version = f"SQLite {sqlite3.sqlite_version}"
        self.database = "memory" if path == _MEMORY else Path(path).name
        connection.execute("PRAGMA trusted_schema = OFF")  # a file may come from a stranger
        connection.execute("PRAGMA foreign_keys = ON")
        connection.set_progress_handler(lambda: self._interruption.is_requested, _PROGRESS_STEPS)
        if read_only:
            connection.execute("PRAGMA query_only = ON")
            connection.set_authorizer(_refuse_writing_elsewhere)

    def read_header(self, wait: float) -> None:
        """Read the file's first page, so that a file of another kind is noticed at once. Raises `sqlite3.Error`."""
        self._patiently(lambda: self._connection.execute("PRAGMA schema_version").fetchone(), wait)

    def execute(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> Execution:
        if self._execution is not None:
            self._execution.close()
        encode(statement, "utf-8")
        with self._operation(statement):
            if not self._autocommit and not self.in_transaction and self._belongs_in_transaction(statement):
                self._connection.execute("BEGIN")
            reader = RowReader(
                self._connection,
                lambda: self._patiently(lambda: self._connection.execute(statement, parameters or ()), _LOCK_WAIT),
                only_reads=_only_reads(statement),
            )
            self._execution = SqliteExecution(reader, partial(self._operation, statement))
            return self._execution

    def arm(self) -> None:
        self._interruption.arm()

    def cancel(self) -> None:
        with self._closing:
            if self._interruption.request() and self._is_open:
                self._connection.interrupt()

    def estimate_rows(self, statement: str, tables: Sequence[str]) -> int | None:
        """By what ANALYZE counted last, if it ever ran."""
        total = 0
        for table in tables:
            name = table.rpartition(".")[2].strip('"`[]')
            try:
                with self._operation(""):
                    counted = self._query("SELECT max(CAST(stat AS INTEGER)) FROM sqlite_stat1 WHERE tbl = ?", (name,))
            except QueryError:
                return None
            if counted[0][0] is None:
                return None
            total += int(counted[0][0])
        return total if tables else None

    def children(self, node: Node | None) -> list[Node]:
        with self._operation(""):
            return sqlite_catalog.children(self._query, node)

    def details(self, node: Node) -> list[Node]:
        with self._operation(""):
            return sqlite_catalog.details(self._query, node)

    def stamp(self, node: Node | None) -> str | None:
        with self._operation(""):
            return sqlite_catalog.stamp(self._query, node)

    def ddl(self, node: Node) -> str:
        with self._operation(""):
            return sqlite_ddl.ddl(self._query, node)

    def set_autocommit(self, enabled: bool) -> None:
        self._autocommit = enabled

    @property
    def in_transaction(self) -> bool:
        return self._is_open and self._connection.in_transaction

    def commit(self) -> None:
        self._end_transaction("COMMIT")

    def rollback(self) -> None:
        self._end_transaction("ROLLBACK")

    @property
    def is_open(self) -> bool:
        return self._is_open

    def close(self) -> None:
        """A statement that is still open is ended first: what it changed would be lost otherwise."""
        if self._execution is not None:
            self._execution.close()
        with self._closing:
            if self._is_open:
                self._is_open = False
                with contextlib.suppress(sqlite3.Error):
                    self._connection.close()

    def _end_transaction(self, statement: str) -> None:
        if self._execution is not None:
            self._execution.close()
        with self._operation(statement):
            if self.in_transaction:
                self._patiently(lambda: self._connection.execute(statement), _LOCK_WAIT)

    def _query(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self._patiently(lambda: self._connection.execute(statement, parameters).fetchall(), _LOCK_WAIT)

    def _patiently(self, run: Callable[[], _T], seconds: float) -> _T:
        """Run again while another connection holds a lock: the statement has had no effect then.

        SQLite's own busy handler does the same, but cannot be stopped.
        """
        deadline = time.monotonic() + seconds
        while True:
            try:
                return run()
            except sqlite3.OperationalError as error:
                if not is_busy(error) or time.monotonic() > deadline:
                    raise
            if self._interruption.is_requested:
                raise Cancelled
            time.sleep(_LOCK_STEP)

    @contextlib.contextmanager
    def _operation(self, statement: str) -> Iterator[None]:
        """Around everything that may take long."""
        self._check_open()
        with self._interruption.running(), self._translating(statement):
            yield

    @contextlib.contextmanager
    def _translating(self, statement: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, sqlite3.Warning) as error:
            raise query_error(error, statement) from error

    def _check_open(self) -> None:
        if not self._is_open:
            raise ConnectError(ConnectReason.LOST, f"{self.database} is closed.", "Open the connection again.")

    @staticmethod
    def _belongs_in_transaction(statement: str) -> bool:
        return not _OUTSIDE_TRANSACTIONS.intersection(leading_words(statement, "sqlite", 1))


def _refuse_writing_elsewhere(action: int, first: str | None, second: str | None, *_: str | None) -> int:
    """Authorizer of a read-only connection, beside `mode=ro` and `query_only`: no other file, no way back to writing.

    ATTACH is also what VACUUM INTO does inside.
    """
    if action == sqlite3.SQLITE_ATTACH:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and (first or "").lower() == "query_only" and second is not None:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _only_reads(statement: str) -> bool:
    """Whether running the statement twice changes nothing; when in doubt, no."""
    if not _READING_WORDS.intersection(leading_words(statement, "sqlite", 1)):
        return False
    return not _WRITING_WORDS.intersection(words(statement, "sqlite"))
