"""Rows as an Excel workbook, written row by row in constant memory."""

import io
import math
import re
import tempfile
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from keeperdb.data.options import ExportOptions
from keeperdb.data.rows import RowSource
from keeperdb.engines.blocks import Block, CellKind, Column
from keeperdb.errors import Cancelled, ExportError
from keeperdb.task import Task

# https://support.microsoft.com/office/excel-specifications-and-limits-1672b34d-7043-467e-8e27-269d656771c3
_MOST_ROWS = 1_048_576
_MOST_COLUMNS = 16_384
_LONGEST_TEXT = 32_767
_MOST_DIGITS = 15
_FIRST_DAY = date(1900, 3, 1)  # before it Excel has a 29 February 1900 that never was
_MILLISECOND = 1000  # microseconds

_STEP = 1000  # rows between two looks at the task
_SURROGATES = re.compile("[\ud800-\udfff]")
_SETTINGS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}


def write_xlsx(source: RowSource, file: BinaryIO, options: ExportOptions, task: Task, notices: list[str]) -> int:
    """Write all rows and return how many; `notices` gets a sentence on what Excel's limits changed.

    Text stays text: nothing becomes a formula or a link. Raises `ExportError` for too many columns, `Cancelled`, and
    what fetching raises.
    """
    if len(source.columns) > _MOST_COLUMNS:
        raise ExportError(
            f"The result has {len(source.columns):,} columns, and an Excel sheet {_MOST_COLUMNS:,} at most.",
            "Choose another format, or fewer columns.",
        )
    with tempfile.TemporaryDirectory(prefix="keeperdb-") as folder:
        workbook = Workbook(_Stoppable(file, task), {**_SETTINGS, "tmpdir": folder})
        writer = _Sheets(workbook, source.columns, options)
        try:
            for block in source.blocks(task):
                for start in range(0, len(block), _STEP):
                    writer.add(block, start, min(start + _STEP, len(block)))
                    task.report(writer.rows, source.total, f"{writer.rows:,} rows written")
            workbook.close()
        except FileCreateError as error:
            raise error.args[0] from error  # the `OSError` that it wraps
        finally:
            writer.abandon()
    notices += writer.notices()
    return writer.rows


class _Stoppable:
    """A file whose writing ends when the task does: packing a large workbook takes a while.

    After an end like that, the packer's own clean-up writes to nowhere.
    """

    def __init__(self, file: BinaryIO, task: Task) -> None:
        self._file = file
        self._task = task
        self._has_ended = False

    def write(self, content: bytes) -> int:
        """Raises `Cancelled`, once."""
        try:
            if not self._has_ended:
                self._task.check()
            return self._file.write(content)
        except (Cancelled, OSError):
            self._file, self._has_ended = io.BytesIO(), True
            raise

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class _Sheets:
    """The rows on as many sheets as they need, each with the names of the columns."""

    def __init__(self, workbook: Workbook, columns: Sequence[Column], options: ExportOptions) -> None:
        self._workbook = workbook
        self._columns = columns
        self._has_header = options.has_header
        self._bold: Format = workbook.add_format({"bold": True})
        self._formats: dict[type, Format] = {
            datetime: workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"}),
            date: workbook.add_format({"num_format": "yyyy-mm-dd"}),
            time: workbook.add_format({"num_format": "hh:mm:ss.000"}),
        }
        self.rows = 0
        self._cut = 0
        self._next = 0
        self._sheets: list[Worksheet] = []
        self._add_sheet()

    def add(self, block: Block, start: int, stop: int) -> None:
        for row in range(start, stop):
            if self._next == _MOST_ROWS:
                self._add_sheet()
            for number, column in enumerate(self._columns):
                text = block.text(row, number)
                if text is not None:
                    self._write(number, _cell(block.value(row, number), text, column))
            self._next += 1
            self.rows += 1

    def notices(self) -> list[str]:
        """What the format could not hold as it was."""
        said = []
        if len(self._sheets) > 1:
            said.append(f"A sheet holds {_MOST_ROWS:,} rows, so the rows are on {len(self._sheets)} sheets.")
        if self._cut:
            cells = "1 cell was" if self._cut == 1 else f"{self._cut:,} cells were"
            said.append(f"{cells} longer than the {_LONGEST_TEXT:,} characters that Excel holds, and cut there.")
        return said

    def abandon(self) -> None:
        """Close what is open without writing the workbook; nothing is left to do after it was written."""
        self._workbook.fileclosed = True
        for sheet in self._sheets:
            sheet.row_data_fh.close()

    def _add_sheet(self) -> None:
        self._sheets.append(self._workbook.add_worksheet())
        self._next = 0
        if self._has_header:
            for number, column in enumerate(self._columns):
                self._write(number, column.name, self._bold)
            self._sheets[-1].freeze_panes(1, 0)
            self._next = 1

    def _write(self, number: int, value: Any, look: Format | None = None) -> None:
        sheet, row = self._sheets[-1], self._next
        if isinstance(value, bool):
            sheet.write_boolean(row, number, value)
        elif isinstance(value, int | float | Decimal):
            sheet.write_number(row, number, value)
        elif isinstance(value, str):
            sheet.write_string(row, number, self._fitting(value), look)
        else:
            sheet.write_datetime(row, number, value, self._formats[type(value)])

    def _fitting(self, text: str) -> str:
        """Excel counts UTF-16 units; XML has no lone surrogates."""
        text = _SURROGATES.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
        if len(text) * 2 <= _LONGEST_TEXT:
            return text
        units = text.encode("utf-16-le")
        if len(units) <= _LONGEST_TEXT * 2:
            return text
        self._cut += 1
        return units[: _LONGEST_TEXT * 2].decode("utf-16-le", "ignore")


def _cell(value: Any, text: str, column: Column) -> Any:
    """A number, a boolean or a time where Excel keeps it exactly; the server's text otherwise."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and (column.kind.is_number or column.kind is CellKind.TEXT):
        return value if len(str(abs(value))) <= _MOST_DIGITS else text
    if isinstance(value, float):
        return value if math.isfinite(value) else text
    if isinstance(value, Decimal):
        return value if value.is_finite() and len(value.as_tuple().digits) <= _MOST_DIGITS else text
    return _moment(value, text) if isinstance(value, date | time) else text


def _moment(value: date | time, text: str) -> Any:
    if isinstance(value, datetime | time) and (value.tzinfo is not None or value.microsecond % _MILLISECOND):
        return text
    if isinstance(value, datetime):
        return value if value.date() >= _FIRST_DAY else text
    return value if isinstance(value, time) or value >= _FIRST_DAY else text
