"""Columns of MySQL's packets as Arrow arrays, found with Arrow itself: no object is made for a cell."""

import contextlib
from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial

import pyarrow as pa
import pyarrow.compute as pc

_NULL = 0xFB  # the first byte of a cell: its length up to 0xFA, or that there is none, or how long its length is
_LONG = {0xFC: 2, 0xFD: 3, 0xFE: 8}
_LARGEST = (1 << 31) - 1  # bytes that an array of Arrow may hold


def text_arrays(pieces: Sequence[tuple[bytes, "array[int]"]], columns: Sequence[int]) -> dict[int, pa.Array]:
    """Those of `columns` whose cells are UTF-8, as arrays of strings.

    `pieces` are packets of some rows, and the offsets at which each row's cells begin.
    """
    data = b"".join([content for content, _ in pieces]) if columns else b""
    found: dict[int, pa.Array] = {}
    if not data or len(data) > _LARGEST:
        return found
    for column, cells in zip(range(max(columns) + 1), _walk(data, _starts(pieces)), strict=False):
        if column in columns:
            with contextlib.suppress(pa.ArrowInvalid):  # not UTF-8
                found[column] = cells().cast(pa.string())
    return found


def _starts(pieces: Sequence[tuple[bytes, "array[int]"]]) -> pa.Array:
    begin = 0
    starts, begins = array("I"), array("q")
    for content, each in pieces:
        starts += each
        begins += array("q", [begin]) * len(each)
        begin += len(content)
    offsets = pa.Array.from_buffers(pa.uint32(), len(starts), [None, pa.py_buffer(starts)]).cast(pa.int64())
    return pc.add(offsets, pa.Array.from_buffers(pa.int64(), len(begins), [None, pa.py_buffer(begins)]))


def _walk(data: bytes, positions: pa.Array) -> Iterator[Callable[[], pa.Array]]:
    """What makes an array of each column, from the first one on."""
    content = pa.py_buffer(data)
    octets = pa.Array.from_buffers(pa.uint8(), len(data), [None, content])
    while True:
        first = octets.take(positions)
        begins, is_null = pc.add(positions, 1), None
        if pc.max(first).as_py() < _NULL:
            ends = pc.add(begins, first.cast(pa.int64()))
        else:
            is_null = pc.equal(first, _NULL)
            begins, ends = _long_cells(octets, first, begins, is_null)
        yield partial(_cells, content, begins, ends, is_null)
        positions = ends


def _long_cells(octets: pa.Array, first: pa.Array, begins: pa.Array, is_null: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Where cells begin and end of which some are NULL, or so long that the length needs bytes of its own."""
    lengths = pc.if_else(is_null, 0, first.cast(pa.int64()))
    number = pa.scalar(0, pa.int64())
    sizes = number
    for place in range(4):  # more than 4 bytes say what is more than Arrow takes
        there = pc.min_element_wise(pc.add(begins, place), len(octets) - 1)
        number = pc.add(number, pc.shift_left(octets.take(there).cast(pa.int64()), 8 * place))
        for mark, size in _LONG.items():
            if min(size, 4) == place + 1:
                is_long = pc.equal(first, mark)
                lengths = pc.if_else(is_long, number, lengths)
                sizes = pc.if_else(is_long, size, sizes)
    begins = pc.add(begins, sizes)
    return begins, pc.add(begins, lengths)


def _cells(content: pa.Buffer, begins: pa.Array, ends: pa.Array, is_null: pa.Array | None) -> pa.Array:
    """What lies between. First the gaps are taken for cells too: each place is where one ends and the next begins."""
    places = pc.add(begins, pc.shift_left(ends, 32)).buffers()[1]  # two int32 in one int64
    both = pa.Array.from_buffers(pa.binary(), 2 * len(begins) - 1, [None, places, content])
    numbers = _even(len(begins))
    return both.take(numbers if is_null is None else pc.if_else(is_null, None, numbers))


@lru_cache(8)
def _even(count: int) -> pa.Array:
    return pa.array(range(0, 2 * count, 2), pa.int32())
