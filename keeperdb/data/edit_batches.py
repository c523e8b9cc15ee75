"""Several staged rows in one statement, where that is as safe as one for each: the same values, and an enforced key."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from keeperdb.data.edit_dialects import EditDialect, dialect_of
from keeperdb.data.edit_plan import PlannedChange, Staging, plan
from keeperdb.data.edit_sql import Bind, Sql, joined
from keeperdb.data.staged import RowState
from keeperdb.engines.base import Engine
from keeperdb.query.table_shape import KeyKind

_MOST_VALUES = 900  # of one statement; SQL Server takes 2,100, old SQLite 999
_MOST_ROWS = 200  # of one statement; SQLite's parser goes 1,000 deep


@dataclass(frozen=True, slots=True)
class Batch:
    """`sql` writes all of `changes`; `condition` finds their rows, None for rows that are inserted."""

    changes: tuple[PlannedChange, ...]
    sql: Sql
    condition: Sql | None


def single(change: PlannedChange) -> Batch:
    """One row by itself."""
    return Batch((change,), change.sql, change.condition)


def batches_of(dialect: EditDialect, stagings: Sequence[Staging], changes: Sequence[PlannedChange]) -> Iterator[Batch]:
    """The statements for `changes`, in their order. Only rows behind each other share one.

    The key has to be the server's own: no row meets two of the conditions then, so that as many rows as conditions
    means one row for each.
    """
    for _, group in groupby(changes, key=lambda change: _shared(stagings[change.table], change)):
        rows = list(group)
        while rows:
            count = _fitting(rows)
            yield single(rows[0]) if count == 1 else _together(dialect, stagings[rows[0].table], rows[:count])
            rows = rows[count:]


def preview(engine: Engine, stagings: Sequence[Staging]) -> str:
    """The statements with literals, the same in effect, each on lines of its own."""
    batches = batches_of(dialect_of(engine), stagings, plan(engine, stagings))
    return "".join(f"{batch.sql.shown(engine.dialect)};\n" for batch in batches)


def _shared(staging: Staging, change: PlannedChange) -> object:
    """Rows with the same answer can be written together; exact, where 1 and 1.0 are different values."""
    can_share = staging.key.kind is not KeyKind.VIRTUAL and staging.shape.is_transactional and not staging.shape.is_view
    if change.condition is None or not can_share:
        return (change.table, change.ref)
    return (change.table, change.state, repr(change.assignments))


def _fitting(rows: Sequence[PlannedChange]) -> int:
    """How many of the rows, at least one, one statement takes."""
    values = 0
    for count, change in enumerate(rows[:_MOST_ROWS]):
        values += sum(isinstance(part, Bind) for part in change.sql.parts)
        if values > _MOST_VALUES and count:
            return count
    return min(len(rows), _MOST_ROWS)


def _together(dialect: EditDialect, staging: Staging, rows: Sequence[PlannedChange]) -> Batch:
    conditions = [Sql.of("(", change.condition, ")") for change in rows if change.condition is not None]
    condition = joined("\n   OR ", conditions)
    if rows[0].state is RowState.DELETED:
        sql = dialect.delete(staging.shape, condition)
    else:
        sql = dialect.update(staging.shape, rows[0].assignments, condition)
    return Batch(tuple(rows), sql, condition)
