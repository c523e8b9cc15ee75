"""SQLite: a file, or a database in memory."""

from keeperdb.connections.profile import ConnectionProfile, Credential
from keeperdb.engines.base import Capabilities, DriverConnection, Engine
from keeperdb.task import Task


class SqliteEngine(Engine):
    """SQLite through Python's own `sqlite3`."""

    id = "sqlite"
    name = "SQLite"
    aliases = ("sqlite3", "pysqlite")
    default_port = None
    capabilities = Capabilities(
        is_file=True,
        has_databases=False,
        has_schemas=False,
        has_users=False,
        has_tls=False,
        has_transactional_ddl=True,
    )
    dialect = "sqlite"
    options = ("create",)

    def connect(
        self, profile: ConnectionProfile, credential: Credential | None, task: Task, *, timeout: float = 15.0
    ) -> DriverConnection:
        """Open the file. It must exist, unless the option `create` is on; an empty path means memory."""
        from keeperdb.engines.sqlite_connection import open_sqlite

        task.check()
        return open_sqlite(profile, timeout=timeout)

    def quote(self, name: str) -> str:
        """`"name"` with quotes doubled (https://www.sqlite.org/lang_keywords.html)."""
        return '"' + name.replace('"', '""') + '"'
