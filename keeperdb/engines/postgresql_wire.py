"""A connection to PostgreSQL spoken to through libpq: one statement is sent, its results are received."""

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
from keeperdb.engines import postgresql_side
from keeperdb.engines.cancel_ladder import climb
from keeperdb.engines.postgresql_errors import lost, query_error
from keeperdb.engines.postgresql_execution import ROWS
from keeperdb.engines.postgresql_login import address_of
from keeperdb.engines.server_connection import ServerConnection
from keeperdb.engines.sql_text import encode
from keeperdb.errors import QueryError

_CHUNK_ROWS = 500  # libpq hands over that many rows at once; measured best of 100 to 2000 on a million rows
_NOTICES_KEPT = 1_000
_CANCEL_TIMEOUT = 1.0

_INFERRED = 0  # the server finds out what type a parameter has to be
_TYPES = {bool: 16, date: 1082, datetime: 1114}  # which are told: `now() - $1` would be taken for an interval

_STATUS = pq.ExecStatus
IN_TRANSACTION = (pq.TransactionStatus.INTRANS, pq.TransactionStatus.INERROR)


class PgWire(ServerConnection):
    """Sends and receives so that rows stay what the server sent, and can be stopped."""

    def __init__(
        self,
        connection: "psycopg.Connection[tuple[object, ...]]",
        profile: ConnectionProfile,
        credential: Credential | None = None,
    ) -> None:
        """The credential is kept because a session that does not stop is ended over a second connection."""
        super().__init__()
        self._profile = profile
        self._credential = credential
        self._connection = connection
        self._pgconn = connection.pgconn
        self._address = address_of(profile)
        self._sent_in_transaction = False
        self._notices: deque[str] = deque(maxlen=_NOTICES_KEPT)
        connection.add_notice_handler(self._take_notice)

    @property
    def encoding(self) -> str:
        """Python's name of the encoding that the server sends, which a statement may have changed."""
        return self._connection.info.encoding

    @property
    def is_open(self) -> bool:
        return not self._connection.closed and self._pgconn.status == pq.ConnStatus.OK

    def note(self, text: str) -> None:
        """A notice of our own, beside the server's."""
        self._notices.append(text)

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

    def send(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> pq.abc.PGresult:
        """Send by the extended protocol, which takes one statement only; return the first result."""
        content = encode(statement, self.encoding)
        self._sent_in_transaction = self._pgconn.transaction_status in IN_TRANSACTION
        values = [_parameter(value) for value in parameters or ()]
        types = [_TYPES.get(type(value), _INFERRED) for value in parameters or ()]
        self._pgconn.send_query_params(content, values or None, types or None)
        self._pgconn.set_chunked_rows_mode(_CHUNK_ROWS)
        self.wait_for(generators.send)
        result = self.receive()
        if result is None:
            raise lost(self._address)
        return result

    def receive(self) -> pq.abc.PGresult | None:
        """The next result, or None when the statement is done. Raises `QueryError`."""
        result: pq.abc.PGresult | None = self.wait_for(generators.fetch)
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

    def _command(self, statement: str) -> None:
        """Statements of our own without rows to keep; several in one round trip."""
        self._pgconn.send_query(statement.encode())
        self.wait_for(generators.send)
        self._skip_results()

    @contextlib.contextmanager
    def operation(self, statement: str = "") -> Iterator[None]:
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

    def cancel(self) -> None:
        """A cancel request, then pg_terminate_backend, then the socket. Up to 5 s."""
        profile, credential = self._profile, self._credential
        climb(
            self._interruption,
            self.announce,
            self.request_cancel,
            lambda seconds: postgresql_side.end_session(profile, credential, self._pgconn.backend_pid, seconds),
            self._drop_socket,
        )

    def request_cancel(self, seconds: float = _CANCEL_TIMEOUT) -> None:
        """Ask the server to stop the statement."""
        with contextlib.suppress(psycopg.Error):
            self._connection.cancel_safe(timeout=seconds)

    def describe(self, statement: str) -> pq.abc.PGresult:
        """What the statement alone would take and return. Raises `QueryError`."""
        self._pgconn.send_prepare(b"", encode(statement, self.encoding))
        self.wait_for(generators.send)
        self._skip_results()
        self._pgconn.send_describe_prepared(b"")
        self.wait_for(generators.send)
        result = self.receive()
        if result is None:
            raise lost(self._address)
        self._skip_results()
        return result

    def begin_copy_out(self, command: str) -> None:
        """Start a COPY … TO STDOUT, whose data come next. Raises `QueryError`."""
        self._pgconn.send_query(command.encode())
        self.wait_for(generators.send)
        result: pq.abc.PGresult | None = self.wait_for(generators.fetch)
        if result is not None and result.status == _STATUS.COPY_OUT:
            return
        if result is None or result.status != _STATUS.FATAL_ERROR:
            raise lost(self._address)
        error = query_error(result, self.encoding)
        self._drain()
        raise error

    def wait_for(self, step: Callable[[Any], Any]) -> Any:
        """The result of the generator `step`, which waits for the server and leaves the interpreter to others."""
        return self._connection.wait(step(self._pgconn))

    def _skip_results(self) -> None:
        while self.receive() is not None:
            pass

    def _drain(self) -> None:
        """Read to the end of the statement; errors on the way have no one left to be told."""
        while (result := self.wait_for(generators.fetch)) is not None:
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
            self.request_cancel()
            while isinstance(self._connection.wait(generators.copy_from(self._pgconn)), memoryview):
                pass

    def _drop_socket(self) -> None:
        """The waiting thread then reads an end of file. The descriptor is a copy: libpq closes its own."""
        with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(self._pgconn.socket)) as copy:
            copy.shutdown(socket.SHUT_RDWR)

    def _abandon(self) -> None:
        with contextlib.suppress(psycopg.Error, OSError):
            self._connection.close()

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
