"""Rows as they came off the wire, decoded only when a cell is looked at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol


class CellKind(StrEnum):
    """What a column holds, as far as alignment, export and editing care."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"
    TIMESTAMP = "timestamp"
    INTERVAL = "interval"
    BINARY = "binary"
    JSON = "json"
    OTHER = "other"

    @property
    def is_number(self) -> bool:
        return self in (CellKind.INTEGER, CellKind.DECIMAL, CellKind.FLOAT)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a result. `type_name` is the server's own word, such as `numeric(10,2)`."""

    name: str
    type_name: str
    kind: CellKind = CellKind.TEXT


class Block(Protocol):
    """A run of rows of one result. Immutable, and safe to read from any thread."""

    def __len__(self) -> int:
        """How many rows."""
        ...

    def text(self, row: int, column: int) -> str | None:
        """The cell exactly as the server writes it (binary as `0x…` lower-case hex); None for NULL."""
        ...

    def value(self, row: int, column: int) -> Any:
        """The cell as a Python value that loses nothing (int, Decimal, float, bool, bytes, str …); None for NULL."""
        ...

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes, roughly."""
        ...


class RowBlock:
    """Rows that a driver handed over as Python tuples, for drivers that have nothing lighter."""

    def __init__(self, rows: Sequence[Sequence[Any]], to_text: Sequence[Callable[[Any], str]]) -> None:
        self._rows = rows
        self._to_text = to_text

    def __len__(self) -> int:
        return len(self._rows)

    def text(self, row: int, column: int) -> str | None:
        value = self._rows[row][column]
        return None if value is None else self._to_text[column](value)

    def value(self, row: int, column: int) -> Any:
        return self._rows[row][column]

    @property
    def nbytes(self) -> int:
        return len(self._rows) * len(self._to_text) * 60
