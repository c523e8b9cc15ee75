"""An open connection through ODBC, for any product."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyodbc

from keeperdb.engines.base import Execution, Node
from keeperdb.engines.cancel_ladder import climb
from keeperdb.engines.driver_socket import DriverSocket
from keeperdb.engines.odbc_columns import Converter
from keeperdb.engines.odbc_errors import diagnostics, is_lost, lost, query_error
from keeperdb.engines.odbc_execution import OdbcExecution
from keeperdb.engines.server_connection import ServerConnection
from keeperdb.engines.sql_text import encode
from keeperdb.errors import ConnectError, UnsupportedError

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


class OdbcConnection(ServerConnection):
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
        super().__init__()
        self._connection = connection
        self._product = product
        self._address = address
        self._read_only = read_only
        self._wire = wire
        self._reopen = reopen
        self._handles = threading.Lock()  # a handle is not freed while another thread cancels it
        self._is_open = True
        self._in_transaction = False
        self._cursor: pyodbc.Cursor | None = None
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
        with self.asking():
            return self._product.children(self.query, node, self.database)

    def details(self, node: Node) -> list[Node]:
        with self.asking():
            return self._product.details(self.query, node)

    def stamp(self, node: Node | None) -> str | None:
        with self.asking():
            return self._product.stamp(self.query, node)

    def ddl(self, node: Node) -> str:
        if self._product.ddl is None:
            return super().ddl(node)
        with self.asking():
            return self._product.ddl(self.query, node)

    def set_statement_timeout(self, seconds: int) -> bool:
        """Have the driver stop what runs longer than `seconds`; 0 for no limit. False where the driver cannot."""
        with self.operation():
            try:
                self._connection.timeout = seconds
            except pyodbc.Error:
                return False
            return True

    def estimate_rows(self, statement: str, tables: Sequence[str]) -> int | None:
        """Of whole tables only."""
        if statement or not tables or not self._product.rows_query:
            return None
        with self.asking():
            answers = [self.query(self._product.rows_query, (table,)) for table in tables]
            counts: list[Any] = [rows[0][0] if rows else None for rows in answers]
            return None if None in counts else sum(map(int, counts))

    def set_isolation(self, level: str) -> None:
        """The isolation level of transactions to come; empty for the server's default."""
        if level not in self._product.isolation:
            raise UnsupportedError(f"There is no isolation level “{level}” here.")
        with self.asking():
            self._run(self._product.isolation[level])

    @property
    def in_transaction(self) -> bool:
        return self._is_open and self._in_transaction and not self._read_only

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
    def operation(self, statement: str = "") -> Iterator[None]:
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

    def _end_transaction(self, statement: str) -> None:
        with self.asking():
            if not self._in_transaction:
                return
            is_commit = statement == "COMMIT"
            if self._connection.autocommit:
                self._run(self._product.commit if is_commit else self._product.rollback)
            elif is_commit:
                self._connection.commit()
            else:
                self._connection.rollback()
            self._in_transaction = False

    def _run(self, statement: str) -> None:
        cursor = self._open_cursor()
        try:
            cursor.execute(statement)
        finally:
            self.free(cursor)

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
