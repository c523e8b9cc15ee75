"""Selected cells as text for the clipboard; run in the background, because a selection may be large."""

import csv
import io
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from keeperdb.query.results import ResultSet
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


def cells_as_text(result: ResultSet, cells: CellSelection, copy_format: CopyFormat, task: Task) -> str:
    """The selected cells in `copy_format`. A single cell as TSV is its exact value. Raises `Cancelled`."""
    if cells.is_single_cell and copy_format is CopyFormat.TSV:
        return result.text(cells.ranges[0][0], cells.ranges[0][1]) or ""
    if copy_format is CopyFormat.JSON:
        return _as_json(result, cells, task)
    if copy_format is CopyFormat.MARKDOWN:
        return _as_markdown(result, cells, task)
    return _as_separated(result, cells, copy_format, task)


def _names(result: ResultSet, cells: CellSelection) -> list[str]:
    return [(result.columns or ())[column].name for column in cells.columns]


def _rows(result: ResultSet, cells: CellSelection, task: Task) -> Iterator[list[str | None]]:
    """The text of each selected row; a cell outside the selection is None."""
    columns, rows = cells.columns, cells.rows()
    is_block = len(cells.ranges) == 1
    for number, row in enumerate(rows):
        if number % _CHECK_EVERY == 0:
            task.report(number, len(rows), "Copying")
        yield [result.text(row, column) if is_block or cells.has(row, column) else None for column in columns]


def _as_separated(result: ResultSet, cells: CellSelection, copy_format: CopyFormat, task: Task) -> str:
    file = io.StringIO()
    writer = csv.writer(file, delimiter="," if copy_format is CopyFormat.CSV else "\t", lineterminator="\n")
    if copy_format is not CopyFormat.TSV:
        writer.writerow(_names(result, cells))
    writer.writerows(["" if text is None else text for text in row] for row in _rows(result, cells, task))
    return file.getvalue().removesuffix("\n")


def _as_markdown(result: ResultSet, cells: CellSelection, task: Task) -> str:
    def line(texts: list[str | None]) -> str:
        return "| " + " | ".join(_markdown_cell(text) for text in texts) + " |"

    head = line([*_names(result, cells)])
    rule = "|" + " --- |" * len(cells.columns)
    return "\n".join([head, rule, *(line(row) for row in _rows(result, cells, task))])


def _markdown_cell(text: str | None) -> str:
    escaped = (text or "").replace("\\", "\\\\").replace("|", "\\|")
    return " ".join(escaped.splitlines()) if text else ""


def _as_json(result: ResultSet, cells: CellSelection, task: Task) -> str:
    names, columns = _distinct(_names(result, cells)), cells.columns
    lines = []
    for number, row in enumerate(cells.rows()):
        if number % _CHECK_EVERY == 0:
            task.check()
        members = (
            f"{json.dumps(name, ensure_ascii=False)}: {_json_cell(result, row, column)}"
            for name, column in zip(names, columns, strict=True)
            if cells.has(row, column)
        )
        lines.append("  {" + ", ".join(members) + "}")
    return "[\n" + ",\n".join(lines) + "\n]"


def _json_cell(result: ResultSet, row: int, column: int) -> str:
    """One value as JSON: numbers exactly as they are, everything else as the server's text."""
    value = result.value(row, column)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) or (isinstance(value, float | Decimal) and math.isfinite(value)):
        return str(value)
    return json.dumps(result.text(row, column), ensure_ascii=False)


def _distinct(names: list[str]) -> list[str]:
    """`names` with the second of the same name numbered `name_2`, and so on."""
    seen: dict[str, int] = {}
    distinct = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        distinct.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return distinct
