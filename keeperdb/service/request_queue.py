"""Requests that are answered later: carried out one after the other for each key, and kept for an hour."""

import asyncio
import hmac
import time
import uuid
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from starlette.responses import Response

from keeperdb.service.call import Call
from keeperdb.service.encryption import ResponseCipher
from keeperdb.service.execution import Execution
from keeperdb.service.replies import Refused, refusal

MOST_WAITING = 100
LONGEST_WAIT = 300  # seconds
RETENTION = 3600  # seconds
_MOST_KEPT = 10_000  # requests
_MOST_BYTES = 64 * 1024 * 1024  # of answers
_TIDY_EVERY = 1.0  # seconds


class State(StrEnum):
    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    EXPIRED = "expired"


@dataclass(slots=True)
class QueuedRequest:
    """One request. Of its command, only the name is kept once it was carried out; times are monotonic seconds."""

    request_id: str
    owner: str
    name: str
    call: Call | None = field(repr=False)
    cipher: ResponseCipher | None = field(repr=False)
    queued_at: float
    created_at: datetime
    started_at: datetime | None = None
    completed_at: datetime | None = None
    done_at: float = 0.0
    state: State = State.QUEUED
    answer: Response | None = field(default=None, repr=False)


class RequestQueue:
    """All waiting, running and finished requests; lives on the event loop's thread."""

    def __init__(self, execution: Execution) -> None:
        self._execution = execution
        self._requests: dict[str, QueuedRequest] = {}  # in the order of their arrival
        self._waiting: dict[str, deque[QueuedRequest]] = {}  # by owner
        self._workers: dict[str, asyncio.Task[None]] = {}  # by owner, while there is something to do
        self._bytes = 0  # of all answers
        self._tidied_at = time.monotonic()

    @property
    def size(self) -> int:
        """How many wait, of all owners."""
        return sum(map(len, self._waiting.values()))

    def submit(self, call: Call, cipher: ResponseCipher | None) -> QueuedRequest:
        """Take the call on. Raises `Refused` when 100 are waiting."""
        self.tidy()
        if self.size >= MOST_WAITING:
            raise Refused(503, "Error: Request queue is full. Please try again later.")
        owner = call.caller.owner
        request = QueuedRequest(str(uuid.uuid4()), owner, call.name, call, cipher, time.monotonic(), _now())
        self._requests[request.request_id] = request
        self._waiting.setdefault(owner, deque()).append(request)
        if owner not in self._workers:
            self._workers[owner] = asyncio.create_task(self._work(owner))
        return request

    def find(self, request_id: str, owner: str) -> QueuedRequest:
        """Raises `Refused` for one that is unknown, forgotten or somebody else's."""
        self.tidy()
        request = self._requests.get(request_id)
        if request is None or not hmac.compare_digest(request.owner, owner):
            raise Refused(404, "Error: Request not found")
        return request

    def counters(self, owner: str) -> dict[str, Any]:
        """What `/queue/status` says: the size is everybody's, the rest the owner's."""
        self.tidy()
        own = [request for request in self._requests.values() if request.owner == owner]
        running = [request for request in own if request.state is State.PROCESSING]
        return {
            "success": True,
            "queue_size": self.size,
            "active_requests": sum(request.state in (State.QUEUED, State.PROCESSING) for request in own),
            "completed_requests": sum(request.state is State.COMPLETED for request in own),
            "currently_processing": running[0].request_id if running else None,
            "worker_running": True,
        }

    @property
    def is_busy(self) -> bool:
        return bool(self._workers)

    def stop(self) -> None:
        """Give up what waits; what runs is the execution's to end."""
        for waiting in self._waiting.values():
            for request in waiting:
                _release(request)
            waiting.clear()

    def tidy(self) -> None:
        """Let what waited too long expire, and forget what was answered an hour ago; at most once a second."""
        now = time.monotonic()
        if now - self._tidied_at < _TIDY_EVERY:
            return
        self._tidied_at = now
        for waiting in self._waiting.values():
            while waiting and now - waiting[0].queued_at > LONGEST_WAIT:
                self._finish(waiting.popleft(), State.EXPIRED, None)
        for request in [each for each in self._requests.values() if each.done_at and now - each.done_at > RETENTION]:
            self._forget(request)

    def _make_room(self) -> None:
        """Forgets the oldest answers when there are too many, or when they take up too much."""
        while self._bytes > _MOST_BYTES or len(self._requests) > _MOST_KEPT:
            self._forget(next(each for each in self._requests.values() if each.done_at))

    async def _work(self, owner: str) -> None:
        waiting = self._waiting[owner]
        try:
            while waiting:
                request = waiting.popleft()
                if request.call is not None:
                    await self._carry_out(request, request.call)
                await asyncio.sleep(0)  # others get their turn between two that answer at once
        finally:
            del self._workers[owner], self._waiting[owner]

    async def _carry_out(self, request: QueuedRequest, call: Call) -> None:
        request.state, request.started_at = State.PROCESSING, _now()
        try:
            answer = await self._execution.run(call, request.cipher)
        except Refused as refused:
            answer = refusal(refused)
        self._finish(request, State.COMPLETED, answer)

    def _finish(self, request: QueuedRequest, state: State, answer: Response | None) -> None:
        _release(request)
        request.state, request.answer = state, answer
        request.completed_at, request.done_at = _now(), time.monotonic()
        self._bytes += len(answer.body) if answer is not None else 0
        self._make_room()

    def _forget(self, request: QueuedRequest) -> None:
        del self._requests[request.request_id]
        self._bytes -= len(request.answer.body) if request.answer is not None else 0


def _release(request: QueuedRequest) -> None:
    if request.call is not None:
        request.call.lease.release()
    request.call = request.cipher = None


def _now() -> datetime:
    return datetime.now(UTC)
