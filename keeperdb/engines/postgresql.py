"""PostgreSQL."""

from collections.abc import Sequence

from keeperdb.connections.profile import ConnectionProfile, Credential
from keeperdb.engines.base import Capabilities, DriverConnection, Engine
from keeperdb.engines.installed import driver
from keeperdb.task import Task


class PostgreSqlEngine(Engine):
    """PostgreSQL through psycopg 3 and libpq."""

    id = "postgresql"
    name = "PostgreSQL"
    aliases = ("postgres", "pgsql", "psycopg", "timescale", "yugabyte")
    default_port = 5432
    capabilities = Capabilities(
        has_transactional_ddl=True, isolation_levels=("read committed", "repeatable read", "serializable")
    )
    dialect = "postgres"
    host_help = "A name, an address, or the folder of a socket."
    options = ("application_name", "lock_timeout", "search_path", "statement_timeout", "timezone")

    def connect(
        self, profile: ConnectionProfile, credential: Credential | None, task: Task, *, timeout: float = 15.0
    ) -> DriverConnection:
        """Open a connection; an empty host means the Unix socket of this machine, a leading slash its folder."""
        with driver("psycopg", "pip install 'psycopg[binary]'"):
            from keeperdb.engines.postgresql_connection import open_postgresql

        return open_postgresql(profile, credential, task, timeout=timeout)

    def quote(self, name: str) -> str:
        """`"name"` with quotes doubled (https://www.postgresql.org/docs/current/sql-syntax-lexical.html)."""
        return '"' + name.replace('"', '""') + '"'

    def select_all(self, path: Sequence[str]) -> str:
        """The database is left out of the name: it is the one that is connected to."""
        return super().select_all(path[-2:])
