"""Settings → Service, with the real demo vault behind it and real requests to the service."""

import json
import os
import socket
import urllib.error
import urllib.request

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton

from keeperdb.gui.actions import reason_of
from keeperdb.gui.attach_dialog import AttachDialog
from keeperdb.gui.notices import Notice
from keeperdb.gui.service_control import ServiceState
from keeperdb.gui.service_keys import KeyDialog, NewKeyDialog
from keeperdb.service.config import ServiceConfig
from keeperdb.service.keys import new_key
from keeperdb.service.local import LocalService
from keeperdb.service.process import ServicePlace
from keeperdb.task import Task

_LEFT = Qt.MouseButton.LeftButton
SECONDS = 20_000  # milliseconds of patience


@pytest.fixture
def open_page(qtbot, gui_application):
    def open_(workspace):
        workspace.settings.set_many({"vaults.refresh_at_start": False, "storage.sync_at_start": False})
        app = gui_application(workspace)
        app.start()
        qtbot.waitUntil(lambda: app.runner.is_idle, timeout=SECONDS)
        app.show_settings("service")
        page = app._settings.service
        settle(qtbot, app)
        return app, page

    return open_


def settle(qtbot, app):
    qtbot.waitUntil(lambda: app.runner.is_idle, timeout=SECONDS)


def click(qtbot, button):
    assert button.isEnabled()
    qtbot.mouseClick(button, _LEFT)


