"""The official Python SDK, unmodified, against the demo vault."""

import json
from collections.abc import Callable

import pytest
from keeper_secrets_manager_core import SecretsManager
from keeper_secrets_manager_core.core import CreateOptions, KeeperFileUpload
from keeper_secrets_manager_core.dto.dtos import RecordCreate, RecordField
from keeper_secrets_manager_core.dto.payload import QueryOptions, UpdateOptions
from keeper_secrets_manager_core.exceptions import KeeperError
from keeper_secrets_manager_core.storage import InMemoryKeyValueStorage

from keeperdb.demo.handles import Delivery
from keeperdb.demo.record_types import database_record, login_record, pam_database_record, pam_user_record
from keeperdb.demo.vault_server import DemoVault

NewClient = Callable[..., SecretsManager]
_CONTENT = bytes(range(256)) * 300


def _draft(title: str, login: str = "ada") -> RecordCreate:
    draft = RecordCreate("login", title)
    draft.fields = [RecordField("login", login)]
    return draft


def test_binding_takes_two_requests_and_leaves_a_complete_configuration(
    demo_vault: DemoVault, new_client: NewClient
) -> None:
    demo_vault.add_shared_folder("Team").add_record(login_record("One", "ada", "x"))
    client = new_client()
    client.get_secrets()
    assert demo_vault.journal.verbs == ["get_secret", "get_secret"]
    assert "publicKey" in demo_vault.journal[0].payload
    assert demo_vault.journal[1].payload["publicKey"] is None
    configuration = client.config.read_storage()
    assert configuration.keys() == {
        "hostname",
        "clientId",
        "privateKey",
        "appKey",
        "appOwnerPublicKey",
        "serverPublicKey",
        "serverPublicKeyId",
    }
    assert [device.is_bound for device in demo_vault.application.devices] == [True]


def test_a_bound_configuration_works_in_another_client(demo_vault: DemoVault, new_client: NewClient) -> None:
    demo_vault.add_shared_folder("Team").add_record(login_record("One", "ada", "x"))
    first = new_client()
    first.get_secrets()
    text = json.dumps(first.config.read_storage())
    again = new_client(config=InMemoryKeyValueStorage(text))
    assert [record.title for record in again.get_secrets()] == ["One"]


@pytest.mark.parametrize("as_base64", [True, False])
def test_a_ready_configuration_works_without_a_token(
    demo_vault: DemoVault, new_client: NewClient, as_base64: bool
) -> None:
    demo_vault.add_shared_folder("Team").add_record(login_record("One", "ada", "x"))
    client = new_client(config=InMemoryKeyValueStorage(demo_vault.issue_configuration(as_base64=as_base64)))
    assert [record.title for record in client.get_secrets()] == ["One"]


def test_records_come_with_their_folders_keys_and_flags(demo_vault: DemoVault, new_client: NewClient) -> None:
    team = demo_vault.add_shared_folder("Team")
    inner = team.add_folder("Inner")
    read_only = demo_vault.add_shared_folder("Read only", editable=False)
    in_root = team.add_record(login_record("In root", "ada", "x"))
    in_inner = inner.add_record(login_record("In inner", "ada", "x"))
    fixed = read_only.add_record(login_record("Fixed", "ada", "x"))
    single = demo_vault.share_record(login_record("Single", "ada", "x"))
    answer = new_client().get_secrets(full_response=True)
    places = {r.uid: (r.folder_uid, r.inner_folder_uid, r.is_editable) for r in answer.records}
    assert places == {
        in_root.uid: (team.uid, None, True),
        in_inner.uid: (team.uid, inner.uid, True),
        fixed.uid: (read_only.uid, None, False),
        single.uid: ("", None, True),
    }
    assert answer.appData.title == demo_vault.application.title
    assert answer.expiresOn == 0
    revisions = [record.revision for record in (in_root, in_inner, fixed, single)]
    assert revisions == sorted(set(revisions))


def test_record_json_is_padded_to_384_bytes(demo_vault: DemoVault, new_client: NewClient) -> None:
    demo_vault.share_record(login_record("Short", "ada", "x"))
    record = new_client().get_secrets()[0]
    assert len(record.raw_json) == 384
    assert record.dict["title"] == "Short"


