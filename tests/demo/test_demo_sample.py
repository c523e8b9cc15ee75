"""What `keeperdb demo` and `keeperdb demo-vault` start: the sample vault with its databases."""

import json
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pymysql
import pytest
from keeper_secrets_manager_core import SecretsManager
from keeper_secrets_manager_core.dto.payload import QueryOptions

from keeperdb.demo import servers
from keeperdb.demo.run import Demo, prepare_demo, serve
from keeperdb.demo.sample import ServerAddress
from keeperdb.demo.seed import plant
from keeperdb.demo.server_process import ServerError
from keeperdb.demo.vault_server import DemoVault
from keeperdb.errors import SettingsError
from keeperdb.task import Progress, Task

_ROOT = Path(__file__).parents[2]

NewClient = Callable[..., SecretsManager]


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """The whole demo, with PostgreSQL and MariaDB."""
    with prepare_demo() as prepared:
        yield prepared


def test_both_servers_run(demo: Demo) -> None:
    assert demo.notices == []
    assert demo.servers.addresses.keys() == {"postgresql", "mariadb"}


def test_the_credentials_of_the_vault_open_postgresql(demo: Demo) -> None:
    record = demo.vault.find_record("Reports on PostgreSQL")
    host = record.value("host")
    assert isinstance(host, dict)
    with psycopg.connect(
        host=host["hostName"],
        port=host["port"],
        dbname=str(record.value("Database")),
        user=str(record.value("login")),
        password=str(record.value("password")),
    ) as connection:
        assert connection.execute("SELECT COUNT(*) FROM track_details").fetchone() == (3500,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("DELETE FROM track")


def test_the_linked_credentials_of_the_vault_open_mariadb(demo: Demo) -> None:
    record = demo.vault.find_record("Store on MariaDB")
    settings = record.value("pamSettings")
    assert isinstance(settings, dict)
    user = demo.vault.record(settings["connection"]["userRecords"][0])
    with closing(
        pymysql.connect(
            host="127.0.0.1",
            port=int(settings["connection"]["port"]),
            database=settings["connection"]["database"],
            user=str(user.value("login")),
            password=str(user.value("password")),
        )
    ) as connection:
        with connection.cursor() as cursor:
            cursor.execute("SELECT first_name, composer FROM customer, track WHERE customer_id = 1 AND track_id = 1")
            assert cursor.fetchall() == (("Mateo", None),)
            cursor.execute("UPDATE customer SET phone = NULL WHERE customer_id = 1")
        connection.commit()


@pytest.mark.parametrize("engine", ["postgresql", "mariadb"])
def test_a_wrong_password_is_refused(demo: Demo, engine: str) -> None:
    address = demo.servers.addresses[engine]
    with pytest.raises((psycopg.OperationalError, pymysql.err.OperationalError)):
        _open(engine, address, address.writer, "wrong").close()


def test_administrators_cannot_log_in_without_a_password(demo: Demo) -> None:
    for engine, user in (("postgresql", "keeperdb"), ("mariadb", "root")):
        with pytest.raises((psycopg.OperationalError, pymysql.err.OperationalError)):
            _open(engine, demo.servers.addresses[engine], user, "").close()


def test_the_sqlite_record_names_the_file(demo: Demo) -> None:
    record = demo.vault.find_record("Chinook")
    with closing(sqlite3.connect(str(record.value("Path")))) as connection:
        assert connection.execute("SELECT COUNT(*) FROM track").fetchone() == (3500,)


def test_the_official_sdk_sees_the_sample(demo: Demo, new_client: NewClient) -> None:
    client = new_client(demo.vault, token=demo.vault.issue_token())
    answer = client.get_secrets_with_options(QueryOptions(None, None, True), full_response=True)
    store = demo.vault.folder("Music store")
    assert [entry["f"]["folderUid"] for entry in answer.bad_folders] == [store.uid]
    assert len(answer.bad_records) == 1
    infrastructure = {record.title: record for record in answer.records if record.folder_uid}
    assert {"Payroll", "Store on PostgreSQL", "Store on MariaDB"} <= infrastructure.keys()
    launch = next(link for link in infrastructure["Store on PostgreSQL"].get_links() if link.is_launch_credential())
    assert launch.record_uid == infrastructure["Reader of postgresql"].uid
    missing = infrastructure["Payroll"].get_links()[0].record_uid
    assert missing not in {record.uid for record in answer.records}
    names = [folder.name for folder in client.get_folders()]
    assert names == ["Music store", "Reporting", "Archive", "Infrastructure", "Accounts"]


def test_everything_temporary_goes_away_with_the_demo() -> None:
    texts: list[str] = []
    demo = prepare_demo(task=Task(lambda progress: texts.append(_text(progress))))
    processes = list(demo.servers.processes)
    folders = [demo.home, *(process.folder for process in processes)]
    assert all(folder.exists() for folder in folders)
    assert "Making the sample database" in texts
    demo.close()
    demo.close()
    assert not [folder for folder in folders if folder.exists()]
    assert not [process for process in processes if process.is_running]


def test_a_home_keeps_what_is_attached(tmp_path: Path, new_client: NewClient) -> None:
    with prepare_demo(tmp_path, with_servers=False) as demo:
        client = new_client(demo.vault, token=demo.token)
        before = client.get_secrets()
    with prepare_demo(tmp_path, with_servers=False) as again:
        assert again.vault_options[1] == demo.vault_options[1]
        assert sorted(record.title for record in client.get_secrets()) == sorted(record.title for record in before)
    assert (tmp_path / "demo" / "chinook.db").exists()


def test_missing_programs_leave_records_out_with_a_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    monkeypatch.setattr(servers, "_POSTGRESQL_FOLDER", Path("/nowhere"))
    with prepare_demo() as demo:
        assert demo.notices == [
            "PostgreSQL is not installed; its sample connections are left out.",
            "MariaDB is not installed; its sample connections are left out.",
        ]
        titles = [record.title for record in demo.vault.records()]
        assert "Chinook" in titles
        assert not [title for title in titles if "PostgreSQL" in title or "MariaDB" in title]


def test_the_servers_end_when_the_demo_is_killed(tmp_path: Path) -> None:
    script = """
from keeperdb.demo.servers import DemoServers
servers = DemoServers()
servers.start()
print(*(process.folder for process in servers.processes), flush=True)
input()
"""
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_ROOT) as process:
        assert process.stdout is not None
        folders = [Path(name) for name in process.stdout.readline().split()]
        assert len(folders) == 2
        assert all(folder.exists() for folder in folders)
        process.kill()
    deadline = time.monotonic() + 60
    while any(folder.exists() for folder in folders) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [folder for folder in folders if folder.exists()]


