"""Starting, stopping, watching and bounding the service."""

import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from keeperdb.commands.vault_state import VaultState
from keeperdb.errors import SettingsError
from keeperdb.service import execution as execution_module
from keeperdb.service.server import Service
from tests.service.running import KEY, ServiceClient, service_config

_ROOT = Path(__file__).parents[2]
_HEAVY = {"PySide6", "sqlalchemy", "sqlglot", "psycopg", "pymysql", "oracledb", "pyarrow", "yaml"}


def wait_for(condition) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "it never became so"
        time.sleep(0.01)


def test_it_listens_when_start_returns_and_is_gone_when_stop_returns(start_service, connect) -> None:
    threads = set(threading.enumerate())
    service = start_service()
    assert service.is_running
    assert service.url == f"http://localhost:{service.port}"
    client = connect(service)
    assert client.run("whoami").status == 200
    service.stop()
    assert not service.is_running
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", service.port))
    service.stop()
    wait_for(lambda: set(threading.enumerate()) <= threads)


def test_a_port_that_is_taken_is_told(start_service) -> None:
    service = start_service()
    with pytest.raises(SettingsError, match=f"cannot listen on 127.0.0.1, port {service.port}") as caught:
        start_service(port=service.port)
    assert caught.value.hint == "Choose another address or port."


def test_a_service_that_was_never_started_can_be_stopped(service_vault) -> None:
    service = Service(service_config(), service_vault.state)
    service.stop()
    assert not service.is_running


def test_it_listens_on_ipv6_too_and_knows_mapped_addresses(start_service, connect) -> None:
    service = start_service(bind="::", denied=("127.0.0.2",))
    assert connect(service, host="::1").run("whoami").status == 200
    assert connect(service).run("whoami").status == 200
    refused = connect(service, host="127.0.0.1")
    connection = refused._connect()
    connection.source_address = ("127.0.0.2", 0)
    assert refused.run("whoami").status == 403


def test_stopping_waits_for_what_runs(service_vault, start_service, connect) -> None:
    service = start_service()
    client = connect(service)
    client.run("whoami")
    service_vault.demo.latency = 0.3
    try:
        with ThreadPoolExecutor(1) as other:
            running = other.submit(client.run, "sync-down")
            wait_for(lambda: service._listening._execution.running)
            service.stop()
            assert running.result().status == 200
    finally:
        service_vault.demo.latency = 0.0


def test_what_hangs_is_told_to_stop(service_vault, start_service, connect, monkeypatch) -> None:
    monkeypatch.setattr("keeperdb.service.listening._DRAIN", 0.1)
    service = start_service()
    client = connect(service)
    with service_vault.state._turn, ThreadPoolExecutor(1) as other:  # the vault is busy for ever
        running = other.submit(client.run, "sync-down")
        wait_for(lambda: service._listening._execution.running)
        service.stop()
        answer = running.result()
    assert (answer.status, answer.json["error"]) == (504, "sync-down: The command ran out of time.")


def test_a_command_has_a_time_limit(service_vault, start_service, connect) -> None:
    service = start_service()
    service._listening._execution._longest = 0.1
    with service_vault.state._turn:
        answer = connect(service).run("sync-down")
    assert answer.status == 504
    assert answer.json == {
        "command": "sync-down",
        "error": "sync-down: The command ran out of time.",
        "status": "error",
    }


def test_no_more_than_a_hundred_wait_for_the_vault(service_vault, start_service, connect, monkeypatch) -> None:
    monkeypatch.setattr(execution_module, "_MOST_WAITING", 3)
    service = start_service()
    client = connect(service)
    with ThreadPoolExecutor(3) as others, service_vault.state._turn:
        waiting = [others.submit(connect(service).run, "sync-down") for _ in range(3)]
        wait_for(lambda: service._listening._execution.running == 3)
        answer = client.run("sync-down")
        assert (answer.status, answer.json["error"]) == (503, "Error: Request queue is full. Please try again later.")
        assert client.run("ls").status == 200
    assert {each.result().status for each in waiting} == {200}


