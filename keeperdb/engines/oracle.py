"""Oracle Database."""

from collections.abc import Sequence

from keeperdb.connections.profile import ConnectionProfile, Credential
from keeperdb.engines.base import Capabilities, DriverConnection, Engine
from keeperdb.engines.installed import driver
from keeperdb.task import Task


class OracleEngine(Engine):
    """Oracle through python-oracledb in its thin mode, which needs no client libraries (Oracle 12.1 and newer).

    A connection's database is the name of a service, unless the option `sid` is set.
    """

    id = "oracle"
    name = "Oracle"
    aliases = ("oracledb", "cxoracle", "oraclethin")
    default_port = 1521
    capabilities = Capabilities(
        has_databases=False, negotiates_tls=False, isolation_levels=("read committed", "serializable")
    )
    dialect = "oracle"
    options = (
        "current_schema",
        "role",  # sysdba, sysoper …
        "sid",
        "ssl_server_cert_dn",
        "statement_timeout",  # seconds
        "wallet",  # a folder with ewallet.pem
    )
    database_help = "The name of the service; for a SID set the option “sid”."
    tls_help = "Modes that encrypt speak TCPS, which has a port of its own on the server (often 2484)."
    read_only_help = (
        "Enforced by the server: every query runs in a read-only transaction. Only queries are sent; one that calls a "
        "function with an autonomous transaction could still write."
    )

    def connect(
        self, profile: ConnectionProfile, credential: Credential | None, task: Task, *, timeout: float = 15.0
    ) -> DriverConnection:
        """Open a connection; TLS modes that need TLS speak TCPS, the others TCP, since Oracle does not negotiate."""
        with driver("oracledb", "pip install oracledb"):
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
