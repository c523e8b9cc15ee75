"""What one statement of MySQL or MariaDB returned: one result, or several for CALL and its like."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pymysql
from pymysql.constants import SERVER_STATUS

from keeperdb.engines.base import Execution
from keeperdb.engines.blocks import Block
from keeperdb.engines.mysql_blocks import MySqlBlock, MySqlColumns
from keeperdb.engines.mysql_wire import RawRows, RowsEnd
from keeperdb.engines.sql_text import leading_words
from keeperdb.errors import ConnectError

if TYPE_CHECKING:
    from keeperdb.engines.mysql_connection import MySqlConnection

_NO_COUNT = 2**64 - 1
_SEVERAL_RESULTS = {"CALL", "BEGIN", "EXECUTE"}


class MySqlExecution(Execution):
    """Looks at the head of its first result at once. Raises `pymysql.Error`."""

    def __init__(self, connection: "MySqlConnection", statement: str) -> None:
        self._connection = connection
        self.statement = statement
        self._has_next = False
        self.expects_more = bool(_SEVERAL_RESULTS.intersection(leading_words(statement, "mysql", 1)))
        self._begin()

    def fetch(self, rows: int) -> Block | None:
        if self.is_exhausted:
            return None
        with self._connection.operation(), self._finishing():
            found = self._connection.read_rows(rows)
            if isinstance(found, RowsEnd):
                self._end(found)
                return None
            end = self._connection.end_if_there()
            if end is not None:
                self._end(end)
            return MySqlBlock(found, self._described)

    def next_result(self) -> bool:
        if not self.is_exhausted:
            with self._connection.operation(), self._finishing():
                self._skip_rows()
        if not self._has_next:
            return False
        with self._connection.operation(), self._finishing():
            self._connection.next_result()
            self._begin()
            return True

    def notices(self) -> list[str]:
        return self._connection.take_notices()

    def close(self) -> None:
        if self.is_exhausted and not self._has_next:
            return
        with contextlib.suppress(ConnectError):
            self._connection.discard(self.statement, self)
        self.is_exhausted = True
        self._has_next = False

    def drain(self) -> None:
        """Read all that is left; inside `operation`."""
        with self._finishing():
            if not self.is_exhausted:
                self._skip_rows()
            while self._has_next:
                self._connection.next_result()
                self._begin()
                if not self.is_exhausted:
                    self._skip_rows()

    def _begin(self) -> None:
        """Look at the head of a result."""
        result = self._connection.result
        if result.unbuffered_active:
            self._described = MySqlColumns(result.fields)
            self.columns = self._described.columns
            self.rows_affected = None
            self.is_exhausted = False
            end = self._connection.end_if_there()
            if end is not None:
                self._end(end)
            return
        self.columns = None
        self.rows_affected = None if result.affected_rows == _NO_COUNT else result.affected_rows
        self._end(RowsEnd(result.warning_count, result.server_status))

    def _end(self, end: RowsEnd) -> None:
        self.is_exhausted = True
        self._has_next = bool(end.status & SERVER_STATUS.SERVER_MORE_RESULTS_EXISTS)
        if not self._has_next:
            self._connection.finish_statement(warnings=end.warnings)

    def _skip_rows(self) -> None:
        while isinstance(found := self._connection.read_rows(100_000), RawRows):
            pass
        self._end(found)

    @contextlib.contextmanager
    def _finishing(self) -> Iterator[None]:
        """An error ends the statement with all its results."""
        try:
            yield
        except pymysql.Error:
            self.is_exhausted = True
            self._has_next = False
            self._connection.finish_statement(failed=True)
            raise
