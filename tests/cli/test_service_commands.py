"""`keeperdb service-…`: real processes, a real vault, and what is left after they are killed."""

import json
import os
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from keeperdb.demo.record_types import login_record
from keeperdb.service.process import ServicePlace
from tests.cli.attached_home import attached_home
from tests.fixtures.ngrok_fixtures import PUBLIC_URL, TOKEN

_ENCRYPTION = "0123456789abcdefABCDEF@#$%^&+=xy"


def plant(vault):
    folder = vault.add_shared_folder("Services")
    folder.add_record(login_record("My Login", login="alice", password="hunter2-of-alice"))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with attached_home(tmp_path_factory.mktemp("attached"), plant) as home:
        yield home


@pytest.fixture
def service(home, tmp_path):
    """The command line; what it started in the background is ended with the test."""
    with home.copied(tmp_path) as machine:
        yield machine
        status = status_of(machine)
        if status.is_running:
            os.kill(status.process.pid, signal.SIGKILL)


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def call(port, key, command, **headers):
    body = json.dumps({"command": command}).encode()
    headers = {"Content-Type": "application/json", "api-key": key, **headers}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/executecommand", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def documented_call(port, key):
    """The status that the curl line of the documentation gets."""
    text = (Path(__file__).parents[2] / "docs" / "service.md").read_text()
    line = (
        re.search(r"```\n(curl .*?)```", text, re.DOTALL)[1].replace("9090", str(port)).replace("<your-api-key>", key)
    )
    done = subprocess.run(["sh", "-c", line], capture_output=True, timeout=60)
    return json.loads(done.stdout)["status"]


def key_in(text):
    return re.search(r"^Generated API key: (\S{44})$", text, re.MULTILINE)[1]


def status_of(cli):
    """As `service-status` has it, without another process."""
    return ServicePlace(cli.home / "data").look()


def until(holds, what):
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def test_a_service_in_the_background_lives_through_every_command_and_a_crash(service, port):
    done = service.ok("service-create", "-p", port, "-c", "tree,whoami", "-rm", "background", "-te", "24h")
    key = key_in(done.out)
    assert f"Commander Service (async) is starting on http://localhost:{port}/api/v2/executecommand-async" in done.out
    assert f"compatibility is available at http://localhost:{port}/api/v1/executecommand" in done.out
    assert re.search(r"^API key will expire at: \d{4}-", done.out, re.MULTILINE)
    pid = int(re.search(r"^Commander Service started with PID: (\d+)$", done.out, re.MULTILINE)[1])
    assert f"Running (PID: {pid}, Terminal: unknown terminal" in service.ok("service-status").out
    assert documented_call(port, key) == "success"
    assert call(port, key, "get x")[0] == 403

    second = key_in(service.ok("service-config-add", "-c", "get").out)
    until(lambda: call(port, second, "get 'My Login'")[0] == 200, "a new key counts at once")
    again = service("service-start")
    assert (again.code, f"already running (PID: {pid})" in again.err) == (2, True)

    os.kill(pid, signal.SIGKILL)
    until(lambda: not status_of(service).is_running, "a killed service does not run")
    assert service.ok("service-status", "--format", "json").json == {"running": False}
    assert "Current status: Commander Service is Stopped" in service.ok("service-status").out

    started = service.ok("service-start", "-rm", "background")
    assert "API key" not in started.out + started.err
    assert call(port, key, "tree")[0] == call(port, second, "get 'My Login'")[0] == 200
    assert "Service stopped successfully" in service.ok("service-stop").out
    stopped = service("service-stop")
    assert (stopped.code, "No running service found to stop" in stopped.err) == (2, True)
    assert "No Commander Service is running currently" in service.ok("service-status").out


def test_no_secret_is_on_this_machine_and_deleting_the_record_revokes_every_key(service, port, home):
    done = service.ok("service-create", "-p", port, "-c", "ls,sync-down", "-ek", _ENCRYPTION, "-rm", "background")
    key, pid = key_in(done.out), status_of(service).process.pid
    assert call(port, key, "ls")[0] == 200
    seen = Path(f"/proc/{pid}/cmdline").read_bytes() + Path(f"/proc/{pid}/environ").read_bytes()
    seen += b"".join(service.files().values())
    for secret in (key, _ENCRYPTION, "correct horse battery staple", "hunter2-of-alice"):
        assert secret.encode() not in seen
    record = home.vault.find_record("Commander Service Mode")
    assert key in record.files["service_config.yaml"].decode()

    home.vault.delete_record_as_user(record)
    assert call(port, key, "sync-down")[0] == 200
    until(lambda: call(port, key, "ls")[0] == 401, "without the record no key is accepted")


