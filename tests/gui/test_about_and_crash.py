"""About, the dialog and the file of crashes, looking for a newer version, and the first page."""

import importlib.metadata
import os
import re
import subprocess
import sys
import threading
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QPushButton

from keeperdb import __version__
from keeperdb.gui.about_page import NEEDS, open_address
from keeperdb.gui.crash_dialog import CrashDialog
from keeperdb.gui.crash_file import CrashFile
from keeperdb.gui.log_viewer import LogViewer
from keeperdb.gui.notices import Notice
from keeperdb.gui.text_dialog import TextDialog

_ROOT = Path(__file__).parents[2]


@pytest.fixture
def app(qtbot, gui_workspace, gui_application):
    application = gui_application(gui_workspace())
    application.start()
    qtbot.waitUntil(lambda: application.picker.isVisible() and application.runner.is_idle)
    return application


def notices(app) -> list[str]:
    return [each.text for each in app.picker.findChildren(Notice)]


def test_about_names_every_package_that_the_program_needs():
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]
    needs = {re.match(r"[\w.-]+", need)[0].lower() for need in project["dependencies"]}
    assert needs == {name.lower() for name in NEEDS}


def test_about_shows_versions_licences_and_that_it_is_independent(qtbot, app):
    app.picker.findChild(object, "app.about").trigger()
    page = app._settings.about
    qtbot.waitUntil(lambda: page.packages.topLevelItemCount() > 10 and app.runner.is_idle)
    rows = {
        item.text(0).lower(): (item.text(1), item.text(2))
        for item in map(page.packages.topLevelItem, range(page.packages.topLevelItemCount()))
    }
    assert rows["psycopg"] == (importlib.metadata.version("psycopg"), "LGPL-3.0-only")
    assert all(version and licence for version, licence in rows.values())
    said = " ".join(label.text() for label in page.findChildren(QLabel))
    assert "independent project" in said
    assert "Lesser General Public License" in said
    page.copy_button.click()
    copied = QApplication.clipboard().text()
    assert copied.startswith(f"KeeperDB {__version__}\nPython ")
    assert "pymysql" in copied.lower()
    assert str(Path.home()) not in copied


def test_a_link_shows_its_whole_address_and_opens_nothing_by_itself(app, monkeypatch):
    opened = []
    monkeypatch.setattr("keeperdb.gui.about_page._open", opened.append)
    open_address(app.picker, "https://example.com/a?b=c")
    box = app.picker.findChild(QMessageBox)
    assert "https://example.com/a?b=c" in box.informativeText()
    assert box.defaultButton().text() == "Cancel"
    box.defaultButton().click()
    assert opened == []
    for address in ("http://example.com", "file:///etc/passwd", "javascript:alert(1)", "https://"):
        open_address(app.picker, address)
    assert opened == []
    assert len([each for each in app.picker.findChildren(QMessageBox) if each.isVisible()]) <= 1


def test_a_crash_is_told_redacted_with_the_log_at_hand(qtbot, app):
    app.show_crash(ValueError("password=hunter2"))
    dialog = app._crash
    assert isinstance(dialog, CrashDialog)
    assert "hunter2" not in dialog.details
    texts = {button.text(): button for button in dialog.findChildren(QPushButton)}
    assert set(texts) == {"Copy details", "Open log", "Restart and restore", "Go on"}
    assert texts["Go on"].isDefault()
    texts["Copy details"].click()
    assert QApplication.clipboard().text() == dialog.details
    texts["Open log"].click()
    viewer = dialog.findChild(LogViewer)
    qtbot.waitUntil(lambda: app.runner.is_idle)
    viewer.close()
    texts["Go on"].click()


