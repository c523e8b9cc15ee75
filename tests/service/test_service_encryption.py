"""Answers that only the holder of the encryption key can read."""

import json

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from keeperdb.keychain.secret import Secret

_SECRET = "abcdefghijklmnopqrstuvwxyz@#$%^&"
_OTHER = "A" * 32


def opened(body: bytes, key: str = _SECRET) -> str:
    return AESGCM(key.encode()).decrypt(body[:12], body[12:], None).decode()


@pytest.fixture
def sealed_client(start_service, connect):
    return connect(start_service(encryption_key=Secret(_SECRET)))


def test_an_answer_is_nonce_ciphertext_and_tag(sealed_client, client) -> None:
    answer = sealed_client.run("ls")
    text = opened(answer.body)
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert json.loads(text) == client.run("ls").json
    assert text == json.dumps(json.loads(text))  # Python's default separators
    assert text.startswith('{"status": "success", "command": "ls"')
    assert len(answer.body) == 12 + len(text.encode()) + 16
    assert sealed_client.run("ls").body[:12] != answer.body[:12]
    with pytest.raises(InvalidTag):
        opened(answer.body, _OTHER)


@pytest.mark.parametrize(
    ("command", "status"), [("ls nosuch", 404), ("nonsense", 403), ("", 400), ("ls --bogus", 400), (5, 400)]
)
def test_an_error_is_sealed_too(sealed_client, client, command, status) -> None:
    answer = sealed_client.run(command)
    assert answer.status == status
    assert json.loads(opened(answer.body)) == client.run(command).json


def test_who_has_no_key_is_refused_in_clear(sealed_client) -> None:
    answer = sealed_client.ask("POST", "/api/v1/executecommand", {"command": "ls"}, {"api-key": "wrong"})
    assert (answer.status, answer.json["error"]) == (401, "Please provide a valid api key")
    assert sealed_client.ask("GET", "/health").json == {"status": "ok"}


def test_a_queued_answer_is_sealed_and_its_status_tells_so(sealed_client, client) -> None:
    request_id = sealed_client.ask("POST", "/api/v2/executecommand-async", {"command": "ls"}).json["request_id"]
    while (answer := sealed_client.ask("GET", f"/api/v2/result/{request_id}")).status == 202:
        pass
    assert json.loads(opened(answer.body)) == client.run("ls").json
    status = sealed_client.ask("GET", f"/api/v2/status/{request_id}").json
    assert status["result"] == {"encrypted": True, "type": "bytes"}


def test_the_key_is_exchanged_while_the_service_runs(start_service, connect) -> None:
    service = start_service()
    client = connect(service)
    plain = client.run("ls").json
    service.reconfigure(service.config.with_(encryption_key=Secret(_OTHER)))
    assert json.loads(opened(client.run("ls").body, _OTHER)) == plain
