"""Run in a process of its own, to be killed: types into KeeperDB and says so, or says what it finds at its start."""

import json
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.data.edit_cells import NewValue
from keeperdb.gui.app import Application
from keeperdb.gui.main import make_qt
from keeperdb.gui.parameters_dialog import Given
from keeperdb.gui.runner import Runner
from keeperdb.gui.table_tab import TableTab
from keeperdb.paths import Paths
from keeperdb.query.parameters import ParameterKind
from keeperdb.workspace import Workspace


def main(home: Path, store: Path, does_type: bool) -> None:
    qt = make_qt()
    application = Application(qt, Workspace(Paths.under(home)), Runner(qt))
    application.start()
    if does_type:
        until(lambda: application.workspace.is_loaded)
        application.workspace.settings.set("connections.keychain", "ask")
        profile = ConnectionProfile("Store", "sqlite", path=str(store))
        application.workspace.connections.save_many([profile])
        application.open_window(profile)
        until(lambda: application.windows and not application.windows[0].tree.session.is_busy)
        type_everything(application.windows[0], home)
        print("typed", flush=True)
        qt.exec()
    else:
        until(lambda: application.windows and application.windows[0].restored.is_settled)
        print(json.dumps(everything(application.windows[0])), flush=True)
        application.shut_down()


def until(condition) -> None:
    watch = QTimer(interval=5)
    watch.start()
    while not condition():
        QTest.qWait(5)


def type_everything(window, home: Path) -> None:
    table = window.open_table(("main", "kinds"))
    until(lambda: table.editing is not None and not table.is_running)
    table.changes.insert([{"id": NewValue("77")}])
    linked = window.new_tab("select 2")
    linked.set_file(str(home / "report.sql"), is_same=True)
    tab = window.new_tab("", "precious")
    tab.given = {"id": Given(ParameterKind.NUMBER, "7")}
    QTest.keyClicks(tab.editor, "select 'half a thought', :id from")
    tab.editor.setTextCursor(tab.editor.place(7, 13))


def everything(window) -> list[dict[str, object]]:
    for number in range(len(window.tabs.pages)):
        window.tabs.active.setCurrentIndex(number)
        until(lambda: window.restored.is_settled)
    return [describe(tab) for tab in window.tabs.tabs]


def describe(tab) -> dict[str, object]:
    return {
        "title": tab.title,
        "text": tab.editor.script(),
        "selection": tab.editor.selection(),
        "file": tab.file_path,
        "parameters": {name: given.text for name, given in tab.given.items()},
        "staged": tab.staged_count,
        "table": list(tab.path) if isinstance(tab, TableTab) else [],
        "state": tab.session.state.value,
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "type")
