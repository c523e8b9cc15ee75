"""Pages of a table by key: each begins after a row, not after a number of rows, and nothing is counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from keeperdb.data.edit_cells import Cell
from keeperdb.data.edit_dialects import EditDialect, dialect_of
from keeperdb.data.edit_sql import Sql, joined
from keeperdb.data.row_filters import RowFilter, filter_sql, shape_columns
from keeperdb.engines.base import Engine
from keeperdb.query.table_shape import KeyKind, ShapeColumn, TableKey, TableShape


@dataclass(frozen=True, slots=True)
class ColumnOrder:
    """One column to sort by."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Up to `size` rows of a table.

    `after` are the values of a row, by column name: the page begins behind it, or ends before it if `is_backwards`.
    Without it the page is the first one, or the last. `offset` passes rows over, where pages cannot go on from a row:
    there is no key, or `seeks` is False because values have an order that cannot be asked for.
    """

    shape: TableShape
    key: TableKey | None
    size: int
    order: tuple[ColumnOrder, ...] = ()
    filter: RowFilter = field(default_factory=RowFilter)
    after: Mapping[str, Cell] | None = None
    is_backwards: bool = False
    offset: int = 0
    seeks: bool = True

    @property
    def is_by_key(self) -> bool:
        """Whether a page can go on from a row."""
        return self.key is not None and self.seeks

    @property
    def whole_order(self) -> tuple[ColumnOrder, ...]:
        """What is sorted by, with the key behind it, which makes the order of rows one and only."""
        sorted_by = {each.column for each in self.order}
        rest = self.key.columns if self.key is not None else ()
        return (*self.order, *(ColumnOrder(name) for name in rest if name not in sorted_by))


def page_sql(engine: Engine, page: PageRequest) -> Sql:
    """The query of a page with one row more, which tells whether another page follows; backwards in reverse order."""
    dialect = dialect_of(engine)
    names = ", ".join(dialect.column(column) for column in page.shape.columns)
    pieces = [Sql.of(f"SELECT {names} FROM {dialect.table(page.shape)}")]  # noqa: S608 - quoted
    conditions = [each for each in (filter_sql(dialect, page.shape, page.filter), _after(dialect, page)) if each]
    if conditions:
        pieces.append(Sql.of(" WHERE ", joined(" AND ", conditions)))
    order = _order_sql(dialect, page)
    if order:
        pieces.append(Sql.of(f" ORDER BY {order}"))
    query = Sql.of(*pieces)
    if page.offset:
        return _with_offset(dialect, query, page, has_order=bool(order))
    return dialect.first_rows(query, page.size + 1)


def can_seek(engine: Engine, page: PageRequest) -> bool:
    """Whether what pages are sorted by can be compared with the values of a row: `<` goes by the order of ORDER BY."""
    dialect = dialect_of(engine)
    return all(
        dialect.is_sought(column) for column in shape_columns(page.shape, [each.column for each in page.whole_order])
    )


def keyless_rows_sql(engine: Engine, page: PageRequest) -> Sql | None:
    """The query of a row whose key has a NULL, of which SQLite takes any number; None where there can be none.

    https://www.sqlite.org/lang_createtable.html#the_primary_key
    """
    if page.key is None or page.key.kind is KeyKind.VIRTUAL or engine.dialect != "sqlite":
        return None
    dialect = dialect_of(engine)
    columns = [each for each in shape_columns(page.shape, page.key.columns) if not each.is_required]
    if not columns:
        return None
    gaps = joined(" OR ", (Sql.of(f"{dialect.column(column)} IS NULL") for column in columns))
    return dialect.first_rows(Sql.of(f"SELECT 1 FROM {dialect.table(page.shape)} WHERE ", gaps), 1)  # noqa: S608 - quoted


def is_sortable(engine: Engine, column: ShapeColumn) -> bool:
    """Whether pages can be sorted by it."""
    return dialect_of(engine).is_sortable(column)


def _order_sql(dialect: EditDialect, page: PageRequest) -> str:
    columns = shape_columns(page.shape, [each.column for each in page.whole_order])
    return ", ".join(
        f"{dialect.column(column)} {'DESC' if each.descending != page.is_backwards else 'ASC'}"
        for column, each in zip(columns, page.whole_order, strict=True)
    )


def _after(dialect: EditDialect, page: PageRequest) -> Sql | None:
    """Rows behind `after`: greater in the first column, or the same there and greater in the second, and so on."""
    if page.after is None or not page.is_by_key:
        return None
    columns = shape_columns(page.shape, [each.column for each in page.whole_order])
    branches: list[Sql] = []
    same: list[Sql] = []
    for column, each in zip(columns, page.whole_order, strict=True):
        cell = page.after.get(column.name)
        behind = _behind(dialect, column, cell, is_down=each.descending != page.is_backwards)
        if behind is not None:
            branches.append(joined(" AND ", [*same, behind]))
        same.append(_equal(dialect, column, cell))
    pieces = [Sql.of("(", branch, ")") for branch in branches]
    return Sql.of("(", joined(" OR ", pieces), ")") if pieces else Sql.of("1 = 0")


def _equal(dialect: EditDialect, column: ShapeColumn, cell: Cell) -> Sql:
    """The same for sorting, which may be less strict than for editing."""
    if cell is None:
        return Sql.of(f"{dialect.column(column)} IS NULL")
    return Sql.of(f"{dialect.column(column)} = ", dialect.key_value(column, cell))


def _behind(dialect: EditDialect, column: ShapeColumn, cell: Cell, *, is_down: bool) -> Sql | None:
    """Values that come later; None if there are none. NULLs are first or last as the server sorts them."""
    name = dialect.column(column)
    nulls_come_last = dialect.nulls_first() == is_down
    if cell is None:
        return None if nulls_come_last else Sql.of(f"{name} IS NOT NULL")
    later = Sql.of(f"{name} {'<' if is_down else '>'} ", dialect.key_value(column, cell))
    if nulls_come_last and not column.is_required:
        return Sql.of("(", later, f" OR {name} IS NULL)")
    return later


def _with_offset(dialect: EditDialect, query: Sql, page: PageRequest, *, has_order: bool) -> Sql:
    """For tables without a key, whose pages may overlap when rows come and go."""
    if dialect.name in ("tsql", "oracle"):
        order = "" if has_order or dialect.name == "oracle" else " ORDER BY (SELECT NULL)"
        return Sql.of(query, f"{order} OFFSET {page.offset:d} ROWS FETCH NEXT {page.size + 1:d} ROWS ONLY")
    return Sql.of(query, f" LIMIT {page.size + 1:d} OFFSET {page.offset:d}")


def order_from(columns: Sequence[str], before: Sequence[ColumnOrder], column: str, *, adds: bool) -> list[ColumnOrder]:
    """The order after a click on a column's head: up, down, off; `adds` keeps the others."""
    now = next((each for each in before if each.column == column), None)
    following = ColumnOrder(column) if now is None else None if now.descending else ColumnOrder(column, True)
    if not adds:
        return [following] if following is not None else []
    kept = [following if each.column == column else each for each in before]
    if now is None:
        kept.append(following)
    return [each for each in kept if each is not None and each.column in columns]
