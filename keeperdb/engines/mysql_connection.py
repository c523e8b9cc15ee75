"""An open connection to MySQL or MariaDB."""

import contextlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pymysql

from keeperdb.connections.profile import ConnectionProfile, Credential
from keeperdb.engines import mysql_catalog, mysql_ddl, mysql_read_only, mysql_side
from keeperdb.engines.base import Execution, Node
from keeperdb.engines.mysql_blocks import python_encoding
from keeperdb.engines.mysql_conversation import MySqlConversation
from keeperdb.engines.mysql_execution import MySqlExecution
from keeperdb.engines.mysql_login import log_in
from keeperdb.engines.server_connection import prepared
from keeperdb.engines.sql_text import leading_words, words
from keeperdb.errors import QueryError
from keeperdb.task import Task

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


class MySqlConnection(MySqlConversation):
    """One session on a server."""

    _execution: MySqlExecution | None

    def __init__(
        self,
        connection: Any,
        product: str,
        profile: ConnectionProfile,
        credential: Credential | None,
    ) -> None:
        super().__init__(connection, profile, credential)
        self._implicit = False  # the transaction that is open is the one around a single read-only statement
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

    def finish_statement(self, *, warnings: int = 0, failed: bool = False) -> None:
        """After the last result: fetch the warnings, and end the transaction around a single read-only statement."""
        if warnings:
            rows = self.query("SHOW WARNINGS")
            self._notices.extend(f"{level}: {text} ({code})" for level, code, text in rows)
        if failed and self._is_in_transaction():
            self._ask_status()
        if self._implicit:
            self._implicit = False
            self.query("ROLLBACK" if failed else "COMMIT")

    def discard(self, statement: str, read_on: MySqlExecution) -> None:
        """Give up the rest of the results, without undoing what the statement does."""
        with contextlib.suppress(QueryError), self.operation():
            if only_reads(statement):
                self._kill()
            read_on.drain()

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

    def close(self) -> None:
        """A writing statement is read to its end first: to stop it would undo it."""
        if self._execution is not None and self.is_open and not only_reads(self._execution.statement):
            self._execution.close()
        self._abandon()

    def _follow(self, statement: str) -> None:
        """Take note of what a statement changed in the session, which this protocol does not tell by itself."""
        first = leading_words(statement, "mysql", 1)
        if first == ["USE"]:
            self.database = self.query("SELECT DATABASE()")[0][0] or ""
        elif first == ["SET"]:
            client, results = self.query("SELECT @@character_set_client, @@character_set_results")[0]
            self._encoding = python_encoding(client)
            self._connection.encoding = python_encoding(results)  # names of columns are read by PyMySQL

    def _open_transaction(self, statement: str) -> None:
        """The server stays in autocommit mode, which it could not leave without committing; BEGIN is sent instead."""
        if self._is_in_transaction():
            return
        if self._profile.read_only:
            self._implicit = self._autocommit
            self.query(mysql_read_only.OPEN_TRANSACTION)
        elif not self._autocommit and not _OWN_TRANSACTION.intersection(leading_words(statement, "mysql", 1)):
            self.query("BEGIN")

    def _end_transaction(self, statement: str) -> None:
        with self.asking():
            if self.in_transaction:
                self.query(statement)


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
