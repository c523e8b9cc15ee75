"""Settings → Storage, with the real demo vault behind the real window."""

import pytest
from PySide6.QtCore import Qt

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.gui.attach_dialog import AttachDialog
from keeperdb.gui.notices import Notice
from keeperdb.gui.password_prompt import MasterPasswordPrompt
from keeperdb.gui.storage_indicator import StorageIndicator
from keeperdb.gui.storage_off_dialog import StorageOffDialog
from keeperdb.gui.storage_plan_view import PlanDialog
from keeperdb.gui.storage_restore_dialog import RestoreDialog
from keeperdb.gui.vaults_page import DetachDialog
from keeperdb.keychain import FileKeychain, Secret
from keeperdb.paths import Paths
from keeperdb.task import Task
from keeperdb.vault.storage_model import RecordKind
from keeperdb.workspace import Workspace

_LEFT = Qt.MouseButton.LeftButton
_LONG = "A name that somebody gave without thinking of the width of windows, " * 3
SECONDS = 20_000  # milliseconds of patience


def profile(name, **details):
    return ConnectionProfile(name, "postgresql", host="db.example.com", user="app", **details)


@pytest.fixture
def open_app(qtbot, gui_application):
    """An application on a machine's workspace that does nothing by itself."""

    def open_(workspace):
        workspace.settings.set_many({"vaults.refresh_at_start": False, "storage.sync_at_start": False})
        app = gui_application(workspace)
        app.start()
        qtbot.waitUntil(lambda: app.runner.is_idle, timeout=SECONDS)
        return app

    return open_


@pytest.fixture
def open_page(qtbot, open_app):
    """The window of the settings at the page Storage."""

    def open_(workspace):
        app = open_app(workspace)
        app.show_settings("storage")
        settle(qtbot, app)
        return app, app._settings.storage

    return open_


def settle(qtbot, app):
    qtbot.waitUntil(lambda: app.runner.is_idle and not app.storage_sync.is_running, timeout=SECONDS)


def click(qtbot, button):
    assert button.isVisible()
    assert button.isEnabled()
    qtbot.mouseClick(button, _LEFT)


def the(qtbot, parent, kind):
    """The one visible window of that kind that belongs to `parent`, once it is there."""

    def found():
        return [each for each in parent.window().findChildren(kind) if each.isVisible()]

    qtbot.waitUntil(lambda: len(found()) == 1, timeout=SECONDS)
    return found()[0]


def notices(widget):
    return [each.text for each in widget.window().findChildren(Notice) if each.isVisible()]


def test_without_a_vault_the_page_says_so_and_leads_to_one(qtbot, gui_workspace, open_page):
    app, page = open_page(gui_workspace())
    assert page.empty.isVisible()
    assert not page.chooser.isVisible()
    assert not page.status.isVisible()
    click(qtbot, page.empty.attach)
    assert app._settings.findChild(AttachDialog).isVisible()


def test_only_folders_that_can_be_edited_are_offered_and_the_others_say_why(qtbot, demo_vault, make_machine, open_page):
    demo_vault.add_shared_folder("Archive")
    demo_vault.add_record({"title": "x", "type": "login", "fields": [], "custom": []}, demo_vault.folder("Archive"))
    demo_vault.share(demo_vault.folder("Archive"), editable=False)
    demo_vault.add_shared_folder("Projects")
    _, page = open_page(make_machine(enabled=False).workspace)
    chooser = page.chooser
    assert [chooser.vault.itemText(row) for row in range(chooser.vault.count())] == ["Work"]
    assert [chooser.folder.itemText(row) for row in range(chooser.folder.count())] == ["Projects", "Team"]
    from PySide6.QtWidgets import QLabel

    words = [label.text() for label in chooser.refused.findChildren(QLabel)]
    assert "Work · Archive" in words
    assert any("Can Edit" in each for each in words)


