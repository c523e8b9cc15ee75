"""What is done for a PostgreSQL session beside its statements: ending it from another connection, estimates."""

import contextlib
import json
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from keeperdb.connections.profile import ConnectionProfile, Credential
from keeperdb.engines.postgresql_login import log_in
from keeperdb.errors import KeeperDBError, QueryError
from keeperdb.task import Task

Query = Callable[..., list[tuple[str | None, ...]]]


def end_session(profile: ConnectionProfile, credential: Credential | None, number: int, seconds: float) -> None:
    """pg_terminate_backend over a connection of its own; nothing where none can be opened in time."""
    with contextlib.suppress(KeeperDBError, psycopg.Error), log_in(profile, credential, Task(), seconds) as side:
        side.execute(f"SELECT pg_terminate_backend({number:d})")


def planned_rows(query: Query, statement: str) -> int | None:
    """Rows that the planner expects a DELETE, an UPDATE or a MERGE to touch. Nothing is run."""
    answer = query(f"EXPLAIN (FORMAT JSON) {statement}")
    plan = json.loads("\n".join(row[0] or "" for row in answer))[0]["Plan"]
    changes = list(_changes(plan))
    return round(sum(changes)) if changes else None


def table_rows(query: Query, tables: Sequence[str]) -> int | None:
    """Rows of `tables`, names as in SQL, by the statistics of the last ANALYZE; None where there are none."""
    total = 0.0
    for table in tables:
        found = query("SELECT reltuples FROM pg_class WHERE oid = to_regclass($1)", (table,))
        if not found or float(found[0][0] or -1) < 0:
            return None
        total += float(found[0][0] or 0)
    return round(total) if tables else None


def _changes(plan: dict[str, Any]) -> Any:
    """Expected rows below each node that changes something; such a node itself counts as 0."""
    parts = plan.get("Plans", [])
    if plan.get("Node Type") == "ModifyTable":
        yield sum(part.get("Plan Rows", 0) for part in parts if part.get("Parent Relationship") != "InitPlan")
    for part in parts:
        yield from _changes(part)


def estimate(query: Query, statement: str, tables: Sequence[str], *, in_transaction: bool) -> int | None:
    """Rows that `statement` touches, or that `tables` hold without one; an open transaction comes to no harm."""
    if in_transaction:
        query("SAVEPOINT keeperdb_estimate")
    try:
        return planned_rows(query, statement) if statement else table_rows(query, tables)
    except QueryError:
        return None
    finally:
        if in_transaction:
            query("ROLLBACK TO SAVEPOINT keeperdb_estimate")
            query("RELEASE SAVEPOINT keeperdb_estimate")
