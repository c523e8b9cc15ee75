"""Runs blocking operations on one background thread, so that Ctrl+C can cancel them at the server."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from types import FrameType
from typing import TypeVar

from keeperdb.cli import exit_codes
from keeperdb.errors import Cancelled, KeeperDBError
from keeperdb.task import Progress, Task

T = TypeVar("T")
_POLL = 0.5  # seconds between two looks for Ctrl+C, on platforms where waiting cannot be interrupted


class _Call:
    def __init__(self, operation: Callable[[Task], object], task: Task) -> None:
        self.operation = operation
        self.task = task
        self.is_done = threading.Event()
        self.result: object = None
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.result = self.operation(self.task)
        except BaseException as error:  # noqa: BLE001 - handed to the caller's thread, which raises it
            self.error = error
        self.is_done.set()


class Worker:
    """One thread, started with the first operation; operations run one after the other."""

    def __init__(self, on_progress: Callable[[Progress], None] | None = None) -> None:
        self._on_progress = on_progress
        self._calls: SimpleQueue[_Call] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def run(self, operation: Callable[[Task], T]) -> T:
        """`operation(task)` on the background thread.

        Ctrl+C cancels it, waits for its end and raises `KeyboardInterrupt`; a second Ctrl+C leaves at once.
        """
        if threading.current_thread() is self._thread:
            raise RuntimeError("an operation cannot wait for another one on the same thread")
        call = _Call(operation, Task(self._on_progress))
        self._start()
        self._calls.put(call)
        try:
            self._wait(call)
        except KeyboardInterrupt:
            self._cancel(call)
            raise
        if isinstance(call.error, Cancelled):
            raise KeyboardInterrupt from call.error
        if call.error is not None:
            raise call.error
        return call.result  # type: ignore[return-value]  # it is what `operation` returned

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="operations", daemon=True)
            self._thread.start()

    def _serve(self) -> None:
        while True:
            self._calls.get().run()

    def _wait(self, call: _Call) -> None:
        while not call.is_done.wait(_POLL):
            pass

    def _cancel(self, call: _Call) -> None:
        try:
            call.task.cancel()
            self._wait(call)
        except KeeperDBError:
            self._wait(call)
        except KeyboardInterrupt:
            os._exit(exit_codes.INTERRUPTED)


@contextmanager
def termination_as_interrupt() -> Iterator[None]:
    """Inside, being told to terminate or to hang up is the same as Ctrl+C: what runs at a server is cancelled."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    heeded = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]  # nohup wants it ignored
    previous = {number: signal.signal(number, _interrupt) for number in heeded}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
