"""Conditions on rows that the server checks: column, operator and value, joined by AND or OR."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from keeperdb.data.edit_cells import cell_from_text
from keeperdb.data.edit_dialects import EditDialect
from keeperdb.data.edit_sql import Sql, joined
from keeperdb.engines.sql_text import TokenKind, tokens
from keeperdb.errors import KeeperDBError, NotFoundError
from keeperdb.query.parameters import find_markers
from keeperdb.query.safety import check
from keeperdb.query.table_shape import ShapeColumn, TableShape

_ESCAPED = str.maketrans({"!": "!!", "%": "!%", "_": "!_", "[": "!["})
_ESCAPED_STANDARD = str.maketrans({"!": "!!", "%": "!%", "_": "!_"})  # Oracle refuses others after the sign


class Operator(StrEnum):
    EQUALS = "="
    DIFFERS = "≠"
    LESS = "<"
    AT_MOST = "≤"
    MORE = ">"
    AT_LEAST = "≥"
    CONTAINS = "contains"
    LACKS = "does not contain"
    BEGINS = "begins with"
    ENDS = "ends with"
    ONE_OF = "is one of"
    BETWEEN = "is between"
    NULL = "is NULL"
    NOT_NULL = "is not NULL"

    @property
    def takes_value(self) -> bool:
        return self not in (Operator.NULL, Operator.NOT_NULL)


_SIGNS = {
    Operator.EQUALS: "=",
    Operator.DIFFERS: "<>",
    Operator.LESS: "<",
    Operator.AT_MOST: "<=",
    Operator.MORE: ">",
    Operator.AT_LEAST: ">=",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One line of the filter. The values of ONE_OF are separated by commas, the two of BETWEEN by `..` or a comma."""

    column: str
    operator: Operator
    value: str = ""


@dataclass(frozen=True, slots=True)
class RowFilter:
    """`is_any` joins with OR. `where` is a condition in SQL, written by a person, that holds beside the others."""

    conditions: tuple[Condition, ...] = ()
    is_any: bool = False
    where: str = ""

    def __bool__(self) -> bool:
        return bool(self.conditions or self.where.strip())


def filter_sql(dialect: EditDialect, shape: TableShape, chosen: RowFilter) -> Sql | None:
    """The condition; None for all rows. Raises `NotFoundError` for an unknown column, `KeeperDBError` for bad SQL."""
    pieces = [_condition(dialect, shape, each) for each in chosen.conditions]
    found = []
    if pieces:
        found.append(Sql.of("(", joined(" OR " if chosen.is_any else " AND ", pieces), ")"))
    if chosen.where.strip():
        found.append(Sql.of("(", checked_where(chosen.where, dialect.name), "\n)"))
    return joined(" AND ", found) if found else None


def checked_where(text: str, dialect: str) -> str:
    """`text` if it is one condition that only reads. Raises `KeeperDBError`.

    It stands in brackets in a SELECT, which the session's own guards see as well.
    """
    depth = 0
    for token in tokens(text, dialect):
        piece = text[token.start : token.end]
        if token.kind is TokenKind.SEMICOLON:
            raise KeeperDBError("A condition has no semicolon.", "Write what would stand after WHERE.")
        if token.kind is TokenKind.QUOTED and not _is_closed(piece):
            raise KeeperDBError("A quotation mark of the condition is not closed.", "Close it.")
        if token.kind is TokenKind.COMMENT:
            raise KeeperDBError("A condition has no comment.", "Leave it out.")
        for sign in piece if token.kind is TokenKind.OTHER else "":
            depth += (sign == "(") - (sign == ")")
            if depth < 0:
                break
        if depth < 0:
            break
    if depth:
        raise KeeperDBError("The brackets of the condition do not match.", "Each one has to be closed.")
    if find_markers(text, dialect):
        raise KeeperDBError("A condition takes no parameters.", "Write the value itself.")
    if check(f"SELECT 1 FROM t WHERE ({text})", dialect).is_change:  # noqa: S608 - only looked at
        raise KeeperDBError("The condition might change data.", "Use only comparisons and functions that read.")
    return text.strip()


def _is_closed(piece: str) -> bool:
    ends = {"'": "'", '"': '"', "`": "`", "[": "]"}
    first = next((sign for sign in piece if sign in ends), "")
    return not first or (len(piece) > piece.index(first) + 1 and piece.endswith(ends[first]))


def _condition(dialect: EditDialect, shape: TableShape, chosen: Condition) -> Sql:
    column = shape.by_name.get(chosen.column)
    if column is None:
        raise NotFoundError(f"{shape.name} has no column {chosen.column}.", "Choose another column.")
    name, operator = dialect.column(column), chosen.operator
    if operator is Operator.NULL:
        return Sql.of(f"{name} IS NULL")
    if operator is Operator.NOT_NULL:
        return Sql.of(f"{name} IS NOT NULL")
    if operator in _SIGNS:
        return Sql.of(f"{name} {_SIGNS[operator]} ", _value(dialect, column, chosen.value))
    if operator is Operator.ONE_OF:
        values = [_value(dialect, column, part.strip()) for part in chosen.value.split(",")]
        return Sql.of(f"{name} IN (", joined(", ", values), ")")
    if operator is Operator.BETWEEN:
        low, high = _bounds(chosen.value)
        return Sql.of(f"{name} BETWEEN ", _value(dialect, column, low), " AND ", _value(dialect, column, high))
    like = dialect.contains(column, _pattern(chosen, dialect.name))
    return Sql.of("(", name, " IS NULL OR NOT ", like, ")") if operator is Operator.LACKS else like


def _value(dialect: EditDialect, column: ShapeColumn, text: str) -> Sql:
    return dialect.value(column, cell_from_text(text, column, dialect.name))


def _bounds(text: str) -> tuple[str, str]:
    low, separator, high = text.partition(".." if ".." in text else ",")
    if not separator:
        raise KeeperDBError("“is between” needs two values.", "Write 10..20.")
    return low.strip(), high.strip()


def _pattern(chosen: Condition, dialect: str) -> str:
    text = chosen.value.translate(_ESCAPED if dialect == "tsql" else _ESCAPED_STANDARD)
    before = "" if chosen.operator is Operator.BEGINS else "%"
    after = "" if chosen.operator is Operator.ENDS else "%"
    return f"{before}{text}{after}"


def shape_columns(shape: TableShape, names: Sequence[str]) -> list[ShapeColumn]:
    """Those of the table's columns. Raises `NotFoundError` for one that it has not."""
    for name in names:
        if name not in shape.by_name:
            raise NotFoundError(f"{shape.name} has no column {name}.", "Refresh the table.")
    return [shape.by_name[name] for name in names]
