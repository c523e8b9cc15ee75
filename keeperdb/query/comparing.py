"""Comparing a column of fetched rows with a value: numbers exactly, moments by when they were, text by its letters."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Protocol

from keeperdb.engines.blocks import CellKind
from keeperdb.errors import KeeperDBError

if TYPE_CHECKING:
    import pyarrow as pa

_MOMENTS = (CellKind.DATE, CellKind.TIMESTAMP)
_TRUE, _FALSE = ("t", "true", "1", "yes", "y", "on"), ("f", "false", "0", "no", "n", "off")


class CellSource(Protocol):
    """Columns with a cell per row, as texts and as what they are sorted by."""

    def texts(self, column: int) -> "pa.ChunkedArray": ...

    def keys(self, column: int) -> Sequence[Any]: ...


class NotComparableError(KeeperDBError):
    """A value is of another kind than its column."""


def compared(source: CellSource, column: int, kind: CellKind, sign: str, value: Any) -> Any:
    """Which rows meet `column sign value`; null where it is unknown. `value` is text, Decimal, bool or None.

    Raises `NotComparableError` and what `source` raises.
    """
    import pyarrow as pa

    if value is None:
        return pa.nulls(len(source.texts(column)), pa.bool_())
    if kind is CellKind.BOOLEAN or isinstance(value, bool):
        return _as_truth(source.texts(column), sign, value)
    keys = source.keys(column)
    if len(keys) == 1 and _is_number(keys[0].type, kind):
        return _as_number(keys[0], sign, _decimal(value))
    if kind.is_number:
        return _as_any_number(source.texts(column), sign, _decimal(value))
    if kind in _MOMENTS and len(keys) == 1 and pa.types.is_temporal(keys[0].type):
        moment = _moment(str(value), keys[0].type)
        if moment is not None:
            return _call(sign, keys[0], moment)
    return _as_text(source.texts(column), sign, value)


def is_one_of(source: CellSource, column: int, kind: CellKind, values: Sequence[Any]) -> Any:
    """Which rows have one of `values`; null where the cell is NULL."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = source.texts(column)
    if not values:
        return pc.if_else(pc.is_valid(texts), False, None)
    if all(isinstance(value, str) for value in values) and not kind.is_number and kind not in _MOMENTS:
        found = pc.is_in(texts, value_set=pa.array(values, pa.string()))
        return pc.if_else(pc.is_valid(texts), found, None)
    masks = [compared(source, column, kind, "=", value) for value in values]
    result = masks[0]
    for mask in masks[1:]:
        result = pc.or_kleene(result, mask)
    return result


def columns_compared(source: CellSource, one: int, other: int, kinds: Sequence[CellKind], sign: str) -> Any:
    """Which rows meet `one sign other`: as numbers if both are, else as text."""
    import pyarrow as pa

    left, right = source.keys(one), source.keys(other)
    are_single = len(left) == len(right) == 1
    if are_single and _is_number(left[0].type, kinds[one]) and _is_number(right[0].type, kinds[other]):
        try:
            return _call(sign, left[0], right[0])
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return _call(sign, left[0].cast(pa.float64()), right[0].cast(pa.float64()))
    return _call(sign, source.texts(one), source.texts(other))


def _call(sign: str, left: Any, right: Any) -> Any:
    import pyarrow.compute as pc

    names = {"=": "equal", "<>": "not_equal", "<": "less", ">": "greater", "<=": "less_equal", ">=": "greater_equal"}
    return pc.call_function(names[sign], [left, right])


def _is_number(kind: "pa.DataType", column: CellKind) -> bool:
    """Short texts are sorted by an unsigned number too."""
    import pyarrow as pa

    if kind == pa.uint64():
        return column.is_number
    return bool(kind == pa.int64() or pa.types.is_decimal(kind) or pa.types.is_floating(kind))


def _decimal(value: Any) -> Decimal:
    try:
        return Decimal(str(value).strip())
    except InvalidOperation:
        raise NotComparableError(
            f"“{str(value)[:60]}” is not a number, and the column is one of numbers.", "Compare it with a number."
        ) from None


