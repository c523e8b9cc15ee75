"""A block of text from the clipboard as cells: split as spreadsheets write it, checked before it is staged."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from keeperdb.data.edit_cells import NewValue, Stand, cell_from_text
from keeperdb.data.edit_kinds import ValueKind, kind_of, problem_with, takes_empty
from keeperdb.engines.base import Engine
from keeperdb.errors import KeeperDBError
from keeperdb.query.table_shape import ShapeColumn

MOST_CELLS = 200_000  # of one block
_BITS = {"true": "1", "t": "1", "yes": "1", "on": "1", "false": "0", "f": "0", "no": "0", "off": "0"}


@dataclass(frozen=True, slots=True)
class PastedCell:
    """`value` is None where the cell is left as it is; `problem` says why it cannot be."""

    text: str
    value: NewValue | None
    problem: str = ""


def split_block(text: str) -> list[list[str]]:
    """Rows of cells: separated by tabs, or by commas if there is no tab; quoted as CSV is. Raises `KeeperDBError`."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
    separator = "\t" if "\t" in text or "," not in text else ","
    if "\n" not in text and separator == ",":
        separator = "\t"  # a sentence with a comma is one value
    csv.field_size_limit(2**31 - 1)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=False))
    except csv.Error as error:
        raise KeeperDBError("The clipboard could not be read as a table.", str(error)) from error
    if sum(map(len, rows)) > MOST_CELLS:
        raise KeeperDBError(f"More than {MOST_CELLS:,} cells are too many to paste.", "Import them from a file.")
    return rows or [[""]]


def pasted(
    rows: Sequence[Sequence[str]], columns: Sequence[ShapeColumn | None], engine: Engine, null_text: str | None
) -> list[list[PastedCell]]:
    """The cells for `columns`, of which None stands for a locked one. Text that is `null_text` becomes NULL."""
    return [
        [_cell(text, column, engine.dialect, null_text) for text, column in zip(row, columns, strict=False)]
        for row in rows
    ]


def value_from(text: str, column: ShapeColumn, dialect: str, old: object = None) -> PastedCell:
    """What typing `text` into a cell means: nothing at all is NULL where it is no value of the column."""
    if not text and not takes_empty(column, dialect):
        if column.is_required:
            return PastedCell(text, None, f"{column.name} needs a value.")
        return PastedCell(text, NewValue(None))
    problem = problem_with(text, column, dialect)
    if problem:
        return PastedCell(text, None, problem)
    if kind_of(column, dialect) is ValueKind.BOOLEAN and dialect not in ("postgres", "redshift"):
        text = _BITS.get(text.strip().lower(), text)
    try:
        known = old if isinstance(old, str | int | float | bytes) else None
        return PastedCell(text, NewValue(cell_from_text(text, column, dialect, known)))
    except KeeperDBError as error:
        return PastedCell(text, None, error.message)


def _cell(text: str, column: ShapeColumn | None, dialect: str, null_text: str | None) -> PastedCell:
    if column is None:
        return PastedCell(text, None, "This column is locked.")
    if null_text is not None and text == null_text:
        if column.is_required:
            default = NewValue(stand=Stand.DEFAULT) if column.default is not None or column.is_auto else None
            return PastedCell(text, default, "" if default else f"{column.name} cannot be NULL.")
        return PastedCell(text, NewValue(None))
    return value_from(text, column, dialect)