def test_a_server_that_fails_to_start_is_removed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    false = Path(shutil.which("false") or "/bin/false")
    monkeypatch.setattr(servers, "_postgresql_program", lambda _: false)
    monkeypatch.setattr(servers, "_program", lambda _: false)
    started = servers.DemoServers()
    started.start()
    folders = [process.folder for process in started.processes]
    started.stop()
    assert len(started.notices) == 2
    assert all("cannot be set up" in notice for notice in started.notices)
    assert not [folder for folder in folders if folder.exists()]
    assert issubclass(ServerError, Exception)


def test_demo_vault_serves_a_seed_file(tmp_path: Path, new_client: NewClient) -> None:
    seed = tmp_path / "seed.json"
    record = {"title": "Seeded", "type": "login", "fields": [{"type": "text", "value": [{"uid_of": "other"}]}]}
    other = {"title": "Other", "type": "login", "fields": []}
    entries = [{"record": record, "files": [{"name": "a.txt", "text": "a"}]}, {"id": "other", "record": other}]
    seed.write_text(json.dumps({"folders": [{"name": "Team", "records": entries}]}))
    stopped, lines = threading.Event(), []

    def say(line: str) -> None:
        lines.append(json.loads(line))
        stopped.set()

    serve(seed_file=seed, state_file=tmp_path / "state.json", say=say, stopped=stopped)
    assert lines[0].keys() == {"endpoint", "token", "server_key", "ca"}
    with DemoVault(state_file=tmp_path / "state.json") as vault:
        client = new_client(vault, token=lines[0]["token"])
        seen = {record.title: record for record in client.get_secrets()}
        assert seen.keys() == {"Seeded", "Other"}
        assert seen["Seeded"].field("text", single=True) == seen["Other"].uid
        assert vault.find_record("Seeded").files == {"a.txt": b"a"}


@pytest.mark.parametrize(
    "text", ["", "[]", '{"folders": [{}]}', '{"records": [{"record": 1}]}', '{"records": [{"record": {}}]}']
)
def test_a_seed_that_cannot_be_used_is_refused(tmp_path: Path, text: str) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text(text)
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(SettingsError, match="seed"):
        serve(seed_file=seed, stopped=stopped)


def test_planting_returns_the_records_with_an_id(demo_vault: DemoVault) -> None:
    planted = plant(demo_vault, {"unshared": [{"id": "one", "record": {"title": "One", "type": "login"}}]})
    assert planted["one"].title == "One"
    assert demo_vault.application.stored.shares == {}


def _text(progress: Progress) -> str:
    return progress.text


def _open(engine: str, address: ServerAddress, user: str, password: str) -> psycopg.Connection | pymysql.Connection:
    if engine == "postgresql":
        return psycopg.connect(
            host=address.host, port=address.port, dbname=address.database, user=user, password=password
        )
    return pymysql.connect(
        host=address.host, port=address.port, database=address.database, user=user, password=password
    )
