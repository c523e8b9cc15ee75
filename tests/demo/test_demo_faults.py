"""Every fault that the demo vault can be asked for, as the official Python SDK meets it."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

import pytest
import requests
from cryptography.exceptions import InvalidTag
from keeper_secrets_manager_core import SecretsManager
from keeper_secrets_manager_core.core import KeeperFileUpload
from keeper_secrets_manager_core.dto.dtos import RecordCreate
from keeper_secrets_manager_core.exceptions import KeeperError, KeeperThrottleError

from keeperdb.demo.faults import STRIKES_BEFORE, FaultKind
from keeperdb.demo.handles import Folder
from keeperdb.demo.record_types import login_record
from keeperdb.demo.throttle import Throttle, ThrottleRule
from keeperdb.demo.vault_server import DemoVault
from keeperdb.demo.wire import WireError

NewClient = Callable[..., SecretsManager]


@pytest.fixture
def team(demo_vault: DemoVault) -> Folder:
    """A shared folder with one record."""
    folder = demo_vault.add_shared_folder("Team")
    folder.add_record(login_record("One", "ada", "x"))
    return folder


@pytest.fixture
def client(new_client: NewClient, team: Folder) -> SecretsManager:
    """A bound client."""
    bound = new_client()
    bound.get_secrets()
    return bound


def _create(client: SecretsManager, team: Folder) -> str:
    return client.create_secret(team.uid, RecordCreate("login", "New"))


def _titles(vault: DemoVault) -> list[str]:
    return [record.title for record in vault.records()]


def test_status_looks_like_a_proxys_page(demo_vault: DemoVault, client: SecretsManager) -> None:
    demo_vault.fail(FaultKind.STATUS, status=503)
    with pytest.raises(requests.HTTPError, match=r"503.*<html>"):
        client.get_secrets()
    assert [record.title for record in client.get_secrets()] == ["One"]


def test_error_has_code_and_message(demo_vault: DemoVault, client: SecretsManager) -> None:
    demo_vault.fail("error", status=500, code="boom", message="It broke")
    with pytest.raises(KeeperError, match="Error: boom, message=It broke"):
        client.get_secrets()


def test_throttled_is_waited_for_and_repeated(demo_vault: DemoVault, client: SecretsManager) -> None:
    demo_vault.journal.clear()
    demo_vault.fail("throttled", times=2, retry_after=0.01)
    assert len(client.get_secrets()) == 1
    assert [entry.status for entry in demo_vault.journal] == [403, 403, 200]


def test_key_sends_the_client_to_another_key_and_back(demo_vault: DemoVault, client: SecretsManager) -> None:
    demo_vault.journal.clear()
    demo_vault.fail("key", key_id=777)
    assert len(client.get_secrets()) == 1
    assert [(entry.status, entry.fault) for entry in demo_vault.journal] == [(401, "key"), (401, ""), (200, "")]


def test_client_version_is_refused(demo_vault: DemoVault, client: SecretsManager) -> None:
    demo_vault.fail("client version")
    with pytest.raises(KeeperError, match="invalid client version id"):
        client.get_secrets()


@pytest.mark.parametrize("kind", [FaultKind.RESET, FaultKind.LOST])
def test_a_broken_connection_has_happened_before_or_after_the_work(
    demo_vault: DemoVault, client: SecretsManager, team: Folder, kind: FaultKind
) -> None:
    demo_vault.fail(kind, "create_secret")
    with pytest.raises(requests.ConnectionError):
        _create(client, team)
    assert ("New" in _titles(demo_vault)) is (kind not in STRIKES_BEFORE)


def test_hanging_requests_end_when_released(demo_vault: DemoVault, client: SecretsManager, team: Folder) -> None:
    demo_vault.fail("hang", "create_secret")
    errors: list[BaseException] = []

    def create() -> None:
        try:
            _create(client, team)
        except requests.ConnectionError as error:
            errors.append(error)

    thread = threading.Thread(target=create)
    thread.start()
    assert demo_vault.journal.wait_for("create_secret")
    assert thread.is_alive()
    demo_vault.faults.release()
    thread.join()
    assert len(errors) == 1
    assert _titles(demo_vault) == ["One"]


def test_a_late_request_is_done_when_released(demo_vault: DemoVault, client: SecretsManager, team: Folder) -> None:
    demo_vault.fail("late", "create_secret")
    errors: list[BaseException] = []

    def create() -> None:
        try:
            _create(client, team)
        except requests.ConnectionError as error:
            errors.append(error)

    thread = threading.Thread(target=create)
    thread.start()
    assert demo_vault.journal.wait_for("create_secret")
    assert _titles(demo_vault) == ["One"]
    demo_vault.faults.release()
    thread.join()
    assert len(errors) == 1
    assert sorted(_titles(demo_vault)) == ["New", "One"]


@pytest.mark.parametrize("kind", ["hang", "late", "latency"])
def test_stopping_the_server_ends_what_waits(new_client: NewClient, kind: str) -> None:
    with DemoVault() as vault:
        vault.share_record(login_record("One", "ada", "x"))
        client = new_client(vault)
        client.get_secrets()
        if kind == "latency":
            vault.latency = 3600
        else:
            vault.fail(kind)
        errors = []

        def read() -> None:
            try:
                client.get_secrets()
            except requests.ConnectionError as error:
                errors.append(error)

        vault.journal.clear()
        thread = threading.Thread(target=read)
        thread.start()
        assert vault.journal.wait_for("get_secret")
    thread.join()
    assert len(errors) == 1
    assert not vault.is_running


def test_a_slow_answer_arrives(demo_vault: DemoVault, client: SecretsManager) -> None:
    demo_vault.fail("slow", seconds=0.05)
    assert [record.title for record in client.get_secrets()] == ["One"]
    assert demo_vault.journal[-1].fault == "slow"


def test_a_truncated_answer_breaks_off_after_the_work(demo_vault: DemoVault, client: SecretsManager) -> None:
    demo_vault.fail("truncated")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        client.get_secrets()


def test_garbage_cannot_be_decrypted(demo_vault: DemoVault, client: SecretsManager) -> None:
    demo_vault.fail("garbage")
    with pytest.raises(InvalidTag):
        client.get_secrets()


@pytest.mark.parametrize("kind", ["empty", "not json"])
def test_an_answer_without_json_looks_like_an_empty_vault_to_the_sdk(
    demo_vault: DemoVault, client: SecretsManager, kind: str
) -> None:
    demo_vault.fail(kind)
    assert client.get_secrets() == []
    assert demo_vault.journal[-1].status == 200
    assert len(client.get_secrets()) == 1


def test_a_fault_strikes_the_wanted_request_of_the_wanted_verb(demo_vault: DemoVault, client: SecretsManager) -> None:
    demo_vault.fail("error", "get_secret", skip=1, times=2)
    outcomes = []
    for call in (client.get_secrets, client.get_folders, client.get_secrets, client.get_secrets, client.get_secrets):
        try:
            call()
            outcomes.append("ok")
        except KeeperError:
            outcomes.append("failed")
    assert outcomes == ["ok", "ok", "failed", "failed", "ok"]


def test_a_lasting_fault_ends_when_it_is_cleared(demo_vault: DemoVault, client: SecretsManager) -> None:
    demo_vault.fail("error", times=None)
    for _ in range(3):
        with pytest.raises(KeeperError):
            client.get_secrets()
    demo_vault.faults.clear()
    assert len(client.get_secrets()) == 1


def test_file_transfers_can_fail(demo_vault: DemoVault, client: SecretsManager, team: Folder) -> None:
    record = client.get_secrets()[0]
    demo_vault.fail("status", "upload")
    with pytest.raises(KeeperError, match="Failed to upload"):
        client.upload_file(record, KeeperFileUpload("a.txt", "a", None, b"a"))
    assert team.records[0].files == {}
    team.records[0].add_file("b.txt", b"b")
    demo_vault.fail("garbage", "download")
    file = client.get_secrets()[0].files[0]
    with pytest.raises(InvalidTag):
        file.get_file_data(verify_ssl_certs=str(demo_vault.ca_file))


def test_an_upload_needs_its_ticket(demo_vault: DemoVault, client: SecretsManager, team: Folder) -> None:
    uid = team.records[0].add_file("a.txt", b"a")
    forged = {"key": uid, "policy": "guess"}
    url = f"https://{demo_vault.endpoint}/upload"
    answer = requests.post(url, data=forged, files={"file": b"x"}, verify=str(demo_vault.ca_file), timeout=10)
    assert answer.status_code == 403
    guess = f"https://{demo_vault.endpoint}/files/{uid}?ticket=guess"
    assert requests.get(guess, verify=str(demo_vault.ca_file), timeout=10).status_code == 403
    assert team.records[0].files == {"a.txt": b"a"}


def test_too_many_calls_are_throttled_per_verb(demo_vault: DemoVault, client: SecretsManager) -> None:
    demo_vault.throttle(2, window=3600, retry_after=0.001)
    demo_vault.journal.clear()
    client.get_secrets()
    client.get_secrets()
    with pytest.raises(KeeperThrottleError):
        client.get_secrets()
    assert [entry.status for entry in demo_vault.journal] == [200, 200, *[403] * 6]
    assert len(client.get_folders()) == 1
    demo_vault.throttle(None)
    assert len(client.get_secrets()) == 1


def test_the_throttle_clears_only_after_silence() -> None:
    now = 0.0
    throttle = Throttle(lambda: now)
    throttle.rule = ThrottleRule(limit=2, window=10)

    def outcome(at: float) -> str:
        nonlocal now
        now = at
        try:
            throttle.check("client", "get_secret")
        except WireError as error:
            return error.code
        return "ok"

    times = [0, 1, 2, 11, 20.9, 30.9, 31]
    assert [outcome(at) for at in times] == ["ok", "ok", "throttled", "throttled", "throttled", "ok", "ok"]


def test_strangers_do_no_harm(demo_vault: DemoVault, client: SecretsManager) -> None:
    address = ("127.0.0.1", int(demo_vault.endpoint.split(":")[1]))
    with socket.create_connection(address):  # says nothing
        with socket.create_connection(address) as plain, contextlib.suppress(ConnectionResetError):
            plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
            plain.recv(100)
        with socket.create_connection(address) as doubtful, pytest.raises(ssl.SSLCertVerificationError):
            ssl.create_default_context().wrap_socket(doubtful, server_hostname=address[0])
        assert len(client.get_secrets()) == 1


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"Authorization": None}, 403),
        ({"Authorization": "Signature !!"}, 400),
        ({"TransmissionKey": "AAAA"}, 400),
        ({"PublicKeyId": "10"}, 401),
    ],
)
def test_malformed_requests_are_refused_in_json(demo_vault: DemoVault, change: dict[str, Any], status: int) -> None:
    headers = {
        "Authorization": "Signature AAAA",
        "TransmissionKey": "AAAA",
        "PublicKeyId": demo_vault.server_key_id,
        **change,
    }
    url = f"https://{demo_vault.endpoint}/api/rest/sm/v1/get_secret"
    answer = requests.post(url, data=b"x", headers=headers, verify=str(demo_vault.ca_file), timeout=10)
    assert answer.status_code == status
    assert {"path", "error", "message", "location"} <= answer.json().keys()


@pytest.mark.parametrize(
    "header",
    ["Content-Length: many", "Content-Length: -1", "Content-Length: 99999999999", "Transfer-Encoding: chunked"],
)
def test_a_malformed_length_is_a_bad_request(demo_vault: DemoVault, header: str) -> None:
    context = ssl.create_default_context(cafile=str(demo_vault.ca_file))
    address = ("127.0.0.1", int(demo_vault.endpoint.split(":")[1]))
    with (
        socket.create_connection(address) as plain,
        context.wrap_socket(plain, server_hostname=address[0]) as secured,
    ):
        secured.sendall(f"POST /upload HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\nno number\r\n".encode())
        assert secured.recv(100).startswith(b"HTTP/1.1 400 ")


def test_other_paths_and_verbs_do_not_exist(demo_vault: DemoVault) -> None:
    base = f"https://{demo_vault.endpoint}"
    for path in ("/", "/elsewhere"):
        assert requests.get(base + path, verify=str(demo_vault.ca_file), timeout=10).status_code == 404
        assert requests.post(base + path, verify=str(demo_vault.ca_file), timeout=10).status_code == 404
