"""One column of the rows fetched so far, as Arrow holds it; it grows with the result."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from keeperdb.engines.blocks import Block, CellKind, Column
from keeperdb.engines.column_cells import column_cells
from keeperdb.engines.columns import text_columns
from keeperdb.query.sort_keys import Keys, keys_of_text, keys_of_values
from keeperdb.query.timezones import Converter, has_zone
from keeperdb.task import Task


class FetchedColumn:
    """Each block is looked at once; a block that is not all text or all numbers keeps its Python values."""

    def __init__(self, column: int) -> None:
        self._column = column
        self._parts: list[pa.Array | list[Any]] = []

    def texts(self, blocks: Sequence[Block], task: Task, shown: Converter | None = None) -> pa.Array:
        """The column as the server writes it, or as `shown` writes each cell."""
        self._read(blocks, task)
        texts = []
        for block, part in zip(blocks, self._parts, strict=True):
            task.check()
            texts.append(_texts(part, block, self._column))
        whole = pa.chunked_array(texts, pa.string()).combine_chunks()
        return _one(whole) if shown is None else _written(_one(whole), shown)

    def keys(self, blocks: Sequence[Block], kind: CellKind, task: Task) -> Keys:
        """What the column is sorted by."""
        self._read(blocks, task)
        types = {part.type if isinstance(part, pa.Array) else None for part in self._parts} - {pa.null()}
        if not types:
            return [pa.nulls(sum(map(len, self._parts)), pa.int8())]
        if types == {pa.string()}:
            return keys_of_text(self._whole(pa.string()), kind, task)
        if len(types) == 1 and (only := types.pop()) is not None:
            return [self._whole(only)]
        values: list[Any] = []
        for part in self._parts:
            values += part.to_pylist() if isinstance(part, pa.Array) else part
        return keys_of_values(values, task)

    def _whole(self, kind: pa.DataType) -> pa.Array:
        arrays = [part for part in self._parts if isinstance(part, pa.Array)]
        parts = [part if part.type == kind else pa.nulls(len(part), kind) for part in arrays]
        return _one(pa.chunked_array(parts, kind).combine_chunks())

    def _read(self, blocks: Sequence[Block], task: Task) -> None:
        for block in blocks[len(self._parts) :]:
            task.check()
            self._parts.append(_arrow(column_cells(block, self._column), block, self._column))


def found_in(text: str, texts: pa.Array) -> pa.Array:
    """Which of `texts` have `text` in them, upper and lower case alike; NULL has not."""
    return pc.fill_null(pc.match_substring(texts, text, ignore_case=True), False)


def found_anywhere(
    text: str, columns: Sequence[Column], blocks: Sequence[Block], task: Task, shown: Converter | None
) -> pa.Array:
    """Which rows have `text` in some cell; block by block, because all columns at once would be the result again."""
    masks = []
    for block in blocks:
        task.check()
        mask = pa.nulls(len(block), pa.bool_()).fill_null(False)
        for column, texts in zip(columns, _all_texts(block, len(columns)), strict=True):
            if shown is not None and has_zone(column):
                texts = _written(texts, shown)
            mask = pc.or_(mask, found_in(text, texts))
        masks.append(mask)
    return _one(pa.chunked_array(masks, pa.bool_()).combine_chunks())


def _all_texts(block: Block, columns: int) -> list[pa.Array]:
    together = text_columns(block, 0, len(block)) if len(block) else None
    if together is None:
        return [_texts([], block, column) for column in range(columns)]
    try:
        return [pa.array(cells, pa.string()) for cells in together.cells]
    except (pa.ArrowInvalid, UnicodeError):
        return [_texts([], block, column) for column in range(columns)]


def _written(texts: pa.Array, shown: Converter) -> pa.Array:
    return pa.array([None if text is None else shown(text) for text in texts.to_pylist()], pa.string())


def _arrow(cells: Sequence[Any], block: Block, column: int) -> pa.Array | list[Any]:
    """The cells as an array of text, of int64 or of float64; as they are if they are mixed."""
    types = set(map(type, cells)) - {type(None)}
    try:
        if types <= {bytes}:
            return pa.array(cells, pa.string() if types else pa.null())
        if len(types) == 1:
            return pa.array(cells, {str: pa.string(), int: pa.int64(), float: pa.float64()}.get(types.pop()))
    except (pa.ArrowInvalid, UnicodeError, OverflowError):  # not UTF-8, or too large
        if types <= {bytes, str}:
            return pa.array([_clean(block.text(row, column)) for row in range(len(block))], pa.string())
    return list(cells)


def _texts(part: pa.Array | list[Any], block: Block, column: int) -> pa.Array:
    if isinstance(part, pa.Array):
        if part.type == pa.string():
            return part
        if part.type in (pa.int64(), pa.null()):
            return part.cast(pa.string())
    return pa.array([_clean(block.text(row, column)) for row in range(len(block))], pa.string())


def _clean(text: str | None) -> str | None:
    """Without what UTF-8 cannot hold."""
    return None if text is None else text.encode("utf-8", "replace").decode()


def _one(array: Any) -> pa.Array:
    """`combine_chunks` gives chunks again where one cannot hold all."""
    return pa.concat_arrays(array.chunks) if isinstance(array, pa.ChunkedArray) else array
