"""An open connection to Oracle."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import oracledb

from keeperdb.connections.profile import ConnectionProfile, Credential
from keeperdb.engines import oracle_catalog, oracle_ddl, oracle_read_only, oracle_side
from keeperdb.engines.base import Execution, Node
from keeperdb.engines.cancel_ladder import climb
from keeperdb.engines.driver_socket import DriverSocket
from keeperdb.engines.oracle_columns import read_exactly
from keeperdb.engines.oracle_errors import is_lost, lost, query_error
from keeperdb.engines.oracle_execution import OracleExecution, is_program
from keeperdb.engines.oracle_login import address_of, log_in
from keeperdb.engines.server_connection import ServerConnection, prepared
from keeperdb.engines.sql_text import encode
from keeperdb.errors import ConnectError, ConnectReason, UnsupportedError
from keeperdb.task import Task

_ARRAY_ROWS = 500  # rows per round trip
_FIRST_ROWS = 100  # rows that come with the answer to the statement
_OUTPUT_LINES = 1_000  # of DBMS_OUTPUT per round trip
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
    return prepared(connection, task, lambda: connection.prepare_session(profile))


class OracleConnection(ServerConnection):
    """One connection of python-oracledb in thin mode."""

    def __init__(
        self,
        connection: oracledb.Connection,
        profile: ConnectionProfile,
        credential: Credential | None,
        wire: DriverSocket,
    ) -> None:
        """The credential is kept because a session that does not stop is ended over a second connection."""
        super().__init__()
        self._profile = profile
        self._credential = credential
        self._connection = connection
        self._wire = wire
        self._address = address_of(profile)
        self._read_only = profile.read_only
        self._number = (int(connection.session_id), int(connection.serial_num))
        self._is_open = True
        self._has_snapshot = False  # a read-only transaction is open
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
        if is_program(statement) and not self._read_only:
            found += self._output()
        return found

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
        with self.asking():
            return oracle_side.table_rows(self.query, tables)

    def children(self, node: Node | None) -> list[Node]:
        with self.asking():
            return oracle_catalog.children(self.query, node)

    def stamp(self, node: Node | None) -> str | None:
        with self.asking():
            return oracle_catalog.stamp(self.query, node)

    def ddl(self, node: Node) -> str:
        with self.asking():
            return oracle_ddl.ddl(self.query, node)

    def set_statement_timeout(self, seconds: int) -> bool:
        """Have the driver stop a round trip that takes longer than `seconds`; 0 for no limit."""
        with self.operation():
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

    @property
    def is_open(self) -> bool:
        return self._is_open

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            with contextlib.suppress(oracledb.Error, OSError):
                self._connection.close()

    @contextlib.contextmanager
    def operation(self, statement: str = "") -> Iterator[None]:
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

    def _end_transaction(self, statement: str) -> None:
        with self.asking():
            self._has_snapshot = False
            if statement == "COMMIT":
                self._connection.commit()
            else:
                self._connection.rollback()

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
