"""`keeperdb demo` and `keeperdb demo-vault`."""

import json
import os
import signal
import tempfile
from pathlib import Path

import pytest


@pytest.fixture
def demo_cli(cli, tmp_path):
    """With a temporary folder of its own, so that what the demo leaves there can be seen."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    folder.chmod(0o777)  # the demo's servers run as other users where this is root
    for parent in folder.parents:
        if parent == Path(tempfile.gettempdir()):
            break
        parent.chmod(0o755)
    cli.environment["TMPDIR"] = str(folder)
    return cli


def test_without_a_screen_the_demo_prints_and_takes_a_picture(demo_cli) -> None:
    done = demo_cli.ok("demo", "--picture", "shot.png")
    connections, rows = done.out.split("\n\n")
    assert "Demo vault/Chinook" in connections
    assert "\nChinook " in connections
    assert "The record has no host" in connections
    assert rows.startswith("Demo vault/Chinook\n")
    assert len(rows.splitlines()) == 12
    assert (demo_cli.folder / "shot.png").read_bytes().startswith(b"\x89PNG")
    assert not demo_cli.home.exists()
    assert list(Path(demo_cli.environment["TMPDIR"]).iterdir()) == []


def test_a_picture_that_cannot_be_saved_is_a_usage_error(demo_cli) -> None:
    done = demo_cli("demo", "--picture", "missing/shot.png")
    assert done.code == 2
    assert "shot" in done.err
    assert list(Path(demo_cli.environment["TMPDIR"]).iterdir()) == []


def test_without_a_terminal_the_demo_says_what_it_starts(demo_cli) -> None:
    done = demo_cli.ok("demo", "--picture", "shot.png")
    assert done.err.startswith("Starting the demo: a vault, and PostgreSQL and MariaDB")
    assert "There is no screen" in done.err
    assert "plugin" not in done.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_window_ends_with_a_signal_in_order(cli, screen, number) -> None:
    cli.environment["DISPLAY"] = screen.environment["DISPLAY"]
    process = cli.start("gui")
    screen.window("KeeperDB")
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, b"")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_window_of_the_demo_ends_with_a_signal_and_leaves_nothing(demo_cli, screen, number) -> None:
    demo_cli.environment["DISPLAY"] = screen.environment["DISPLAY"]
    process = demo_cli.start("demo")
    screen.window("KeeperDB")
    process.send_signal(number)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert list(Path(demo_cli.environment["TMPDIR"]).iterdir()) == []


def test_a_seed_fills_the_demo_vault(cli_with_file_keychain) -> None:
    cli = cli_with_file_keychain
    seed = cli.folder / "seed.json"
    record = {"title": "mine", "type": "databaseCredentials", "fields": [], "custom": []}
    seed.write_text(json.dumps({"folders": [{"name": "Team", "records": [{"record": record}]}]}))
    server = cli.start("demo-vault", "--seed", seed)
    said = json.loads(server.stdout.readline())
    assert set(said) == {"endpoint", "token", "server_key", "ca"}
    cli.options += ["--vault-endpoint", said["endpoint"], "--vault-server-key", said["server_key"]]
    cli.options += ["--vault-ca", said["ca"]]
    cli.ok("vault", "attach", "Seeded", stdin=said["token"])
    [row] = cli.ok("connections", "list", "--format", "json").json
    assert (row["name"], row["folder"]) == ("mine", "Team")
    os.kill(server.pid, signal.SIGTERM)
    server.communicate(timeout=20)
    assert server.returncode == 0


@pytest.mark.parametrize(("content", "expected"), [(None, "cannot be read"), ("{", "not JSON"), ("[]", "JSON object")])
def test_a_seed_that_cannot_be_used_is_explained(cli, content, expected) -> None:
    seed = cli.folder / "seed.json"
    if content is not None:
        seed.write_text(content)
    done = cli("demo-vault", "--seed", seed)
    assert (done.code, done.out) == (2, "")
    assert expected in done.err


def test_a_port_that_is_taken_is_explained(cli, demo_vault) -> None:
    done = cli("demo-vault", "--port", demo_vault.endpoint.split(":")[1])
    assert (done.code, done.out) == (2, "")
    assert "Traceback" not in done.err
