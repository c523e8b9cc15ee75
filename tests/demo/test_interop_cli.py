"""The official `ksm` command line against the demo vault.

It has no option for a server key of one's own: it asks with Keeper's default one and follows the server's hint to
another, if its SDK's table of keys has it. A launcher of two lines adds the demo vault's key to that table; all of
the command line's own code runs as it was published.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from keeperdb.demo.record_types import login_record
from keeperdb.demo.vault_server import DemoVault

_LAUNCHER = """
import os
from keeper_secrets_manager_core.keeper_globals import keeper_public_keys
keeper_public_keys[os.environ["DEMO_KEY_ID"]] = os.environ["DEMO_KEY"]
from keeper_secrets_manager_cli.__main__ import main
main()
"""
_CONTENT = bytes(range(256)) * 20

Ksm = Callable[..., str]


@pytest.fixture
def ksm(demo_vault: DemoVault, tmp_path: Path) -> Ksm:
    """Runs `ksm` with arguments in a home of its own; returns its standard output."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "REQUESTS_CA_BUNDLE": str(demo_vault.ca_file),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        "DEMO_KEY_ID": demo_vault.server_key_id,
        "DEMO_KEY": demo_vault.server_key,
    }

    def run(*arguments: str) -> str:
        command = [sys.executable, "-c", _LAUNCHER, *arguments]
        done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{arguments}: {done.stdout} {done.stderr}"
        return done.stdout

    return run


@pytest.fixture
def bound_ksm(demo_vault: DemoVault, ksm: Ksm) -> Ksm:
    """The same, bound by a one-time token to an application that sees the shared folder `Team`."""
    demo_vault.add_shared_folder("Team")
    token = demo_vault.issue_token()
    ksm("profile", "init", "--token", token, "--hostname", demo_vault.endpoint, "--ini-file", "keeper.ini")
    return ksm


def test_ksm_binds_and_follows_the_hint_to_the_servers_key(demo_vault: DemoVault, bound_ksm: Ksm) -> None:
    demo_vault.share_record(login_record("One", "ada", "x"))
    assert [entry["title"] for entry in json.loads(bound_ksm("secret", "list", "--json"))] == ["One"]
    assert "key: The public key id is not known" in [entry.error for entry in demo_vault.journal]
    assert [device.is_bound for device in demo_vault.application.devices] == [True]


def test_ksm_reads_creates_updates_and_deletes_records(demo_vault: DemoVault, bound_ksm: Ksm) -> None:
    team = demo_vault.folder("Team")
    team.add_record(login_record("First", "ada", "secret of ada"))
    bound_ksm("secret", "add", "field", "--sf", team.uid, "--rt", "login", "-t", "Made by ksm", "f.login=grace")
    made = demo_vault.find_record("Made by ksm")
    assert (made.folder_path, made.value("login")) == (("Team",), "grace")
    assert json.loads(bound_ksm("secret", "get", "-u", made.uid, "--json"))["title"] == "Made by ksm"
    bound_ksm("secret", "update", "-u", made.uid, "--field", "login=hedy")
    assert made.value("login") == "hedy"
    assert bound_ksm("secret", "get", "-u", made.uid, "--field", "login").strip() == "hedy"
    bound_ksm("secret", "delete", "-u", made.uid)
    assert [record.title for record in demo_vault.records()] == ["First"]


def test_ksm_makes_renames_and_deletes_folders(demo_vault: DemoVault, bound_ksm: Ksm) -> None:
    team = demo_vault.folder("Team")
    bound_ksm("folder", "add", "-f", team.uid, "-t", "Made by ksm")
    made = demo_vault.folder("Team", "Made by ksm")
    bound_ksm("folder", "update", "-f", made.uid, "-t", "Renamed")
    listed = json.loads(bound_ksm("folder", "list", "--json"))
    assert "Renamed" in json.dumps(listed)
    bound_ksm("folder", "delete", made.uid)
    assert [folder.name for folder in demo_vault.folders()] == ["Team"]


def test_ksm_moves_files_both_ways(demo_vault: DemoVault, bound_ksm: Ksm, tmp_path: Path) -> None:
    record = demo_vault.folder("Team").add_record(login_record("With files", "ada", "x"))
    record.add_file("down.bin", _CONTENT)
    (tmp_path / "up.bin").write_bytes(_CONTENT[::-1])
    bound_ksm("secret", "download", "-u", record.uid, "--name", "down.bin", "--file-output", "got.bin")
    assert (tmp_path / "got.bin").read_bytes() == _CONTENT
    bound_ksm("secret", "upload", "-u", record.uid, "-f", "up.bin")
    assert record.files == {"down.bin": _CONTENT, "up.bin": _CONTENT[::-1]}
