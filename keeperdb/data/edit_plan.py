"""The statements that write what is staged: one for each row, each with the key and the old values in its condition."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from keeperdb.data.edit_cells import NewValue, Stand, in_words
from keeperdb.data.edit_dialects import EditDialect, dialect_of
from keeperdb.data.edit_sql import Sql, joined
from keeperdb.data.staged import RowChange, RowKey, RowRef, RowState, StagedChanges, StoredRow, iterate
from keeperdb.engines.base import Engine
from keeperdb.errors import KeeperDBError
from keeperdb.query.table_shape import KeyKind, ShapeColumn, TableKey, TableShape

_VERBS = {RowState.MODIFIED: "change", RowState.INSERTED: "add", RowState.DELETED: "delete"}


@dataclass(frozen=True, slots=True)
class Staging:
    """What is staged for one table, with what is needed to write it."""

    shape: TableShape
    key: TableKey
    changes: StagedChanges


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """One row and its statement. `table` is the number of its staging, `told` the columns whose values are asked for.

    `condition` finds the row, None for one that is inserted; `assignments` are what an UPDATE sets.
    """

    table: int
    ref: RowRef
    state: RowState
    sql: Sql
    told: tuple[str, ...] = ()
    condition: Sql | None = None
    assignments: tuple[Sql, ...] = ()

    @property
    def verb(self) -> str:
        return _VERBS[self.state]


def plan(engine: Engine, stagings: Sequence[Staging]) -> list[PlannedChange]:
    """Every statement in the order in which it is run. Raises `KeeperDBError` for what cannot be written."""
    found: list[PlannedChange] = []
    for number, staging in enumerate(stagings):
        writer = _Writer(dialect_of(engine), staging, number)
        found += [writer.planned(ref, change) for ref, change in iterate(staging.changes)]
    order = {RowState.DELETED: 0, RowState.MODIFIED: 1, RowState.INSERTED: 2}
    return sorted(found, key=lambda change: order[change.state])


def row_in_words(staging: Staging, ref: RowRef) -> str:
    """`the row id = 3 of artist`, or `a new row of artist`."""
    if isinstance(ref, int):
        return f"a new row of {staging.shape.name}"
    return f"the row {in_words(staging.key.columns, ref)} of {staging.shape.name}"


class _Writer:
    """Writes the changes of one table."""

    def __init__(self, dialect: EditDialect, staging: Staging, number: int) -> None:
        self._dialect = dialect
        self._staging = staging
        self._number = number
        self._shape = staging.shape

    def planned(self, ref: RowRef, change: RowChange) -> PlannedChange:
        if change.state is RowState.INSERTED or change.row is None:
            return self._insertion(ref, change)
        condition = row_condition(self._dialect, self._staging, change.row)
        if change.state is RowState.DELETED:
            sql = self._dialect.delete(self._shape, condition)
            return PlannedChange(self._number, ref, change.state, sql, condition=condition)
        assignments = tuple(self._assignments(change))
        sql = self._dialect.update(self._shape, assignments, condition)
        return PlannedChange(self._number, ref, change.state, sql, condition=condition, assignments=assignments)

    def _assignments(self, change: RowChange) -> Iterator[Sql]:
        for column, value in self._columns(change):
            yield Sql.of(self._dialect.column(column), " = ", self._dialect.new(column, value))

    def _insertion(self, ref: RowRef, change: RowChange) -> PlannedChange:
        given = [(column, value) for column, value in self._columns(change) if value.stand is not Stand.DEFAULT]
        names = [self._dialect.column(column) for column, _ in given]
        values = [self._dialect.new(column, value) for column, value in given]
        told = self._told({column.name for column, _ in given})
        keys = [self._dialect.column(self._shape.by_name[name]) for name in told]
        sql = self._dialect.insert(self._shape, names, values, keys)
        return PlannedChange(self._number, ref, change.state, sql, told)

    def _told(self, given: set[str]) -> tuple[str, ...]:
        """Columns of the key that the server makes."""
        if self._dialect.returns_keys and not self._shape.is_view:
            return tuple(name for name in self._staging.key.columns if name in self._shape.by_name)
        automatic = [name for name in self._staging.key.columns if self._shape.by_name[name].is_auto]
        return tuple(automatic[:1]) if automatic and automatic[0] not in given else ()

    def _columns(self, change: RowChange) -> Iterator[tuple[ShapeColumn, NewValue]]:
        for name, value in change.values.items():
            column = self._shape.by_name.get(name)
            if column is None:
                raise KeeperDBError(
                    f"{self._shape.name} has no column {name} any more.", "Discard the change, or refresh the table."
                )
            yield column, value


def row_condition(dialect: EditDialect, staging: Staging, row: StoredRow) -> Sql:
    """The key, then everything else that was read of the row and can be compared."""
    pieces = _key_pieces(dialect, staging, row.key)
    for name, cell in row.values.items():
        column = staging.shape.by_name.get(name)
        matches = dialect.matches(column, cell) if column is not None else None
        if matches is not None and matches not in pieces:  # what the key says already is not said twice
            pieces.append(matches)
    return joined(" AND ", pieces)


def key_condition(dialect: EditDialect, staging: Staging, key: RowKey) -> Sql:
    """The row's key alone. Raises `KeeperDBError` for a key that has gone from the table."""
    return joined(" AND ", _key_pieces(dialect, staging, key))


def _key_pieces(dialect: EditDialect, staging: Staging, key: RowKey) -> list[Sql]:
    pieces = []
    for name, cell in zip(staging.key.columns, key, strict=True):
        column = staging.shape.by_name.get(name)
        if column is None:
            raise KeeperDBError(f"{staging.shape.name} has no column {name} any more.", "Refresh the table.")
        is_null = cell is None and staging.key.kind is KeyKind.VIRTUAL
        pieces.append(Sql.of(dialect.column(column), " IS NULL") if is_null else dialect.is_key(column, cell))
    return pieces
