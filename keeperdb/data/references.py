"""Which row a foreign key in a result names, and which tables have rows that name a row of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from keeperdb.data.options import Cells
from keeperdb.data.sql_literals import literals_of
from keeperdb.engines.base import Engine
from keeperdb.engines.blocks import Column
from keeperdb.errors import NotFoundError
from keeperdb.query.origins import Origin, TableName, find_origins
from keeperdb.query.results import ResultSet
from keeperdb.query.session import Session
from keeperdb.query.table_names import find_table
from keeperdb.query.table_references import referring_keys
from keeperdb.query.table_shape import ForeignKey, KeyKind, TableShape, describe_table, qualified
from keeperdb.task import Task

Pairs = tuple[tuple[str, int], ...]  # a column of the other table, the number of the column of the result


@dataclass(frozen=True, slots=True)
class Reference:
    """Rows of the table at `path` whose columns have the values of columns of the result."""

    path: tuple[str, ...]
    pairs: Pairs

    @property
    def name(self) -> str:
        """The table and its columns, for a person."""
        return f"{self.path[-1]} ({', '.join(column for column, _ in self.pairs)})"


@dataclass(frozen=True, slots=True)
class ResultReferences:
    """`followed` are the rows that the keys name, `referring` those that name rows of the result.

    `keys` are the names of the columns that tell the rows of `table` apart, where a result is one table's.
    """

    followed: tuple[Reference, ...] = ()
    referring: tuple[Reference, ...] = ()
    table: tuple[str, ...] = ()
    keys: tuple[int, ...] = ()

    def of_column(self, column: int) -> Reference | None:
        """What a foreign key that `column` is part of names; the one of the fewest columns."""
        found = [each for each in self.followed if any(number == column for _, number in each.pairs)]
        return min(found, key=lambda each: len(each.pairs), default=None)


def find_references(session: Session, result: ResultSet, task: Task) -> ResultReferences:
    """Ask the server's catalogue, through a session whose open result may be given up.

    Raises `QueryError`, `ConnectError` or `Cancelled`.
    """
    tables: dict[TableName, TableShape | None] = {}

    def columns_of(table: TableName) -> list[str] | None:
        if table not in tables:
            tables[table] = _described(session, table, task)
        shape = tables[table]
        return [column.name for column in shape.columns] if shape is not None else None

    names = [column.name for column in result.columns or ()]
    origins = find_origins(result.statement.text, session.engine.dialect, columns_of, names)
    uses: dict[tuple[TableName, int], dict[str, int]] = {}
    for number, origin in enumerate(origins.columns):
        if isinstance(origin, Origin):
            uses.setdefault((origin.table, origin.place), {}).setdefault(origin.column, number)
    followed: list[Reference] = []
    referring: list[Reference] = []
    for (table, _), places in uses.items():
        shape = tables[table]
        if shape is not None:
            followed += [found for key in shape.foreign_keys if (found := _followed(key, places)) is not None]
            keys = referring_keys(session, shape.path, task)
            referring += [found for key in keys if (found := _referring(key, places)) is not None]
    path, numbers = _only_table(uses, tables)
    return ResultReferences(tuple(followed), tuple(referring), path, numbers)


def rows_statement(
    engine: Engine, reference: Reference, cells: Cells, row: int, columns: Sequence[Column]
) -> str | None:
    """SQL that reads the rows that `reference` means for a row of the result; None if one of its values is NULL."""
    literal = literals_of(engine.dialect)
    values = [literal(cells, row, number, columns[number]) for _, number in reference.pairs]
    if "NULL" in values:
        return None
    where = " AND ".join(
        f"{engine.quote(name)} = {value}" for (name, _), value in zip(reference.pairs, values, strict=True)
    )
    return f"SELECT * FROM {qualified(engine, reference.path)} WHERE {where}"  # noqa: S608 - names are quoted


def shown_path(engine: Engine | None, path: Sequence[str]) -> tuple[str, ...]:
    """The names by which SQL calls a table: without its database where the product takes none."""
    is_short = engine is not None and engine.dialect in ("postgres", "redshift")
    return tuple(path[-2:] if is_short else path)


def _described(session: Session, table: TableName, task: Task) -> TableShape | None:
    path = find_table(session, table, task)
    try:
        return describe_table(session, path, task) if path is not None else None
    except NotFoundError:
        return None


def _followed(key: ForeignKey, places: dict[str, int]) -> Reference | None:
    if not all(column in places for column in key.columns):
        return None
    pairs = zip(key.target_columns, key.columns, strict=True)
    return Reference(key.target, tuple((target, places[column]) for target, column in pairs))


def _referring(key: ForeignKey, places: dict[str, int]) -> Reference | None:
    """`key` is one of the other table, whose path is in `target`."""
    if not all(column in places for column in key.target_columns):
        return None
    pairs = zip(key.columns, key.target_columns, strict=True)
    return Reference(key.target, tuple((column, places[target]) for column, target in pairs))


def _only_table(
    uses: dict[tuple[TableName, int], dict[str, int]], tables: dict[TableName, TableShape | None]
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    if len(uses) != 1:
        return (), ()
    ((table, _), places) = next(iter(uses.items()))
    shape = tables[table]
    if shape is None:
        return (), ()
    key = next((key for key in shape.keys if key.kind is KeyKind.PRIMARY), None) or next(iter(shape.keys), None)
    names = key.columns if key is not None and all(name in places for name in key.columns) else ()
    return shape.path, tuple(places[name] for name in names)
