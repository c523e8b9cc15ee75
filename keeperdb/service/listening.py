"""The event loop's part of the service: accepting, keeping time, and coming to an end."""

import asyncio
import contextlib
import logging
import socket
import ssl
import threading
from email.utils import formatdate
from typing import Any

from uvicorn.config import Config

from keeperdb.service.execution import Execution
from keeperdb.service.gate import Gate
from keeperdb.service.http_protocol import Connections, LimitedHttpProtocol
from keeperdb.service.request_queue import RequestQueue

_MOST_CONNECTIONS = 2_000
_BACKLOG = 2_048  # connections that wait to be accepted
_HANDSHAKE = 10.0  # seconds
_DRAIN = 10.0  # seconds that running commands have when the service stops
_LAST_WORDS = 2.0  # seconds in which those that were told to stop may still answer
_POLL = 0.02  # seconds

_log = logging.getLogger(__name__)


class Listening:
    """Serves a socket until `end` is called, from whatever thread."""

    def __init__(self, gate: Gate, execution: Execution, queue: RequestQueue, refresh_every: float) -> None:
        self._execution = execution
        self._queue = queue
        self._refresh_every = refresh_every
        self._connections = Connections(_most_connections())
        self._config = Config(
            gate,
            http=LimitedHttpProtocol,
            ws="none",
            lifespan="off",
            proxy_headers=False,  # whose word is taken on who calls is the gate's to decide
            log_config=None,
            log_level=logging.CRITICAL,
        )
        self._begun = threading.Event()
        self._lock = threading.Lock()
        self._is_ended = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._to_end = asyncio.Event()

    def wait_until_begun(self) -> None:
        self._begun.wait()

    def over(self) -> None:
        """Nobody is to wait any more, however `serve` came to its end."""
        self._begun.set()

    def end(self) -> None:
        """May be called at any time, and again."""
        with self._lock:
            self._is_ended = True
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._to_end.set)

    async def serve(self, listener: socket.socket, tls: ssl.SSLContext | None) -> None:
        """Return when everything has come to its end."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(_note_fault)
        patience = _HANDSHAKE if tls is not None else None
        server = await loop.create_server(
            self._protocol, sock=listener, ssl=tls, ssl_handshake_timeout=patience, backlog=_BACKLOG
        )
        helpers = [asyncio.create_task(self._keep_time()), asyncio.create_task(self._keep_current())]
        self._begin(loop)
        try:
            await self._to_end.wait()
        finally:
            server.close()
            helpers[1].cancel()
            await self._drain()
            helpers[0].cancel()
            with self._lock:
                self._loop = None

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            self._loop = loop
            if self._is_ended:
                self._to_end.set()
        self._begun.set()

    def _protocol(self) -> LimitedHttpProtocol:
        return LimitedHttpProtocol(self._config, self._connections)

    async def _keep_time(self) -> None:
        """Each second: the date that answers bear, and connections that are overdue."""
        loop = asyncio.get_running_loop()
        while True:
            self._connections.default_headers = [(b"date", formatdate(usegmt=True).encode())]
            self._connections.sweep(loop.time())
            self._queue.tidy()
            await asyncio.sleep(1)

    async def _keep_current(self) -> None:
        """The vault: read at once if it never was, then as often as was asked for."""
        pause = self._refresh_every if self._execution.vault.is_read else 0.0
        while True:
            await asyncio.sleep(pause)
            await self._execution.refresh()
            pause = self._refresh_every

    async def _drain(self) -> None:
        self._queue.stop()
        for connection in list(self._connections.connections):
            connection.shutdown()
        if not await self._all_done(_DRAIN):
            self._execution.stop()
            await self._all_done(_LAST_WORDS)
        self._execution.stop()
        for connection in list(self._connections.connections):
            connection.transport.abort()
        await asyncio.sleep(0)

    async def _all_done(self, seconds: float) -> bool:
        """Whether everything was answered, and the answers were sent, within that time."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while self._connections.tasks or self._connections.connections or self._queue.is_busy:
            if loop.time() > end:
                return False
            await asyncio.sleep(_POLL)
        return True


def _note_fault(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What went wrong on one connection, without the data that the exception's text may hold."""
    error = context.get("exception")
    _log.error("%s %s", context.get("message", "A connection failed."), type(error).__name__ if error else "")


def _most_connections() -> int:
    """Half of the files that the process may have open, at most."""
    with contextlib.suppress(ImportError):  # Windows has no such limit
        import resource

        return min(_MOST_CONNECTIONS, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)
    return _MOST_CONNECTIONS
