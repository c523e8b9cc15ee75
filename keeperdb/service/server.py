"""The service: listens on a thread of its own, and can be told of another configuration while it runs."""

import asyncio
import os
import socket
import ssl
import threading
from collections.abc import Callable

from keeperdb.commands.vault_state import VaultState
from keeperdb.errors import SettingsError
from keeperdb.service.api import Api
from keeperdb.service.config import ServiceConfig
from keeperdb.service.execution import Execution
from keeperdb.service.gate import Gate
from keeperdb.service.listening import Listening
from keeperdb.service.request_log import Listener, RequestEntry, RequestLog
from keeperdb.service.request_queue import RequestQueue
from keeperdb.service.rules import Rules
from keeperdb.service.tls import server_context, show

_REFRESH = 300.0  # seconds between two readings of the vault


class Service:
    """Serves one vault over HTTP, once, between `start` and `stop`. Its methods may be called from any thread.

    A port of 0 in the configuration takes a free one. `refresh_every` is in seconds.
    """

    def __init__(self, config: ServiceConfig, vault: VaultState, refresh_every: float = _REFRESH) -> None:
        self.config = config
        self._log = RequestLog()
        execution = Execution(vault)
        queue = RequestQueue(execution)
        self._gate = Gate(Api(execution, queue).doors, Rules.of(config), self._log)
        self._listening = Listening(self._gate, execution, queue, refresh_every)
        self._tls: ssl.SSLContext | None = None
        self._thread: threading.Thread | None = None
        self.port = config.port

    @property
    def is_running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    @property
    def url(self) -> str:
        """Where this machine reaches it."""
        return f"{'http' if self.config.tls is None else 'https'}://localhost:{self.port}"

    def start(self) -> None:
        """Return when it listens. Raises `SettingsError` for an address, port or certificate that cannot be used."""
        self._tls = server_context(self.config.tls) if self.config.tls is not None else None
        listener = _bind(self.config.bind, self.config.port)
        self.port = listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, args=(listener,), name="service")
        self._thread.start()
        self._listening.wait_until_begun()

    def stop(self) -> None:
        """Take on nothing more, let what runs come to its end (at most 10 s), and return. May be called again."""
        self._listening.end()
        if self._thread is not None:
            self._thread.join()

    def reconfigure(self, config: ServiceConfig) -> None:
        """Keys, lists, limits, encryption, names and the certificate change at once; address and port do not.

        Raises `SettingsError` for a certificate that cannot be used; then everything stays as it was.
        """
        if self._tls is not None and config.tls is not None:
            show(self._tls, config.tls)
        self._gate.rules = Rules.of(config)
        self.config = config

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with each request from now on, on the service's thread; the function returned ends that."""
        return self._log.subscribe(listener)

    def recent(self) -> list[RequestEntry]:
        """The last 500 requests, oldest first."""
        return self._log.recent()

    def _run(self, listener: socket.socket) -> None:
        try:
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                runner.run(self._listening.serve(listener, self._tls))
        finally:
            self._listening.over()


def _bind(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere it means that two may listen on one port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind((address, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"The service cannot listen on {address}, port {port}: {error.strerror}.", "Choose another address or port."
        ) from error
    listener.setblocking(False)
    return listener


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where there is one; it is not made for Windows."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
