"""The client's connection: certificates, time-outs, cancelling, throttling, and the surprises of an environment."""

import json
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from keeperdb.demo.protocol import KeyPair, to_url_base64
from keeperdb.demo.vault_server import DemoVault
from keeperdb.errors import Cancelled, VaultError, VaultReason
from keeperdb.keychain import Secret
from keeperdb.task import Progress, Task
from keeperdb.vault.channel import Channel, Timeouts
from keeperdb.vault.client import VaultClient
from keeperdb.vault.endpoint import VaultEndpoint
from keeperdb.vault.token import parse_access
from tests.vault.record_samples import database


@pytest.fixture
def shared(demo_vault: DemoVault) -> DemoVault:
    demo_vault.add_shared_folder("Databases").add_record(database("Orders"))
    return demo_vault


Begin = Callable[..., VaultClient]


@pytest.fixture
def begin(shared: DemoVault, endpoint: VaultEndpoint) -> Iterator[Begin]:
    """A client with a fresh token, for the demo vault or another endpoint; closed at the end."""
    with ExitStack() as clients:

        def begin(
            at: VaultEndpoint | None = endpoint, *, prefix: str = "", suffix: str = "", timeouts: Timeouts | None = None
        ) -> VaultClient:
            access = parse_access(f"{prefix}{shared.issue_token()}{suffix}")
            client = VaultClient.begin(access, at, timeouts or Timeouts(5.0, 30.0))
            clients.callback(client.close)
            return client

        yield begin


@pytest.fixture
def client(begin: Begin) -> VaultClient:
    return begin()


@pytest.fixture
def bound(client: VaultClient) -> VaultClient:
    client.bind(Task())
    return client


def of_the_cloud(begin: Begin, endpoint: VaultEndpoint) -> VaultClient:
    """A client that trusts the public authorities, made to speak to the demo vault."""
    client = begin(None, prefix="EU:")
    client._channel = Channel(endpoint.host, None, Timeouts())
    return client


def titles(client: VaultClient, task: Task | None = None) -> list[str]:
    return [record.title for record in client.read(task or Task()).records.values()]


def reason_of(action) -> VaultReason:
    with pytest.raises(VaultError) as raised:
        action()
    assert raised.value.hint
    return raised.value.reason


class TestConnection:
    def test_is_kept_open_between_calls(self, bound, shared):
        titles(bound)
        titles(bound)
        assert len({entry.connection for entry in shared.journal}) == 1

    def test_is_made_anew_when_the_server_closed_it(self, bound, shared):
        shared.restart()
        assert titles(bound) == ["Orders"]

    def test_that_is_broken_off_is_unreachable(self, bound, shared):
        shared.fail("reset", "get_secret", times=2)
        assert reason_of(lambda: titles(bound)) is VaultReason.UNREACHABLE

    def test_that_nobody_accepts_is_unreachable(self, bound, shared):
        shared.stop()
        assert reason_of(lambda: titles(bound)) is VaultReason.UNREACHABLE

    def test_to_a_name_that_does_not_exist_is_unreachable(self, begin, endpoint):
        nowhere = replace(endpoint, host="vault.invalid")
        assert reason_of(lambda: begin(nowhere).bind(Task())) is VaultReason.UNREACHABLE

    def test_to_something_that_speaks_no_tls_fails_in_words(self, begin, endpoint):
        with socket.create_server(("127.0.0.1", 0)) as plain, ThreadPoolExecutor(1) as pool:

            def answer() -> None:
                connection, _ = plain.accept()
                with connection:
                    connection.recv(10)
                    connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")

            answering = pool.submit(answer)
            other = replace(endpoint, host=f"127.0.0.1:{plain.getsockname()[1]}")
            assert reason_of(lambda: begin(other).bind(Task())) is VaultReason.CERTIFICATE
            answering.result(30)

    def test_with_a_silent_server_times_out(self, begin, shared):
        client = begin(timeouts=Timeouts(5.0, 0.3))
        shared.fail("hang", "get_secret")
        assert reason_of(lambda: client.bind(Task())) is VaultReason.TIMEOUT
        shared.faults.release()
        client.bind(Task())
        assert titles(client) == ["Orders"]

    def test_with_a_slow_server_waits(self, bound, shared):
        shared.fail("slow", "get_secret", seconds=0.3)
        assert titles(bound) == ["Orders"]

    @pytest.mark.parametrize("status", [301, 302, 307])
    def test_follows_no_redirection(self, bound, shared, status):
        shared.fail("status", "get_secret", status=status)
        assert reason_of(lambda: titles(bound)) is VaultReason.BAD_ANSWER

    @pytest.mark.parametrize("status", [500, 502, 503])
    def test_to_a_server_out_of_order_is_unreachable(self, bound, shared, status):
        shared.fail("status", "get_secret", status=status)
        assert reason_of(lambda: titles(bound)) is VaultReason.UNREACHABLE


