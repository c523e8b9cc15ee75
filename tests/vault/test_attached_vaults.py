"""Attaching, reading, refreshing, renaming and detaching vaults, against the real protocol."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from keeperdb.demo.handles import Delivery
from keeperdb.demo.vault_server import DemoVault
from keeperdb.errors import (
    Cancelled,
    ConnectError,
    ConnectReason,
    KeychainError,
    KeychainReason,
    NotFoundError,
    SettingsError,
    VaultError,
    VaultReason,
)
from keeperdb.keychain import Secret, SessionKeychain
from keeperdb.task import Progress, Task
from keeperdb.vault.attached import AttachedVaults
from keeperdb.vault.endpoint import VaultEndpoint
from keeperdb.vault.records import LOCAL_ID_LABEL
from tests.vault.record_samples import PASSWORD, database, field, pam_database, pam_user

MakeVaults = Callable[..., AttachedVaults]


def names(vaults: AttachedVaults) -> list[str]:
    return sorted(profile.name for profile in vaults.profiles())


@pytest.fixture
def filled(demo_vault: DemoVault) -> DemoVault:
    """Two folders deep, with a PAM database and its user."""
    folder = demo_vault.add_shared_folder("Databases")
    folder.add_record(database("Orders"))
    inner = folder.add_folder("Europe").add_folder("Paris")
    billing = inner.add_record(pam_database("Billing"))
    demo_vault.link(billing, folder.add_record(pam_user()), is_launch_credential=True)
    return demo_vault


class TestAttach:
    def test_lists_the_databases_of_all_folders(self, vaults, filled):
        vault = vaults.attach("My vault", filled.issue_token(), Task())
        assert (vault.name, vault.connection_count, vault.unusable_count) == ("My vault", 2, 0)
        assert (vault.error, vault.warnings, vault.is_stale) == ("", (), False)
        assert vault.refreshed_at is not None
        folders = {profile.name: profile.folder for profile in vaults.profiles()}
        assert folders == {"Orders": ("Databases",), "Billing": ("Databases", "Europe", "Paris")}

    def test_shows_the_endpoint_and_its_own_key(self, vaults, filled):
        vault = vaults.attach("My vault", filled.issue_token(), Task())
        assert (vault.endpoint, vault.has_custom_key) == (filled.endpoint, True)

    def test_takes_three_requests_on_one_connection(self, vaults, filled):
        vaults.attach("My vault", filled.issue_token(), Task())
        assert filled.journal.verbs == ["get_secret", "get_secret", "get_folders"]
        assert len({entry.connection for entry in filled.journal}) == 1

    @pytest.mark.parametrize("as_base64", [True, False])
    def test_takes_a_ready_configuration(self, vaults, filled, as_base64):
        vaults.attach("My vault", filled.issue_configuration(as_base64=as_base64), Task())
        assert names(vaults) == ["Billing", "Orders"]

    def test_keeps_nothing_of_a_configuration_that_does_not_work(self, vaults, filled, keychain):
        text = filled.issue_configuration()
        filled.application.revoke(filled.application.devices[-1])
        with pytest.raises(VaultError) as raised:
            vaults.attach("My vault", text, Task())
        assert raised.value.reason is VaultReason.ACCESS_DENIED
        assert vaults.all() == []
        assert keychain._secrets == {}

    @pytest.mark.parametrize("name", ["privateKey", "appKey"])
    @pytest.mark.parametrize("value", ["abcd", "!", "a", "ü"])
    def test_keeps_nothing_of_a_configuration_with_a_damaged_key(self, vaults, filled, keychain, name, value):
        broken = json.loads(filled.issue_configuration(as_base64=False)) | {name: value}
        with pytest.raises(VaultError, match="damaged"):
            vaults.attach("My vault", json.dumps(broken), Task())
        assert keychain._secrets == {}

    def test_keeps_the_access_in_the_keychain_with_the_endpoint(self, vaults, filled, keychain, make_vaults):
        vault = vaults.attach("My vault", filled.issue_token(), Task())
        stored = json.loads(keychain.get(f"vault/{vault.id}").reveal())
        assert stored["hostname"] == filled.endpoint
        assert stored["serverPublicKey"] == filled.server_key
        assert stored["serverPublicKeyId"] == filled.server_key_id
        assert stored["caFile"] == str(filled.ca_file)
        assert "clientKey" not in stored
        assert make_vaults(at=None).refresh(vault.id, Task()).error == ""

    def test_keeps_the_access_before_it_lists(self, vaults, filled, keychain):
        filled.fail("status", "get_secret", skip=1)
        vault = vaults.attach("My vault", filled.issue_token(), Task())
        assert "status 502" in vault.error
        assert vault.is_stale
        assert keychain.get(f"vault/{vault.id}")
        assert vaults.refresh(vault.id, Task()).connection_count == 2

    @pytest.mark.parametrize(("days", "is_said"), [(1, True), (13, True), (20, False), (None, False)])
    def test_says_when_the_access_ends_soon(self, vaults, filled, days, is_said):
        token = filled.issue_token(access_expires_in=days and days * 86_400.0)
        warnings = vaults.attach("My vault", token, Task()).warnings
        assert any("The access of this device ends on" in warning for warning in warnings) is is_said

    def test_numbers_a_name_that_is_taken(self, vaults, filled):
        found = [vaults.attach(name, filled.issue_token(), Task()).name for name in ("A", "A", "A 2", "", "  ", "A")]
        assert found == ["A", "A 2", "A 3", "My vault", "My vault 2", "A 4"]

    @pytest.mark.parametrize("name", ["a/b", "a\nb", "x" * 101])
    def test_refuses_a_name_before_the_token_is_spent(self, vaults, filled, name):
        with pytest.raises(SettingsError):
            vaults.attach(name, filled.issue_token(), Task())
        assert len(filled.journal) == 0

    def test_says_when_nothing_is_shared_but_other_records(self, vaults, demo_vault):
        demo_vault.add_shared_folder("Web").add_record({"type": "login", "title": "Site", "fields": [], "custom": []})
        vault = vaults.attach("My vault", demo_vault.issue_token(), Task())
        assert vault.warnings == ("The only shared record is neither a Database nor a PAM Database record.",)

    def test_does_not_call_records_of_the_storage_something_else(self, vaults, demo_vault):
        folder = demo_vault.add_shared_folder("Team")
        own = {"type": "text", "label": LOCAL_ID_LABEL, "value": ["1"]}
        folder.add_record({"type": "databaseCredentials", "title": "Orders", "fields": [], "custom": [own]})
        vault = vaults.attach("My vault", demo_vault.issue_token(), Task())
        assert len(vault.warnings) == 1
        assert vault.warnings[0].startswith("All that is shared belongs to KeeperDB Storage")
        for title in ("Site", "Shop"):
            folder.add_record({"type": "login", "title": title, "fields": [], "custom": []})
        warnings = vaults.refresh(vault.id, Task()).warnings
        assert warnings == ("None of the 2 shared records is a Database or PAM Database record.",)

    def test_says_when_no_record_is_shared(self, vaults, demo_vault):
        demo_vault.add_shared_folder("Empty")
        vault = vaults.attach("My vault", demo_vault.issue_token(), Task())
        assert vault.error == ""
        assert "No records are shared with this application" in vault.warnings[0]

    def test_refuses_a_token_that_was_used(self, vaults, filled, make_vaults):
        token = filled.issue_token()
        vaults.attach("My vault", token, Task())
        with pytest.raises(VaultError, match="used before") as raised:
            make_vaults().attach("Again", token, Task())
        assert raised.value.reason is VaultReason.TOKEN_REFUSED

    def test_refuses_a_token_that_has_expired(self, vaults, filled):
        with pytest.raises(VaultError, match="expired") as raised:
            vaults.attach("My vault", filled.issue_token(expires_in=0), Task())
        assert raised.value.reason is VaultReason.ACCESS_DENIED

    def test_refuses_a_token_for_another_address(self, vaults, filled):
        with pytest.raises(VaultError, match="network address") as raised:
            vaults.attach("My vault", filled.issue_token(ip_lock="192.0.2.1"), Task())
        assert raised.value.reason is VaultReason.ADDRESS_LOCKED

    def test_refuses_an_application_without_shares(self, vaults, demo_vault):
        with pytest.raises(VaultError, match="nothing is shared") as raised:
            vaults.attach("My vault", demo_vault.issue_token(), Task())
        assert raised.value.reason is VaultReason.ACCESS_DENIED

    def test_goes_on_with_the_same_keys_after_the_server_was_away(self, vaults, filled):
        token = filled.issue_token()
        filled.stop()
        with pytest.raises(VaultError) as raised:
            vaults.attach("My vault", token, Task())
        assert raised.value.reason is VaultReason.UNREACHABLE
        filled.start()
        assert vaults.attach("My vault", token, Task()).connection_count == 2

    @pytest.mark.parametrize("kind", ["lost", "truncated", "garbage", "empty", "not json"])
    def test_repeats_the_binding_when_its_answer_is_lost(self, vaults, filled, kind):
        filled.fail(kind, "get_secret")
        assert vaults.attach("My vault", filled.issue_token(), Task()).connection_count == 2

    @pytest.mark.parametrize("kind", ["lost", "truncated", "garbage", "empty", "not json"])
    def test_can_be_repeated_with_the_same_text_after_lost_answers(self, vaults, filled, kind, make_vaults):
        token = filled.issue_token()
        filled.fail(kind, "get_secret", times=2)
        with pytest.raises(VaultError):
            vaults.attach("My vault", token, Task())
        with pytest.raises(VaultError) as raised:
            make_vaults().attach("Other keys", token, Task())
        assert raised.value.reason is VaultReason.TOKEN_REFUSED
        assert vaults.attach("My vault", f" {token}\n", Task()).connection_count == 2

    def test_asks_whether_to_repeat_at_once(self, vaults, filled):
        asked: list[VaultError] = []
        filled.fail("lost", "get_secret", times=2)
        vault = vaults.attach("My vault", filled.issue_token(), Task(), lambda error: not asked.append(error))
        assert [error.reason for error in asked] == [VaultReason.UNREACHABLE]
        assert vault.connection_count == 2

    def test_can_be_cancelled_and_repeated(self, vaults, filled):
        token = filled.issue_token()
        filled.fail("hang", "get_secret")
        task = Task()
        with ThreadPoolExecutor(1) as pool:
            attaching = pool.submit(vaults.attach, "My vault", token, task)
            assert filled.journal.wait_for("get_secret")
            task.cancel()
            with pytest.raises(Cancelled):
                attaching.result(30)
        assert vaults.all() == []
        assert vaults.attach("My vault", token, Task()).connection_count == 2

    def test_finds_out_that_the_keychain_is_locked_before_the_token_is_spent(self, tmp_path, endpoint, filled):
        vaults = AttachedVaults(tmp_path / "vaults", LockedKeychain(), endpoint)
        with pytest.raises(KeychainError):
            vaults.attach("My vault", filled.issue_token(), Task())
        assert len(filled.journal) == 0

    def test_does_not_lose_a_spent_token_to_the_keychain(self, tmp_path, endpoint, filled):
        keychain = FullKeychain()
        vaults = AttachedVaults(tmp_path / "vaults", keychain, endpoint)
        token = filled.issue_token()
        with pytest.raises(KeychainError):
            vaults.attach("My vault", token, Task())
        keychain.is_full = False
        assert vaults.attach("My vault", token, Task()).connection_count == 2

    def test_is_done_once_at_a_time_for_one_token(self, vaults, filled):
        token = filled.issue_token()
        filled.fail("hang", "get_secret")
        task = Task()
        with ThreadPoolExecutor(1) as pool:
            attaching = pool.submit(vaults.attach, "My vault", token, task)
            assert filled.journal.wait_for("get_secret")
            with pytest.raises(VaultError, match="already"):
                vaults.attach("My vault", token, Task())
            task.cancel()
            with pytest.raises(Cancelled):
                attaching.result(30)

    def test_says_what_it_does(self, vaults, filled):
        said: list[str] = []
        task = Task(lambda progress: said.append(progress.text))
        vaults.attach("My vault", filled.issue_token(), task)
        task.flush()
        assert said[0] == f"Connecting to {filled.endpoint}…"


class LockedKeychain(SessionKeychain):
    def get(self, name: str) -> Secret | None:
        raise KeychainError(KeychainReason.LOCKED, "The keychain is locked.")


class FullKeychain(SessionKeychain):
    is_full = True

    def set(self, name: str, secret: Secret) -> None:
        if self.is_full:
            raise KeychainError(KeychainReason.FAILED, "The keychain is full.")
        super().set(name, secret)


@pytest.fixture
def attached(vaults, filled):
    """The id of a vault that was attached and read."""
    return vaults.attach("My vault", filled.issue_token(), Task()).id


class TestRefresh:
    def test_shows_what_was_added_and_says_what_is_gone(self, vaults, filled, attached):
        filled.delete_record_as_user(filled.find_record("Orders"))
        filled.folder("Databases").add_record(database("Invoices"))
        vault = vaults.refresh(attached, Task())
        assert names(vaults) == ["Billing", "Invoices"]
        assert vault.warnings == ("No longer shared since the last reading: “Orders”.",)
        assert vaults.refresh(attached, Task()).warnings == ()

    def test_keeps_the_ids_of_connections(self, vaults, attached):
        before = {profile.id for profile in vaults.profiles()}
        vaults.refresh(attached, Task())
        assert {profile.id for profile in vaults.profiles()} == before

    @pytest.mark.parametrize("kind", ["truncated", "garbage", "empty", "not json", "status", "error", "client version"])
    @pytest.mark.parametrize("verb", ["get_secret", "get_folders"])
    def test_that_fails_keeps_the_list_and_says_why(self, vaults, filled, attached, kind, verb):
        before = vaults.all()[0]
        filled.fail(kind, verb)
        vault = vaults.refresh(attached, Task())
        assert vault.is_stale
        assert vault.error
        assert vault.error_hint
        assert vault.refreshed_at == before.refreshed_at
        assert names(vaults) == ["Billing", "Orders"]
        assert not vaults.refresh(attached, Task()).is_stale

    def test_offline_keeps_the_list_for_the_next_start(self, vaults, filled, attached, make_vaults):
        filled.stop()
        later = make_vaults()
        assert later.profiles() == vaults.profiles()
        vault = later.refresh(attached, Task())
        assert vault.is_stale
        assert "Nothing listens at" in vault.error
        assert names(later) == ["Billing", "Orders"]
        assert make_vaults().all() == later.all()

    def test_believes_an_empty_vault_only_the_second_time(self, vaults, filled, attached):
        for record in filled.records():
            filled.delete_record_as_user(record)
        vault = vaults.refresh(attached, Task())
        assert (vault.is_stale, vault.connection_count) == (True, 2)
        assert "no records are shared any more" in vault.error
        vault = vaults.refresh(attached, Task())
        assert (vault.is_stale, vault.connection_count) == (False, 0)
        assert "No longer shared since the last reading: “Orders”, “Billing”." in vault.warnings

    def test_forgets_its_doubt_after_a_full_answer(self, vaults, filled, attached):
        record = filled.find_record("Orders").document
        for each in filled.records():
            filled.delete_record_as_user(each)
        assert vaults.refresh(attached, Task()).is_stale
        filled.folder("Databases").add_record(record)
        assert not vaults.refresh(attached, Task()).is_stale
        filled.delete_record_as_user(filled.find_record("Orders"))
        assert vaults.refresh(attached, Task()).is_stale

    def test_of_a_revoked_device_keeps_the_list(self, vaults, filled, attached):
        filled.application.revoke(filled.application.devices[-1])
        vault = vaults.refresh(attached, Task())
        assert "revoked" in vault.error
        assert vault.connection_count == 2

    def test_without_the_access_in_the_keychain_says_so(self, vaults, attached, keychain):
        keychain.delete(f"vault/{attached}")
        vault = vaults.refresh(attached, Task())
        assert "not kept on this machine" in vault.error
        assert "attach it with a new token" in vault.error_hint

    @pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"hostname": "a/b", "appKey": "x"}', '{"hostname": 5}'])
    def test_with_damaged_access_says_so(self, vaults, attached, keychain, text):
        keychain.set(f"vault/{attached}", Secret(text))
        assert "damaged" in vaults.refresh(attached, Task()).error

    def test_that_is_cancelled_changes_nothing(self, vaults, filled, attached):
        before = vaults.all()
        filled.fail("hang", "get_secret")
        task = Task()
        with ThreadPoolExecutor(1) as pool:
            refreshing = pool.submit(vaults.refresh, attached, task)
            assert filled.journal.wait_for("get_secret", 3)
            task.cancel()
            with pytest.raises(Cancelled):
                refreshing.result(30)
        assert vaults.all() == before

    def test_of_an_unknown_vault_is_an_error(self, vaults):
        with pytest.raises(NotFoundError):
            vaults.refresh("0" * 32, Task())


class TestNothingIsLost:
    """Where the SDK drops records without a word."""

    def test_one_bad_record_does_not_take_its_folder_along(self, vaults, filled, attached):
        filled.break_record(filled.find_record("Orders"))
        vault = vaults.refresh(attached, Task())
        assert (vault.connection_count, vault.unusable_count) == (2, 1)
        assert "1 record could not be decrypted" in vault.warnings[0]
        broken = next(profile for profile in vaults.profiles() if profile.problem)
        assert (broken.name, broken.folder) == ("Orders", ("Databases",))
        assert "could not be decrypted" in broken.problem

    def test_records_of_a_bad_folder_keep_the_names_that_are_known(self, vaults, filled, attached):
        filled.break_folder(filled.folder("Databases"))
        vault = vaults.refresh(attached, Task())
        assert vault.unusable_count == vault.connection_count == 3  # the PAM User too: nobody can tell what it is
        assert names(vaults) == sorted(["Billing", "Orders", filled.find_record("billing admin").uid])
        assert any("names of 3 folders could not be read" in warning for warning in vault.warnings)

    def test_a_bad_inner_folder_costs_only_its_name(self, vaults, filled, attached):
        folder = filled.folder("Databases", "Europe")
        filled.break_folder(folder)
        vault = vaults.refresh(attached, Task())
        assert vault.unusable_count == 0
        billing = next(profile for profile in vaults.profiles() if profile.name == "Billing")
        assert billing.folder == ("Databases", folder.uid, "Paris")
        assert vault.warnings == (f"The names of 1 folder could not be read: {folder.uid}.",)

    @pytest.mark.parametrize("delivery", [Delivery.FLAT, Delivery.FLAT_INNER])
    def test_flat_records_are_opened_with_their_folders_keys(self, vaults, filled, attached, delivery):
        filled.folder("Databases", "Europe").add_record(database("Flat"), delivery=delivery)
        vault = vaults.refresh(attached, Task())
        assert (vault.connection_count, vault.unusable_count, vault.warnings) == (3, 0, ())
        assert next(p.folder for p in vaults.profiles() if p.name == "Flat") == ("Databases", "Europe")

    def test_a_record_that_is_shared_twice_is_listed_once_with_its_folder(self, vaults, filled, attached):
        filled.share_record(filled.find_record("Orders"))
        assert vaults.refresh(attached, Task()).connection_count == 2
        assert next(p.folder for p in vaults.profiles() if p.name == "Orders") == ("Databases",)

    def test_a_record_that_is_shared_by_itself_has_no_folder(self, vaults, filled, attached):
        filled.share_record(database("Alone"))
        vaults.refresh(attached, Task())
        assert next(p.folder for p in vaults.profiles() if p.name == "Alone") == ()

    def test_a_folder_of_another_share_is_listed_too(self, vaults, filled, attached):
        filled.add_shared_folder("Second", editable=False).add_record(database("Elsewhere"))
        vaults.refresh(attached, Task())
        assert "Elsewhere" in names(vaults)

    def test_records_of_the_storage_sync_are_left_out(self, vaults, filled, attached):
        filled.folder("Databases").add_record(database("Synced", custom=[field("text", "1", "keeperdb_local_id")]))
        vaults.refresh(attached, Task())
        assert "Synced" not in names(vaults)


class TestCredential:
    def of(self, vaults: AttachedVaults, name: str, task: Task | None = None) -> tuple[str, str]:
        profile = next(profile for profile in vaults.profiles() if profile.name == name)
        credential = vaults.credential(profile, task or Task())
        return credential.user, credential.password.reveal() if credential.password else ""

    def test_is_read_from_the_record(self, vaults, attached):
        assert self.of(vaults, "Orders") == ("ann", PASSWORD)

    def test_is_read_from_the_linked_user(self, vaults, attached):
        assert self.of(vaults, "Billing") == ("root", PASSWORD)

    def test_is_that_of_this_moment(self, vaults, filled, attached):
        filled.find_record("billing admin").update(pam_user(password="rotated"))
        assert self.of(vaults, "Billing") == ("root", "rotated")

    def test_takes_one_request_for_those_records(self, vaults, filled, attached):
        filled.journal.clear()
        self.of(vaults, "Billing")
        (entry,) = filled.journal
        uids = {filled.find_record(title).uid for title in ("Billing", "billing admin")}
        assert (entry.verb, set(entry.payload["requestedRecords"])) == ("get_secret", uids)

    def test_follows_a_link_that_was_changed_since(self, vaults, filled, attached):
        other = filled.folder("Databases").add_record(pam_user("other", login="other", password="p"))
        filled.state.records[filled.find_record("Billing").uid].links.clear()
        filled.link(filled.find_record("Billing"), other, is_launch_credential=True)
        assert self.of(vaults, "Billing") == ("other", "p")

    def test_of_a_user_that_is_not_shared_is_an_error_in_words(self, vaults, filled, attached):
        filled.move_record_as_user(filled.find_record("billing admin"), filled.add_shared_folder("Private"))
        filled.unshare(filled.folder("Private"))
        with pytest.raises(ConnectError, match="not shared with this application") as raised:
            self.of(vaults, "Billing")
        assert raised.value.reason is ConnectReason.CREDENTIAL
        vaults.refresh(attached, Task())
        (billing,) = [profile for profile in vaults.profiles() if profile.name == "Billing"]
        assert billing.problem == "The linked credential is not shared with this application."

    def test_of_a_record_that_is_gone_is_an_error_in_words(self, vaults, filled, attached):
        filled.delete_record_as_user(filled.find_record("Orders"))
        with pytest.raises(VaultError, match="no longer shared") as raised:
            self.of(vaults, "Orders")
        assert raised.value.reason is VaultReason.NOT_FOUND

    def test_of_a_record_that_was_broken_is_an_error_in_words(self, vaults, filled, attached):
        filled.break_record(filled.find_record("Orders"))
        with pytest.raises(VaultError, match="could not be decrypted"):
            self.of(vaults, "Orders")

    @pytest.mark.parametrize("kind", ["empty", "garbage", "truncated", "not json"])
    def test_is_not_taken_from_a_bad_answer(self, vaults, filled, attached, kind):
        filled.fail(kind, "get_secret")
        with pytest.raises(VaultError) as raised:
            self.of(vaults, "Orders")
        assert raised.value.reason is VaultReason.BAD_ANSWER

    def test_of_a_revoked_device_is_an_error_in_words(self, vaults, filled, attached):
        filled.application.revoke(filled.application.devices[-1])
        with pytest.raises(VaultError) as raised:
            self.of(vaults, "Orders")
        assert raised.value.reason is VaultReason.ACCESS_DENIED

    def test_can_be_read_while_a_refresh_hangs(self, vaults, filled, attached):
        filled.fail("hang", "get_folders")
        task = Task()
        with ThreadPoolExecutor(1) as pool:
            refreshing = pool.submit(vaults.refresh, attached, task)
            assert filled.journal.wait_for("get_folders", 2)
            assert self.of(vaults, "Orders") == ("ann", PASSWORD)
            task.cancel()
            with pytest.raises(Cancelled):
                refreshing.result(30)


ATTACH = """
import sys
from pathlib import Path
from keeperdb.keychain import SessionKeychain
from keeperdb.task import Task
from keeperdb.vault.attached import AttachedVaults
from keeperdb.vault.endpoint import VaultEndpoint
endpoint = VaultEndpoint.from_options(*sys.argv[1:4], {})
vaults = AttachedVaults(Path(sys.argv[4]) / "vaults", SessionKeychain(), endpoint)
vaults.attach("My vault", sys.stdin.read(), Task())
"""


class TestSeveral:
    def test_vaults_are_listed_in_the_order_of_attaching(self, vaults, filled, make_vaults):
        for name in ("B", "A", "C"):
            vaults.attach(name, filled.issue_token(), Task())
        assert [vault.name for vault in vaults.all()] == ["B", "A", "C"]
        assert [vault.name for vault in make_vaults().all()] == ["B", "A", "C"]
        assert len(vaults.profiles()) == 6

    def test_windows_see_each_others_vaults(self, vaults, filled, make_vaults):
        other = make_vaults()
        vault = vaults.attach("My vault", filled.issue_token(), Task())
        assert other.reload()
        assert other.all() == vaults.all()
        assert not other.reload()
        vaults.detach(vault.id)
        assert other.reload()
        assert other.profiles() == []

    def test_windows_that_attach_at_once_lose_nothing(self, filled, make_vaults):
        windows = [make_vaults() for _ in range(4)]
        barrier = threading.Barrier(len(windows))

        def attach(window: AttachedVaults) -> None:
            barrier.wait(30)
            window.attach("My vault", filled.issue_token(), Task())

        with ThreadPoolExecutor(len(windows)) as pool:
            list(pool.map(attach, windows))
        found = sorted(vault.name for vault in make_vaults().all())
        assert found == ["My vault", "My vault 2", "My vault 3", "My vault 4"]

    def test_processes_that_attach_at_once_lose_nothing(self, filled, make_vaults, tmp_path):
        attaching = [
            subprocess.Popen(
                [
                    sys.executable,
                    "-c",
                    ATTACH,
                    filled.endpoint,
                    filled.server_key_option,
                    str(filled.ca_file),
                    str(tmp_path),
                ],
                cwd=Path(__file__).parents[2],
                stdin=subprocess.PIPE,
            )
            for _ in range(3)
        ]
        for process in attaching:
            process.communicate(filled.issue_token().encode(), 60)
        assert [process.returncode for process in attaching] == [0, 0, 0]
        assert sorted(vault.name for vault in make_vaults().all()) == ["My vault", "My vault 2", "My vault 3"]

    def test_a_refresh_does_not_bring_back_a_vault_that_another_window_detached(self, vaults, attached, make_vaults):
        make_vaults().detach(attached)
        with pytest.raises(NotFoundError):
            vaults.refresh(attached, Task())
        assert make_vaults().all() == []

    def test_renaming_shows_in_the_connections(self, vaults, attached, make_vaults):
        vaults.rename(attached, "  Office ")
        assert {profile.full_name for profile in vaults.profiles()} == {"Office/Orders", "Office/Billing"}
        assert make_vaults().profiles() == vaults.profiles()

    def test_renaming_to_a_name_that_is_taken_is_refused(self, vaults, filled, attached):
        other = vaults.attach("Other", filled.issue_token(), Task())
        with pytest.raises(SettingsError, match="already a vault"):
            vaults.rename(other.id, "My vault")
        vaults.rename(other.id, "Other")

    def test_detaching_forgets_the_access_and_the_list(self, vaults, attached, keychain, tmp_path):
        vaults.detach(attached)
        assert vaults.all() == vaults.profiles() == []
        assert keychain._secrets == {}
        assert list((tmp_path / "vaults").glob("*.json")) == []

    def test_detaching_with_a_keychain_that_refuses_changes_nothing(self, vaults, attached, keychain, monkeypatch):
        def refuse(name: str) -> None:
            raise KeychainError(KeychainReason.LOCKED, "The keychain is locked.")

        monkeypatch.setattr(keychain, "delete", refuse)
        with pytest.raises(KeychainError):
            vaults.detach(attached)
        assert len(vaults.all()) == 1


def test_a_token_for_the_cloud_needs_no_endpoint(make_vaults, demo_vault):
    with pytest.raises(VaultError, match="which region"):
        make_vaults(at=None).attach("My vault", demo_vault.issue_token(), Task())


def test_progress_says_which_vault_is_read(vaults: AttachedVaults, attached: str) -> None:
    said: list[Progress] = []
    vaults.refresh(attached, Task(said.append))
    assert said[0].text == "Reading My vault…"


def test_an_endpoint_of_its_own_serves_later_starts_without_the_options(
    make_vaults: MakeVaults, filled: DemoVault, endpoint: VaultEndpoint
) -> None:
    vault = make_vaults().attach("My vault", filled.issue_token(), Task())
    later = make_vaults(at=None)
    assert later.refresh(vault.id, Task()).error == ""
    assert later.credential(later.profiles()[0], Task()).user in ("ann", "root")