def test_folder_names_come_from_get_folders_with_empty_ones(demo_vault: DemoVault, new_client: NewClient) -> None:
    team = demo_vault.add_shared_folder("Team")
    inner = team.add_folder("Größe")
    deep = inner.add_folder("Deep")
    empty = demo_vault.add_shared_folder("Empty")
    deep.add_record(login_record("One", "ada", "x"))
    client = new_client()
    assert [folder.uid for folder in client.get_secrets(full_response=True).folders] == [team.uid]
    folders = {folder.folder_uid: (folder.name, folder.parent_uid) for folder in client.get_folders()}
    assert folders == {
        team.uid: ("Team", ""),
        inner.uid: ("Größe", team.uid),
        deep.uid: ("Deep", inner.uid),
        empty.uid: ("Empty", ""),
    }


def test_filters_let_only_the_wanted_through(demo_vault: DemoVault, new_client: NewClient) -> None:
    team = demo_vault.add_shared_folder("Team")
    one, two = (team.add_record(login_record(title, "ada", "x")) for title in ("One", "Two"))
    single = demo_vault.share_record(login_record("Single", "ada", "x"))
    client = new_client()
    client.get_secrets()
    assert [record.uid for record in client.get_secrets([two.uid])] == [two.uid]
    assert [record.uid for record in client.get_secrets([single.uid, one.uid])] == [single.uid, one.uid]
    in_team = client.get_secrets_with_options(QueryOptions(None, [team.uid]))
    assert [record.uid for record in in_team] == [one.uid, two.uid]
    assert client.get_secrets(["AAAAAAAAAAAAAAAAAAAAAA"]) == []


def test_links_come_on_request_only(demo_vault: DemoVault, new_client: NewClient) -> None:
    folder = demo_vault.add_shared_folder("Infrastructure")
    user = folder.add_record(pam_user_record("Launch", "app", "x"))
    database = folder.add_record(pam_database_record("Orders", "postgresql", host="db.example", port=5432))
    demo_vault.link(database, user, is_launch_credential=True, is_admin=False)
    demo_vault.set_link_data(database, "meta", {"version": 1, "allowedSettings": {"connections": True}})
    demo_vault.set_link_data(database, "jit_settings", {"createEphemeral": True}, encrypted=True)
    client = new_client()
    assert client.get_secrets([database.uid])[0].get_links() == []
    record = client.get_secrets_with_options(QueryOptions([database.uid], None, True))[0]
    launch, meta, jit = record.get_links()
    assert (launch.record_uid, launch.path, launch.is_launch_credential()) == (user.uid, None, True)
    assert (meta.record_uid, meta.allows_connections()) == (database.uid, True)
    assert jit.get_jit_settings_data(record.record_key_bytes) == {"createEphemeral": True}


def test_creating_updating_and_deleting_records(demo_vault: DemoVault, new_client: NewClient) -> None:
    team = demo_vault.add_shared_folder("Team")
    inner = team.add_folder("Inner")
    client = new_client()
    client.get_secrets()
    uid = client.create_secret_with_options(CreateOptions(team.uid, inner.uid), _draft("New"))
    assert demo_vault.record(uid).folder_path == ("Team", "Inner")
    in_root = client.create_secret(team.uid, _draft("In root"))
    assert demo_vault.record(in_root).folder_path == ("Team",)
    record = client.get_secrets([uid])[0]
    record.set_standard_field_value("login", "grace")
    client.save(record)
    assert demo_vault.record(uid).value("login") == "grace"
    assert client.get_secrets([uid])[0].revision > record.revision
    entries = client.delete_secret([uid, in_root, "AAAAAAAAAAAAAAAAAAAAAA"])
    assert entries == [
        {"recordUid": uid, "responseCode": "ok", "errorMessage": ""},
        {"recordUid": in_root, "responseCode": "ok", "errorMessage": ""},
    ]
    assert demo_vault.records() == []


def test_a_stale_revision_is_refused(demo_vault: DemoVault, new_client: NewClient) -> None:
    uid = demo_vault.share_record(login_record("One", "ada", "x")).uid
    client = new_client()
    record = client.get_secrets([uid])[0]
    demo_vault.update_record_as_user(uid, login_record("Changed by hand", "ada", "x"))
    with pytest.raises(KeeperError, match=r"out_of_sync.*Revision mismatch"):
        client.save(record)
    assert demo_vault.record(uid).title == "Changed by hand"


