"""Cells as literals of Python: the same value comes back when they are read by Python."""

from decimal import Decimal

from keeperdb.data.options import Cells
from keeperdb.engines.blocks import CellKind, Column


def python_literal(cells: Cells, row: int, number: int, column: Column) -> str:
    """One cell; numbers digit by digit, bytes as bytes, what Python has no literal for as the server's text."""
    text = cells.text(row, number)
    if text is None:
        return "None"
    value = cells.value(row, number)
    if isinstance(value, bytes | bytearray | memoryview):
        return repr(bytes(value))
    if isinstance(value, bool) or (isinstance(value, int) and not column.type_name.startswith("bit")):
        return repr(value)
    if isinstance(value, float):
        return repr(value) if value - value == 0 else f"float({str(value)!r})"  # infinity and NaN have no literal
    if isinstance(value, Decimal) or (column.kind is CellKind.DECIMAL and _is_decimal(text)):
        return f"Decimal({text!r})"
    return repr(text)


def _is_decimal(text: str) -> bool:
    return text.replace(".", "", 1).removeprefix("-").isdecimal()
