"""The storage when something is not as it should be: each state has its sentence, and nothing is lost."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from keeperdb.connections.profile import ConnectionProfile, PasswordMode
from keeperdb.demo.faults import FaultKind
from keeperdb.demo.handles import Folder, Record
from keeperdb.demo.vault_server import DemoVault
from keeperdb.errors import Cancelled, SettingsError, UnsupportedError, VaultError, VaultReason
from keeperdb.paths import Paths
from keeperdb.task import Progress, Task
from keeperdb.vault.storage_model import FOLDER_NAME, RecordKind, SyncReport
from keeperdb.workspace import Workspace
from tests.fixtures.storage_fixtures import SHARED, Machine

Make = Callable[..., Machine]
Stored = Callable[[], list[Record]]


def _profile(name: str, **more: object) -> ConnectionProfile:
    return ConnectionProfile(name=name, engine="postgresql", host="db1", port=5432, user="ann").with_(**more)


@pytest.fixture
def two(one: Machine, make_machine: Make) -> Machine:
    """A second machine with the two connections of the first."""
    one.save(_profile("Orders"), "s3cret")
    one.save(_profile("People"), "other")
    one.sync()
    second = make_machine("two")
    second.restore()
    return second


def _fails(machine: Machine) -> VaultError:
    with pytest.raises(VaultError) as caught:
        machine.sync()
    assert machine.workspace.storage.state.error == caught.value.message
    assert machine.names == ["Orders", "People"], "nothing is deleted"
    return caught.value


def test_a_share_that_became_read_only_says_so(two: Machine, demo_vault: DemoVault) -> None:
    demo_vault.share(demo_vault.folder(SHARED), editable=False)
    two.edit("Orders", host="db2")
    error = _fails(two)
    assert error.reason is VaultReason.READ_ONLY
    assert "Can Edit" in error.hint
    demo_vault.share(demo_vault.folder(SHARED))
    assert two.sync().written == 1
    assert not two.workspace.storage.state.error


def test_a_revoked_device_says_so(two: Machine, demo_vault: DemoVault) -> None:
    demo_vault.application.revoke(demo_vault.application.devices[-1])
    assert _fails(two).reason is VaultReason.ACCESS_DENIED


def test_a_deleted_folder_deletes_nothing_here(two: Machine, demo_vault: DemoVault) -> None:
    demo_vault.delete_folder_as_user(demo_vault.folder(SHARED, FOLDER_NAME))
    error = _fails(two)
    assert error.reason is VaultReason.NOT_FOUND
    assert "switch storage off and on" in error.hint
    two.workspace.storage.disable(Task(), keep_copy=True)
    two.enable().sync()
    assert len(demo_vault.folder(SHARED, FOLDER_NAME).records) == 3


def test_an_emptied_folder_deletes_nothing_here(two: Machine, demo_vault: DemoVault) -> None:
    for record in demo_vault.folder(SHARED, FOLDER_NAME).records:
        demo_vault.delete_record_as_user(record)
    assert _fails(two).reason is VaultReason.NO_RECORDS


def test_a_folder_that_is_no_longer_shared_deletes_nothing_here(two: Machine, demo_vault: DemoVault) -> None:
    demo_vault.unshare(demo_vault.folder(SHARED))
    demo_vault.add_shared_folder("Other")
    _fails(two)


def test_a_record_that_was_moved_is_still_ours(two: Machine, demo_vault: DemoVault, stored: Stored) -> None:
    elsewhere = demo_vault.folder(SHARED).add_folder("Elsewhere")
    demo_vault.move_record_as_user(demo_vault.find_record("Orders"), elsewhere)
    two.sync()
    assert two.names == ["Orders", "People"]
    two.edit("Orders", host="db2")
    two.sync()
    assert sorted(record.title for record in stored()) == ["Orders", "People"]


def test_an_undecryptable_record_is_left_alone_and_named(two: Machine, demo_vault: DemoVault) -> None:
    record = demo_vault.find_record("Orders")
    demo_vault.break_record(record)
    report = two.sync()
    assert any(record.uid in failure.message for failure in report.failures)
    assert two.names == ["Orders", "People"]
    demo_vault.delete_record_as_user(demo_vault.find_record("People"))
    two.sync()
    assert two.names == ["Orders", "People"], "what is missing may be what could not be read"


def test_a_record_deleted_in_the_vault_goes_here_too(two: Machine, demo_vault: DemoVault) -> None:
    demo_vault.delete_record_as_user(demo_vault.find_record("Orders"))
    assert two.sync().removed == 1
    assert two.names == ["People"]
    assert not [name for name in two.keychain.names() if name.startswith("connection/")][1:]


def test_an_edit_in_keepers_own_vault_comes_here(two: Machine, demo_vault: DemoVault, stored: Stored) -> None:
    def edit(document: dict[str, Any]) -> None:
        document["title"] = "Orders 2"
        for field in document["fields"]:
            if field["type"] == "host":
                field["value"] = [{"hostName": "db9", "port": "5433"}]
            if field["type"] == "password":
                field["value"] = ["changed"]

    record = demo_vault.find_record("Orders")
    record.update(edit)
    two.sync()
    profile = two.find("Orders 2")
    assert (profile.host, profile.port, two.password("Orders 2")) == ("db9", 5433, "changed")
    assert record.uid in [each.uid for each in stored()], "nothing had to be written"


@pytest.mark.parametrize("value", [[], ["garbage \n \x00"], ["0" * 32]])
def test_a_local_id_that_was_removed_or_changed_is_written_anew(
    two: Machine, demo_vault: DemoVault, stored: Stored, value: list[str]
) -> None:
    def spoil(document: dict[str, Any]) -> None:
        for field in document["custom"]:
            if field.get("label") == "keeperdb_local_id":
                field["value"] = value

    demo_vault.find_record("Orders").update(spoil)
    plan = two.workspace.storage.plan(Task())
    assert any("keeperdb_local_id was" in line.text for line in plan.lines)
    two.sync()
    assert two.names == ["Orders", "People"]
    assert {record.value("keeperdb_local_id") for record in stored()} == {
        profile.id for profile in two.connections.all()
    }


def test_an_exact_copy_made_in_the_vault_is_removed(two: Machine, demo_vault: DemoVault, stored: Stored) -> None:
    original = demo_vault.find_record("Orders")
    demo_vault.folder(SHARED, FOLDER_NAME).add_record(original.document)
    two.sync()
    assert sorted(record.title for record in stored()) == ["Orders", "People"]
    assert original.uid in [record.uid for record in stored()]


def test_a_changed_copy_made_in_the_vault_becomes_a_connection(
    two: Machine, one: Machine, demo_vault: DemoVault
) -> None:
    demo_vault.folder(SHARED, FOLDER_NAME).add_record({**demo_vault.find_record("Orders").document, "title": "Copy"})
    assert any("copied in the vault" in line.text for line in two.workspace.storage.plan(Task()).lines)
    two.sync()
    one.sync()
    assert one.names == two.names == ["Copy", "Orders", "People"]
    assert one.everything() == two.everything()


def test_fields_of_others_survive(two: Machine, demo_vault: DemoVault) -> None:
    def add(document: dict[str, Any]) -> None:
        document["custom"].append({"type": "url", "label": "Runbook", "value": ["https://wiki"]})
        document["fields"].append({"type": "oneTimeCode", "value": ["otpauth://x"]})

    demo_vault.find_record("Orders").update(add)
    before = demo_vault.find_record("Orders").document
    two.sync()
    assert demo_vault.find_record("Orders").document == before
    two.edit("Orders", host="db2")
    two.sync()
    record = demo_vault.find_record("Orders")
    assert (record.value("Runbook"), record.value("oneTimeCode")) == ("https://wiki", "otpauth://x")


def test_a_record_with_files_is_not_replaced(two: Machine, demo_vault: DemoVault) -> None:
    record = demo_vault.find_record("Orders")
    record.add_file("ca.pem", b"certificate")
    two.edit("Orders", host="db2")
    report = two.sync()
    assert "files" in report.failures[0].message
    assert demo_vault.find_record("Orders").files == {"ca.pem": b"certificate"}


def test_independent_edits_of_two_machines_merge(one: Machine, two: Machine) -> None:
    one.edit("Orders", host="db2")
    one.sync()
    two.edit("Orders", port=6000)
    two.sync()
    one.sync()
    assert one.everything() == two.everything()
    assert (one.find("Orders").host, one.find("Orders").port) == ("db2", 6000)


def test_a_clash_keeps_both_and_says_so(one: Machine, two: Machine) -> None:
    one.edit("Orders", host="db2")
    one.sync()
    two.save(two.find("Orders").with_(host="db3"), "mine")
    plan = two.workspace.storage.plan(Task())
    assert any("kept beside it" in line.text for line in plan.lines)
    two.sync()
    one.sync()
    assert one.everything() == two.everything()
    (copy,) = [name for name in one.names if name.startswith("Orders (")]
    assert (one.find(copy).host, one.password(copy)) == ("db3", "mine")
    assert one.find("Orders").host == "db2"


def test_a_removal_loses_against_an_edit(one: Machine, two: Machine) -> None:
    one.remove("Orders")
    two.edit("Orders", host="db2")
    two.sync()
    one.sync()
    assert one.find("Orders").host == "db2"
    assert one.password("Orders") == "s3cret"


def test_preferences_merge_by_setting(one: Machine, two: Machine) -> None:
    one.workspace.settings.set("editor.font_size", 20)
    two.workspace.settings.set("editor.tab_width", 8)
    two.workspace.settings.set("appearance.theme", "dark")
    one.workspace.settings.set("appearance.theme", "light")
    for machine in (one, two, one):
        machine.sync()
    for machine in (one, two):
        values = [machine.workspace.settings.get(f"{name}") for name in ("editor.font_size", "editor.tab_width")]
        assert values == [20, 8]
        assert machine.workspace.settings.get("appearance.theme") == "light", "the newest wins"
        assert machine.workspace.settings.get("connections.keychain") == "system"


def test_many_deletions_wait_for_an_answer(one: Machine, stored: Stored) -> None:
    for number in range(6):
        one.save(_profile(f"c{number}"), "x")
    one.sync()
    for number in range(4):
        one.remove(f"c{number}")
    one.save(_profile("new"), "y")
    report = one.sync()
    assert report.question is not None
    assert report.question.in_vault == ("c0", "c1", "c2", "c3")
    assert report.written == 1, "everything else is done"
    assert one.workspace.storage.state.question == report.question
    assert len(stored()) == 7
    assert one.sync(approve=True).deleted == 4
    assert sorted(record.title for record in stored()) == ["c4", "c5", "new"]
    assert one.workspace.storage.state.question is None


def test_many_deletions_can_be_taken_back(one: Machine, make_machine: Make, demo_vault: DemoVault) -> None:
    for number in range(6):
        one.save(_profile(f"c{number}"), f"password {number}")
    one.sync()
    one.remove("c0")
    one.remove("c1")
    for name in ("c2", "c3"):
        demo_vault.delete_record_as_user(demo_vault.find_record(name))
    assert one.sync().question is not None
    one.workspace.storage.keep_all(Task())
    assert one.names == [f"c{number}" for number in range(6)]
    assert one.password("c0") == "password 0"
    assert sorted(record.title for record in demo_vault.folder(SHARED, FOLDER_NAME).records)[1:] == one.names


def test_passwords_that_are_asked_for_are_not_stored(one: Machine, stored: Stored) -> None:
    one.save(_profile("Asked", password_mode=PasswordMode.ASK))
    one.sync()
    assert stored()[0].value("password") is None


def test_a_password_that_is_kept_nowhere_here_is_not_removed_from_the_vault(two: Machine, stored: Stored) -> None:
    two.keychain.delete(f"connection/{two.find('Orders').id}")
    two.edit("Orders", host="db2")
    two.sync()
    assert {record.title: record.value("password") for record in stored()}["Orders"] == "s3cret"


def test_a_password_that_was_forgotten_goes_from_the_vault(two: Machine, stored: Stored) -> None:
    two.save(two.find("Orders"), "")
    two.sync()
    assert {record.title: record.value("password") for record in stored()}["Orders"] is None


def test_throttling_is_waited_for_and_shown(one: Machine, demo_vault: DemoVault) -> None:
    for number in range(12):
        one.save(_profile(f"c{number}"), "x")
    demo_vault.throttle(5, window=0.05, retry_after=0.1)
    texts: list[str] = []
    one.workspace.storage.sync(Task(lambda progress: texts.append(progress.text)))
    assert len(demo_vault.folder(SHARED, FOLDER_NAME).records) == 13
    assert any("The vault asks to wait" in text and "It goes on at" in text for text in texts)


def test_progress_counts_records(one: Machine) -> None:
    for number in range(3):
        one.save(_profile(f"c{number}"), "x")
    seen: list[Progress] = []
    one.workspace.storage.sync(Task(seen.append))
    assert seen[-1] == Progress(4, 4, "Configuring… 4 of 4")


def test_cancelling_ends_a_sync_that_waits(one: Machine, demo_vault: DemoVault) -> None:
    one.save(_profile("Orders"), "x")
    demo_vault.fail(FaultKind.HANG, "create_secret")
    task = Task()
    canceller = threading.Thread(target=lambda: (demo_vault.journal.wait_for("create_secret"), task.cancel()))
    canceller.start()
    with pytest.raises(Cancelled):
        one.workspace.storage.sync(task)
    canceller.join()
    demo_vault.faults.clear()
    assert not one.workspace.storage.state.is_running


@pytest.fixture
def late(one: Machine, demo_vault: DemoVault, stored: Stored) -> Callable[[], None]:
    """A connection whose record is in the vault; called, another one of it arrives that was sent before."""
    one.save(_profile("Orders"), "s3cret")
    demo_vault.fail(FaultKind.LATE, "create_secret")
    patient, one.read_timeout = one.read_timeout, 0.2
    with pytest.raises(VaultError):
        one.restarted().storage.sync(Task())
    one.read_timeout = patient
    assert one.restarted().storage.sync(Task()).written, "it was not there yet"
    assert len(stored()) == 1

    def arrive() -> None:
        before = len(stored())
        demo_vault.faults.release()
        _until(lambda: len(stored()) == before + 1)

    return arrive


def _until(is_so: Callable[[], bool]) -> None:
    while not is_so():
        time.sleep(0.002)


def test_a_record_that_arrives_after_the_next_sync_is_removed_as_a_double(
    one: Machine, late: Callable[[], None], stored: Stored, make_machine: Make
) -> None:
    late()
    lines = one.workspace.storage.plan(Task()).lines
    assert [line.text for line in lines] == ["“Orders”: an older or doubled record of it is deleted."]
    report = one.sync()
    assert (report.written, report.saved, report.removed, report.deleted) == (0, 0, 0, 0)
    assert [record.title for record in stored()] == ["Orders"]
    assert (one.names, one.password("Orders")) == (["Orders"], "s3cret")
    two = make_machine("two")
    two.restore()
    assert (two.names, two.password("Orders")) == (["Orders"], "s3cret")
    assert not one.workspace.storage.plan(Task()).lines


def test_a_record_that_arrives_after_an_edit_does_not_undo_it(
    one: Machine, late: Callable[[], None], stored: Stored
) -> None:
    one.edit("Orders", host="db2")
    one.sync()
    late()
    one.sync()
    (record,) = stored()
    host: Any = record.value("host")
    assert host["hostName"] == "db2"
    assert [profile.host for profile in one.connections.all()] == ["db2"]
    assert not one.workspace.storage.plan(Task()).lines


def test_a_second_sync_is_remembered_and_done_by_the_first(one: Machine, demo_vault: DemoVault) -> None:
    one.save(_profile("Orders"), "x")
    answers: list[SyncReport] = []

    def ask_again(progress: Progress) -> None:
        if progress.text.startswith("Configuring") and not answers:
            answers.append(one.workspace.storage.sync(Task()))

    demo_vault.journal.clear()
    one.workspace.storage.sync(Task(ask_again))
    assert answers[0].is_deferred
    assert demo_vault.journal.verbs.count("get_folders") == 2
    assert not one.workspace.storage.state.is_running


def test_pam_database_records_link_to_a_user_that_holds_the_password(make_machine: Make, demo_vault: DemoVault) -> None:
    one = make_machine("one", enabled=False).enable(RecordKind.PAM_DATABASE)
    one.save(_profile("Orders", database="shop"), "s3cret")
    one.save(ConnectionProfile(name="File", engine="sqlite", path="/tmp/a.db", password_mode=PasswordMode.NONE))
    one.sync()
    record, user = demo_vault.find_record("Orders"), demo_vault.find_record("Orders user")
    assert (record.type, user.type) == ("pamDatabase", "pamUser")
    assert demo_vault.find_record("File").type == "databaseCredentials", "a PAM Database knows no files"
    settings: Any = record.value("pamSettings")
    assert settings["connection"]["userRecords"] == [user.uid]
    assert (user.value("login"), user.value("password")) == ("ann", "s3cret")
    assert record.value("password") is None
    two = make_machine("two", enabled=False).enable(RecordKind.PAM_DATABASE)
    two.restore()
    assert two.everything() == one.everything()


def test_enabling_needs_an_editable_folder(make_machine: Make, demo_vault: DemoVault, team: Folder) -> None:
    machine = make_machine("one", enabled=False)
    team.add_record({"title": "x", "type": "login", "fields": [], "custom": []})
    demo_vault.share(team, editable=False)
    (target,) = machine.workspace.storage.targets(Task())
    assert not target.is_offered
    assert "Can Edit" in target.reason
    with pytest.raises(VaultError, match="only view"):
        machine.enable()


def test_switching_off_can_delete_the_copy(two: Machine, demo_vault: DemoVault) -> None:
    two.workspace.storage.disable(Task(), keep_copy=False)
    assert demo_vault.records() == []
    assert two.names == ["Orders", "People"]
    with pytest.raises(SettingsError, match="switched off"):
        two.sync()


def test_detaching_the_vault_switches_storage_off(two: Machine, demo_vault: DemoVault) -> None:
    two.workspace.detach(two.vault_id, Task())
    assert not two.workspace.storage.state.is_enabled
    assert len(demo_vault.folder(SHARED, FOLDER_NAME).records) == 3


def test_gateway_mode_has_no_storage(two: Machine) -> None:
    workspace = Workspace(Paths.under(two.home), mode="gateway", endpoint=two.endpoint, keychain=two.keychain)
    workspace.load(Task())
    assert not workspace.storage.state.is_supported
    for call in (
        lambda: workspace.storage.sync(Task()),
        lambda: workspace.storage.plan(Task()),
        lambda: workspace.storage.targets(Task()),
        lambda: workspace.storage.offer(two.vault_id, Task()),
        lambda: workspace.storage.restore(Task()),
        lambda: workspace.storage.disable(Task(), keep_copy=True),
        lambda: workspace.storage.enable(two.vault_id, "x", RecordKind.DATABASE, Task()),
    ):
        with pytest.raises(UnsupportedError, match="gateway mode"):
            call()


def test_no_secret_is_in_a_file(two: Machine) -> None:
    two.save(_profile("More"), "sw0rdfish")
    two.sync()
    files = [path for path in two.home.rglob("*") if path.is_file() and "secrets" not in path.parts]
    content = b"".join(path.read_bytes() for path in files)
    assert b"Orders" in content
    assert b"s3cret" not in content
    assert b"sw0rdfish" not in content
