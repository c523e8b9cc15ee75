"""The last requests, for whoever watches; nothing in them is secret."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

_KEPT = 500

_log = logging.getLogger(__name__)

Listener = Callable[["RequestEntry"], None]


class RequestEntry(NamedTuple):
    """One request. `at` is aware; `key` is the fingerprint of the key, empty without a valid one.

    `command` is the first word if it names a command, `route` the endpoint; `client` is the caller's address.
    """

    at: datetime
    client: str
    key: str
    method: str
    route: str
    command: str
    status: int
    milliseconds: float


class RequestLog:
    """Keeps the last 500, and tells listeners on the service's own thread."""

    def __init__(self) -> None:
        self._entries: deque[RequestEntry] = deque(maxlen=_KEPT)
        self._listeners: tuple[Listener, ...] = ()
        self._lock = threading.Lock()

    def add(self, entry: RequestEntry) -> None:
        self._entries.append(entry)
        for listener in self._listeners:
            try:
                listener(entry)
            except Exception as error:  # noqa: BLE001 - who only watches must not keep a request from its answer
                _log.warning("A listener of the request log failed with %s.", type(error).__name__)

    def recent(self) -> list[RequestEntry]:
        """Oldest first."""
        return list(self._entries.copy())

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` with every entry to come, until the function that is returned is called."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

        def unsubscribe() -> None:
            with self._lock:
                self._listeners = tuple(each for each in self._listeners if each is not listener)

        return unsubscribe
