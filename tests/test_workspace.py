"""The workspace with real SQLite, a real PostgreSQL and the real protocol of the demo vault."""

import sqlite3
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from keeperdb.connections.profile import ConnectionProfile, PasswordMode, Source
from keeperdb.demo.record_types import database_record
from keeperdb.demo.vault_server import DemoVault
from keeperdb.errors import (
    Cancelled,
    ConnectError,
    ConnectReason,
    KeychainError,
    KeychainReason,
    NotFoundError,
    SettingsError,
    StoreError,
    UnsupportedError,
    VaultError,
    VaultReason,
)
from keeperdb.keychain import Secret, SessionKeychain
from keeperdb.paths import Paths
from keeperdb.task import Task
from keeperdb.workspace import Change, Workspace

MakeWorkspace = Callable[..., Workspace]


class BrokenKeychain:
    """A keychain that refuses everything, as a locked or absent one does."""

    label = "Broken"

    def __init__(self, reason: KeychainReason) -> None:
        self._reason = reason

    def _refuse(self) -> KeychainError:
        return KeychainError(self._reason, "The keychain refuses.")

    def get(self, name: str) -> Secret | None:
        raise self._refuse()

    def set(self, name: str, secret: Secret) -> None:
        raise self._refuse()

    def delete(self, name: str) -> None:
        raise self._refuse()


@pytest.fixture
def shop(tmp_path: Path) -> ConnectionProfile:
    path = tmp_path / "shop.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE item (name TEXT)")
    database.close()
    return ConnectionProfile(name="shop", engine="sqlite", path=str(path))


@pytest.fixture
def orders() -> ConnectionProfile:
    return ConnectionProfile(name="orders", engine="postgresql", host="127.0.0.1", port=1, user="ann")


def attach(workspace: Workspace, vault: DemoVault, name: str = "Work") -> str:
    return workspace.attach(name, vault.issue_token(), Task()).id


def test_nothing_is_written_or_read_before_load(tmp_path: Path) -> None:
    workspace = Workspace(Paths.under(tmp_path / "home"))
    assert workspace.profiles() == []
    assert workspace.last_used("any") is None
    assert workspace.warnings == []
    assert not (tmp_path / "home").exists()


def test_folders_are_for_this_user_only(workspace: Workspace) -> None:
    for folder in (workspace.paths.config, workspace.paths.data, workspace.paths.logs):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_saved_connection_is_there_after_the_next_start(
    make_workspace: MakeWorkspace, shop: ConnectionProfile
) -> None:
    make_workspace().save(shop, None, Task())
    assert make_workspace().profiles() == [shop]


def test_opening_a_local_connection_runs_sql_and_remembers_the_use(
    workspace: Workspace, make_workspace: MakeWorkspace, shop: ConnectionProfile
) -> None:
    workspace.save(shop, None, Task())
    assert workspace.last_used(shop.id) is None
    session = workspace.open(shop, Task())
    [result] = session.execute("SELECT count(*) FROM item", Task())
    result.fetch(10, Task())
    assert result.text(0, 0) == "0"
    session.close()
    assert workspace.last_used(shop.id) is not None
    assert make_workspace().last_used(shop.id) == workspace.last_used(shop.id)


def test_testing_opens_what_was_never_saved_and_names_the_server(workspace: Workspace, shop: ConnectionProfile) -> None:
    assert workspace.test(shop, Task()) == f"SQLite {sqlite3.sqlite_version}"
    assert workspace.profiles() == []
    assert workspace.last_used(shop.id) is None


def test_a_connection_with_a_problem_is_not_opened(workspace: Workspace, shop: ConnectionProfile) -> None:
    with pytest.raises(ConnectError) as caught:
        workspace.open(shop.with_(problem="The record has no host.", problem_hint="Add one."), Task())
    assert (caught.value.reason, caught.value.hint) == (ConnectReason.PROFILE, "Add one.")


def test_an_unknown_engine_is_named(workspace: Workspace, shop: ConnectionProfile) -> None:
    with pytest.raises(UnsupportedError, match="sqlit"):
        workspace.open(shop.with_(engine="sqlit"), Task())


def test_a_cancelled_task_opens_nothing(workspace: Workspace, shop: ConnectionProfile) -> None:
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        workspace.open(shop, task)


