"""Locking: nothing is seen of any window, what was typed is forgotten, and the way back asks for what it should."""

import os
import shutil
import subprocess
import sys

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.errors import KeychainError
from keeperdb.gui.app_lock import MASTER, NONE, PIN
from keeperdb.gui.idle_watch import IdleWatch
from keeperdb.gui.notices import Notice
from keeperdb.gui.privacy_page import PinDialog
from keeperdb.gui.query_session import SessionState
from keeperdb.gui.session_watch import own_session
from keeperdb.keychain import FileKeychain, Secret, SessionKeychain
from keeperdb.workspace.instance import Request
from keeperdb.workspace.pin import check_pin, has_pin, remove_pin, set_pin


@pytest.fixture
def profile(store):
    return ConnectionProfile("Shop", "sqlite", path=str(store), id="shop")


@pytest.fixture
def app(qtbot, gui_workspace, gui_application, profile):
    application = gui_application(gui_workspace(profile))
    application.start()
    qtbot.waitUntil(lambda: application.picker.isVisible() and application.runner.is_idle)
    return application


@pytest.fixture
def window(qtbot, app, profile):
    app.open_window(profile)
    qtbot.waitUntil(lambda: len(app.windows) == 1 and app.runner.is_idle)
    return app.windows[0]


def seen() -> list[QWidget]:
    return [each for each in QApplication.topLevelWidgets() if each.isVisible()]


def run(qtbot, app, window, sql: str):
    tab = window.tabs.current
    tab.editor.setPlainText(sql)
    tab.run_all()
    qtbot.waitUntil(lambda: not tab.is_busy and app.runner.is_idle)
    return tab


def unlock(qtbot, app) -> None:
    qtbot.waitUntil(lambda: app.lock.page.unlock_button.isEnabled())
    app.lock.page.unlock_button.click()
    qtbot.waitUntil(lambda: app.lock.page is None)


def test_locked_nothing_but_the_lock_is_seen_and_everything_comes_back(qtbot, app, window):
    dialog = QDialog(window)
    dialog.open()
    before = set(seen())
    assert {window, dialog} <= before
    app.lock.lock()
    assert seen() == [app.lock.page]
    assert app.lock.page.geometry() == window.geometry()  # also where a dialog of it is in use
    assert "Shop" not in app.lock.page.windowTitle()
    unlock(qtbot, app)
    assert set(seen()) == before
    assert dialog.isModal()
    dialog.close()
    qtbot.waitUntil(lambda: app.runner.is_idle)


def test_what_opens_by_itself_while_locked_waits_unseen(qtbot, app, profile):
    app.lock.lock()
    app.open_window(profile)
    qtbot.waitUntil(lambda: len(app.windows) == 1 and app.runner.is_idle)
    qtbot.waitUntil(lambda: seen() == [app.lock.page])
    unlock(qtbot, app)
    assert app.windows[0].isVisible()
    assert not app.windows[0].testAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)


def test_a_request_from_outside_waits_for_the_person(qtbot, app):
    app.lock.lock()
    app.requests.take(Request(names=("Shop",), links=("keeperdb:open/Shop",)))
    assert app.windows == []
    assert app.requests.links.question is None
    unlock(qtbot, app)
    qtbot.waitUntil(lambda: len(app.windows) == 1 and app.runner.is_idle)
    app.requests.links.question.reject()


def test_the_lock_cannot_be_closed(app):
    app.lock.lock()
    app.lock.page.close()
    assert not app.lock.page.isHidden()


def test_idle_sessions_are_let_go_and_an_open_transaction_is_kept_and_said(qtbot, app, window):
    tab = run(qtbot, app, window, "begin; insert into track values (900001, 'x', 1)")
    assert tab.session.in_transaction
    idle = window.new_tab()
    assert run(qtbot, app, window, "select 1") is idle
    app.lock.lock()
    qtbot.waitUntil(lambda: app.runner.is_idle)
    assert idle.session.state is SessionState.CLOSED
    assert tab.session.in_transaction
    assert tab.session.state is SessionState.READY
    qtbot.waitUntil(lambda: "1 session " in app.lock.page.about.text())
    unlock(qtbot, app)
    assert any("stayed open" in each.text for each in window.findChildren(Notice))
    assert run(qtbot, app, window, "select 2").results.current is not None  # a new session opens by itself
    tab.session.run(lambda session, task: session.rollback(task), done=_ignore, failed=_ignore, cancelled=lambda: None)
    qtbot.waitUntil(lambda: app.runner.is_idle)


def _ignore(_: object) -> None:
    pass


def test_rows_are_forgotten_when_the_settings_say_so(qtbot, app, window):
    tab = run(qtbot, app, window, "select 1")
    app.lock.lock()
    unlock(qtbot, app)
    assert tab.results.views
    app.workspace.settings.set("privacy.lock_clears_rows", True)
    app.lock.lock()
    assert not tab.results.views
    unlock(qtbot, app)
    qtbot.waitUntil(lambda: app.runner.is_idle)


