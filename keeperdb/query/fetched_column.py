"""One column of the rows fetched so far, as Arrow holds it; it grows with the result."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from keeperdb.engines.blocks import Block, CellKind, Column
from keeperdb.engines.column_cells import arrow_columns, cells_of_columns, column_texts
from keeperdb.query.sort_keys import Keys, keys_of_floats, keys_of_text, keys_of_values
from keeperdb.query.timezones import Converter, has_zone
from keeperdb.task import Task

_PART = 8_000  # rows that become one array: fewer cost a call each, more hold the interpreter for long
_PARTS_AT_ONCE = 2  # between two pauses
_PAUSE = 0.0001  # seconds; a thread that only lets go of the interpreter takes it back before others wake

pa.set_memory_pool(pa.system_memory_pool())  # Arrow's own takes fresh pages for each column: two to four times as slow


@dataclass(frozen=True, slots=True)
class _Part:
    """The cells of some blocks: an array of text, of int64 or of float64, or a list where they are mixed."""

    blocks: tuple[Block, ...]
    rows: int
    cells: pa.Array | list[Any]
    floats: pa.Array | None = None  # of a list of numbers that are the same as floats


class FetchedColumn:
    """Each block is looked at once."""

    def __init__(self, column: int) -> None:
        self._column = column
        self._parts: list[_Part] = []

    def texts(self, blocks: Sequence[Block], task: Task, shown: Converter | None = None) -> Iterator[pa.Array]:
        """The column as the server writes it, or as `shown` writes each cell, in several arrays."""
        self._read(blocks, task)
        for part in self._parts:
            task.check()
            texts = _texts(part, self._column)
            yield texts if shown is None else _written(texts, shown)

    def read(self, blocks: Sequence[Block], task: Task) -> None:
        """Take in the rows there are, so that what comes next is fast."""
        self._read(blocks, task)

    def is_text(self, blocks: Sequence[Block], task: Task) -> bool:
        """Whether no cell came as a number."""
        self._read(blocks, task)
        return all(isinstance(part.cells, pa.Array) and part.cells.type == pa.string() for part in self._parts)

    def keys(self, blocks: Sequence[Block], kind: CellKind, task: Task) -> Keys:
        """What the column is sorted by."""
        self._read(blocks, task)
        types = {part.cells.type if isinstance(part.cells, pa.Array) else None for part in self._parts} - {pa.null()}
        if not types:
            return [pa.nulls(sum(part.rows for part in self._parts), pa.int8())]
        if types == {pa.string()}:
            return keys_of_text(self._whole(pa.string()), kind, task)
        if len(types) == 1 and (only := types.pop()) is not None:
            whole = self._whole(only)
            return keys_of_floats(whole) if only == pa.float64() else [whole]
        if (floats := self._floats()) is not None:
            return keys_of_floats(floats)
        values: list[Any] = []
        for part in self._parts:
            values += part.cells.to_pylist() if isinstance(part.cells, pa.Array) else part.cells
        return keys_of_values(values, task)

    def _floats(self) -> pa.ChunkedArray | None:
        """Integers and floats together; None if some cell is no number, or another one as a float."""
        arrays = []
        for part in self._parts:
            cells = part.floats if part.floats is not None else part.cells
            if isinstance(cells, list) or pa.types.is_string(cells.type):
                return None
            try:
                arrays.append(cells.cast(pa.float64()))
            except pa.ArrowInvalid:
                return None
        return pa.chunked_array(arrays, pa.float64())

    def _whole(self, kind: pa.DataType) -> pa.ChunkedArray:
        arrays = [part.cells for part in self._parts if isinstance(part.cells, pa.Array)]
        return pa.chunked_array([each if each.type == kind else pa.nulls(len(each), kind) for each in arrays], kind)

    def _read(self, blocks: Sequence[Block], task: Task) -> None:
        read_together([self], blocks, task)


def read_together(columns: Sequence[FetchedColumn], blocks: Sequence[Block], task: Task) -> None:
    """Take in what is new in all of `columns`, which were read equally far: faster than one after the other."""
    first = columns[0]
    if first._parts and first._parts[-1].rows < _PART:  # a last part that is short is read again with what follows it
        for each in columns:
            each._parts.pop()
    new = blocks[sum(len(part.blocks) for part in first._parts) :]
    for number, group in enumerate(groups(new)):
        task.check()
        for each, part in zip(columns, _parts(group, [each._column for each in columns]), strict=True):
            each._parts.append(part)
        _rest(number)


def found_in(text: str, texts: pa.Array) -> pa.Array:
    """Which of `texts` have `text` in them, upper and lower case alike; NULL has not."""
    found = pc.match_substring(texts, text, ignore_case=True)
    return pc.fill_null(found, False) if found.null_count else found


def found_anywhere(
    text: str, columns: Sequence[Column], blocks: Sequence[Block], task: Task, shown: Converter | None
) -> list[pa.Array]:
    """Which rows have `text` in some cell; part by part, because all columns at once would be the result again."""
    masks = []
    for group in groups(blocks):
        mask = None
        parts = _parts(group, range(len(columns)))
        for number, (column, part) in enumerate(zip(columns, parts, strict=True)):
            task.check()
            texts = _texts(part, number)
            found = found_in(text, _written(texts, shown) if shown is not None and has_zone(column) else texts)
            mask = found if mask is None else pc.or_(mask, found)
        masks.append(mask)
        time.sleep(_PAUSE)
    return masks


def groups(blocks: Sequence[Block]) -> Iterator[tuple[Block, ...]]:
    """Neighbouring blocks that together have some `_PART` rows."""
    group: list[Block] = []
    rows = 0
    for block in blocks:
        group.append(block)
        rows += len(block)
        if rows >= _PART:
            yield tuple(group)
            group, rows = [], 0
    if group:
        yield tuple(group)


def _rest(number: int) -> None:
    """After the part of that number: let others have the interpreter now and then."""
    if number % _PARTS_AT_ONCE == _PARTS_AT_ONCE - 1:
        time.sleep(_PAUSE)


def _parts(blocks: tuple[Block, ...], columns: Sequence[int]) -> Iterator[_Part]:
    """One for each of `columns`."""
    arrays = arrow_columns(blocks, columns)
    rows = sum(map(len, blocks))
    others = [column for column, cells in zip(columns, arrays, strict=True) if cells is None]
    lists = dict(zip(others, cells_of_columns(blocks, others), strict=True))
    for column, cells in zip(columns, arrays, strict=True):
        yield _Part(blocks, rows, cells) if cells is not None else _part_of(lists[column], blocks, column)


def _part_of(cells: list[Any], blocks: tuple[Block, ...], column: int) -> _Part:
    found = _encoded(cells, blocks, column)
    floats = None
    if found is None:
        types = set(map(type, cells)) - {type(None)}
        found = _arrow(cells, types, blocks, column)
        floats = _exact_floats(cells) if types == {int, float} else None
    return _Part(blocks, len(cells), found, floats)


def _encoded(cells: list[Any], blocks: Sequence[Block], column: int) -> pa.Array | None:
    """Of cells that came in UTF-8: four times as fast as of text. None for others."""
    if not isinstance(next((cell for cell in cells if cell is not None), None), bytes):
        return None
    try:
        return pa.array(cells, pa.binary()).cast(pa.string())
    except (pa.ArrowInvalid, UnicodeError):  # not UTF-8
        return _asked(blocks, column)


def _exact_floats(cells: list[Any]) -> pa.Array | None:
    try:
        return pa.array(cells, pa.float64())
    except pa.ArrowInvalid:  # a whole number that no float is
        return None


def _arrow(cells: list[Any], types: set[type], blocks: Sequence[Block], column: int) -> pa.Array | list[Any]:
    known = {str: pa.string(), int: pa.int64(), float: pa.float64(), type(None): pa.null()}
    if len(types) > 1:
        return cells
    try:
        return pa.array(cells, known[next(iter(types), type(None))])
    except UnicodeError:
        return _asked(blocks, column)
    except (pa.ArrowInvalid, OverflowError):  # too large
        return cells if types == {int} else _asked(blocks, column)


def _texts(part: _Part, column: int) -> pa.Array:
    cells = part.cells
    if isinstance(cells, pa.Array) and cells.type == pa.string():
        return cells
    if isinstance(cells, pa.Array) and cells.type in (pa.int64(), pa.null()):
        return cells.cast(pa.string())
    return _asked(part.blocks, column)


def _asked(blocks: Sequence[Block], column: int) -> pa.Array:
    """Without what UTF-8 cannot hold."""
    texts = [text for block in blocks for text in column_texts(block, column)]
    try:
        return pa.array(texts, pa.string())
    except UnicodeError:
        pass
    return pa.array([None if text is None else text.encode("utf-8", "replace").decode() for text in texts], pa.string())


def _written(texts: pa.Array, shown: Converter) -> pa.Array:
    return pa.array([None if text is None else shown(text) for text in texts.to_pylist()], pa.string())
