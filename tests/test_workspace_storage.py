"""The storage of whole machines against a real server: what is saved on one comes to the next, and nothing is lost."""

from collections.abc import Callable

from keeperdb.connections.profile import ConnectionProfile, Environment, PasswordMode, TlsMode
from keeperdb.demo.handles import Record
from keeperdb.demo.vault_server import DemoVault
from keeperdb.task import Task
from keeperdb.vault.storage_model import FOLDER_NAME
from tests.fixtures.storage_fixtures import SHARED, Machine

Make = Callable[..., Machine]
Stored = Callable[[], list[Record]]


def _profile(name: str, **more: object) -> ConnectionProfile:
    return ConnectionProfile(name=name, engine="postgresql", host="db1", port=5432, user="ann").with_(**more)


def test_a_new_connection_becomes_one_record_with_its_password(one: Machine, stored: Stored) -> None:
    profile = one.save(_profile("Orders", database="shop", notes="ask Ann"), "s3cret")
    report = one.sync()
    (record,) = stored()
    assert report.written == 2  # the connection and the preferences
    assert (record.title, record.type) == ("Orders", "databaseCredentials")
    assert record.value("host") == {"hostName": "db1", "port": "5432"}
    assert [record.value(name) for name in ("type", "login", "password", "Database", "keeperdb_local_id")] == [
        "postgresql",
        "ann",
        "s3cret",
        "shop",
        profile.id,
    ]


def test_a_second_machine_takes_over_everything(one: Machine, make_machine: Make) -> None:
    one.save(
        _profile(
            "Orders",
            tls=TlsMode.VERIFY_CA,
            tls_ca="/ca.pem",
            folder=("A", "B"),
            color="#ff0000",
            environment=Environment.PRODUCTION,
            read_only=True,
            options={"application_name": "x"},
        ),
        "s3cret",
    )
    one.save(_profile("Asked", password_mode=PasswordMode.ASK))
    one.save(ConnectionProfile(name="File", engine="sqlite", path="/tmp/a.db", password_mode=PasswordMode.NONE))
    one.workspace.settings.set("editor.font_size", 20)
    one.sync()
    two = make_machine("two", enabled=False)
    offer = two.workspace.storage.offer(two.vault_id, Task())
    assert offer.text == "3 connections and your preferences"
    two.enable()
    assert two.sync().saved == 0, "nothing is taken over before it is asked for"
    two.restore()
    assert two.everything() == one.everything()
    assert two.workspace.settings.get("editor.font_size") == 20


def test_an_edited_connection_is_written_anew_under_the_same_local_id(one: Machine, stored: Stored) -> None:
    profile = one.save(_profile("Orders"), "s3cret")
    one.sync()
    before = stored()[0].uid
    one.edit("Orders", host="db2")
    one.sync()
    (record,) = stored()
    assert record.uid != before
    assert record.value("keeperdb_local_id") == profile.id
    assert record.value("host") == {"hostName": "db2", "port": "5432"}
    assert record.value("password") == "s3cret"


def test_a_sync_with_nothing_to_do_reads_and_writes_nothing(one: Machine, demo_vault: DemoVault) -> None:
    one.save(_profile("Orders"), "s3cret")
    one.sync()
    demo_vault.journal.clear()
    report = one.sync()
    assert demo_vault.journal.verbs == ["get_secret", "get_folders"]
    assert report.text == "Everything is up to date."


def test_storage_records_are_never_vault_connections(one: Machine, demo_vault: DemoVault) -> None:
    one.save(_profile("Orders"), "s3cret")
    one.sync()
    one.workspace.refresh(None, Task())
    assert one.workspace.vaults.profiles() == []
    assert demo_vault.folder(SHARED, FOLDER_NAME).records
