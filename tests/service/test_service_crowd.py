"""Many clients at the same time, and such that mean no good."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from keeperdb.service.http_protocol import Stage
from tests.service.running import KEY, ServiceClient, api_key
from tests.service.served import Served, served

_CLIENTS = 16
_REQUESTS = 10_000
_SYNC_EVERY = 125
_QUEUE_EVERY = 50
_LATENCY = 0.03  # seconds
_V1 = "/api/v1/executecommand"


@pytest.fixture
def slow_vault(service_vault) -> Iterator[Any]:
    service_vault.demo.latency = _LATENCY
    yield service_vault
    service_vault.demo.latency = 0.0


def key_of(number: int) -> str:
    return f"{number:02}" * 22


def test_no_answer_is_ever_another_clients(slow_vault, start_service) -> None:
    service = start_service(keys=tuple(api_key(key_of(number)) for number in range(_CLIENTS)))

    def read_own(number: int) -> int:
        client, title = ServiceClient(service.port, key_of(number)), f"Own {number}"
        uid = slow_vault.records[title]
        for turn in range(_REQUESTS // _CLIENTS):
            if turn % _SYNC_EVERY == number:
                assert client.run("sync-down").json["message"] == "Vault synchronized successfully"
            elif turn % _QUEUE_EVERY == number:
                check_own(queued(client, f"get {uid} --format=json"), number, uid)
            elif turn % 2:
                check_own(client.run(f"get {uid} --format=json").json, number, uid)
            else:
                assert client.run(f"get '{title}' --format=password").json["data"] == {
                    "password": f"password of {number}"
                }
        client.close()
        return number

    with ThreadPoolExecutor(_CLIENTS) as clients:
        assert list(clients.map(read_own, range(_CLIENTS))) == list(range(_CLIENTS))


def check_own(answer: Any, number: int, uid: str) -> None:
    assert answer["status"] == "success", answer
    assert (answer["data"]["record_uid"], answer["data"]["title"]) == (uid, f"Own {number}")
    fields = {each["type"]: each["value"] for each in answer["data"]["fields"]}
    assert (fields["login"], fields["password"]) == ([f"user{number}"], [f"password of {number}"])


def queued(client: ServiceClient, command: str) -> Any:
    request_id = client.ask("POST", "/api/v2/executecommand-async", {"command": command}).json["request_id"]
    while (answer := client.ask("GET", f"/api/v2/result/{request_id}")).status == 202:
        pass
    return answer.json


def test_a_working_folder_is_nobody_elses(client) -> None:
    root = client.run("ls").json["data"]
    assert client.run("cd Personal").status == 200
    assert client.run("ls").json["data"] == root


def test_a_slow_vault_delays_only_who_asked(slow_vault, service, client, connect) -> None:
    slow_vault.demo.latency = 0.5
    asked = threading.Event()

    def refresh() -> int:
        own = ServiceClient(service.port)
        asked.set()
        status = own.run("sync-down").status
        own.close()
        return status

    with ThreadPoolExecutor(1) as other:
        refreshing = other.submit(refresh)
        asked.wait()
        answered = 0
        while not refreshing.done():
            assert client.run("ls").status == 200
            answered += 1
        assert refreshing.result() == 200
    assert answered > 3


@pytest.fixture(scope="module")
def process() -> Iterator[Served]:
    with served() as running:
        yield running


@pytest.fixture
def open_connection(process) -> Iterator[Callable[[], socket.socket]]:
    opened: list[socket.socket] = []

    def make() -> socket.socket:
        opened.append(socket.create_connection(("127.0.0.1", process.port)))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


_HEAD = f"POST {_V1} HTTP/1.1\r\nhost: localhost\r\napi-key: {KEY}\r\ncontent-type: application/json\r\n".encode()
_HOSTILE = {
    "silent": b"",
    "slow headers": b"POST /api/v1/executecommand HTTP/1.1\r\nhost: local",
    "half-sent bodies": _HEAD + b'content-length: 5000\r\n\r\n{"command": ',
    "endless bodies": _HEAD + b"content-length: 16000000\r\n\r\n" + b"x" * 60_000,
    "half-sent bodies without a key": b"POST /api/v1/executecommand HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{",
    "garbage": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 10,
    "many at once": b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n" * 10,
}


@pytest.mark.parametrize("sent", _HOSTILE.values(), ids=_HOSTILE)
def test_others_are_answered_while_a_thousand_connections_hang(process, open_connection, connect, sent) -> None:
    for _ in range(1_000):
        open_connection().sendall(sent)
    client = connect(process)
    assert {client.run("whoami").status for _ in range(20)} == {200}


def test_memory_stays_flat_through_repeated_attacks(process, open_connection, connect) -> None:
    def attack() -> None:
        hanging = []
        for sent in _HOSTILE.values():
            for _ in range(150):
                hanging.append(open_connection())
                hanging[-1].sendall(sent)
        client = connect(process, "wrong")
        assert {client.run("whoami").status for _ in range(1_000)} == {401}
        client.close()
        for each in hanging:
            each.close()
        assert connect(process).run("ls").status == 200

    attack()
    before = process.memory
    for _ in range(4):
        attack()
    assert process.memory - before < 8  # MB


def after(service: Any, seconds: float) -> None:
    """Look after the connections as if so many seconds had gone by."""
    listening, done = service._listening, threading.Event()

    def sweep() -> None:
        listening._connections.sweep(listening._loop.time() + seconds)
        done.set()

    listening._loop.call_soon_threadsafe(sweep)
    assert done.wait(10)


def first_bytes(connection: socket.socket) -> bytes:
    connection.settimeout(10)
    return connection.recv(65_536)


@pytest.mark.parametrize(
    ("sent", "stage", "seconds", "answer"),
    [
        (b"", Stage.IDLE, 66, b""),
        (b"POST /api", Stage.HEAD, 11, b"HTTP/1.1 408 Request Timeout"),
        (_HEAD + b"content-length: 50\r\n\r\n{", Stage.BODY, 31, b"HTTP/1.1 408 Request Timeout"),
        (_HEAD + b"transfer-encoding: chunked\r\n\r\n5\r\n{", Stage.BODY, 31, b"HTTP/1.1 408 Request Timeout"),
    ],
)
def test_what_comes_too_slowly_is_given_up(service, sent, stage, seconds, answer) -> None:
    with socket.create_connection(("127.0.0.1", service.port)) as connection:
        connection.sendall(sent)
        address = connection.getsockname()
        while (of_it := stage_of(service, address)) is not stage:
            assert of_it in (None, Stage.IDLE)
        after(service, 0)
        assert stage_of(service, address) is stage
        after(service, seconds)
        assert first_bytes(connection).startswith(answer)
    while stage_of(service, address) is not None:
        pass


def stage_of(service: Any, address: tuple[str, int]) -> Stage | None:
    found = protocol_of(service, address)
    return found.stage if found is not None else None


def protocol_of(service: Any, address: tuple[str, int]) -> Any:
    connections = service._listening._connections.connections.copy()
    return next((each for each in connections if each.client == address), None)


def test_a_client_that_takes_nothing_of_its_answers_is_let_go(service) -> None:
    request = f"GET /openapi.json HTTP/1.1\r\nhost: localhost\r\napi-key: {KEY}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", service.port)) as connection:
        connection.settimeout(0.2)
        with contextlib.suppress(TimeoutError):
            for _ in range(500):
                connection.sendall(request * 20)
        address = connection.getsockname()
        while not is_stalled(service, address):
            time.sleep(0.01)
        after(service, 0)
        assert protocol_of(service, address) is not None
        for _ in range(200):  # the kernel may still have taken some of it in between
            after(service, 0)
            after(service, 31)
            if protocol_of(service, address) is None:
                return
            time.sleep(0.01)
        pytest.fail("it is still there")


def is_stalled(service: Any, address: tuple[str, int]) -> bool:
    """Whether the connection is there already, and has more to send than anybody takes."""
    found = protocol_of(service, address)
    return found is not None and found.flow.write_paused


def test_headers_have_a_largest_size(service) -> None:
    with socket.create_connection(("127.0.0.1", service.port)) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nhost: localhost\r\n")
        for _ in range(9):
            connection.sendall(b"x-filler: " + b"x" * 8_000 + b"\r\n")
        assert first_bytes(connection).startswith(b"HTTP/1.1 431 ")


def test_what_is_not_http_is_told_so_in_json(service) -> None:
    with socket.create_connection(("127.0.0.1", service.port)) as connection:
        connection.sendall(b"HELO localhost\r\n\r\n")
        answer = first_bytes(connection)
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert answer.endswith(b'\r\n\r\n{"error":"Invalid HTTP request","status":"error"}\n')


def test_the_longest_silent_connections_make_room_for_new_ones(start_service, connect) -> None:
    service = start_service()
    service._listening._connections.most = 50
    silent = [socket.create_connection(("127.0.0.1", service.port)) for _ in range(50)]
    assert connect(service).run("whoami").status == 200
    silent[0].settimeout(10)
    assert silent[0].recv(1) == b""
    for each in silent:
        each.close()