@pytest.mark.parametrize("mode", [PasswordMode.KEYCHAIN, PasswordMode.ASK])
def test_a_password_that_is_kept_nowhere_has_to_be_asked_for(
    workspace: Workspace, orders: ConnectionProfile, mode: PasswordMode
) -> None:
    with pytest.raises(ConnectError) as caught:
        workspace.open(orders.with_(password_mode=mode), Task())
    assert caught.value.reason is ConnectReason.PASSWORD_NEEDED


def test_without_a_keychain_the_password_has_to_be_asked_for_and_the_reason_is_said(
    workspace: Workspace, orders: ConnectionProfile
) -> None:
    workspace.keychain.current = BrokenKeychain(KeychainReason.MISSING)
    with pytest.raises(ConnectError, match="The keychain refuses") as caught:
        workspace.open(orders, Task())
    assert caught.value.reason is ConnectReason.PASSWORD_NEEDED


def test_a_locked_encrypted_file_is_to_be_unlocked_and_not_worked_around(
    workspace: Workspace, orders: ConnectionProfile
) -> None:
    workspace.keychain.choose("file")
    with pytest.raises(KeychainError) as caught:
        workspace.open(orders, Task())
    assert caught.value.reason is KeychainReason.LOCKED


def test_no_password_mode_needs_none(workspace: Workspace, orders: ConnectionProfile) -> None:
    with pytest.raises(ConnectError) as caught:
        workspace.open(orders.with_(password_mode=PasswordMode.NONE), Task())
    assert caught.value.reason is ConnectReason.UNREACHABLE


def test_the_kept_password_opens_a_server(workspace: Workspace, postgresql_server) -> None:
    profile = postgresql_server.profile(name="pg")
    workspace.save(profile, postgresql_server.credential.password, Task())
    session = workspace.open(profile, Task())
    assert session.server_version.startswith("PostgreSQL")
    session.close()


def test_a_given_password_is_used_instead_of_the_kept_one(workspace: Workspace, postgresql_server) -> None:
    profile = postgresql_server.profile(name="pg")
    workspace.save(profile, postgresql_server.credential.password, Task())
    with pytest.raises(ConnectError) as caught:
        workspace.test(profile, Task(), password=Secret("wrong"))
    assert caught.value.reason is ConnectReason.LOGIN


def test_a_password_is_in_the_keychain_and_in_no_file(
    workspace: Workspace, secrets_in_memory: SessionKeychain, orders: ConnectionProfile
) -> None:
    workspace.save(orders, Secret("hunter2-kept"), Task())
    assert secrets_in_memory.get(f"connection/{orders.id}") == Secret("hunter2-kept")
    written = b"".join(path.read_bytes() for path in workspace.paths.data.rglob("*") if path.is_file())
    assert b"orders" in written
    assert b"hunter2" not in written


def test_saving_without_a_password_leaves_the_kept_one(
    workspace: Workspace, secrets_in_memory: SessionKeychain, orders: ConnectionProfile
) -> None:
    workspace.save(orders, Secret("one"), Task())
    workspace.save(orders.with_(host="db2"), None, Task())
    assert secrets_in_memory.get(f"connection/{orders.id}") == Secret("one")


@pytest.mark.parametrize(
    ("change", "password"), [({}, Secret("")), ({"password_mode": PasswordMode.ASK}, None)], ids=["empty", "asks"]
)
def test_a_password_that_is_no_longer_wanted_is_forgotten(
    workspace: Workspace,
    secrets_in_memory: SessionKeychain,
    orders: ConnectionProfile,
    change: dict[str, object],
    password: Secret | None,
) -> None:
    workspace.save(orders, Secret("one"), Task())
    workspace.save(orders.with_(**change), password, Task())
    assert secrets_in_memory.get(f"connection/{orders.id}") is None


def test_a_connection_that_asks_stores_no_password(
    workspace: Workspace, secrets_in_memory: SessionKeychain, orders: ConnectionProfile
) -> None:
    workspace.save(orders.with_(password_mode=PasswordMode.ASK), Secret("one"), Task())
    assert secrets_in_memory.get(f"connection/{orders.id}") is None


def test_if_the_keychain_refuses_a_new_connection_is_not_saved(workspace: Workspace, orders: ConnectionProfile) -> None:
    workspace.keychain.current = BrokenKeychain(KeychainReason.LOCKED)
    with pytest.raises(KeychainError):
        workspace.save(orders, Secret("one"), Task())
    assert workspace.profiles() == []