def test_saving_twice_without_reading_is_refused(demo_vault: DemoVault, new_client: NewClient) -> None:
    demo_vault.share_record(login_record("One", "ada", "x"))
    client = new_client()
    record = client.get_secrets()[0]
    client.save(record)
    with pytest.raises(KeeperError, match="Revision mismatch"):
        client.save(record)


@pytest.mark.parametrize(("rollback", "expected"), [(True, "ada"), (False, "grace")])
def test_a_transaction_is_kept_or_undone(
    demo_vault: DemoVault, new_client: NewClient, rollback: bool, expected: str
) -> None:
    uid = demo_vault.share_record(login_record("One", "ada", "x")).uid
    client = new_client()
    record = client.get_secrets()[0]
    record.set_standard_field_value("login", "grace")
    client.save(record, transaction_type="rotation")
    client.complete_transaction(uid, rollback=rollback)
    assert demo_vault.record(uid).value("login") == expected
    with pytest.raises(KeeperError, match="No transaction"):
        client.complete_transaction(uid)


def test_folders_are_made_renamed_and_deleted(demo_vault: DemoVault, new_client: NewClient) -> None:
    team = demo_vault.add_shared_folder("Team")
    client = new_client()
    client.get_secrets()
    outer = client.create_folder(CreateOptions(team.uid, None), "Outer")
    inner = client.create_folder(CreateOptions(team.uid, outer), "Inner")
    client.update_folder(inner, "Renamed")
    client.create_secret_with_options(CreateOptions(team.uid, inner), _draft("One"))
    assert demo_vault.folder("Team", "Outer", "Renamed").uid == inner
    refused = client.delete_folder([outer])
    assert [(entry["responseCode"], entry["errorMessage"]) for entry in refused] == [
        ("access_denied", "Folder is not empty")
    ]
    assert client.delete_folder([outer, "AAAAAAAAAAAAAAAAAAAAAA"], force_deletion=True) == [
        {"folderUid": outer, "responseCode": "ok", "errorMessage": ""}
    ]
    assert [folder.name for folder in demo_vault.folders()] == ["Team"]
    assert demo_vault.records() == []
    assert client.delete_folder([team.uid])[0]["responseCode"] == "access_denied"


def test_a_read_only_share_refuses_every_change(demo_vault: DemoVault, new_client: NewClient) -> None:
    folder = demo_vault.add_shared_folder("Fixed", editable=False)
    inner = folder.add_folder("Inner")
    record = folder.add_record(login_record("One", "ada", "x"))
    client = new_client()
    seen = client.get_secrets()[0]
    with pytest.raises(KeeperError, match="read only"):
        client.save(seen)
    with pytest.raises(KeeperError, match="read only"):
        client.create_secret(folder.uid, _draft("New"))
    with pytest.raises(KeeperError, match="read only"):
        client.create_folder(CreateOptions(folder.uid, None), "New")
    with pytest.raises(KeeperError, match="read only"):
        client.update_folder(inner.uid, "New")
    with pytest.raises(KeeperError, match="read only"):
        client.upload_file(seen, KeeperFileUpload("a", "a", None, b"a"))
    assert client.delete_secret([record.uid])[0]["responseCode"] == "access_denied"
    assert client.delete_folder([inner.uid])[0]["responseCode"] == "access_denied"
    assert demo_vault.record(record.uid).document == login_record("One", "ada", "x")


def test_what_is_not_shared_cannot_be_touched(demo_vault: DemoVault, new_client: NewClient) -> None:
    demo_vault.share_record(login_record("Seen", "ada", "x"))
    hidden = demo_vault.add_record(login_record("Hidden", "ada", "x"))
    client = new_client()
    seen = client.get_secrets()[0]
    assert seen.title == "Seen"
    assert client.get_secrets([hidden.uid]) == []
    assert client.delete_secret([hidden.uid]) == []
    seen.uid = hidden.uid
    with pytest.raises(KeeperError, match="Record UID is not accessible"):
        client.save(seen)