def test_switching_on_writes_the_connections_and_shows_how_it_stands(qtbot, make_machine, open_page, stored):
    machine = make_machine(enabled=False)
    machine.save(profile("Orders"), "s3cret")
    machine.save(profile("Billing"))
    app, page = open_page(machine.workspace)
    click(qtbot, page.chooser.go)
    qtbot.waitUntil(lambda: page.status.summary.text() == "Up to date", timeout=SECONDS)
    settle(qtbot, app)
    assert len(stored()) == 2
    assert page.status.isVisible()
    assert not page.chooser.isVisible()
    assert page.status.summary.text() == "Up to date"
    values = {name: label.text() for name, label in page.status.values.items()}
    assert values == {
        "Vault": "Work",
        "Folder": "Team / KeeperDB Storage",
        "Record type": "Database",
        "In the vault": "2 connections",
        "Last sync": "just now",
    }
    assert {record.document["type"] for record in stored()} == {"databaseCredentials"}


def test_the_record_type_can_be_pam_database(qtbot, make_machine, open_page, stored):
    machine = make_machine(enabled=False)
    machine.save(profile("Orders"), "s3cret")
    app, page = open_page(machine.workspace)
    page.chooser.kind.setCurrentIndex(page.chooser.kind.findData(RecordKind.PAM_DATABASE))
    assert "PAM User" in page.chooser.kind_field.control.accessibleDescription()
    click(qtbot, page.chooser.go)
    qtbot.waitUntil(lambda: page.status.summary.text() == "Up to date", timeout=SECONDS)
    settle(qtbot, app)
    assert "pamDatabase" in {record.document["type"] for record in stored()}
    assert page.status.values["Record type"].text() == "PAM Database"


def _with_many(make_machine, count=25):
    machine = make_machine()
    for number in range(count):
        machine.save(profile(f"Connection {number}"))
    return machine


def test_progress_is_shown_on_the_page_and_below_the_list_while_the_window_stays_usable(
    qtbot, demo_vault, make_machine, open_page
):
    app, page = open_page(_with_many(make_machine).workspace)
    demo_vault.latency = 0.05
    seen = []
    app.storage_sync.progressed.connect(lambda _: seen.append(page.progress.message.text()))
    click(qtbot, page.status.sync)
    indicator = app.picker.findChild(StorageIndicator)
    qtbot.waitUntil(lambda: "of 26" in indicator.button.text(), timeout=SECONDS)
    assert indicator.button.text().startswith("Configuring… ")
    assert page.progress.isVisible()
    assert page.progress.message.text().startswith("Configuring… ")
    app._settings.search.setFocus()
    qtbot.keyClicks(app._settings.search, "tab width")
    assert app._settings.list.currentItem().text() == "Editor"
    assert app.storage_sync.is_running
    settle(qtbot, app)
    assert seen[-1] == "Configuring… 26 of 26"
    assert not page.progress.isVisible()
    assert not indicator.is_busy
    assert indicator.button.text() == "Storage"


def test_cancelling_in_the_middle_keeps_what_is_written_and_the_next_sync_goes_on(
    qtbot, demo_vault, make_machine, open_page, stored
):
    app, page = open_page(_with_many(make_machine).workspace)
    demo_vault.latency = 0.05
    click(qtbot, page.status.sync)
    qtbot.waitUntil(lambda: page.progress.message.text().startswith("Configuring… 4 of"), timeout=SECONDS)
    click(qtbot, page.progress.stop_button)
    settle(qtbot, app)
    assert 0 < len(stored()) < 25
    assert "to sync" in page.status.summary.text()
    qtbot.waitUntil(lambda: all(entry.seconds for entry in demo_vault.journal), timeout=SECONDS)  # the last one too
    demo_vault.latency = 0.0
    click(qtbot, page.status.sync)
    settle(qtbot, app)
    assert sorted(record.title for record in stored()) == sorted(f"Connection {number}" for number in range(25))
    assert page.status.summary.text() == "Up to date"


