"""A condition on the columns of fetched rows, as a person types it: read once, worked out with Arrow, never run."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

from keeperdb.engines.blocks import CellKind, Column
from keeperdb.errors import KeeperDBError
from keeperdb.query.column_names import find_column, unique_names
from keeperdb.query.comparing import columns_compared, compared, is_one_of

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlglot import expressions as exp

_HELP = "Columns are compared with =, <>, <, >, LIKE, ILIKE, IN (…), BETWEEN and IS NULL, joined by AND, OR and NOT."
_MOST_CHARACTERS = 100_000
_DEEPEST = 200  # levels of parentheses and operators


class ExpressionError(KeeperDBError):
    """A condition cannot be understood; `position` is the offset in characters where, or None."""

    def __init__(self, message: str, hint: str = _HELP, position: int | None = None) -> None:
        super().__init__(message, hint)
        self.position = position


class ColumnSource(Protocol):
    """Where the cells of a condition come from; each array has one cell per row."""

    def texts(self, column: int) -> "pa.ChunkedArray": ...

    def keys(self, column: int) -> Sequence[Any]:
        """What the column is sorted by."""
        ...

    def found_anywhere(self, text: str) -> "pa.ChunkedArray":
        """Which rows have `text` in some cell."""
        ...


@dataclass(frozen=True, slots=True)
class RowExpression:
    """A condition that was read. `columns` are the numbers of those it looks at."""

    text: str
    columns: tuple[int, ...]
    _tree: "exp.Expr"
    _names: tuple[str, ...]
    _kinds: tuple[CellKind, ...]

    def mask(self, source: ColumnSource) -> "pa.ChunkedArray":
        """Which rows meet the condition; where it is unknown because of NULL, the row does not. Raises what `source`
        raises, and `ExpressionError` for a value that cannot be compared with its column.
        """
        import pyarrow.compute as pc

        return pc.fill_null(_Evaluation(source, self._names, self._kinds).mask(self._tree), False)


def read_expression(text: str, columns: Sequence[Column]) -> RowExpression:
    """The condition that `text` says about `columns`. Raises `ExpressionError`.

    Names are as in the head of the grid, the second `id` is `id_2`; in double quotes where they are no plain words.
    Nothing but comparisons, LIKE, ILIKE, IN, BETWEEN, IS NULL, AND, OR, NOT and `anywhere('text')` is understood.
    """
    tree = _parsed(text)
    names = unique_names(columns)
    used: dict[int, None] = {}
    _check(tree, names, used, 0)
    return RowExpression(text, tuple(used), tree, tuple(names), tuple(column.kind for column in columns))


def _parsed(text: str) -> "exp.Expr":
    import sqlglot
    from sqlglot.errors import SqlglotError

    if len(text) > _MOST_CHARACTERS:
        raise ExpressionError("The condition is too long.", f"Keep it below {_MOST_CHARACTERS:,} characters.")
    try:
        tree = sqlglot.parse_one(text, read="postgres", into=sqlglot.exp.Condition)
    except SqlglotError as error:
        found = getattr(error, "errors", None) or [{}]
        raise ExpressionError("The condition cannot be read.", _HELP, _position(text, found[0])) from error
    except RecursionError as error:
        raise ExpressionError("The condition is nested too deeply.") from error
    return tree


def _position(text: str, error: dict[str, Any]) -> int | None:
    """The offset of what sqlglot stumbled over, from its line and the column where the word ends."""
    line, column = error.get("line"), error.get("col")
    if not line or not column:
        return None
    start = sum(len(each) for each in text.splitlines(keepends=True)[: line - 1])
    return max(0, start + int(column) - len(error.get("highlight") or ""))


def _check(node: "exp.Expr", names: Sequence[str], used: dict[int, None], depth: int) -> None:
    """Whether every part is understood; fills `used` with the columns. Raises `ExpressionError`."""
    from sqlglot import expressions as exp

    if depth > _DEEPEST:
        raise ExpressionError("The condition is nested too deeply.")
    if isinstance(node, exp.Paren | exp.Not):
        _check(node.this, names, used, depth + 1)
    elif isinstance(node, exp.And | exp.Or):
        _check(node.left, names, used, depth + 1)
        _check(node.right, names, used, depth + 1)
    else:
        _check_test(node, names, used)


def _check_test(node: "exp.Expr", names: Sequence[str], used: dict[int, None]) -> None:
    from sqlglot import expressions as exp

    if isinstance(node, exp.Column):  # a column of truth values alone
        used[_column(node, names)] = None
        return
    if isinstance(node, exp.Anonymous) and node.name.lower() == "anywhere":
        if len(node.expressions) != 1 or not node.expressions[0].is_string:
            raise ExpressionError("anywhere() takes one text.", "For example anywhere('berlin').")
        return
    if not isinstance(node, _tests()):
        raise ExpressionError(f"“{_words(node)}” is not understood here.")
    operands = _operands(node)
    for each in operands:
        if isinstance(each, exp.Column):
            used[_column(each, names)] = None
        elif not _is_value(each):
            raise ExpressionError(f"“{_words(each)}” is not understood here.", "Use a column or a plain value.")
    if isinstance(node, exp.Like | exp.ILike) and not node.expression.is_string:
        raise ExpressionError("LIKE takes a text.", "For example name like 'a%'.")
    if not isinstance(operands[0], exp.Column) and not (len(operands) == 2 and isinstance(operands[1], exp.Column)):
        raise ExpressionError(f"“{_words(node)}” compares no column.", "Name a column on one side.")


def _tests() -> tuple[type["exp.Expr"], ...]:
    from sqlglot import expressions as exp

    compare = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
    return (*compare, exp.Like, exp.ILike, exp.In, exp.Between, exp.Is)


def _operands(node: "exp.Expr") -> list["exp.Expr"]:
    from sqlglot import expressions as exp

    if isinstance(node, exp.In):
        if node.args.get("query") or node.args.get("unnest") or node.args.get("field"):
            raise ExpressionError("IN takes a list of values.", "For example id in (1, 2, 3).")
        return [node.this, *node.expressions]
    if isinstance(node, exp.Between):
        return [node.this, node.args["low"], node.args["high"]]
    return [node.this, node.expression]


def _is_value(node: "exp.Expr") -> bool:
    from sqlglot import expressions as exp

    if isinstance(node, exp.Neg):
        return bool(node.this.is_number)
    return isinstance(node, exp.Literal | exp.Null | exp.Boolean)


def _column(node: "exp.Expr", names: Sequence[str]) -> int:
    from sqlglot import expressions as exp

    identifier = node.this
    if node.args.get("table") is not None or not isinstance(identifier, exp.Identifier):
        raise ExpressionError(f"“{_words(node)}” is no column of this result.", "Put a name with a dot in quotes.")
    number = find_column(identifier.name, names)
    if number is None:
        raise ExpressionError(
            f"There is no column “{identifier.name}” in this result.", _closest(identifier.name, names)
        )
    return number


def _closest(name: str, names: Sequence[str]) -> str:
    import difflib

    found = difflib.get_close_matches(name.lower(), [each.lower() for each in names], 1, 0.5)
    return f"Did you mean “{found[0]}”? Texts stand in 'single quotes'." if found else "Texts stand in 'single quotes'."


def _words(node: "exp.Expr") -> str:
    text = node.sql()
    return text if len(text) <= 60 else text[:59] + "…"


class _Evaluation:
    """Works out one condition over one source."""

    def __init__(self, source: ColumnSource, names: Sequence[str], kinds: Sequence[CellKind]) -> None:
        self._source = source
        self._names = names
        self._kinds = kinds

    def mask(self, node: "exp.Expr") -> Any:
        """Three-valued: unknown is null."""
        import pyarrow.compute as pc
        from sqlglot import expressions as exp

        if isinstance(node, exp.Paren):
            return self.mask(node.this)
        if isinstance(node, exp.Not):
            return pc.invert(self.mask(node.this))
        if isinstance(node, exp.And):
            return pc.and_kleene(self.mask(node.left), self.mask(node.right))
        if isinstance(node, exp.Or):
            return pc.or_kleene(self.mask(node.left), self.mask(node.right))
        if isinstance(node, exp.Anonymous):
            return self._source.found_anywhere(node.expressions[0].name)
        if isinstance(node, exp.Column):
            return self._compare(_column(node, self._names), "=", True)
        mask = self._test(node)
        return pc.invert(mask) if node.args.get("negate") else mask

    def _test(self, node: "exp.Expr") -> Any:
        import pyarrow.compute as pc
        from sqlglot import expressions as exp

        if isinstance(node, exp.In):
            return self._in(node)
        if isinstance(node, exp.Between):
            column = _column(node.this, self._names)
            low = self._compare(column, ">=", _value(node.args["low"]))
            return pc.and_kleene(low, self._compare(column, "<=", _value(node.args["high"])))
        if isinstance(node, exp.Is):
            return self._is(node)
        if isinstance(node, exp.Like | exp.ILike):
            texts = self._source.texts(_column(node.this, self._names))
            return pc.match_like(texts, str(_value(node.expression)), ignore_case=isinstance(node, exp.ILike))
        return self._comparison(node)

    def _is(self, node: "exp.Expr") -> Any:
        import pyarrow.compute as pc

        column, value = _column(node.this, self._names), _value(node.expression)
        if value is None:
            return pc.is_null(self._source.texts(column))
        return pc.fill_null(self._compare(column, "=", value), False)

    def _in(self, node: "exp.Expr") -> Any:
        import pyarrow.compute as pc

        column = _column(node.this, self._names)
        values = [_value(each) for each in node.expressions]
        known = [value for value in values if value is not None]
        found = is_one_of(self._source, column, self._kinds[column], known)
        if len(known) == len(values):
            return found
        return pc.if_else(found, True, None)  # NULL in the list: not found is unknown

    def _comparison(self, node: "exp.Expr") -> Any:
        from sqlglot import expressions as exp

        sign, left, right = _signs()[type(node)], node.this, node.expression
        if isinstance(left, exp.Column) and isinstance(right, exp.Column):
            one, other = _column(left, self._names), _column(right, self._names)
            return columns_compared(self._source, one, other, self._kinds, sign)
        if isinstance(left, exp.Column):
            return self._compare(_column(left, self._names), sign, _value(right))
        return self._compare(_column(right, self._names), _MIRRORED.get(sign, sign), _value(left))

    def _compare(self, column: int, sign: str, value: Any) -> Any:
        return compared(self._source, column, self._kinds[column], sign, value)


_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def _signs() -> dict[type["exp.Expr"], str]:
    from sqlglot import expressions as exp

    return {exp.EQ: "=", exp.NEQ: "<>", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<="}


def _value(node: "exp.Expr") -> Any:
    """A plain value: text, Decimal, truth value or None."""
    from sqlglot import expressions as exp

    if isinstance(node, exp.Neg):
        return -Decimal(node.this.name)
    if isinstance(node, exp.Null):
        return None
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    return str(node.this) if node.is_string else Decimal(node.name)