def the(qtbot, kind):
    def found():
        return [each for each in QApplication.topLevelWidgets() if isinstance(each, kind) and each.isVisible()]

    qtbot.waitUntil(lambda: len(found()) == 1, timeout=SECONDS)
    return found()[0]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def call(url, key, command):
    body = json.dumps({"command": command}).encode()
    headers = {"Content-Type": "application/json", "api-key": key}
    request = urllib.request.Request(f"{url}/api/v1/executecommand", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def in_background(qtbot, app, operation):
    """What `operation` returns, while the window goes on."""
    found = []
    app.runner.start(lambda _: operation(), owner=app, done=found.append)
    qtbot.waitUntil(lambda: bool(found), timeout=SECONDS)
    return found[0]


def create_key(qtbot, page, *commands):
    """Through the dialogs; the key."""
    click(qtbot, page.keys.create_button)
    dialog = the(qtbot, KeyDialog)
    for name in commands:
        dialog.boxes[name].click()
    click(qtbot, dialog.save)
    shown = the(qtbot, NewKeyDialog)
    click(qtbot, shown.copy)
    key = shown.text.text()
    assert QApplication.clipboard().text() == key
    shown.accept()
    return key


@pytest.fixture
def machine(make_machine):
    return make_machine(enabled=False)


def test_without_a_vault_the_page_says_so_and_leads_to_one(qtbot, gui_workspace, open_page):
    app, page = open_page(gui_workspace())
    assert page.empty.isVisible()
    assert not page.content.isVisible()
    click(qtbot, page.empty.attach)
    assert app._settings.findChild(AttachDialog).isVisible()


def test_a_key_is_made_shown_once_and_answers_until_it_is_revoked(qtbot, machine, open_page):
    app, page = open_page(machine.workspace)
    assert not page.standing.start.isEnabled()
    page.form.port.setValue(free_port())
    key = create_key(qtbot, page, "whoami", "tree")
    settle(qtbot, app)
    assert key not in "".join(page.keys.table.item(0, column).text() for column in range(4))
    assert page.keys.table.item(0, 1).text() == "tree, whoami"
    click(qtbot, page.standing.start)
    qtbot.waitUntil(lambda: app.service.state is ServiceState.RUNNING, timeout=SECONDS)
    url = app.service.url
    assert url in page.curl.text.text()
    assert key not in page.curl.text.text()
    assert in_background(qtbot, app, lambda: call(url, key, "tree"))[0] == 200
    assert in_background(qtbot, app, lambda: call(url, key, "get x"))[0] == 403
    qtbot.waitUntil(lambda: page.log.table.rowCount() == 2, timeout=SECONDS)
    assert {page.log.table.item(row, 4).text() for row in range(2)} == {"200", "403"}
    assert page.log.table.item(0, 2).text() == page.keys.table.item(0, 0).text() == f"…{key[-4:]}"
    click(qtbot, page.keys.revoke_button)
    box = page.window().findChild(QMessageBox)
    click(qtbot, next(each for each in box.findChildren(QPushButton) if each.text() == "Revoke key"))
    qtbot.waitUntil(lambda: page.keys.table.rowCount() == 0, timeout=SECONDS)
    qtbot.waitUntil(lambda: in_background(qtbot, app, lambda: call(url, key, "tree"))[0] == 401, timeout=SECONDS)
    click(qtbot, page.standing.stop)
    qtbot.waitUntil(lambda: app.service.state is ServiceState.STOPPED, timeout=SECONDS)


def test_a_value_that_cannot_be_used_is_said_beside_its_field_and_nothing_is_saved(qtbot, machine, open_page):
    app, page = open_page(machine.workspace)
    create_key(qtbot, page, "ls")
    settle(qtbot, app)
    page.form.rate.setText("10/second")
    page.form.allowed.setText("10.0.0.1/33")
    page.form.encryption.setText("short")
    assert page.save.isEnabled()
    click(qtbot, page.save)
    assert "rate limit" in page.form.fields["rate"].error
    assert "10.0.0.1/33" in page.form.fields["allowed"].error
    assert "32 characters" in page.form.fields["encryption"].error
    for edit, text in ((page.form.rate, "10/hour"), (page.form.allowed, "10.0.0.0/8"), (page.form.encryption, "")):
        edit.setText(text)
    click(qtbot, page.save)
    settle(qtbot, app)
    assert not page.save.isEnabled()
    vault = machine.workspace.vaults.all()[0]
    stored = in_background(qtbot, app, lambda: LocalService(machine.workspace).load(vault.id, Task()))
    assert (stored.config.rate_limit, stored.config.allowed) == ("10/hour", ("10.0.0.0/8",))
    assert len(stored.config.keys) == 1


def test_another_port_counts_after_one_click(qtbot, machine, open_page, starts_alone):
    machine.workspace.settings.set("service.start_with_window", False)
    app, page = open_page(machine.workspace)
    qtbot.waitUntil(lambda: page.standing.start.isEnabled(), timeout=SECONDS)
    click(qtbot, page.standing.start)
    qtbot.waitUntil(lambda: app.service.state is ServiceState.RUNNING, timeout=SECONDS)
    assert page.standing.restart.isHidden()
    page.form.hosts.setText("db.example.com:80")
    click(qtbot, page.save)
    assert "db.example.com:80" in page.form.fields["hosts"].error
    page.form.hosts.setText("db.example.com, Other_Name")
    click(qtbot, page.save)
    qtbot.waitUntil(lambda: page._look.stored.config.hosts == ("db.example.com", "other_name"), timeout=SECONDS)
    assert page.standing.restart.isHidden()
    moved = free_port()
    page.form.port.setValue(moved)
    page.save.setFocus()
    click(qtbot, page.save)
    qtbot.waitUntil(page.standing.restart.isVisible, timeout=SECONDS)
    assert page.window().focusWidget() is page.form.domain
    assert app.service.url == f"http://localhost:{starts_alone}"
    click(qtbot, page.standing.restart)
    qtbot.waitUntil(lambda: app.service.url == f"http://localhost:{moved}", timeout=SECONDS)
    assert page.standing.restart.isHidden()
    assert in_background(qtbot, app, lambda: call(app.service.url, "no key", "ls"))[0] == 401


def test_actions_start_it_copy_a_line_for_it_and_stop_it(qtbot, machine, open_page, starts_alone):
    machine.workspace.settings.set("service.start_with_window", False)
    app, _ = open_page(machine.workspace)
    start, stop, copy = (app.picker.findChild(QAction, f"service.{name}") for name in ("start", "stop", "copy_curl"))
    assert [each.isEnabled() for each in (start, stop, copy)] == [True, False, False]
    assert reason_of(stop) == "Start the service first."
    start.trigger()
    qtbot.waitUntil(lambda: app.service.state is ServiceState.RUNNING, timeout=SECONDS)
    assert [each.isEnabled() for each in (start, stop, copy)] == [False, True, True]
    copy.trigger()
    assert f"http://localhost:{starts_alone}/api/v1/executecommand" in QApplication.clipboard().text()
    stop.trigger()
    qtbot.waitUntil(lambda: app.service.state is ServiceState.STOPPED, timeout=SECONDS)


def test_a_changed_key_keeps_its_text_and_what_has_no_box(qtbot, machine, open_page):
    app, page = open_page(machine.workspace)
    create_key(qtbot, page, "ls")
    settle(qtbot, app)
    before = page.keys.current
    click(qtbot, page.keys.change_button)
    dialog = the(qtbot, KeyDialog)
    dialog.boxes["ls"].click()
    click(qtbot, dialog.save)
    assert dialog.commands_error.text() == "Tick at least one command."
    dialog.boxes["query"].click()
    dialog.connections.setText("chinook, Work/orders")
    dialog.expiry.setCurrentText("In 7 days")
    click(qtbot, dialog.save)
    qtbot.waitUntil(lambda: page.keys.table.item(0, 1).text() == "query", timeout=SECONDS)
    after = page.keys.current
    assert after.key == before.key
    assert after.connections == ("chinook", "Work/orders")
    assert after.expires is not None


def test_the_service_ends_with_the_window(qtbot, machine, open_page):
    app, page = open_page(machine.workspace)
    page.form.port.setValue(free_port())
    create_key(qtbot, page, "ls")
    settle(qtbot, app)
    click(qtbot, page.standing.start)
    qtbot.waitUntil(lambda: app.service.state is ServiceState.RUNNING, timeout=SECONDS)
    place = ServicePlace(machine.workspace.paths.data)
    look = in_background(qtbot, app, place.look)
    assert (look.is_running, look.process.pid, look.process.where) == (True, os.getpid(), "window")
    app.shut_down()
    assert not app.service._running.service.is_running
    with pytest.raises(FileNotFoundError):
        (machine.workspace.paths.data / "service.json").stat()


@pytest.fixture
def starts_alone(machine):
    """A workspace whose service starts with the window; its port."""
    config = ServiceConfig(port=free_port(), keys=(new_key(["ls"]),))
    LocalService(machine.workspace).save(machine.workspace.vaults.all()[0].id, config, Task())
    machine.workspace.settings.set("service.start_with_window", True)
    return config.port


def test_it_starts_with_the_window_where_the_settings_say_so(qtbot, machine, gui_application, starts_alone):
    app = gui_application(machine.workspace)
    app.start()
    qtbot.waitUntil(lambda: app.service.state is ServiceState.RUNNING, timeout=SECONDS)
    assert app.service.url == f"http://localhost:{starts_alone}"


def test_a_start_with_the_window_that_fails_is_told(qtbot, machine, gui_application, starts_alone):
    app = gui_application(machine.workspace)
    with socket.create_server(("127.0.0.1", starts_alone)):
        app.start()
        qtbot.waitUntil(lambda: bool(app.picker.findChildren(Notice)), timeout=SECONDS)
    assert "cannot listen" in app.picker.findChildren(Notice)[0].text
    assert app.service.state is ServiceState.STOPPED


def test_of_several_vaults_the_one_that_was_used_last_is_shown(qtbot, machine, demo_vault, open_page, starts_alone):
    machine.workspace.settings.set("service.start_with_window", False)
    archive = machine.workspace.attach("Archive", demo_vault.issue_token(), Task())
    LocalService(machine.workspace).load(archive.id, Task())
    _, page = open_page(machine.workspace)
    assert page.vault_field.isVisible()
    qtbot.waitUntil(lambda: page.keys.table.rowCount() == 1, timeout=SECONDS)
    assert [page.vault.itemText(row) for row in range(2)] == ["Work", "Archive"]
    assert page.vault.currentText() == "Archive"


def test_the_status_line_of_the_picker_says_that_it_runs_and_leads_to_the_page(qtbot, machine, open_page):
    from keeperdb.gui.service_indicator import ServiceIndicator

    app, page = open_page(machine.workspace)
    indicator = app.picker.findChild(ServiceIndicator)
    assert indicator.isHidden()
    page.form.port.setValue(free_port())
    create_key(qtbot, page, "ls")
    settle(qtbot, app)
    click(qtbot, page.standing.start)
    qtbot.waitUntil(lambda: not indicator.isHidden() and indicator.button.text() == "Service", timeout=SECONDS)
    app._settings.close()
    indicator.button.click()
    assert page.isVisible()
