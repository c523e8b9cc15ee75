"""What is done for a MySQL or MariaDB session beside its statements: ending it from another connection, estimates."""

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import pymysql
from pymysql.constants import ER

from keeperdb.connections.profile import ConnectionProfile, Credential
from keeperdb.engines.base import CredentialSource
from keeperdb.engines.mysql_login import log_in
from keeperdb.errors import Cancelled, KeeperDBError
from keeperdb.task import Task

Query = Callable[..., list[tuple[str | None, ...]]]


class SideDoor:
    """A second connection, over which a session is stopped: the protocol knows no other way.

    It is opened when it is first needed, and then kept: its credential may have to be read from a vault, which bears
    only so many requests. Usable from any thread.
    """

    def __init__(self, profile: ConnectionProfile, credential: Credential | None) -> None:
        self._profile = profile
        self._credential = credential
        self._again: CredentialSource | None = None
        self._connection: Any = None
        self._is_closed = False
        self._lock = threading.Lock()

    def forget_credential(self, again: CredentialSource) -> None:
        self._credential, self._again = None, again

    def kill(self, what: str, seconds: float) -> bool:
        """Send KILL, such as `QUERY 12`; False when there is no connection and none could be opened in time."""
        deadline = time.monotonic() + seconds
        if not self._lock.acquire(timeout=seconds):
            return False
        try:
            if self._send(what, deadline):
                return True
            if not self._open(deadline):
                return False
            self._send(what, deadline)  # whether it was answered or not: it may have arrived
            return True
        finally:
            self._lock.release()

    def close(self) -> None:
        """May be called twice, and while a `kill` runs."""
        self._is_closed = True
        self._credential = self._again = None
        self._drop()

    def _send(self, what: str, deadline: float) -> bool:
        connection = self._connection
        if connection is None:
            return False
        try:
            connection._sock.settimeout(max(0.1, deadline - time.monotonic()))
            connection.query(f"KILL {what}")
        except pymysql.err.OperationalError as error:
            if error.args[0] == ER.NO_SUCH_THREAD:
                return True
            self._drop()
            return False
        except (pymysql.Error, OSError, AttributeError):
            self._drop()
            return False
        return True

    def _open(self, deadline: float) -> bool:
        seconds = deadline - time.monotonic()
        try:
            credential = self._again(seconds) if self._again is not None else self._credential
            self._connection = log_in(self._profile, credential, Task(), max(0.1, deadline - time.monotonic()))
        except (KeeperDBError, Cancelled):
            return False
        if self._is_closed:
            self._drop()
        return not self._is_closed

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            _close(connection)


def _close(connection: Any) -> None:
    with contextlib.suppress(pymysql.Error, OSError):
        connection.close()


def planned_rows(query: Query, statement: str) -> int | None:
    """Rows that the optimizer expects to look at for a DELETE or UPDATE. Nothing is run."""
    # MySQL has a column more before `rows` than MariaDB: partitions.
    counts = [row[8 if len(row) <= 10 else 9] for row in query(f"EXPLAIN {statement}")]
    return max((int(count) for count in counts if count), default=None)


def table_rows(query: Query, tables: Sequence[str], database: str) -> int | None:
    """Rows of `tables`, names as in SQL, by the storage engine's statistics; None where there are none."""
    total = 0
    for table in tables:
        parts = [part.strip("`").replace("``", "`") for part in table.split(".")]
        schema = parts[-2] if len(parts) > 1 else database
        found = query(
            "SELECT TABLE_ROWS FROM information_schema.TABLES WHERE TABLE_SCHEMA = %s AND TABLE_NAME = %s",
            (schema, parts[-1]),
        )
        if not found or found[0][0] is None:
            return None
        total += int(found[0][0])
    return total if tables else None
