"""Oracle Database."""

from collections.abc import Sequence

from keeperdb.connections.profile import ConnectionProfile, Credential
from keeperdb.engines.base import Capabilities, DriverConnection, Engine
from keeperdb.task import Task


class OracleEngine(Engine):
    """Oracle through python-oracledb in its thin mode, which needs no client libraries (Oracle 12.1 and newer).

    A connection's database is the name of a service, unless the option `sid` is set.
    """

    id = "oracle"
    name = "Oracle"
    aliases = ("oracledb", "cxoracle", "oraclethin")
    default_port = 1521
    capabilities = Capabilities(has_databases=False)
    dialect = "oracle"
    options = (
        "current_schema",
        "role",  # sysdba, sysoper …
        "sid",
        "ssl_server_cert_dn",
        "statement_timeout",  # seconds
        "wallet",  # a folder with ewallet.pem
    )

    def connect(
        self, profile: ConnectionProfile, credential: Credential | None, task: Task, *, timeout: float = 15.0
    ) -> DriverConnection:
        """Open a connection; TLS modes that need TLS speak TCPS, the others TCP, since Oracle does not negotiate."""
        from keeperdb.engines.oracle_connection import open_oracle

        return open_oracle(profile, credential, task, timeout=timeout)

    def quote(self, name: str) -> str:
        """`"name"`. Oracle's names cannot contain a quote (Database Object Naming Rules), and the NUL character.

        Raises `ValueError` for a name with either, which no object can have.
        """
        if '"' in name or "\0" in name:
            raise ValueError("A name in Oracle cannot contain a quotation mark or a NUL character.")
        return f'"{name}"'

    def select_all(self, path: Sequence[str]) -> str:
        """Schema and table."""
        return super().select_all(path[-2:])
