"""One HTTPS connection to a vault's server, kept open between calls, that another thread can cut."""

import contextlib
import errno
import http.client
import os
import selectors
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import certifi

from keeperdb.vault.endpoint import split_host


@dataclass(frozen=True, slots=True)
class Timeouts:
    """In seconds: for connecting to each address of the host, and of silence afterwards."""

    connect: float = 10.0
    read: float = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said."""

    status: int
    reason: str
    content: bytes = field(repr=False)


class AuthorityError(OSError):
    """The file with the certificate authority cannot be used."""


class Channel:
    """Posts to one server over TLS with its certificate checked; knows no proxy, no redirection and no .netrc.

    Not the SDK's `requests`: that reads proxies, certificates and passwords from the environment, has no time-outs,
    and cannot be stopped from another thread. Only the public authorities of `certifi` are trusted, or `ca` alone.
    After `interrupt` it is of no more use.
    """

    def __init__(self, host: str, ca: Path | None, timeouts: Timeouts) -> None:
        self._name, self._port = split_host(host)
        self._ca = ca
        self._timeouts = timeouts
        self._cut = _Cut()
        self._connection: _Connection | None = None

    @property
    def is_cut(self) -> bool:
        return self._cut.is_made

    def post(self, path: str, headers: Mapping[str, str], body: bytes, *, repeatable: bool) -> Answer:
        """Send `body`, return the whole answer.

        A connection that was kept open may turn out to be closed by the server; then `repeatable` requests are sent
        once more on a new one. Raises `OSError` and `http.client.HTTPException`.
        """
        reused = self._is_alive()
        try:
            return self._exchange("POST", path, headers, body)
        except (ConnectionError, ssl.SSLEOFError):
            if not reused or not repeatable or self.is_cut:
                raise
            return self._exchange("POST", path, headers, body)

    def get(self, path: str, largest: int) -> Answer:
        """Fetch `path`, or at most `largest` bytes and one more of it. Raises as `post`."""
        return self._exchange("GET", path, {}, None, largest + 1)

    def interrupt(self) -> None:
        """End a call that runs in another thread: it raises an `OSError` at once."""
        self._cut.make()

    def close(self) -> None:
        """Close the connection; the next call opens a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        self._cut.forget()

    def _exchange(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | None, largest: int | None = None
    ) -> Answer:
        if self._connection is None:
            context = _context(self._ca)
            self._connection = _Connection(self._name, self._port, context, self._cut, self._timeouts)
        try:
            self._connection.request(method, path, body, dict(headers))
            response = self._connection.getresponse()
            return Answer(response.status, response.reason, response.read(largest))
        except BaseException:
            self.close()
            raise

    def _is_alive(self) -> bool:
        """Whether there is an open connection on which the server has said nothing, not even goodbye."""
        if self._connection is None:
            return False
        if self._connection.sock is not None and not _is_ready(self._connection.sock, selectors.EVENT_READ, 0):
            return True
        self.close()
        return False


class _Cut:
    """Ends whatever its socket waits for.

    It holds a duplicate, so that neither TLS in the other thread nor a reused file descriptor is touched.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self.is_made = False

    def watch(self, plain: socket.socket) -> None:
        """From now on `make` ends what `plain` waits for. Raises `ConnectionAbortedError` if that was asked before."""
        with self._lock:
            if self.is_made:
                raise ConnectionAbortedError
            self._close()
            self._socket = plain.dup()

    def make(self) -> None:
        with self._lock:
            self.is_made = True
            if self._socket is not None:
                with contextlib.suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)

    def forget(self) -> None:
        """Close the duplicate too, for it would keep the connection open."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class _Connection(http.client.HTTPSConnection):
    def __init__(self, host: str, port: int, context: ssl.SSLContext, cut: _Cut, timeouts: Timeouts) -> None:
        super().__init__(host, port, context=context)
        self._tls = context
        self._cut = cut
        self._timeouts = timeouts

    def connect(self) -> None:
        plain = self._dial()
        try:
            plain.getpeername()  # raises if the server is gone: CPython 3.11 would leak the socket
            self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise
        self.sock.settimeout(self._timeouts.read)

    def _dial(self) -> socket.socket:
        """A connected socket, to the first address that answers."""
        refusal: OSError | None = None
        for family, kind, protocol, _, address in socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM):
            plain = socket.socket(family, kind, protocol)
            try:
                self._join(plain, address)
            except OSError as error:
                plain.close()
                refusal = error
            else:
                return plain
        raise refusal or OSError(f"{self.host} has no address")

    def _join(self, plain: socket.socket, address: tuple[Any, ...]) -> None:
        """Connect. The attempt has begun before it is watched: what has not begun cannot be cut."""
        plain.setblocking(False)
        _raise_for(plain.connect_ex(address), *_UNDER_WAY)
        self._cut.watch(plain)
        if not _is_ready(plain, selectors.EVENT_WRITE, self._timeouts.connect):
            raise TimeoutError
        _raise_for(plain.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        plain.settimeout(self._timeouts.connect)


_UNDER_WAY = (errno.EINPROGRESS, errno.EWOULDBLOCK)


def _raise_for(code: int, *fine: int) -> None:
    if code and code not in fine:
        raise OSError(code, os.strerror(code))


def _is_ready(sock: socket.socket, event: int, timeout: float) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(sock, event)
        return bool(selector.select(timeout))


def _context(ca: Path | None) -> ssl.SSLContext:
    """Verifies certificate and name against `ca` alone, or the public authorities; no variable changes that."""
    try:
        return ssl.create_default_context(cafile=ca or certifi.where())
    except OSError as error:
        raise AuthorityError(f"{ca}: {error.strerror or error}") from error
