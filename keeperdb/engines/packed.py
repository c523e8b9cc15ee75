"""Rows of a driver that hands over Python values, packed so that no object per row stays alive."""

import marshal
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

_PART = 100  # cells of a column that are unpacked together when one of them is looked at
_VERSION = 4  # of the format: ASCII is kept without encoding it first
_RECENT = 2  # parts that stay unpacked: what a screen shows seldom spans more

Part = tuple[bytes, ...]


class PackedBlock:
    """Rows of int, float, str, bytes and None in one `bytes` per column and 100 rows.

    A million rows of tuples are millions of objects that the garbage collector walks; packed they are none. By column,
    because a screen, a sort and a filter want some of them.
    """

    def __init__(self, parts: Sequence[Part], rows: int, to_text: Callable[[Any], str]) -> None:
        self._parts = parts
        self._rows = rows
        self._to_text = to_text
        self._recent: dict[tuple[int, int], Sequence[Any]] = {}  # of any thread: an entry never changes

    @staticmethod
    def pack(rows: list[tuple[Any, ...]]) -> Part:
        """A part of `rows`, which are taken out of the list: marshal looks up each object that others refer to.

        Every part but the last must come from exactly `PackedBlock.part_rows` rows.
        """
        columns = list(zip(*rows, strict=True))
        rows.clear()
        return PackedBlock.pack_columns(columns)

    @staticmethod
    def pack_columns(columns: Iterable[tuple[Any, ...] | list[Any]]) -> Part:
        """The same, of columns."""
        return tuple([marshal.dumps(cells, _VERSION) for cells in columns])

    part_rows = _PART

    def __len__(self) -> int:
        return self._rows

    def text(self, row: int, column: int) -> str | None:
        value = self.value(row, column)
        return None if value is None else self._to_text(value)

    def value(self, row: int, column: int) -> Any:
        if not 0 <= row < self._rows:
            raise IndexError(row)
        part, offset = divmod(row, _PART)
        cells = self._recent.get((part, column))
        return (cells or self._unpacked(part, column))[offset]

    def _unpacked(self, part: int, column: int) -> Sequence[Any]:
        packed = self._parts[part]
        cells: Sequence[Any] = marshal.loads(packed[column])  # noqa: S302 - packed above, never read from outside
        if len(self._recent) >= _RECENT * len(packed):
            self._recent = {}
        self._recent[part, column] = cells
        return cells

    def stored(self) -> tuple[bytes, Callable[[bytes], "PackedBlock"]]:
        return marshal.dumps(list(self._parts)), partial(self._restored, self._rows, self._to_text)

    @classmethod
    def _restored(cls, rows: int, to_text: Callable[[Any], str], content: bytes) -> "PackedBlock":
        return cls(marshal.loads(content), rows, to_text)  # noqa: S302 - from a file that only this process has

    def columns(self, start: int, stop: int) -> list[list[Any]]:
        """The values of rows `start` to `stop`, column by column."""
        return [self.values(column, start, stop) for column in range(len(self._parts[0]))] if self._parts else []

    def values(self, column: int, start: int, stop: int) -> list[Any]:
        """The values of one column in rows `start` to `stop`."""
        first = start // _PART
        cells: list[Any] = []
        for part in self._parts[first : -(-stop // _PART)]:
            cells += marshal.loads(part[column])  # noqa: S302 - packed above, never read from outside
        return cells[start - first * _PART : stop - first * _PART]

    def cells(self, column: int) -> list[Any]:
        """One column: numbers and texts as they are, bytes as text."""
        cells = self.values(column, 0, self._rows)
        to_text = self._to_text
        return (
            [to_text(cell) if type(cell) is bytes else cell for cell in cells] if bytes in map(type, cells) else cells
        )

    @property
    def nbytes(self) -> int:
        return sum([len(cells) for part in self._parts for cells in part])