def test_the_sync_is_cancelled_from_below_the_list_too(qtbot, demo_vault, make_machine, open_app, stored):
    app = open_app(_with_many(make_machine).workspace)
    demo_vault.latency = 0.05
    app.storage_sync.sync(app.picker)
    indicator = app.picker.findChild(StorageIndicator)
    qtbot.waitUntil(lambda: "Configuring" in indicator.button.text(), timeout=SECONDS)
    click(qtbot, indicator.cancel)
    settle(qtbot, app)
    assert len(stored()) < 25
    click(qtbot, indicator.button)
    assert app._settings.list.currentItem().text() == "Storage"


def test_a_preview_lists_what_a_sync_would_do_and_changes_nothing(qtbot, make_machine, open_page, stored):
    machine = make_machine()
    machine.save(profile("Orders"))
    machine.sync()
    machine.edit("Orders", port=6543)
    machine.save(profile("Fresh"))
    app, page = open_page(machine.workspace)
    click(qtbot, page.status.preview)
    dialog = the(qtbot, page, PlanDialog)
    lines = [[item.text(column) for column in range(3)] for item in dialog.view.tree.items()]
    assert ["Write", "In the vault", "“Fresh” is written to the vault."] in lines
    assert any("port" in text and "Orders" in text for _, _, text in lines)
    assert len(stored()) == 1
    qtbot.keyClicks(dialog.view.search, "fresh")
    assert len(dialog.view.tree.shown()) == 1
    click(qtbot, dialog.go)
    settle(qtbot, app)
    assert len(stored()) == 2


def test_many_deletions_wait_for_an_answer_that_can_be_put_off(qtbot, make_machine, open_page, stored):
    machine = _with_many(make_machine, 8)
    machine.sync()
    for number in range(5):
        machine.remove(f"Connection {number}")
    app, page = open_page(machine.workspace)
    click(qtbot, page.status.sync)
    settle(qtbot, app)
    assert len(stored()) == 8
    assert page.status.question.isVisible()
    assert page.status.question.message.text() == "The sync would delete 5 connections from the vault."
    click(qtbot, page.status.review)
    dialog = the(qtbot, page, PlanDialog)
    assert (dialog.go.text(), dialog.keep.text()) == ("Delete 5 connections", "Bring back 5 connections")
    dialog.close_button.setFocus()
    qtbot.keyClick(dialog, Qt.Key.Key_Return)  # the safe answer is the default
    settle(qtbot, app)
    assert len(stored()) == 8
    assert page.status.question.isVisible()


@pytest.mark.parametrize(("answer", "left"), [("go", 3), ("keep", 8)])
def test_the_answer_about_deletions_is_carried_out(qtbot, make_machine, open_page, stored, answer, left):
    machine = _with_many(make_machine, 8)
    machine.sync()
    for number in range(5):
        machine.remove(f"Connection {number}")
    machine.sync()
    app, page = open_page(machine.workspace)
    click(qtbot, page.status.review)
    click(qtbot, getattr(the(qtbot, page, PlanDialog), answer))
    settle(qtbot, app)
    assert len(stored()) == left
    assert len(machine.names) == left
    assert not page.status.question.isVisible()
    assert page.status.summary.text() == "Up to date"


