"""Opening a connection to Oracle: parameters of fields, TLS, and a login that can be stopped."""

import ssl
from pathlib import Path
from typing import Any

import oracledb
from sqlalchemy.engine import URL

from keeperdb.connections.profile import ConnectionProfile, Credential, TlsMode
from keeperdb.engines.driver_socket import DriverSocket
from keeperdb.engines.oracle_errors import connect_error
from keeperdb.engines.tls import authorities, effective_mode, show_certificate
from keeperdb.errors import ConnectError, ConnectReason
from keeperdb.task import Task

_DEFAULT_PORT = 1521
_KEEP_ALIVE = 1  # minutes between two probes
_ENCRYPTED = (TlsMode.VERIFY_FULL, TlsMode.VERIFY_CA, TlsMode.REQUIRE)
_ROLES = {
    "": oracledb.AUTH_MODE_DEFAULT,
    "sysdba": oracledb.AUTH_MODE_SYSDBA,
    "sysoper": oracledb.AUTH_MODE_SYSOPER,
    "sysbackup": oracledb.AUTH_MODE_SYSBKP,
    "sysdg": oracledb.AUTH_MODE_SYSDGD,
    "syskm": oracledb.AUTH_MODE_SYSKMT,
}


def log_in(
    profile: ConnectionProfile, credential: Credential | None, task: Task, timeout: float, wire: DriverSocket
) -> oracledb.Connection:
    """A connection in autocommit mode; `timeout` is in seconds. Raises `ConnectError` or `Cancelled`."""
    port = profile.port or _DEFAULT_PORT
    user = (credential.user if credential else "") or profile.user
    arguments = connect_arguments(profile, credential, timeout)
    wire.before()

    def stop() -> None:
        if wire.find(port):
            wire.shut()

    def limit(_trip: str) -> None:
        if wire.find(port):
            wire.limit(timeout)

    try:
        with task.interrupting(stop):
            connection = oracledb.connect(**arguments, round_trip_callback=limit)
    except (oracledb.Error, OSError) as error:
        database = profile.options.get("sid") or profile.database
        raise connect_error(error, address=address_of(profile), database=database, user=user) from error
    connection.round_trip_callback = None
    if wire.find(port):
        wire.keep_alive()
    wire.limit(0)
    if task.is_cancelled:
        connection.close()
        task.check()
    connection.autocommit = True
    return connection


def address_of(profile: ConnectionProfile) -> str:
    """`host:port` as a person reads it."""
    return profile.with_(host=profile.host or "localhost", port=profile.port or _DEFAULT_PORT, path="").address


def connect_arguments(profile: ConnectionProfile, credential: Credential | None, timeout: float) -> dict[str, Any]:
    """What `oracledb.connect` is called with. Raises `ConnectError` with reason PROFILE for fields it refuses."""
    role = profile.options.get("role", "").lower()
    if role not in _ROLES:
        raise _bad_profile(f"There is no role “{role}”.", f"One of: {', '.join(name for name in _ROLES if name)}.")
    try:
        fields = _fields(profile, credential)
        parameters = oracledb.ConnectParams()
        parameters.parse_connect_string(fields.pop("dsn"))
        parameters.set(tcp_connect_timeout=timeout, expire_time=_KEEP_ALIVE, mode=_ROLES[role], **_tls(profile))
    except (oracledb.Error, TypeError) as error:
        raise _bad_profile(
            "The host, the service or the SID has a character that does not belong there.", ""
        ) from error
    return {**fields, "params": parameters}


def _fields(profile: ConnectionProfile, credential: Credential | None) -> dict[str, Any]:
    """User, password and connect descriptor, by SQLAlchemy's dialect. Line ends would pass its check of names."""
    sid, service = profile.options.get("sid", ""), profile.database
    if not sid and not service:
        raise _bad_profile("The connection names no service.", "Enter it as the database, or set the option “sid”.")
    if any(not character.isprintable() or character.isspace() for character in f"{profile.host}{sid}{service}"):
        raise TypeError
    url = URL.create(
        "oracle+oracledb",
        username=(credential.user if credential else "") or profile.user,
        password=credential.password.reveal() if credential and credential.password else "",
        host=profile.host or "localhost",
        port=profile.port or _DEFAULT_PORT,
        database=sid or None,
        query={} if sid else {"service_name": service},
    )
    dialect: Any = url.get_dialect()()
    dialect.dbapi = dialect.import_dbapi()
    _, fields = dialect.create_connect_args(url)
    return dict(fields)


def _tls(profile: ConnectionProfile) -> dict[str, Any]:
    mode = effective_mode(profile)
    if mode not in _ENCRYPTED:
        return {"protocol": "tcp"}
    parameters: dict[str, Any] = {
        "protocol": "tcps",
        "ssl_context": _ssl_context(profile, mode),
        "ssl_server_dn_match": mode is TlsMode.VERIFY_FULL,
    }
    if profile.options.get("ssl_server_cert_dn"):
        parameters["ssl_server_cert_dn"] = profile.options["ssl_server_cert_dn"]
    if profile.options.get("wallet"):
        parameters["wallet_location"] = str(Path(profile.options["wallet"]).expanduser())
    return parameters


def _ssl_context(profile: ConnectionProfile, mode: TlsMode) -> ssl.SSLContext:
    """The driver itself compares names, by `ssl_server_dn_match`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    try:
        if mode is TlsMode.REQUIRE:
            context.verify_mode = ssl.CERT_NONE
        else:
            context.load_verify_locations(authorities(profile))
        show_certificate(context, profile)
    except OSError as error:
        raise _bad_profile("A TLS file of the connection cannot be read.", "Check the files.") from error
    return context


def _bad_profile(message: str, hint: str) -> ConnectError:
    return ConnectError(ConnectReason.PROFILE, message, hint)
