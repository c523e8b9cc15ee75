"""`keeperdb config`."""

import pytest

from keeperdb.settings import SETTINGS


def test_a_value_that_was_set_is_printed(cli) -> None:
    cli.ok("config", "set", "results.page_size", "500")
    assert cli.ok("config", "get", "results.page_size").out == "500\n"
    assert cli.ok("config", "get", "results.csv_formula_guard").out == "false\n"


def test_the_list_has_every_setting(cli) -> None:
    cli.ok("config", "set", "appearance.theme", "dark")
    rows = cli.ok("config", "list", "--format", "json").json
    assert [row["setting"] for row in rows] == list(SETTINGS)
    assert next(row for row in rows if row["setting"] == "appearance.theme")["value"] == "dark"
    assert "appearance.theme" in cli.ok("config", "list").out
    assert cli.ok("config", "list", "--format", "csv").out.startswith("setting,value,default,help")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("get", "apearance.theme"), "Did you mean “appearance.theme”?"),
        (("set", "appearance.theme", "drak"), "Did you mean “dark”?"),
        (("set", "results.page_size", "3"), "from 10 to"),
        (("set", "results.page_size", "lots"), "whole number"),
        (("set", "connections.keychain", "file"), "--master-password-fd"),
    ],
)
def test_what_cannot_be_set_is_explained(cli, words, expected) -> None:
    done = cli("config", *words)
    assert done.code == 2
    assert expected in done.err


def test_a_damaged_settings_file_is_said_and_set_aside(cli) -> None:
    cli.ok("config", "set", "appearance.theme", "dark")
    path = cli.home / "config" / "settings.json"
    path.write_text("{")
    done = cli.ok("config", "get", "appearance.theme")
    assert done.out == "system\n"
    assert "Warning:" in done.err
    assert [each.read_text() for each in path.parent.glob("*damaged*")] == ["{"]


def test_the_encrypted_file_is_unlocked_through_a_file_descriptor(cli_with_file_keychain) -> None:
    cli = cli_with_file_keychain
    assert cli.ok("config", "get", "connections.keychain").out == "file\n"
    cli.ok("connections", "add", "orders", "--engine", "mysql", "--host", "db", "--password-stdin", stdin="s3cret-pw\n")
    assert not any(b"s3cret-pw" in content for content in cli.files().values())


def test_a_file_descriptor_that_is_not_open_is_explained(cli) -> None:
    cli.options += ["--master-password-fd", "63"]
    done = cli("config", "set", "connections.keychain", "file")
    assert done.code == 2
    assert "63" in done.err
    assert cli("config", "get", "connections.keychain").out == "system\n"


def test_a_wrong_master_password_is_refused(cli_with_file_keychain, tmp_path) -> None:
    cli = cli_with_file_keychain
    (tmp_path / "master").write_text("something else\n")
    done = cli("connections", "add", "x", "--engine", "mysql", "--host", "db", "--password-stdin", stdin="pw\n")
    assert done.code == 2
    assert "not the master password" in done.err


def test_asking_from_now_on_says_where_the_kept_ones_stay(cli_with_file_keychain) -> None:
    done = cli_with_file_keychain.ok("config", "set", "connections.keychain", "ask")
    assert "Encrypted file" in done.err