class TestCertificate:
    def test_of_another_authority_is_refused(self, begin, endpoint, tmp_path):
        with DemoVault() as other:
            ca = tmp_path / "other.pem"
            ca.write_bytes(other.ca_file.read_bytes())
        wrong = replace(endpoint, ca=ca)
        assert reason_of(lambda: begin(wrong).bind(Task())) is VaultReason.CERTIFICATE

    def test_for_another_name_is_refused(self, begin, endpoint, monkeypatch):
        look_up = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: look_up("127.0.0.1", *rest, **more))
        named = replace(endpoint, host=endpoint.host.replace("127.0.0.1", "vault.example"))
        assert reason_of(lambda: begin(named).bind(Task())) is VaultReason.CERTIFICATE

    def test_of_the_demo_vault_is_refused_without_its_authority(self, begin, endpoint):
        assert reason_of(lambda: of_the_cloud(begin, endpoint).bind(Task())) is VaultReason.CERTIFICATE

    def test_file_that_is_gone_is_named_as_the_cause(self, begin, endpoint, tmp_path):
        lost = replace(endpoint, ca=tmp_path / "gone.pem")
        with pytest.raises(VaultError, match="file with the certificate authority of") as raised:
            begin(lost).bind(Task())
        assert raised.value.reason is VaultReason.CERTIFICATE


class TestServerKey:
    def test_of_another_id_is_refused_at_once(self, begin, shared, endpoint):
        other = replace(endpoint, server_key_id="4711")
        assert reason_of(lambda: begin(other).bind(Task())) is VaultReason.SERVER_KEY
        assert len(shared.journal) == 1

    def test_that_is_not_the_servers_is_refused(self, begin, endpoint):
        other = replace(endpoint, server_key=to_url_base64(KeyPair().point))
        assert reason_of(lambda: begin(other).bind(Task())) is VaultReason.OTHER

    def test_that_the_server_keeps_changing_is_not_followed_for_ever(self, bound, shared):
        bound.server = type(bound.server)(bound.server.host, ca=bound.server.ca)  # as with the cloud: a known key
        shared.journal.clear()
        shared.fail("key", "get_secret", times=None, key_id=7)
        assert reason_of(lambda: titles(bound)) is VaultReason.SERVER_KEY
        assert len(shared.journal) == 3

    def test_that_the_server_names_is_not_taken_if_it_is_unknown(self, bound, shared):
        bound.server = type(bound.server)(bound.server.host, ca=bound.server.ca)
        shared.journal.clear()
        shared.fail("key", "get_secret", times=None, key_id=99)
        assert reason_of(lambda: titles(bound)) is VaultReason.SERVER_KEY
        assert len(shared.journal) == 1


