"""Amazon Redshift."""

from collections.abc import Sequence

from keeperdb.connections.profile import ConnectionProfile, Credential
from keeperdb.engines.base import Capabilities, DriverConnection, Engine
from keeperdb.engines.installed import driver
from keeperdb.task import Task


class RedshiftEngine(Engine):
    """Redshift through psycopg, since it speaks PostgreSQL's protocol; its catalogue and its types are its own.

    Read-only is best effort: transactions are opened as READ ONLY and what may write is refused here, but Redshift
    does not document that a session cannot leave it.
    """

    id = "redshift"
    name = "Amazon Redshift"
    aliases = ("awsredshift", "redshiftserverless")
    default_port = 5439
    capabilities = Capabilities(has_transactional_ddl=True, enforces_read_only=False)
    dialect = "redshift"
    options = ("application_name", "query_group", "search_path", "statement_timeout", "timezone")
    database_help = "Opened first; empty for “dev”."
    read_only_help = (
        "Best effort: transactions are opened as read-only and what may write is refused here, but Redshift does not "
        "promise that a session cannot leave them. Use a user who may only read as well."
    )

    def connect(
        self, profile: ConnectionProfile, credential: Credential | None, task: Task, *, timeout: float = 15.0
    ) -> DriverConnection:
        """Open a connection; with TLS, the certificate checked, unless the profile says otherwise."""
        with driver("psycopg", "pip install 'psycopg[binary]'"):
            from keeperdb.engines.redshift_connection import open_redshift

        return open_redshift(profile, credential, task, timeout=timeout)

    def quote(self, name: str) -> str:
        """`"name"` with quotes doubled (https://docs.aws.amazon.com/redshift/latest/dg/r_names.html)."""
        return '"' + name.replace('"', '""') + '"'

    def select_all(self, path: Sequence[str]) -> str:
        """The database is left out of the name: it is the one that is connected to."""
        return super().select_all(path[-2:])
