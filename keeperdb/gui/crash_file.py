"""What the interpreter writes when it dies (a fault in C code), and telling of it at the next start, once."""

import faulthandler
import logging
from pathlib import Path
from typing import IO, TYPE_CHECKING

from keeperdb.log import redact
from keeperdb.task import Task

if TYPE_CHECKING:
    from keeperdb.gui.app import Application

_log = logging.getLogger(__name__)
_NAME, _LAST = "crash.txt", "crash-last.txt"
_MOST_BYTES = 16_000  # of the end


class CrashFile:
    """`begin` before the first window, `tell` when there is one, `end` when the program ends as it should."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _NAME
        self._last = folder / _LAST
        self._file: IO[bytes] | None = None
        self._has_news = False

    def begin(self) -> None:
        """Put what is left of the last time aside, which tells of it once, and have the next fault written down."""
        try:
            self._has_news = self._path.exists() and self._path.stat().st_size > 0
            if self._has_news:
                self._path.replace(self._last)
            self._file = self._path.open("wb")
            self._path.chmod(0o600)
        except OSError as error:  # a full or read-only disk is no reason not to start
            _log.warning("No faults can be written down: %s", error.strerror)
            return
        faulthandler.enable(self._file)

    def tell(self, app: "Application") -> None:
        """Show what was found, if anything was."""
        if self._has_news:
            app.runner.start(self.read, owner=app, done=lambda text: show_fault(app, text))

    def read(self, _: Task) -> str:
        """The end of what was found, redacted."""
        try:
            content = self._last.read_bytes()[-_MOST_BYTES:]
        except OSError:
            return ""
        return redact(content.decode(errors="replace"))

    def end(self) -> None:
        """Nothing happened: leave no file."""
        if self._file is not None:
            faulthandler.disable()
            self._file.close()
            self._path.unlink(missing_ok=True)


def show_fault(app: "Application", text: str) -> None:
    """Say that the program ended unexpectedly; the details are one click away."""
    from keeperdb.gui.notices import show_notice
    from keeperdb.gui.text_dialog import TextDialog

    def details() -> None:
        TextDialog(app.picker, "How KeeperDB ended last time", text or "Nothing could be read.").show()

    show_notice(app.picker, "KeeperDB ended unexpectedly last time.", "warning", ("Details", details), 0)