def test_quitting_with_something_open_takes_a_second_click(qtbot, app, window, monkeypatch):
    tab = run(qtbot, app, window, "begin; insert into track values (900002, 'x', 1)")
    quits = []
    monkeypatch.setattr(app.lock, "_qt", QApplication.instance())
    monkeypatch.setattr(type(app._qt), "quit", lambda *_: quits.append(1))
    app.lock.lock()
    app.lock.page.quit_button.click()
    assert quits == []
    assert "roll back" in app.lock.page.quit_button.text()
    app.lock.page.quit_button.click()
    assert quits == [1]
    tab.session.close()
    qtbot.waitUntil(lambda: app.runner.is_idle)


def test_the_pin_is_asked_for_and_wrong_ones_cost_time(qtbot, app, ui_thread_guard):
    ui_thread_guard.is_on = False
    set_pin(app.workspace.keychain, Secret("2468"))
    ui_thread_guard.is_on = True
    app.lock.lock()
    page = app.lock.page
    qtbot.waitUntil(lambda: app.lock._way == PIN and page.unlock_button.isEnabled())
    assert page.secret.isVisible()
    assert page.caption.text() == "PIN"
    for attempt in range(4):
        qtbot.waitUntil(page.unlock_button.isEnabled)
        page.secret.setText("1111")
        qtbot.keyClick(page.secret, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: app.runner.is_idle and bool(page.error.text()))
        assert ("Wait" in page.error.text()) == (attempt == 3)
    assert not page.unlock_button.isEnabled()
    assert page.secret.text() == ""
    page.set_busy(False)
    page.secret.setText("2468")
    qtbot.keyClick(page.secret, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: app.lock.page is None)
    qtbot.waitUntil(lambda: app.runner.is_idle)


def test_with_the_encrypted_file_the_master_password_leads_back_and_is_forgotten_by_locking(
    qtbot, gui_workspace, gui_application, ui_thread_guard
):
    ui_thread_guard.is_on = False
    workspace = gui_workspace(keychain="file")
    workspace.keychain.unlock(Secret("correct horse"))
    ui_thread_guard.is_on = True
    app = gui_application(workspace)
    app.start()
    qtbot.waitUntil(lambda: app.picker.isVisible() and app.runner.is_idle)
    assert not workspace.keychain.is_locked
    app.lock.lock()
    assert isinstance(workspace.keychain.current, FileKeychain)
    assert workspace.keychain.is_locked
    page = app.lock.page
    qtbot.waitUntil(lambda: app.lock._way == MASTER and page.unlock_button.isEnabled())
    page.secret.setText("wrong")
    page.unlock_button.click()
    qtbot.waitUntil(lambda: "not the master password" in page.error.text())
    page.secret.setText("correct horse")
    page.unlock_button.click()
    qtbot.waitUntil(lambda: app.lock.page is None)
    assert not workspace.keychain.is_locked
    qtbot.waitUntil(lambda: app.runner.is_idle)


def test_typed_passwords_are_forgotten_and_vault_access_that_nothing_else_keeps_stays(gui_workspace):
    keychain = gui_workspace().keychain
    assert isinstance(keychain.current, SessionKeychain)
    for name in ("connection/a", "vault/b", "app/pin"):
        keychain.set(name, Secret("x"))
    keychain.lock()
    assert [keychain.get(name) is not None for name in ("connection/a", "vault/b", "app/pin")] == [False, True, True]


def test_a_password_that_was_asked_for_is_forgotten(app, profile):
    opener = app.opener(profile)
    opener._password = Secret("x")
    app.lock.lock()
    assert opener._password is None


def test_it_begins_locked_when_the_settings_say_so(qtbot, gui_workspace, gui_application, profile):
    workspace = gui_workspace(profile)
    workspace.settings.set("privacy.lock_at_start", True)
    app = gui_application(workspace)
    app.start()
    qtbot.waitUntil(lambda: app.lock.page is not None)
    qtbot.waitUntil(lambda: seen() == [app.lock.page])
    unlock(qtbot, app)
    assert app.picker.isVisible()
    qtbot.waitUntil(lambda: app.runner.is_idle)


