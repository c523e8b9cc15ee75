"""Opening a script from a file, and saving the text of a tab to one; reading and writing is done in the background."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from keeperdb.errors import KeeperDBError, StoreError
from keeperdb.gui.notices import show_error, show_notice
from keeperdb.gui.query_tab import QueryTab
from keeperdb.gui.runner import Runner
from keeperdb.paths import write_atomically

_FILES = "SQL (*.sql);;All files (*)"
_LARGEST = 32 * 1024 * 1024  # bytes; more would make the editor slow


class ScriptFiles(QObject):
    """The file dialogs of one window; they begin in the folder that was last used."""

    def __init__(self, runner: Runner, window: QWidget) -> None:
        super().__init__(window)
        self._runner = runner
        self._window = window
        self._folder = str(Path.home())

    def open(self, then: Callable[[str, str], None]) -> None:
        """Ask for a file; `then(text, path)`."""
        path, _ = QFileDialog.getOpenFileName(self._window, "Open SQL file", self._folder, _FILES)
        if path:
            self._folder = str(Path(path).parent)
            self._runner.start(
                lambda _: read_script(Path(path)),
                owner=self,
                done=lambda text: then(text, path),
                failed=self._show_error,
            )

    def save(self, tab: QueryTab) -> None:
        """Write the text of `tab` to its file; ask which, if it has none."""
        if tab.save_itself():
            return
        path = tab.file_path
        if not path:
            default = str(Path(self._folder) / f"{tab.title}.sql")
            path, _ = QFileDialog.getSaveFileName(self._window, "Save SQL", default, _FILES)
        if path:
            self._folder = str(Path(path).parent)
            self._write(tab, path)

    def _write(self, tab: QueryTab, path: str) -> None:
        script = tab.editor.script()

        def done(_: None) -> None:
            tab.set_file(path, is_same=tab.editor.script() == script)
            show_notice(self._window, f"Saved to {path}", "success", seconds=4)

        self._runner.start(
            lambda _: write_atomically(Path(path), script.encode()), owner=tab, done=done, failed=self._show_error
        )

    def _show_error(self, error: KeeperDBError) -> None:
        show_error(self._window, error)


def read_script(path: Path) -> str:
    """The text of a file in UTF-8. Raises `StoreError`."""
    try:
        if path.stat().st_size > _LARGEST:
            raise StoreError(f"{path} is too large for the editor.", "Run it with `keeperdb query CONNECTION -f FILE`.")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise StoreError(
            f"{path} could not be read: {error.strerror}.", "Check that it exists and may be read."
        ) from error
    except UnicodeDecodeError as error:
        raise StoreError(f"{path} is not text in UTF-8.", "Convert it to UTF-8 first.") from error