def test_if_the_keychain_refuses_a_changed_connection_stays_as_it_was(
    workspace: Workspace, orders: ConnectionProfile
) -> None:
    workspace.save(orders, Secret("one"), Task())
    workspace.keychain.current = BrokenKeychain(KeychainReason.LOCKED)
    with pytest.raises(KeychainError):
        workspace.save(orders.with_(host="db2"), Secret("two"), Task())
    assert workspace.profiles() == [orders]


def test_without_a_keychain_a_connection_is_saved_and_removed_all_the_same(
    workspace: Workspace, orders: ConnectionProfile
) -> None:
    workspace.keychain.current = BrokenKeychain(KeychainReason.MISSING)
    workspace.save(orders, None, Task())
    workspace.remove(orders, Task())
    assert workspace.profiles() == []


def test_removing_forgets_the_password_and_undoing_brings_both_back(
    workspace: Workspace, secrets_in_memory: SessionKeychain, orders: ConnectionProfile
) -> None:
    workspace.save(orders, Secret("one"), Task())
    undo = workspace.remove(orders, Task())
    assert workspace.profiles() == []
    assert secrets_in_memory.get(f"connection/{orders.id}") is None
    undo(Task())
    assert workspace.profiles() == [orders]
    assert secrets_in_memory.get(f"connection/{orders.id}") == Secret("one")


def test_a_removal_that_was_forgotten_holds_no_password(
    workspace: Workspace, secrets_in_memory: SessionKeychain, orders: ConnectionProfile
) -> None:
    workspace.save(orders, Secret("one"), Task())
    undo = workspace.remove(orders, Task())
    undo.forget()
    undo()
    assert workspace.profiles() == [orders]
    assert secrets_in_memory.get(f"connection/{orders.id}") is None


def test_a_connection_that_cannot_be_removed_keeps_its_password(
    workspace: Workspace, secrets_in_memory: SessionKeychain, orders: ConnectionProfile, make_workspace: MakeWorkspace
) -> None:
    workspace.save(orders, Secret("one"), Task())
    make_workspace().remove(orders, Task())
    workspace.keychain.set_password(orders.id, Secret("one"))
    with pytest.raises(NotFoundError):
        workspace.remove(orders, Task())
    assert secrets_in_memory.get(f"connection/{orders.id}") == Secret("one")


def test_a_copy_has_a_name_an_id_and_a_password_of_its_own(
    workspace: Workspace, secrets_in_memory: SessionKeychain, orders: ConnectionProfile
) -> None:
    workspace.save(orders, Secret("one"), Task())
    first, second = workspace.duplicate(orders), workspace.duplicate(orders)
    assert [profile.name for profile in workspace.profiles()] == ["orders", "orders copy", "orders copy 2"]
    assert len({orders.id, first.id, second.id}) == 3
    assert secrets_in_memory.get(f"connection/{second.id}") == Secret("one")
    workspace.remove(first, Task())
    assert secrets_in_memory.get(f"connection/{orders.id}") == Secret("one")


def test_two_windows_see_what_the_other_one_saved_after_reloading(
    make_workspace: MakeWorkspace, shop: ConnectionProfile, orders: ConnectionProfile
) -> None:
    one, other = make_workspace(), make_workspace()
    one.save(shop, None, Task())
    other.save(orders.with_(password_mode=PasswordMode.NONE), None, Task())
    assert one.reload(Task())
    assert {profile.name for profile in one.profiles()} == {"shop", "orders"}
    assert not one.reload(Task())


def test_names_find_connections_whatever_their_case(workspace: Workspace, shop: ConnectionProfile) -> None:
    workspace.save(shop, None, Task())
    for name in ("shop", "SHOP", "local/shop", shop.id):
        assert workspace.find(name) == shop


def test_exact_case_wins(workspace: Workspace, shop: ConnectionProfile) -> None:
    capital = shop.with_(name="Shop", id="other")
    for profile in (shop, capital):
        workspace.save(profile, None, Task())
    assert workspace.find("Shop") == capital
    with pytest.raises(SettingsError, match=r"local/shop, local/Shop|local/Shop, local/shop"):
        workspace.find("SHOP")


