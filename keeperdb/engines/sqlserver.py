"""Microsoft SQL Server and Azure SQL."""

from collections.abc import Sequence

from keeperdb.connections.profile import ConnectionProfile, Credential
from keeperdb.engines.base import Capabilities, DriverConnection, Engine
from keeperdb.task import Task


class SqlServerEngine(Engine):
    """SQL Server through pyodbc, with Microsoft's ODBC driver or FreeTDS.

    Read-only is best effort: SQL Server has no switch for it, so statements that may write are refused here and
    everything is rolled back.
    """

    id = "sqlserver"
    name = "SQL Server"
    aliases = ("mssql", "sqlsrv", "azuresql", "tsql", "azuresynapse")
    default_port = 1433
    capabilities = Capabilities(
        has_transactional_ddl=True,
        enforces_read_only=False,
        has_tls_files=False,
        isolation_levels=("read uncommitted", "read committed", "repeatable read", "snapshot", "serializable"),
    )
    dialect = "tsql"
    options = (
        "application_name",
        "authentication",  # sql, windows or entra
        "driver",  # the name of an ODBC driver that is installed
        "host_name_in_certificate",
        "instance",
        "multi_subnet_failover",
        "query_timeout",  # seconds
    )
    host_help = "A name or an address; for a named instance set the option “instance”."
    tls_help = "Authorities are those of this system. FreeTDS cannot check certificates: it needs Microsoft's driver."
    read_only_help = (
        "Best effort: SQL Server has no switch for it. What may write is refused here, and everything is rolled back. "
        "Use a login that may only read as well."
    )

    def connect(
        self, profile: ConnectionProfile, credential: Credential | None, task: Task, *, timeout: float = 15.0
    ) -> DriverConnection:
        """Open a connection with the ODBC driver of the option `driver`, else with the best that is installed."""
        from keeperdb.engines.sqlserver_login import open_sql_server

        return open_sql_server(profile, credential, task, timeout=timeout)

    def quote(self, name: str) -> str:
        """`[name]` with closing brackets doubled
        (https://learn.microsoft.com/sql/relational-databases/databases/database-identifiers)."""
        return "[" + name.replace("]", "]]") + "]"

    def select_all(self, path: Sequence[str]) -> str:
        """Database, schema and table: other databases of the server may be read as well."""
        return super().select_all(path[-3:])
