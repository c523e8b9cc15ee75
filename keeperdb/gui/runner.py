"""The one way off the UI thread: operations run on lanes or a shared pool, callbacks come back to the UI thread."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal

from keeperdb.errors import Cancelled, KeeperDBError
from keeperdb.task import Progress, Task

T = TypeVar("T")

_POOL_THREADS = 4
_CANCELLER_THREADS = 8  # each may be busy for 5 s where a server is silent, and nobody is to wait for another's
_JOIN_SECONDS = 3.0

_log = logging.getLogger(__name__)


class Workers:
    """Daemon threads that run jobs in the order they came; a thread starts when there is work for it.

    They are daemons, so that a driver call that never returns cannot keep the program from ending.
    """

    def __init__(self, name: str, threads: int) -> None:
        self._name = name
        self._limit = threads
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._unfinished = 0
        self.is_closed = False

    def submit(self, job: Callable[[], None]) -> None:
        """Queue `job`. Raises `RuntimeError` once closed."""
        with self._lock:
            if self.is_closed:
                raise RuntimeError(f"{self._name} is closed")
            self._unfinished += 1
            self._jobs.put(job)
            if self._unfinished > len(self._threads) < self._limit:
                name = f"{self._name}-{len(self._threads) + 1}"
                thread = threading.Thread(target=self._work, name=name, daemon=True)
                self._threads.append(thread)
                thread.start()

    def close(self) -> None:
        """Take no more jobs; the threads end after those that are queued. May be called twice."""
        with self._lock:
            if not self.is_closed:
                self.is_closed = True
                for _ in self._threads:
                    self._jobs.put(None)

    def join(self, deadline: float) -> bool:
        """Wait until `deadline` (of `time.monotonic`) for the threads of a closed pool; say if all have ended."""
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
            except Exception:  # noqa: BLE001 - the thread must live on
                _log.exception("A background job failed")
            with self._lock:
                self._unfinished -= 1


class Lane(Workers):
    """Operations that must run in order, on one thread: one lane per session."""

    def __init__(self, name: str = "lane") -> None:
        super().__init__(name, 1)


@dataclass(eq=False, slots=True)
class _Call:
    """One operation on its way, with whom to tell."""

    operation: Callable[[Task], Any]
    owner: QObject
    done: Callable[[Any], object] | None
    failed: Callable[[KeeperDBError], object] | None
    progress: Callable[[Progress], object] | None
    finished: Callable[[], object] | None
    task: Task


class Runner(QObject):
    """Starts operations in the background and brings what they say back to the UI thread.

    `unhandled(owner, error)` is emitted for an error that nobody takes through `failed`; `crashed(exception)` for an
    exception that is not ours to show, which is a bug.
    """

    unhandled = Signal(object, object)
    crashed = Signal(object)
    _posted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = Workers("pool", _POOL_THREADS)
        self._cancellers = Workers("canceller", _CANCELLER_THREADS)
        self._lanes: list[Lane] = []
        self._calls: set[_Call] = set()
        self._is_closed = False
        self._posted.connect(self._run_posted, Qt.ConnectionType.QueuedConnection)

    def start(
        self,
        operation: Callable[[Task], T],
        *,
        owner: QObject,
        done: Callable[[T], object] | None = None,
        failed: Callable[[KeeperDBError], object] | None = None,
        progress: Callable[[Progress], object] | None = None,
        finished: Callable[[], object] | None = None,
        lane: Lane | None = None,
    ) -> Task:
        """Run `operation(task)` on `lane`, or in the shared pool; return the task, through which it is stopped.

        Every callback runs on the UI thread: `progress` while it runs, then `done(result)` or `failed(error)`, then
        `finished()` in every case. `Cancelled` calls only `finished`. Once `owner` is destroyed none is called.
        """
        task = Task()
        call = _Call(operation, owner, done, failed, progress, finished, task)
        if progress is not None:
            task = call.task = Task(lambda value: self._post(call, lambda: progress(value)))
        self._calls.add(call)
        try:
            (lane or self._pool).submit(lambda: self._execute(call))
        except RuntimeError:  # the lane is closed, or the program is about to end
            task.cancel()
            self._post(call, lambda: self._finish(call))
        return task

    def lane(self, name: str = "lane") -> Lane:
        """A new lane with a thread of its own; whoever asked for it closes it."""
        self._lanes = [lane for lane in self._lanes if not lane.is_closed]
        lane = Lane(name)
        self._lanes.append(lane)
        return lane

    def cancel(self, task: Task) -> None:
        """Stop `task`, without waiting: telling a server to stop is a round trip."""
        if not self._cancellers.is_closed:
            self._cancellers.submit(task.cancel)

    @property
    def is_idle(self) -> bool:
        """Nothing runs and no callback is under way."""
        return not self._calls

    def shutdown(self, seconds: float = _JOIN_SECONDS) -> bool:
        """Cancel everything, then wait at most `seconds`; say if all threads have ended. No callback comes after it."""
        self._is_closed = True
        for call in list(self._calls):
            self.cancel(call.task)
        workers = [*self._lanes, self._pool, self._cancellers]
        for each in workers:
            each.close()
        deadline = time.monotonic() + seconds
        joined = [each.join(deadline) for each in workers]
        return all(joined)

    def _execute(self, call: _Call) -> None:
        """In the background: run the operation, and post how it ended."""
        end: Callable[[], object] | None = None
        try:
            call.task.check()
            result = call.operation(call.task)
            call.task.flush()
            if (done := call.done) is not None:
                end = lambda: done(result)  # noqa: E731 - one of three endings of the same shape
        except Cancelled:
            pass
        except KeeperDBError as error:
            end = self._failure(call, error)
        except Exception as error:  # noqa: BLE001 - the one place for what nobody foresaw
            _log.error("%s in a background operation", type(error).__name__, exc_info=error)
            crash = error
            end = lambda: self.crashed.emit(crash)  # noqa: E731
        self._post(call, lambda: self._finish(call, end))

    def _failure(self, call: _Call, error: KeeperDBError) -> Callable[[], object]:
        if call.failed is not None:
            failed = call.failed
            return lambda: failed(error)
        return lambda: self.unhandled.emit(call.owner, error)

    def _finish(self, call: _Call, end: Callable[[], object] | None = None) -> None:
        self._calls.discard(call)
        try:
            if end is not None:
                end()
        finally:
            if call.finished is not None and shiboken6.isValid(call.owner):
                call.finished()

    def _post(self, call: _Call, callback: Callable[[], object]) -> None:
        """From any thread: have `callback` run on the UI thread, unless the owner is gone by then."""
        if not self._is_closed and shiboken6.isValid(self):
            self._posted.emit((call, callback))

    def _run_posted(self, posted: tuple[_Call, Callable[[], object]]) -> None:
        call, callback = posted
        if shiboken6.isValid(call.owner) and not self._is_closed:
            callback()
        else:
            self._calls.discard(call)
