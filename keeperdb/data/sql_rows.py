"""Rows as INSERT statements that put the same values back."""

from collections.abc import Sequence

from keeperdb.data.json_rows import numbered
from keeperdb.data.options import ExportOptions
from keeperdb.data.sql_literals import literals_of
from keeperdb.engines.blocks import Block, Column

# Oracle takes several rows in one INSERT only since 23ai; SQL Server no more than 1,000
_MOST_ROWS = {"oracle": 1, "tsql": 1000}


class SqlWriter:
    """One INSERT for every `rows_per_insert` rows."""

    def __init__(self, columns: Sequence[Column], options: ExportOptions) -> None:
        sql = options.sql
        literal = literals_of(sql.dialect)
        self._literal = literal
        self._columns = list(enumerate(columns))
        self._most = max(1, min(sql.rows_per_insert, _MOST_ROWS.get(sql.dialect, sql.rows_per_insert)))
        table = ".".join(sql.quote(name) for name in sql.table)
        names = ", ".join(sql.quote(name) for name in numbered([column.name for column in columns]))
        self._opening = f"INSERT INTO {table} ({names}) VALUES"
        self._open_rows = 0

    def begin(self) -> str:
        return ""

    def rows(self, block: Block, start: int, stop: int) -> str:
        return "".join([self._row(block, row) for row in range(start, stop)])

    def end(self) -> str:
        return ";\n" if self._open_rows else ""

    def _row(self, block: Block, row: int) -> str:
        values = ", ".join([self._literal(block, row, number, column) for number, column in self._columns])
        if self._open_rows == self._most:
            self._open_rows = 0
            before = f";\n{self._opening}"
        else:
            before = "," if self._open_rows else self._opening
        self._open_rows += 1
        return f"{before}\n({values})"
