"""What the service answers to requests that it refuses, and in which order it looks at them."""

import base64
import socket
from datetime import UTC, datetime, timedelta

import pytest

from keeperdb.commands.file_data import MOST_AT_ONCE
from keeperdb.service import body
from keeperdb.service.call import LONGEST
from tests.service.running import KEY, OTHER_KEY, api_key

_V1 = "/api/v1/executecommand"
_DENIED = {"error": "Please provide a valid api key", "status": "error"}


def error(text: str) -> dict[str, str]:
    return {"error": text, "status": "error"}


def test_every_route_but_health_is_closed_without_a_key(service, connect) -> None:
    client = connect(service, None)
    walked = 0
    for door in service._gate.doors:
        for method in door.methods - {"OPTIONS"}:
            answer = client.ask(method, door.path.replace("{request_id}", "x"), {"command": "whoami"})
            assert answer.status == (200 if door.path == "/health" else 401), (method, door.path)
            assert method == "HEAD" or door.path == "/health" or answer.json == _DENIED
            walked += 1
    assert walked > len(service._gate.doors)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"api-key": ""},
        {"api-key": KEY[:-1]},
        {"api-key": KEY + "x"},
        {"api-key": KEY.upper()},
        {"api-key": "é"},
        {"authorization": f"Bearer {KEY}"},
        {"authorization": f"Basic {KEY}"},
        {"cookie": f"api-key={KEY}"},
    ],
)
def test_only_the_key_itself_in_its_header_opens(service, headers, connect) -> None:
    answer = connect(service, None).ask("POST", _V1, {"command": "whoami"}, headers)
    assert (answer.status, answer.json) == (401, _DENIED)
    assert answer.headers["x-api-legacy"] == "true"


def test_a_key_that_is_sent_twice_opens_nothing(service, connect) -> None:
    client = connect(service, None)
    connection = client._connect()
    connection.putrequest("GET", "/api/v2/queue/status")
    connection.putheader("api-key", KEY)
    connection.putheader("api-key", KEY)
    connection.endheaders()
    assert connection.getresponse().status == 401


@pytest.mark.parametrize(
    ("body", "status", "answer"),
    [
        ({}, 400, error("Invalid or empty JSON")),
        ([], 400, error("Invalid or empty JSON")),
        (b"null", 400, error("Invalid or empty JSON")),
        (["whoami"], 403, error("Access denied")),
        ("whoami", 403, error("Access denied")),
        (b"5", 403, error("Access denied")),
        (b"", 400, error("Invalid JSON format")),
        (b"{", 400, error("Invalid JSON format")),
        (b"\xff\xfe\xff", 400, error("Invalid JSON format")),
        (b"[" * 100_000, 400, error("Invalid JSON format")),
        (b'{"command": ' + b"9" * 10_000 + b"}", 400, error("Invalid JSON format")),
        ({"x": 1}, 400, error('Missing required field "command"')),
        ({"command": None}, 400, error('Missing required field "command"')),
        ({"command": 5}, 400, error("Command must be a string")),
        ({"command": ["ls"]}, 400, error("Command must be a string")),
        ({"command": ""}, 400, error("Command must not be empty")),
        ({"command": " \t "}, 400, error("Command must not be empty")),
        ({"command": "whoami" + " " * 4091}, 400, error("Command length exceeded")),
        ({"command": 'ls "'}, 400, error("Invalid command syntax")),
        ({"command": "ls \ud800"}, 400, error("Invalid command syntax")),
        ({"command": "LS"}, 403, error("Not permitted to perform this function")),
        ({"command": "lsf"}, 403, error("Not permitted to perform this function")),
        ({"command": "nonsense"}, 403, error("Not permitted to perform this function")),
        ({"command": '"ls -l"'}, 403, error("Not permitted to perform this function")),
        ({"command": '""'}, 403, error("Not permitted to perform this function")),
        (
            {"command": "ls\nrm x"},
            400,
            error("Invalid command: control characters are not allowed in command input.") | {"command": "ls"},
        ),
        ({"command": "ls --bogus"}, 400, error("unrecognized arguments: --bogus") | {"command": "ls"}),
        (
            {"command": "ls -- x"},
            403,
            error("The '--' argument separator is not permitted through Service Mode") | {"command": "ls"},
        ),
    ],
)
def test_a_request_that_is_wrong_is_told_so(client, body, status, answer) -> None:
    found = client.ask("POST", _V1, body)
    assert (found.status, found.json) == (status, answer)
    assert found.headers["content-type"] == "application/json"
    assert found.headers["x-api-legacy"] == "true"


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json; charset=utf-8", 200),
        ("application/vnd.api+json", 200),
        ("text/json", 200),
        ("APPLICATION/JSON", 200),
        ("text/plain", 400),
        ("application/x-www-form-urlencoded", 400),
        ("application/jsonp", 400),
        ("", 400),
    ],
)
def test_json_has_to_be_announced_as_such(client, content_type, status) -> None:
    answer = client.ask("POST", _V1, b'{"command": "whoami"}', {"content-type": content_type})
    assert answer.status == status
    assert status == 200 or answer.json == error("Content-Type must be application/json")


