"""Selected cells as pieces of SQL: INSERT, UPDATE, VALUES and the list of an IN; literals are exact in the dialect."""

from collections.abc import Callable, Iterable, Sequence

from keeperdb.data.copy_options import CellSelection
from keeperdb.data.json_rows import numbered
from keeperdb.data.options import Cells, ExportOptions, SqlOptions
from keeperdb.data.sql_literals import literals_of
from keeperdb.data.sql_rows import SqlWriter
from keeperdb.engines.blocks import CellKind, Column

_VALUES_PER_LINE = 10
_UNCOMPARED = {  # kinds that a dialect has no `=` for: comparing them would make the statement fail
    "postgres": (CellKind.JSON,),
    "oracle": (CellKind.JSON, CellKind.BINARY),
}


class _Chosen:
    """The chosen columns of all rows, numbered from 0 as `SqlWriter` counts them."""

    def __init__(self, cells: Cells, numbers: Sequence[int]) -> None:
        self._cells = cells
        self._numbers = numbers

    def text(self, row: int, column: int) -> str | None:
        return self._cells.text(row, self._numbers[column])

    def value(self, row: int, column: int) -> object:
        return self._cells.value(row, self._numbers[column])

    def __len__(self) -> int:
        return 0

    @property
    def nbytes(self) -> int:
        return 0


def as_insert(
    cells: Cells, rows: Iterable[int], numbers: Sequence[int], columns: Sequence[Column], sql: SqlOptions
) -> str:
    """INSERT statements for the chosen columns of `rows`."""
    writer, chosen = SqlWriter(columns, ExportOptions(sql=sql)), _Chosen(cells, numbers)
    pieces = [writer.rows(chosen, row, row + 1) for row in rows]
    return ("".join(pieces) + writer.end()).removesuffix("\n")


def as_values(
    cells: Cells, rows: Iterable[int], numbers: Sequence[int], columns: Sequence[Column], sql: SqlOptions
) -> str:
    """`VALUES (…), (…)` with a line for each row."""
    literal = literals_of(sql.dialect)
    pairs = list(zip(numbers, columns, strict=True))
    lines = [
        f"{sql.row_word}({', '.join([literal(cells, row, number, column) for number, column in pairs])})"
        for row in rows
    ]
    return "VALUES\n" + ",\n".join(lines)


def as_in_list(
    cells: Cells, rows: Iterable[int], chosen: CellSelection, columns: Sequence[Column], dialect: str
) -> str:
    """What follows IN: each selected value once, in parentheses. NULL is left out, because IN never finds it."""
    literal = literals_of(dialect)
    numbers = chosen.columns
    found = (
        literal(cells, row, number, columns[number]) for row in rows for number in numbers if chosen.has(row, number)
    )
    values = [each for each in dict.fromkeys(found) if each != "NULL"]
    lines = [", ".join(values[start : start + _VALUES_PER_LINE]) for start in range(0, len(values), _VALUES_PER_LINE)]
    return "(" + (",\n ".join(lines) or "NULL") + ")"


def as_update(
    cells: Cells,
    rows: Iterable[int],
    chosen: CellSelection,
    columns: Sequence[Column],
    keys: Sequence[int],
    sql: SqlOptions,
) -> str:
    """An UPDATE for each row: the selected cells are set, the columns `keys` say which row is meant.

    A selected key column is compared and not set, unless nothing else was selected.
    """
    names = [sql.quote(name) for name in numbered([column.name for column in columns])]
    table = ".".join(sql.quote(name) for name in sql.table)
    literal, uncompared = literals_of(sql.dialect), _UNCOMPARED.get(sql.dialect, ())
    compared = [key for key in keys if columns[key].kind not in uncompared]
    lines = []
    for row in rows:
        selected = [number for number in chosen.columns if chosen.has(row, number)]
        is_whole_row = len(keys) == len(columns)
        set_columns = selected if is_whole_row else [each for each in selected if each not in keys] or selected
        changes = ", ".join(f"{names[each]} = {literal(cells, row, each, columns[each])}" for each in set_columns)
        where = " AND ".join(_equals(names[key], literal, cells, row, key, columns[key]) for key in compared)
        lines.append(f"UPDATE {table} SET {changes} WHERE {where or '1 = 0'};")  # noqa: S608 - names are quoted
    return "\n".join(lines)


def _equals(
    name: str, literal: Callable[[Cells, int, int, Column], str], cells: Cells, row: int, number: int, column: Column
) -> str:
    value = literal(cells, row, number, column)
    return f"{name} IS NULL" if value == "NULL" else f"{name} = {value}"
