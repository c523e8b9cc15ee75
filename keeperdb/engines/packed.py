"""Rows of a driver that hands over Python values, packed so that no object per row stays alive."""

import marshal
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

_PART = 100  # rows that are unpacked together when one of their cells is looked at
_VERSION = 4  # of the format: ASCII is kept without encoding it first


class PackedBlock:
    """Rows of int, float, str, bytes and None in one `bytes` per 100 rows.

    A million rows of tuples are millions of objects that the garbage collector walks; packed they are none.
    """

    def __init__(self, parts: Sequence[bytes], rows: int, to_text: Callable[[Any], str]) -> None:
        self._parts = parts
        self._rows = rows
        self._to_text = to_text
        self._recent: tuple[int, list[tuple[Any, ...]]] = (-1, [])  # replaced whole, so that threads may share it

    @staticmethod
    def pack(rows: list[tuple[Any, ...]]) -> list[bytes]:
        """`rows` as parts; every part but the last must come from exactly `PackedBlock.part_rows` rows."""
        return [marshal.dumps(rows[start : start + _PART], _VERSION) for start in range(0, len(rows), _PART)]

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
        number, rows = self._recent
        if number != part:
            rows = marshal.loads(self._parts[part])  # noqa: S302 - packed above, never read from outside
            self._recent = (part, rows)
        return rows[offset][column]

    def stored(self) -> tuple[bytes, Callable[[bytes], "PackedBlock"]]:
        return marshal.dumps(list(self._parts)), partial(self._restored, self._rows, self._to_text)

    @classmethod
    def _restored(cls, rows: int, to_text: Callable[[Any], str], content: bytes) -> "PackedBlock":
        return cls(marshal.loads(content), rows, to_text)  # noqa: S302 - from a file that only this process has

    def rows(self, start: int, stop: int) -> list[tuple[Any, ...]]:
        """The values of rows `start` to `stop`."""
        first = start // _PART
        unpacked: list[tuple[Any, ...]] = []
        for part in self._parts[first : -(-stop // _PART)]:
            unpacked += marshal.loads(part)  # noqa: S302 - packed above, never read from outside
        return unpacked[start - first * _PART : stop - first * _PART]

    def cells(self, column: int) -> list[Any]:
        """One column: numbers and texts as they are, bytes as text."""
        cells = [row[column] for part in self._parts for row in marshal.loads(part)]  # noqa: S302 - packed above
        to_text = self._to_text
        return (
            [to_text(cell) if type(cell) is bytes else cell for cell in cells] if bytes in map(type, cells) else cells
        )

    @property
    def nbytes(self) -> int:
        return sum(map(len, self._parts))
