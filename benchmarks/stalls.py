"""Run in a process of its own: walks through the flows with a heartbeat, and prints the worst stall of each as JSON."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QEventLoop, Qt
from PySide6.QtTest import QTest

from benchmarks.heartbeat import Heartbeat
from benchmarks.homes import CONNECTIONS, fill_home, make_big_table
from keeperdb.connections.profile import ConnectionProfile
from keeperdb.gui.app import Application
from keeperdb.gui.collecting import Collecting
from keeperdb.gui.main import make_qt
from keeperdb.gui.main_window import MainWindow
from keeperdb.gui.query_tab import QueryTab
from keeperdb.gui.runner import Runner
from keeperdb.gui.settings_window import SettingsWindow
from keeperdb.vault.endpoint import VaultEndpoint
from keeperdb.workspace import Workspace

_ROWS = 200_000
_RECORDS = 200  # the demo keeps its whole vault in one file, which takes longer with each record
_PATIENCE = 60.0  # seconds


class Walk:
    """The window, led through its flows."""

    def __init__(self, home: Path, vault: dict[str, str]) -> None:
        self._qt = make_qt()
        self.collecting = Collecting(self._qt)
        self._home = home
        self._token = vault["token"]
        server_key_id, _, server_key = vault["server_key"].partition(":")
        endpoint = VaultEndpoint(vault["endpoint"], server_key_id, server_key, Path(vault["ca"]))
        self.app = Application(self._qt, Workspace(fill_home(home), endpoint=endpoint), Runner(self._qt))
        self._heart = Heartbeat()
        self.worst: dict[str, float] = {}

    def run(self) -> None:
        self._flow("idle", lambda: self._wait(0.5))
        self._flow("start with 1,000 connections", self._start)
        self._flow("search in the picker", self._search)
        self._flow("attach a vault", self._attach)
        self._flow("settings", self._settings)
        self._flow(f"switch the storage on, write {_RECORDS} connections", self._storage)
        self._flow("change the theme", self._change_theme)
        self._flow("open a connection and its tree", self._open)
        self._flow(f"run a query, fetch all of {_ROWS:,} rows", self._fetch_all)
        self._flow("scroll through the rows", self._scroll)
        self._flow("select all and copy 20,000 rows", self._copy)
        self._flow("edit a script of 5,000 lines", self._edit)

    def _flow(self, name: str, walk: Callable[[], None]) -> None:
        self._heart.restart()
        walk()
        self._wait(0.1)
        self.worst[name] = self._heart.worst

    def _start(self) -> None:
        self.app.start()
        self._until(lambda: self.app.picker.model.rowCount() >= CONNECTIONS)

    def _search(self) -> None:
        for letter in "region 77":
            QTest.keyClick(self.app.picker.search, letter)
            self._wait(0.03)
        self.app.picker.search.clear()

    def _attach(self) -> None:
        self.app.attach_vault()
        self._until(lambda: self._qt.activeModalWidget() is not None)
        dialog = self._qt.activeModalWidget()
        dialog.token.setText(self._token)  # type: ignore[union-attr]
        QTest.keyClick(dialog, Qt.Key.Key_Return)
        self._until(lambda: bool(self.app.workspace.vaults.all()) and self._qt.activeModalWidget() is None)

    def _settings(self) -> None:
        self.app.show_settings("vaults")
        self._wait(0.3)
        for page in ("appearance", "editor", "results"):
            self.app.show_settings(page)
            self._wait(0.1)

    def _storage(self) -> None:
        self.app.show_settings("storage")
        settings = next(each for each in self._qt.topLevelWidgets() if isinstance(each, SettingsWindow))
        page, sync = settings.storage, self.app.storage_sync
        self._until(lambda: page.chooser.go.isVisible() and not sync.is_running)
        QTest.mouseClick(page.chooser.go, Qt.MouseButton.LeftButton)
        self._until(lambda: sync.progress.done >= _RECORDS)
        QTest.mouseClick(page.progress.stop_button, Qt.MouseButton.LeftButton)
        self._until(lambda: not sync.is_running)

    def _change_theme(self) -> None:
        for theme in ("dark", "light"):
            self.app.runner.start(
                lambda _, to=theme: self.app.workspace.settings.set("appearance.theme", to), owner=self.app
            )
            self._wait(0.5)

    def _open(self) -> None:
        path = self._home / "big.db"
        make_big_table(path, _ROWS)
        self._heart.restart()
        self.app.open_window(ConnectionProfile(name="Big", engine="sqlite", path=str(path)))
        self._until(lambda: bool(self.app.windows))
        self._wait(0.5)

    def _fetch_all(self) -> None:
        tab = self._tab
        tab.editor.setPlainText("SELECT * FROM big")
        tab.run_all()
        self._until(lambda: not tab.is_busy and tab.results.current is not None)
        view = tab.results.current
        assert view is not None
        tab.fetching.fetch_all(view)
        self._until(lambda: view.result.is_complete and not tab.is_busy)

    def _scroll(self) -> None:
        view = self._tab.results.current
        assert view is not None
        for row in range(0, _ROWS, _ROWS // 50):
            view.grid.go_to_row(row + 1)
            self._wait(0.01)

    def _copy(self) -> None:
        tab = self._tab
        tab.editor.setPlainText("SELECT * FROM big LIMIT 20000")
        tab.run_all()
        self._until(lambda: not tab.is_busy and tab.results.current is not None)
        view = tab.results.current
        assert view is not None
        tab.fetching.fetch_all(view)
        self._until(lambda: view.result.is_complete and not tab.is_busy)
        self._heart.restart()
        view.grid.selectAll()
        QTest.keyClick(view.grid, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        self._until(lambda: self.app.runner.is_idle)

    def _edit(self) -> None:
        tab = self._tab
        tab.editor.setPlainText("SELECT id, name -- a line\nFROM artist WHERE id = 1;\n" * 2_500)
        self._wait(0.5)
        for letter in "SELECT 1":
            QTest.keyClick(tab.editor, letter)
            self._wait(0.02)

    @property
    def _tab(self) -> QueryTab:
        window = self.app.windows[0]
        assert isinstance(window, MainWindow)
        tab = window.tabs.current
        assert tab is not None
        return tab

    def _wait(self, seconds: float) -> None:
        deadline = time.perf_counter() + seconds
        while time.perf_counter() < deadline:
            self._qt.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 5)

    def _until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.perf_counter() + _PATIENCE
        while not is_so():
            if time.perf_counter() > deadline:
                raise TimeoutError(f"after {list(self.worst)}")
            self._qt.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 5)


@contextmanager
def demo_vault() -> Iterator[dict[str, str]]:
    """A demo vault in a process of its own, so that its work does not count: what `keeperdb demo-vault` prints."""
    with subprocess.Popen(
        [sys.executable, "-m", "keeperdb", "demo-vault"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, demo_vault() as vault:
        walk = Walk(Path(folder) / "home", vault)
        try:
            walk.run()
        finally:
            walk.app.shut_down()
            walk.collecting.stop()
        idle = walk.worst.pop("idle")
        print(json.dumps({name: (worst, idle) for name, worst in walk.worst.items()}))


if __name__ == "__main__":
    main()