def test_a_new_machine_is_offered_what_the_vault_holds_and_takes_a_selection(
    qtbot, demo_vault, make_machine, tmp_path, open_app
):
    first = make_machine()
    for name in ("Orders", "Billing", "Payroll"):
        first.save(profile(name), f"password of {name}")
    first.sync()
    workspace = Workspace(Paths.under(tmp_path / "new"), endpoint=first.endpoint, keychain=first.keychain)
    workspace.load(Task())
    app = open_app(workspace)
    app.attach_vault(app.picker)
    dialog = the(qtbot, app.picker, AttachDialog)
    dialog.token.setText(demo_vault.issue_token())
    dialog.connect_vault()
    expected = "Its KeeperDB Storage holds 3 connections and your preferences."
    qtbot.waitUntil(lambda: any(expected in text for text in notices(app.picker)), timeout=SECONDS)
    notice = the(qtbot, app.picker, Notice)
    from PySide6.QtWidgets import QPushButton

    click(qtbot, notice.findChild(QPushButton))
    restore = the(qtbot, app.picker, RestoreDialog)
    assert restore.go.text() == "Take in 3 connections and preferences"
    qtbot.keyClicks(restore.search, "pay")
    assert len(restore.tree.shown()) == 1
    qtbot.keyClick(restore.search, Qt.Key.Key_Return)
    assert restore.go.text() == "Take in 2 connections and preferences"
    click(qtbot, restore.go)
    qtbot.waitUntil(lambda: len(workspace.connections.all()) == 2, timeout=SECONDS)
    settle(qtbot, app)
    assert sorted(each.name for each in workspace.connections.all()) == ["Billing", "Orders"]
    orders = workspace.find("Orders")
    assert workspace.keychain.password(orders.id).reveal() == "password of Orders"
    assert workspace.storage.state.left_out == 1
    app.show_settings("storage")
    page = app._settings.storage
    assert page.status.left_out.message.text().startswith("1 item in the vault is not")
    click(qtbot, page.status.take_in)
    rest = the(qtbot, page, RestoreDialog)
    assert [item.text(0) for item in rest._items()] == ["Payroll"]
    click(qtbot, rest.go)
    qtbot.waitUntil(lambda: len(workspace.connections.all()) == 3, timeout=SECONDS)
    settle(qtbot, app)
    assert not page.status.left_out.isVisible()


def test_switching_on_where_there_is_a_storage_offers_what_is_in_it(qtbot, make_machine, open_page):
    first = make_machine("one")
    first.save(profile("Orders"))
    first.sync()
    second = make_machine("two", enabled=False)
    second.save(profile("Mine"))
    app, page = open_page(second.workspace)
    assert "already" in page.chooser.folder.accessibleDescription()
    click(qtbot, page.chooser.go)
    restore = the(qtbot, page, RestoreDialog)
    click(qtbot, restore.later)  # then only what is here is synced
    settle(qtbot, app)
    assert second.names == ["Mine"]
    assert page.status.left_out.isVisible()
    first.sync()
    assert first.names == ["Mine", "Orders"]


@pytest.mark.parametrize(("answer", "left"), [("keep", 2), ("remove", 0), ("cancel", 2)])
def test_switching_off_asks_what_becomes_of_the_copy(qtbot, demo_vault, make_machine, open_page, answer, left):
    machine = _with_many(make_machine, 2)
    machine.sync()
    app, page = open_page(machine.workspace)
    click(qtbot, page.status.off)
    dialog = the(qtbot, page, StorageOffDialog)
    assert dialog.remove.text() == "Switch off, delete 2 records"
    click(qtbot, getattr(dialog, answer))
    settle(qtbot, app)
    titles = [record.title for record in demo_vault.records() if record.title.startswith("Connection")]
    assert len(titles) == left
    assert page.status.isVisible() is (answer == "cancel")
    assert page.chooser.isVisible() is (answer != "cancel")
    assert len(machine.names) == 2


def test_what_stops_a_sync_is_said_with_what_to_do_and_goes_when_it_works_again(
    qtbot, demo_vault, make_machine, open_page
):
    machine = _with_many(make_machine, 2)
    app, page = open_page(machine.workspace)
    demo_vault.share(demo_vault.folder("Team"), editable=False)
    click(qtbot, page.status.sync)
    settle(qtbot, app)
    assert page.status.error.isVisible()
    assert "Can Edit" in page.status.error.hint.text()
    assert page.status.summary.text().startswith("Not synced")
    assert not page.error.isVisible()  # once is enough
    indicator = app.picker.findChild(StorageIndicator)
    assert indicator.button.text() == "Storage: not synced"
    demo_vault.share(demo_vault.folder("Team"), editable=True)
    click(qtbot, page.status.sync)
    settle(qtbot, app)
    assert not page.status.error.isVisible()
    assert page.status.summary.text() == "Up to date"


