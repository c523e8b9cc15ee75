"""An open connection to Redshift: PostgreSQL's, without what Redshift lacks.

Where Redshift differs from PostgreSQL (https://docs.aws.amazon.com/redshift/latest/dg/c_redshift-and-postgres-sql.html):
it calls its encoding UNICODE, which psycopg has no codec for; it has no types of its users' own to be learnt; the
catalogue of external and late-binding objects is in its SVV views.
"""

import re
from collections.abc import Sequence

from keeperdb.connections.profile import ConnectionProfile, Credential
from keeperdb.engines import redshift_catalog, redshift_ddl
from keeperdb.engines.base import Node
from keeperdb.engines.postgresql_connection import PostgreSqlConnection
from keeperdb.engines.postgresql_login import log_in
from keeperdb.engines.server_connection import prepared
from keeperdb.errors import QueryError, UnsupportedError
from keeperdb.task import Task

_DEFAULT_PORT = 5439
_DEFAULT_DATABASE = "dev"
_SESSION_OPTIONS = ("query_group", "search_path", "statement_timeout", "timezone")
_VERSION = re.compile(r"Redshift (?P<version>[\d.]+)")

# Types that PostgreSQL lacks (com.amazon.redshift.core.Oid in Amazon's JDBC driver)
_TYPE_NAMES = {
    1188: "interval year to month",
    1190: "interval day to second",
    2935: "hllsketch",
    3000: "geometry",
    3001: "geography",
    3999: "geometry",
    4000: "super",
    6551: "varbyte",
}


def open_redshift(
    profile: ConnectionProfile, credential: Credential | None, task: Task, *, timeout: float
) -> "RedshiftConnection":
    """Open a connection. Raises `ConnectError` or `Cancelled`."""
    profile = with_defaults(profile)
    connection = RedshiftConnection(log_in(profile, credential, task, timeout), profile, credential)
    return prepared(connection, task, lambda: connection.prepare_session(profile))


def with_defaults(profile: ConnectionProfile) -> ConnectionProfile:
    """`profile` with the port and the database that every cluster has; there is no Unix socket to fall back on."""
    return profile.with_(
        host=profile.host or "localhost",
        port=profile.port or _DEFAULT_PORT,
        database=profile.database or _DEFAULT_DATABASE,
    )


class RedshiftConnection(PostgreSqlConnection):
    """One connection of psycopg to Redshift."""

    def prepare_session(self, profile: ConnectionProfile) -> None:
        """Set what the profile asks for, and learn what the server is."""
        self._type_names.update(_TYPE_NAMES)
        for name in _SESSION_OPTIONS:
            if profile.options.get(name):
                self.query("SELECT set_config($1, $2, false)", (name, profile.options[name]))
        self.server_version = version_line(self.query("SELECT version()")[0][0] or "") or self.server_version

    @property
    def encoding(self) -> str:
        """Redshift stores and sends UTF-8 only."""
        return "utf-8"

    def children(self, node: Node | None) -> list[Node]:
        with self.asking():
            return redshift_catalog.children(self.query, node, self.database)

    def copy_csv(self, statement: str, delimiter: str) -> None:
        """Redshift has no COPY to the client, so rows are written here."""

    def details(self, node: Node) -> list[Node]:
        """Rows and sizes come from a view that only superusers may read, unless they let others."""
        if self.in_transaction:
            return []  # a refusal would end the transaction
        with self.asking():
            try:
                return redshift_catalog.details(self.query, node)
            except QueryError:
                return []

    def stamp(self, node: Node | None) -> None:
        """Redshift's catalogue does not tell which transaction wrote a row, so it is read again."""

    def ddl(self, node: Node) -> str:
        with self.asking():
            return redshift_ddl.ddl(self.query, node)

    def estimate_rows(self, statement: str, tables: Sequence[str]) -> None:
        """Redshift's EXPLAIN is text only, and it has no to_regclass()."""

    def set_isolation(self, level: str) -> None:
        """Redshift's is chosen for a whole database."""
        raise UnsupportedError("The isolation level of Amazon Redshift is set for a database, not for a session.")

    def savepoint(self) -> bool:
        """Redshift has none: a failure takes back the whole transaction."""
        return False

    def rollback_to_savepoint(self) -> bool:
        """There is none to go back to."""
        return False

    def _learn_unknown_types(self) -> None:
        """There are none that users make."""


def version_line(text: str) -> str:
    """`Amazon Redshift 1.0.12103` from what version() says; empty for another server."""
    match = _VERSION.search(text)
    return f"Amazon Redshift {match['version']}" if match else ""
