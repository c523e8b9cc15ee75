"""A long query that ends is told of where nobody looks: in its window, or by the desktop, without SQL and data."""

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from keeperdb.gui.notices import Notice

ROOT = Path(__file__).parents[2]

# One connection shows notifications and prints them, as a desktop would; then the other sends two.
DESKTOP = """
import threading
from jeepney import DBusAddress, HeaderFields, MessageType, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection
from keeperdb.gui.desktop_bus import notify
from keeperdb.task import Task

desk = open_dbus_connection(bus="SESSION")
desk.send_and_get_reply(message_bus.RequestName("org.freedesktop.Notifications"))

def serve():
    while True:
        message = desk.receive()
        if message.header.message_type is not MessageType.method_call:
            continue
        if message.header.fields[HeaderFields.member] == "GetCapabilities":
            desk.send(new_method_return(message, "as", (["actions", "body", "body-markup"],)))
        else:
            app, _, icon, title, body, actions, hints, seconds = message.body
            print((app, title, body, actions, hints), flush=True)
            desk.send(new_method_return(message, "u", (1,)))
            here = DBusAddress("/org/freedesktop/Notifications", interface="org.freedesktop.Notifications")
            for number, action in ((2, "default"), (1, "default")):
                desk.send(new_signal(here, "ActionInvoked", "us", (number, action)))

threading.Thread(target=serve, daemon=True).start()
print(notify("Query ended", "a <b>bold</b> & name", Task()))
"""


def on_a_bus(code: str) -> str:
    command = ["dbus-run-session", "--", sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, cwd=ROOT).stdout


@pytest.fixture
def told(window, monkeypatch):
    """What the desktop is told, instead of telling this machine's."""
    said = []
    monkeypatch.setattr(
        window.application.desktop, "tell", lambda window, title, text, act: said.append((title, text, act))
    )
    return said


def end(tab, *, is_good: bool = True, seconds: float = 12.0) -> None:
    tab.run_ended.emit(is_good, seconds)


def test_a_desktop_with_markup_is_given_plain_text_and_its_click_is_heard(ui_thread_guard):
    ui_thread_guard.is_on = False
    shown, result = on_a_bus(DESKTOP).splitlines()
    assert shown.startswith("('KeeperDB', 'Query ended', 'a &lt;b&gt;bold&lt;/b&gt; &amp; name', ['default', 'Show']")
    assert "('s', 'keeperdb')" in shown
    assert result == "Answer.CLICKED"


def test_without_anybody_who_shows_notifications_nothing_is_raised(ui_thread_guard):
    ui_thread_guard.is_on = False
    assert (
        on_a_bus("from keeperdb.gui.desktop_bus import notify; print(notify('a', 'b'))").strip() == "Answer.NOT_SHOWN"
    )


def test_statements_that_end_say_whether_they_were_good_and_stopped_ones_say_nothing(qtbot, window):
    tab, ends = window.tabs.current, []
    tab.run_ended.connect(lambda is_good, seconds: ends.append((is_good, seconds >= 0)))
    for sql in ("select 1", "select nothing from nowhere"):
        tab.editor.setPlainText(sql)
        tab.run_all()
        qtbot.waitUntil(lambda: not tab.is_busy)
    assert ends == [(True, True), (False, True)]
    tab.editor.setPlainText("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n")
    tab.run_all()
    qtbot.waitUntil(lambda: tab.is_running)
    tab.cancel()
    qtbot.waitUntil(lambda: not tab.is_busy, timeout=20_000)
    assert len(ends) == 2


def test_the_desktop_is_told_of_a_window_that_is_not_looked_at(qtbot, window, told):
    tab = window.tabs.current
    tab.editor.setPlainText("select 'secret'")
    window.application.show_picker()
    window.application.picker.activateWindow()
    qtbot.waitUntil(lambda: not window.isActiveWindow())
    end(tab)
    end(tab, is_good=False, seconds=75)
    assert [each[:2] for each in told] == [
        ("Query ended", "query 1 on Store ended after 12.0 s."),
        ("Query failed", "query 1 on Store failed after 1 min 15 s."),
    ]
    told[0][2]()
    qtbot.waitUntil(window.isActiveWindow)


def test_a_short_query_and_a_threshold_of_nothing_are_told_nobody(qtbot, window, told, ui_thread_guard):
    window.application.picker.show()
    window.application.picker.activateWindow()
    end(window.tabs.current, seconds=9.9)
    ui_thread_guard.is_on = False
    window.application.workspace.settings.set("appearance.notify_after", 0)
    end(window.tabs.current, seconds=1_000)
    assert told == []


def test_another_tab_of_the_window_is_told_of_in_a_notice_that_leads_there(qtbot, window, told):
    first = window.tabs.current
    window.new_tab("", "second")
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    end(first)
    notice = window.findChild(Notice)
    assert notice.text == "“query 1” ended after 12.0 s."
    button = next(each for each in notice.findChildren(QPushButton) if each.text() == "Go there")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.tabs.current is first
    end(first)
    assert window.findChildren(Notice, options=Qt.FindChildOption.FindDirectChildrenOnly) in ([], [notice])
    assert told == []
