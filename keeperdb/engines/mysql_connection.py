"""An open connection to MySQL or MariaDB."""

import contextlib
import re
import struct
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pymysql
from pymysql import err
from pymysql.constants import SERVER_STATUS

from keeperdb.connections.profile import ConnectionProfile, Credential
from keeperdb.engines import mysql_catalog, mysql_ddl, mysql_read_only, mysql_side
from keeperdb.engines.base import CredentialSource, Execution, Node
from keeperdb.engines.cancel_ladder import climb
from keeperdb.engines.mysql_blocks import MySqlBlock, MySqlColumns, python_encoding
from keeperdb.engines.mysql_errors import is_lost, lost, query_error
from keeperdb.engines.mysql_execution import MySqlExecution
from keeperdb.engines.mysql_login import address_of, log_in, shut_down, twin
from keeperdb.engines.mysql_wire import PacketReader, RawRows, RowsEnd
from keeperdb.engines.server_connection import ServerConnection, prepared
from keeperdb.engines.sql_text import encode, leading_words, words
from keeperdb.errors import QueryError
from keeperdb.task import Task

_NOTICES_KEPT = 1_000
_SIDE_TIMEOUT = 2.0
_SESSION_OPTIONS = ("sql_mode", "time_zone")
_OWN_TRANSACTION = {"BEGIN", "START", "COMMIT", "ROLLBACK", "SET", "USE", "XA"}
_READING_WORDS = {"SELECT", "WITH", "VALUES", "TABLE", "SHOW", "DESCRIBE", "DESC", "EXPLAIN"}
_WRITING_WORDS = {"INSERT", "UPDATE", "DELETE", "REPLACE", "INTO", "ANALYZE"}


def open_mysql(
    product: str, profile: ConnectionProfile, credential: Credential | None, task: Task, *, timeout: float
) -> "MySqlConnection":
    """Open a connection to `product`, a display name. Raises `ConnectError` or `Cancelled`."""
    connection = MySqlConnection(log_in(profile, credential, task, timeout), product, profile, credential)
    return prepared(connection, task, connection.prepare_session)


