"""Attached files on their way, with a server that behaves and one that does not."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from keeperdb.errors import Cancelled, VaultError, VaultReason
from keeperdb.task import Task
from keeperdb.vault import file_transfer
from keeperdb.vault.endpoint import Server
from keeperdb.vault.file_transfer import FileUpload, fetch_file, send_file


@pytest.fixture
def server(demo_vault) -> Server:
    return Server(demo_vault.endpoint, demo_vault.server_key_id, demo_vault.server_key, demo_vault.ca_file)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://127.0.0.1/x",
        "file:///etc/passwd",
        "https://user:pass@127.0.0.1/x",
        "https:///x",
        "https://host:99999/x",
        "https://[::1/x",
        "https://host/a b\r\nX: y",
        "https://h\u00f6st/x",
    ],
)
def test_an_address_that_is_not_plain_https_is_not_visited(url, server) -> None:
    for visit in (
        lambda: fetch_file(url, server, Task()),
        lambda: send_file(FileUpload(url, {}, 201, b""), server, Task()),
    ):
        with pytest.raises(VaultError) as caught:
            visit()
        assert caught.value.reason is VaultReason.BAD_ANSWER


def test_another_hosts_certificate_is_not_vouched_for_by_the_vaults_authority(demo_vault, server) -> None:
    port = server.host.partition(":")[2]
    with pytest.raises(VaultError) as caught:
        fetch_file(f"https://localhost:{port}/files/x", server, Task())
    assert caught.value.reason is VaultReason.CERTIFICATE


def test_a_refusal_and_a_cut_are_errors(demo_vault, server) -> None:
    url = f"https://{server.host}/files/x?ticket=wrong"
    with pytest.raises(VaultError) as caught:
        fetch_file(url, server, Task())
    assert caught.value.reason is VaultReason.ACCESS_DENIED
    demo_vault.fail("reset", "download")
    with pytest.raises(VaultError) as caught:
        fetch_file(url, server, Task())
    assert caught.value.reason is VaultReason.UNREACHABLE


def test_a_transfer_that_hangs_can_be_stopped(demo_vault, server) -> None:
    demo_vault.fail("hang", "download")
    task = Task()
    with ThreadPoolExecutor(1) as pool:
        fetching = pool.submit(fetch_file, f"https://{server.host}/files/x?ticket=y", server, task)
        assert demo_vault.journal.wait_for("download")
        task.cancel()
        with pytest.raises(Cancelled):
            fetching.result()
    demo_vault.faults.clear()


def test_a_file_that_is_too_large_is_given_up(demo_vault, server, monkeypatch) -> None:
    record = demo_vault.share_record({"title": "x", "type": "login", "fields": []})
    uid = record.add_file("big", b"x" * 5000)
    url = f"https://{server.host}/files/{uid}?ticket={record.stored.files[uid].download_ticket}"
    assert len(fetch_file(url, server, Task())) == 5028
    monkeypatch.setattr(file_transfer, "LARGEST_FILE", 4999)
    with pytest.raises(VaultError, match="larger than"):
        fetch_file(url, server, Task())


def test_a_secret_address_stands_in_no_representation() -> None:
    upload = FileUpload("https://host/x?secret", {"policy": "secret"}, 201, b"secret")
    assert "secret" not in repr(upload)
