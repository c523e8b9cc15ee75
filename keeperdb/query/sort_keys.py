"""What a column is sorted by: numbers by their exact value, moments by when they were, text by its letters."""

import re
import sys
from array import array
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from keeperdb.engines.blocks import CellKind
from keeperdb.task import Task

_PREFIX = 8  # bytes of a text that are compared as one number
_PREFIXES = 3  # of a text, one after the other
_ODD = 0x9E3779B97F4A7C15  # spreads numbers over 64 bits
_DIGITS = 76  # of a decimal256
_LOOK = 20_000  # values between two looks at the task
_MOMENT = re.compile(
    r"(?:(\d{4,7})-(\d\d)-(\d\d))?[ T]?(?:(-?)(\d+):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?)?"
    r" ?(?:([+-])(\d\d):?(\d\d)?:?(\d\d)?|Z)?( BC)?",
    re.ASCII,
)
_EXACT = float(1 << 53)  # from here on a float skips whole numbers
_FOREVER = 1 << 62  # seconds
_EPOCH = date(1970, 1, 1).toordinal()
_ERA_YEARS, _ERA_DAYS = 400, 146_097  # the calendar repeats

Keys = list[pa.Array | pa.ChunkedArray]


def keys_of_text(texts: pa.ChunkedArray, kind: CellKind, task: Task) -> Keys:
    """The arrays to sort a column by, given as text, the first one first; NULL stays null."""
    if kind.is_number:
        return _numbers(texts, kind, task)
    if kind in (CellKind.DATE, CellKind.TIMESTAMP, CellKind.TIME):
        return _moments(texts, task)
    return _letters(texts)


def keys_of_values(values: Sequence[Any], task: Task) -> Keys:
    """The arrays to sort Python values by: numbers by their exact value, then texts by their letters."""
    sizes = array("d")
    for number, value in enumerate(values):
        if number % _LOOK == 0:
            task.check()
        sizes.append(_size(value))
    texts = pa.array([_text(value) for value in values], pa.string())
    groups = pa.array([_group(value) for value in values], pa.int8())
    return [groups, pa.array(sizes, pa.float64()), _ties(values, sizes, task), *_letters(pa.chunked_array([texts]))]


def keys_of_floats(floats: pa.ChunkedArray) -> Keys:
    """NaN is the greatest number, as PostgreSQL has it; Arrow alone would put it last in both directions."""
    is_nan = pc.is_nan(floats)
    if not pc.any(is_nan).as_py():
        return [floats]
    return [is_nan, pc.if_else(is_nan, 0.0, floats)]


def _group(value: Any) -> int | None:
    """Numbers stand before NaN, and that before texts."""
    if value is None:
        return None
    if not isinstance(value, int | float | Decimal):
        return 2
    return 1 if value != value else 0  # NaN is the one value that is not itself


def _numbers(texts: pa.ChunkedArray, kind: CellKind, task: Task) -> Keys:
    try:
        if kind is CellKind.FLOAT:
            return keys_of_floats(texts.cast(pa.float64()))
        if kind is CellKind.INTEGER:
            return [_integers(texts)]
        return [_decimals(texts)]
    except pa.ArrowInvalid:  # NaN or infinity among decimals, more digits than Arrow has, or text
        return keys_of_values([_number(text) for text in texts.to_pylist()], task)