def test_a_vault_that_is_away_while_looking_for_folders_says_so_and_can_be_looked_at_again(
    qtbot, demo_vault, make_machine, open_page
):
    machine = make_machine(enabled=False)
    demo_vault.stop()
    app, page = open_page(machine.workspace)
    assert not page.chooser.go.isVisible()
    assert page.chooser.refused.isVisible()
    demo_vault.start()
    click(qtbot, page.look_again)
    settle(qtbot, app)
    assert page.chooser.go.isVisible()


def test_a_locked_keychain_is_unlocked_at_the_page(qtbot, demo_vault, team, tmp_path, make_machine, open_page):
    endpoint = make_machine("other").endpoint
    path = tmp_path / "secrets.json"
    keychain = FileKeychain(path)
    keychain.create(Secret("master"))
    workspace = Workspace(Paths.under(tmp_path / "locked"), endpoint=endpoint, keychain=keychain)
    workspace.load(Task())
    vault = workspace.attach("Work", demo_vault.issue_token(), Task())
    workspace.storage.enable(vault.id, team.uid, RecordKind.DATABASE, Task())
    workspace = Workspace(Paths.under(tmp_path / "locked"), endpoint=endpoint, keychain=FileKeychain(path))
    workspace.load(Task())
    app, page = open_page(workspace)
    click(qtbot, page.status.sync)
    prompt = the(qtbot, page, MasterPasswordPrompt)
    prompt.password.setText("master")
    click(qtbot, prompt.ok)
    qtbot.waitUntil(lambda: page.status.summary.text() == "Up to date", timeout=SECONDS)
    settle(qtbot, app)


def test_in_gateway_mode_there_is_no_page_no_indicator_and_no_sync(qtbot, demo_vault, make_machine, gui_application):
    machine = _with_many(make_machine, 2)
    machine.sync()
    workspace = Workspace(
        Paths.under(machine.home), mode="gateway", endpoint=machine.endpoint, keychain=machine.keychain
    )
    workspace.load(Task())
    workspace.settings.set("vaults.refresh_at_start", False)
    app = gui_application(workspace)
    before = len(demo_vault.journal)
    app.start()
    app.show_settings("storage")
    window = app._settings
    assert "Storage" not in [window.list.item(row).text() for row in range(window.list.count())]
    assert window.list.currentItem().text() == "Appearance"
    assert not hasattr(window, "storage")
    app.workspace.save(profile("New"), None, Task())
    qtbot.waitUntil(lambda: app.runner.is_idle, timeout=SECONDS)
    indicator = app.picker.findChild(StorageIndicator)
    assert not indicator.isVisible()
    assert not app.storage_sync.delay.isActive()
    assert len(demo_vault.journal) == before


def test_detaching_the_vault_of_the_storage_says_what_becomes_of_it(qtbot, make_machine, open_app):
    app = open_app(make_machine().workspace)
    app.show_settings("vaults")
    click(qtbot, app._settings.vaults.detach)
    dialog = the(qtbot, app._settings, DetachDialog)
    from PySide6.QtWidgets import QLabel

    assert any("storage" in label.text() for label in dialog.findChildren(QLabel))


def test_long_names_do_not_widen_the_page(qtbot, demo_vault, make_machine, open_page):
    machine = make_machine(enabled=False)
    machine.workspace.rename_vault(machine.vault_id, _LONG[:90].strip())
    demo_vault.add_shared_folder(_LONG)
    _, page = open_page(machine.workspace)
    page.window().resize(page.window().minimumSize())
    assert page.minimumSizeHint().width() <= page.window().minimumWidth()
