"""Opening a connection to MySQL or MariaDB: a handshake that can be stopped, and TLS as the profile wants it."""

import contextlib
import errno
import selectors
import socket
import ssl
import time
from typing import Any

import pymysql
from sqlalchemy.engine import URL

from keeperdb.connections.profile import ConnectionProfile, Credential, TlsMode
from keeperdb.engines.keep_alive import keep_alive
from keeperdb.engines.mysql_errors import connect_error
from keeperdb.engines.tls import authorities, effective_mode, readable, show_certificate
from keeperdb.errors import ConnectError, ConnectReason
from keeperdb.task import Task

_DEFAULT_PORT = 3306
_UNIX = getattr(socket, "AF_UNIX", None)
_LOOK_INTERVAL = 0.05  # seconds between two looks at the task


def log_in(profile: ConnectionProfile, credential: Credential | None, task: Task, timeout: float) -> Any:
    """A PyMySQL connection in autocommit mode. Raises `ConnectError` or `Cancelled`."""
    user = (credential.user if credential else "") or profile.user
    deadline = time.monotonic() + timeout
    try:
        connection = _prepare(profile, credential, user)
        sock = _reach(profile, task, deadline)
        try:
            _shake_hands(connection, sock, task, deadline)
        except BaseException:
            sock.close()
            raise
    except (pymysql.Error, OSError, RuntimeError) as error:
        raise connect_error(error, address=address_of(profile), database=profile.database, user=user) from error
    return connection


def address_of(profile: ConnectionProfile) -> str:
    """`host:port`, or the socket, as a person reads it."""
    if profile.options.get("unix_socket"):
        return profile.options["unix_socket"]
    return profile.with_(host=profile.host or "localhost", port=profile.port or _DEFAULT_PORT, path="").address


def _prepare(profile: ConnectionProfile, credential: Credential | None, user: str) -> Any:
    """A connection object that is not connected yet; its arguments are made by SQLAlchemy's dialect."""
    url = URL.create(
        "mysql+pymysql",
        username=user,
        host=profile.host or "localhost",
        port=profile.port or _DEFAULT_PORT,
        database=profile.database or None,
        query={"charset": "utf8mb4"},
    )
    _, arguments = url.get_dialect()().create_connect_args(url)
    if "db" in arguments:
        arguments["database"] = arguments.pop("db")
    password = credential.password.reveal() if credential and credential.password else ""
    arguments.update(_tls(profile), password=password.encode(), autocommit=True, local_infile=False, defer_connect=True)
    return pymysql.Connection(program_name="KeeperDB", **arguments)


def _tls(profile: ConnectionProfile) -> dict[str, Any]:
    mode = effective_mode(profile)
    if mode is TlsMode.DISABLE or profile.options.get("unix_socket"):
        return {"ssl_disabled": True}
    if mode is TlsMode.PREFER and not profile.tls_certificate:
        return {}  # what PyMySQL does when nothing is said
    context = ssl.create_default_context()
    if mode in (TlsMode.VERIFY_FULL, TlsMode.VERIFY_CA):
        context = ssl.create_default_context(cafile=readable(authorities(profile)))
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT  # certificates that servers make for themselves are not strict
    context.check_hostname = mode is TlsMode.VERIFY_FULL
    if mode in (TlsMode.REQUIRE, TlsMode.PREFER):
        context.verify_mode = ssl.CERT_NONE
    show_certificate(context, profile)
    return {"ssl": context}


def _reach(profile: ConnectionProfile, task: Task, deadline: float) -> socket.socket:
    """A socket that is connected to the first address that answers."""
    task.check()
    if profile.options.get("unix_socket"):
        if _UNIX is None:
            raise ConnectError(ConnectReason.PROFILE, "This platform has no Unix sockets.", "Use host and port.")
        return _connect_socket(_UNIX, profile.options["unix_socket"], task, deadline)
    refusal: OSError | None = None
    addresses = socket.getaddrinfo(profile.host or "localhost", profile.port or _DEFAULT_PORT, type=socket.SOCK_STREAM)
    for left, (family, _, _, _, address) in zip(range(len(addresses), 0, -1), addresses, strict=True):
        share = (deadline - time.monotonic()) / left  # an address that swallows everything leaves time for the next
        try:
            return _connect_socket(family, address, task, time.monotonic() + share)
        except OSError as error:
            refusal = error
    raise refusal or OSError(errno.EHOSTUNREACH, "no address")


def _connect_socket(family: int, address: Any, task: Task, deadline: float) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        code = sock.connect_ex(address)
        if code not in (0, errno.EINPROGRESS, errno.EWOULDBLOCK):
            raise OSError(code, "connect")
        _wait_connected(sock, task, deadline)
        if family != _UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            keep_alive(sock)
    except BaseException:
        sock.close()
        raise
    return sock


def _wait_connected(sock: socket.socket, task: Task, deadline: float) -> None:
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_WRITE)
        while not selector.select(_LOOK_INTERVAL):
            task.check()
            if time.monotonic() > deadline:
                raise TimeoutError
    code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, "connect")


def _shake_hands(connection: Any, sock: socket.socket, task: Task, deadline: float) -> None:
    """The handshake with PyMySQL's own code. Stopping shuts the socket down."""
    seconds = max(0.1, deadline - time.monotonic())
    connection._read_timeout = connection._write_timeout = seconds  # PyMySQL sets them on the socket
    connection._secure = sock.family == _UNIX
    with twin(sock) as copy, task.interrupting(lambda: shut_down(copy)):
        connection.connect(sock)
    connection._read_timeout = connection._write_timeout = connection._current_timeout = None
    connection._sock.settimeout(None)
    connection.password = b""  # for PyMySQL's own reconnecting, which is not used
    connection.password = b""


def twin(sock: socket.socket) -> socket.socket:
    """A second handle on the same connection, which stays good when TLS takes the first one over."""
    return socket.fromfd(sock.fileno(), sock.family, sock.type)


def shut_down(sock: socket.socket) -> None:
    """End a connection from any thread: whoever reads from it, or from a copy of it, sees the end."""
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
