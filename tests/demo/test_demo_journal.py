"""The journal of requests."""

import json
from collections.abc import Callable

import pytest
from keeper_secrets_manager_core import SecretsManager
from keeper_secrets_manager_core.core import CreateOptions
from keeper_secrets_manager_core.dto.dtos import RecordCreate, RecordField
from keeper_secrets_manager_core.exceptions import KeeperError

from keeperdb.demo.record_types import login_record
from keeperdb.demo.vault_server import DemoVault

NewClient = Callable[..., SecretsManager]


def test_every_request_is_entered_with_what_it_asked_for(demo_vault: DemoVault, new_client: NewClient) -> None:
    record = demo_vault.add_shared_folder("Team").add_record(login_record("One", "ada", "x"))
    client = new_client()
    client.get_secrets([record.uid])
    client.delete_secret([record.uid])
    assert demo_vault.journal.verbs == ["get_secret", "get_secret", "delete_secret"]
    first, _, deletion = demo_vault.journal
    assert first.payload["requestedRecords"] == [record.uid]
    assert first.client_version.startswith("mp17.")
    assert first.client_id == demo_vault.application.devices[0].client_id
    assert (deletion.payload, deletion.status, deletion.error) == ({"recordUids": [record.uid]}, 200, "")
    assert first.at <= deletion.at
    assert first.address == "127.0.0.1"


def test_the_sdk_opens_a_connection_for_every_call(demo_vault: DemoVault, new_client: NewClient) -> None:
    demo_vault.share_record(login_record("One", "ada", "x"))
    new_client().get_secrets()
    assert [entry.connection for entry in demo_vault.journal] == [1, 2]


def test_a_refused_request_is_entered_with_its_error(demo_vault: DemoVault, new_client: NewClient) -> None:
    client = new_client(token="A" * 43)
    with pytest.raises(KeeperError, match="Signature is invalid"):
        client.get_secrets()
    assert demo_vault.journal[-1].status == 403
    assert demo_vault.journal[-1].error == "access_denied: Signature is invalid"


def test_nothing_secret_is_entered(demo_vault: DemoVault, new_client: NewClient) -> None:
    team = demo_vault.add_shared_folder("Team")
    token = demo_vault.issue_token()
    client = new_client(token=token)
    client.get_secrets()
    draft = RecordCreate("login", "A title that nobody should see")
    draft.fields = [RecordField("password", "planted-password")]
    client.create_secret_with_options(CreateOptions(team.uid, None), draft)
    entry = demo_vault.journal.of("create_secret")[0]
    for name in ("recordKey", "folderKey", "data"):
        assert entry.payload[name].endswith(" characters")
    everything = json.dumps([entry.payload for entry in demo_vault.journal])
    for secret in (token, "planted-password", draft.title):
        assert secret not in everything


def test_waiting_for_a_request_that_does_not_come_ends(demo_vault: DemoVault) -> None:
    assert not demo_vault.journal.wait_for("get_secret", timeout=0.01)