def test_nobody_at_the_keys_for_long_enough_is_idle_and_a_key_begins_anew(qtbot, qapp, monkeypatch):
    from keeperdb.gui import idle_watch

    now = [100.0]
    monkeypatch.setattr(idle_watch.time, "monotonic", lambda: now[0])
    watch = IdleWatch(qapp)
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitUntil(widget.isActiveWindow)
    heard = []
    watch.idle.connect(lambda: heard.append(now[0]))
    watch.watch(60)
    now[0] = 150
    widget.windowHandle().installEventFilter(watch)
    qtbot.keyClick(widget.windowHandle(), Qt.Key.Key_A)
    now[0] = 170
    watch.look()
    assert heard == []
    now[0] = 211
    watch.look()
    assert heard == [211]
    watch.watch(0)
    now[0] = 999
    watch.look()
    assert heard == [211]
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_a_pin_is_kept_as_a_hash_only():
    keychain = SessionKeychain()
    with pytest.raises(KeychainError, match="too short"):
        set_pin(keychain, Secret("123"))
    assert not has_pin(keychain)
    set_pin(keychain, Secret("135790"))
    kept = keychain.get("app/pin").reveal()
    assert kept.startswith("$argon2id$")
    assert "135790" not in kept
    check_pin(keychain, Secret("135790"))
    with pytest.raises(KeychainError, match="not the PIN"):
        check_pin(keychain, Secret("135791"))
    keychain.set("app/pin", Secret("no hash"))
    with pytest.raises(KeychainError, match="cannot be checked"):
        check_pin(keychain, Secret("135790"))
    remove_pin(keychain)
    assert not has_pin(keychain)


def test_the_page_sets_changes_and_removes_the_pin(qtbot, app):
    app.show_settings("privacy")
    page = app._settings.privacy
    qtbot.waitUntil(lambda: app.runner.is_idle)
    page.set_button.click()
    dialog = page.findChild(PinDialog)
    dialog.new.setText("2468")
    dialog.again.setText("2469")
    dialog.ok.click()
    assert dialog.again_field.error
    dialog.again.setText("2468")
    dialog.ok.click()
    qtbot.waitUntil(lambda: page.set_button.text().startswith("Change") and app.runner.is_idle)
    page.remove_button.click()
    removal = next(each for each in page.findChildren(PinDialog) if each.isVisible())
    removal.old.setText("1")
    removal.ok.click()
    qtbot.waitUntil(lambda: "not the PIN" in removal.old_field.error)
    removal.old.setText("2468")
    removal.ok.click()
    qtbot.waitUntil(lambda: page.set_button.text().startswith("Set") and app.runner.is_idle)


def test_the_path_of_a_session_is_escaped_as_systemd_does_it():
    assert own_session("2") == "/org/freedesktop/login1/session/_32"
    assert own_session("c1") == "/org/freedesktop/login1/session/c1"
    assert own_session("") == ""


_HEARS = """
import os, sys
from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtDBus import QDBusConnection
from jeepney import DBusAddress, new_method_call, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection
from keeperdb.gui.session_watch import SessionWatch

qt = QCoreApplication([])
os.environ["XDG_SESSION_ID"] = "7"
watch, heard = SessionWatch(), []
watch.locking.connect(lambda: heard.append(1))
with open_dbus_connection(bus="SESSION") as logind:
    logind.send_and_get_reply(message_bus.RequestName("org.freedesktop.login1"))
    bus = QDBusConnection.connectToBus(os.environ["DBUS_SESSION_BUS_ADDRESS"], "test")
    watch.start(bus, bus)
    manager = DBusAddress("/org/freedesktop/login1", interface="org.freedesktop.login1.Manager")
    def session(number):
        return DBusAddress("/org/freedesktop/login1/session/_3" + number, interface="org.freedesktop.login1.Session")
    for sent in (
        new_signal(manager, "PrepareForSleep", "b", (True,)),
        new_signal(manager, "PrepareForSleep", "b", (False,)),
        new_signal(session("8"), "Lock"),
        new_signal(session("7"), "Lock"),
    ):
        logind.send(sent)
    clock = QTimer(interval=20)
    clock.timeout.connect(lambda: len(heard) >= 2 and QTimer.singleShot(200, qt.quit))
    clock.start()
    QTimer.singleShot(10_000, qt.quit)
    qt.exec()
print(len(heard))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="logind is Linux's")
def test_sleep_and_the_lock_of_its_own_session_are_heard_over_the_bus(tmp_path):
    assert shutil.which("dbus-run-session"), "requirements/debian-test.txt names its package"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "HOME": str(tmp_path)}
    command = ["dbus-run-session", "--", sys.executable, "-c", _HEARS]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout == "2\n", done.stderr


def test_no_way_back_is_named_where_there_is_none(qtbot, app):
    app.lock.lock()
    qtbot.waitUntil(lambda: app.lock.page.unlock_button.isEnabled())
    assert app.lock._way == NONE
    assert not app.lock.page.secret.isVisible()
    assert "no PIN" in app.lock.page.about.text()
    unlock(qtbot, app)


def test_what_the_lock_says_has_room_for_all_of_its_lines(qtbot, app):
    app.lock.lock()
    about = app.lock.page.about
    qtbot.waitUntil(lambda: "no PIN" in about.text() and about.height() >= about.heightForWidth(about.width()))
    unlock(qtbot, app)