def test_many_who_wait_for_the_vault_hold_up_nobody_else(service_vault, start_service, connect) -> None:
    service = start_service()
    client = connect(service)
    with ThreadPoolExecutor(20) as others, service_vault.state._turn:
        waiting = [others.submit(connect(service).run, "sync-down") for _ in range(20)]
        wait_for(lambda: service._listening._execution.running == 20)
        for command in ("ls", "list", "search Own", "generate", "connections", "help"):
            assert client.run(command).status == 200, command
        assert not any(each.done() for each in waiting)
    assert {each.result().status for each in waiting} == {200}


def test_a_fault_of_ours_says_nothing_of_the_data(start_service, connect, monkeypatch, caplog) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("S3" + "cret")

    client = connect(start_service())
    monkeypatch.setattr("keeperdb.service.execution.run_words", fail)
    answer = client.run("ls")
    assert answer.status == 500
    assert "S3cret" not in answer.body.decode() + caplog.text
    assert "RuntimeError" in caplog.text


def test_requests_are_noted_without_secrets(start_service, connect) -> None:
    service = start_service()
    seen = []
    unsubscribe = service.subscribe(seen.append)
    client = connect(service)
    client.run("get 'the secret title'")
    client.run("hunter2-is-no-command")
    client.ask("GET", "/the-secret-path?x=secret")
    client.ask("GET", "/health", headers={"api-key": "wrong-secret"})
    assert [(each.method, each.route, each.command, each.status) for each in seen] == [
        ("POST", "/api/v1/executecommand", "get", 404),
        ("POST", "/api/v1/executecommand", "", 403),
        ("GET", "", "", 404),
        ("GET", "/health", "", 200),
    ]
    assert {each.client for each in seen} == {"127.0.0.1"}
    assert (len(seen[0].key), seen[2].key) == (8, "")
    assert seen[0].milliseconds > 0
    assert "secret" not in repr(seen)
    assert KEY not in repr(seen)
    assert service.recent() == seen
    unsubscribe()
    client.run("whoami")
    assert (len(seen), len(service.recent())) == (4, 5)


def test_who_watches_and_fails_keeps_no_request_from_its_answer(start_service, connect, caplog) -> None:
    service = start_service()
    service.subscribe(lambda entry: entry.nothing)
    assert connect(service).run("whoami").status == 200
    assert "A listener of the request log failed with AttributeError." in caplog.text


def test_only_the_last_requests_are_kept(start_service, connect) -> None:
    service = start_service()
    client = connect(service)
    for _ in range(520):
        client.ask("GET", "/health")
    assert len(service.recent()) == 500


def test_the_vault_is_read_again_by_itself(service_vault) -> None:
    state = VaultState(service_vault.state.workspace, service_vault.state.vault_id)
    service = Service(service_config(), state, refresh_every=0.05)
    service.start()
    wait_for(lambda: state.is_read)
    first = state.contents.read_at
    wait_for(lambda: state.contents.read_at != first)
    service.stop()


def test_a_vault_that_was_never_read_is_read_by_the_first_command(service_vault, monkeypatch) -> None:
    monkeypatch.setattr("keeperdb.service.execution.Execution.refresh", _nothing)
    state = VaultState(service_vault.state.workspace, service_vault.state.vault_id)
    service = Service(service_config(), state)
    service.start()
    client = ServiceClient(service.port)
    service_vault.demo.stop()
    try:
        answer = client.run("ls")
        assert (answer.status, answer.json["status"]) == (502, "error")
    finally:
        service_vault.demo.start()
    assert [each["name"] for each in client.run("ls").json["data"]["folders"]] == ["Personal", "Shared Infra"]
    client.close()
    service.stop()


async def _nothing(_: object) -> None:
    pass


def test_an_idle_service_has_loaded_neither_window_nor_drivers() -> None:
    code = "import sys, keeperdb.service.server; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True, check=True)
    assert not _HEAVY & set(done.stdout.split())
