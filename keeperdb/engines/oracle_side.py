"""What is done for an Oracle session beside its statements: ending it from another connection, estimates."""

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import oracledb

from keeperdb.connections.profile import ConnectionProfile, Credential
from keeperdb.engines.driver_socket import DriverSocket
from keeperdb.engines.oracle_login import log_in
from keeperdb.errors import KeeperDBError
from keeperdb.task import Task

Query = Callable[..., list[tuple[Any, ...]]]

_TABLE_ROWS = """
SELECT t.num_rows FROM all_tables t
WHERE t.owner = NVL(:owner, SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA')) AND t.table_name = :name
"""


def end_session(
    profile: ConnectionProfile, credential: Credential | None, session: int, serial: int, seconds: float
) -> None:
    """ALTER SYSTEM KILL SESSION over a connection of its own; nothing where none can be opened in time.

    It needs the privilege ALTER SYSTEM, which few users have; without it nothing is ended.
    """
    try:
        side = log_in(profile, credential, Task(), seconds, DriverSocket())
    except KeeperDBError:
        return
    with contextlib.suppress(oracledb.Error, OSError), contextlib.closing(side):
        side.call_timeout = int(seconds * 1_000)
        side.cursor().execute(f"ALTER SYSTEM KILL SESSION '{session:d},{serial:d}' IMMEDIATE")


def table_rows(query: Query, tables: Sequence[str]) -> int | None:
    """Rows of `tables`, names as in SQL, by the optimizer's statistics; None where there are none."""
    total = 0
    for table in tables:
        *schema, name = (_plain(part) for part in table.split("."))
        found = query(_TABLE_ROWS, {"owner": schema[-1] if schema else None, "name": name})
        if not found or found[0][0] is None:
            return None
        total += int(found[0][0])
    return total if tables else None


def _plain(name: str) -> str:
    """A name as the dictionary has it: in capitals unless it is quoted."""
    return name[1:-1] if name.startswith('"') else name.upper()
