"""An open connection through ODBC, for any product, and what its statements return."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyodbc

from keeperdb.engines.base import DriverConnection, Execution, Node
from keeperdb.engines.blocks import Block
from keeperdb.engines.cancel_ladder import climb
from keeperdb.engines.converted import ConvertedBlock, pack
from keeperdb.engines.driver_socket import DriverSocket
from keeperdb.engines.interruption import Interruption
from keeperdb.engines.odbc_columns import Converter, describe
from keeperdb.engines.odbc_errors import diagnostics, is_lost, lost, query_error
from keeperdb.engines.packed import PackedBlock, Part
from keeperdb.engines.sql_text import encode
from keeperdb.errors import Cancelled, ConnectError, QueryError, UnsupportedError

Query = Callable[..., list[tuple[Any, ...]]]  # (statement, parameters) -> rows


def _no_children(_query: Query, _node: Node | None, _database: str) -> list[Node]:
    return []


def _several(_statement: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class OdbcProduct:
    """What differs between the products behind ODBC."""

    about_query: str  # one row: version line, database, user, and the number that `kill` takes
    kill: Callable[[int], str]
    transaction_query: str = ""  # how many transactions are open; empty: the words of statements have to tell
    transaction_words: frozenset[str] = frozenset({"BEGIN", "START", "COMMIT", "ROLLBACK", "END", "ABORT"})
    commit: str = "COMMIT"
    rollback: str = "ROLLBACK"
    children: Callable[[Query, Node | None, str], list[Node]] = _no_children
    details: Callable[[Query, Node], list[Node]] = lambda _query, _node: []
    stamp: Callable[[Query, Node | None], str | None] = lambda _query, _node: None
    ddl: Callable[[Query, Node], str] | None = None
    returns_one_result: Callable[[str], bool] = _several
    check_read_only: Callable[[str], None] = lambda _statement: None
    leading_word: Callable[[str], str] = lambda statement: statement.split(None, 1)[0].upper() if statement else ""
    words: Callable[[str], Iterator[str]] = lambda statement: iter(statement.upper().split())
    converters: Mapping[int, Converter] = field(default_factory=dict)
    rows_query: str = ""  # how many rows the table of a name holds, by the server's statistics
    isolation: Mapping[str, str] = field(default_factory=dict)  # level, or empty for the default -> statement


class OdbcConnection(DriverConnection):
    """One connection of pyodbc. `reopen` opens a second one, to stop what the driver's own cancel does not."""

    def __init__(
        self,
        connection: pyodbc.Connection,
        product: OdbcProduct,
        *,
        address: str,
        read_only: bool = False,
        wire: DriverSocket | None = None,
        reopen: Callable[[], pyodbc.Connection] | None = None,
    ) -> None:
        self._connection = connection
        self._product = product
        self._address = address
        self._read_only = read_only
        self._wire = wire
        self._reopen = reopen
        self._interruption = Interruption()
        self._handles = threading.Lock()  # a handle is not freed while another thread cancels it
        self._is_open = True
        self._autocommit = True
        self._in_transaction = False
        self._cursor: pyodbc.Cursor | None = None
        self._execution: OdbcExecution | None = None
        self._number = 0
        for code, converter in product.converters.items():
            connection.add_output_converter(code, converter)

    def prepare_session(self) -> None:
        """Ask the server what it is. Raises `QueryError` or `ConnectError`."""
        version, database, user, number = self.query(self._product.about_query)[0]
        driver = self._connection.getinfo(pyodbc.SQL_DRIVER_NAME)
        driver_version = self._connection.getinfo(pyodbc.SQL_DRIVER_VER)
        self.server_version = f"{version}, {driver} {driver_version}"
        self.database, self.user, self._number = str(database or ""), str(user or ""), int(number)

    def execute(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> Execution:
        """Parameters are `?`, sent apart from the text."""
        with self.operation(statement):
            self._close_execution()
            encode(statement, "utf-16-le")
            if self._read_only:
                self._product.check_read_only(statement)
            self._apply_commit_mode()
            cursor = self._open_cursor()
            self._in_transaction = self._in_transaction or not self._connection.autocommit
            try:
                cursor.execute(statement, *(parameters or ()))
                self._execution = OdbcExecution(self, cursor, statement, self._product.returns_one_result(statement))
            except pyodbc.Error as error:
                self.free(cursor)
                if not is_lost(error):
                    self.finish_statement(statement)
                raise
            return self._execution

    def query(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query of our own."""
        with self.operation(statement):
            cursor = self._open_cursor()
            try:
                return [tuple(row) for row in cursor.execute(statement, *parameters).fetchall()]
            finally:
                self.free(cursor)

    def finish_statement(self, statement: str) -> None:
        """After the last result: learn whether a transaction is open, and take back what a read-only session did."""
        if not self._is_open:
            return
        if self._read_only:
            self._connection.rollback()
            self._in_transaction = False
        elif self._connection.autocommit and self._product.transaction_words.intersection(
            self._product.words(statement)
        ):
            self._in_transaction = self._has_transaction(statement)

    def free(self, cursor: pyodbc.Cursor) -> None:
        with self._handles:
            if self._cursor is cursor:
                self._cursor = None
            with contextlib.suppress(pyodbc.Error):
                cursor.close()

    @property
    def is_stopping(self) -> bool:
        return self._interruption.is_requested

    def arm(self) -> None:
        self._interruption.arm()

    def cancel(self) -> None:
        """SQLCancel, then the product's kill over a second connection, then the socket. Up to 5 s."""
        climb(
            self._interruption,
            self.announce,
            self._cancel_cursor,
            self._kill,
            lambda: self._wire is not None and self._wire.shut(),
        )

    def children(self, node: Node | None) -> list[Node]:
        with self.operation(""):
            self._close_execution()
            return self._product.children(self.query, node, self.database)

    def details(self, node: Node) -> list[Node]:
        with self.operation(""):
            self._close_execution()
            return self._product.details(self.query, node)

    def stamp(self, node: Node | None) -> str | None:
        with self.operation(""):
            self._close_execution()
            return self._product.stamp(self.query, node)

    def ddl(self, node: Node) -> str:
        if self._product.ddl is None:
            return super().ddl(node)
        with self.operation(""):
            self._close_execution()
            return self._product.ddl(self.query, node)

    def set_autocommit(self, enabled: bool) -> None:
        """Takes effect with the next statement outside a transaction: ODBC would commit the one that is open."""
        self._autocommit = enabled

    def set_statement_timeout(self, seconds: int) -> bool:
        """Have the driver stop what runs longer than `seconds`; 0 for no limit. False where the driver cannot."""
        with self.operation(""):
            try:
                self._connection.timeout = seconds
            except pyodbc.Error:
                return False
            return True

    def estimate_rows(self, statement: str, tables: Sequence[str]) -> int | None:
        """Of whole tables only."""
        if statement or not tables or not self._product.rows_query:
            return None
        with self.operation(""):
            self._close_execution()
            answers = [self.query(self._product.rows_query, (table,)) for table in tables]
            counts: list[Any] = [rows[0][0] if rows else None for rows in answers]
            return None if None in counts else sum(map(int, counts))

    def set_isolation(self, level: str) -> None:
        """The isolation level of transactions to come; empty for the server's default."""
        if level not in self._product.isolation:
            raise UnsupportedError(f"There is no isolation level “{level}” here.")
        with self.operation(""):
            self._close_execution()
            self._run(self._product.isolation[level])

    @property
    def in_transaction(self) -> bool:
        return self._is_open and self._in_transaction and not self._read_only

    def commit(self) -> None:
        self._end_transaction(self._product.commit, self._connection.commit)

    def rollback(self) -> None:
        self._end_transaction(self._product.rollback, self._connection.rollback)

    @property
    def is_open(self) -> bool:
        return self._is_open

    def close(self) -> None:
        with self._handles:
            if self._is_open:
                self._is_open = False
                self._cursor = None
                with contextlib.suppress(pyodbc.Error):
                    self._connection.close()

    @contextlib.contextmanager
    def operation(self, statement: str) -> Iterator[None]:
        """Around everything that speaks with the server. Raises `QueryError`, or `ConnectError` for a lost one."""
        if not self._is_open:
            raise lost(self._address)
        try:
            with self._interruption.running():
                yield
        except pyodbc.Error as error:
            if is_lost(error):
                self.close()
                raise lost(self._address, diagnostics(error)[0].text) from error
            raise query_error(error, statement) from error

    def _open_cursor(self) -> pyodbc.Cursor:
        cursor = self._connection.cursor()
        cursor.noscan = True  # ODBC's own {escapes} are left alone: the text goes to the server as it is
        self._cursor = cursor
        return cursor

    def _apply_commit_mode(self) -> None:
        wanted = self._autocommit and not self._read_only
        if not self._in_transaction and self._connection.autocommit != wanted:
            self._connection.autocommit = wanted

    def _has_transaction(self, statement: str) -> bool:
        if self._product.transaction_query:
            return bool(self.query(self._product.transaction_query)[0][0])
        return self._product.leading_word(statement) in ("BEGIN", "START")

    def _end_transaction(self, statement: str, end: Callable[[], None]) -> None:
        with self.operation(statement):
            self._close_execution()
            if not self._in_transaction:
                return
            if self._connection.autocommit:
                self._run(statement)
            else:
                end()
            self._in_transaction = False

    def _run(self, statement: str) -> None:
        cursor = self._open_cursor()
        try:
            cursor.execute(statement)
        finally:
            self.free(cursor)

    def _close_execution(self) -> None:
        if self._execution is not None:
            self._execution.close()
            self._execution = None

    def _cancel_cursor(self, seconds: float) -> None:
        """The lock may be held by a handle that is being freed, which waits for a server that says nothing."""
        if self._handles.acquire(timeout=seconds):
            try:
                if self._cursor is not None:
                    with contextlib.suppress(pyodbc.Error):
                        self._cursor.cancel()
            finally:
                self._handles.release()

    def _kill(self, seconds: float) -> None:
        if self._reopen is None or not self._number:
            return
        with contextlib.suppress(pyodbc.Error, ConnectError), contextlib.closing(self._reopen()) as side:
            with contextlib.suppress(pyodbc.Error):  # not every driver has time-outs
                side.timeout = max(1, int(seconds))
            side.execute(self._product.kill(self._number))


class OdbcExecution(Execution):
    """What one statement returned, result after result."""

    def __init__(
        self, connection: OdbcConnection, cursor: pyodbc.Cursor, statement: str, returns_one_result: bool
    ) -> None:
        self._connection = connection
        self._cursor = cursor
        self._statement = statement
        self._notices: list[str] = []
        self._is_closed = False
        self.expects_more = not returns_one_result
        self._look()
        self._close_at_end()

    def fetch(self, rows: int) -> Block | None:
        if self.is_exhausted:
            return None
        with self._connection.operation(self._statement):
            parts, count = self._take_parts(rows)
            self._close_at_end()
            return ConvertedBlock(PackedBlock(parts, count, str), self._conversions) if count else None

    def next_result(self) -> bool:
        if self._is_closed:
            return False
        with self._connection.operation(self._statement):
            if not self._cursor.nextset():
                self.close()
                return False
            self._look()
            return True

    def notices(self) -> list[str]:
        notices, self._notices = self._notices, []
        return notices

    def close(self) -> None:
        if self._is_closed:
            return
        self._is_closed = self.is_exhausted = True
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

    def _close_at_end(self) -> None:
        """Free the handle as soon as nothing more can come."""
        if self.is_exhausted and not self.expects_more:
            self.close()

    def _take_parts(self, rows: int) -> tuple[list[Part], int]:
        parts: list[Part] = []
        count = 0
        while count < rows and not self.is_exhausted:
            batch = self._take(min(rows - count, PackedBlock.part_rows))
            count += len(batch)
            parts += pack(batch, self._conversions)
        return parts, count

    def _take(self, rows: int) -> list[Any]:
        if self._connection.is_stopping:
            raise Cancelled
        batch: list[Any] = self._cursor.fetchmany(rows)
        self.is_exhausted = len(batch) < rows
        return batch

    def _take_notices(self) -> None:
        for _, text in self._cursor.messages or ():
            self._notices += [line for line in _notice(str(text)).splitlines() if line.strip()]


def _notice(text: str) -> str:
    """Without the names of vendor and driver before it."""
    while text.startswith("[") and "]" in text:
        text = text.partition("]")[2].lstrip()
    return text
