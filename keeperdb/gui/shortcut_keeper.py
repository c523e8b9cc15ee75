"""Keeps the chosen keys in their file, and shows them on every window at once."""

import threading
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from keeperdb.errors import KeeperDBError
from keeperdb.gui.actions import follow_keys
from keeperdb.gui.notices import show_error
from keeperdb.gui.runner import Runner
from keeperdb.gui.shortcut_file import read_shortcuts, write_shortcuts
from keeperdb.gui.shortcuts import ShortcutChoice, shortcuts


class ShortcutKeeper(QObject):
    """Reads once, in the background; writes after each change."""

    def __init__(self, path: Path, runner: Runner, qt: QApplication) -> None:
        super().__init__(runner)
        self._path = path
        self._runner = runner
        self._qt = qt
        self._kept = ShortcutChoice()
        self._lock = threading.Lock()

    def read(self) -> None:
        """Read the file. Blocks."""
        self._kept = read_shortcuts(self._path)

    def begin(self) -> None:
        """Take what was read into use, on the UI thread; from now on every change is written."""
        shortcuts().use(self._kept)
        follow_keys(self._qt)
        shortcuts().changed.connect(self._on_change)

    def _on_change(self) -> None:
        follow_keys(self._qt)
        self._kept = shortcuts().choice
        self._runner.start(lambda _: self._write(), owner=self, failed=self._fail)

    def _write(self) -> None:
        """One at a time, each the choice that is in force by then. Raises `StoreError`."""
        with self._lock:
            write_shortcuts(self._path, self._kept)

    def _fail(self, error: KeeperDBError) -> None:
        show_error(self._qt.activeWindow(), error)
