"""Getting more rows of a result that is open, and writing all of it to a file; one such thing at a time in a tab."""

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from keeperdb.errors import KeeperDBError
from keeperdb.gui.export_dialog import ExportChoice, export_on
from keeperdb.gui.notices import show_notice
from keeperdb.gui.query_session import QuerySession, SessionState
from keeperdb.gui.result_view import ResultView
from keeperdb.gui.results_panel import ResultsPanel
from keeperdb.gui.script_run import fetch_on
from keeperdb.query.session import Session
from keeperdb.settings import Settings
from keeperdb.task import Progress, Task

_PATIENCE = 2_000  # milliseconds that a step may take after Stop, before the server is told


class Fetching(QObject):
    """Fetches for the views of one panel, over the tab's session."""

    changed = Signal()
    failed = Signal(object)  # KeeperDBError

    def __init__(self, session: QuerySession, panel: ResultsPanel, settings: Settings, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._panel = panel
        self._settings = settings
        self._stopped: threading.Event | None = None
        self._view: ResultView | None = None
        self.is_exporting = False

    @property
    def is_active(self) -> bool:
        return self._stopped is not None

    def fetch_page(self, view: ResultView) -> None:
        """Fetch the next page."""
        rows = self._settings.number("results.page_size")
        self._begin(view, lambda stopped: fetch_on(view.result, rows, stopped.is_set), lambda _: None)

    def fetch_all(self, view: ResultView) -> None:
        """Fetch the rest, with progress; Stop keeps what has arrived, and fetching can go on later."""
        if self._begin(view, lambda stopped: fetch_on(view.result, None, stopped.is_set), lambda _: None):
            self._panel.progress_strip.begin("Fetching rows", self.stop)

    def export(self, view: ResultView, choice: ExportChoice) -> None:
        """Fetch the rest if `choice` says so, then write the file; Stop leaves no half file."""
        notices: list[str] = []
        operation = export_on(view.result, choice, notices)
        if self._begin(view, lambda _: operation, lambda rows: self._exported(choice, rows, notices), needs_open=False):
            self.is_exporting = True
            self._panel.progress_strip.begin("Exporting rows", self._session.cancel)

    def stop(self) -> None:
        """Stop after the step that runs; tell the server only if that takes too long."""
        stopped = self._stopped
        if stopped is not None and not stopped.is_set():
            stopped.set()
            QTimer.singleShot(_PATIENCE, self, lambda: self._session.cancel() if self._stopped is stopped else None)

    def _begin(
        self,
        view: ResultView,
        make: Callable[[threading.Event], Callable[[Session, Task], int]],
        done: Callable[[int], None],
        *,
        needs_open: bool = True,
    ) -> bool:
        can_fetch = view.result.is_open and self._session.state is SessionState.READY
        if self.is_active or (needs_open and not can_fetch):
            return False
        self._stopped, self._view = threading.Event(), view
        view.set_fetching(view.result.is_open)
        self._session.run(
            make(self._stopped),
            done=lambda rows: self._end(lambda: done(rows)),
            failed=lambda error: self._end(lambda: self._fail(error)),
            cancelled=lambda: self._end(lambda: None),
            progress=self._report,
        )
        self.changed.emit()
        return True

    def _report(self, progress: Progress) -> None:
        self._panel.progress_strip.update_progress(progress)

    def _end(self, then: Callable[[], None]) -> None:
        view, self._view, self._stopped = self._view, None, None
        self.is_exporting = False
        self._panel.progress_strip.hide()
        if view is not None and view in self._panel.views:
            view.set_fetching(False)
        then()
        self.changed.emit()

    def _fail(self, error: KeeperDBError) -> None:
        self.failed.emit(error)

    def _exported(self, choice: ExportChoice, rows: int, notices: list[str]) -> None:
        words = "1 row was" if rows == 1 else f"{rows:,} rows were"
        text = f"{words} written to {choice.path}"
        self._panel.messages.add(f"{text}.")
        for notice in notices:
            self._panel.messages.add(notice)
        show_notice(self._panel, text, "success")
