"""When the storage is synced: after saves, at start, at an interval, on demand, and never twice at once."""

import threading

import pytest

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.gui.storage_indicator import StorageIndicator
from keeperdb.task import Task

SECONDS = 20_000  # milliseconds of patience


def profile(name):
    return ConnectionProfile(name, "postgresql", host="db.example.com", user="app")


@pytest.fixture
def start_app(qtbot, gui_application):
    """A started application; `settings` are those that are not to be off."""

    def start(workspace, *, is_synced=True, **settings):
        quiet = {"vaults.refresh_at_start": False, "storage.sync_at_start": False}
        workspace.settings.set_many(quiet | {f"storage.{name}": value for name, value in settings.items()})
        if is_synced and workspace.storage.state.is_enabled:
            workspace.storage.sync(Task())
        app = gui_application(workspace)
        app.storage_sync.delay.setInterval(10)
        app.reports = []
        app.storage_sync.synced.connect(app.reports.append)
        app.start()
        settle(qtbot, app)
        return app

    return start


def settle(qtbot, app):
    sync = app.storage_sync
    qtbot.waitUntil(lambda: app.runner.is_idle and not sync.is_running and not sync.delay.isActive(), timeout=SECONDS)


def save(app, *names):
    for name in names:
        app.workspace.save(profile(name), None, Task())


def test_what_is_saved_goes_to_the_vault_a_little_later_several_saves_with_one_sync(
    qtbot, make_machine, start_app, stored
):
    machine = make_machine()
    machine.sync()
    app = start_app(machine.workspace)
    app.reports.clear()
    app.storage_sync.delay.setInterval(300)
    save(app, "Orders", "Billing", "Payroll")
    assert app.storage_sync.delay.isActive()
    settle(qtbot, app)
    assert sorted(record.title for record in stored()) == ["Billing", "Orders", "Payroll"]
    assert [report.written for report in app.reports] == [3]


def test_a_changed_preference_is_synced(qtbot, make_machine, start_app):
    machine = make_machine()
    machine.sync()
    app = start_app(machine.workspace)
    app.reports.clear()
    app.workspace.settings.set("results.page_size", 77)
    settle(qtbot, app)
    assert [report.written for report in app.reports] == [1]
    assert app.workspace.storage.state.pending == 0


def test_a_preference_of_this_machine_alone_is_not(qtbot, demo_vault, make_machine, start_app):
    machine = make_machine()
    machine.sync()
    app = start_app(machine.workspace)
    demo_vault.journal.clear()
    app.workspace.settings.set("connections.keychain", "ask")
    settle(qtbot, app)
    assert len(demo_vault.journal) == 0


def test_nothing_is_synced_while_the_storage_is_off(qtbot, demo_vault, make_machine, start_app):
    app = start_app(make_machine(enabled=False).workspace)
    demo_vault.journal.clear()
    save(app, "Orders")
    assert not app.storage_sync.delay.isActive()
    settle(qtbot, app)
    assert len(demo_vault.journal) == 0


def test_reading_the_vaults_is_no_reason_to_sync(qtbot, make_machine, start_app):
    machine = make_machine()
    machine.sync()
    app = start_app(machine.workspace)
    settle(qtbot, app)
    app.reports.clear()
    app.refresh.start(app.picker)
    settle(qtbot, app)
    assert app.reports == []


def test_both_sides_are_in_line_after_the_start_and_the_list_shows_what_came(qtbot, make_machine, start_app):
    first, second = make_machine("one"), make_machine("two")
    first.save(profile("Orders"))
    first.sync()
    app = start_app(second.workspace, is_synced=False, sync_at_start=True)
    qtbot.waitUntil(lambda: len(app.reports) > 0, timeout=SECONDS)
    settle(qtbot, app)
    assert second.names == ["Orders"]
    qtbot.waitUntil(lambda: app.picker.model.shown == 1)


def test_at_start_the_vaults_are_read_first(qtbot, make_machine, gui_application):
    app = gui_application(make_machine().workspace)
    order = []
    app.refresh.idle.connect(lambda: order.append("read"))
    app.storage_sync.started.connect(lambda: order.append("sync"))
    app.start()
    qtbot.waitUntil(lambda: "sync" in order, timeout=SECONDS)
    settle(qtbot, app)
    assert order == ["read", "sync"]


