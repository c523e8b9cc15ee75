"""The configuration in the vault: written, found again, and taken from no other record."""

from datetime import UTC, datetime, timedelta

import pytest

from keeperdb.errors import SettingsError, VaultError, VaultReason
from keeperdb.keychain import Secret
from keeperdb.service.config import JSON, YAML, ApiKey, ServiceConfig
from keeperdb.service.keys import new_key
from keeperdb.service.local import LocalService
from keeperdb.task import Task


@pytest.fixture
def folder(demo_vault):
    return demo_vault.add_shared_folder("Services")


@pytest.fixture
def local(folder, demo_vault, workspace):
    workspace.attach("Work", demo_vault.issue_token(), Task())
    return LocalService(workspace)


@pytest.fixture
def config():
    keys = (new_key(["ls", "tree"]), new_key(["query"], datetime.now(UTC) + timedelta(days=1), ["chinook"]))
    return ServiceConfig(port=9090, keys=keys)


def only_record(demo_vault):
    records = [each for each in demo_vault.records() if each.title.startswith("Commander")]
    assert len(records) == 1
    return records[0]


@pytest.mark.parametrize("file_format", [YAML, JSON])
def test_a_configuration_comes_back_from_the_vault_as_it_was_saved(local, config, file_format):
    vault = local.vault()
    assert local.load(vault.id, Task()) is None
    config = config.with_(file_format=file_format)
    local.save(vault.id, config, Task())
    stored = local.load(vault.id, Task())
    assert stored.config == config
    assert stored.folder == ("Services",)


def test_it_lies_in_a_login_record_as_one_attachment_and_nothing_is_left_of_the_old_one(local, config, demo_vault):
    vault = local.vault()
    local.save(vault.id, config, Task())
    local.save(vault.id, config.with_(file_format=JSON, port=9191), Task())
    record = only_record(demo_vault)
    assert (record.title, record.type) == ("Commander Service Mode", "login")
    files = local.state(vault.id).contents.contents.records[record.uid].files
    assert [file.name for file in files] == ["service_config.json"]
    assert local.load(vault.id, Task()).config.port == 9191


def test_a_vault_that_takes_no_files_keeps_it_in_a_secret_field(local, config, demo_vault):
    vault = local.vault()
    demo_vault.fail("error", "add_file", status=403, code="access_denied", message="no storage", times=None)
    local.save(vault.id, config, Task())
    assert local.load(vault.id, Task()).config == config
    record = local.state(vault.id).contents.contents.records[only_record(demo_vault).uid]
    assert [(each["type"], each["label"]) for each in record.content["custom"]] == [("secret", "service_config_yaml")]
    assert not record.files
    demo_vault.faults.clear()
    local.save(vault.id, config.with_(port=9191), Task())
    assert local.load(vault.id, Task()).config.port == 9191
    assert not local.state(vault.id).contents.contents.records[record.uid].content["custom"]


def test_an_upload_that_fails_leaves_no_reference_to_a_missing_file(local, config, demo_vault):
    vault = local.vault()
    demo_vault.fail("status", "upload", status=403)
    local.save(vault.id, config, Task())
    record = local.state(vault.id).contents.contents.records[only_record(demo_vault).uid]
    assert all(not each["value"] for each in record.content["fields"])
    assert local.load(vault.id, Task()).config == config


def test_a_folder_that_may_only_be_viewed_is_said_before_anything_is_written(demo_vault, local, folder, config):
    demo_vault.unshare(folder)
    demo_vault.share(folder, editable=False)
    demo_vault.add_record({"type": "login", "title": "Seen", "fields": []}, folder)
    with pytest.raises(VaultError) as caught:
        local.save(local.vault().id, config, Task())
    assert caught.value.reason is VaultReason.READ_ONLY
    assert len(demo_vault.records()) == 1


def test_a_record_of_that_title_that_appears_later_is_not_believed(local, config, demo_vault, folder):
    vault = local.vault()
    local.save(vault.id, config, Task())
    uid = only_record(demo_vault).uid
    planted = demo_vault.add_record(
        {"type": "login", "title": "Commander Service Mode", "fields": [], "custom": []}, folder
    )
    assert local.load(vault.id, Task()).record_uid == uid
    demo_vault.delete_record_as_user(uid)
    with pytest.raises(SettingsError, match=planted.uid):
        local.load(vault.id, Task())


def test_two_records_of_that_title_are_told_apart_by_a_person(local, demo_vault, folder):
    for title in ("Commander Service Mode", "Commander Service Mode Config"):
        demo_vault.add_record({"type": "login", "title": title, "fields": [], "custom": []}, folder)
    with pytest.raises(SettingsError, match="more than once"):
        local.load(local.vault().id, Task())


def test_commander_s_newer_title_is_found_too(local, config, folder, demo_vault):
    from keeperdb.service.config_text import to_text

    field = {"type": "secret", "label": "service_config_yaml", "value": [to_text(config)]}
    demo_vault.add_record(
        {"type": "login", "title": "Commander Service Mode Config", "fields": [], "custom": [field]}, folder
    )
    assert local.load(local.vault().id, Task()).config == config


def test_no_key_lies_on_this_machine(local, config, workspace, tmp_path):
    config = config.with_(
        encryption_key=Secret("abcdefghijklmnopqrstuvwxyz012345"),
        keys=(*config.keys, ApiKey(Secret("s3cret-api-key-of-a-test"), ("ls",))),
    )
    vault = local.vault()
    local.save(vault.id, config, Task())
    local.load(vault.id, Task())
    content = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for key in config.keys:
        assert key.key.reveal().encode() not in content
    assert b"abcdefghijklmnopqrstuvwxyz012345" not in content


def test_keys_that_two_add_at_the_same_time_are_both_kept(local, config, make_workspace):
    vault = local.vault()
    first = local.save(vault.id, config, Task())
    other = LocalService(make_workspace())
    second = other.load(vault.id, Task())
    mine, theirs = new_key(["get"]), new_key(["search"])
    local.add_key(vault.id, first, mine, Task())
    other.add_key(vault.id, second, theirs, Task())
    assert local.load(vault.id, Task()).config.keys == (*config.keys, mine, theirs)


def test_a_change_of_what_somebody_else_changed_in_the_meantime_is_refused(local, config, make_workspace):
    vault = local.vault()
    basis = local.save(vault.id, config, Task())
    LocalService(make_workspace()).save(vault.id, config.with_(port=9191), Task())
    with pytest.raises(VaultError) as caught:
        local.save(vault.id, config.with_(rate_limit="1/day"), Task(), basis=basis)
    assert caught.value.reason is VaultReason.CONFLICT
    assert local.load(vault.id, Task()).config.port == 9191