def test_an_unknown_name_suggests_the_nearest(workspace: Workspace, shop: ConnectionProfile) -> None:
    workspace.save(shop, None, Task())
    with pytest.raises(NotFoundError) as caught:
        workspace.find("shp")
    assert caught.value.hint == "Did you mean “shop”?"


def test_two_local_connections_of_one_name_are_told_apart_by_id(workspace: Workspace, shop: ConnectionProfile) -> None:
    twin = shop.with_(id="twin")
    for profile in (shop, twin):
        workspace.save(profile, None, Task())
    with pytest.raises(SettingsError) as caught:
        workspace.find("shop")
    assert shop.id in caught.value.hint
    assert "twin" in caught.value.hint
    assert workspace.find("twin") == twin


def test_a_name_in_the_vault_and_here_needs_its_vault(
    workspace: Workspace, demo_vault: DemoVault, shop: ConnectionProfile
) -> None:
    folder = demo_vault.add_shared_folder("Databases")
    folder.add_record(database_record("shop", "sqlite", custom={"Path": shop.path}))
    workspace.save(shop, None, Task())
    attach(workspace, demo_vault)
    with pytest.raises(SettingsError) as caught:
        workspace.find("shop")
    assert "local/shop" in caught.value.hint
    assert "Work/shop" in caught.value.hint
    assert workspace.find("Work/shop").source is Source.VAULT
    assert workspace.find("local/shop").source is Source.LOCAL


def test_profiles_are_by_name_and_by_source(
    workspace: Workspace, demo_vault: DemoVault, shop: ConnectionProfile
) -> None:
    demo_vault.add_shared_folder("Databases").add_record(database_record("Alpha", "sqlite", custom={"Path": shop.path}))
    workspace.save(shop, None, Task())
    attach(workspace, demo_vault)
    assert [profile.name for profile in workspace.profiles()] == ["Alpha", "shop"]
    assert [profile.name for profile in workspace.profiles(Source.VAULT)] == ["Alpha"]
    assert [profile.name for profile in workspace.profiles(Source.LOCAL)] == ["shop"]


@pytest.fixture
def vault_on_postgresql(demo_vault: DemoVault, postgresql_server):
    """A vault with one record for a running server; yields the record."""
    login = postgresql_server.credential
    record = database_record(
        "pg",
        "postgresql",
        host=postgresql_server.profile().host,
        port=postgresql_server.port,
        login=login.user,
        password=login.password.reveal(),
        custom={"Database": "postgres"},
    )
    return demo_vault.add_shared_folder("Databases").add_record(record)


def test_a_vault_connection_opens_with_the_credential_of_this_moment(
    workspace: Workspace, demo_vault: DemoVault, vault_on_postgresql, postgresql_server
) -> None:
    attach(workspace, demo_vault)
    vault_on_postgresql.update(lambda document: _set_password(document, "rotated-away"))
    with pytest.raises(ConnectError) as caught:
        workspace.open(workspace.find("pg"), Task())
    assert caught.value.reason is ConnectReason.LOGIN
    password = postgresql_server.credential.password.reveal()
    vault_on_postgresql.update(lambda document: _set_password(document, password))
    session = workspace.open(workspace.find("pg"), Task())
    assert session.is_open
    session.close()


def test_a_refused_login_reads_the_record_again_once_and_says_so(
    workspace: Workspace, demo_vault: DemoVault, vault_on_postgresql, postgresql_server
) -> None:
    """The password is rotated at the server after it was read, and in the vault right after."""
    attach(workspace, demo_vault)
    good = postgresql_server.credential.password.reveal()
    vault_on_postgresql.update(lambda document: _set_password(document, "yesterday"))
    said: list[str] = []

    def rotate(text: str) -> None:
        said.append(text)
        vault_on_postgresql.update(lambda document: _set_password(document, good))

    session = workspace.open(workspace.find("pg"), Task(), on_retry=rotate)
    session.close()
    assert len(said) == 1
    assert "pg" in said[0]
    assert "Work" in said[0]