def _as_number(cells: Any, sign: str, value: Decimal) -> Any:
    """Exactly, though Arrow compares only numbers of one scale: the cells lie on a grid, the value between two."""
    import pyarrow as pa

    kind = cells.type
    if pa.types.is_floating(kind):
        return _call(sign, cells, pa.scalar(float(value), kind))
    if not value.is_finite():
        return _call(sign, cells.cast(pa.float64()), pa.scalar(float(value)))
    scale = kind.scale if pa.types.is_decimal(kind) else 0
    floor = value.quantize(Decimal(1).scaleb(-scale), ROUND_FLOOR) if _fits(value, scale) else None
    if floor is None or not _has_room(floor, kind):
        return _all(cells, _holds(sign, Decimal(0), value))
    if floor != value:  # between two numbers of the grid
        if sign in ("=", "<>"):
            return _all(cells, sign == "<>")
        sign = ">" if sign in (">", ">=") else "<="
    limit = pa.scalar(floor, kind) if pa.types.is_decimal(kind) else pa.scalar(int(floor), kind)
    return _call(sign, cells, limit)


def _fits(value: Decimal, scale: int) -> bool:
    """Whether `quantize` can be exact: its context has 28 digits."""
    return value.adjusted() + scale < 27


def _has_room(value: Decimal, kind: "pa.DataType") -> bool:
    import pyarrow as pa

    if kind == pa.int64():
        return -(1 << 63) <= value < (1 << 63)
    if kind == pa.uint64():
        return 0 <= value < (1 << 64)
    digits: int = value.adjusted() + 1 + kind.scale
    return digits <= int(kind.precision)


def _holds(sign: str, small: Decimal, value: Decimal) -> bool:
    """Whether every number a column can hold meets `sign value`, which lies beyond all of them."""
    is_less = small < value
    return sign == "<>" or (sign in ("<", "<=") and is_less) or (sign in (">", ">=") and not is_less)


def _all(cells: Any, is_met: bool) -> Any:
    """The same for every row that is not NULL."""
    import pyarrow.compute as pc

    return pc.if_else(pc.is_valid(cells), is_met, None)


def _as_any_number(texts: Any, sign: str, value: Decimal) -> Any:
    """Cell by cell, where a column of numbers holds what Arrow cannot: NaN, infinity, too many digits, text."""
    import operator

    import pyarrow as pa

    tests = {"=": operator.eq, "<>": operator.ne, "<": operator.lt, ">": operator.gt}
    test = {**tests, "<=": operator.le, ">=": operator.ge}[sign]

    def met(text: str | None) -> bool | None:
        if text is None:
            return None
        try:
            number = Decimal(text)
        except InvalidOperation:
            return False
        return sign == "<>" if number.is_nan() else bool(test(number, value))

    return pa.chunked_array([pa.array([met(text) for text in texts.to_pylist()], pa.bool_())])


def _as_truth(texts: Any, sign: str, value: Any) -> Any:
    """`t`, `true`, `1` and the like are true, whatever the server writes."""
    import pyarrow as pa
    import pyarrow.compute as pc

    word = str(value).lower()
    if word not in (*_TRUE, *_FALSE) or sign not in ("=", "<>"):
        raise NotComparableError("The column holds true and false.", "Compare it with true or false, by = or <>.")
    is_true = pc.is_in(pc.utf8_lower(texts), value_set=pa.array(_TRUE))
    wanted = (word in _TRUE) == (sign == "=")
    return pc.if_else(pc.is_valid(texts), is_true if wanted else pc.invert(is_true), None)


def _as_text(texts: Any, sign: str, value: Any) -> Any:
    import pyarrow as pa

    if isinstance(value, Decimal) and sign not in ("=", "<>"):
        raise NotComparableError("The column is not one of numbers.", f"Write the value as a text: '{value}'.")
    return _call(sign, texts, pa.scalar(str(value), pa.string()))


def _moment(text: str, kind: "pa.DataType") -> Any:
    """`text` as a moment of that type; None if it is none. Without an offset it is in UTC where cells have one."""
    import pyarrow as pa

    try:
        return pa.scalar(text.strip(), pa.string()).cast(kind)
    except pa.ArrowInvalid:
        if not pa.types.is_timestamp(kind):
            return None
    try:
        return pa.scalar(text.strip(), pa.string()).cast(pa.timestamp("us")).cast(kind)
    except pa.ArrowInvalid:
        return None
