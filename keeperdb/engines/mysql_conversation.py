"""A connection to MySQL or MariaDB spoken to past PyMySQL: it logs in and sends, rows are read as bytes."""

import contextlib
import struct
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pymysql
from pymysql import err
from pymysql.constants import COMMAND, SERVER_STATUS

from keeperdb.connections.profile import ConnectionProfile, Credential
from keeperdb.engines import mysql_side
from keeperdb.engines.base import CredentialSource
from keeperdb.engines.cancel_ladder import climb
from keeperdb.engines.mysql_blocks import MySqlBlock, MySqlColumns
from keeperdb.engines.mysql_errors import is_lost, lost, query_error
from keeperdb.engines.mysql_login import address_of, shut_down, twin
from keeperdb.engines.mysql_wire import PacketReader, RawRows, RowsEnd
from keeperdb.engines.server_connection import ServerConnection
from keeperdb.engines.sql_text import encode

_NOTICES_KEPT = 1_000
_SIDE_TIMEOUT = 2.0


class MySqlConversation(ServerConnection):
    """Sends statements and receives results, and can be stopped; for that it needs the credential: see `SideDoor`."""

    def __init__(self, connection: Any, profile: ConnectionProfile, credential: Credential | None) -> None:
        """`connection` is PyMySQL's, logged in."""
        super().__init__()
        self._connection = connection
        self._profile = profile
        self._side = mysql_side.SideDoor(profile, credential)
        self._address = address_of(profile)
        self._notices: deque[str] = deque(maxlen=_NOTICES_KEPT)
        self._encoding = "utf-8"  # of what is sent
        self._kill_sent = False
        self._twin = twin(connection._sock)
        self._reader = PacketReader(connection._sock)
        connection._rfile.close()
        connection._rfile = self._reader

    @property
    def is_open(self) -> bool:
        return bool(self._connection.open)

    @property
    def result(self) -> Any:
        """PyMySQL's result, whose rows have not been read."""
        return self._connection._result

    def read_rows(self, limit: int) -> RawRows | RowsEnd:
        """Up to `limit` rows of the current result, or its end. Raises `pymysql.Error`."""
        found = self._reader.rows(limit)
        self._connection._next_seq_id = self._reader.next_sequence
        if isinstance(found, bytes):
            self._end_result(RowsEnd(0, self._connection.server_status & ~SERVER_STATUS.SERVER_MORE_RESULTS_EXISTS))
            err.raise_mysql_exception(found)
        if isinstance(found, RowsEnd):
            self._end_result(found)
        return found

    def end_if_there(self) -> RowsEnd | None:
        """The end of the current result, if it has arrived already."""
        if not self._reader.is_at_end():
            return None
        end = self.read_rows(1)
        return end if isinstance(end, RowsEnd) else None

    def next_result(self) -> None:
        """Read the head of the next result of the same statement."""
        self._connection.next_result(unbuffered=True)

    def take_notices(self) -> list[str]:
        notices = list(self._notices)
        self._notices.clear()
        return notices

    def query(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[str | None, ...]]:
        """All rows of a query of our own, as text."""
        with self.operation():
            self._send(statement, parameters or None)
            fields = getattr(self.result, "fields", None)
            if not self.result.unbuffered_active or fields is None:
                return []
            columns = MySqlColumns(fields)
            rows: list[tuple[str | None, ...]] = []
            while isinstance(found := self.read_rows(10_000), RawRows):
                block = MySqlBlock(found, columns)
                rows += (tuple(block.text(row, n) for n in range(len(fields))) for row in range(len(block)))
            return rows

    @contextlib.contextmanager
    def operation(self, statement: str = "") -> Iterator[None]:
        """Around everything that speaks with the server; `statement` is the person's own, for positions of errors."""
        if not self.is_open:
            raise lost(self._address)
        try:
            with self._interruption.running():
                yield
        except pymysql.Error as error:
            if self.is_open and not is_lost(error):
                raise query_error(error, statement) from error
            self._abandon()
            raise lost(self._address, error) from error
        except (OSError, EOFError, RuntimeError, struct.error, UnicodeError) as error:
            self._abandon()
            raise lost(self._address) from error

    def _send(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] | None) -> None:
        if parameters:
            statement = self._connection.cursor().mogrify(statement, parameters)
        content = encode(statement, self._encoding, nul=True)
        if self._kill_sent:
            self._absorb_kill()
        self._connection.query(content, unbuffered=True)

    def _absorb_kill(self) -> None:
        """A KILL QUERY that came when its statement was already done waits for the next one: this."""
        self._kill_sent = False
        try:
            self._connection.query(b"DO 0")
        except pymysql.Error as error:
            if is_lost(error):
                raise

    def cancel(self) -> None:
        """KILL QUERY over a second connection, then KILL of the session, then the socket. Up to 5 s."""
        number = self._connection.thread_id()
        climb(
            self._interruption,
            self.announce,
            self._kill,
            lambda seconds: self._side.kill(f"CONNECTION {number:d}", seconds),
            lambda: shut_down(self._twin),
        )

    def forget_credential(self, again: CredentialSource) -> None:
        self._side.forget_credential(again)

    def _kill(self, seconds: float = _SIDE_TIMEOUT) -> bool:
        """KILL QUERY over a second connection; False when none could be opened."""
        is_sent = self._side.kill(f"QUERY {self._connection.thread_id():d}", seconds)
        self._kill_sent = self._kill_sent or is_sent  # once it was acknowledged: it cannot come after what absorbs it
        return is_sent

    def _ask_status(self) -> None:
        """Whether a transaction is still open, which an error does not tell: a deadlock takes all of it back."""
        with contextlib.suppress(pymysql.Error, OSError):
            self._connection._execute_command(COMMAND.COM_PING, b"")
            self._connection.server_status = self._connection._read_ok_packet().server_status

    def _is_in_transaction(self) -> bool:
        return bool(self._connection.server_status & SERVER_STATUS.SERVER_STATUS_IN_TRANS)

    def _end_result(self, end: RowsEnd) -> None:
        """Tell PyMySQL that the rows of its result were read."""
        self._connection.server_status = end.status
        result = self.result
        result.unbuffered_active = False
        result.connection = None
        result.has_next = end.status & SERVER_STATUS.SERVER_MORE_RESULTS_EXISTS

    def _abandon(self) -> None:
        """Close without waiting for rows that are still on their way."""
        with contextlib.suppress(pymysql.Error, OSError):
            if self.result is not None and self.result.unbuffered_active:
                self.result.unbuffered_active = False  # else PyMySQL reads on when the result is collected
                self.result.connection = None
                self._connection._force_close()
            else:
                self._connection.close()
        self._twin.close()
        self._side.close()