def test_a_login_that_is_refused_twice_is_not_tried_a_third_time(
    workspace: Workspace, demo_vault: DemoVault, vault_on_postgresql
) -> None:
    attach(workspace, demo_vault)
    vault_on_postgresql.update(lambda document: _set_password(document, "wrong"))
    said: list[str] = []
    with pytest.raises(ConnectError) as caught:
        workspace.open(workspace.find("pg"), Task(), on_retry=said.append)
    assert caught.value.reason is ConnectReason.LOGIN
    assert len(said) == 1


def test_the_password_of_a_vault_connection_is_kept_nowhere(
    workspace: Workspace, demo_vault: DemoVault, vault_on_postgresql, secrets_in_memory: SessionKeychain
) -> None:
    vault_id = attach(workspace, demo_vault)
    session = workspace.open(workspace.find("pg"), Task())
    session.close()
    assert list(secrets_in_memory._secrets) == [f"vault/{vault_id}"]


def test_a_record_without_a_password_has_it_asked_for(
    workspace: Workspace, demo_vault: DemoVault, vault_on_postgresql, postgresql_server
) -> None:
    vault_on_postgresql.update(lambda document: _set_password(document, ""))
    attach(workspace, demo_vault)
    with pytest.raises(ConnectError) as caught:
        workspace.open(workspace.find("pg"), Task())
    assert caught.value.reason is ConnectReason.PASSWORD_NEEDED
    session = workspace.open(workspace.find("pg"), Task(), password=postgresql_server.credential.password)
    session.close()


def test_a_vault_connection_is_not_saved_or_removed_here(
    workspace: Workspace, demo_vault: DemoVault, vault_on_postgresql
) -> None:
    attach(workspace, demo_vault)
    profile = workspace.find("pg")
    with pytest.raises(UnsupportedError, match="Work/pg"):
        workspace.save(profile, Secret("x"), Task())
    with pytest.raises(UnsupportedError):
        workspace.remove(profile, Task())


def test_a_local_copy_of_a_vault_connection_asks_for_its_password(
    workspace: Workspace, demo_vault: DemoVault, vault_on_postgresql
) -> None:
    attach(workspace, demo_vault)
    copy = workspace.duplicate(workspace.find("pg"))
    assert copy.source is Source.LOCAL
    assert copy.vault is None
    assert copy.password_mode is PasswordMode.ASK
    assert workspace.find("pg copy") == copy


def test_attaching_refreshing_renaming_and_detaching_change_the_list(
    workspace: Workspace, demo_vault: DemoVault, vault_on_postgresql, secrets_in_memory: SessionKeychain
) -> None:
    vault_id = attach(workspace, demo_vault)
    demo_vault.add_shared_folder("More").add_record(database_record("two", "mysql", host="db2"))
    [state] = workspace.refresh(None, Task())
    assert (state.name, state.connection_count, state.error) == ("Work", 2, "")
    workspace.rename_vault(vault_id, "Office")
    assert workspace.find_vault("Office").id == vault_id
    assert workspace.find("Office/two").host == "db2"
    workspace.detach(vault_id, Task())
    assert workspace.profiles() == []
    assert secrets_in_memory._secrets == {}


def test_a_vault_that_cannot_be_read_keeps_its_list_and_says_why(
    workspace: Workspace, demo_vault: DemoVault, vault_on_postgresql
) -> None:
    vault_id = attach(workspace, demo_vault)
    demo_vault.stop()
    [state] = workspace.refresh(vault_id, Task())
    assert state.is_stale
    assert state.error
    assert [profile.name for profile in workspace.profiles()] == ["pg"]
    with pytest.raises(VaultError) as caught:
        workspace.open(workspace.find("pg"), Task())
    assert caught.value.reason is VaultReason.UNREACHABLE


def test_an_unknown_vault_suggests_the_nearest(workspace: Workspace, demo_vault: DemoVault) -> None:
    demo_vault.add_shared_folder("Databases").add_record(database_record("db", "mysql", host="db"))
    attach(workspace, demo_vault)
    with pytest.raises(NotFoundError, match="Did you mean “Work”"):
        workspace.find_vault("Wrk")


