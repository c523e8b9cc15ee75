"""What one statement of PostgreSQL returned, chunk by chunk as libpq hands it over."""

import contextlib
from typing import TYPE_CHECKING

from psycopg import pq

from keeperdb.engines.base import Execution
from keeperdb.engines.blocks import Block
from keeperdb.engines.postgresql_blocks import PgBlock, PgColumns
from keeperdb.engines.sql_text import leading_words
from keeperdb.errors import ConnectError, QueryError

if TYPE_CHECKING:
    from keeperdb.engines.postgresql_connection import PostgreSqlConnection

_ENDS = {"COMMIT", "END"}
ROWS = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.TUPLES_CHUNK, pq.ExecStatus.SINGLE_TUPLE)


class PgExecution(Execution):
    """What one statement returned. After each block it looks whether the next one, or the end, is there already."""

    def __init__(self, connection: "PostgreSqlConnection", statement: str, first: pq.abc.PGresult) -> None:
        self._connection = connection
        self.statement = statement
        self._result: pq.abc.PGresult | None = first
        self._offset = 0
        self._encoding = connection.encoding
        if first.status in ROWS:
            self._described = PgColumns(first, connection.type_names, self._encoding)
            connection.note_unknown_types(self._described.unknown_types)
            self.columns = self._described.columns
            self._advance(wait=False)
        else:
            if first.command_status == b"ROLLBACK" and _ENDS.intersection(leading_words(statement, "postgres", 1)):
                connection.note("WARNING: Nothing was committed: a statement of the transaction had failed.")
            self._advance(wait=True)

    def fetch(self, rows: int) -> Block | None:
        with self._connection.operation():
            self._advance(wait=True)
            if self._result is None:
                return None
            start, stop = self._offset, min(self._offset + rows, self._result.ntuples)
            block = PgBlock(self._result, start, stop, self._described, self._encoding)
            self._offset = stop
            self._advance(wait=False)
            return block

    def next_result(self) -> bool:
        return False

    def notices(self) -> list[str]:
        return self._connection.take_notices()

    def close(self) -> None:
        if self.is_exhausted:
            return
        self.is_exhausted = True
        self._result = None
        with contextlib.suppress(ConnectError):
            self._connection.discard(self.statement)

    def _advance(self, *, wait: bool) -> None:
        """Let go of a result that was read to its end and go on to the next; without `wait` only if it is there."""
        try:
            while not self.is_exhausted and (self._result is None or self._offset >= self._result.ntuples):
                if self._result is not None:
                    self.rows_affected = self._result.command_tuples
                    self._result = None
                is_there = True
                if wait:
                    self._result = self._connection.receive()
                else:
                    is_there, self._result = self._connection.receive_now()
                if not is_there:
                    return
                self._offset = 0
                if self._result is None:
                    self.is_exhausted = True
                    self._connection.finish_statement()
        except QueryError:
            self.is_exhausted = True
            self._connection.finish_statement(failed=True)
            raise
