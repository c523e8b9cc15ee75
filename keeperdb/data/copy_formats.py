"""Selected cells as text for the clipboard, in the forms that programs and people paste."""

from collections.abc import Callable, Iterator
from typing import Protocol

from keeperdb.data.copy_options import CellSelection, CopyFormat, CopyOptions
from keeperdb.data.copy_sql import as_in_list, as_insert, as_update, as_values
from keeperdb.data.copy_template import Template
from keeperdb.data.formats import SeparatedLine, json_string, json_value, markdown_text, numbered
from keeperdb.data.html_rows import html_text
from keeperdb.data.options import Cells
from keeperdb.data.python_literals import python_literal
from keeperdb.engines.blocks import Column
from keeperdb.task import Task

_WITHOUT_KEY = "-- No key is known: each statement changes every row that holds these values."
_CHECK_EVERY = 1_000  # rows between two looks at the task


class ColumnCells(Cells, Protocol):
    """Cells that know their columns: a result, or rows as they are shown."""

    @property
    def columns(self) -> tuple[Column, ...] | None: ...


class Copying:
    """One copy: where the cells are, which, and how far it is."""

    def __init__(self, source: ColumnCells, cells: CellSelection, task: Task, options: CopyOptions) -> None:
        self.source = source
        self.cells = cells
        self.options = options
        self.numbers = cells.columns
        self.all_columns = source.columns or ()
        self.columns = [self.all_columns[number] for number in self.numbers]
        self.names = [column.name for column in self.columns]
        self._task = task

    def rows(self) -> Iterator[int]:
        """The selected rows, with progress. Raises `Cancelled`."""
        rows = self.cells.rows()
        for number, row in enumerate(rows):
            if number % _CHECK_EVERY == 0:
                self._task.report(number, len(rows), "Copying")
            yield row

    def texts(self) -> Iterator[list[str | None]]:
        """The texts of each selected row; a cell outside the selection is None."""
        text, has, numbers = self.source.text, self.cells.has, self.numbers
        if self.cells.is_block:
            for row in self.rows():
                yield [text(row, column) for column in numbers]
        else:
            for row in self.rows():
                yield [text(row, column) if has(row, column) else None for column in numbers]


def cells_as_text(
    source: ColumnCells,
    cells: CellSelection,
    copy_format: CopyFormat,
    task: Task,
    options: CopyOptions | None = None,
) -> str:
    """The selected cells in `copy_format`. A single cell as TSV is its exact value. Raises `Cancelled`.

    Raises `ExportError` where the form cannot be made, such as a template that names a column that is not there.
    """
    if cells.is_single_cell and copy_format is CopyFormat.TSV:
        return source.text(cells.ranges[0][0], cells.ranges[0][1]) or ""
    return _WRITERS[copy_format](Copying(source, cells, task, options or CopyOptions()))


def _separated(copying: Copying, line: SeparatedLine, has_header: bool) -> str:
    lines = [line.write([*copying.names])] if has_header else []
    lines += [line.write(row) for row in copying.texts()]
    return "".join(lines).removesuffix("\n")


def _tsv(copying: Copying) -> str:
    return _separated(copying, SeparatedLine("\t"), has_header=False)


def _tsv_headers(copying: Copying) -> str:
    return _separated(copying, SeparatedLine("\t"), has_header=True)


def _csv_line(copying: Copying) -> SeparatedLine:
    return SeparatedLine(copying.options.delimiter, copying.options.guards_formulas)


def _csv(copying: Copying) -> str:
    return _separated(copying, _csv_line(copying), has_header=True)


def _csv_rows(copying: Copying) -> str:
    return _separated(copying, _csv_line(copying), has_header=False)


def _objects(copying: Copying) -> Iterator[str]:
    """Each row as a JSON object of its selected cells."""
    source, has = copying.source, copying.cells.has
    members = [
        (f"{json_string(name)}: ", number, column.kind.is_number)
        for name, number, column in zip(numbered(copying.names), copying.numbers, copying.columns, strict=True)
    ]
    for row in copying.rows():
        cells = [key + json_value(source, row, column, number) for key, column, number in members if has(row, column)]
        yield "{" + ", ".join(cells) + "}"


def _json(copying: Copying) -> str:
    return "[\n" + ",\n".join(f"  {each}" for each in _objects(copying)) + "\n]"


def _json_lines(copying: Copying) -> str:
    return "\n".join(_objects(copying))


def _markdown(copying: Copying) -> str:
    def line(texts: list[str | None]) -> str:
        return "| " + " | ".join(markdown_text(text or "") for text in texts) + " |"

    rule = "|" + " --- |" * len(copying.columns)
    return "\n".join([line([*copying.names]), rule, *(line(row) for row in copying.texts())])


def _html(copying: Copying) -> str:
    """A table alone, in which every value is text; NULL is an empty cell, as in a spreadsheet."""
    heads = "".join(f"<th>{html_text(name)}</th>" for name in copying.names)
    rows = (
        "<tr>" + "".join(f"<td>{html_text(text or '')}</td>" for text in row) + "</tr>\n" for row in copying.texts()
    )
    return f"<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{''.join(rows)}</tbody>\n</table>"


def _python(copying: Copying) -> str:
    """A list of dictionaries, with an import where a value needs one."""
    source, has = copying.source, copying.cells.has
    names = [repr(name) for name in numbered(copying.names)]
    lines = []
    for row in copying.rows():
        members = [
            f"{name}: {python_literal(source, row, column, copying.all_columns[column])}"
            for name, column in zip(names, copying.numbers, strict=True)
            if has(row, column)
        ]
        lines.append("    {" + ", ".join(members) + "},\n")
    body = "".join(lines)
    start = "from decimal import Decimal\n\n" if "Decimal(" in body else ""
    return f"{start}rows = [\n{body}]"


def _template(copying: Copying) -> str:
    template = Template(copying.options.template, copying.all_columns, copying.options.sql.dialect)
    return "".join([template.write(copying.source, row, place) for place, row in enumerate(copying.rows())])


def _insert(copying: Copying) -> str:
    return as_insert(copying.source, copying.rows(), copying.numbers, copying.columns, copying.options.sql)


def _update(copying: Copying) -> str:
    """Without a key the first line says what that means, for two rows may hold the same."""
    keys = copying.options.keys or range(len(copying.all_columns))
    text = as_update(copying.source, copying.rows(), copying.cells, copying.all_columns, keys, copying.options.sql)
    return text if copying.options.keys else f"{_WITHOUT_KEY}\n{text}"


def _values(copying: Copying) -> str:
    return as_values(copying.source, copying.rows(), copying.numbers, copying.columns, copying.options.sql)


def _in_list(copying: Copying) -> str:
    dialect = copying.options.sql.dialect
    return as_in_list(copying.source, copying.rows(), copying.cells, copying.all_columns, dialect)


_WRITERS: dict[CopyFormat, Callable[[Copying], str]] = {
    CopyFormat.TSV: _tsv,
    CopyFormat.TSV_HEADERS: _tsv_headers,
    CopyFormat.CSV: _csv,
    CopyFormat.CSV_ROWS: _csv_rows,
    CopyFormat.JSON: _json,
    CopyFormat.JSONL: _json_lines,
    CopyFormat.MARKDOWN: _markdown,
    CopyFormat.HTML: _html,
    CopyFormat.INSERT: _insert,
    CopyFormat.UPDATE: _update,
    CopyFormat.VALUES: _values,
    CopyFormat.IN_LIST: _in_list,
    CopyFormat.PYTHON: _python,
    CopyFormat.TEMPLATE: _template,
}
