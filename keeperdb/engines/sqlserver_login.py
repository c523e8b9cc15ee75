"""Opening a connection to SQL Server: the driver, the connection string, and who logs in."""

import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keeperdb.connections.profile import ConnectionProfile, Credential, TlsMode
from keeperdb.engines.odbc_drivers import installed_drivers
from keeperdb.engines.tls import effective_mode
from keeperdb.errors import ConnectError, ConnectReason
from keeperdb.task import Task

if TYPE_CHECKING:
    from keeperdb.engines.odbc_connection import OdbcConnection

_DEFAULT_PORT = 1433
_ACCESS_TOKEN = 1256  # SQL_COPT_SS_ACCESS_TOKEN (msodbcsql.h)
_YES = ("1", "on", "true", "yes")
_AUTHENTICATIONS = ("sql", "windows", "entra")
_HOST = re.compile(r"[A-Za-z0-9._:%-]+")
_INSTANCE = re.compile(r"[A-Za-z0-9_$#]*")

_MICROSOFT = re.compile(r"ODBC Driver (?P<version>\d+) for SQL Server")
_FREETDS = re.compile(r"FreeTDS", re.IGNORECASE)
_MICROSOFTS = (
    "Microsoft's driver: add the packages of "
    "https://learn.microsoft.com/sql/connect/odbc/linux-mac/installing-the-microsoft-odbc-driver-for-sql-server, "
    "then ACCEPT_EULA=Y apt-get install msodbcsql18."
)
_INSTALL = f"Install one. FreeTDS: apt-get install unixodbc tdsodbc (Debian, Ubuntu). {_MICROSOFTS}"


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


@dataclass(frozen=True, slots=True)
class Login:
    """What a connection is opened with."""

    driver: str
    fields: Mapping[str, str] = field(repr=False)
    attributes: Mapping[int, int | bytes] = field(repr=False)  # set before the handshake


def login(profile: ConnectionProfile, credential: Credential | None, driver: str) -> Login:
    """The fields of the connection string and the attributes. Raises `ConnectError` with reason PROFILE or TLS."""
    authentication = profile.options.get("authentication", "sql").lower()
    if authentication not in _AUTHENTICATIONS:
        raise _bad_profile(
            f"The option “authentication” cannot be “{authentication}”.", f"One of: {', '.join(_AUTHENTICATIONS)}."
        )
    fields = {"DRIVER": driver, **_place(profile, driver), **_tls(profile, driver), **_session(profile, driver)}
    user = (credential.user if credential else "") or profile.user
    secret = credential.password.reveal() if credential and credential.password else ""
    if authentication == "sql":
        return Login(driver, {**fields, "UID": user, "PWD": secret}, {})
    if authentication == "windows":
        return Login(driver, {**fields, "Trusted_Connection": "Yes"}, {})
    if is_freetds(driver):
        raise _bad_profile("FreeTDS cannot log in with an Entra token.", f"Use Microsoft's. {_MICROSOFTS}")
    if not secret:
        raise ConnectError(
            ConnectReason.PASSWORD_NEEDED, f"“{profile.name}” needs an Entra token.", "Enter it as the password."
        )
    return Login(driver, fields, {_ACCESS_TOKEN: access_token(secret)})


def access_token(token: str) -> bytes:
    """The structure ACCESSTOKEN: its length in bytes, then the token in UTF-16
    (https://learn.microsoft.com/sql/connect/odbc/using-azure-active-directory)."""
    content = token.strip().encode("utf-16-le")
    return struct.pack(f"<I{len(content)}s", len(content), content)


def _place(profile: ConnectionProfile, driver: str) -> dict[str, str]:
    """Host with port or instance. A named instance without a port is asked for at the server's browser service."""
    host, instance = profile.host or "localhost", profile.options.get("instance", "")
    if not _HOST.fullmatch(host) or not _INSTANCE.fullmatch(instance):
        raise _bad_profile("The host or the instance has a character that does not belong there.", "Check both.")
    database = {"Database": profile.database} if profile.database else {}
    if instance and not profile.port:
        return {"Server": f"{host}\\{instance}", **database}
    port = str(profile.port or _DEFAULT_PORT)
    if is_freetds(driver):
        return {"Server": host, "Port": port, **database}
    return {"Server": f"tcp:{host},{port}", **database}


def _tls(profile: ConnectionProfile, driver: str) -> dict[str, str]:
    mode = effective_mode(profile)
    if profile.tls_ca or profile.tls_certificate:
        raise ConnectError(
            ConnectReason.TLS,
            "ODBC drivers for SQL Server take certificates from this system only.",
            "Add the authority to the system's (update-ca-certificates), and leave the connection's TLS files empty.",
        )
    if is_freetds(driver):
        return _freetds_tls(profile, mode)
    if mode is TlsMode.DISABLE:
        return {"Encrypt": "no"}
    if mode in (TlsMode.REQUIRE, TlsMode.PREFER):
        return {"Encrypt": "yes", "TrustServerCertificate": "yes"}
    name = profile.options.get("host_name_in_certificate", "")
    return {"Encrypt": "yes", "TrustServerCertificate": "no", **({"HostNameInCertificate": name} if name else {})}


def _freetds_tls(profile: ConnectionProfile, mode: TlsMode) -> dict[str, str]:
    """FreeTDS checks certificates only by its own configuration file, which a connection cannot set."""
    if mode in (TlsMode.VERIFY_FULL, TlsMode.VERIFY_CA):
        raise ConnectError(
            ConnectReason.TLS,
            f"FreeTDS cannot check the certificate of {profile.host}.",
            "Choose the TLS mode “require”, which encrypts without checking who answers, or use Microsoft's driver. "
            + _MICROSOFTS,
        )
    return {"Encryption": {TlsMode.DISABLE: "off", TlsMode.PREFER: "request"}.get(mode, "require")}


def _session(profile: ConnectionProfile, driver: str) -> dict[str, str]:
    fields = {"APP": profile.options.get("application_name") or "KeeperDB"}
    if profile.read_only:
        fields["ApplicationIntent"] = "ReadOnly"  # chooses a readable replica; writes are still possible
    if is_freetds(driver):
        return {**fields, "TDS_Version": "7.4", "ClientCharset": "UTF-8"}
    if profile.options.get("multi_subnet_failover", "").lower() in _YES:
        fields["MultiSubnetFailover"] = "Yes"
    return {**fields, "ConnectRetryCount": "0"}  # a connection that was lost in silence would lose its transaction too


def query_timeout(profile: ConnectionProfile) -> int:
    """Seconds; 0 for none. Raises `ConnectError` with reason PROFILE."""
    text = profile.options.get("query_timeout", "") or "0"
    if not re.fullmatch(r"[0-9]{1,6}", text):
        raise _bad_profile("The option “query_timeout” is not a number of seconds.", "Write it as digits.")
    return int(text)


def _bad_profile(message: str, hint: str) -> ConnectError:
    return ConnectError(ConnectReason.PROFILE, message, hint)


def open_sql_server(
    profile: ConnectionProfile, credential: Credential | None, task: Task, *, timeout: float
) -> "OdbcConnection":
    """Open a connection. Raises `ConnectError` or `Cancelled`."""
    driver = choose_driver(installed_drivers(), profile.options.get("driver", ""))
    chosen = login(profile, credential, driver)
    seconds = query_timeout(profile)
    task.check()
    from keeperdb.engines.sqlserver_connection import connect_sql_server

    return connect_sql_server(profile, chosen, task, timeout=timeout, query_timeout=seconds)
