"""Commands that are queued: what is accepted, who may see it, and for how long."""

import asyncio
import threading
import time
import uuid
from typing import Any

import pytest

from keeperdb.service import request_queue
from keeperdb.service.access import KeyRing
from keeperdb.service.body import BodyBudget, Lease
from keeperdb.service.call import Call, read_call
from keeperdb.service.replies import Refused, as_json, reply
from keeperdb.service.request_queue import RequestQueue, State
from tests.service.running import KEY, OTHER_KEY, ServiceClient, api_key

_SUBMIT = "/api/v2/executecommand-async"
_MEMBERS = {
    *("command", "completed_at", "created_at", "error_message", "request_id", "result", "started_at", "status"),
    *("status_code", "success", "temp_files"),
}


def finished(client: ServiceClient, request_id: str) -> Any:
    for _ in range(500):
        answer = client.ask("GET", f"/api/v2/result/{request_id}")
        if answer.status != 202:
            return answer
        time.sleep(0.01)
    raise AssertionError("never finished")


def test_a_queued_command_answers_what_it_would_have_answered_at_once(client) -> None:
    submitted = client.ask("POST", _SUBMIT, {"command": "ls --format=json"})
    assert submitted.status == 202
    assert submitted.json == {
        "message": "Request queued successfully. Use /api/v2/status/<request_id> to check progress, "
        "/api/v2/result/<request_id> to get results, or /api/v2/queue/status for queue info.",
        "request_id": submitted.json["request_id"],
        "status": "queued",
        "success": True,
    }
    assert uuid.UUID(submitted.json["request_id"]).version == 4
    answer = finished(client, submitted.json["request_id"])
    assert (answer.status, answer.body) == (200, client.run("ls --format=json").body)
    assert finished(client, submitted.json["request_id"]).body == answer.body


def test_the_status_has_all_members_and_no_secret(client) -> None:
    request_id = client.ask("POST", _SUBMIT, {"command": "ls 'the secret'"}).json["request_id"]
    assert finished(client, request_id).status == 404
    answer = client.ask("GET", f"/api/v2/status/{request_id}")
    assert answer.status == 200
    assert set(answer.json) == _MEMBERS
    assert answer.json["command"] == "ls"
    assert (answer.json["status"], answer.json["status_code"], answer.json["success"]) == ("completed", 404, True)
    assert b"secret" not in answer.body


def test_what_is_refused_is_refused_before_it_is_queued(client) -> None:
    assert client.ask("POST", _SUBMIT, {"command": "nonsense"}).status == 403
    assert client.ask("POST", _SUBMIT, {"command": ""}).json["error"] == "Command must not be empty"
    assert client.ask("POST", _SUBMIT, {"command": "ls"}, {"api-key": "x"}).status == 401


def test_the_request_of_another_key_is_not_there(client, service, connect) -> None:
    other = connect(service, OTHER_KEY)
    request_id = client.ask("POST", _SUBMIT, {"command": "whoami"}).json["request_id"]
    for path in (f"/api/v2/result/{request_id}", f"/api/v2/status/{request_id}", "/api/v2/result/unknown"):
        answer = other.ask("GET", path)
        assert (answer.status, answer.json) == (404, {"error": "Error: Request not found", "status": "error"})


def test_the_counters_are_those_of_the_key(client, service, connect) -> None:
    finished(client, client.ask("POST", _SUBMIT, {"command": "whoami"}).json["request_id"])
    mine = client.ask("GET", "/api/v2/queue/status").json
    assert mine["completed_requests"] >= 1
    assert mine == {
        "active_requests": 0,
        "completed_requests": mine["completed_requests"],
        "currently_processing": None,
        "queue_size": 0,
        "success": True,
        "worker_running": True,
    }
    other = connect(service, OTHER_KEY)
    assert other.ask("GET", "/api/v2/queue/status").json["completed_requests"] == 0


def test_without_the_queue_only_the_first_version_is_there(start_service, connect) -> None:
    client = connect(start_service(queue_enabled=False))
    assert client.ask("POST", _SUBMIT, {"command": "whoami"}).status == 404
    assert client.ask("GET", "/api/v2/queue/status").status == 404
    assert client.run("whoami").status == 200
    assert "/api/v2/queue/status" not in client.ask("GET", "/openapi.json").json["paths"]


