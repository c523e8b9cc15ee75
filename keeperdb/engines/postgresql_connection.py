"""An open connection to PostgreSQL, and what its statements return."""

import contextlib
import os
import socket
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import psycopg
from psycopg import generators, pq

from keeperdb.connections.profile import ConnectionProfile, Credential
from keeperdb.engines import postgresql_catalog, postgresql_ddl, postgresql_read_only, postgresql_side
from keeperdb.engines.base import DriverConnection, Execution, Node
from keeperdb.engines.cancel_ladder import climb
from keeperdb.engines.interruption import Interruption
from keeperdb.engines.postgresql_blocks import PgColumns
from keeperdb.engines.postgresql_copy import PgCopy, copy_command, copy_data, copyable, in_query
from keeperdb.engines.postgresql_errors import lost, query_error
from keeperdb.engines.postgresql_execution import ROWS, PgExecution
from keeperdb.engines.postgresql_login import address_of, log_in
from keeperdb.engines.sql_text import encode, leading_words, words
from keeperdb.errors import ConnectError, QueryError
from keeperdb.task import Task

_CHUNK_ROWS = 500  # libpq hands over that many rows at once; measured best of 100 to 2000 on a million rows
_NOTICES_KEPT = 1_000
_CANCEL_TIMEOUT = 1.0
_SAVEPOINT = "keeperdb_statement"
_SESSION_OPTIONS = ("lock_timeout", "search_path", "statement_timeout", "timezone")
_OWN_TRANSACTION = {"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT"}
_OWN_SAVEPOINTS = {*_OWN_TRANSACTION, "SAVEPOINT", "RELEASE", "PREPARE"}
_READING_WORDS = {"SELECT", "TABLE", "VALUES", "SHOW", "EXPLAIN"}
_WRITING_WORDS = {"INSERT", "UPDATE", "DELETE", "MERGE", "INTO", "ANALYZE"}

_INFERRED = 0  # the server finds out what type a parameter has to be
_TYPES = {bool: 16, date: 1082, datetime: 1114}  # which are told: `now() - $1` would be taken for an interval

_STATUS = pq.ExecStatus
_USABLE = (pq.TransactionStatus.IDLE, pq.TransactionStatus.INTRANS)
_IN_TRANSACTION = (pq.TransactionStatus.INTRANS, pq.TransactionStatus.INERROR)


def open_postgresql(
    profile: ConnectionProfile, credential: Credential | None, task: Task, *, timeout: float
) -> "PostgreSqlConnection":
    """Open a connection. Raises `ConnectError` or `Cancelled`."""
    connection = PostgreSqlConnection(log_in(profile, credential, task, timeout), profile, credential)
    try:
        connection.arm()
        with task.interrupting(connection.cancel):
            connection.prepare_session(profile)
    except BaseException:
        connection.close()
        raise
    return connection


