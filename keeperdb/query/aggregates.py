"""What selected cells add up to: counts, sum, average, extremes and median; exact for whole numbers and decimals."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import TYPE_CHECKING

from keeperdb.engines.blocks import CellKind
from keeperdb.query.arranging import Order
from keeperdb.query.shown_columns import ShownColumns
from keeperdb.query.shown_rows import ShownRows
from keeperdb.task import Task

if TYPE_CHECKING:
    import pyarrow as pa

Number = int | float | Decimal
Span = tuple[int, int]  # first and last place, inclusive

_FEW_CELLS = 20_000  # that are read one by one: whole columns would take longer
_MANY_CELLS = 2_000_000  # up to which numbers that Arrow cannot hold are read one by one too
_LOOK = 1_000  # cells between two looks at the task
_PRECISE = Context(prec=60)
_ORDERED = (CellKind.TEXT, CellKind.DATE, CellKind.TIME, CellKind.TIMESTAMP)


@dataclass(frozen=True, slots=True)
class Aggregates:
    """`total`, `average` and `median` are of the cells that are numbers; None where there are none.

    Whole numbers and decimals are added without rounding; an average keeps 60 digits. `distinct` counts values without
    NULL, numbers and texts apart; None where that takes long and is left to `distinct_count`.
    """

    cells: int
    nulls: int
    distinct: int | None
    numbers: int = 0
    total: Number | None = None
    average: Number | None = None
    minimum: Number | str | None = None
    maximum: Number | str | None = None
    median: Number | None = None


def aggregate(
    columns: ShownColumns, shown: ShownRows, order: Order | None, spans: dict[int, list[Span]], task: Task
) -> Aggregates:
    """The aggregates of the places `spans` of each column. `order` is the one that `shown` follows.

    Raises `Cancelled`.
    """
    count = sum(last - first + 1 for each in spans.values() for first, last in each)
    if count <= _FEW_CELLS:
        return _of_few(shown, spans, task)
    if count <= _MANY_CELLS and _has_odd_numbers(columns, shown, order, spans, task):
        return _of_few(shown, spans, task)
    return _of_many(columns, shown, order, spans, task)


def _has_odd_numbers(
    columns: ShownColumns, shown: ShownRows, order: Order | None, spans: dict[int, list[Span]], task: Task
) -> bool:
    """Whether a column of numbers holds what Arrow cannot: NaN among decimals, too many digits, text."""
    odd = (column for column in spans if shown.columns[column].kind.is_number)
    return any(columns.numbers(column, order, len(shown), task) is None for column in odd)


def distinct_count(
    columns: ShownColumns, shown: ShownRows, order: Order | None, spans: dict[int, list[Span]], task: Task
) -> int:
    """How many different values stand at `spans`; NULL is none. Raises `Cancelled`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    numbers, texts = _arrays(columns, shown, order, spans, task)
    total = 0
    for arrays in (numbers, texts):
        if arrays:
            whole = _one_type(arrays) if arrays is numbers else pa.chunked_array([c for a in arrays for c in a.chunks])
            task.check()
            total += pc.count_distinct(whole).as_py()
    return total


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same places as spans that do not overlap, in ascending order."""
    result: list[Span] = []
    for first, last in sorted(spans):
        if result and first <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(last, result[-1][1]))
        else:
            result.append((first, last))
    return result


def _of_few(shown: ShownRows, spans: dict[int, list[Span]], task: Task) -> Aggregates:
    texts: list[str | None] = []
    numbers: list[Number] = []
    different: set[str | Number] = set()
    for column, parts in spans.items():
        kind = shown.columns[column].kind
        for first, last in parts:
            for row in range(first, last + 1):
                if len(texts) % _LOOK == 0:
                    task.check()
                text = shown.text(row, column)
                texts.append(text)
                number = _number(shown, row, column, kind) if text is not None else None
                if number is not None:
                    numbers.append(number)
                if text is not None:
                    different.add(text if number is None else number)
    values = [text for text in texts if text is not None]
    found = Aggregates(len(texts), len(texts) - len(values), len(different), len(numbers))
    if numbers:
        return _with_numbers(found, numbers)
    if _is_ordered(shown, spans) and values:
        return _with_extremes(found, min(values), max(values))
    return found


def _number(shown: ShownRows, row: int, column: int, kind: CellKind) -> Number | None:
    if not kind.is_number and kind is not CellKind.TEXT:
        return None
    value = shown.value(row, column)
    return value if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None


def _is_ordered(shown: ShownRows, spans: dict[int, list[Span]]) -> bool:
    kinds = {shown.columns[column].kind for column in spans}
    return len(kinds) == 1 and kinds <= set(_ORDERED)


def _with_extremes(found: Aggregates, low: Number | str, high: Number | str) -> Aggregates:
    return Aggregates(found.cells, found.nulls, found.distinct, minimum=low, maximum=high)


def _with_numbers(found: Aggregates, numbers: list[Number]) -> Aggregates:
    if any(isinstance(each, float) for each in numbers):
        return _with_floats(found, [float(each) for each in numbers])
    if any(isinstance(each, Decimal) and not each.is_finite() for each in numbers):
        return _with_floats(found, [float(each) for each in numbers])
    exact = sorted(each for each in numbers if not isinstance(each, float))
    total = _sum(exact)
    half, is_odd = divmod(len(exact), 2)
    median = exact[half] if is_odd else _mean(exact[half - 1], exact[half])
    return _filled(found, len(exact), total, exact[0], exact[-1], median)


def _sum(numbers: Sequence[int | Decimal]) -> int | Decimal:
    whole = sum(each for each in numbers if isinstance(each, int))
    parts = [each for each in numbers if isinstance(each, Decimal)]
    if not parts:
        return whole
    exact = _context_of([Decimal(whole), *parts], len(numbers))
    total = Decimal(whole)
    for each in parts:
        total = exact.add(total, each)
    return total


def _context_of(numbers: Sequence[Decimal], count: int) -> Context:
    """With as many digits as a sum of `count` such numbers can have."""
    lowest = min(int(each.as_tuple().exponent) for each in numbers)
    return Context(prec=max(each.adjusted() for each in numbers) - lowest + len(str(count)) + 2)


def _mean(one: Number, other: Number) -> Number:
    if isinstance(one, float) or isinstance(other, float):
        return (float(one) + float(other)) / 2
    total = Decimal(_sum([one, other]))
    return _plain(Context(prec=len(total.as_tuple().digits) + 2).divide(total, Decimal(2)))


def _plain(number: Decimal) -> Number:
    """A whole number as one."""
    return int(number) if number == number.to_integral_value() else number


def _filled(
    found: Aggregates, count: int, total: Number, low: Number | str, high: Number | str, median: Number
) -> Aggregates:
    average: Number = (
        total / count if isinstance(total, float) else _plain(_PRECISE.divide(Decimal(total), Decimal(count)))
    )
    return Aggregates(found.cells, found.nulls, found.distinct, count, total, average, low, high, median)


def _with_floats(found: Aggregates, numbers: list[float]) -> Aggregates:
    if not all(math.isfinite(each) for each in numbers):
        return _filled(found, len(numbers), sum(numbers), min(numbers), max(numbers), math.nan)
    numbers.sort()
    half, is_odd = divmod(len(numbers), 2)
    median = numbers[half] if is_odd else (numbers[half - 1] + numbers[half]) / 2
    return _filled(found, len(numbers), math.fsum(numbers), numbers[0], numbers[-1], median)


def _of_many(
    columns: ShownColumns, shown: ShownRows, order: Order | None, spans: dict[int, list[Span]], task: Task
) -> Aggregates:
    """With Arrow, column by column. A column with something else among its numbers counts as text."""
    numbers, texts = _arrays(columns, shown, order, spans, task)
    arrays = [*numbers, *texts]
    cells, nulls = sum(map(len, arrays)), sum(array.null_count for array in arrays)
    result = Aggregates(cells, nulls, None)
    if numbers:
        return _of_arrow(result, _one_type(numbers), task)
    if texts and _is_ordered(shown, spans):
        return _extremes_of_texts(result, texts)
    return result


def _arrays(
    columns: ShownColumns, shown: ShownRows, order: Order | None, spans: dict[int, list[Span]], task: Task
) -> tuple[list["pa.ChunkedArray"], list["pa.ChunkedArray"]]:
    """The selected cells of the columns of numbers, and of the others."""
    numbers: list[pa.ChunkedArray] = []
    texts: list[pa.ChunkedArray] = []
    columns.read(spans, task)
    for column, parts in spans.items():
        task.check()
        found = columns.numbers(column, order, len(shown), task)
        if found is not None:
            numbers.append(_cut(found, parts))
        else:
            texts.append(_cut(columns.texts(column, order, len(shown), task), parts))
    return numbers, texts


def _cut(array: "pa.ChunkedArray", parts: Sequence[Span]) -> "pa.ChunkedArray":
    import pyarrow as pa

    pieces = [array.slice(first, last - first + 1) for first, last in parts]
    return pieces[0] if len(pieces) == 1 else pa.chunked_array([c for p in pieces for c in p.chunks], array.type)


def _extremes_of_texts(found: Aggregates, texts: list["pa.ChunkedArray"]) -> Aggregates:
    import pyarrow.compute as pc

    ends = [pc.min_max(array).as_py() for array in texts]
    lows = [each["min"] for each in ends if each["min"] is not None]
    highs = [each["max"] for each in ends if each["max"] is not None]
    return _with_extremes(found, min(lows), max(highs)) if lows else found


def _one_type(arrays: list["pa.ChunkedArray"]) -> "pa.ChunkedArray":
    """All numbers as one array; whole numbers beside decimals as decimals, beside floats as floats."""
    import pyarrow as pa

    types = {array.type for array in arrays}
    if len(types) > 1:
        if any(pa.types.is_floating(kind) for kind in types):
            target = pa.float64()
        else:
            target = pa.decimal256(76, max(kind.scale if pa.types.is_decimal(kind) else 0 for kind in types))
        arrays = [array.cast(target) for array in arrays]
    return pa.chunked_array([chunk for array in arrays for chunk in array.chunks], arrays[0].type)


def _of_arrow(found: Aggregates, numbers: "pa.ChunkedArray", task: Task) -> Aggregates:
    import pyarrow.compute as pc

    values = pc.drop_null(numbers).combine_chunks()
    if not len(values):
        return found
    ends = pc.min_max(values)
    low, high = ends["min"].as_py(), ends["max"].as_py()
    total = _exact_sum(values, max(abs(low), abs(high)))
    task.check()
    return _filled(found, len(values), total, low, high, _median(values, task))


def _exact_sum(values: "pa.Array", largest: Number) -> Number:
    """In a type in which the sum cannot overflow."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_integer(values.type) and int(largest) * len(values) >= 1 << 63:
        values = values.cast(pa.decimal128(38, 0))
        return int(pc.sum(values).as_py())
    if pa.types.is_decimal128(values.type):
        digits = Decimal(largest).adjusted() + 2 + len(str(len(values))) + values.type.scale
        if digits > 38:
            values = values.cast(pa.decimal256(76, values.type.scale))
    total: Number = pc.sum(values).as_py()
    return total


def _median(values: "pa.Array", task: Task) -> Number:
    """By partition, which is linear; for an even count the mean of the two in the middle."""
    import pyarrow.compute as pc

    half, is_odd = divmod(len(values), 2)
    order = pc.partition_nth_indices(values, pivot=half)
    task.check()
    upper: Number = values[order[half].as_py()].as_py()
    if is_odd:
        return upper
    lower: Number = pc.max(values.take(order.slice(0, half))).as_py()
    return _mean(lower, upper)
