"""An open connection to Oracle, and what its statements return."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import oracledb

from keeperdb.connections.profile import ConnectionProfile, Credential
from keeperdb.engines import oracle_catalog, oracle_ddl, oracle_read_only, oracle_side
from keeperdb.engines.base import DriverConnection, Execution, Node
from keeperdb.engines.blocks import Block
from keeperdb.engines.cancel_ladder import climb
from keeperdb.engines.converted import ConvertedBlock, pack
from keeperdb.engines.driver_socket import DriverSocket
from keeperdb.engines.interruption import Interruption
from keeperdb.engines.oracle_columns import describe, read_exactly
from keeperdb.engines.oracle_errors import is_lost, lost, query_error
from keeperdb.engines.oracle_login import address_of, log_in
from keeperdb.engines.packed import PackedBlock, Part
from keeperdb.engines.sql_text import encode, leading_words
from keeperdb.errors import Cancelled, ConnectError, ConnectReason, QueryError, UnsupportedError
from keeperdb.task import Task

_ARRAY_ROWS = 500  # rows per round trip
_FIRST_ROWS = 100  # rows that come with the answer to the statement
_OUTPUT_LINES = 1_000  # of DBMS_OUTPUT per round trip
_CHANGES = ("INSERT", "UPDATE", "DELETE", "MERGE")
_PROGRAMS = ("BEGIN", "DECLARE", "CALL")
_ISOLATION = {
    "": "ALTER SESSION SET ISOLATION_LEVEL = READ COMMITTED",
    "read committed": "ALTER SESSION SET ISOLATION_LEVEL = READ COMMITTED",
    "serializable": "ALTER SESSION SET ISOLATION_LEVEL = SERIALIZABLE",
}
_ENABLE_OUTPUT = "BEGIN DBMS_OUTPUT.ENABLE(NULL); END;"
_GET_OUTPUT = "BEGIN DBMS_OUTPUT.GET_LINES(:lines, :count); END;"


def open_oracle(
    profile: ConnectionProfile, credential: Credential | None, task: Task, *, timeout: float
) -> "OracleConnection":
    """Open a connection. Raises `ConnectError` or `Cancelled`."""
    wire = DriverSocket()
    connection = OracleConnection(log_in(profile, credential, task, timeout, wire), profile, credential, wire)
    try:
        connection.arm()
        with task.interrupting(connection.cancel):
            connection.prepare_session(profile)
    except BaseException:
        connection.close()
        raise
    return connection


class OracleConnection(DriverConnection):
    """One connection of python-oracledb in thin mode."""

    def __init__(
        self,
        connection: oracledb.Connection,
        profile: ConnectionProfile,
        credential: Credential | None,
        wire: DriverSocket,
    ) -> None:
        """The credential is kept because a session that does not stop is ended over a second connection."""
        self._profile = profile
        self._credential = credential
        self._connection = connection
        self._wire = wire
        self._address = address_of(profile)
        self._read_only = profile.read_only
        self._interruption = Interruption()
        self._number = (int(connection.session_id), int(connection.serial_num))
        self._is_open = True
        self._autocommit = True
        self._has_snapshot = False  # a read-only transaction is open
        self._execution: OracleExecution | None = None
        self._notices: list[str] = []
        connection.outputtypehandler = read_exactly
        self.server_version = f"Oracle {connection.version}"
        self.database = str(connection.service_name or profile.database)
        self.user = str(connection.username or "")

    def prepare_session(self, profile: ConnectionProfile) -> None:
        """Set what the profile asks for. Raises `ConnectError` with reason PROFILE for what cannot be used."""
        seconds = profile.options.get("statement_timeout") or "0"
        if not seconds.isdecimal():
            raise ConnectError(
                ConnectReason.PROFILE, "The option “statement_timeout” is not a number of seconds.", "Write digits."
            )
        self._connection.call_timeout = int(seconds) * 1_000
        if profile.options.get("current_schema"):
            self._connection.current_schema = profile.options["current_schema"]
        if not self._read_only:
            self.query(_ENABLE_OUTPUT)

    def execute(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> Execution:
        """Parameters are `:name` or `:1`, sent apart from the text."""
        with self.operation(statement):
            self._close_execution()
            encode(statement, "utf-8")  # refuses what the driver would stumble over
            if self._read_only:
                oracle_read_only.check(statement)
            self._open_transaction()
            cursor = self._open_cursor()
            try:
                cursor.execute(statement, parameters or [])
                self._execution = OracleExecution(self, cursor, statement)
            except oracledb.Error as error:
                cursor.close()
                if not is_lost(error):
                    self.finish_statement()
                raise
            return self._execution

    def query(self, statement: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """All rows of a query of our own; none for PL/SQL."""
        with self.operation(statement), self._open_cursor() as cursor:
            cursor.execute(statement, dict(parameters or {}))
            return list(cursor.fetchall()) if cursor.description else []

    def finish_statement(self) -> None:
        """After the last row: give up the snapshot that was taken for a single read-only statement."""
        if self._has_snapshot and self._autocommit and self._is_open:
            self._has_snapshot = False
            self._connection.rollback()

    def take_notices(self, cursor: oracledb.Cursor, statement: str) -> list[str]:
        """A warning of the compiler, and what a program wrote with DBMS_OUTPUT."""
        found = [str(cursor.warning)] if cursor.warning is not None else []
        if _first_word(statement) in _PROGRAMS and not self._read_only:
            found += self._output()
        return found

    @property
    def is_stopping(self) -> bool:
        return self._interruption.is_requested

    def arm(self) -> None:
        self._interruption.arm()

    def cancel(self) -> None:
        """A break, then KILL SESSION over a second connection, then the socket. Up to 5 s."""
        climb(self._interruption, self.announce, self._break, self._end_session, self._wire.shut)

    def _break(self, _seconds: float) -> None:
        with contextlib.suppress(oracledb.Error, OSError):
            self._connection.cancel()

    def _end_session(self, seconds: float) -> None:
        session, serial = self._number
        oracle_side.end_session(self._profile, self._credential, session, serial, seconds)

    def estimate_rows(self, statement: str, tables: Sequence[str]) -> int | None:
        """Of whole tables, by their statistics: Oracle writes a plan into a table, which would be a change."""
        if statement:
            return None
        with self.operation(""):
            self._close_execution()
            return oracle_side.table_rows(self.query, tables)

    def children(self, node: Node | None) -> list[Node]:
        with self.operation(""):
            self._close_execution()
            return oracle_catalog.children(self.query, node)

    def stamp(self, node: Node | None) -> str | None:
        with self.operation(""):
            self._close_execution()
            return oracle_catalog.stamp(self.query, node)

    def ddl(self, node: Node) -> str:
        with self.operation(""):
            self._close_execution()
            return oracle_ddl.ddl(self.query, node)

    def set_autocommit(self, enabled: bool) -> None:
        self._autocommit = enabled

    def set_statement_timeout(self, seconds: int) -> bool:
        """Have the driver stop a round trip that takes longer than `seconds`; 0 for no limit."""
        with self.operation(""):
            self._connection.call_timeout = seconds * 1_000
            return True

    def set_isolation(self, level: str) -> None:
        """The isolation level of transactions to come; empty for the server's default."""
        if level not in _ISOLATION:
            raise UnsupportedError(f"There is no isolation level “{level}” in Oracle.")
        self.query(_ISOLATION[level])

    @property
    def in_transaction(self) -> bool:
        if not self._is_open:
            return False
        return not self._autocommit if self._has_snapshot else bool(self._connection.transaction_in_progress)

    def commit(self) -> None:
        self._end_transaction("COMMIT")

    def rollback(self) -> None:
        self._end_transaction("ROLLBACK")

    @property
    def is_open(self) -> bool:
        return self._is_open

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            with contextlib.suppress(oracledb.Error, OSError):
                self._connection.close()

    @contextlib.contextmanager
    def operation(self, statement: str) -> Iterator[None]:
        """Around everything that speaks with the server. Raises `QueryError`, or `ConnectError` for a lost one."""
        if not self._is_open:
            raise lost(self._address)
        try:
            with self._interruption.running():
                yield
        except oracledb.Error as error:
            if is_lost(error):
                self.close()
                raise lost(self._address, query_error(error, statement).message) from error
            raise query_error(error, statement) from error
        except OSError as error:
            self.close()
            raise lost(self._address) from error

    def _open_cursor(self) -> oracledb.Cursor:
        cursor: oracledb.Cursor = self._connection.cursor()
        cursor.arraysize = _ARRAY_ROWS
        cursor.prefetchrows = _FIRST_ROWS
        return cursor

    def _open_transaction(self) -> None:
        if self._read_only:
            self._connection.autocommit = False
            if not self._has_snapshot:
                self.query(oracle_read_only.OPEN_TRANSACTION)
                self._has_snapshot = True
        elif not self._connection.transaction_in_progress:
            self._connection.autocommit = self._autocommit

    def _end_transaction(self, how: str) -> None:
        with self.operation(how):
            self._close_execution()
            self._has_snapshot = False
            if how == "COMMIT":
                self._connection.commit()
            else:
                self._connection.rollback()

    def _close_execution(self) -> None:
        if self._execution is not None:
            self._execution.close()
            self._execution = None

    def _output(self) -> list[str]:
        """What is in the buffer of DBMS_OUTPUT, to its end."""
        found: list[str] = []
        with self._open_cursor() as cursor:
            while True:
                lines = cursor.arrayvar(str, _OUTPUT_LINES)
                count = cursor.var(int)
                count.setvalue(0, _OUTPUT_LINES)
                cursor.execute(_GET_OUTPUT, {"lines": lines, "count": count})
                taken = int(count.getvalue() or 0)
                found += [line or "" for line in lines.getvalue()[:taken]]
                if taken < _OUTPUT_LINES:
                    return found


