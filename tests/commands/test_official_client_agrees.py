"""What the commands write, Keeper's own client reads, and the other way round."""

import json
import os

import pytest
from keeper_secrets_manager_core import SecretsManager
from keeper_secrets_manager_core.storage import InMemoryKeyValueStorage

_CONFUSING = ("KSM_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


@pytest.fixture
def official(remote, monkeypatch) -> SecretsManager:
    """The official client, bound to the same application."""
    for name in list(os.environ):
        if name.upper().startswith(_CONFUSING):
            monkeypatch.delenv(name)
    vault = remote.vault
    return SecretsManager(
        token=vault.issue_token(),
        hostname=vault.endpoint,
        verify_ssl_certs=str(vault.ca_file),
        config=InMemoryKeyValueStorage(),
        server_public_key=vault.server_key,
        server_public_key_id=vault.server_key_id,
    )


def test_records_folders_and_files_are_the_same_to_both(remote, official) -> None:
    folder_uid = remote.data("mkdir -uf 'Personal/Nächste'")["folder_uid"]
    line = f"record-add -t Shared -rt databaseCredentials --folder {folder_uid} host=db:5432 password=pässword"
    uid = remote.data(line)["record_uid"]
    remote.ok(f"record-update -r {uid} login=ann c.text.Database=shop -n 'one\\ntwo'")
    remote.ok(f"ua {uid} --file FILEDATA", {"name": "ca.pem", "text": "certificate"})
    [record] = official.get_secrets([uid])
    assert (record.title, record.type, record.inner_folder_uid) == ("Shared", "databaseCredentials", folder_uid)
    assert record.get_standard_field_value("host") == [{"hostName": "db", "port": "5432"}]
    assert record.get_standard_field_value("password", single=True) == "pässword"
    assert record.get_custom_field_value("Database", single=True) == "shop"
    assert json.loads(record.raw_json)["notes"] == "one\ntwo"
    assert (
        record.find_file_by_title("ca.pem").get_file_data(verify_ssl_certs=str(remote.vault.ca_file)) == b"certificate"
    )
    assert "Nächste" in {folder.name for folder in official.get_folders()}
    record.set_standard_field_value("login", "bob")
    official.save(record)
    remote.ok(f"record-update -r {uid} password=newer")
    [record] = official.get_secrets([uid])
    assert record.get_standard_field_value("login", single=True) == "bob"
    assert record.get_standard_field_value("password", single=True) == "newer"
    assert remote.data(f"get {uid} --unmask")["login"] == "bob"