class PostgreSqlConnection(DriverConnection):
    """One connection of psycopg, spoken to through libpq so that rows stay what the server sent."""

    def __init__(
        self,
        connection: "psycopg.Connection[tuple[object, ...]]",
        profile: ConnectionProfile,
        credential: Credential | None = None,
    ) -> None:
        """The credential is kept because a session that does not stop is ended over a second connection."""
        self._profile = profile
        self._credential = credential
        self._has_savepoint = False
        self._connection = connection
        self._pgconn = connection.pgconn
        self._address = address_of(profile)
        self._read_only = profile.read_only
        self._interruption = Interruption()
        self._autocommit = True
        self._implicit = False  # the transaction that is open is the one around a single read-only statement
        self._sent_in_transaction = False
        self._execution: PgExecution | None = None
        self._notices: deque[str] = deque(maxlen=_NOTICES_KEPT)
        self._type_names: dict[int, str] = {}
        self._unknown_types: set[int] = set()
        connection.add_notice_handler(self._take_notice)
        version = (self._pgconn.parameter_status(b"server_version") or b"").decode()
        self.server_version = f"PostgreSQL {version.split(' ')[0]}".strip()
        self.database = self._pgconn.db.decode()
        self.user = self._pgconn.user.decode()

    def prepare_session(self, profile: ConnectionProfile) -> None:
        """Set what the profile asks for, and learn the names of types that are not built in."""
        for name in _SESSION_OPTIONS:
            if profile.options.get(name):
                self.query("SELECT set_config($1, $2, false)", (name, profile.options[name]))
        if self._read_only:
            self.query("SELECT set_config('default_transaction_read_only', 'on', false)")
        self._type_names.update(postgresql_catalog.type_names(self.query))

    @property
    def time_zone(self) -> str:
        """The server reports each change of it."""
        return (self._pgconn.parameter_status(b"TimeZone") or b"").decode()

    @property
    def encoding(self) -> str:
        """Python's name of the encoding that the server sends, which a statement may have changed."""
        return self._connection.info.encoding

    @property
    def type_names(self) -> Mapping[int, str]:
        return self._type_names

    def execute(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> Execution:
        """Parameters are `$1`, `$2` …, sent apart from the text."""
        with self.operation():
            self._close_execution()
            if self._read_only:
                postgresql_read_only.check(statement)
            self._learn_unknown_types()
            self._open_transaction(statement)
            if self._has_savepoint and _OWN_SAVEPOINTS.intersection(leading_words(statement, "postgres", 1)):
                self._has_savepoint = False  # the statement may take it away
            try:
                self._execution = PgExecution(self, statement, self.send(statement, parameters))
            except QueryError:
                self.finish_statement(failed=True)
                raise
            return self._execution

    def copy_csv(self, statement: str, delimiter: str) -> PgCopy | None:
        """By COPY, where its texts are those of a result: in UTF-8, and without bytea, which is shown differently."""
        query = copyable(statement)
        if query is None or "\0" in statement or not only_reads(statement):
            return None
        is_utf8 = self.encoding == "utf-8" and self._pgconn.parameter_status(b"server_encoding") == b"UTF8"
        if not is_utf8 or not self._autocommit or self.in_transaction:
            return None
        with self.operation():
            self._close_execution()
            if self._read_only:
                postgresql_read_only.check(statement)
            self._learn_unknown_types()
            self._open_transaction(statement)
            try:
                return self._begin_copy(statement, query, delimiter)
            except QueryError:
                self.finish_statement(failed=True)
                raise

    def _begin_copy(self, statement: str, query: str, delimiter: str) -> PgCopy | None:
        described = self._describe(statement)
        if described is None or described.binary or not described.columns:
            self.finish_statement()
            return None
        self._pgconn.send_query(copy_command(query, delimiter).encode())
        self._connection.wait(generators.send(self._pgconn))
        result: pq.abc.PGresult | None = self._connection.wait(generators.fetch(self._pgconn))
        if result is None or result.status != _STATUS.COPY_OUT:
            raise in_query(self._copy_error(result))
        return PgCopy(self, described)

    def _describe(self, statement: str) -> PgColumns | None:
        """What the statement alone would return; None if it has parameters. Raises `QueryError`."""
        self._pgconn.send_prepare(b"", statement.encode())
        self._connection.wait(generators.send(self._pgconn))
        while self.receive() is not None:
            pass
        self._pgconn.send_describe_prepared(b"")
        self._connection.wait(generators.send(self._pgconn))
        result = self.receive()
        if result is None:
            raise lost(self._address)
        columns = None if result.nparams else PgColumns(result, self._type_names, self.encoding)
        while self.receive() is not None:
            pass
        return columns

    def _copy_error(self, result: pq.abc.PGresult | None) -> QueryError:
        if result is None or result.status != _STATUS.FATAL_ERROR:
            raise lost(self._address)
        error = query_error(result, self.encoding)
        self._drain()
        return error

    def wait_for_copy(self, read: Callable[[Any], Any]) -> Any:
        """The result of the generator `read`, which waits for the server."""
        return self._connection.wait(read(self._pgconn))

    def finish_copy(self) -> None:
        """After the last row. Raises `QueryError` for what stopped the copying."""
        while self.receive() is not None:
            pass
        self.finish_statement()

    def abandon_copy(self) -> None:
        """Stop a copy whose rows are not wanted any more."""
        with contextlib.suppress(QueryError, ConnectError), self.operation():
            with contextlib.suppress(psycopg.Error):
                self._connection.cancel_safe(timeout=_CANCEL_TIMEOUT)
            ended = False
            while not ended:
                _, ended = self.wait_for_copy(copy_data)
            self._drain()
            self.finish_statement(failed=True)

    def send(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> pq.abc.PGresult:
        """Send by the extended protocol, which takes one statement only; return the first result."""
        content = encode(statement, self.encoding)
        self._sent_in_transaction = self._pgconn.transaction_status in _IN_TRANSACTION
        values = [_parameter(value) for value in parameters or ()]
        types = [_TYPES.get(type(value), _INFERRED) for value in parameters or ()]
        self._pgconn.send_query_params(content, values or None, types or None)
        self._pgconn.set_chunked_rows_mode(_CHUNK_ROWS)
        self._connection.wait(generators.send(self._pgconn))
        result = self.receive()
        if result is None:
            raise lost(self._address)
        return result

    def receive(self) -> pq.abc.PGresult | None:
        """The next result, or None when the statement is done. Raises `QueryError`."""
        result: pq.abc.PGresult | None = self._connection.wait(generators.fetch(self._pgconn))
        if result is None or result.status in ROWS or result.status == _STATUS.COMMAND_OK:
            return result
        if result.status == _STATUS.FATAL_ERROR:
            error = query_error(result, self.encoding)
            self._drain()
            raise error
        raise self._refusal(result)

    def receive_now(self) -> tuple[bool, pq.abc.PGresult | None]:
        """(True, the next result) if it is there without waiting, else (False, None)."""
        self._pgconn.consume_input()
        if self._pgconn.is_busy():
            return False, None
        return True, self.receive()

    def finish_statement(self, *, failed: bool = False) -> None:
        """After the last result: end the transaction that was opened around a single read-only statement."""
        if self._implicit:
            self._implicit = False
            if self._pgconn.transaction_status in _IN_TRANSACTION:
                self._command("ROLLBACK" if failed else "COMMIT")

    def discard(self, statement: str) -> None:
        """Give up the rest of a result, without undoing what the statement does."""
        with contextlib.suppress(QueryError), self.operation():
            if only_reads(statement) and (self._implicit or not self.in_transaction):
                with contextlib.suppress(psycopg.Error):
                    self._connection.cancel_safe(timeout=_CANCEL_TIMEOUT)
            self._drain()
            self.finish_statement(failed=True)

    def take_notices(self) -> list[str]:
        notices = list(self._notices)
        self._notices.clear()
        return notices

    def query(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[str | None, ...]]:
        """All rows of a query of our own, as text."""
        with self.operation():
            result: pq.abc.PGresult | None = self.send(statement, parameters)
            rows: list[tuple[str | None, ...]] = []
            while result is not None:
                rows += _rows(result, self.encoding)
                result = self.receive()
            return rows

    def arm(self) -> None:
        self._interruption.arm()

    def cancel(self) -> None:
        """A cancel request, then pg_terminate_backend, then the socket. Up to 5 s."""
        profile, credential = self._profile, self._credential
        climb(
            self._interruption,
            self.announce,
            self._request_cancel,
            lambda seconds: postgresql_side.end_session(profile, credential, self._pgconn.backend_pid, seconds),
            self._drop_socket,
        )

    def _request_cancel(self, seconds: float) -> None:
        with contextlib.suppress(psycopg.Error):
            self._connection.cancel_safe(timeout=seconds)

    def estimate_rows(self, statement: str, tables: Sequence[str]) -> int | None:
        with self.operation():
            self._close_execution()
            if self._pgconn.transaction_status not in _USABLE:
                return None
            return postgresql_side.estimate(self.query, statement, tables, in_transaction=self.in_transaction)

    def set_statement_timeout(self, seconds: int) -> bool:
        self.query("SELECT set_config('statement_timeout', $1, false)", (str(seconds * 1000),))
        return True

    def set_isolation(self, level: str) -> None:
        if level:
            self.query("SELECT set_config('default_transaction_isolation', $1, false)", (level,))
        else:
            self.query("RESET default_transaction_isolation")

    def savepoint(self) -> bool:
        with self.operation():
            self._close_execution()
            is_open = self._pgconn.transaction_status == pq.TransactionStatus.INTRANS
            if is_open:
                release = f"RELEASE SAVEPOINT {_SAVEPOINT}; " if self._has_savepoint else ""
                self._command(f"{release}SAVEPOINT {_SAVEPOINT}")
            self._has_savepoint = is_open
            return is_open

    def rollback_to_savepoint(self) -> bool:
        with self.operation():
            if self._pgconn.transaction_status != pq.TransactionStatus.INERROR:
                return False
            self._command(f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}" if self._has_savepoint else "ROLLBACK")
            return True

    def children(self, node: Node | None) -> list[Node]:
        with self.operation():
            self._close_execution()
            return postgresql_catalog.children(self.query, node, self.database)

    def stamp(self, node: Node | None) -> str | None:
        with self.operation():
            self._close_execution()
            return postgresql_catalog.stamp(self.query, node)

    def ddl(self, node: Node) -> str:
        with self.operation():
            self._close_execution()
            return postgresql_ddl.ddl(self.query, node)

    def set_autocommit(self, enabled: bool) -> None:
        self._autocommit = enabled

    @property
    def in_transaction(self) -> bool:
        if not self.is_open or self._implicit:
            return False
        status = self._pgconn.transaction_status
        if status == pq.TransactionStatus.ACTIVE:  # rows are on their way, and libpq cannot tell
            return self._sent_in_transaction
        return status in _IN_TRANSACTION

    def commit(self) -> None:
        self._end_transaction("COMMIT")

    def rollback(self) -> None:
        self._end_transaction("ROLLBACK")

    @property
    def is_open(self) -> bool:
        return not self._connection.closed and self._pgconn.status == pq.ConnStatus.OK

    def close(self) -> None:
        """A writing statement is read to its end first: to stop it would undo it."""
        if self._execution is not None and self.is_open and not only_reads(self._execution.statement):
            self._execution.close()
        self._abandon()

    def _abandon(self) -> None:
        with contextlib.suppress(psycopg.Error, OSError):
            self._connection.close()

    @contextlib.contextmanager
    def operation(self) -> Iterator[None]:
        """Around everything that speaks with the server: errors of the driver mean that the connection is gone."""
        if not self.is_open:
            raise lost(self._address)
        try:
            with self._interruption.running():
                yield
        except psycopg.Error as error:
            self._abandon()
            raise lost(self._address, str(error)) from error
        except QueryError as error:
            if self._pgconn.status == pq.ConnStatus.OK:
                raise
            self._abandon()
            raise lost(self._address, f"FATAL: {error.message}\n") from error

    def _open_transaction(self, statement: str) -> None:
        idle = self._pgconn.transaction_status == pq.TransactionStatus.IDLE
        if idle and self._read_only:
            self._implicit = self._autocommit
            self._command(postgresql_read_only.OPEN_TRANSACTION)
        elif (
            idle and not self._autocommit and not _OWN_TRANSACTION.intersection(leading_words(statement, "postgres", 1))
        ):
            self._command("BEGIN")

    def _end_transaction(self, statement: str) -> None:
        with self.operation():
            self._close_execution()
            if self.in_transaction:
                self._command(statement)

    def _command(self, statement: str) -> None:
        """Statements of our own without rows to keep; several in one round trip."""
        self._pgconn.send_query(statement.encode())
        self._connection.wait(generators.send(self._pgconn))
        while self.receive() is not None:
            pass

    def _close_execution(self) -> None:
        if self._execution is not None:
            self._execution.close()
            self._execution = None

    def _learn_unknown_types(self) -> None:
        """Types made since the last look; asked for between statements, because a result may be on its way."""
        if self._unknown_types and self._pgconn.transaction_status in _USABLE:
            self._unknown_types.clear()
            self._type_names.update(postgresql_catalog.type_names(self.query))

    def note_unknown_types(self, oids: set[int]) -> None:
        self._unknown_types |= oids

    def _drain(self) -> None:
        """Read to the end of the statement; errors on the way have no one left to be told."""
        while (result := self._connection.wait(generators.fetch(self._pgconn))) is not None:
            if result.status in (_STATUS.COPY_IN, _STATUS.COPY_OUT, _STATUS.COPY_BOTH):
                self._end_copy(result)

    def _refusal(self, result: pq.abc.PGresult) -> QueryError:
        """What is said of a result that can neither be shown nor counted."""
        if result.status == _STATUS.EMPTY_QUERY:
            self._drain()
            return QueryError("The statement is empty.")
        self._end_copy(result)
        self._drain()
        return QueryError("COPY from or to this program is not possible in a query.", "Use the export instead.")

    def _end_copy(self, result: pq.abc.PGresult) -> None:
        with contextlib.suppress(psycopg.Error):
            if result.status == _STATUS.COPY_IN:
                self._connection.wait(generators.copy_end(self._pgconn, b"not supported"))
                return
            self._connection.cancel_safe(timeout=_CANCEL_TIMEOUT)
            while isinstance(self._connection.wait(generators.copy_from(self._pgconn)), memoryview):
                pass

    def _drop_socket(self) -> None:
        """The waiting thread then reads an end of file. The descriptor is a copy: libpq closes its own."""
        with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(self._pgconn.socket)) as copy:
            copy.shutdown(socket.SHUT_RDWR)

    def _take_notice(self, notice: psycopg.errors.Diagnostic) -> None:
        parts = (notice.message_primary, notice.message_detail, notice.message_hint)
        self._notices.append(f"{notice.severity}: " + " ".join(part for part in parts if part))


def _parameter(value: Any) -> bytes | None:
    """As text, whose type the server infers."""
    if value is None:
        return None
    if isinstance(value, bytes):
        return b"\\x" + value.hex().encode()
    return str(value).encode()


def _rows(result: pq.abc.PGresult, encoding: str) -> Iterator[tuple[str | None, ...]]:
    for row in range(result.ntuples):
        cells = (result.get_value(row, column) for column in range(result.nfields))
        yield tuple(None if cell is None else cell.decode(encoding, "replace") for cell in cells)


def only_reads(statement: str) -> bool:
    """Whether stopping the statement early undoes nothing; when in doubt, no."""
    first = (leading_words(statement, "postgres", 1) or [""])[0]
    if first not in _READING_WORDS and first != "WITH":
        return False
    return not _WRITING_WORDS.intersection(words(statement, "postgres"))