def test_files_go_up_and_down(demo_vault: DemoVault, new_client: NewClient) -> None:
    team = demo_vault.add_shared_folder("Team")
    record = team.add_record(database_record("Orders", "mysql", host="db.example", port=3306))
    record.add_file("from the vault.bin", _CONTENT)
    client = new_client()
    seen = client.get_secrets([record.uid])[0]
    assert seen.files[0].name == "from the vault.bin"
    assert seen.files[0].get_file_data(verify_ssl_certs=str(demo_vault.ca_file)) == _CONTENT
    uploaded = client.upload_file(seen, KeeperFileUpload("up.bin", "Up", "text/plain", _CONTENT[::-1]))
    assert demo_vault.record(record.uid).files == {"from the vault.bin": _CONTENT, "up.bin": _CONTENT[::-1]}
    seen = client.get_secrets([record.uid])[0]
    assert seen.find_file_by_title("Up").get_file_data(verify_ssl_certs=str(demo_vault.ca_file)) == _CONTENT[::-1]
    client.save_with_options(seen, UpdateOptions(None, [uploaded]))
    assert list(demo_vault.record(record.uid).files) == ["from the vault.bin"]
    assert demo_vault.record(record.uid).value("fileRef") == seen.files[0].f["fileUid"]


def test_a_broken_record_takes_its_folder_with_it_in_the_sdk(demo_vault: DemoVault, new_client: NewClient) -> None:
    team = demo_vault.add_shared_folder("Team")
    team.add_record(login_record("Good", "ada", "x"))
    demo_vault.break_record(team.add_record(login_record("Bad", "ada", "x")))
    demo_vault.share_record(login_record("Single", "ada", "x"))
    answer = new_client().get_secrets(full_response=True)
    assert [record.title for record in answer.records] == ["Single"]
    assert [entry["f"]["folderUid"] for entry in answer.bad_folders] == [team.uid]


def test_a_broken_folder_key_opens_nothing(demo_vault: DemoVault, new_client: NewClient) -> None:
    team = demo_vault.add_shared_folder("Team")
    team.add_record(login_record("Good", "ada", "x"))
    demo_vault.break_folder(team)
    answer = new_client().get_secrets(full_response=True)
    assert answer.records == []
    assert [entry["f"]["folderUid"] for entry in answer.bad_folders] == [team.uid]


@pytest.mark.parametrize("delivery", [Delivery.FLAT, Delivery.FLAT_INNER])
def test_flat_records_are_lost_by_the_sdk_but_sent(
    demo_vault: DemoVault, new_client: NewClient, delivery: Delivery
) -> None:
    inner = demo_vault.add_shared_folder("Team").add_folder("Inner")
    record = inner.add_record(login_record("Flat", "ada", "x"), delivery=delivery)
    answer = new_client().get_secrets(full_response=True)
    assert answer.records == []
    assert [(entry["r"]["recordUid"], entry["r"]["innerFolderUid"]) for entry in answer.bad_records] == [
        (record.uid, inner.uid)
    ]


def test_a_legacy_record_has_no_key_of_its_own(demo_vault: DemoVault, new_client: NewClient) -> None:
    shared = demo_vault.share_record(login_record("Legacy", "ada", "x"), delivery=Delivery.LEGACY)
    client = new_client()
    record = client.get_secrets()[0]
    assert record.record_key_bytes == demo_vault.application.stored.key
    record.set_standard_field_value("login", "grace")
    client.save(record)
    assert shared.value("login") == "grace"


def test_a_record_shared_twice_is_listed_twice(demo_vault: DemoVault, new_client: NewClient) -> None:
    record = demo_vault.add_shared_folder("Team").add_record(login_record("Twice", "ada", "x"))
    demo_vault.share_record(record)
    assert [seen.uid for seen in new_client().get_secrets()] == [record.uid, record.uid]


def test_two_applications_see_what_is_theirs(demo_vault: DemoVault, new_client: NewClient) -> None:
    other = demo_vault.add_application("Other")
    demo_vault.share_record(login_record("Mine", "ada", "x"))
    demo_vault.share_record(login_record("Theirs", "ada", "x"), application=other)
    assert [record.title for record in new_client().get_secrets()] == ["Mine"]
    theirs = new_client(token=other.issue_token()).get_secrets(full_response=True)
    assert [record.title for record in theirs.records] == ["Theirs"]
    assert theirs.appData.title == "Other"
