"""The official JavaScript SDK against the demo vault."""

import base64
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from keeperdb.demo.record_types import database_record, login_record
from keeperdb.demo.vault_server import DemoVault

_SCRIPT = Path(__file__).parent / "js" / "session.cjs"
_CONTENT = bytes(range(256)) * 40


@pytest.fixture
def session(demo_vault: DemoVault, javascript_modules: Path) -> dict[str, Any]:
    """What one session in JavaScript saw and did."""
    team = demo_vault.add_shared_folder("Team")
    inner = team.add_folder("Inner")
    user = team.add_record(login_record("User", "ada", "x"))
    database = inner.add_record(database_record("Orders", "mysql", host="db.example", port=3306))
    database.add_file("ca.pem", _CONTENT)
    demo_vault.link(database, user, is_launch_credential=True)
    demo_vault.share_record(login_record("Single", "bob", "y"))
    task = {
        "endpoint": demo_vault.endpoint,
        "token": demo_vault.issue_token(),
        "keyId": demo_vault.server_key_id,
        "key": demo_vault.server_key,
        "folderUid": team.uid,
        "subFolderUid": inner.uid,
        "fileRecordUid": database.uid,
    }
    environment = {**os.environ, "NODE_EXTRA_CA_CERTS": str(demo_vault.ca_file), "NODE_PATH": str(javascript_modules)}
    done = subprocess.run(
        ["node", _SCRIPT], input=json.dumps(task), env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_javascript_sdk_binds_reads_writes_and_moves_files(demo_vault: DemoVault, session: dict[str, Any]) -> None:
    team, inner = demo_vault.folder("Team"), demo_vault.folder("Team", "Inner")
    assert session["application"] == demo_vault.application.title
    assert session["records"]["Orders"]["folder"] == team.uid
    assert session["records"]["Orders"]["innerFolder"] == inner.uid
    assert session["records"]["Single"]["folder"] is None
    link = session["records"]["Orders"]["links"][0]
    assert link["recordUid"] == session["records"]["User"]["uid"]
    assert json.loads(base64.b64decode(link["data"])) == {"is_launch_credential": True}
    assert ["Team", None] in session["folders"]
    assert ["Inner", team.uid] in session["folders"]
    assert base64.b64decode(session["downloaded"]) == _CONTENT

    created = demo_vault.record(session["created"])
    assert created.folder_path == ("Team", "Inner", "Renamed in JavaScript")
    assert created.value("login") == "grace"
    assert session["afterRollback"] == "grace"
    assert created.files == {"notes.bin": b"\x00\r\n--\xff"}
    assert base64.b64decode(session["uploaded"]) == b"\x00\r\n--\xff"
    assert [entry["responseCode"] for entry in session["deleted"]] == ["ok"]
    assert [entry["responseCode"] for entry in session["deletedFolders"]] == ["ok"]
    assert "Short-lived" not in [record.title for record in demo_vault.records()]
    assert not [folder for folder in demo_vault.folders() if folder.name == "Empty"]
    assert {entry.client_version for entry in demo_vault.journal.of("get_secret")} == {"ms17.5.0"}
