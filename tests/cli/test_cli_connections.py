"""`keeperdb connections`."""

import csv
import io

import pytest


@pytest.fixture
def shop(cli, store):
    cli.ok("connections", "add", "shop", "--engine", "sqlite", "--path", store)
    return cli


def test_an_empty_list_is_an_empty_array(cli) -> None:
    assert cli.ok("connections", "list", "--format", "json").json == []
    assert cli.ok("connections", "list", "--format", "csv").out.count("\n") == 1


def test_what_was_added_is_listed_with_everything(cli) -> None:
    cli.ok(
        *("connections", "add", "orders", "--engine", "Postgres 14", "--host", "db1", "--port", "5433"),
        *("--database", "sales", "--user", "ann", "--folder", "Team / EU", "--color", "#d93025", "--notes", "on call"),
        *("--environment", "production", "--read-only", "--commit-mode", "manual", "--password-mode", "ask"),
        *("--tls-mode", "verify-ca", "--tls-ca", "/etc/ca.pem", "--option", "application_name=kdb"),
    )
    [row] = cli.ok("connections", "list", "--format", "json").json
    expected = {
        "name": "orders",
        "source": "local",
        "engine": "postgresql",
        "address": "db1:5433",
        "host": "db1",
        "port": 5433,
        "database": "sales",
        "user": "ann",
        "folder": "Team/EU",
        "color": "#d93025",
        "notes": "on call",
        "environment": "production",
        "read_only": True,
        "commit_mode": "manual",
        "password_mode": "ask",
        "tls": "verify-ca",
        "options": {"application_name": "kdb"},
        "problem": "",
    }
    assert {name: row[name] for name in expected} == expected
    assert cli.ok("connections", "show", "orders", "--format", "json").json == row


def test_what_a_connection_promises_is_said(cli) -> None:
    for name, engine, mode in (
        ("a", "postgresql", "require"),
        ("b", "sqlserver", "verify-full"),
        ("c", "mysql", "default"),
    ):
        cli.ok(
            *("connections", "add", name, "--engine", engine, "--host", "db1", "--read-only", "--tls-mode", mode),
            *("--password-mode", "ask"),
        )
    shown = {name: cli.ok("connections", "show", name).out for name in "abc"}
    assert "read only by   Enforced by the server." in shown["a"]
    assert "tls in force   require. The certificate is not checked" in shown["a"]
    assert "read only by   Best effort: SQL Server" in shown["b"]
    assert "tls in force   verify-full\n" in shown["c"]


def test_tables_and_csv_show_the_same_connections(shop, store) -> None:
    assert str(store) in shop.ok("connections", "list").out
    [row] = csv.DictReader(io.StringIO(shop.ok("connections", "list", "--format", "csv").out))
    assert (row["name"], row["engine"], row["address"]) == ("shop", "sqlite", str(store))
    assert "shop" in shop.ok("connections", "show", "shop").out


def test_a_relative_file_is_meant_where_the_command_runs(cli) -> None:
    cli.ok("connections", "add", "here", "--engine", "sqlite", "--path", "here.db")
    [row] = cli.ok("connections", "list", "--format", "json").json
    assert row["path"] == str(cli.folder / "here.db")


def test_a_url_says_the_rest(cli) -> None:
    cli.ok("connections", "add", "orders", "--url", "postgresql://ann@db1:5433/sales")
    cli.ok("connections", "add", "shop", "--url", "mysql -h db2 -u bob shop", "--user", "eve")
    orders, shop = cli.ok("connections", "list", "--format", "json").json
    assert (orders["engine"], orders["host"], orders["port"], orders["user"]) == ("postgresql", "db1", 5433, "ann")
    assert (shop["engine"], shop["host"], shop["user"], shop["database"]) == ("mysql", "db2", "eve", "shop")


def test_options_of_a_url_that_have_no_use_are_named(cli) -> None:
    done = cli.ok("connections", "add", "orders", "--url", "jdbc:postgresql://db1/sales?tcpKeepAlive=true")
    assert "tcpKeepAlive" in done.err


def test_where_nothing_is_kept_a_password_is_not_taken_in_silence(cli) -> None:
    cli.ok("config", "set", "connections.keychain", "ask")
    words = ("connections", "add", "x", "--engine", "mysql", "--host", "db", "--password-stdin")
    assert "not kept" in cli.ok(*words, stdin="pw").err


