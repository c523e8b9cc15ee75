"""The wish to stop what runs on a connection, handed from one thread to another without getting lost."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from keeperdb.errors import Cancelled


class Interruption:
    """One per connection. A request counts only while an operation is armed or runs, and dies with it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._armed = False
        self._depth = 0
        self._idle = threading.Event()
        self._idle.set()
        self.is_requested = False

    def arm(self) -> None:
        """An operation is about to start; requests from now on are for it."""
        with self._lock:
            self._armed = True
            self.is_requested = False

    def request(self) -> bool:
        """Ask for a stop; False when there is nothing to stop."""
        with self._lock:
            if not self._armed and not self._depth:
                return False
            self.is_requested = True
            return True

    def wait(self, seconds: float) -> bool:
        """Wait until nothing runs any more; False when that took longer than `seconds`."""
        return self._idle.wait(seconds)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Around an operation. Raises `Cancelled` when it was stopped before it began."""
        with self._lock:
            self._depth += 1
            self._idle.clear()
        try:
            if self.is_requested:
                raise Cancelled
            yield
        finally:
            with self._lock:
                self._depth -= 1
                if not self._depth:
                    self._armed = self.is_requested = False
                    self._idle.set()