def test_the_longest_command_is_carried_out(client) -> None:
    assert client.run("whoami" + " " * 4090).status == 200


def test_a_command_is_allowed_by_its_first_word_as_the_shell_reads_it(service, connect) -> None:
    client = connect(service, OTHER_KEY)
    assert client.run("ls").status == 200
    assert client.run('"l"s').json["command"] == "ls"
    assert client.run("'whoami'").json["command"] == "whoami"
    for command in ("get ls", "l", "ls; get x", "tree ls", "whoamiget x", "LS", "ls\\;get"):
        answer = client.run(command)
        assert answer.status != 200 or "Own 1" not in answer.body.decode(), command
    assert client.run("tree").status == 403


def test_members_are_sorted_compact_and_ascii(client) -> None:
    body = client.run("whoami").body
    assert body.startswith(b'{"command":"whoami","data":{"account_type":')
    assert body.endswith(b',"status":"success"}\n')
    assert body.isascii()


@pytest.mark.parametrize("path", ["/", "/api/v1/executecommand/", "/api/v2/executecommand", "/static/x", "/api/v1"])
def test_what_is_not_there_is_json_too(client, path) -> None:
    answer = client.ask("POST", path, {"command": "whoami"})
    assert (answer.status, answer.json) == (404, error("Not found"))
    assert answer.headers["content-type"] == "application/json"
    assert "x-api-legacy" not in answer.headers


def test_another_method_is_told_which_there_are(client) -> None:
    answer = client.ask("GET", _V1)
    assert (answer.status, answer.json) == (405, error("Method not allowed"))
    assert answer.headers["allow"] == "OPTIONS, POST"
    assert "x-api-legacy" not in answer.headers
    assert client.ask("DELETE", "/api/v2/queue/status").headers["allow"] == "GET, HEAD, OPTIONS"


def test_options_and_head_answer_without_a_body(client) -> None:
    options = client.ask("OPTIONS", _V1)
    assert (options.status, options.body, options.headers["allow"]) == (200, b"", "OPTIONS, POST")
    assert options.headers["x-api-legacy"] == "true"
    assert not any(name.startswith("access-control") for name in options.headers)
    head = client.ask("HEAD", "/health")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", "16")


def test_a_connection_is_kept_through_answers_and_refusals(client, connect) -> None:
    connection = client._connect()
    client.run("whoami")
    socket = connection.sock
    client.run("LS")
    client.ask("GET", "/nothing")
    client.ask("POST", _V1, {"command": "whoami"}, {"api-key": "wrong"})
    assert client.run("whoami").status == 200
    assert connection.sock is socket


def test_a_large_body_without_a_key_is_not_read(service, connect) -> None:
    client = connect(service, None)
    connection = client._connect()
    connection.putrequest("POST", _V1)
    connection.putheader("content-length", str(10**9))
    connection.endheaders()
    response = connection.getresponse()
    assert (response.status, response.headers["connection"]) == (401, "close")


def test_a_body_has_a_largest_size(client, connect) -> None:
    connection = client._connect()
    connection.putrequest("POST", _V1)
    for name, value in (("api-key", KEY), ("content-type", "application/json"), ("content-length", str(10**9))):
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    assert (response.status, response.headers["connection"]) == (413, "close")