class TestCancelling:
    @pytest.mark.parametrize("kind", ["hang", "slow"])
    def test_ends_a_call_that_waits_for_the_server(self, bound, shared, kind):
        shared.fail(kind, "get_secret", seconds=600.0)
        task = Task()
        with ThreadPoolExecutor(1) as pool:
            reading = pool.submit(titles, bound, task)
            assert shared.journal.wait_for("get_secret", 2)
            task.cancel()
            with pytest.raises(Cancelled):
                reading.result(30)
        assert titles(bound) == ["Orders"]

    def test_ends_a_tls_handshake_that_nobody_answers(self, begin, endpoint):
        with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor(1) as pool:
            other = replace(endpoint, host=f"127.0.0.1:{silent.getsockname()[1]}")
            task = Task()
            binding = pool.submit(begin(other).bind, task)
            connection, _ = silent.accept()
            task.cancel()
            with pytest.raises(Cancelled):
                binding.result(30)
            connection.close()

    @pytest.mark.skipif(sys.platform != "linux", reason="fills the queue of a listening socket as Linux counts it")
    def test_ends_an_attempt_to_connect(self, begin, endpoint):
        with socket.socket() as full, ThreadPoolExecutor(1) as pool:
            full.bind(("127.0.0.1", 0))
            full.listen(0)
            address = full.getsockname()
            fillers = [socket.socket() for _ in range(4)]
            for filler in fillers:
                filler.setblocking(False)
                filler.connect_ex(address)
            other = replace(endpoint, host=f"127.0.0.1:{address[1]}")
            connecting = threading.Event()
            client = begin(other, timeouts=Timeouts(600.0, 600.0))
            watch = client._channel._cut.watch

            def watched(plain: socket.socket) -> None:
                watch(plain)
                connecting.set()

            client._channel._cut.watch = watched
            task = Task()
            binding = pool.submit(client.bind, task)
            assert connecting.wait(30)
            task.cancel()
            with pytest.raises(Cancelled):
                binding.result(30)
            for filler in fillers:
                filler.close()

    def test_before_the_call_sends_nothing(self, bound, shared):
        shared.journal.clear()
        task = Task()
        task.cancel()
        with pytest.raises(Cancelled):
            titles(bound, task)
        assert len(shared.journal) == 0

    def test_ends_a_pause_that_the_vault_asked_for(self, bound, shared):
        shared.fail("throttled", "get_secret", retry_after=500.0)
        task: Task
        task = Task(lambda progress: task.cancel() if "wait" in progress.text else None)
        with pytest.raises(Cancelled):
            titles(bound, task)


class TestThrottling:
    def test_is_waited_out_and_said(self, bound, shared):
        said: list[Progress] = []
        shared.fail("throttled", "get_secret", times=3, retry_after=0.01)
        assert titles(bound, Task(said.append)) == ["Orders"]
        assert [progress.text.partition(" It goes on at ")[0] for progress in said] == [
            "The vault asks to wait 1 s."
        ] * 3

    def test_without_a_time_waits_as_long_as_the_sdk(self, bound, shared):
        said: list[str] = []
        task: Task

        def stop(progress: Progress) -> None:
            said.append(progress.text)
            task.cancel()

        task = Task(stop)
        shared.fail("throttled", "get_secret")
        with pytest.raises(Cancelled):
            titles(bound, task)
        said = [text.partition(" It goes on at ")[0] for text in said]
        assert said[0] in {f"The vault asks to wait {seconds} s." for seconds in range(8, 15)}

    def test_that_does_not_end_is_an_error(self, bound, shared):
        shared.fail("throttled", "get_secret", times=None, retry_after=0.01)
        shared.journal.clear()
        assert reason_of(lambda: titles(bound)) is VaultReason.THROTTLED
        assert len(shared.journal) == 6

    def test_for_an_absurd_time_is_an_error_at_once(self, bound, shared):
        shared.fail("throttled", "get_secret", retry_after=1e9)
        assert reason_of(lambda: titles(bound)) is VaultReason.THROTTLED

    @pytest.mark.parametrize("retry_after", ["nan", "-1", "x", None, [], "inf"])
    def test_with_an_unusable_time_takes_the_sdks(self, retry_after):
        from keeperdb.vault.channel import Answer
        from keeperdb.vault.failures import Refusal

        body = json.dumps({"error": "throttled", "retry_after": retry_after}).encode()
        assert Refusal.from_answer(Answer(403, "", body)).retry_after == 0.0


