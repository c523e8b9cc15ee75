"""The words of the command line: help, mistakes, and secrets that must not stand there."""

import pytest

from keeperdb import __version__

COMMANDS = [
    (),
    ("gui",),
    ("demo",),
    ("demo-vault",),
    ("vault",),
    ("vault", "attach"),
    ("vault", "list"),
    ("vault", "refresh"),
    ("vault", "rename"),
    ("vault", "detach"),
    ("connections",),
    ("connections", "list"),
    ("connections", "show"),
    ("connections", "add"),
    ("connections", "edit"),
    ("connections", "remove"),
    ("connections", "test"),
    ("query",),
    ("schema",),
    ("config",),
    ("config", "get"),
    ("config", "set"),
    ("config", "list"),
]


def test_the_version_is_data(cli) -> None:
    done = cli.ok("--version")
    assert done.out == f"KeeperDB {__version__}\n"
    assert not cli.home.exists()


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(cli, words) -> None:
    done = cli.ok(*words, "--help")
    examples = done.out.split("examples:\n")[1]
    assert " ".join(("keeperdb", *words)) in examples
    assert not cli.home.exists()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("qurey", "x"), "Did you mean “query”?"),
        (("connections", "lst"), "Did you mean “list”?"),
        (("vault", "dettach", "x"), "Did you mean “detach”?"),
        (("connections", "list", "--sorce", "local"), "Did you mean “--source”?"),
        (("connections", "list", "--format", "jsn"), "Did you mean “json”?"),
        (("connections", "list", "--source", "everything"), "local, vault, all"),
        (("connections", "add", "x", "--environment", "prodction"), "Did you mean “production”?"),
        (("--mode", "gatway", "config", "list"), "Did you mean “gateway”?"),
        (("query",), "CONNECTION"),
        (("vault",), "COMMAND"),
        (("query", "x", "SELECT", "1"), "quotes"),
        (("query", "x", "SELECT 1", "--limit", "many"), "--limit"),
        (("query", "x", "SELECT 1", "--limit", "-1"), "--limit"),
        (("query", "x", "SELECT 1", "-f", "also.sql"), "not both"),
        (("query", "x", "-", "--password-stdin"), "both SQL and a password"),
        (("query", "x", "SELECT 1", "--home", "elsewhere"), "--home stands before the command"),
        (("demo-vault", "--port", "70000"), "--port"),
        (("--home", "elsewhere", "demo"), "--home"),
    ],
)
def test_a_mistake_is_explained(cli, words, expected) -> None:
    done = cli(*words)
    assert done.code == 2
    assert done.out == ""
    assert expected in done.err
    assert "--help" in done.err


SECRET = "Xk3-planted_secret"


@pytest.mark.parametrize(
    "words",
    [
        ("vault", "attach", "Work", SECRET),
        ("vault", "attach", "Work", "--token", SECRET),
        ("vault", "attach", "Work", f"--token={SECRET}"),
        ("connections", "add", "x", "--engine", "sqlite", "--password", SECRET),
        ("connections", "add", "x", "--engine", "sqlite", f"--password={SECRET}"),
        ("connections", "test", "x", f"--password-stdin={SECRET}"),
        ("--master-password", SECRET, "config", "list"),
        ("connections", "add", "x", "--url", f"postgresql://ann:{SECRET}@db/orders"),
        ("connections", "add", "x", "--url", f"postgresql://db/orders?password={SECRET}"),
        ("connections", "add", "x", "--engine", "postgresql", "--host", "h", "--option", f"password={SECRET}"),
    ],
)
def test_a_secret_on_the_command_line_is_refused_and_not_repeated(cli, words) -> None:
    done = cli(*words)
    assert done.code == 2
    assert SECRET not in done.err + done.out
    assert not any(SECRET.encode() in content for content in cli.files().values())


def test_a_token_in_place_of_a_command_is_not_repeated(cli) -> None:
    token = "US:" + "A" * 43
    done = cli(token)
    assert done.code == 2
    assert token not in done.err


def test_options_may_stand_between_names(cli, store) -> None:
    cli.ok("connections", "add", "--engine", "sqlite", "shop", "--path", store)
    done = cli.ok("query", "shop", "--format", "json", "SELECT 1 AS one", "--limit", "5")
    assert done.json == [{"one": 1}]


def test_a_mode_of_the_environment_is_checked(cli) -> None:
    done = cli("config", "list", KEEPERDB_MODE="kiosk")
    assert done.code == 2
    assert "KEEPERDB_MODE" in done.err


def test_the_window_needs_a_screen(cli) -> None:
    for words in ((), ("gui",)):
        done = cli(*words)
        assert done.code == 2
        assert "There is no screen" in done.err


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--vault-endpoint", "127.0.0.1:1"), "--vault-server-key"),
        (("--vault-endpoint", "https://x", "--vault-server-key", "k:x", "--vault-ca", "/dev/null"), "--vault-"),
    ],
)
def test_an_endpoint_is_given_with_all_three_options_or_none(cli, options, expected) -> None:
    done = cli(*options, "vault", "list")
    assert done.code == 2
    assert expected in done.err


def test_the_environment_points_at_this_machine_only(cli, demo_vault) -> None:
    elsewhere = {
        "KEEPERDB_VAULT_ENDPOINT": "vault.example:443",
        "KEEPERDB_VAULT_SERVER_KEY": demo_vault.server_key_option,
        "KEEPERDB_VAULT_CA": str(demo_vault.ca_file),
    }
    done = cli("vault", "list", **elsewhere)
    assert done.code == 2
    assert "KEEPERDB_VAULT_ENDPOINT" in done.err
    cli.ok("vault", "list", **elsewhere | {"KEEPERDB_VAULT_ENDPOINT": demo_vault.endpoint})


def test_home_of_the_command_line_wins(cli, tmp_path) -> None:
    cli.options += ["--home", str(tmp_path / "other")]
    cli.ok("config", "set", "results.page_size", "50")
    assert (tmp_path / "other" / "config" / "settings.json").exists()
    assert not cli.home.exists()


def test_a_home_that_cannot_be_made_is_explained(cli, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    cli.options += ["--home", str(tmp_path / "file" / "home")]
    done = cli("config", "list")
    assert done.code == 2
    assert "could not be created" in done.err
