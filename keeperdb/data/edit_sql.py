"""Pieces of SQL with values apart from the text: bound when they are run, written as literals when they are shown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from keeperdb.data.sql_literals import literals_of
from keeperdb.engines.blocks import CellKind, Column

Value = str | int | float | bytes | Decimal
_KINDS: dict[type, CellKind] = {
    bool: CellKind.BOOLEAN,
    int: CellKind.INTEGER,
    float: CellKind.FLOAT,
    Decimal: CellKind.DECIMAL,
    bytes: CellKind.BINARY,
}


@dataclass(frozen=True, slots=True)
class Bind:
    """A value that goes to the server apart from the text."""

    value: Value


Part = str | Bind


@dataclass(frozen=True, slots=True)
class Sql:
    """A statement, or a piece of one."""

    parts: tuple[Part, ...] = ()

    @classmethod
    def of(cls, *parts: "Part | Sql") -> "Sql":
        """The parts one after the other; texts that meet become one."""
        found: list[Part] = []
        for part in parts:
            for piece in part.parts if isinstance(part, Sql) else (part,):
                if isinstance(piece, str) and found and isinstance(found[-1], str):
                    found[-1] += piece
                elif piece != "":
                    found.append(piece)
        return cls(tuple(found))

    def bound(self) -> tuple[str, Mapping[str, Any]]:
        """The text with `:v1`, `:v2` … for `Session.execute`, and the values."""
        values: dict[str, Any] = {}
        text = []
        for part in self.parts:
            if isinstance(part, Bind):
                values[f"v{len(values) + 1}"] = part.value
                text.append(f":v{len(values)}")
            else:
                text.append(part)
        return "".join(text), values

    def shown(self, dialect: str) -> str:
        """The text with literals in the place of values: the same in effect."""
        return "".join(literal(part.value, dialect) if isinstance(part, Bind) else part for part in self.parts)


def joined(separator: str, pieces: Iterable[Sql]) -> Sql:
    """The pieces with `separator` between them."""
    found: list[Part] = []
    for piece in pieces:
        found += [separator, *piece.parts] if found else piece.parts
    return Sql(tuple(found))


def literal(value: Value, dialect: str) -> str:
    """A value as the dialect writes it."""
    return literals_of(dialect)(_OneCell(value), 0, 0, Column("", "", _KINDS.get(type(value), CellKind.TEXT)))


@dataclass(frozen=True, slots=True)
class _OneCell:
    """Rows of a single cell."""

    content: Value

    def text(self, row: int, column: int) -> str | None:
        return self.content.hex() if isinstance(self.content, bytes) else str(self.content)

    def value(self, row: int, column: int) -> Any:
        return self.content


def listed(names: Sequence[str]) -> Sql:
    return Sql((", ".join(names),))