class TestRefusals:
    @pytest.mark.parametrize(
        ("kind", "details", "reason"),
        [
            ("client version", {}, VaultReason.CLIENT_VERSION),
            ("error", {"code": "access_denied", "message": "Signature is invalid"}, VaultReason.ACCESS_DENIED),
            ("error", {"code": "access_denied", "message": "something"}, VaultReason.ACCESS_DENIED),
            ("error", {"code": "internal_error", "message": "<b>x</b>\n"}, VaultReason.OTHER),
            ("status", {"status": 404}, VaultReason.BAD_ANSWER),
            ("status", {"status": 429}, VaultReason.THROTTLED),
        ],
    )
    def test_of_a_bound_device_have_their_reasons(self, bound, shared, kind, details, reason):
        shared.fail(kind, "get_secret", **details)
        assert reason_of(lambda: titles(bound)) is reason

    def test_are_one_line_of_printable_text(self, bound, shared):
        shared.fail("error", "get_secret", code="x", message="a\nb\0c" + "d" * 5000)
        with pytest.raises(VaultError) as raised:
            titles(bound)
        assert raised.value.message.isprintable()
        assert len(raised.value.message) < 400

    @pytest.mark.parametrize("body", [b"", b"[]", b"5", b"[" * 100_000, b"\xff", b'{"error": {"a": 1}}', b"{}"])
    def test_in_any_form_are_errors_in_words(self, body):
        from keeperdb.vault.channel import Answer
        from keeperdb.vault.failures import Refusal, refused

        error = refused(Refusal.from_answer(Answer(403, "", body)), "vault.example", is_bound=True)
        assert "vault.example" in error.message


SURPRISES = {
    "KSM_CONFIG": "x",
    "KSM_TOKEN": "US:" + "x" * 43,
    "KSM_HOSTNAME": "https://[evil.example",
    "KSM_SKIP_VERIFY": "perhaps",
    "KSM_CONFIG_FILE": "/nonexistent/config.json",
    "KSM_CACHE_DIR": "/nonexistent",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "ALL_PROXY": "http://127.0.0.1:9",
    "REQUESTS_CA_BUNDLE": "/nonexistent.pem",
    "CURL_CA_BUNDLE": "/nonexistent.pem",
    "SSL_CERT_FILE": "/nonexistent.pem",
    "SSL_CERT_DIR": "/nonexistent",
}


class TestEnvironment:
    @pytest.fixture
    def surprises(self, monkeypatch, tmp_path) -> None:
        for name, value in SURPRISES.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("HOME", str(tmp_path))
        netrc = tmp_path / ".netrc"
        netrc.write_text("default login somebody password secret\n")
        netrc.chmod(0o600)
        monkeypatch.setenv("NETRC", str(netrc))
        monkeypatch.chdir(tmp_path)

    @pytest.mark.usefixtures("surprises")
    def test_changes_nothing(self, begin, tmp_path):
        client = begin()
        client.bind(Task())
        assert titles(client) == ["Orders"]
        assert dict(os.environ) | SURPRISES == dict(os.environ)
        assert sorted(path.name for path in tmp_path.iterdir()) == [".netrc"]
        later = VaultClient.from_stored_form(client.stored_form())
        assert titles(later) == ["Orders"]
        later.close()

    @pytest.mark.parametrize("value", ["true", "TRUE", "1"])
    def test_cannot_switch_verification_off(self, begin, endpoint, tmp_path, monkeypatch, value):
        with DemoVault() as other:
            ca = tmp_path / "other.pem"
            ca.write_bytes(other.ca_file.read_bytes())
        monkeypatch.setenv("KSM_SKIP_VERIFY", value)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(endpoint.ca))
        monkeypatch.setenv("SSL_CERT_FILE", str(endpoint.ca))
        wrong = replace(endpoint, ca=ca)
        assert reason_of(lambda: begin(wrong).bind(Task())) is VaultReason.CERTIFICATE

    def test_cannot_add_an_authority_to_the_public_ones(self, begin, endpoint, monkeypatch):
        for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
            monkeypatch.setenv(name, str(endpoint.ca))
        assert reason_of(lambda: of_the_cloud(begin, endpoint).bind(Task())) is VaultReason.CERTIFICATE


