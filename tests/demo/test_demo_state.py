"""The demo vault's state file: it survives restarts and kills, and is replaced as a whole."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from keeper_secrets_manager_core import SecretsManager
from keeper_secrets_manager_core.core import CreateOptions
from keeper_secrets_manager_core.dto.dtos import RecordCreate
from keeper_secrets_manager_core.storage import InMemoryKeyValueStorage

from keeperdb.demo.record_types import login_record
from keeperdb.demo.vault_server import DemoVault
from keeperdb.demo.vault_state import StateFile, VaultState
from keeperdb.errors import StoreError

NewClient = Callable[..., SecretsManager]
_ROOT = Path(__file__).parents[2]
_SERVE = "import sys, pathlib; from keeperdb.demo.run import serve; serve(0, None, pathlib.Path(sys.argv[1]))"

Start = Callable[[], tuple[subprocess.Popen[str], dict[str, str]]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the demo vault as a process of its own on one state file; returns it and its first line."""
    processes: list[subprocess.Popen[str]] = []

    def run() -> tuple[subprocess.Popen[str], dict[str, str]]:
        command = [sys.executable, "-c", _SERVE, str(tmp_path / "vault.json")]
        environment = {**os.environ, "TMPDIR": str(tmp_path)}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_ROOT, env=environment)
        processes.append(process)
        assert process.stdout is not None
        return process, json.loads(process.stdout.readline())

    yield run
    for process in processes:
        process.kill()
        process.communicate()


def _client(line: dict[str, str], config: InMemoryKeyValueStorage, token: str | None = None) -> SecretsManager:
    key_id, key = line["server_key"].split(":")
    return SecretsManager(
        token=token,
        hostname=line["endpoint"],
        verify_ssl_certs=line["ca"],
        config=config,
        server_public_key=key,
        server_public_key_id=key_id,
    )


def test_devices_records_and_files_outlive_the_server(tmp_path: Path, new_client: NewClient) -> None:
    state_file = tmp_path / "vault.json"
    with DemoVault(state_file=state_file) as vault:
        inner = vault.add_shared_folder("Team").add_folder("Inner")
        record = inner.add_record(login_record("One", "ada", "x"))
        record.add_file("a.bin", b"content")
        user = inner.add_record(login_record("User", "ada", "x"))
        vault.link(record, user, is_launch_credential=True)
        client = new_client(vault)
        client.get_secrets()
        endpoint = vault.endpoint
    with DemoVault(state_file=state_file) as again:
        assert again.endpoint == endpoint
        assert again.record(record.uid).document == login_record("One", "ada", "x") | {
            "fields": again.record(record.uid).document["fields"]
        }
        assert again.record(record.uid).files == {"a.bin": b"content"}
        assert again.record(record.uid).stored.links == record.stored.links
        assert {seen.uid for seen in client.get_secrets()} == {record.uid, user.uid}


def test_restart_keeps_the_port_and_the_bound_clients(demo_vault: DemoVault, new_client: NewClient) -> None:
    demo_vault.share_record(login_record("One", "ada", "x"))
    client = new_client()
    client.get_secrets()
    demo_vault.stop()
    with pytest.raises(requests.ConnectionError):
        client.get_secrets()
    demo_vault.start()
    assert len(client.get_secrets()) == 1


def test_nothing_acknowledged_is_lost_when_the_server_is_killed(start: Start, tmp_path: Path) -> None:
    process, line = start()
    config = InMemoryKeyValueStorage()
    client = _client(line, config, line["token"])
    client.get_secrets()
    folders = client.get_folders()
    target = next(folder for folder in folders if folder.name == "Music store").folder_uid
    acknowledged: list[str] = []
    enough = threading.Event()

    def create_until_the_server_is_gone() -> None:
        try:
            while True:
                draft = RecordCreate("login", f"Number {len(acknowledged)}")
                acknowledged.append(client.create_secret_with_options(CreateOptions(target, None), draft, folders))
                if len(acknowledged) == 20:
                    enough.set()
        except requests.ConnectionError:
            enough.set()

    thread = threading.Thread(target=create_until_the_server_is_gone)
    thread.start()
    enough.wait()
    process.send_signal(signal.SIGKILL)
    thread.join()
    process.wait()
    assert len(acknowledged) >= 20
    state = StateFile(tmp_path / "vault.json").load()
    assert state is not None
    assert set(acknowledged) <= set(state.records)

    _, line = start()
    seen = _client(line, config).get_secrets_with_options(None, full_response=True)
    assert len(seen.bad_folders) == 1  # the sample has a broken record in it
    assert seen.appData.title


def test_serving_ends_on_a_signal_with_exit_code_0(start: Start) -> None:
    process, line = start()
    assert line.keys() == {"endpoint", "token", "server_key", "ca"}
    process.send_signal(signal.SIGTERM)
    assert process.wait() == 0


def test_key_material_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    state_file = tmp_path / "vault.json"
    with DemoVault(state_file=state_file):
        private = [state_file, tmp_path / "vault.json.d" / "server.pem"]
        assert [path.stat().st_mode & 0o777 for path in private] == [0o600, 0o600]


def test_a_vault_without_a_state_file_leaves_nothing_behind() -> None:
    with DemoVault() as vault:
        folder = vault.ca_file.parent
        vault.add_shared_folder("Team").add_record(login_record("One", "ada", "x")).add_file("a", b"a")
        assert folder.exists()
    assert not folder.exists()


def test_keys_are_made_anew_for_every_vault() -> None:
    one, two = VaultState.new(), VaultState.new()
    assert one.server_key != two.server_key
    assert one.owner_key != two.owner_key


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b'{"server_key": 1}'])
def test_a_damaged_state_file_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "vault.json"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="not a state file"):
        DemoVault(state_file=path)
    assert path.read_bytes() == content


def test_a_port_in_use_is_named(demo_vault: DemoVault) -> None:
    port = int(demo_vault.endpoint.split(":")[1])
    second = DemoVault(port=port)
    with pytest.raises(StoreError, match=f"127.0.0.1:{port}"):
        second.start()
    second.close()


def test_a_failed_write_leaves_the_old_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "vault.json"
    vault = DemoVault(state_file=path)
    vault.add_shared_folder("Team")
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StoreError, match="No space left"):
        vault.add_shared_folder("Second")
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.endswith(".part")] == []
    vault.close()