class _Execution:
    """Answers each call with its name, when it is told to."""

    def __init__(self) -> None:
        self.may_answer = asyncio.Event()
        self.order: list[str] = []

    async def run(self, call: Call, cipher: object) -> Any:
        await self.may_answer.wait()
        self.order.append(call.words[-1])
        return reply(200, as_json(call.words[-1]))


@pytest.fixture
def execution() -> _Execution:
    return _Execution()


def call(word: str = "x", key: str = KEY, lease: Lease | None = None) -> Call:
    ring = KeyRing((api_key(), api_key(OTHER_KEY)))
    return read_call({"command": f"whoami {word}"}, ring.find(key), lease or Lease(BodyBudget()))


def test_a_hundred_wait_beside_the_one_that_runs(execution) -> None:
    async def story() -> None:
        queue = RequestQueue(execution)
        for _ in range(101):
            queue.submit(call(), None)
            await asyncio.sleep(0)
        with pytest.raises(Refused, match="Request queue is full") as caught:
            queue.submit(call(), None)
        assert caught.value.status == 503
        execution.may_answer.set()

    asyncio.run(story())


def test_the_requests_of_one_key_keep_their_order_and_do_not_delay_another_key(execution) -> None:
    async def story() -> None:
        queue = RequestQueue(execution)
        requests = [queue.submit(call(str(number)), None) for number in range(5)]
        other = queue.submit(call("other", OTHER_KEY), None)
        await asyncio.sleep(0)
        assert [each.state for each in (requests[0], requests[1], other)] == ["processing", "queued", "processing"]
        assert queue.counters(requests[0].owner)["currently_processing"] == requests[0].request_id
        execution.may_answer.set()
        while queue.is_busy:
            await asyncio.sleep(0)
        assert [word for word in execution.order if word != "other"] == ["0", "1", "2", "3", "4"]

    asyncio.run(story())


def test_what_waits_too_long_expires_and_is_never_carried_out(execution, monkeypatch) -> None:
    async def story() -> None:
        queue = RequestQueue(execution)
        first = queue.submit(call("first"), None)
        late = queue.submit(call("late"), None)
        await asyncio.sleep(0)
        now = time.monotonic()
        monkeypatch.setattr(request_queue.time, "monotonic", lambda: now + 301)
        assert queue.find(late.request_id, late.owner).state is State.EXPIRED
        execution.may_answer.set()
        while queue.is_busy:
            await asyncio.sleep(0)
        assert first.state is State.COMPLETED
        assert execution.order == ["first"]

    asyncio.run(story())


def test_answers_are_forgotten_after_an_hour(execution, monkeypatch) -> None:
    async def story() -> None:
        queue = RequestQueue(execution)
        execution.may_answer.set()
        request = queue.submit(call(), None)
        while queue.is_busy:
            await asyncio.sleep(0)
        now = time.monotonic()
        monkeypatch.setattr(request_queue.time, "monotonic", lambda: now + 3590)
        assert queue.find(request.request_id, request.owner).answer is not None
        monkeypatch.setattr(request_queue.time, "monotonic", lambda: now + 3602)
        with pytest.raises(Refused, match="Request not found"):
            queue.find(request.request_id, request.owner)

    asyncio.run(story())


def test_answers_take_a_bounded_amount_of_memory(execution, monkeypatch) -> None:
    monkeypatch.setattr(request_queue, "_MOST_BYTES", 50)
    budget = BodyBudget()

    async def story() -> None:
        queue = RequestQueue(execution)
        execution.may_answer.set()
        for number in range(90):
            lease = Lease(budget)
            lease.add(1000)
            queue.submit(call(str(number), lease=lease), None)
        assert budget.taken == 90_000
        while queue.is_busy:
            await asyncio.sleep(0)
        assert sum(len(each.answer.body) for each in queue._requests.values()) <= 50

    asyncio.run(story())
    assert budget.taken == 0


def test_no_thread_stays_for_a_queue_that_is_empty(client) -> None:
    finished(client, client.ask("POST", _SUBMIT, {"command": "whoami"}).json["request_id"])
    assert not [thread for thread in threading.enumerate() if "queue" in thread.name]