class OracleExecution(Execution):
    """What one statement returned: a result of its own, or those that a program handed over with RETURN_RESULT."""

    def __init__(self, connection: OracleConnection, cursor: oracledb.Cursor, statement: str) -> None:
        self._connection = connection
        self._first = self._cursor = cursor
        self._statement = statement
        self._more: list[Any] = []
        self._is_closed = False
        self._look()
        if self.columns is None:
            first = _first_word(statement)
            self.rows_affected = cursor.rowcount if first in _CHANGES else None
            self._more = list(cursor.getimplicitresults() or []) if first in _PROGRAMS else []
        self.expects_more = bool(self._more)
        self._notices = connection.take_notices(cursor, statement)
        self._close_at_end()

    def fetch(self, rows: int) -> Block | None:
        if self.is_exhausted:
            return None
        with self._connection.operation(self._statement):
            parts, count = self._take_parts(rows)
            self._close_at_end()
            return ConvertedBlock(PackedBlock(parts, count, str), self._conversions) if count else None

    def next_result(self) -> bool:
        if self._is_closed or not self._more:
            self.close()
            return False
        with self._connection.operation(self._statement):
            self._cursor = self._more.pop(0)
            self._look()
            return True

    def notices(self) -> list[str]:
        notices, self._notices = self._notices, []
        return notices

    def close(self) -> None:
        if self._is_closed:
            return
        self._is_closed = self.is_exhausted = True
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

    def _close_at_end(self) -> None:
        if self.is_exhausted and not self.expects_more:
            self.close()

    def _take_parts(self, rows: int) -> tuple[list[Part], int]:
        parts: list[Part] = []
        count = 0
        while count < rows and not self.is_exhausted:
            if self._connection.is_stopping:
                raise Cancelled
            wanted = min(rows - count, PackedBlock.part_rows)
            batch: list[Any] = self._cursor.fetchmany(wanted)
            self.is_exhausted = len(batch) < wanted
            count += len(batch)
            parts += pack(batch, self._conversions)
        return parts, count


def _first_word(statement: str) -> str:
    return (leading_words(statement, "oracle", 1) or [""])[0]
