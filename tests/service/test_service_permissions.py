"""What a key may do beyond its commands: the databases it may read, and files that come with the request."""

import base64
import sqlite3
from pathlib import Path

import pytest

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.service.server import Service
from keeperdb.task import Task
from tests.service.running import KEY, OTHER_KEY, ServiceClient, api_key

_COMMANDS = ("query", "schema", "connections")
_THIRD_KEY = "t" * 43 + "="


@pytest.fixture(scope="module")
def databases(service_vault, tmp_path_factory) -> None:
    workspace, folder = service_vault.state.workspace, tmp_path_factory.mktemp("databases")
    for name in ("orders", "payroll"):
        path = folder / f"{name}.sqlite"
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE facts AS SELECT ? AS name, 42 AS answer", (name,))
        connection.close()
        workspace.save(ConnectionProfile(name, "sqlite", path=str(path)), None, Task())


@pytest.fixture
def by_key(databases, start_service, connect) -> dict[str, ServiceClient]:
    keys = (
        api_key(KEY, _COMMANDS, connections=("orders",)),
        api_key(OTHER_KEY, _COMMANDS),
        api_key(_THIRD_KEY, ("whoami",), connections=("*",)),
    )
    service: Service = start_service(keys=keys)
    return {"one": connect(service, KEY), "none": connect(service, OTHER_KEY), "no query": connect(service, _THIRD_KEY)}


def test_a_key_reads_the_databases_that_it_names_and_no_other(by_key) -> None:
    answer = by_key["one"].run('query orders "SELECT name, answer FROM facts" --format=json')
    assert (answer.status, answer.json["status"]) == (200, "success")
    assert "42" in answer.body.decode()
    assert [row["name"] for row in by_key["one"].run("connections --format=json").json["data"]] == ["orders"]
    for line in ('query payroll "SELECT 1"', "schema payroll"):
        refused = by_key["one"].run(line)
        assert refused.status == 404, line
        assert refused.json["error"].startswith(f"{line.split()[0]}: ")


def test_a_key_without_databases_or_without_the_command_reads_none(by_key) -> None:
    assert by_key["none"].run('query orders "SELECT 1"').status == 404
    assert by_key["none"].run("connections --format=json").json["data"] == []
    assert by_key["no query"].run('query orders "SELECT 1"').status == 403


def test_a_query_writes_nothing(by_key) -> None:
    for sql in ("DELETE FROM facts", "DROP TABLE facts", "SELECT 1; DELETE FROM facts", "ATTACH '/tmp/x' AS x"):
        assert by_key["one"].run(f'query orders "{sql}"').status in (400, 403), sql
    assert "42" in by_key["one"].run('query orders "SELECT answer FROM facts"').body.decode()


def test_a_file_comes_and_goes_with_the_request(client, service_vault, tmp_path) -> None:
    uid, content = service_vault.records["My Login"], bytes(range(256)) * 100
    file = {"name": "key.bin", "base64": base64.b64encode(content).decode()}
    assert client.run(f"upload-attachment {uid} --file FILEDATA", filedata=file).status == 200
    answer = client.run(f"download-attachment {uid}")
    assert answer.status == 200
    assert base64.b64decode(answer.json["data"][0]["base64"]) == content
    assert client.run(f"delete-attachment {uid} --name key.bin").status == 200
    assert client.run(f"download-attachment {uid}").status == 404


@pytest.mark.parametrize(
    "command",
    [
        "upload-attachment 'My Login' --file /etc/passwd",
        "download-attachment 'My Login' --out-dir {folder}",
        "ls --format json --output {folder}/out",
        "record-add -t x -rt login file=@/etc/passwd --folder Personal",
    ],
)
def test_no_path_of_this_machine_can_be_named(client, tmp_path: Path, command) -> None:
    answer = client.run(command.format(folder=tmp_path))
    assert answer.status == 403
    assert not list(tmp_path.iterdir())
