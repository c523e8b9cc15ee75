"""What a statement returned: rows that arrive on one thread while another looks at them."""

import time
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import Any

from keeperdb.engines.base import DriverConnection, Execution
from keeperdb.engines.blocks import Block, Column
from keeperdb.query.spill import MemoryBudget, RowStore
from keeperdb.query.statements import Statement
from keeperdb.task import Task

_STEP = 5_000  # rows per look at the task


class ResultSet:
    """One result. `fetch` and `close` run on the session's lane; everything else may be read from any thread.

    Rows below `row_count` never change. Not `is_open` and not `is_complete` means that the rest was given up.
    """

    def __init__(
        self,
        connection: DriverConnection,
        execution: Execution,
        statement: Statement,
        *,
        execute_seconds: float = 0.0,
        row_cap: int = 0,
        memory: MemoryBudget | None = None,
    ) -> None:
        """`row_cap` is how many rows are kept at most; the rest is given up then. 0 for no limit.

        Rows above the budget of `memory` are kept in a temporary file.
        """
        self.statement = statement
        self.parameters: Mapping[str, Any] = {}  # that it was run with
        self.title = statement.title
        self.time_zone = connection.time_zone
        self.columns: tuple[Column, ...] | None = execution.columns
        self.rows_affected = execution.rows_affected
        self.notices: list[str] = execution.notices()
        self.execute_seconds = execute_seconds
        self.fetch_seconds = 0.0
        self.row_count = 0
        self.is_complete = self.columns is None
        self.nbytes = 0
        self.is_capped = False  # the rest was given up because of the row cap
        self._row_cap = row_cap
        self._connection = connection
        self._execution: Execution | None = None if self.is_complete else execution
        self._store = RowStore(memory or MemoryBudget(), self)
        self._blocks: list[Block] = []
        self._starts: list[int] = []  # row number of the first row of each block
        if self.columns is not None and execution.is_exhausted:
            self._finish()

    @property
    def is_open(self) -> bool:
        """Whether more rows can be fetched."""
        return self._execution is not None

    @property
    def nbytes_on_disk(self) -> int:
        """Bytes of rows that are in a temporary file because of the memory budget."""
        return self._store.nbytes_on_disk

    def text(self, row: int, column: int) -> str | None:
        """The cell exactly as the server writes it; None for NULL. Raises `IndexError` for a row not fetched yet."""
        block, offset = self._locate(row)
        return block.text(offset, column)

    def value(self, row: int, column: int) -> Any:
        """The cell as a Python value that loses nothing; None for NULL."""
        block, offset = self._locate(row)
        return block.value(offset, column)

    def fetch(self, rows: int, task: Task) -> int:
        """Fetch up to `rows` more rows and return how many came; 0 at the end, or when the result was closed.

        Raises `QueryError`, `ConnectError` or `Cancelled`; the result is then closed, and keeps what it has.
        """
        added = 0
        started = time.monotonic()
        try:
            while self._execution is not None and added < rows:
                added += self._fetch_block(min(rows - added, _STEP, self._room), task)
                task.report(self.row_count)
                self._keep_to_cap()
        except BaseException:
            self.close()
            raise
        finally:
            self.fetch_seconds += time.monotonic() - started
        return added

    def blocks(self) -> list[Block]:
        """The rows fetched so far, in order."""
        return list(self._blocks)

    def drain(self, task: Task, rows: int | None = None) -> Iterator[Block]:
        """Fetch up to `rows` more rows, or all, and hand them over block by block without keeping them.

        `row_count` stays as it is. Called on the session's lane; raises what `fetch` raises, and closes the result
        then.
        """
        left = rows
        try:
            while self._execution is not None and left != 0:
                block = self._next_block(_STEP if left is None else min(left, _STEP), task, is_kept=False)
                self._finish_if_exhausted(block)
                if block is not None:
                    left = None if left is None else left - len(block)
                    yield block
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give up the rows that were not fetched. May be called twice."""
        execution, self._execution = self._execution, None
        if execution is not None:
            execution.close()
            self.notices += execution.notices()

    @property
    def _room(self) -> int:
        return max(1, self._row_cap - self.row_count) if self._row_cap else _STEP

    def _keep_to_cap(self) -> None:
        if self._row_cap and self.row_count >= self._row_cap and self._execution is not None:
            self.is_capped = True
            self.close()

    def _fetch_block(self, rows: int, task: Task) -> int:
        block = self._next_block(rows, task)
        if block is not None:
            self._append(block)
        self._finish_if_exhausted(block)
        return len(block) if block is not None else 0

    def _next_block(self, rows: int, task: Task, *, is_kept: bool = True) -> Block | None:
        """Up to `rows` rows off the wire; None for none."""
        execution = self._execution
        if execution is None:
            return None
        self._connection.arm()
        with task.interrupting(self._connection.stopper(task.say)):
            block = execution.fetch(rows) if is_kept else execution.stream(rows)
        return block if block is not None and len(block) else None

    def _finish_if_exhausted(self, block: Block | None) -> None:
        """After the block was appended, so that a complete result has all of its rows."""
        if self._execution is not None and (block is None or self._execution.is_exhausted):
            self._finish()

    def _append(self, block: Block) -> None:
        """In an order that lets readers below `row_count` go without a lock."""
        self._blocks.append(self._store.keep(block))
        self._starts.append(self.row_count)
        self.nbytes += block.nbytes
        self.row_count += len(block)

    def _finish(self) -> None:
        """The end was reached. The execution stays with the session, which may ask it for another result."""
        if self._execution is not None:
            self.rows_affected = self._execution.rows_affected
            self.notices += self._execution.notices()
        self._execution = None
        self.is_complete = True

    def _locate(self, row: int) -> tuple[Block, int]:
        if not 0 <= row < self.row_count:
            raise IndexError(row)
        index = bisect_right(self._starts, row) - 1
        return self._blocks[index], row - self._starts[index]
