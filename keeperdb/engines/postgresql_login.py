"""Opening a connection to PostgreSQL: libpq's parameters, and a handshake that can be stopped."""

import os
import selectors
import socket
import struct
import time
from pathlib import Path

import psycopg
from psycopg import generators, waiting
from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import URL

from keeperdb.connections.profile import ConnectionProfile, Credential, TlsMode
from keeperdb.engines.postgresql_errors import connect_error
from keeperdb.engines.tls import authorities, effective_mode, readable, verify_error
from keeperdb.errors import ConnectError, ConnectReason
from keeperdb.task import Task

_DEFAULT_PORT = 5432
_SOCKET_FOLDERS = ("/var/run/postgresql", "/tmp")  # noqa: S108 - where distributions put the server's socket
_LOOK_INTERVAL = 0.05  # seconds between two looks at the task
_LOOK_AGAIN = 2.0  # seconds
_SSL_REQUEST = struct.pack(">II", 8, 80877103)  # https://www.postgresql.org/docs/current/protocol-message-formats.html

# Every parameter that libpq would otherwise take from PG… variables or from ~/.pgpass.
_FIXED = {
    "passfile": f"{os.devnull}/none",  # there is none: libpq warns of a device
    "options": "",
    "sslpassword": "none",  # OpenSSL would ask for that of a protected key on the terminal
    "client_encoding": "UTF8",
    "gssencmode": "disable",
    "target_session_attrs": "any",
    "keepalives": "1",
    "keepalives_idle": "30",  # seconds
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",  # milliseconds
}


def log_in(
    profile: ConnectionProfile, credential: Credential | None, task: Task, timeout: float
) -> "psycopg.Connection[tuple[object, ...]]":
    """A connection in autocommit mode. Raises `ConnectError` or `Cancelled`."""
    user = (credential.user if credential else "") or profile.user
    deadline = time.monotonic() + timeout
    task.check()
    host = profile.host or _socket_folder(profile.port or _DEFAULT_PORT)
    addresses = _addresses(host, profile, user)
    for left, hostaddr in zip(range(len(addresses), 0, -1), addresses, strict=True):
        conninfo = _conninfo(profile.with_(host=host), credential, user, hostaddr)
        share = (deadline - time.monotonic()) / left
        try:
            connection: psycopg.Connection[tuple[object, ...]] = psycopg.Connection(
                _attempt(conninfo, task, time.monotonic() + share, profile, user, hostaddr)
            )
        except ConnectError as error:
            if left == 1 or error.reason not in (ConnectReason.UNREACHABLE, ConnectReason.TIMEOUT):
                raise
        else:
            connection.autocommit = True
            return connection
    raise connect_error("host name", address=address_of(profile), database="", user=user)


def _addresses(host: str, profile: ConnectionProfile, user: str) -> list[str]:
    """The addresses of `host`. libpq would look them up too, but stops all threads while it waits."""
    if host.startswith(("/", "@")):
        return [""]
    try:
        found = socket.getaddrinfo(host, profile.port or _DEFAULT_PORT, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise connect_error("host name", address=address_of(profile), database="", user=user) from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _attempt(
    conninfo: str, task: Task, deadline: float, profile: ConnectionProfile, user: str, hostaddr: str
) -> psycopg.pq.abc.PGconn:
    """The handshake with one address. Raises `ConnectError` or `Cancelled`."""
    address = address_of(profile)
    try:
        return _shake_hands(conninfo, task, deadline)
    except TimeoutError as error:
        raise connect_error("timeout expired", address=address, database="", user=user) from error
    except psycopg.Error as error:
        text, database = str(error), profile.database or user
        if "certificate verify failed" in text:
            text = f"{text}: {why_refused(profile, hostaddr) or 'for a reason that libpq does not tell'}"
        raise connect_error(text, address=address, database=database, user=user) from error


def why_refused(profile: ConnectionProfile, hostaddr: str) -> str:
    """What is wrong with the server's certificate, asked for once more: libpq says only that it was refused."""
    try:
        with socket.create_connection((hostaddr, profile.port or _DEFAULT_PORT), _LOOK_AGAIN) as sock:
            sock.settimeout(_LOOK_AGAIN)
            sock.sendall(_SSL_REQUEST)
            return verify_error(profile, sock, _LOOK_AGAIN) if sock.recv(1) == b"S" else ""
    except OSError:
        return ""


def address_of(profile: ConnectionProfile) -> str:
    """`host:port` as a person reads it."""
    port = profile.port or _DEFAULT_PORT
    return profile.with_(host=profile.host or "localhost", port=port, path="").address


def _conninfo(profile: ConnectionProfile, credential: Credential | None, user: str, hostaddr: str) -> str:
    """libpq's connection string, from fields through SQLAlchemy's dialect."""
    password = credential.password.reveal() if credential and credential.password else ""
    parameters = {**_FIXED, **_tls(profile), "hostaddr": hostaddr}
    parameters["application_name"] = profile.options.get("application_name", "KeeperDB")
    url = URL.create(
        "postgresql+psycopg",
        username=user,
        host=profile.host,
        port=profile.port or _DEFAULT_PORT,
        database=profile.database or user,
    )
    _, fields = url.get_dialect()().create_connect_args(url)
    return make_conninfo("", **{**fields, **parameters, "password": password})


def _tls(profile: ConnectionProfile) -> dict[str, str]:
    mode = effective_mode(profile)
    parameters = {"sslmode": mode.value}
    if mode in (TlsMode.VERIFY_FULL, TlsMode.VERIFY_CA):
        parameters["sslrootcert"] = readable(authorities(profile))
    if profile.tls_certificate:
        parameters["sslcert"] = readable(profile.tls_certificate)
        parameters["sslkey"] = readable(profile.tls_key)
    return parameters


def _socket_folder(port: int) -> str:
    """The folder of the Unix socket of the server on this machine; without one, loopback."""
    for folder in _SOCKET_FOLDERS:
        if (Path(folder) / f".s.PGSQL.{port}").exists():
            return folder
    return "localhost"


def _shake_hands(conninfo: str, task: Task, deadline: float) -> psycopg.pq.abc.PGconn:
    """Drive psycopg's own handshake, with a look at the task every 50 ms. Raises `TimeoutError`."""
    task.check()
    handshake = generators.connect(conninfo)
    try:
        descriptor, wanted = next(handshake)
        while True:
            ready = _wait(descriptor, wanted)
            task.check()
            if time.monotonic() > deadline:
                raise TimeoutError
            if ready:
                descriptor, wanted = handshake.send(ready)
    except StopIteration as end:
        pgconn: psycopg.pq.abc.PGconn = end.value
        return pgconn
    finally:
        handshake.close()


def _wait(descriptor: int, wanted: waiting.Wait) -> waiting.Ready:
    """What the socket is ready for after at most 50 ms; nothing is a value too."""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, int(wanted))  # psycopg's flags are those of `selectors`
        ready = selector.select(_LOOK_INTERVAL)
    return waiting.Ready(ready[0][1]) if ready else waiting.Ready.NONE