def test_changes_are_announced(workspace: Workspace, demo_vault: DemoVault, shop: ConnectionProfile) -> None:
    demo_vault.add_shared_folder("Databases").add_record(database_record("db", "mysql", host="db"))
    heard: list[Change] = []
    workspace.subscribe(heard.append)

    def after(action: Callable[[], object]) -> set[Change]:
        heard.clear()
        action()
        return set(heard)

    assert after(lambda: workspace.save(shop, None, Task())) == {Change.CONNECTIONS}
    assert after(lambda: workspace.open(shop, Task()).close()) == {Change.STATE}
    assert after(lambda: workspace.settings.set("appearance.theme", "dark")) == {Change.SETTINGS}
    assert after(lambda: attach(workspace, demo_vault)) == {Change.VAULTS, Change.CONNECTIONS}
    assert after(lambda: workspace.refresh(None, Task())) == {Change.VAULTS, Change.CONNECTIONS}
    assert after(lambda: workspace.remove(shop, Task())) == {Change.CONNECTIONS}
    assert after(lambda: workspace.reload(Task())) == set()


def test_choosing_the_encrypted_file_moves_passwords_and_vault_access_there(
    workspace: Workspace,
    demo_vault: DemoVault,
    vault_on_postgresql,
    orders: ConnectionProfile,
    secrets_in_memory: SessionKeychain,
) -> None:
    workspace.save(orders, Secret("one"), Task())
    attach(workspace, demo_vault)
    workspace.choose_keychain("file", Task(), master_password=Secret("master"))
    assert secrets_in_memory._secrets == {}
    assert workspace.settings.text("connections.keychain") == "file"

    again = Workspace(workspace.paths)
    again.load(Task())
    assert again.keychain.is_locked
    again.keychain.unlock(Secret("master"))
    assert again.keychain.password(orders.id) == Secret("one")
    assert again.refresh(None, Task())[0].error == ""


def test_a_wrong_master_password_moves_nothing(
    workspace: Workspace, orders: ConnectionProfile, secrets_in_memory: SessionKeychain
) -> None:
    other = Workspace(workspace.paths)
    other.load(Task())
    other.choose_keychain("file", Task(), master_password=Secret("master"))
    other.settings.reset("connections.keychain")
    workspace.save(orders, Secret("one"), Task())
    with pytest.raises(KeychainError) as caught:
        workspace.choose_keychain("file", Task(), master_password=Secret("wrong"))
    assert caught.value.reason is KeychainReason.WRONG_PASSWORD
    assert workspace.keychain.password(orders.id) == Secret("one")


def test_a_move_that_is_not_finished_leaves_nothing_behind(
    workspace: Workspace, orders: ConnectionProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.save(orders, Secret("one"), Task())
    config = workspace.paths.config
    settings = config / "settings.json"
    settings.mkdir()  # a folder in the way of the file
    with pytest.raises(StoreError):
        workspace.choose_keychain("file", Task(), master_password=Secret("master"))
    settings.rmdir()
    assert workspace.keychain.password(orders.id) == Secret("one")
    again = Workspace(workspace.paths)
    again.load(Task())
    again.keychain.choose("file")
    again.keychain.unlock(Secret("master"))
    assert again.keychain.password(orders.id) is None


def test_asking_from_now_on_leaves_what_is_kept(
    workspace: Workspace, orders: ConnectionProfile, secrets_in_memory: SessionKeychain
) -> None:
    workspace.save(orders, Secret("one"), Task())
    workspace.choose_keychain("ask", Task())
    assert secrets_in_memory.get(f"connection/{orders.id}") == Secret("one")
    assert workspace.keychain.password(orders.id) is None


def test_a_damaged_file_is_a_warning_and_is_not_overwritten(
    workspace: Workspace, make_workspace: MakeWorkspace, shop: ConnectionProfile
) -> None:
    workspace.save(shop, None, Task())
    (workspace.paths.data / "connections.json").write_text("{ this is not JSON")
    again = make_workspace()
    assert again.profiles() == []
    assert len(again.warnings) == 1
    again.save(shop, None, Task())
    kept = [path.read_text() for path in workspace.paths.data.glob("*damaged*")]
    assert kept == ["{ this is not JSON"]


def test_sessions_open_side_by_side(workspace: Workspace, shop: ConnectionProfile) -> None:
    workspace.save(shop, None, Task())
    errors: list[BaseException] = []

    def use() -> None:
        try:
            session = workspace.open(shop, Task())
            session.execute("SELECT 1", Task())
            session.close()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def _set_password(document: dict[str, object], password: str) -> None:
    for field in document["fields"]:
        if field["type"] == "password":
            field["value"] = [password] if password else []
