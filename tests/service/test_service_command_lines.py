"""Command lines of every kind: never a fault of ours, and never another command than the one that is allowed."""

import json
import string

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from keeperdb.commands.line import split_line
from tests.service.running import OTHER_KEY, ServiceClient

_SETTINGS = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
_ALLOWED = ("whoami", "ls", "tree", "get", "search", "list", "help", "version", "list-sf", "totp")
_HARMLESS = ("whoami", "ls")

_TRICKS = st.sampled_from(
    [
        *("--", "${HOME}", "$(id)", "`id`", ";", "&&", "|", ">", "<", "'", '"', "\\", "\\'", '\\"', "*", "?", "~", "#"),
        *("../../etc/passwd", "/etc/passwd", "//", "..", ".", "file:///etc/passwd", "@/etc/passwd", "%s%n", "{}", "\t"),
        *(
            "\0",
            "\r\n",
            "\n",
            "\x1b[31m",
            "\u202e",
            "\ufeff",
            "\u2028",
            "é",
            "漢",
            "🔑",
            "--format",
            "json",
            "--format=json",
        ),
        *("--format=pdf", "--output", "/tmp/x", "--output=/tmp/x", "-h", "--help", "--unmask", "FILEDATA", "-R", "-l"),
        *("Personal", "My Login", "Own 1", "get", "rm", "record-add", "sync-down", "-", "=", "--=", "-\0", "0", "-1"),
    ]
)
_LINES = st.lists(st.one_of(_TRICKS, st.text(max_size=20), st.text(string.printable, max_size=10)), max_size=8)
_NAMES = st.sampled_from([*_HARMLESS, "get", "g", "rm", "record-add", "ra", "tree", "'ls'", '"get"', "l\\s"])
_MIXED = st.lists(st.one_of(_NAMES, _TRICKS), max_size=6).map(" ".join)
_NOT_PERMITTED = "Not permitted to perform this function"
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=10), inside, max_size=4),
    max_leaves=10,
)


@pytest.fixture
def harmless(service, connect) -> ServiceClient:
    return connect(service, OTHER_KEY)


@_SETTINGS
@given(name=st.sampled_from(_ALLOWED), rest=_LINES, glue=st.sampled_from([" ", "", "\t", "' '", '" "']))
def test_no_line_is_a_fault_of_ours(client, name, rest, glue) -> None:
    answer = client.run(name + " " + glue.join(rest))
    assert answer.status in (200, 400, 403, 404, 409), (name, rest, answer.body)
    assert answer.headers["content-type"] == "application/json"
    body = answer.json
    assert body["status"] in ("success", "error", "warning")
    assert answer.status != 200 or body["command"].split()[0] == name


@_SETTINGS
@given(line=_MIXED | _LINES.map("".join) | st.text(max_size=60))
@example(line="get whoami")
@example(line="'get' My\\ Login ls")
@example(line="whoami/../get 'My Login'")
@example(line='wh"oami" x')
def test_no_line_makes_a_key_do_more_than_it_may(harmless, line) -> None:
    answer = harmless.run(line)
    assert answer.status in (400, 403, 404, 200)
    if not answer.json.get("error", "").startswith("Invalid command"):  # what is no line of words was not tried
        assert answer.json.get("command", "ls") in _HARMLESS
        assert "S3cret" not in answer.body.decode()
    if answer.status == 200:
        assert split_line(line)[0] in _HARMLESS


@pytest.mark.parametrize("name", ["get", "g", "tree", "sync-down", "GET", "Whoami", "ls;get", "$(get)", "whoami\u200b"])
@pytest.mark.parametrize(
    "form", ["{}", "'{}'", '"{}"', "  {}", "\t{} ls", "{} whoami", "'{}' --help", "{}\\ ls", "-- {}"]
)
def test_no_writing_of_another_name_is_carried_out(harmless, name, form) -> None:
    answer = harmless.run(form.format(name))
    assert (answer.status, answer.json) == (403, {"error": _NOT_PERMITTED, "status": "error"})


def test_a_line_of_ten_megabytes_is_refused_by_its_length(harmless) -> None:
    for line in ("ls " + "x" * 10_000_000, "'" * 10_000_001):
        assert harmless.run(line).json["error"] == "Command length exceeded"


@_SETTINGS
@given(content=_JSON, filedata=_JSON)
def test_no_body_is_a_fault_of_ours(client, content, filedata) -> None:
    for body in (content, {"command": content}, {"command": "ls FILEDATA", "filedata": filedata}):
        assert client.ask("POST", "/api/v1/executecommand", body).status in (200, 400, 403, 404)


@_SETTINGS
@given(body=st.binary(max_size=200) | st.text(max_size=50).map(lambda text: json.dumps(text).encode("utf-16")))
def test_no_bytes_are_a_fault_of_ours(client, body) -> None:
    assert client.ask("POST", "/api/v1/executecommand", body).status in (400, 403)
