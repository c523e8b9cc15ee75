"""What was chosen in the command palette lately, the last first: kept in a small file."""

import json
import threading
from pathlib import Path

from PySide6.QtCore import QObject

from keeperdb.errors import KeeperDBError
from keeperdb.gui.runner import Runner
from keeperdb.paths import write_atomically

_MOST = 50
_MOST_BYTES = 100_000
_KEPT = ("action:", "setting:", "connection:")  # names of tables, tabs and queries are not written down


class PaletteMemory(QObject):
    """`recent` are the ids of entries."""

    def __init__(self, path: Path, runner: Runner) -> None:
        super().__init__(runner)
        self._path = path
        self._runner = runner
        self._lock = threading.Lock()
        self.recent: list[str] = []

    def read(self) -> None:
        """Read the file; what cannot be used in it is as if it were not there. Blocks."""
        try:
            content = self._path.read_bytes()
            values = json.loads(content) if len(content) <= _MOST_BYTES else []
        except (OSError, ValueError, RecursionError):
            return
        if isinstance(values, list):
            self.recent = [each for each in values if isinstance(each, str)][:_MOST]

    def remember(self, entry_id: str) -> None:
        """Put an entry first."""
        if entry_id:
            self.recent = [entry_id, *(each for each in self.recent if each != entry_id)][:_MOST]
            self._runner.start(lambda _: self._write(), owner=self, failed=_ignore)

    def _write(self) -> None:
        """One at a time, each with all that is known by then. Raises `StoreError`."""
        with self._lock:
            kept = [each for each in self.recent if each.startswith(_KEPT)]
            write_atomically(self._path, json.dumps(kept).encode())


def _ignore(_: KeeperDBError) -> None:
    """What could not be kept is not first the next time."""
