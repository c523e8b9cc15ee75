"""Opening a connection to SQL Server: the driver, the connection string, and who logs in."""

import re
import struct
from collections.abc import Sequence

from sqlalchemy.engine import URL

from keeperdb.connections.profile import ConnectionProfile, Credential, TlsMode
from keeperdb.engines.odbc_drivers import installed_drivers
from keeperdb.engines.tls import effective_mode
from keeperdb.errors import ConnectError, ConnectReason
from keeperdb.keychain import Secret
from keeperdb.task import Task

_DEFAULT_PORT = 1433
_ACCESS_TOKEN = 1256  # SQL_COPT_SS_ACCESS_TOKEN (msodbcsql.h)
_KILL_TIMEOUT = 2.0  # seconds for the login of a second connection that stops the first
_YES = ("1", "on", "true", "yes")
_AUTHENTICATIONS = ("sql", "windows", "entra")

_MICROSOFT = re.compile(r"ODBC Driver (?P<version>\d+) for SQL Server")
_FREETDS = re.compile(r"FreeTDS", re.IGNORECASE)
_INSTALL = (
    "Install one. FreeTDS: apt-get install unixodbc tdsodbc (Debian, Ubuntu). Microsoft's: add the packages of "
    "https://learn.microsoft.com/sql/connect/odbc/linux-mac/installing-the-microsoft-odbc-driver-for-sql-server, "
    "then ACCEPT_EULA=Y apt-get install msodbcsql18."
)


def choose_driver(installed: Sequence[str], wanted: str = "") -> str:
    """The driver of that name, else Microsoft's newest, else FreeTDS. Raises `ConnectError` with reason DRIVER."""
    if wanted:
        if wanted in installed:
            return wanted
        usable = [name for name in installed if _MICROSOFT.fullmatch(name) or _FREETDS.search(name)]
        raise ConnectError(
            ConnectReason.DRIVER,
            f"The ODBC driver “{wanted}” is not installed.",
            f"Change the option “driver”: there is {', '.join(usable)}." if usable else _INSTALL,
        )
    found = [(int(match["version"]), match[0]) for name in installed if (match := _MICROSOFT.fullmatch(name))]
    if found:
        return max(found)[1]
    freetds = next((name for name in installed if _FREETDS.search(name)), "")
    if freetds:
        return freetds
    raise ConnectError(ConnectReason.DRIVER, "No ODBC driver for SQL Server is installed on this machine.", _INSTALL)


def is_freetds(driver: str) -> bool:
    return _FREETDS.search(driver) is not None


def open_sql_server(  # type: ignore[no-untyped-def]  # noqa: ANN201
    profile: ConnectionProfile, credential: Credential | None, task: Task, *, timeout: float
):
    raise NotImplementedError
