"""An open connection to PostgreSQL: its session, transactions, catalogue, and what it copies."""

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import pq

from keeperdb.connections.profile import ConnectionProfile, Credential
from keeperdb.engines import postgresql_catalog, postgresql_ddl, postgresql_read_only, postgresql_side
from keeperdb.engines.base import Execution, Node
from keeperdb.engines.postgresql_blocks import PgColumns
from keeperdb.engines.postgresql_copy import PgCopy, copy_command, copy_data, copyable, in_query
from keeperdb.engines.postgresql_execution import PgExecution
from keeperdb.engines.postgresql_login import log_in
from keeperdb.engines.postgresql_wire import IN_TRANSACTION, PgWire
from keeperdb.engines.server_connection import prepared
from keeperdb.engines.sql_text import leading_words, words
from keeperdb.errors import ConnectError, QueryError
from keeperdb.task import Task

_SAVEPOINT = "keeperdb_statement"
_SESSION_OPTIONS = ("lock_timeout", "search_path", "statement_timeout", "timezone")
_OWN_TRANSACTION = {"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT"}
_OWN_SAVEPOINTS = {*_OWN_TRANSACTION, "SAVEPOINT", "RELEASE", "PREPARE"}
_READING_WORDS = {"SELECT", "TABLE", "VALUES", "SHOW", "EXPLAIN"}
_WRITING_WORDS = {"INSERT", "UPDATE", "DELETE", "MERGE", "INTO", "ANALYZE"}
_USABLE = (pq.TransactionStatus.IDLE, pq.TransactionStatus.INTRANS)


def open_postgresql(
    profile: ConnectionProfile, credential: Credential | None, task: Task, *, timeout: float
) -> "PostgreSqlConnection":
    """Open a connection. Raises `ConnectError` or `Cancelled`."""
    connection = PostgreSqlConnection(log_in(profile, credential, task, timeout), profile, credential)
    return prepared(connection, task, lambda: connection.prepare_session(profile))


class PostgreSqlConnection(PgWire):
    """One session on a server."""

    _execution: PgExecution | None

    def __init__(
        self,
        connection: "psycopg.Connection[tuple[object, ...]]",
        profile: ConnectionProfile,
        credential: Credential | None = None,
    ) -> None:
        super().__init__(connection, profile, credential)
        self._has_savepoint = False
        self._read_only = profile.read_only
        self._implicit = False  # the transaction that is open is the one around a single read-only statement
        self._type_names: dict[int, str] = {}
        self._unknown_types: set[int] = set()
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
    def type_names(self) -> Mapping[int, str]:
        return self._type_names

    def execute(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] | None = None) -> Execution:
        """Parameters are `$1`, `$2` …, sent apart from the text."""
        with self.asking():
            self._begin(statement)
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
        with self.asking():
            self._begin(statement)
            try:
                return self._begin_copy(statement, query, delimiter)
            except QueryError:
                self.finish_statement(failed=True)
                raise

    def _begin(self, statement: str) -> None:
        """All that goes before a statement of the person."""
        if self._read_only:
            postgresql_read_only.check(statement)
        self._learn_unknown_types()
        self._open_transaction(statement)

    def _begin_copy(self, statement: str, query: str, delimiter: str) -> PgCopy | None:
        result = self.describe(statement)
        described = None if result.nparams else PgColumns(result, self._type_names, self.encoding)
        if described is None or described.binary or not described.columns:
            self.finish_statement()
            return None
        try:
            self.begin_copy_out(copy_command(query, delimiter))
        except QueryError as error:
            raise in_query(error) from error
        return PgCopy(self, described)

    def finish_copy(self) -> None:
        """After the last row. Raises `QueryError` for what stopped the copying."""
        self._skip_results()
        self.finish_statement()

    def abandon_copy(self) -> None:
        """Stop a copy whose rows are not wanted any more."""
        with contextlib.suppress(QueryError, ConnectError), self.operation():
            self.request_cancel()
            ended = False
            while not ended:
                _, ended = self.wait_for(copy_data)
            self._drain()
            self.finish_statement(failed=True)

    def finish_statement(self, *, failed: bool = False) -> None:
        """After the last result: end the transaction that was opened around a single read-only statement."""
        if self._implicit:
            self._implicit = False
            if self._pgconn.transaction_status in IN_TRANSACTION:
                self._command("ROLLBACK" if failed else "COMMIT")

    def discard(self, statement: str) -> None:
        """Give up the rest of a result, without undoing what the statement does."""
        with contextlib.suppress(QueryError), self.operation():
            if only_reads(statement) and (self._implicit or not self.in_transaction):
                self.request_cancel()
            self._drain()
            self.finish_statement(failed=True)

    def estimate_rows(self, statement: str, tables: Sequence[str]) -> int | None:
        with self.asking():
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
        with self.asking():
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
        with self.asking():
            return postgresql_catalog.children(self.query, node, self.database)

    def stamp(self, node: Node | None) -> str | None:
        with self.asking():
            return postgresql_catalog.stamp(self.query, node)

    def ddl(self, node: Node) -> str:
        with self.asking():
            return postgresql_ddl.ddl(self.query, node)

    @property
    def in_transaction(self) -> bool:
        if not self.is_open or self._implicit:
            return False
        status = self._pgconn.transaction_status
        if status == pq.TransactionStatus.ACTIVE:  # rows are on their way, and libpq cannot tell
            return self._sent_in_transaction
        return status in IN_TRANSACTION

    @property
    def has_failed(self) -> bool:
        return self.in_transaction and self._pgconn.transaction_status == pq.TransactionStatus.INERROR

    def close(self) -> None:
        """A writing statement is read to its end first: to stop it would undo it."""
        if self._execution is not None and self.is_open and not only_reads(self._execution.statement):
            self._execution.close()
        self._abandon()

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
        with self.asking():
            if self.has_failed and statement == "COMMIT":  # the server would roll back, and call that a success
                raise QueryError(
                    "Nothing was committed: a statement of this transaction failed.", "Roll it back, then run it again."
                )
            if self.in_transaction:
                self._command(statement)

    def _learn_unknown_types(self) -> None:
        """Types made since the last look; asked for between statements, because a result may be on its way."""
        if self._unknown_types and self._pgconn.transaction_status in _USABLE:
            self._unknown_types.clear()
            self._type_names.update(postgresql_catalog.type_names(self.query))

    def note_unknown_types(self, oids: set[int]) -> None:
        self._unknown_types |= oids


def only_reads(statement: str) -> bool:
    """Whether stopping the statement early undoes nothing; when in doubt, no."""
    first = (leading_words(statement, "postgres", 1) or [""])[0]
    if first not in _READING_WORDS and first != "WITH":
        return False
    return not _WRITING_WORDS.intersection(words(statement, "postgres"))