def _integers(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        return texts.cast(pa.int64())
    except pa.ArrowInvalid:
        return texts.cast(pa.uint64())


def _decimals(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """With as many digits after the point as the longest has."""
    point = pc.find_substring(texts, ".")
    after = pc.if_else(pc.equal(point, -1), 0, pc.subtract(pc.subtract(pc.binary_length(texts), point), 1))
    scale = pc.max(after).as_py() or 0
    longest = pc.max(pc.binary_length(texts)).as_py() or 0
    if longest + scale <= 37:
        return texts.cast(pa.decimal128(38, scale))
    if longest + scale > _DIGITS:
        raise pa.ArrowInvalid("too many digits")
    return texts.cast(pa.decimal256(_DIGITS, scale))


def _number(text: str | None) -> Decimal | str | None:
    if text is None:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def _size(value: Any) -> float:
    """The number nearest to `value`; what Python holds exactly may be a little off."""
    if _group(value) != 0:
        return 0.0
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _ties(values: Sequence[Any], sizes: Sequence[float], task: Task) -> pa.Array:
    """The order among different numbers that are nearest to the same float."""
    has_decimals = any(isinstance(value, Decimal) for value in values)
    groups: dict[float, set[Any]] = {}
    for number, value in enumerate(values):
        if number % _LOOK == 0:
            task.check()
        if _group(value) == 0 and (has_decimals or abs(sizes[number]) >= _EXACT):
            groups.setdefault(sizes[number], set()).add(value)
    ranks = {value: rank for group in groups.values() if len(group) > 1 for rank, value in enumerate(sorted(group))}
    return pa.array([ranks.get(value, 0) if _group(value) == 0 else 0 for value in values])


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, int | float | Decimal):
        return None
    return str(value).encode("utf-8", "replace").decode()


def _letters(texts: pa.ChunkedArray) -> Keys:
    """Upper and lower case alike, by code point.

    The first bytes as numbers sort four times faster than the text, which is needed only where they are the same.
    """
    fold = pc.ascii_lower if _is_ascii(texts) else pc.utf8_lower
    start, end = _reach(fold(each) for each in texts.chunks)
    count = min(max(-(-(end - start) // _PREFIX), 1), _PREFIXES)
    prefixes: list[list[pa.Array]] = [[] for _ in range(count)]
    for each in texts.chunks:  # one by one: another copy of a million texts costs more than sorting them
        lower = fold(each)
        for number, found in enumerate(prefixes):
            found.append(_prefixes(lower, start + number * _PREFIX))
    keys = [pa.chunked_array(found, pa.uint64()) for found in prefixes]
    if end - start <= count * _PREFIX or _all_differ(keys):
        return keys
    return [*keys, pa.chunked_array([fold(each) for each in texts.chunks], pa.string())]


def _is_ascii(texts: pa.ChunkedArray) -> bool:
    return all(pc.all(pc.string_is_ascii(each)).as_py() is not False for each in texts.chunks)


def _prefixes(texts: pa.Array, start: int) -> pa.Array:
    """The bytes after the first `start`, as one number each."""
    cut = pc.binary_slice(texts.cast(pa.binary()), start, start + _PREFIX)
    if cut.null_count:
        cut = pc.fill_null(cut, b"")
    padded = pc.ascii_rpad(pa.Array.from_buffers(pa.string(), len(cut), cut.buffers()), _PREFIX, padding="\0")
    numbers = array("Q")
    if len(padded):
        numbers.frombytes(memoryview(padded.buffers()[2])[: _PREFIX * len(padded)])
    if sys.byteorder == "little":
        numbers.byteswap()
    result = pa.Array.from_buffers(pa.uint64(), len(texts), [None, pa.py_buffer(numbers)])
    return pc.if_else(pc.is_valid(texts), result, None) if texts.null_count else result


def _reach(parts: Iterable[pa.Array]) -> tuple[int, int]:
    """How many bytes all texts begin with, and how many the longest has."""
    shared: bytes | None = None
    longest = 0
    for texts in parts:
        ends = pc.min_max(texts)
        for text in (ends["min"].as_py(), ends["max"].as_py()):
            if text is not None:
                shared = text.encode() if shared is None else _common(shared, text.encode())
        longest = max(longest, pc.max(pc.binary_length(texts)).as_py() or 0)
    return len(shared or b""), longest


def _common(one: bytes, other: bytes) -> bytes:
    count = 0
    while count < min(len(one), len(other)) and one[count] == other[count]:
        count += 1
    return one[:count]


def _all_differ(keys: Sequence[pa.ChunkedArray]) -> bool:
    """Whether no two rows have the same numbers in all of `keys`; by a sum of them, so that it may say no in vain."""
    mixed = keys[0]
    for key in keys[1:]:
        mixed = pc.add(pc.multiply(mixed, pa.scalar(_ODD, pa.uint64())), key)
    samples = (mixed.slice(place, _LOOK) for place in (0, len(mixed) // 2, max(0, len(mixed) - _LOOK)))
    return all(map(_are_different, (*samples, mixed)))  # a look at some spares most of the vain looks at all


def _are_different(numbers: pa.ChunkedArray) -> bool:
    different: int = pc.count_distinct(numbers).as_py()
    return different == int(pc.count(numbers).as_py())


def _moments(texts: pa.ChunkedArray, task: Task) -> Keys:
    if _all(texts, r"^\d\d:\d\d:\d\d(\.\d+)?$"):  # times of a day sort as text
        return _letters(texts)
    for target in (pa.timestamp("us"), pa.timestamp("us", "UTC"), pa.date32()):
        try:
            return [texts.cast(target)]
        except pa.ArrowInvalid:
            task.check()
    return _odd_moments(texts.to_pylist(), task)


def _all(texts: pa.ChunkedArray, pattern: str) -> bool:
    """Whether every text that is not NULL matches; looks no further than the first array that has one that does not."""
    return all(pc.all(pc.match_substring_regex(each, pattern)).as_py() is not False for each in texts.chunks)


def _odd_moments(texts: Sequence[str | None], task: Task) -> Keys:
    """Moments that Arrow cannot hold: before Christ, infinity, more than a day, finer than a microsecond."""
    seconds: list[int | None] = []
    nanoseconds = array("l")
    for number, text in enumerate(texts):
        if number % _LOOK == 0:
            task.check()
        second, nanosecond = (None, 0) if text is None else _moment(text)
        seconds.append(second)
        nanoseconds.append(nanosecond)
    return [
        pa.array(seconds, pa.int64()),
        pa.array(nanoseconds, pa.int64()),
        *_letters(pa.chunked_array([texts], pa.string())),
    ]


def _moment(text: str) -> tuple[int, int]:
    """Seconds since 1970 in UTC where an offset is given, and nanoseconds; what is no moment comes last."""
    if text in ("infinity", "-infinity"):
        return (_FOREVER if text == "infinity" else -_FOREVER), 0
    found = _MOMENT.fullmatch(text)
    if found is None:
        return _FOREVER + 1, 0
    year, month, day, minus, hours, minutes, whole, fraction, sign, off_hours, off_minutes, off_seconds, before = (
        found.groups()
    )
    try:
        days = _days(int(year), int(month), int(day), bool(before)) if year else 0
    except ValueError:  # the zero dates of MySQL come first
        days = int(year) * 366 + int(month) * 31 + int(day) - _EPOCH - 366
    clock = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(whole or 0)
    nanoseconds = int((fraction or "0").ljust(9, "0"))
    if minus:
        clock, nanoseconds = -clock, -nanoseconds
    offset = int(off_hours or 0) * 3600 + int(off_minutes or 0) * 60 + int(off_seconds or 0)
    return days * 86_400 + clock - (-offset if sign == "-" else offset), nanoseconds


def _days(year: int, month: int, day: int, before_christ: bool) -> int:
    """Days since 1970 in the Gregorian calendar, however far away."""
    if before_christ:
        year = 1 - year  # 1 BC is the year 0
    elif year == 0:
        raise ValueError("zero date")
    eras = (year - 1) // _ERA_YEARS
    return date(year - eras * _ERA_YEARS, month, day).toordinal() + eras * _ERA_DAYS - _EPOCH