class MySqlConnection(ServerConnection):
    """One connection of PyMySQL. It sends and authenticates; rows are read past it, as bytes.

    What stops a statement needs the credential: see `SideDoor`.
    """

    _execution: MySqlExecution | None

    def __init__(
        self,
        connection: Any,
        product: str,
        profile: ConnectionProfile,
        credential: Credential | None,
    ) -> None:
        super().__init__()
        self._connection = connection
        self._profile = profile
        self._side = mysql_side.SideDoor(profile, credential)
        self._address = address_of(profile)
        self._implicit = False  # the transaction that is open is the one around a single read-only statement
        self._notices: deque[str] = deque(maxlen=_NOTICES_KEPT)
        self._encoding = "utf-8"  # of what is sent
        self._kill_sent = False
        self._twin = twin(connection._sock)
        self._reader = PacketReader(connection._sock)
        connection._rfile.close()
        connection._rfile = self._reader
        self.server_version = _version(product, connection.get_server_info())
        self.database = profile.database
        self.user = (credential.user if credential else "") or profile.user

    def prepare_session(self) -> None:
        """Set what the profile asks for."""
        for name in _SESSION_OPTIONS:
            if self._profile.options.get(name):
                self.query(f"SET SESSION {name} = %s", (self._profile.options[name],))
        if self._profile.read_only:
            self.query("SET SESSION TRANSACTION READ ONLY")

    def execute(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> Execution:
        """Parameters are `%s` or `%(name)s`, written into the text by PyMySQL as literals."""
        with self.operation(statement):
            self._close_execution()
            if self._profile.read_only:
                mysql_read_only.check(statement)
            self._open_transaction(statement)
            try:
                self._send(statement, parameters)
                self._execution = MySqlExecution(self, statement)
            except pymysql.Error:
                self.finish_statement(failed=True)
                raise
            self._follow(statement)
            return self._execution

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

    def finish_statement(self, *, warnings: int = 0, failed: bool = False) -> None:
        """After the last result: fetch the warnings, and end the transaction around a single read-only statement."""
        if warnings:
            rows = self.query("SHOW WARNINGS")
            self._notices.extend(f"{level}: {text} ({code})" for level, code, text in rows)
        if self._implicit:
            self._implicit = False
            self.query("ROLLBACK" if failed else "COMMIT")

    def discard(self, statement: str, read_on: MySqlExecution) -> None:
        """Give up the rest of the results, without undoing what the statement does."""
        with contextlib.suppress(QueryError), self.operation():
            if only_reads(statement):
                self._kill()
            read_on.drain()

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

    def forget_credential(self, again: CredentialSource) -> None:
        self._side.forget_credential(again)

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

    def estimate_rows(self, statement: str, tables: Sequence[str]) -> int | None:
        with self.asking():
            try:
                if statement:
                    return mysql_side.planned_rows(self.query, statement)
                return mysql_side.table_rows(self.query, tables, self.database)
            except QueryError:
                return None

    def set_statement_timeout(self, seconds: int) -> bool:
        """MariaDB ends any statement, MySQL only those that read."""
        is_mariadb = self.server_version.startswith("MariaDB")
        name, value = ("max_statement_time", seconds) if is_mariadb else ("max_execution_time", seconds * 1000)
        self.query(f"SET SESSION {name} = {value:d}")
        return True

    def set_isolation(self, level: str) -> None:
        if not level:  # MySQL 8 renamed the variable
            names = "('tx_isolation', 'transaction_isolation')"
            level = (self.query(f"SHOW GLOBAL VARIABLES WHERE Variable_name IN {names}")[-1][1] or "").replace("-", " ")
        self.query(f"SET SESSION TRANSACTION ISOLATION LEVEL {level}")

    def children(self, node: Node | None) -> list[Node]:
        with self.asking():
            is_mariadb = self.server_version.startswith("MariaDB")
            return mysql_catalog.children(self.query, node, has_sequences=is_mariadb)

    def details(self, node: Node) -> list[Node]:
        with self.asking():
            return mysql_catalog.details(self.query, node)

    def stamp(self, node: Node | None) -> str | None:
        with self.asking():
            return mysql_catalog.stamp(self.query, node)

    def ddl(self, node: Node) -> str:
        with self.asking():
            return mysql_ddl.ddl(self.query, node)

    @property
    def in_transaction(self) -> bool:
        return self.is_open and not self._implicit and self._is_in_transaction()

    @property
    def is_open(self) -> bool:
        return bool(self._connection.open)

    def close(self) -> None:
        """A writing statement is read to its end first: to stop it would undo it."""
        if self._execution is not None and self.is_open and not only_reads(self._execution.statement):
            self._execution.close()
        self._abandon()

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

    def _follow(self, statement: str) -> None:
        """Take note of what a statement changed in the session, which this protocol does not tell by itself."""
        first = leading_words(statement, "mysql", 1)
        if first == ["USE"]:
            self.database = self.query("SELECT DATABASE()")[0][0] or ""
        elif first == ["SET"]:
            client, results = self.query("SELECT @@character_set_client, @@character_set_results")[0]
            self._encoding = python_encoding(client)
            self._connection.encoding = python_encoding(results)  # names of columns are read by PyMySQL

    def _end_result(self, end: RowsEnd) -> None:
        """Tell PyMySQL that the rows of its result were read."""
        self._connection.server_status = end.status
        result = self.result
        result.unbuffered_active = False
        result.connection = None
        result.has_next = end.status & SERVER_STATUS.SERVER_MORE_RESULTS_EXISTS

    def _open_transaction(self, statement: str) -> None:
        """The server stays in autocommit mode, which it could not leave without committing; BEGIN is sent instead."""
        if self._is_in_transaction():
            return
        if self._profile.read_only:
            self._implicit = self._autocommit
            self.query(mysql_read_only.OPEN_TRANSACTION)
        elif not self._autocommit and not _OWN_TRANSACTION.intersection(leading_words(statement, "mysql", 1)):
            self.query("BEGIN")

    def _is_in_transaction(self) -> bool:
        return bool(self._connection.server_status & SERVER_STATUS.SERVER_STATUS_IN_TRANS)

    def _end_transaction(self, statement: str) -> None:
        with self.asking():
            if self.in_transaction:
                self.query(statement)

    def _kill(self, seconds: float = _SIDE_TIMEOUT) -> bool:
        """KILL QUERY over a second connection; False when none could be opened."""
        is_sent = self._side.kill(f"QUERY {self._connection.thread_id():d}", seconds)
        self._kill_sent = self._kill_sent or is_sent  # once it was acknowledged: it cannot come after what absorbs it
        return is_sent


def _version(product: str, text: str) -> str:
    """`5.5.5-10.11.6-MariaDB-0+deb12u1` -> `MariaDB 10.11.6`; MariaDB puts 5.5.5 before it for old clients."""
    if "MariaDB" in text:
        product = "MariaDB"
        text = text.removeprefix("5.5.5-")
    match = re.match(r"[\d.]+", text)
    return f"{product} {match[0] if match else text}"


def only_reads(statement: str) -> bool:
    """Whether stopping the statement early undoes nothing; when in doubt, no."""
    if not _READING_WORDS.intersection(leading_words(statement.lstrip("( \t\r\n"), "mysql", 1)):
        return False
    return not _WRITING_WORDS.intersection(words(statement, "mysql"))
