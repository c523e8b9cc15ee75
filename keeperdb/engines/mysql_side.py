"""What is done for a MySQL or MariaDB session beside its statements: ending it from another connection, estimates."""

import contextlib
from collections.abc import Callable, Sequence

import pymysql

from keeperdb.connections.profile import ConnectionProfile, Credential
from keeperdb.engines.mysql_login import log_in
from keeperdb.errors import KeeperDBError
from keeperdb.task import Task

Query = Callable[..., list[tuple[str | None, ...]]]


def kill(profile: ConnectionProfile, credential: Credential | None, what: str, seconds: float) -> bool:
    """Send KILL, such as `QUERY 12`, over a connection of its own; False when none could be opened in time."""
    try:
        side = log_in(profile, credential, Task(), seconds)
    except KeeperDBError:
        return False
    try:
        with contextlib.suppress(pymysql.Error, OSError):
            side._sock.settimeout(seconds)
            side.query(f"KILL {what}")
    finally:
        with contextlib.suppress(pymysql.Error, OSError):
            side.close()
    return True


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
