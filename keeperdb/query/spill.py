"""Rows above a memory budget: they wait in a private temporary file that no folder shows."""

import os
import tempfile
import threading
import weakref
from collections.abc import Sequence
from typing import Any

from keeperdb.engines.blocks import Block
from keeperdb.engines.column_cells import Cell, column_cells, column_texts
from keeperdb.engines.columns import EncodedColumns, TextColumns, text_columns
from keeperdb.engines.stored import Restore, StorableBlock
from keeperdb.errors import StoreError

_RECENT = 4  # blocks of a file that stay in memory after they were looked at


class MemoryBudget:
    """How many bytes of rows may be held at once by all results together; None for no limit. Safe from any thread."""

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit
        self._held = 0
        self._lock = threading.Lock()

    @property
    def held(self) -> int:
        return self._held

    def take(self, size: int) -> bool:
        """Reserve `size` bytes if they are within the limit."""
        with self._lock:
            if self.limit is not None and self._held + size > self.limit:
                return False
            self._held += size
            return True

    def give_back(self, size: int) -> None:
        with self._lock:
            self._held -= size


class RowStore:
    """Where the blocks of one result are: in memory as long as the budget lasts, then in a file of its own.

    What was taken of the budget is given back, and the file is gone, when `owner` is.
    """

    def __init__(self, budget: MemoryBudget, owner: object) -> None:
        self._share = _Share(budget)
        self._file: _SpillFile | None = None
        self.nbytes_on_disk = 0
        weakref.finalize(owner, self._share.release)

    def keep(self, block: Block) -> Block:
        """`block`, or one that stands for it. Raises `StoreError` if the file cannot be written."""
        if self._share.take(block.nbytes) or not isinstance(block, StorableBlock):
            return block
        content, restore = block.stored()
        try:
            if self._file is None:
                self._file = _SpillFile()
            place = self._file.add(content)
        except OSError as error:
            raise StoreError(
                f"The rows above the memory budget could not be written to a temporary file: {error.strerror}.",
                f"Free space in {tempfile.gettempdir()}, or raise results.memory_budget.",
            ) from error
        self.nbytes_on_disk += len(content)
        return SpilledBlock(self._file, place, len(content), restore, len(block))


class SpilledBlock:
    """A block whose rows are in a file; read again when a cell is looked at."""

    def __init__(self, file: "_SpillFile", place: int, size: int, restore: Restore, rows: int) -> None:
        self._file = file
        self._place = place
        self._size = size
        self._restore = restore
        self._rows = rows

    def __len__(self) -> int:
        return self._rows

    def text(self, row: int, column: int) -> str | None:
        return self.loaded().text(row, column)

    def value(self, row: int, column: int) -> Any:
        return self.loaded().value(row, column)

    def text_columns(self, start: int, stop: int) -> EncodedColumns | TextColumns | None:
        return text_columns(self.loaded(), start, stop)

    def cells(self, column: int) -> Sequence[Cell]:
        return column_cells(self.loaded(), column)

    def texts(self, column: int) -> Sequence[str | None]:
        return column_texts(self.loaded(), column)

    @property
    def nbytes(self) -> int:
        return 0

    def loaded(self) -> Block:
        """The block itself, in memory."""
        for owner, block in self._file.recent:
            if owner is self:
                return block
        block = self._restore(self._file.read(self._place, self._size))
        self._file.recent = ((self, block), *self._file.recent[: _RECENT - 1])
        return block


class _Share:
    """What one result has taken of the budget."""

    def __init__(self, budget: MemoryBudget) -> None:
        self._budget = budget
        self._taken = 0

    def take(self, size: int) -> bool:
        is_free = self._budget.take(size)
        self._taken += size if is_free else 0
        return is_free

    def release(self) -> None:
        self._budget.give_back(self._taken)
        self._taken = 0


class _SpillFile:
    """Written at its end by one thread, read by any. It has no name, so that it ends with the process at the latest."""

    def __init__(self) -> None:
        with tempfile.TemporaryFile(prefix="keeperdb-") as file:
            self._descriptor = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._descriptor)
        self._end = 0
        self._lock = threading.Lock()  # where reading and writing at a place takes two calls
        self.recent: tuple[tuple[SpilledBlock, Block], ...] = ()  # replaced whole, so that threads may share it

    def add(self, content: bytes) -> int:
        """Write `content` and return its place."""
        place, rest = self._end, memoryview(content)
        while rest:
            rest = rest[self._write(rest, self._end) :]
            self._end = place + len(content) - len(rest)
        return place

    def read(self, place: int, size: int) -> bytes:
        parts = []
        while size > 0 and (part := self._read(size, place)):
            parts.append(part)
            place, size = place + len(part), size - len(part)
        return b"".join(parts)

    def _write(self, content: memoryview, place: int) -> int:
        if hasattr(os, "pwrite"):
            return os.pwrite(self._descriptor, content, place)
        with self._lock:
            os.lseek(self._descriptor, place, os.SEEK_SET)
            return os.write(self._descriptor, content)

    def _read(self, size: int, place: int) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(self._descriptor, size, place)
        with self._lock:
            os.lseek(self._descriptor, place, os.SEEK_SET)
            return os.read(self._descriptor, size)
