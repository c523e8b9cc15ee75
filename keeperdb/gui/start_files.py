"""Files that were given on the command line: a database is opened, a script waits for the first window."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from keeperdb.connections.profile import ConnectionProfile, PasswordMode
from keeperdb.gui.notices import show_error, show_notice
from keeperdb.task import Task

if TYPE_CHECKING:
    from keeperdb.gui.app import Application
    from keeperdb.gui.main_window import MainWindow

_SQLITE_MAGIC = b"SQLite format 3\0"  # https://www.sqlite.org/fileformat2.html, section 1.3
_DATABASE_SUFFIXES = (".db", ".db3", ".s3db", ".sl3", ".sqlite", ".sqlite3")


class StartFiles(QObject):
    """Takes the files once, when the workspace is loaded."""

    def __init__(self, app: "Application", files: Sequence[Path]) -> None:
        super().__init__(app)
        self._app = app
        self._scripts: list[tuple[str, str]] = []  # text, path
        app.window_opened.connect(self._hand_over)
        for path in files:
            self._take(path.absolute())

    def _take(self, path: Path) -> None:
        self._app.runner.start(
            lambda task: _read(path, task),
            owner=self,
            done=lambda text: self._open_database(path) if text is None else self._keep_script(text, path),
            failed=lambda error: show_error(self._app.picker, error),
        )

    def _open_database(self, path: Path) -> None:
        """It is opened as it is; it becomes a saved connection only when the person makes it one."""
        profile = ConnectionProfile(path.stem, "sqlite", path=str(path), password_mode=PasswordMode.NONE)
        self._app.open_window(profile)

    def _keep_script(self, text: str, path: Path) -> None:
        self._scripts.append((text, str(path)))
        if self._app.windows:
            self._hand_over(self._app.windows[0])
        else:
            show_notice(self._app.picker, f"Choose the connection to open {path.name} on.", seconds=0)

    def _hand_over(self, window: "MainWindow") -> None:
        for text, path in self._scripts:
            window.open_script(text, path)
        self._scripts.clear()


def _read(path: Path, task: Task) -> str | None:
    """The text of a script; None for a SQLite database. Raises `StoreError`."""
    from keeperdb.gui.script_files import read_script

    task.check()
    if path.suffix.lower() in _DATABASE_SUFFIXES or _is_sqlite(path):
        return None
    return read_script(path)


def _is_sqlite(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_SQLITE_MAGIC)) == _SQLITE_MAGIC
    except OSError:
        return False  # reading it as a script says what is wrong