class TestStoredForm:
    def test_gives_the_same_client(self, bound):
        later = VaultClient.from_stored_form(bound.stored_form())
        assert later.server == bound.server
        assert titles(later) == titles(bound)
        later.close()

    def test_fits_the_windows_credential_manager(self, bound):
        assert len(bound.stored_form().reveal()) - len(str(bound.server.ca)) < 1000

    def test_of_the_cloud_has_no_server_key(self, begin):
        client = begin(None, prefix="EU:")
        stored = json.loads(client.stored_form().reveal())
        assert stored["hostname"] == "keepersecurity.eu"
        assert stored["serverPublicKeyId"] == "10"
        assert "serverPublicKey" not in stored
        assert "caFile" not in stored

    def test_of_an_il5_token_has_its_key(self, begin):
        key = to_url_base64(KeyPair().point)
        client = begin(None, prefix="IL5:", suffix=f":21:{key}")
        stored = json.loads(client.stored_form().reveal())
        assert (stored["hostname"], stored["serverPublicKey"], stored["serverPublicKeyId"]) == (
            "il5.keepersecurity.us",
            key,
            "21",
        )

    def test_that_is_damaged_does_not_show_itself(self):
        with pytest.raises(VaultError) as raised:
            VaultClient.from_stored_form(Secret('{"privateKey": "very secret"'))
        assert "very secret" not in f"{raised.value!r}{raised.value.__cause__!r}"


class TestSdkVerbs:
    """Later features write through the same client: its other verbs come through the same connection."""

    def test_go_through_the_same_connection(self, bound, shared):
        assert [folder.name for folder in bound.get_folders()] == ["Databases"]
        record = bound.get_secrets()[0]
        record.set_standard_field_value("login", "bob")
        bound.save(record)
        assert shared.find_record("Orders").value("login") == "bob"
        assert len({entry.connection for entry in shared.journal}) == 1

    def test_are_translated_too(self, bound, shared):
        shared.fail("status", "update_secret")
        record = bound.get_secrets()[0]
        assert reason_of(lambda: bound.save(record)) is VaultReason.UNREACHABLE

    def test_that_write_are_not_sent_twice_on_a_connection_that_broke(self, bound, shared):
        record = bound.get_secrets()[0]
        shared.journal.clear()
        shared.fail("lost", "update_secret")
        assert reason_of(lambda: bound.save(record)) is VaultReason.UNREACHABLE
        assert shared.journal.verbs == ["update_secret"]


def test_the_sdks_logger_stays_silent(bound: VaultClient, shared: DemoVault) -> None:
    shared.fail("error", "get_secret")
    with pytest.raises(VaultError):
        bound.read(Task())
    assert logging.getLogger("ksm").disabled


def test_importing_attached_vaults_does_not_import_the_sdk() -> None:
    import subprocess

    code = (
        "import sys, keeperdb.vault.attached;"
        "heavy = {'keeper_secrets_manager_core', 'requests', 'cryptography', 'certifi', 'ssl', 'sqlalchemy'};"
        "sys.exit(repr(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    root = Path(__file__).parents[2]
    found = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert found.stderr == ""
