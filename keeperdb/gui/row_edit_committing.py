"""Commit of what is staged in the window: asks what the policy wants asked, says what came of it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from keeperdb.data.edit_batches import preview
from keeperdb.data.edit_plan import Staging
from keeperdb.data.edits import Committed, commit
from keeperdb.data.staged import StagedChanges
from keeperdb.engines.base import Engine
from keeperdb.errors import KeeperDBError
from keeperdb.gui.confirm_dialog import ConfirmDialog
from keeperdb.gui.notices import show_error, show_notice
from keeperdb.gui.query_session import QuerySession
from keeperdb.gui.row_edit_dialogs import PreviewDialog
from keeperdb.gui.runner import Runner
from keeperdb.query.safety import ConfirmationRequired
from keeperdb.query.session import Session
from keeperdb.task import Task


@dataclass(frozen=True, slots=True)
class CommitRun:
    """One commit that ended. `rows` is how many were written, None where it failed, as `error` says."""

    engine: Engine
    stagings: Sequence[Staging]
    at: datetime
    seconds: float
    rows: int | None = None
    error: str = ""

    def sql(self) -> str:
        """The statements with their values, as the preview shows them; may take a while."""
        return preview(self.engine, self.stagings).rstrip()


class Committing(QObject):
    """One commit at a time. `started`; then `committed(Committed)`, or `failed(KeeperDBError)`, or `stopped`.

    `ran(CommitRun)` follows each that was sent, for the history.
    """

    started = Signal()
    committed = Signal(object)
    failed = Signal(object)
    stopped = Signal()
    ran = Signal(object)
    progress = Signal(object)  # Progress, while it is being written

    def __init__(self, session: QuerySession, runner: Runner, engine: Engine, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._runner, self._engine, self._window = session, runner, engine, window
        self.is_active = False
        self.written: dict[int, StagedChanges] = {}  # by the identity of what was staged, as of the last commit
        self._preview: PreviewDialog | None = None
        self._asked = 0

    def commit(self, stagings: Sequence[Staging], *, confirmed: bool = False) -> None:
        """Write everything; the changes stay staged until they are in the database."""
        if self.is_active or not any(len(staging.changes) for staging in stagings):
            return
        self.is_active = True
        kept = [_copied(staging) for staging in stagings]

        def operation(session: Session, task: Task) -> Committed:
            return commit(session, kept, task, confirmed=confirmed)

        at, began = datetime.now(UTC), time.monotonic()

        def tell(rows: int | None = None, error: str = "") -> None:
            self.ran.emit(CommitRun(self._engine, kept, at, time.monotonic() - began, rows, error))

        def done(result: Committed) -> None:
            tell(sum(result.counts.values()))
            self._end(lambda: self._done(stagings, result))

        def failed(error: KeeperDBError) -> None:
            if not isinstance(error, ConfirmationRequired):  # then nothing was sent
                tell(error=error.message)
            self._end(lambda: self._fail(stagings, error))

        def cancelled() -> None:
            tell(error="Stopped")
            self._end(self.stopped.emit)

        self.started.emit()
        self._session.run(operation, done=done, failed=failed, cancelled=cancelled, progress=self.progress.emit)

    def stop(self) -> None:
        """Have the server stop and roll back."""
        if self.is_active:
            self._session.cancel()

    def show_preview(self, stagings: Sequence[Staging], then: Callable[[], None]) -> None:
        """Show the SQL, in a window that stays while editing goes on; `then` is called by its Commit button."""

        def show(sql: str, rows: int) -> None:
            if self._preview is None:
                self._preview = PreviewDialog(self._window, sql, rows, self._engine.dialect)
                self._preview.commit_requested.connect(then)
                self._preview.destroyed.connect(self._forget_preview)
            self._preview.show()
            self._preview.raise_()
            self._preview.activateWindow()

        self._write_sql(stagings, show)

    def follow(self, stagings: Sequence[Staging]) -> None:
        """After a change of what is staged: a preview that is open shows it."""
        if self._preview is not None:
            self._write_sql(stagings, self._show_sql)

    def _show_sql(self, sql: str, rows: int) -> None:
        if self._preview is not None:
            self._preview.show_sql(sql, rows)

    def _forget_preview(self) -> None:
        self._preview = None

    def _write_sql(self, stagings: Sequence[Staging], show: Callable[[str, int], None]) -> None:
        """In the background; of several that are asked for, only the last is shown."""
        kept = [_copied(staging) for staging in stagings]
        rows = sum(len(staging.changes) for staging in kept)
        self._asked += 1
        number = self._asked
        self._runner.start(
            lambda _: preview(self._engine, kept),
            owner=self,
            done=lambda sql: show(sql, rows) if number == self._asked else None,
            failed=lambda error: show_error(self._window, error),
        )

    def _end(self, then: Callable[[], object]) -> None:
        self.is_active = False
        then()

    def _done(self, stagings: Sequence[Staging], done: Committed) -> None:
        self.written = {id(staging.changes): staging.changes.snapshot() for staging in stagings}
        for staging in stagings:
            staging.changes.forget()
        where = "" if done.is_final else " in the open transaction; commit it to keep them"
        show_notice(self._window, f"Rows written: {done.in_words}{where}", "success")
        self.committed.emit(done)

    def _fail(self, stagings: Sequence[Staging], error: KeeperDBError) -> None:
        if isinstance(error, ConfirmationRequired):
            dialog = ConfirmDialog(self._window, error)
            dialog.confirmed.connect(lambda: self.commit(stagings, confirmed=True))
            dialog.open()
            self.stopped.emit()
            return
        self.failed.emit(error)


def _copied(staging: Staging) -> Staging:
    """As it is now: the person may go on while it is being written."""
    return Staging(staging.shape, staging.key, staging.changes.snapshot())
