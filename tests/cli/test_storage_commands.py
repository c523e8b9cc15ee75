"""`keeperdb storage` as processes, against the demo vault."""

from pathlib import Path

import pytest

from keeperdb.demo.handles import Folder
from keeperdb.demo.vault_server import DemoVault
from tests.fixtures.workspace_fixtures import CommandLine, with_master_password

_ORDERS = ("connections", "add", "orders", "--engine", "postgresql", "--host", "db1", "--user", "ann")


def _machine(cli: CommandLine, folder: Path, vault: DemoVault) -> CommandLine:
    with_master_password(cli, folder, "correct horse")
    cli.use_vault(vault)
    cli.ok("vault", "attach", "Work", stdin=vault.issue_token())
    return cli


@pytest.fixture
def attached(cli: CommandLine, tmp_path: Path, demo_vault: DemoVault, team: Folder) -> CommandLine:
    return _machine(cli, tmp_path, demo_vault)


def test_a_connection_goes_from_one_machine_to_the_next(
    attached: CommandLine, tmp_path: Path, demo_vault: DemoVault
) -> None:
    attached.ok(*_ORDERS, "--password-stdin", stdin="s3cret")
    done = attached.ok("storage", "enable", "Work")
    assert "Team / KeeperDB Storage" in done.err
    (tmp_path / "two").mkdir()
    second = _machine(CommandLine(tmp_path / "two-home", tmp_path / "two"), tmp_path / "two", demo_vault)
    found = second.ok("storage", "enable", "Work").err
    assert "1 connection and your preferences" in found
    assert second.ok("connections", "list", "--format", "json").json == []
    assert second.ok("storage", "restore", "orders", "--format", "json").json["saved"] == 1
    assert [row["name"] for row in second.ok("connections", "list", "--format", "json").json] == ["orders"]


def test_plan_says_what_sync_does_then(attached: CommandLine) -> None:
    attached.ok("storage", "enable", "Work")
    attached.ok(*_ORDERS, "--password-stdin", stdin="s3cret")
    assert attached.ok("storage", "status", "--format", "json").json["pending"] == 1
    plan = attached.ok("storage", "plan", "--format", "json")
    assert plan.json == [{"change": "write", "what": "“orders” is written to the vault."}]
    assert attached.ok("storage", "sync", "--format", "json").json["written"] == 1
    status = attached.ok("storage", "status", "--format", "json").json
    assert (status["state"], status["pending"], status["stored"]) == ("on", 0, 1)


def test_many_deletions_wait_for_yes(attached: CommandLine, team: Folder) -> None:
    for number in range(5):
        attached.ok("connections", "add", f"c{number}", "--engine", "postgresql", "--host", "db1")
    attached.ok("storage", "enable", "Work")
    for number in range(4):
        attached.ok("connections", "remove", f"c{number}", "--yes")
    done = attached("storage", "sync", "--format", "json")
    assert done.code == 4
    assert done.json["delete_in_vault"] == ["c0", "c1", "c2", "c3"]
    assert attached.ok("storage", "status", "--format", "json").json["state"] == "waits for an answer"
    assert attached.ok("storage", "sync", "--yes", "--format", "json").json["deleted"] == 4


def test_disabling_can_delete_the_copy(attached: CommandLine, demo_vault: DemoVault) -> None:
    attached.ok(*_ORDERS, "--password-stdin", stdin="s3cret")
    attached.ok("storage", "enable", "Work")
    assert attached("storage", "disable").code == 2, "nobody is there to say what becomes of the copy"
    attached.ok("storage", "disable", "--delete-copy")
    assert [folder.name for folder in demo_vault.folders()] == ["Team"]
    assert demo_vault.records() == []
    assert attached.ok("storage", "status", "--format", "json").json["state"] == "off"
    assert len(attached.ok("connections", "list", "--format", "json").json) == 1


def test_a_folder_that_may_only_be_viewed_is_refused_with_a_reason(
    attached: CommandLine, demo_vault: DemoVault, team: Folder
) -> None:
    team.add_record({"title": "x", "type": "login", "fields": [], "custom": []})
    demo_vault.share(team, editable=False)
    done = attached("storage", "enable", "Work")
    assert done.code == 2
    assert "Can Edit" in done.err


def test_gateway_mode_has_no_storage(cli: CommandLine) -> None:
    assert "storage" in cli.ok("--help").out
    assert "storage" not in cli.ok("--mode", "gateway", "--help").out
    for words in (("sync",), ("status",), ("plan",), ("enable", "Work"), ("restore", "--all"), ("disable",)):
        done = cli("--mode", "gateway", "storage", *words)
        assert done.code == 2
        assert "gateway mode" in done.err


def test_restore_wants_names_or_all(cli: CommandLine) -> None:
    assert "--all" in cli("storage", "restore").err
