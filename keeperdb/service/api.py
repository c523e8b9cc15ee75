"""The endpoints behind the gate: commands at once, commands through the queue, and what describes them."""

from datetime import datetime

from starlette.responses import Response

from keeperdb.service.body import BodyBudget, Lease, decode, read_body
from keeperdb.service.call import Call, read_call
from keeperdb.service.docs_page import HTML_TYPE, PAGE_HEADERS, docs_page
from keeperdb.service.encryption import MEDIA_TYPE
from keeperdb.service.execution import Execution
from keeperdb.service.openapi import describe
from keeperdb.service.passage import Door, Passage, door
from keeperdb.service.replies import Refused, as_json, reply
from keeperdb.service.request_queue import LONGEST_WAIT, QueuedRequest, RequestQueue, State

EXECUTE = "/api/v1/executecommand"
_QUEUED = (
    "Request queued successfully. Use /api/v2/status/<request_id> to check progress, "
    "/api/v2/result/<request_id> to get results, or /api/v2/queue/status for queue info."
)
_PENDING = (State.QUEUED, State.PROCESSING)


class Api:
    """What each door leads to."""

    def __init__(self, execution: Execution, queue: RequestQueue) -> None:
        self._execution = execution
        self._queue = queue
        self._budget = BodyBudget()

    @property
    def doors(self) -> tuple[Door, ...]:
        """Every route there is, those that are called most first."""
        return (
            door(EXECUTE, self.execute, "POST", is_legacy=True),
            door("/api/v2/executecommand-async", self.submit, "POST", needs_queue=True),
            door("/api/v2/status/{request_id}", self.status, "GET", needs_queue=True),
            door("/api/v2/result/{request_id}", self.result, "GET", needs_queue=True),
            door("/api/v2/queue/status", self.queue_status, "GET", needs_queue=True),
            door("/health", self.health, "GET", is_public=True),
            door("/openapi.json", self.openapi, "GET", is_page=True),
            door("/docs", self.docs, "GET", is_page=True),
        )

    async def health(self, passage: Passage) -> Response:
        return reply(200, as_json({"status": "ok"}))

    async def execute(self, passage: Passage) -> Response:
        """Carry out a command and answer with what it gave. With a cipher nothing leaves in clear, no error either."""
        lease = Lease(self._budget)
        cipher = passage.rules.cipher
        try:
            call = await self._read(passage, lease)
            return await self._execution.run(call, cipher)
        except Refused as refused:
            if cipher is None:
                raise
            return reply(refused.status, cipher.seal(refused.body), refused.headers, MEDIA_TYPE)
        finally:
            lease.release()

    async def submit(self, passage: Passage) -> Response:
        lease = Lease(self._budget)
        try:
            request = self._queue.submit(await self._read(passage, lease), passage.rules.cipher)
        except BaseException:
            lease.release()
            raise
        body = {"success": True, "request_id": request.request_id, "status": State.QUEUED, "message": _QUEUED}
        return reply(202, as_json(body))

    async def status(self, passage: Passage) -> Response:
        """Where a request is. The answer itself, which may hold secrets, is only at `/result`."""
        request = self._find(passage)
        answer = request.answer
        return reply(
            200,
            as_json(
                {
                    "success": True,
                    "request_id": request.request_id,
                    "command": request.name,
                    "status": request.state,
                    "created_at": _local(request.created_at),
                    "started_at": _local(request.started_at),
                    "completed_at": _local(request.completed_at),
                    "status_code": answer.status_code if answer is not None else None,
                    "result": {"encrypted": True, "type": "bytes"} if _is_sealed(answer) else None,
                    "error_message": None,
                    "temp_files": [],
                }
            ),
        )

    async def result(self, passage: Passage) -> Response:
        """The very answer that the request would have had without the queue."""
        request = self._find(passage)
        if request.state in _PENDING:
            pending = {"error": "Error: Request not completed yet", "status": request.state}
            return reply(202, as_json(pending))
        if request.answer is None:
            late = {"error": f"Error: Request expired after waiting more than {LONGEST_WAIT}s in queue"}
            return reply(504, as_json(late))
        return request.answer

    async def queue_status(self, passage: Passage) -> Response:
        return reply(200, as_json(self._queue.counters(passage.key.owner)))

    async def openapi(self, passage: Passage) -> Response:
        return reply(200, as_json(describe(passage.key.commands, has_queue=passage.rules.has_queue)))

    async def docs(self, passage: Passage) -> Response:
        page = docs_page(passage.key.commands, has_queue=passage.rules.has_queue)
        return reply(200, page, PAGE_HEADERS, HTML_TYPE)

    async def _read(self, passage: Passage, lease: Lease) -> Call:
        body = await read_body(passage, lease)
        call = read_call(decode(passage.header("content-type"), body), passage.key, lease)
        passage.command = call.name
        return call

    def _find(self, passage: Passage) -> QueuedRequest:
        request = self._queue.find(passage.scope["path_params"]["request_id"], passage.key.owner)
        passage.command = request.name
        return request


def _is_sealed(answer: Response | None) -> bool:
    return answer is not None and answer.media_type == MEDIA_TYPE


def _local(moment: datetime | None) -> str | None:
    """Without a zone and with microseconds, as Commander's clients parse it."""
    return None if moment is None else moment.astimezone().replace(tzinfo=None).isoformat(timespec="microseconds")
