"""Writing what is staged: one transaction, exactly one row for each statement, or nothing at all."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

from keeperdb.connections.profile import CommitMode
from keeperdb.data.edit_batches import Batch, batches_of, preview, single
from keeperdb.data.edit_cells import Cell, cell_at, text_of
from keeperdb.data.edit_dialects import dialect_of
from keeperdb.data.edit_plan import PlannedChange, Staging, key_condition, plan, row_in_words
from keeperdb.data.edit_sql import Sql, joined
from keeperdb.data.staged import RowKey, RowRef, RowState
from keeperdb.errors import ConnectError, KeeperDBError, QueryError, UnsupportedError
from keeperdb.query.dangers import Operation
from keeperdb.query.policy import Confirmation
from keeperdb.query.results import ResultSet
from keeperdb.query.safety import ConfirmationRequired, Kind, Verdict
from keeperdb.query.session import Session
from keeperdb.task import Task

_SHOWN = 60  # characters of a value in a sentence
_NOTHING = "Nothing was written; the changes are still staged."


class EditReason(StrEnum):
    CHANGED = "changed"  # somebody else changed the row
    GONE = "gone"  # or deleted it
    SEVERAL = "several"  # the statement touched more than one row
    REFUSED = "refused"  # by the server, or by a rule of ours
    UNKNOWN = "unknown"  # the connection was lost during the commit


class EditError(KeeperDBError):
    """What is staged was not written. `table` and `ref` name the row that failed, None for no row in particular.

    `current` are the row's values in the database now, by column name, where they differ from what was read.
    """

    def __init__(
        self,
        reason: EditReason,
        message: str,
        hint: str = "",
        *,
        table: int | None = None,
        ref: RowRef | None = None,
        current: Mapping[str, Cell] | None = None,
    ) -> None:
        super().__init__(message, hint)
        self.reason = reason
        self.table = table
        self.ref = ref
        self.current = dict(current or {})


@dataclass(frozen=True, slots=True)
class Committed:
    """How many rows were written, and the keys that the server made, by staging and number of the inserted row.

    `is_final` is False if it stands in a transaction that was open before, and is the person's to commit.
    """

    counts: Mapping[RowState, int]
    keys: Mapping[tuple[int, int], RowKey] = field(default_factory=dict)
    is_final: bool = True

    @property
    def in_words(self) -> str:
        parts = [f"{count:,} {_DONE[state]}" for state, count in self.counts.items() if count]
        return ", ".join(parts)


_DONE = {RowState.MODIFIED: "changed", RowState.INSERTED: "added", RowState.DELETED: "deleted"}


def commit(session: Session, stagings: Sequence[Staging], task: Task, *, confirmed: bool = False) -> Committed:
    """Write everything that is staged, in one transaction; on the session's lane.

    A transaction that is open already stays open, with the changes in it. Raises `EditError` with nothing written,
    `ConfirmationRequired` with nothing sent if the policy wants to be asked, and `ConnectError`.
    """
    changes = plan(session.engine, stagings)
    _check_allowed(session, stagings, changes)
    if not confirmed:
        _ask_first(session, stagings, changes)
    run = _Run(session, stagings, task)
    return run.within_transaction(changes) if session.in_transaction else run.in_own_transaction(changes)


class _Uneven(Exception):  # noqa: N818 - answered by writing one row after the other
    """A statement for several rows did not do what was expected; which of them it was is not known."""


class _Run:
    """One commit: rows that share a statement first, and one by one if that fails, to find out which it is."""

    def __init__(self, session: Session, stagings: Sequence[Staging], task: Task) -> None:
        self._session = session
        self._stagings = stagings
        self._task = task
        self._dialect = dialect_of(session.engine)
        self._keys: dict[tuple[int, int], RowKey] = {}

    def in_own_transaction(self, changes: Sequence[PlannedChange]) -> Committed:
        session, mode = self._session, self._session.commit_mode
        session.set_commit_mode(CommitMode.MANUAL, self._task)
        try:
            self._write(changes, lambda: session.rollback(Task()))
            self._commit()
        except BaseException:
            if session.is_open:
                session.rollback(Task())  # which a wish to stop does not stop
            raise
        finally:
            if session.is_open:
                session.set_commit_mode(mode, Task())
        return self._committed(changes, is_final=True)

    def within_transaction(self, changes: Sequence[PlannedChange]) -> Committed:
        begin, back, end = self._dialect.savepoint()
        if not begin:
            raise UnsupportedError(
                "A transaction is open, and this server has no savepoints to take back only a part of it.",
                "Commit it or roll it back first.",
            )
        self._session.execute(begin, self._task, confirmed=True)

        def begin_again() -> None:
            self._session.execute(back, Task(), confirmed=True)
            self._session.execute(begin, Task(), confirmed=True)

        try:
            self._write(changes, begin_again)
        except BaseException:
            if self._session.is_open:
                self._session.execute(back, Task(), confirmed=True)
            raise
        if end:
            self._session.execute(end, Task(), confirmed=True)
        return self._committed(changes, is_final=False)

    def _write(self, changes: Sequence[PlannedChange], begin_again: Callable[[], object]) -> None:
        try:
            self._write_all(batches_of(self._dialect, self._stagings, changes), len(changes))
        except _Uneven:
            begin_again()
            self._keys.clear()
            self._write_all(map(single, changes), len(changes))

    def _write_all(self, batches: Iterable[Batch], count: int) -> None:
        written = 0
        for batch in batches:
            if len(batch.changes) == 1:
                self._write_one(batch.changes[0])
            else:
                self._write_together(batch)
            written += len(batch.changes)
            self._task.report(written, count)

    def _write_together(self, batch: Batch) -> None:
        """As many rows as conditions, none of which two rows meet."""
        first, wanted = batch.changes[0], len(batch.changes)
        counts_found = self._dialect.counts_matches or first.state is RowState.DELETED
        try:
            if not counts_found and self._count(self._stagings[first.table], batch.condition or Sql()) != wanted:
                raise _Uneven
            text, values = self._dialect.counted(batch.sql).bound()
            rows = self._affected(self._session.execute(text, self._task, parameters=values, confirmed=True))
        except QueryError as error:
            raise _Uneven from error
        if rows is None or rows > wanted or (counts_found and rows != wanted):
            raise _Uneven

    def _write_one(self, change: PlannedChange) -> None:
        staging = self._stagings[change.table]
        counts_changed = not self._dialect.counts_matches and change.state is RowState.MODIFIED
        if counts_changed or not staging.shape.is_transactional:
            self._check_found(change)  # the count below tells rows that differ now, or comes too late to go back
        text, values = self._dialect.counted(change.sql).bound()
        try:
            results = self._session.execute(text, self._task, parameters=values, confirmed=True)
            rows = self._affected(results)
        except QueryError as error:
            raise self._refused(change, error) from error
        if rows != 1 and not (rows == 0 and counts_changed):
            raise self._wrong_count(change, rows)
        if change.state is RowState.INSERTED and change.told and isinstance(change.ref, int):
            self._keys[(change.table, change.ref)] = self._made_key(staging, change, results)

    def _affected(self, results: Sequence[ResultSet]) -> int | None:
        """How many rows the statement touched: by its own count, or by the rows that it returned."""
        counted = [result for result in results if result.columns is not None]
        if not counted:
            return results[-1].rows_affected
        counted[-1].fetch(2, self._task)
        return int(counted[-1].text(0, 0) or 0) if self._dialect.tells_count_in_row else counted[-1].row_count

    def _check_found(self, change: PlannedChange) -> None:
        if change.condition is not None:
            rows = self._count(self._stagings[change.table], change.condition)
            if rows != 1:
                raise self._wrong_count(change, rows)

    def _count(self, staging: Staging, condition: Sql) -> int:
        locked = Sql.of(self._dialect.counting(staging.shape, condition), " FOR UPDATE")
        result = self._query(locked)
        return int(result.text(0, 0) or 0)

    def _query(self, sql: Sql) -> ResultSet:
        text, values = sql.bound()
        result = self._session.execute(text, self._task, parameters=values, confirmed=True)[-1]
        result.fetch(2, self._task)
        return result

    def _made_key(self, staging: Staging, change: PlannedChange, results: Sequence[ResultSet]) -> RowKey:
        """The key of a row that was inserted: what the server told, and what was given."""
        given = staging.changes.change(change.ref)
        values = {name: value.cell for name, value in given.values.items()} if given is not None else {}
        told = results[-1] if self._dialect.returns_keys else self._asked_key()
        if told is not None and told.row_count:
            for number, name in enumerate(change.told):
                column = (told.columns or ())[number]
                values[name] = cell_at(told, 0, number, column, self._session.engine.dialect)
        return tuple(values.get(name) for name in staging.key.columns)

    def _asked_key(self) -> ResultSet | None:
        return self._query(Sql.of(self._dialect.key_query)) if self._dialect.key_query else None

    def _commit(self) -> None:
        try:
            self._session.commit(self._task)
        except ConnectError as error:
            raise EditError(
                EditReason.UNKNOWN,
                "The connection was lost while the changes were committed: whether they were written is not known.",
                "Refresh the table and look, before you commit them again.",
            ) from error
        except QueryError as error:
            hint = f"{error.hint} {_NOTHING}".strip()
            raise EditError(EditReason.REFUSED, f"The server refused to commit: {error.message}", hint) from error

    def _committed(self, changes: Sequence[PlannedChange], *, is_final: bool) -> Committed:
        counts = {state: sum(change.state is state for change in changes) for state in _DONE}
        return Committed(counts, self._keys, is_final)

    def _refused(self, change: PlannedChange, error: QueryError) -> EditError:
        row = row_in_words(self._stagings[change.table], change.ref)
        text = f"The server refused to {change.verb} {row}: {error.message}"
        details = " ".join(part for part in (error.detail, error.hint, _NOTHING) if part)
        return EditError(EditReason.REFUSED, text, details, table=change.table, ref=change.ref)

    def _wrong_count(self, change: PlannedChange, rows: int | None) -> EditError:
        staging = self._stagings[change.table]
        row = row_in_words(staging, change.ref)
        named = partial(EditError, table=change.table, ref=change.ref)
        if rows is None or rows > 1 or isinstance(change.ref, int):
            count = "an unknown number of rows" if rows is None else f"{rows:,} rows"
            text = f"To {change.verb} {row} would have touched {count} instead of one."
            return named(EditReason.SEVERAL, text, f"{_NOTHING} Choose a key that is unique.")
        current = self._current(staging, change)
        if current is None:
            text = f"{_capital(row)} was deleted by somebody else."
            return named(EditReason.GONE, text, f"{_NOTHING} Revert this row to go on.")
        text = f"{_capital(row)} was changed by somebody else{_differences(current)}."
        hint = f"{_NOTHING} Refresh to see it, then revert or repeat your change of this row."
        return named(EditReason.CHANGED, text, hint, current=current)

    def _current(self, staging: Staging, change: PlannedChange) -> dict[str, Cell] | None:
        """What the row has now where it is not what was read; None if it is gone. Asked in the same transaction."""
        found = staging.changes.change(change.ref)
        if found is None or found.row is None or isinstance(change.ref, int):
            return None
        columns = [staging.shape.by_name[name] for name in found.row.values if name in staging.shape.by_name]
        names = joined(", ", (Sql.of(self._dialect.column(column)) for column in columns))
        condition = key_condition(self._dialect, staging, found.row.key)
        select = Sql.of("SELECT ", names, f" FROM {self._dialect.table(staging.shape)} WHERE ", condition)
        try:
            result = self._query(select)
        except QueryError:
            return {}
        if not result.row_count:
            return None
        dialect = self._session.engine.dialect
        now = {
            column.name: cell_at(result, 0, number, (result.columns or ())[number], dialect)
            for number, column in enumerate(columns)
        }
        return {name: cell for name, cell in now.items() if cell != found.row.values[name]}


def _check_allowed(session: Session, stagings: Sequence[Staging], changes: Sequence[PlannedChange]) -> None:
    if session.profile.read_only:
        raise EditError(EditReason.REFUSED, "This connection is read-only.", "Open it for writing to commit changes.")
    for staging in stagings:
        if not staging.shape.is_transactional and len(changes) > 1 and len(staging.changes):
            raise EditError(
                EditReason.REFUSED,
                f"What is written to {staging.shape.name} cannot be rolled back by the server.",
                "Commit one change at a time.",
            )


def _ask_first(session: Session, stagings: Sequence[Staging], changes: Sequence[PlannedChange]) -> None:
    """Every change under CHANGES; deletions where what destroys is to be typed."""
    level = session.policy.confirmation
    deletions = [change for change in changes if change.state is RowState.DELETED]
    if level is not Confirmation.CHANGES and not (level is Confirmation.TYPED and deletions):
        return
    operations = []
    for number, staging in enumerate(stagings):
        count = sum(change.table == number for change in deletions)
        if count:
            verb = "Delete 1 row of" if count == 1 else f"Delete {count:,} rows of"
            operations.append(Operation(verb, (staging.shape.name,), 0, 0))
    statement = preview(session.engine, stagings)
    verdict = Verdict(Kind.WRITE, tuple(operations))
    place = session.profile.environment.value
    raise ConfirmationRequired(verdict, statement, rows=len(changes), is_typed=bool(operations), place=place)


def _differences(current: Mapping[str, Cell]) -> str:
    parts = []
    for name, cell in list(current.items())[:3]:
        text = text_of(cell)
        shown = "NULL" if text is None else f"“{text[:_SHOWN]}”"
        parts.append(f"{name} is {shown} now")
    return f": {', '.join(parts)}" if parts else ""


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"
