"""Lists as text, CSV and JSON, the way Commander prints its reports."""

import csv
import io
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from keeperdb.commands.command import Output

_WIDEST = 40  # characters of a cell, unless everything is asked for
Row = Mapping[str, object]


def report(
    arguments: Namespace,
    columns: Mapping[str, str],
    rows: Sequence[Row],
    *,
    nothing: str = "",
    shorten: bool = True,
) -> Output:
    """Rows in the wanted format. `columns` are the members of each row that a table shows, and their headings."""
    if arguments.format == "json":
        return Output(data=[dict(row) for row in rows])
    if arguments.format == "csv":
        return Output(said=_csv(columns, rows))
    if not rows:
        return Output(said=nothing)
    return Output(said=table(list(columns.values()), [[row.get(name) for name in columns] for row in rows], shorten))


def kept_ready(output: Output) -> Output:
    """The same with room for its answers, for a list that is asked for again."""
    return replace(output, kept_answers={})


def table(headings: Sequence[str], rows: Sequence[Sequence[object]], shorten: bool = True) -> str:
    """Numbered rows in aligned columns below their headings, two blanks apart."""
    cell: Callable[[object], str] = _short if shorten else one_line
    lines = [["#", *headings], *([str(number), *map(cell, row)] for number, row in enumerate(rows, 1))]
    widths = [max(3 if index == 0 else 1, *map(len, column)) for index, column in enumerate(zip(*lines, strict=True))]
    rule = ["-" * width for width in widths]
    return "\n".join(_aligned(line, widths) for line in [lines[0], rule, *lines[1:]])


def one_line(value: object) -> str:
    """A value as one line of printable text."""
    text = _text(value)
    return text if text.isprintable() else "".join(each if each.isprintable() else " " for each in text)


def _short(value: object) -> str:
    text = one_line(value)
    return text if len(text) <= _WIDEST else f"{text[:_WIDEST]}..."


def _text(value: object) -> str:
    if value is None:
        return ""
    return ", ".join(map(_text, value)) if isinstance(value, (list, tuple)) else str(value)


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    first = cells[0].rjust(widths[0])
    return "  ".join([first, *(cell.ljust(width) for cell, width in zip(cells[1:], widths[1:], strict=True))]).rstrip()


def _csv(columns: Mapping[str, str], rows: Sequence[Row]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns.values())
    writer.writerows([_text(row.get(name)) for name in columns] for row in rows)
    return out.getvalue().rstrip("\n")