def test_a_start_that_fails_says_why_and_bare_service_create_needs_no_memory_of_one(service, port):
    service.ok("service-create", "-p", port, "-c", "ls", "-f", "json", "-rm", "background")
    service.ok("service-stop")
    with socket.create_server(("127.0.0.1", port)):
        done = service("service-start", "-rm", "background")
    assert (done.code, f"cannot listen on 127.0.0.1, port {port}" in done.err) == (2, True)

    (service.home / "data" / "service-choice.json").unlink()
    done = service.ok("service-create")
    assert f"http://localhost:{port}/api/v1/executecommand" in done.out
    assert "Commander Service started with PID" in done.out
    assert "API key" not in done.out


def test_a_foreground_service_ends_in_order_by_a_signal_and_by_another_terminal(service, port):
    process = service.start("service-create", "-p", port, "-c", "ls")
    while process.stdout.readline() != b"Keeper Commander Service initialization complete\n":
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert not status_of(service).is_running
    process = service.start("service-start", "-rm", "foreground")
    until(lambda: status_of(service).is_running, "it runs")
    assert status_of(service).process.where == "foreground"
    service.ok("service-stop")
    assert process.wait(30) == 0
    assert b"Commander Service stopped by another terminal" in process.stderr.read()


def test_options_that_cannot_be_used_are_said_and_nothing_is_written(service, port, home):
    for words, said in (
        (("-p", "80", "-c", "ls"), "Validation Error: Port must be between 1024 and 65535"),
        (("-p", port), "Nobody is there to answer"),
        (("-p", port, "-c", "ls", "--folder", "Nowhere"), "There is no shared folder “Nowhere”."),
        (("-p", port, "-c", "ls", "-cf", "token", "-cfd", "x.example.com"), "Cloudflare tunnels are not opened."),
    ):
        done = service("service-create", *words)
        assert (done.code, said in done.err) == (2, True), done.err
    assert [record.title for record in home.vault.records()] == ["My Login"]
    missing = service("service-start", "--format", "json", "--output", "ignored")
    assert "Please use 'service-create' command" in missing.err


def test_answers_may_come_from_standard_input(service, port):
    answers = ["n", "n", "n", "n", "background", "ls,tree", "json"]
    done = service.ok("service-create", stdin="\n".join([str(port), *answers]) + "\n")
    assert "Select configuration format (json/yaml): " in done.err
    assert call(port, key_in(done.out), "ls")[0] == 200


def test_a_tunnel_opens_and_closes_with_the_service_and_tells_who_calls(service, port, ngrok):
    done = service.ok(
        *("service-create", "-p", port, "-c", "ls", "-ng", "-", "-rm", "background", "-dip", "203.0.113.9"),
        stdin=TOKEN + "\n",
        PATH=ngrok.path,
    )
    assert f"Generated ngrok URL: {PUBLIC_URL}" in done.out
    assert (ngrok.had_token, TOKEN in ngrok.arguments) == (True, False)
    key = key_in(done.out)
    status = service.ok("service-status").out
    agent = int(re.search(rf"Ngrok tunnel is Running \(PID: (\d+), URL: {PUBLIC_URL}", status)[1])
    host = {"Host": PUBLIC_URL.removeprefix("https://")}
    assert call(port, key, "ls", **host, **{"X-Forwarded-For": "198.51.100.7"})[0] == 200
    assert call(port, key, "ls", **host, **{"X-Forwarded-For": "203.0.113.9"})[0] == 403
    os.kill(agent, signal.SIGKILL)
    until(lambda: not status_of(service).process.tunnel_runs, "the agent is gone")
    assert f"Ngrok tunnel is Stopped (was PID: {agent})" in service.ok("service-status").out
    assert "Ngrok tunnel stopped" in service.ok("service-stop").out
    assert TOKEN.encode() not in b"".join(service.files().values())
