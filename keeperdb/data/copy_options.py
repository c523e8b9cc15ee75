"""Which cells are copied, in which form, and what the forms have to know."""

from dataclasses import dataclass, field
from enum import StrEnum

from keeperdb.data.options import SqlOptions


class CopyFormat(StrEnum):
    """A form in which cells can be copied."""

    TSV = "tsv"
    TSV_HEADERS = "tsv with headers"
    CSV = "csv"
    CSV_ROWS = "csv without headers"
    JSON = "json"
    JSONL = "jsonl"
    MARKDOWN = "markdown"
    HTML = "html"
    INSERT = "insert"
    UPDATE = "update"
    VALUES = "values"
    IN_LIST = "in"
    PYTHON = "python"
    TEMPLATE = "template"


@dataclass(frozen=True, slots=True)
class CopyOptions:
    """What the forms need beside the cells.

    `keys` are the numbers of the columns that say which row an UPDATE means; without any it compares all columns.
    `template` is the text for a row, with `{name}` for a column's value. `guards_formulas` is for CSV only.
    """

    sql: SqlOptions = field(default_factory=SqlOptions)
    keys: tuple[int, ...] = ()
    template: str = ""
    delimiter: str = ","
    guards_formulas: bool = False


@dataclass(frozen=True, slots=True)
class CellSelection:
    """Rectangles of cells, each (top, left, bottom, right) and inclusive; `order` are the columns as they are shown."""

    ranges: tuple[tuple[int, int, int, int], ...]
    order: tuple[int, ...]

    @property
    def is_empty(self) -> bool:
        return not self.ranges

    @property
    def is_single_cell(self) -> bool:
        return (
            len(self.ranges) == 1 and self.ranges[0][0] == self.ranges[0][2] and self.ranges[0][1] == self.ranges[0][3]
        )

    @property
    def columns(self) -> list[int]:
        """The columns that have a selected cell."""
        return [column for column in self.order if any(left <= column <= right for _, left, _, right in self.ranges)]

    def rows(self) -> list[int] | range:
        """The rows that have a selected cell, in ascending order."""
        spans = {(top, bottom) for top, _, bottom, _ in self.ranges}
        if len(spans) == 1:
            top, bottom = spans.pop()
            return range(top, bottom + 1)
        return sorted({row for top, bottom in spans for row in range(top, bottom + 1)})

    @property
    def is_block(self) -> bool:
        """Whether every one of `rows` has all of `columns` selected."""
        spans = {(top, bottom) for top, _, bottom, _ in self.ranges}
        return len(spans) == 1

    def has(self, row: int, column: int) -> bool:
        return any(top <= row <= bottom and left <= column <= right for top, left, bottom, right in self.ranges)
