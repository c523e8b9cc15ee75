"""What a statement returned through a cursor of Python's database interface: rows are fetched and packed in parts."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from keeperdb.engines.base import Execution
from keeperdb.engines.blocks import Block
from keeperdb.engines.converted import Conversion, ConvertedBlock, pack
from keeperdb.engines.packed import PackedBlock, Part
from keeperdb.engines.server_connection import ServerConnection
from keeperdb.errors import Cancelled


class CursorExecution(Execution):
    """Whoever inherits sets `_cursor`, and `_conversions` with the columns of each result."""

    def __init__(self, connection: ServerConnection, cursor: Any, statement: str) -> None:
        self._server = connection
        self._cursor = cursor
        self._statement = statement
        self._conversions: Sequence[Conversion] = ()
        self._notices: list[str] = []
        self._is_closed = False

    def fetch(self, rows: int) -> Block | None:
        if self.is_exhausted:
            return None
        with self._server.operation(self._statement):
            parts, count = self._take_parts(rows)
            self._close_at_end()
            return ConvertedBlock(PackedBlock(parts, count, str), self._conversions) if count else None

    def notices(self) -> list[str]:
        notices, self._notices = self._notices, []
        return notices

    def close(self) -> None:
        if not self._is_closed:
            self._is_closed = self.is_exhausted = True
            self._free()

    @abstractmethod
    def _free(self) -> None:
        """Give the cursor back, and end the statement. Raises nothing."""

    def _close_at_end(self) -> None:
        """Free the cursor as soon as nothing more can come."""
        if self.is_exhausted and not self.expects_more:
            self.close()

    def _take_parts(self, rows: int) -> tuple[list[Part], int]:
        parts: list[Part] = []
        count = 0
        while count < rows and not self.is_exhausted:
            if self._server.is_stopping:
                raise Cancelled
            wanted = min(rows - count, PackedBlock.part_rows)
            batch: list[Any] = self._cursor.fetchmany(wanted)
            self.is_exhausted = len(batch) < wanted
            count += len(batch)
            parts += pack(batch, self._conversions)
        return parts, count
