"""Records what tabs run, after it ended, in the background."""

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.errors import KeeperDBError
from keeperdb.query.history import History, HistoryEntry
from keeperdb.task import Task

if TYPE_CHECKING:
    from keeperdb.gui.app import Application
    from keeperdb.gui.query_tab import QueryTab
    from keeperdb.gui.row_edit_committing import CommitRun
    from keeperdb.gui.script_run import ScriptRun
    from keeperdb.query.results import ResultSet
    from keeperdb.query.statements import Statement

_PRUNE_EVERY = 3_600.0  # seconds between two looks for what is too old
_PATIENCE = 3.0  # seconds for the last writing when the program ends


class HistoryKeeper(QObject):
    """`recorded` follows each writing; `troubled(error)` the first that failed."""

    recorded = Signal()
    troubled = Signal(object)

    def __init__(self, app: "Application") -> None:
        super().__init__(app)
        self.history = History(app.workspace.paths.data / "history.sqlite")
        self._app = app
        self._lane = app.runner.lane("history")
        self._waiting: list[HistoryEntry] = []
        self._is_writing = False
        self._is_finished = False
        self._has_warned = False
        self._pruned_at = float("-inf")

    def follow(self, tab: "QueryTab") -> None:
        """Record what a tab runs from now on."""
        tab.run_started.connect(lambda run: _RunRecord(run, tab.profile, self))
        self.follow_commits(tab)

    def follow_commits(self, tab: "QueryTab") -> None:
        """Record what is written of staged rows in a tab."""
        tab.commit_ran.connect(lambda run: self._record_commit(run, tab.profile))

    def record(self, entry: HistoryEntry) -> None:
        """Write an entry down soon, if the person wants a history."""
        if self._app.workspace.settings.is_on("tabs.record_history") and not self._is_finished:
            self._waiting.append(entry)
            self._write()

    def _record_commit(self, run: "CommitRun", profile: ConnectionProfile) -> None:
        def record(sql: str) -> None:
            self.record(HistoryEntry(profile.id, profile.name, sql, run.at, run.seconds, run.rows, run.error))

        if self._app.workspace.settings.is_on("tabs.record_history") and not self._is_finished:
            self._app.runner.start(lambda _: run.sql(), owner=self, lane=self._lane, done=record, failed=self._fail)

    def finish(self) -> None:
        """The program ends: write what is left, and wait for it."""
        if not self._is_finished:
            self._is_finished = True
            entries, self._waiting = self._waiting, []
            if entries:
                self._lane.submit(lambda: self.history.record(entries))
            self._lane.close()
            self._lane.join(time.monotonic() + _PATIENCE)

    def _write(self) -> None:
        """One writing at a time, with all that came meanwhile."""
        if self._is_writing or not self._waiting or self._is_finished:
            return
        self._is_writing = True
        entries, self._waiting = self._waiting, []
        days = self._app.workspace.settings.number("tabs.history_days")

        def write(_task: Task) -> None:
            self.history.record(entries)
            self._prune(days)

        self._app.runner.start(
            write,
            owner=self,
            lane=self._lane,
            done=lambda _: self.recorded.emit(),
            failed=self._fail,
            finished=self._written,
        )

    def _written(self) -> None:
        self._is_writing = False
        self._write()

    def _fail(self, error: KeeperDBError) -> None:
        if not self._has_warned:
            self._has_warned = True
            self.troubled.emit(error)

    def _prune(self, days: int) -> None:
        """On the lane. Raises `StoreError`."""
        if days and time.monotonic() - self._pruned_at > _PRUNE_EVERY:
            self._pruned_at = time.monotonic()
            self.history.prune(datetime.now(UTC) - timedelta(days=days))


class _RunRecord(QObject):
    """Follows one run of a tab; lives as long as that."""

    def __init__(self, run: "ScriptRun", profile: ConnectionProfile, keeper: HistoryKeeper) -> None:
        super().__init__(run)
        self._profile, self._keeper = profile, keeper
        self._statement: Statement | None = None
        self._at, self._began, self._seconds = datetime.now(UTC), 0.0, 0.0
        self._rows: int | None = None
        self._is_refused = False  # it waits for a confirmation, so nothing was run
        run.began.connect(self._begin)
        run.confirmation_asked.connect(lambda _: self._set_refused(True))
        run.confirmed.connect(lambda: self._set_refused(False))
        run.ended.connect(self._end)
        run.failed.connect(self._fail)
        run.finished.connect(self._fail)
        run.stopped.connect(self._stop)

    def _begin(self, statement: "Statement") -> None:
        self._tell("")
        self._statement, self._rows, self._seconds = statement, None, -1.0
        self._at, self._began = datetime.now(UTC), time.monotonic()

    def _set_refused(self, is_refused: bool) -> None:
        self._is_refused = is_refused
        self._began = time.monotonic()

    def _end(self, results: "list[ResultSet]") -> None:
        """The statement gave what it gave; whether all rows could be fetched is said next."""
        counts = [_rows_of(result) for result in results]
        known = [count for count in counts if count is not None]
        self._rows = sum(known) if known else None
        self._seconds = sum(result.execute_seconds + result.fetch_seconds for result in results)

    def _fail(self, error: KeeperDBError | None) -> None:
        self._tell("" if error is None else error.message)

    def _stop(self) -> None:
        has_ended = self._seconds >= 0
        self._tell("" if has_ended else "Stopped")

    def _tell(self, error: str) -> None:
        statement, self._statement = self._statement, None
        if statement is None or self._is_refused:
            self._is_refused = False
            return
        seconds = self._seconds if self._seconds >= 0 else time.monotonic() - self._began
        profile = self._profile
        self._keeper.record(
            HistoryEntry(profile.id, profile.name, statement.text, self._at, seconds, self._rows, error)
        )


def _rows_of(result: "ResultSet") -> int | None:
    """Rows that were fetched or changed; None where there are none to count."""
    if result.columns is not None:
        return result.row_count
    return result.rows_affected if result.rows_affected is not None and result.rows_affected >= 0 else None
