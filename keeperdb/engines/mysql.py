"""MySQL and MariaDB: one protocol, two products."""

from keeperdb.connections.profile import ConnectionProfile, Credential
from keeperdb.engines.base import Capabilities, DriverConnection, Engine
from keeperdb.engines.installed import driver
from keeperdb.task import Task


class MySqlEngine(Engine):
    """MySQL through PyMySQL. Its databases are its schemas."""

    id = "mysql"
    name = "MySQL"
    aliases: tuple[str, ...] = ("pymysql", "mysqldb", "percona", "auroramysql")
    default_port = 3306
    capabilities = Capabilities(
        has_schemas=False,
        isolation_levels=("read uncommitted", "read committed", "repeatable read", "serializable"),
    )
    dialect = "mysql"
    options = ("sql_mode", "time_zone", "unix_socket")
    host_help = "A name or an address; for a Unix socket set the option “unix_socket”."

    def connect(
        self, profile: ConnectionProfile, credential: Credential | None, task: Task, *, timeout: float = 15.0
    ) -> DriverConnection:
        """Open a connection; the option `unix_socket` goes before host and port."""
        with driver("pymysql", "pip install PyMySQL"):
            from keeperdb.engines.mysql_connection import open_mysql

        return open_mysql(self.name, profile, credential, task, timeout=timeout)

    def quote(self, name: str) -> str:
        """The name in backticks, doubled inside (https://dev.mysql.com/doc/refman/8.4/en/identifiers.html)."""
        return "`" + name.replace("`", "``") + "`"


class MariaDbEngine(MySqlEngine):
    """MariaDB through PyMySQL."""

    id = "mariadb"
    name = "MariaDB"
    aliases = ("maria",)
