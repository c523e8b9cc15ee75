"""The handle on a long operation: it reports through it, and is stopped through it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from keeperdb.errors import Cancelled

_REPORT_INTERVAL = 0.05  # seconds; a person cannot read faster, and callbacks cross threads


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an operation is: `done` of `total` (None: unknown), and a sentence for the person."""

    done: int = 0
    total: int | None = None
    text: str = ""


class Task:
    """Reports progress, and carries the wish to stop from any thread to the operation.

    The operation calls `report` or `check` now and then; both raise `Cancelled` once `cancel` was called.
    """

    def __init__(self, on_progress: Callable[[Progress], None] | None = None) -> None:
        self._on_progress = on_progress
        self._stopped = threading.Event()
        self._lock = threading.RLock()
        self._interrupt: Callable[[], None] | None = None
        self._pending: Progress | None = None
        self._reported_at = float("-inf")

    @property
    def is_cancelled(self) -> bool:
        return self._stopped.is_set()

    def check(self) -> None:
        """Raise `Cancelled` if the operation is to stop."""
        if self._stopped.is_set():
            raise Cancelled

    def report(self, done: int = 0, total: int | None = None, text: str = "") -> None:
        """Say how far the operation is, at most every 50 ms; raise `Cancelled` if it is to stop."""
        self.check()
        progress = Progress(done, total, text)
        finished = total is not None and done >= total
        if finished or time.monotonic() - self._reported_at >= _REPORT_INTERVAL:
            self._deliver(progress)
        else:
            self._pending = progress

    def say(self, text: str) -> None:
        """Tell the person something at once, from any thread; also while the operation is being stopped."""
        if self._on_progress is not None:
            self._on_progress(Progress(text=text))

    def flush(self) -> None:
        """Deliver the last progress that the throttle held back; whoever runs the operation calls it at the end."""
        if self._pending is not None:
            self._deliver(self._pending)

    def sleep(self, seconds: float) -> None:
        """Wait, but no longer than until the operation is to stop; then raise `Cancelled`."""
        self._stopped.wait(seconds)
        self.check()

    def cancel(self) -> None:
        """Ask the operation to stop; return when a blocking call inside `interrupting` was told (a round trip)."""
        self._stopped.set()
        with self._lock:
            if self._interrupt is not None:
                self._interrupt()

    @contextmanager
    def interrupting(self, interrupt: Callable[[], None]) -> Iterator[None]:
        """Around a blocking call that `interrupt` ends.

        A cancel from before is seen on entry. A late one cannot hit what comes after: leaving waits until
        a running `interrupt` has returned. What the call raises because it was interrupted becomes `Cancelled`.
        """
        with self._lock:
            self.check()
            outer, self._interrupt = self._interrupt, interrupt
        try:
            yield
        except Cancelled:
            raise
        except Exception as error:
            if self.is_cancelled:
                raise Cancelled from error
            raise
        finally:
            with self._lock:
                self._interrupt = outer

    def _deliver(self, progress: Progress) -> None:
        self._reported_at = time.monotonic()
        self._pending = None
        if self._on_progress is not None:
            self._on_progress(progress)


class TimedTask(Task):
    """A task that is to stop by itself after a time."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._deadline = time.monotonic() + seconds

    def check(self) -> None:
        super().check()
        if time.monotonic() > self._deadline:
            raise Cancelled

    def sleep(self, seconds: float) -> None:
        """Raises `Cancelled` at once if the time is not enough."""
        if time.monotonic() + seconds > self._deadline:
            raise Cancelled
        super().sleep(seconds)
