"""Starting the window: the list at once, files from the command line, two windows, and an end that does not hang."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.gui.demo_shot import shoot
from keeperdb.gui.notices import Notice
from keeperdb.paths import Paths
from keeperdb.workspace import Workspace

_ROOT = Path(__file__).parents[2]


@pytest.fixture
def app(gui_workspace, gui_application):
    return gui_application(gui_workspace(ConnectionProfile("Chinook", "sqlite", path="/x", id="chinook")))


def test_the_list_is_shown_and_fills_by_itself(qtbot, tmp_path, gui_workspace, gui_application):
    gui_workspace(ConnectionProfile("Chinook", "sqlite", path="/x"))
    app = gui_application(Workspace(Paths.under(tmp_path / "home")))
    app.start()
    qtbot.waitUntil(lambda: app.picker.isVisible())
    qtbot.waitUntil(lambda: app.picker.model.shown == 1)
    qtbot.waitUntil(lambda: app.runner.is_idle)


def test_a_damaged_file_is_told_and_the_list_is_usable(qtbot, tmp_path, gui_application):
    paths = Paths.under(tmp_path / "home")
    paths.make()
    (paths.config / "settings.json").write_text("{")
    app = gui_application(Workspace(paths))
    app.start()
    qtbot.waitUntil(lambda: any("set aside" in each.text for each in app.picker.findChildren(Notice)))
    qtbot.waitUntil(lambda: app.runner.is_idle)


def test_a_database_on_the_command_line_is_opened(qtbot, app, store):
    app.start([store])
    qtbot.waitUntil(lambda: bool(app.windows))
    assert app.windows[0].profile.path == str(store)
    qtbot.waitUntil(lambda: app.runner.is_idle)


def test_a_script_on_the_command_line_waits_for_the_first_window(qtbot, app, store, tmp_path):
    script = tmp_path / "report.sql"
    script.write_text("select 42")
    app.start([script])
    qtbot.waitUntil(lambda: any("report.sql" in each.text for each in app.picker.findChildren(Notice)))
    app.open_window(ConnectionProfile("Store", "sqlite", path=str(store)))
    qtbot.waitUntil(lambda: bool(app.windows) and app.windows[0].tabs.current.editor.script() == "select 42")
    qtbot.waitUntil(lambda: app.runner.is_idle)


def test_a_file_that_is_not_there_is_told(qtbot, app, tmp_path):
    app.start([tmp_path / "gone.sql"])
    qtbot.waitUntil(lambda: any(each.isVisible() for each in app.picker.findChildren(QDialog)))
    dialog = next(each for each in app.picker.findChildren(QDialog) if each.isVisible())
    assert "gone.sql" in dialog.accessibleName()
    dialog.close()


def test_what_another_window_saved_appears(qtbot, app, gui_workspace, tmp_path):
    app.start()
    qtbot.waitUntil(lambda: app.picker.isVisible() and app.runner.is_idle)
    other = gui_workspace(ConnectionProfile("Other", "sqlite", path="/y"))
    assert other.paths == app.workspace.paths
    app._look_for_changes()
    qtbot.waitUntil(lambda: app.picker.model.shown == 2)


def test_a_bug_is_shown_once_with_its_details(qtbot, app, themed):
    app.show_picker()
    app.show_crash(ZeroDivisionError("one"))
    app.show_crash(ZeroDivisionError("two"))
    assert app._crash.isVisible()
    app._crash.close()
    qtbot.waitUntil(lambda: app._crash is None)


def test_the_program_ends_when_its_last_window_is_closed(tmp_path):
    code = (
        "from keeperdb.gui import main; from keeperdb.workspace import Options; from pathlib import Path\n"
        "from PySide6.QtCore import QTimer\n"
        "qt = main.make_qt()\n"
        "QTimer.singleShot(300, lambda: [each.close() for each in qt.topLevelWidgets() if each.isVisible()])\n"
        f"raise SystemExit(main.run(Options(home=Path({str(tmp_path)!r}))))\n"
    )
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(_ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, timeout=60, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_starting_the_window_loads_no_driver_no_vault_and_no_keychain(tmp_path):
    code = (
        "import sys, keeperdb.gui.main\n"
        "heavy = {'sqlalchemy', 'psycopg', 'pymysql', 'keeper_secrets_manager_core', 'requests', 'keyring'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    environment = os.environ | {"PYTHONPATH": str(_ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_shot_without_a_vault_connection_says_what_is_missing(gui_workspace, themed, tmp_path):
    from keeperdb.errors import NotFoundError

    with pytest.raises(NotFoundError, match="No vault connection"):
        shoot(gui_workspace(ConnectionProfile("x", "sqlite", path="/x")), tmp_path / "demo.png")