def test_a_fault_in_c_code_is_told_at_the_next_start_once(qtbot, app, tmp_path, ui_thread_guard):
    code = (
        "import faulthandler, sys\nfrom pathlib import Path\n"
        "from keeperdb.gui.crash_file import CrashFile\n"
        "CrashFile(Path(sys.argv[1])).begin()\nfaulthandler._sigsegv()\n"
    )
    environment = os.environ | {"PYTHONPATH": str(_ROOT)}
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=environment, capture_output=True)
    assert done.returncode < 0
    assert (tmp_path / "crash.txt").stat().st_mode & 0o077 == 0
    ui_thread_guard.is_on = False
    crashes = CrashFile(tmp_path)
    crashes.begin()
    crashes.tell(app)
    qtbot.waitUntil(lambda: any("ended unexpectedly" in each for each in notices(app)))
    button = next(each for each in app.picker.findChildren(QPushButton) if each.text() == "Details")
    button.click()
    dialog = app.picker.findChild(TextDialog)
    assert "Segmentation fault" in dialog.text
    dialog.close()
    crashes.end()
    again = CrashFile(tmp_path)
    again.begin()
    assert not again._has_news
    again.end()
    assert not (tmp_path / "crash.txt").exists()


class _Version(BaseHTTPRequestHandler):
    asked: ClassVar[list[dict[str, str]]] = []

    def do_GET(self) -> None:
        self.asked.append(dict(self.headers))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"99.1\n")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def version_file():
    _Version.asked = []
    server = HTTPServer(("127.0.0.1", 0), _Version)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/version.txt"
    server.shutdown()
    thread.join()
    server.server_close()


def test_nothing_is_asked_before_it_is_allowed(qtbot, app, version_file):
    app.workspace.settings.set("privacy.update_address", version_file)
    app.updates.look_if_allowed()
    qtbot.waitUntil(lambda: app.runner.is_idle)
    assert _Version.asked == []
    app.workspace.settings.set("privacy.check_updates", True)
    app.updates.look_if_allowed()
    qtbot.waitUntil(lambda: any("99.1 is there" in each for each in notices(app)))
    assert set(_Version.asked[0]) <= {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}


def test_check_now_says_what_is_missing_and_what_went_wrong(qtbot, app):
    app.picker.findChild(object, "app.check_updates").trigger()
    assert any("no address" in each for each in notices(app))
    app.workspace.settings.set("privacy.update_address", "ftp://example.com/")
    app.picker.findChild(object, "app.check_updates").trigger()
    qtbot.waitUntil(lambda: any("must begin with https" in each for each in notices(app)))


def test_the_first_page_says_that_nothing_is_sent_and_opens_a_file(qtbot, app, store, monkeypatch):
    page = app.picker._stack.currentWidget()
    assert any("Nothing is sent anywhere" in label.text() for label in page.findChildren(QLabel))
    button = next(each for each in page.findChildren(QPushButton) if each.text() == "Open a SQLite file…")
    monkeypatch.setattr("keeperdb.gui.connection_actions.QFileDialog.getOpenFileName", lambda *_: (str(store), ""))
    button.click()
    qtbot.waitUntil(lambda: len(app.windows) == 1 and app.runner.is_idle)
    assert app.windows[0].profile.path == str(store)


def test_the_same_crash_again_is_a_notice_and_no_second_dialog(qtbot, app):
    app.show_crash(ValueError("again"))
    app._crash.close()
    qtbot.waitUntil(lambda: app._crash is None)
    app.show_crash(ValueError("again"))
    assert app._crash is None
    assert any("same bug" in each for each in notices(app))


def test_what_macos_hands_over_becomes_a_request(qapp):
    from PySide6.QtCore import QCoreApplication, QUrl
    from PySide6.QtGui import QFileOpenEvent

    from keeperdb.gui.file_open_events import FileOpenEvents
    from keeperdb.workspace.instance import Request

    target, events, seen = QLabel(), FileOpenEvents(), []
    events.requested.connect(seen.append)
    target.installEventFilter(events)
    for event in (QFileOpenEvent("/tmp/a b.sql"), QFileOpenEvent(QUrl("keeperdb:open/Shop")), QFileOpenEvent("")):
        QCoreApplication.sendEvent(target, event)
    assert seen == [Request(files=("/tmp/a b.sql",)), Request(links=("keeperdb:open/Shop",))]