def test_a_body_that_does_not_tell_its_size_has_the_same_limit(service, monkeypatch) -> None:
    monkeypatch.setattr(body, "LARGEST", 20_000)
    head = f"POST {_V1} HTTP/1.1\r\nhost: localhost\r\napi-key: {KEY}\r\ncontent-type: application/json\r\n"
    chunk = b"2710\r\n" + b" " * 10_000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", service.port)) as connection:
        connection.sendall(head.encode() + b"transfer-encoding: chunked\r\n\r\n" + chunk * 3)
        connection.settimeout(10)
        assert connection.recv(12) == b"HTTP/1.1 413"


def test_a_body_has_room_for_the_files_that_an_answer_may_hold() -> None:
    assert len(base64.b64encode(bytes(MOST_AT_ONCE))) + LONGEST < body.LARGEST


def test_ten_megabytes_of_command_are_too_long_and_no_more_than_that(client) -> None:
    answer = client.run("x" * 10_000_000)
    assert (answer.status, answer.json) == (400, error("Command length exceeded"))
    assert client.run("whoami").status == 200


def test_a_page_with_a_name_of_its_own_reaches_nothing(client) -> None:
    for path in (_V1, "/health", "/docs"):
        answer = client.ask("GET", path, headers={"host": "rebound.example"})
        assert (answer.status, answer.json) == (403, error("Host is not allowed to call API service"))
    answer = client.ask("POST", _V1, {"command": "whoami"}, {"origin": "http://evil.example"})
    assert (answer.status, answer.json) == (403, error("Origin is not allowed to call API service"))


def test_calls_are_counted_before_the_key_is_looked_at(start_service, connect) -> None:
    client = connect(start_service(rate_limit="3/minute"), key=None)
    assert [client.run("whoami").status for _ in range(4)] == [401, 401, 401, 429]
    client.key = KEY
    answer = client.run("whoami")
    assert answer.status == 429
    assert answer.json == {
        "error": "Service rate limit exceeded: 3 per 1 minute",
        "result_code": "rate_limited",
        "status": "error",
    }
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert client.ask("GET", "/api/v2/queue/status").status == 200  # each endpoint has its own window
    assert {client.ask("GET", "/health").status for _ in range(5)} == {200}


def test_an_address_that_may_not_call_is_told_so_before_its_key_is_looked_at(start_service, connect) -> None:
    client = connect(start_service(denied=("127.0.0.0/8",)), key="wrong")
    for path in (_V1, "/nothing"):
        answer = client.ask("POST", path, {"command": "whoami"})
        assert (answer.status, answer.json) == (403, error("IP is not allowed to call API service"))
    assert client.ask("GET", "/health").status == 200


def test_the_address_behind_a_proxy_counts_only_from_a_trusted_hop(start_service, connect) -> None:
    members = {"denied": ("203.0.113.9",)}
    forwarded = {"x-forwarded-for": "203.0.113.9"}
    trusting = connect(start_service(trusted_proxies=("127.0.0.1",), **members))
    assert trusting.ask("POST", _V1, {"command": "whoami"}, forwarded).status == 403
    assert trusting.ask("POST", _V1, {"command": "whoami"}).status == 200
    assert connect(start_service(**members)).ask("POST", _V1, {"command": "whoami"}, forwarded).status == 200


def test_a_key_that_has_expired_is_told_so(start_service, connect) -> None:
    gone = api_key(OTHER_KEY, expires=datetime.now(UTC) - timedelta(seconds=1))
    client = connect(start_service(keys=(api_key(), gone)), OTHER_KEY)
    answer = client.run("whoami")
    assert (answer.status, answer.json) == (401, error("API key has expired"))


def test_keys_are_made_and_revoked_while_the_service_runs(start_service, connect) -> None:
    service = start_service()
    old, new = connect(service), connect(service, OTHER_KEY)
    assert (old.run("whoami").status, new.run("whoami").status) == (200, 401)
    service.reconfigure(service.config.with_(keys=(api_key(OTHER_KEY, ("whoami",)),)))
    assert (old.run("whoami").status, new.run("whoami").status) == (401, 200)
    assert new.run("ls").status == 403
    service.reconfigure(service.config.with_(denied=("127.0.0.1",)))
    assert new.run("whoami").status == 403


def test_a_key_without_commands_opens_nothing(start_service, connect) -> None:
    client = connect(start_service(keys=(api_key(commands=()),)))
    assert client.run("whoami").json == error("Not permitted to perform this function")
