"""The service against its own description, and the pages that hold it."""

import base64
import contextlib
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.service.running import KEY, OTHER_KEY

_CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
    ignored_auth,
)


@pytest.fixture
def description(service) -> Any:
    url = f"http://127.0.0.1:{service.port}/openapi.json"
    found = schemathesis.openapi.from_url(url, headers={"api-key": KEY})
    found.config.update(headers={"api-key": KEY})
    return found


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_is_as_described(description, mode) -> None:
    answered = 0
    for found in description.get_all_operations():
        operation = found.ok()

        @settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
        @given(case=operation.as_strategy(generation_mode=mode))
        def check(case: Any) -> None:
            nonlocal answered
            case.call_and_validate(headers={"api-key": KEY}, checks=_CHECKS)
            answered += 1

        with contextlib.suppress(Unsatisfiable):  # nothing that such an operation takes can be wrong
            check()
    assert answered >= 50


def test_the_description_names_every_route(client, service) -> None:
    assert set(client.ask("GET", "/openapi.json").json["paths"]) == {door.path for door in service._gate.doors}


def test_the_description_is_that_of_the_key(service, connect) -> None:
    described = connect(service, OTHER_KEY).ask("GET", "/openapi.json").json
    assert "This key may call: ls, whoami." in str(described["components"]["schemas"]["Command"])


def test_a_browser_sends_the_key_as_a_password(service, connect) -> None:
    client = connect(service, None)
    asked = client.ask("GET", "/docs")
    assert (asked.status, asked.headers["www-authenticate"].split()[0]) == (401, "Basic")
    for user in ("", "anyone"):
        credentials = base64.b64encode(f"{user}:{OTHER_KEY}".encode()).decode()
        answer = client.ask("GET", "/docs", headers={"authorization": f"Basic {credentials}"})
        assert answer.status == 200
    assert "<code>whoami</code>" in answer.body.decode()
    assert "<code>tree</code>" not in answer.body.decode()
    for wrong in ("Basic !", "Basic " + base64.b64encode(b"\xff").decode(), f"Bearer {OTHER_KEY}", "Basic eA=="):
        assert client.ask("GET", "/docs", headers={"authorization": wrong}).status == 401
    command = {"command": "whoami"}
    answer = client.ask("POST", "/api/v1/executecommand", command, {"authorization": f"Basic {credentials}"})
    assert answer.status == 401


def test_the_page_for_people_runs_nothing_and_loads_nothing(client) -> None:
    answer = client.ask("GET", "/docs")
    page = answer.body.decode()
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert "<script" not in page
    assert "http" not in page.replace("http://localhost:&lt;port&gt;", "").replace("over HTTP", "").replace(
        "https", "x"
    )
    assert KEY not in page