def test_the_interval_follows_the_settings_and_zero_is_never(qtbot, make_machine, start_app):
    app = start_app(make_machine().workspace, sync_minutes=5)
    timer = app.storage_sync._timer
    assert (timer.isActive(), timer.interval()) == (True, 5 * 60_000)
    app.workspace.settings.set("storage.sync_minutes", 0)
    qtbot.waitUntil(lambda: not timer.isActive())
    app.workspace.settings.set("storage.sync_minutes", 7)
    qtbot.waitUntil(lambda: timer.isActive() and timer.interval() == 7 * 60_000)
    settle(qtbot, app)
    app.reports.clear()
    timer.timeout.emit()
    qtbot.waitUntil(lambda: len(app.reports) == 1, timeout=SECONDS)
    app.workspace.storage.disable(Task(), keep_copy=True)
    qtbot.waitUntil(lambda: not timer.isActive())


def test_a_wish_to_sync_during_a_sync_is_remembered_once(qtbot, demo_vault, make_machine, start_app):
    app = start_app(make_machine().workspace)
    settle(qtbot, app)
    app.reports.clear()
    demo_vault.latency = 0.1
    for _ in range(4):
        app.storage_sync.sync(app.picker)
    assert app.storage_sync.is_wanted_again
    settle(qtbot, app)
    assert len(app.reports) == 2


def test_what_is_saved_during_a_sync_is_synced_after_it(qtbot, demo_vault, make_machine, start_app, stored):
    app = start_app(make_machine().workspace)
    save(app, *(f"Connection {number}" for number in range(5)))
    demo_vault.latency = 0.05
    app.storage_sync.sync(app.picker)
    qtbot.waitUntil(lambda: "Configuring" in app.storage_sync.progress.text, timeout=SECONDS)
    save(app, "Late")
    settle(qtbot, app)
    assert "Late" in [record.title for record in stored()]
    assert app.workspace.storage.state.pending == 0


def test_operations_on_the_storage_never_overlap(qtbot, make_machine, start_app):
    app = start_app(make_machine().workspace)
    running, most, lock = [0], [0], threading.Lock()

    def operate(task):
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        task.sleep(0.02)
        with lock:
            running[0] -= 1

    for _ in range(5):
        app.storage_sync.run(app.picker, operate, text="…")
    assert app.storage_sync.is_running
    settle(qtbot, app)
    assert most == [1]


def test_a_sync_that_fails_by_itself_asks_nothing_and_is_not_repeated_in_a_hurry(
    qtbot, demo_vault, make_machine, start_app
):
    machine = make_machine()
    machine.sync()
    app = start_app(machine.workspace)
    demo_vault.share(demo_vault.folder("Team"), editable=False)
    shown = []
    app.error_shown.connect(shown.append)
    save(app, "Orders")
    qtbot.waitUntil(lambda: bool(app.workspace.storage.state.error), timeout=SECONDS)
    settle(qtbot, app)
    assert shown == []
    assert app.workspace.storage.state.pending == 1
    assert not app.storage_sync.delay.isActive()


def test_every_window_shows_how_the_storage_stands(qtbot, make_machine, start_app, store):
    machine = make_machine()
    machine.sync()
    app = start_app(machine.workspace)
    settle(qtbot, app)
    lite = ConnectionProfile("Lite", "sqlite", path=str(store))
    app.open_window(lite)
    qtbot.waitUntil(lambda: len(app.windows) == 1, timeout=SECONDS)
    window = app.windows[0]
    indicator = window.status.findChild(StorageIndicator)
    assert indicator.isVisible()
    assert indicator.button.text() == "Storage"
    window.close()
    qtbot.waitUntil(lambda: app.windows == [], timeout=SECONDS)
    app.changed.emit(None)  # nothing is told to what is gone


def test_closing_the_program_stops_a_sync_in_the_middle(qtbot, demo_vault, make_machine, start_app, stored):
    app = start_app(make_machine().workspace)
    app.storage_sync.delay.setInterval(60_000)
    save(app, *(f"Connection {number}" for number in range(30)))
    demo_vault.latency = 0.05
    app.storage_sync.sync(app.picker)
    qtbot.waitUntil(lambda: "Configuring… 3 " in app.storage_sync.progress.text, timeout=SECONDS)
    assert app.shut_down()
    assert 0 < len(stored()) < 30