def test_a_url_with_a_password_comes_from_standard_input(cli_with_file_keychain, postgresql_server) -> None:
    cli = cli_with_file_keychain
    url = (
        f"postgresql://{postgresql_server.user}:{postgresql_server.password}"
        f"@{postgresql_server.host}:{postgresql_server.port}/{postgresql_server.database}"
    )
    cli.ok("connections", "add", "pg", "--url", "-", stdin=url + "\n")
    assert cli.ok("connections", "test", "pg").out.startswith("PostgreSQL")
    assert not any(postgresql_server.password.encode() in content for content in cli.files().values())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("add", "x"), "--engine"),
        (("add", "x", "--engine", "fabulon"), "engine"),
        (("add", "x", "--engine", "mongodb", "--host", "db"), "MongoDB is not supported"),
        (("add", "x", "--engine", "sqlite"), "file"),
        (("add", "x", "--engine", "mysql"), "host"),
        (("add", "x", "--engine", "mysql", "--host", "a b"), "space"),
        (("add", "x", "--engine", "mysql", "--host", "db", "--port", "x"), "--port"),
        (("add", "x", "--engine", "mysql", "--host", "db", "--port", "99999"), "65535"),
        (("add", "x", "--engine", "mysql", "--host", "db", "--color", "red"), "#rrggbb"),
        (("add", "x", "--engine", "mysql", "--host", "db", "--option", "init"), "NAME=VALUE"),
        (("add", "x", "--engine", "mysql", "--host", "db", "--option", "allow_local_infile=1"), "allow_local_infile"),
        (("add", "x", "--url", "gopher://db"), "gopher"),
        (("add", " ", "--engine", "mysql", "--host", "db"), "name"),
        (("add", "shop", "--engine", "mysql", "--host", "db"), "already"),
        (("show", "shpo"), "Did you mean “shop”?"),
        (("edit", "shpo", "--host", "x"), "Did you mean “shop”?"),
        (("edit", "shop", "--path", ""), "file"),
        (("remove", "shop"), "--yes"),
        (("remove", "nothing like it"), "connections list"),
    ],
)
def test_what_cannot_be_done_is_explained(shop, words, expected) -> None:
    before = shop.ok("connections", "list", "--format", "json").json
    done = shop("connections", *words)
    assert done.code == 2
    assert expected in done.err
    assert shop.ok("connections", "list", "--format", "json").json == before


def test_editing_changes_what_is_named_and_nothing_else(shop) -> None:
    [before] = shop.ok("connections", "list", "--format", "json").json
    shop.ok("connections", "edit", "shop", "--name", "store", "--notes", "till", "--environment", "test")
    [after] = shop.ok("connections", "list", "--format", "json").json
    changes = {"name": "store", "full_name": "store", "notes": "till", "environment": "test"}
    assert after == before | changes
    shop.ok("connections", "edit", "store", "--environment", "none", "--notes", "", "--no-read-only")
    assert shop.ok("connections", "show", "store", "--format", "json").json["environment"] == ""


def test_removing_removes(shop) -> None:
    shop.ok("connections", "remove", "shop", "--yes")
    assert shop.ok("connections", "list", "--format", "json").json == []


def test_removing_a_file_needs_no_unlocked_keychain(cli_with_file_keychain, store) -> None:
    cli = cli_with_file_keychain
    cli.ok("connections", "add", "pg", "--engine", "postgresql", "--host", "h", "--password-stdin", stdin="secret")
    cli.ok("connections", "add", "file", "--engine", "sqlite", "--path", store)
    cli.options = []  # the keychain stays locked from here on
    cli.ok("connections", "remove", "file", "--yes")
    assert [each["name"] for each in cli.ok("connections", "list", "--format", "json").json] == ["pg"]


def test_testing_prints_the_version_of_the_server(shop) -> None:
    assert shop.ok("connections", "test", "shop").out.startswith("SQLite 3.")


def test_a_server_that_cannot_be_reached_is_a_connection_error(cli, unused_tcp_port) -> None:
    cli.ok(
        *("connections", "add", "gone", "--engine", "postgresql", "--host", "127.0.0.1"),
        *("--port", unused_tcp_port, "--password-mode", "none"),
    )
    for words in (("connections", "test", "gone"), ("query", "gone", "SELECT 1"), ("schema", "gone")):
        done = cli(*words)
        assert done.code == 3
        assert f"127.0.0.1:{unused_tcp_port}" in done.err


def test_a_password_that_nobody_can_be_asked_for_is_a_connection_error(cli) -> None:
    cli.ok("connections", "add", "x", "--engine", "mysql", "--host", "127.0.0.1", "--password-mode", "ask")
    done = cli("query", "x", "SELECT 1")
    assert done.code == 3
    assert "needs a password" in done.err


def test_a_password_comes_from_standard_input_and_a_wrong_one_is_refused(cli, postgresql_server) -> None:
    server = postgresql_server
    cli.ok(
        *("connections", "add", "pg", "--engine", "postgresql", "--host", server.host, "--port", server.port),
        *("--database", server.database, "--user", server.user, "--password-mode", "ask"),
    )
    sql = ("query", "pg", "SELECT 1 AS one", "--format", "json", "--password-stdin")
    assert cli.ok(*sql, stdin=server.password + "\n").json == [{"one": 1}]
    done = cli(*sql, stdin="planted-wrong\n")
    assert done.code == 3
    assert "planted-wrong" not in done.err
    assert cli(*sql, stdin="").code == 2


def test_hostile_names_do_not_reach_the_terminal(cli, store) -> None:
    name = "red\u202ewolf"
    done = cli("connections", "add", name, "--engine", "sqlite", "--path", store)
    assert done.code == 2
    assert "\u202e" not in done.err
    done = cli("query", "\x1b]0;owned\x07", "SELECT 1")
    assert done.code == 2
    assert "\x1b" not in done.err
