"""What one statement returned through ODBC, result after result."""

import contextlib
from typing import TYPE_CHECKING

import pyodbc

from keeperdb.engines.cursor_execution import CursorExecution
from keeperdb.engines.odbc_columns import describe
from keeperdb.errors import Cancelled, ConnectError, QueryError

if TYPE_CHECKING:
    from keeperdb.engines.odbc_connection import OdbcConnection


class OdbcExecution(CursorExecution):
    """Looks at its first result at once. Raises `pyodbc.Error`."""

    def __init__(
        self, connection: "OdbcConnection", cursor: pyodbc.Cursor, statement: str, returns_one_result: bool
    ) -> None:
        super().__init__(connection, cursor, statement)
        self._connection = connection
        self.expects_more = not returns_one_result
        self._look()
        self._close_at_end()

    def next_result(self) -> bool:
        if self._is_closed:
            return False
        with self._connection.operation(self._statement):
            if not self._cursor.nextset():
                self.close()
                return False
            self._look()
            return True

    def _free(self) -> None:
        self._connection.free(self._cursor)
        with contextlib.suppress(ConnectError, QueryError, Cancelled), self._connection.operation(self._statement):
            self._connection.finish_statement(self._statement)

    def _look(self) -> None:
        """At the result that the cursor stands on."""
        description = self._cursor.description
        self.columns = None
        self.is_exhausted = description is None
        self.rows_affected = self._cursor.rowcount if description is None and self._cursor.rowcount >= 0 else None
        if description is not None:
            self.columns, self._conversions = describe(description, self._cursor.hstmt)
        self._take_notices()

    def _take_notices(self) -> None:
        for _, text in self._cursor.messages or ():
            self._notices += [line for line in _notice(str(text)).splitlines() if line.strip()]


def _notice(text: str) -> str:
    """Without the names of vendor and driver before it."""
    while text.startswith("[") and "]" in text:
        text = text.partition("]")[2].lstrip()
    return text
