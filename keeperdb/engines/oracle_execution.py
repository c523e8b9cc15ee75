"""What one statement of Oracle returned."""

import contextlib
from typing import TYPE_CHECKING, Any

import oracledb

from keeperdb.engines.cursor_execution import CursorExecution
from keeperdb.engines.oracle_columns import describe
from keeperdb.engines.sql_text import leading_words
from keeperdb.errors import Cancelled, ConnectError, QueryError

if TYPE_CHECKING:
    from keeperdb.engines.oracle_connection import OracleConnection

_CHANGES = ("INSERT", "UPDATE", "DELETE", "MERGE")
_PROGRAMS = ("BEGIN", "DECLARE", "CALL")


class OracleExecution(CursorExecution):
    """A result of its own, or those that a program handed over with RETURN_RESULT. Raises `oracledb.Error`."""

    def __init__(self, connection: "OracleConnection", cursor: oracledb.Cursor, statement: str) -> None:
        super().__init__(connection, cursor, statement)
        self._connection = connection
        self._first = cursor
        self._more: list[Any] = []
        self._look()
        if self.columns is None:
            self.rows_affected = cursor.rowcount if _first_word(statement) in _CHANGES else None
            self._more = list(cursor.getimplicitresults() or []) if is_program(statement) else []
        self.expects_more = bool(self._more)
        self._notices = connection.take_notices(cursor, statement)
        self._close_at_end()

    def next_result(self) -> bool:
        if self._is_closed or not self._more:
            self.close()
            return False
        with self._connection.operation(self._statement):
            self._cursor = self._more.pop(0)
            self._look()
            return True

    def _free(self) -> None:
        for cursor in (*self._more, self._cursor, self._first):
            with contextlib.suppress(oracledb.Error):
                cursor.close()
        with contextlib.suppress(ConnectError, QueryError, Cancelled), self._connection.operation(self._statement):
            self._connection.finish_statement()

    def _look(self) -> None:
        """At the result that the cursor stands on."""
        self.columns, self.rows_affected = None, None
        self.is_exhausted = not self._cursor.description
        if self._cursor.description:
            self.columns, self._conversions = describe(self._cursor.description)


def is_program(statement: str) -> bool:
    """Whether it runs PL/SQL, which may write lines and hand over results."""
    return _first_word(statement) in _PROGRAMS


def _first_word(statement: str) -> str:
    return (leading_words(statement, "oracle", 1) or [""])[0]
