"""Selected cells as text for the clipboard; run in the background, because a selection may be large."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from keeperdb.data.formats import SeparatedLine, json_string, json_value, markdown_text, numbered
from keeperdb.gui.cell_text import ShownCells
from keeperdb.task import Task

_CHECK_EVERY = 2_000  # rows between two looks at the task


class CopyFormat(StrEnum):
    TSV = "tsv"
    TSV_HEADERS = "tsv with headers"
    CSV = "csv"
    JSON = "json"
    MARKDOWN = "markdown"


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
        if len(self.ranges) == 1:
            top, _, bottom, _ = self.ranges[0]
            return range(top, bottom + 1)
        return sorted({row for top, _, bottom, _ in self.ranges for row in range(top, bottom + 1)})

    def has(self, row: int, column: int) -> bool:
        return any(top <= row <= bottom and left <= column <= right for top, left, bottom, right in self.ranges)


def cells_as_text(result: ShownCells, cells: CellSelection, copy_format: CopyFormat, task: Task) -> str:
    """The selected cells in `copy_format`. A single cell as TSV is its exact value. Raises `Cancelled`."""
    if cells.is_single_cell and copy_format is CopyFormat.TSV:
        return result.text(cells.ranges[0][0], cells.ranges[0][1]) or ""
    if copy_format is CopyFormat.JSON:
        return _as_json(result, cells, task)
    if copy_format is CopyFormat.MARKDOWN:
        return _as_markdown(result, cells, task)
    return _as_separated(result, cells, copy_format, task)


def _names(result: ShownCells, cells: CellSelection) -> list[str]:
    return [(result.columns or ())[column].name for column in cells.columns]


def _rows(result: ShownCells, cells: CellSelection, task: Task) -> Iterator[list[str | None]]:
    """The text of each selected row; a cell outside the selection is None."""
    columns, rows = cells.columns, cells.rows()
    is_block = len(cells.ranges) == 1
    for number, row in enumerate(rows):
        if number % _CHECK_EVERY == 0:
            task.report(number, len(rows), "Copying")
        yield [result.text(row, column) if is_block or cells.has(row, column) else None for column in columns]


def _as_separated(result: ShownCells, cells: CellSelection, copy_format: CopyFormat, task: Task) -> str:
    is_csv = copy_format is CopyFormat.CSV
    line = SeparatedLine("," if is_csv else "\t")
    lines = [line.write(_names(result, cells))] if copy_format is not CopyFormat.TSV else []
    for row in _rows(result, cells, task):
        lines.append(line.write(row))
    return "".join(lines).removesuffix("\n")


def _as_markdown(result: ShownCells, cells: CellSelection, task: Task) -> str:
    def line(texts: list[str | None]) -> str:
        return "| " + " | ".join(markdown_text(text or "") for text in texts) + " |"

    head = line([*_names(result, cells)])
    rule = "|" + " --- |" * len(cells.columns)
    return "\n".join([head, rule, *(line(row) for row in _rows(result, cells, task))])


def _as_json(result: ShownCells, cells: CellSelection, task: Task) -> str:
    names, kinds = numbered(_names(result, cells)), [column.kind for column in result.columns or ()]
    columns, lines = cells.columns, []
    for number, row in enumerate(cells.rows()):
        if number % _CHECK_EVERY == 0:
            task.check()
        members = (
            f"{json_string(name)}: {json_value(result, row, column, kinds[column].is_number)}"
            for name, column in zip(names, columns, strict=True)
            if cells.has(row, column)
        )
        lines.append("  {" + ", ".join(members) + "}")
    return "[\n" + ",\n".join(lines) + "\n]"
