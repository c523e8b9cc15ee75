"""What of a result can be edited: which column is which column of which table, and which row is which of its rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from keeperdb.data.edit_cells import Cell, NewValue, cell_at
from keeperdb.data.edit_plan import Staging
from keeperdb.data.keys import NO_KEY, best_key
from keeperdb.data.staged import RowKey, RowRef, RowState, StagedChanges, StoredRow
from keeperdb.engines.base import Engine
from keeperdb.engines.blocks import Column
from keeperdb.errors import NotFoundError
from keeperdb.query.origins import TableName, find_origins
from keeperdb.query.results import ResultSet
from keeperdb.query.session import Session
from keeperdb.query.table_names import find_table
from keeperdb.query.table_shape import KeyKind, ShapeColumn, TableKey, TableShape, describe_table
from keeperdb.task import Task

_READ_ONLY = "This connection is read-only."


@dataclass(frozen=True, slots=True)
class EditTarget:
    """One use of a table in a result. `positions` are the places of its columns there, by name."""

    staging: Staging
    positions: dict[str, int]

    @property
    def key_positions(self) -> tuple[int, ...]:
        return tuple(self.positions[name] for name in self.staging.key.columns)


@dataclass(frozen=True, slots=True)
class EditableColumn:
    """`target` is the number of the target that the column belongs to; `locked` says why it cannot be changed."""

    target: int | None
    column: ShapeColumn | None
    locked: str = ""


class EditableRows:
    """How the rows of one result can be edited, and what is staged for them.

    `locked` says why nothing can be. New rows can be added if the result is a single table's.
    """

    def __init__(
        self,
        engine: Engine,
        targets: Sequence[EditTarget],
        columns: Sequence[EditableColumn],
        locked: str = "",
        *,
        is_table: bool = False,
    ) -> None:
        self.engine = engine
        self.targets = tuple(targets)
        self.columns = tuple(columns)
        self.locked = locked or ("" if any(not column.locked for column in columns) else _why(columns))
        self.can_insert = is_table and len(self.targets) == 1 and not self.locked

    @property
    def stagings(self) -> list[Staging]:
        """One for each table, however often it is used."""
        return list({id(target.staging.changes): target.staging for target in self.targets}.values())

    @property
    def change_count(self) -> int:
        return sum(len(staging.changes) for staging in self.stagings)

    def inserted(self) -> list[int]:
        """The numbers of the new rows, which stand behind those of the result."""
        return self.targets[0].staging.changes.inserted if self.can_insert else []

    def locked_cell(self, cells: Sequence[Cell], column: int) -> str:
        """Why a cell of a row of the result, whose cells are `cells`, is locked; empty if it is not."""
        described = self.columns[column]
        if self.locked or described.locked or described.target is None:
            return self.locked or described.locked
        return "" if self.key_of(described.target, cells) is not None else self._without_key(described.target)

    def key_of(self, target: int, cells: Sequence[Cell]) -> RowKey | None:
        """The key of the row that this row shows of a target; None if it shows none."""
        staging = self.targets[target].staging
        key = tuple(cells[place] for place in self.targets[target].key_positions)
        has_gap = any(cell is None for cell in key)
        is_missing = all(cell is None for cell in key) if staging.key.kind is KeyKind.VIRTUAL else has_gap
        return None if is_missing else key

    def stored_row(self, target: int, cells: Sequence[Cell]) -> StoredRow | None:
        """The row of a target as it was read."""
        key = self.key_of(target, cells)
        if key is None:
            return None
        return StoredRow(key, {name: cells[place] for name, place in self.targets[target].positions.items()})

    def new_value(self, cells: Sequence[Cell], column: int) -> NewValue | None:
        """What is staged for a cell."""
        described = self.columns[column]
        if described.target is None or described.column is None:
            return None
        key = self.key_of(described.target, cells)
        if key is None:
            return None
        return self.targets[described.target].staging.changes.new_value(key, described.column.name)

    def state(self, cells: Sequence[Cell], column: int) -> RowState:
        """How a cell is to be shown: as it is, with a new value, or as part of a row that goes."""
        described = self.columns[column]
        if described.target is None:
            return RowState.SAME
        key = self.key_of(described.target, cells)
        change = self.targets[described.target].staging.changes.change(key) if key is not None else None
        if change is None or change.state is RowState.DELETED:
            return RowState.SAME if change is None else RowState.DELETED
        name = described.column.name if described.column is not None else ""
        return RowState.MODIFIED if name in change.values else RowState.SAME

    def refs(self, cells: Sequence[Cell]) -> Iterator[tuple[int, RowRef]]:
        """The rows of the targets that a row of the result shows."""
        for number in range(len(self.targets)):
            key = self.key_of(number, cells)
            if key is not None:
                yield number, key

    def row_state(self, target: int, ref: RowRef) -> RowState:
        """What is staged for a row of a target."""
        return self.targets[target].staging.changes.state(ref)

    def _without_key(self, target: int) -> str:
        name = self.targets[target].staging.shape.name
        return f"There is no row of {name} here, or its key is NULL."


def _why(columns: Sequence[EditableColumn]) -> str:
    """The reason that all columns share."""
    reasons = {column.locked for column in columns}
    return reasons.pop() if len(reasons) == 1 else "No column of this result can be edited."


def table_targets(
    engine: Engine, shape: TableShape, key: TableKey | None, changes: StagedChanges | None = None, *, read_only: bool
) -> EditableRows:
    """A page of a table, with all of its columns in order. `changes` are those that are staged already."""
    reason = _READ_ONLY if read_only else shape.locked or ("" if key is not None else NO_KEY)
    if reason or key is None:
        columns = [EditableColumn(None, column, reason) for column in shape.columns]
        return EditableRows(engine, (), columns, reason)
    if changes is None or changes.key_columns != key.columns:
        changes = StagedChanges(shape.path, key.columns)
    positions = {column.name: number for number, column in enumerate(shape.columns)}
    target = EditTarget(Staging(shape, key, changes), positions)
    columns = [EditableColumn(0, column, locked_column(column)) for column in shape.columns]
    return EditableRows(engine, (target,), columns, is_table=True)


def locked_column(column: ShapeColumn) -> str:
    """Why no value of a column can be written; empty if it can."""
    return "The server computes this column." if column.is_generated else ""


def result_targets(session: Session, result: ResultSet, task: Task) -> EditableRows:
    """What of a query's result can be edited. Asks the server's catalogue; on the session's lane, where it closes
    a result that is still open.
    """
    engine, columns = session.engine, result.columns or ()
    if session.profile.read_only:
        return _nothing(engine, columns, _READ_ONLY)
    shapes: dict[TableName, TableShape | None] = {}

    def columns_of(table: TableName) -> list[str] | None:
        if table not in shapes:
            shapes[table] = _shape(session, table, task)
        shape = shapes[table]
        return [column.name for column in shape.columns] if shape is not None else None

    origins = find_origins(result.statement.text, engine.dialect, columns_of, [column.name for column in columns])
    if origins.reason:
        return _nothing(engine, columns, origins.reason)
    positions: dict[tuple[TableName, int], dict[str, int]] = {}
    for number, origin in enumerate(origins.columns):
        if not isinstance(origin, str):
            positions.setdefault((origin.table, origin.place), {}).setdefault(origin.column, number)
    targets, numbers, reasons = _targets(positions, shapes)
    described = []
    for origin in origins.columns:
        if isinstance(origin, str):
            described.append(EditableColumn(None, None, origin))
            continue
        use, shape = (origin.table, origin.place), shapes[origin.table]
        column = shape.by_name[origin.column] if shape is not None else None
        reason = reasons.get(use, "") or (locked_column(column) if column is not None else "")
        described.append(EditableColumn(numbers.get(use), column, reason))
    return EditableRows(engine, targets, described)


Use = tuple[TableName, int]


def _targets(
    positions: dict[Use, dict[str, int]], shapes: dict[TableName, TableShape | None]
) -> tuple[list[EditTarget], dict[Use, int], dict[Use, str]]:
    """The uses of tables whose rows can be told, their numbers, and why the others cannot."""
    targets: list[EditTarget] = []
    numbers: dict[Use, int] = {}
    reasons: dict[Use, str] = {}
    stagings: dict[tuple[tuple[str, ...], TableKey], Staging] = {}
    for use, places in positions.items():
        shape = shapes[use[0]]
        if shape is None:
            continue
        key = _key_within(shape, set(places))
        if isinstance(key, str):
            reasons[use] = key
            continue
        staging = stagings.setdefault((shape.path, key), Staging(shape, key, StagedChanges(shape.path, key.columns)))
        numbers[use] = len(targets)
        targets.append(EditTarget(staging, places))
    return targets, numbers, reasons


def _key_within(shape: TableShape, columns: set[str]) -> TableKey | str:
    """A key all of whose columns are in the result, or why there is none."""
    if shape.locked:
        return shape.locked
    best = best_key(shape)
    if best is None:
        return f"{shape.name}: {NO_KEY}"
    found = next((key for key in shape.keys if columns.issuperset(key.columns)), None)
    if found is None:
        return f"The key of {shape.name} is not in the result. Add {', '.join(best.columns)} to the query to edit it."
    return found


def _shape(session: Session, table: TableName, task: Task) -> TableShape | None:
    path = find_table(session, table, task)
    try:
        return describe_table(session, path, task) if path is not None else None
    except NotFoundError:
        return None


def _nothing(engine: Engine, columns: Sequence[Column], reason: str) -> EditableRows:
    return EditableRows(engine, (), [EditableColumn(None, None, reason) for _ in columns], reason)


def cells_of(result: ResultSet, row: int, dialect: str) -> list[Cell]:
    """Every cell of one row of a result."""
    return [cell_at(result, row, number, column, dialect) for number, column in enumerate(result.columns or ())]
