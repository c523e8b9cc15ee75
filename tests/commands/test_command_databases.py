"""`connections`, `query` and `schema`: databases without their passwords."""

import sqlite3

import pytest

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.demo.record_types import database_record
from keeperdb.keychain import SessionKeychain
from keeperdb.paths import Paths
from keeperdb.task import Task
from keeperdb.vault.endpoint import VaultEndpoint
from keeperdb.workspace import Workspace

from keeperdb.commands.vault_state import VaultState  # isort: skip
from tests.commands.caller import Caller


@pytest.fixture
def shop_file(tmp_path):
    path = tmp_path / "shop.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, price NUMERIC)")
        connection.executemany("INSERT INTO item VALUES (?, ?, ?)", [(n, f"item {n}", n / 4) for n in range(1, 2001)])
    connection.close()
    return path


@pytest.fixture
def shop(demo_vault, tmp_path, shop_file):
    """A caller whose vault has a database, and whose machine has another one."""
    folder = demo_vault.add_shared_folder("Shop")
    demo_vault.add_record(database_record("Items", "sqlite", custom={"Path": str(shop_file)}), folder)
    endpoint = VaultEndpoint(demo_vault.endpoint, demo_vault.server_key_id, demo_vault.server_key, demo_vault.ca_file)
    workspace = Workspace(Paths.under(tmp_path / "home"), endpoint=endpoint, keychain=SessionKeychain())
    workspace.load(Task())
    attached = workspace.attach("Work", demo_vault.issue_token(), Task())
    workspace.save(ConnectionProfile("local items", "sqlite", path=str(shop_file)), None, Task())
    return Caller(VaultState(workspace, attached.id), demo_vault)


def test_connections_are_listed_without_secrets(shop) -> None:
    rows = shop.data("connections --format json")
    assert [(row["name"], row["source"], row["engine"]) for row in rows] == [
        ("Work/Items", "vault", "sqlite"),
        ("local items", "local", "sqlite"),
    ]
    assert "Work/Items" in " ".join(shop.ok("connections")["message"])


def test_a_query_answers_with_columns_and_rows(shop) -> None:
    body = shop.ok('query Items "SELECT id, name, price, NULL AS empty FROM item ORDER BY id LIMIT 2"')
    assert body["command"] == "query"
    data = body["data"]
    assert [column["name"] for column in data["columns"]] == ["id", "name", "price", "empty"]
    assert data["rows"] == [[1, "item 1", 0.25, None], [2, "item 2", 0.5, None]]
    assert (data["row_count"], data["is_complete"]) == (2, True)
    assert shop.data('query Items "SELECT id FROM item LIMIT 1" --format json') == [{"id": 1}]
    assert shop.ok('query "local items" "SELECT 1 AS a" --format csv')["message"] == ["a", "1"]


def test_rows_are_capped(shop) -> None:
    data = shop.data('query Items "SELECT id FROM item ORDER BY id"')
    assert (data["row_count"], data["is_complete"]) == (1000, False)
    data = shop.data('query Items "SELECT id FROM item" --limit 2000')
    assert (data["row_count"], data["is_complete"]) == (2000, True)
    assert shop.refused('query Items "SELECT 1" --limit 10001', 400)


def test_values_go_apart_from_the_statement(shop) -> None:
    line = 'query Items "SELECT id FROM item WHERE name = :name" --param "name=item 7\' OR 1=1" --format json'
    assert shop.data(line) == []
    assert shop.data('query Items "SELECT id FROM item WHERE id = :n" --param n:number=7 --format json') == [{"id": 7}]


@pytest.mark.parametrize(
    ("sql", "status"),
    [
        ("DELETE FROM item", 403),
        ("UPDATE item SET name = 'x'", 403),
        ("INSERT INTO item VALUES (9999, 'x', 1)", 403),
        ("DROP TABLE item", 403),
        ("CREATE TABLE t (a)", 403),
        ("ATTACH DATABASE '/tmp/x' AS x", 403),
        ("PRAGMA writable_schema = 1", 403),
        ("WITH x AS (SELECT 1) DELETE FROM item", 403),
        ("SELECT load_extension('x')", 403),
        ("VACUUM INTO '/tmp/x'", 403),
        ("BEGIN", 403),
        ("SELECT 1; DELETE FROM item", 400),
        ("SELECT 1; SELECT 2", 400),
        ("", 400),
        ("-- nothing", 400),
        ("SELECT nosuch FROM item", 400),
    ],
)
def test_only_one_statement_that_reads_is_run(shop, sql, status) -> None:
    assert shop.refused(f'query Items "{sql}"', status)
    assert shop.data('query Items "SELECT count(*) AS n FROM item" --format json') == [{"n": 2000}]


def test_a_connection_that_the_caller_may_not_use_does_not_exist_for_it(shop) -> None:
    shop.context.may_query = lambda profile: profile.name == "Items"
    assert [row["name"] for row in shop.data("connections --format json")] == ["Work/Items"]
    assert shop.ok('query Items "SELECT 1"')
    status, body = shop('query "local items" "SELECT 1"')
    assert status == 404
    assert shop('query "no such items" "SELECT 1"')[1]["error"] == body["error"].replace("local items", "no such items")
    assert shop.refused('schema "local items"', 404)


def test_the_schema_is_listed(shop) -> None:
    assert [row["name"] for row in shop.data("schema Items --format json")] == ["item"]
    assert [row["name"] for row in shop.data("schema Items item --format json")][:3] == ["id", "name", "price"]
    assert shop.refused("schema Items nosuch", 404)
    assert [row["name"] for row in shop.data("schema --format json")] == ["Work/Items", "local items"]
