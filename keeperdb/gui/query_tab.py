"""One SQL tab: its editor, its own session, its results and its transaction."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from keeperdb.connections.profile import CommitMode, ConnectionProfile
from keeperdb.engines.base import Engine
from keeperdb.errors import ConnectError, KeeperDBError, QueryError
from keeperdb.gui.actions import make_action, set_available
from keeperdb.gui.editor import Editor, EditorPreferences
from keeperdb.gui.error_place import ErrorPlace
from keeperdb.gui.export_dialog import ExportDialog
from keeperdb.gui.fetching import Fetching
from keeperdb.gui.messages import summary
from keeperdb.gui.parameters_dialog import Given
from keeperdb.gui.query_session import QuerySession, SessionOpener, SessionState
from keeperdb.gui.result_context import ResultContext
from keeperdb.gui.result_view import ResultView
from keeperdb.gui.results_panel import MOST_RESULTS, ResultsPanel
from keeperdb.gui.row_edit_results import ResultEditing
from keeperdb.gui.run_bar import RunBar
from keeperdb.gui.run_questions import RunQuestions
from keeperdb.gui.runner import Runner
from keeperdb.gui.script_run import OnError, ScriptRun
from keeperdb.gui.strips import seconds_in_words
from keeperdb.gui.transaction_bar import TransactionBar
from keeperdb.query.policy import policy_of
from keeperdb.query.results import ResultSet
from keeperdb.query.statements import Statement, split, statement_at
from keeperdb.settings import Settings

_STATE_WORDS = {
    SessionState.CLOSED: "Not connected yet",
    SessionState.CONNECTING: "Connecting…",
    SessionState.READY: "Connected",
    SessionState.BUSY: "Running…",
    SessionState.LOST: "Connection lost",
}


class QueryTab(QWidget):
    """`changed` follows every change that the status bar or the tab's own title shows.

    `run_ended(is_good, seconds)` follows statements that came to their end, but not those that a person stopped.
    """

    changed = Signal()
    run_ended = Signal(bool, float)
    settings_applied = Signal()
    run_started = Signal(object)  # ScriptRun, before it begins
    commit_ran = Signal(object)  # CommitRun, of what was staged

    def __init__(
        self,
        runner: Runner,
        settings: Settings,
        profile: ConnectionProfile,
        engine: Engine,
        opener: SessionOpener,
        title: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.title = title
        self.journal_id = uuid.uuid4().hex  # under which the journal keeps the tab
        self.file_path = ""  # where Save writes to
        self._settings = settings
        self._engine = engine
        self._run: ScriptRun | None = None
        self._said = ""  # how stopping goes
        self._profile = profile
        self._policy = policy_of(profile, settings)
        self.given: Mapping[str, Given] = {}  # what was entered for parameters
        self.session = QuerySession(runner, opener, self._policy.commit_mode, self)
        self.editor = Editor(engine.dialect, EditorPreferences.from_settings(settings), self, runner)
        self.results = ResultsPanel(runner, settings, self, ResultContext(engine))
        self.fetching = Fetching(self.session, self.results, settings, self)
        self.bar = RunBar(self.session.commit_mode, engine.capabilities.isolation_levels, self)
        self.transaction_bar = TransactionBar(self)
        self.result_editing = ResultEditing(self.session, self.results, runner, self)
        self.result_editing.changed.connect(self.changed)
        self.result_editing.commit_ran.connect(self.commit_ran)
        self.results.edit_requested.connect(self.result_editing.edit_current)
        self._error_place = ErrorPlace(self.editor)
        self._lay_out()
        self._add_actions()
        self._connect()
        self._show_state()

    @property
    def profile(self) -> ConnectionProfile:
        """The connection that it belongs to."""
        return self._profile

    @property
    def is_running(self) -> bool:
        """Whether statements run; fetching more rows of a result does not count."""
        return self._run is not None

    @property
    def is_busy(self) -> bool:
        return self.is_running or self.session.is_busy

    @property
    def would_lose_work(self) -> bool:
        """Whether closing would stop statements or an export."""
        return self.is_running or self.fetching.is_exporting

    @property
    def has_uncommitted_changes(self) -> bool:
        return self.session.in_transaction and self.session.has_changes

    @property
    def has_unsaved_text(self) -> bool:
        """Whether the person typed something that is in no file."""
        return self.editor.document().isModified() and bool(self.editor.script().strip())

    @property
    def staged_count(self) -> int:
        """How many rows have changes that are staged and not committed."""
        return self.result_editing.staged_count

    def set_file(self, path: str, *, is_same: bool) -> None:
        """The text was read from, or written to, `path`; `is_same` unless it was edited since."""
        self.file_path = path
        self.title = Path(path).name
        if is_same:
            self.editor.document().setModified(False)
        self.changed.emit()

    def status(self) -> str:
        """Rows and time of the result that is looked at, for the status bar."""
        view = self.results.current
        return summary(view.result) if view is not None else ""

    def run_statement(self) -> None:
        """Run the selection, or else the statement at the caret."""
        script, (start, end) = self.editor.script(), self.editor.selection()
        dialect = self._engine.dialect
        if start != end:
            self._start(script, lambda: _moved(split(script[start:end], dialect), start))
        else:
            self._start(script, lambda: [each for each in [statement_at(script, start, dialect)] if each is not None])

    def run_all(self) -> None:
        """Run the whole script, up to the first error."""
        script, dialect = self.editor.script(), self._engine.dialect
        self._start(script, lambda: split(script, dialect))

    def cancel(self) -> None:
        """Stop what runs: statements, connecting, or fetching."""
        if self._run is not None and self._run.is_asking:
            self._run.give_up()
        elif self.is_running:
            if self._run is not None:
                self._run.is_stopping = True
            self._say("Stopping…")
            self.session.cancel()
        else:
            self.fetching.stop()

    def run_or_stop(self) -> None:
        if self.is_running:
            self.cancel()
        else:
            self.run_statement()

    def save_itself(self) -> bool:
        """Save commits what is staged in the rows that have the focus; False if the text is meant."""
        return self.result_editing.commit_focused()

    def commit(self, then: Callable[[], None] | None = None) -> None:
        """Commit the open transaction, if there is one; `then` is called when that is done."""
        self._end_transaction("Committed", lambda session, task: session.commit(task), then)

    def rollback(self, then: Callable[[], None] | None = None) -> None:
        """Roll back the open transaction, if there is one; `then` is called when that is done."""
        self._end_transaction("Rolled back", lambda session, task: session.rollback(task), then)

    def export(self, view: ResultView | None = None) -> None:
        """Ask where to, then write a result, or the one that is looked at, to a file."""
        view = view or self.results.current
        if view is not None and not self.is_running:
            dialog = ExportDialog(view.result, self._settings, view.window(), self.results.title(view), view.shown_rows)
            dialog.chosen.connect(lambda choice: self.fetching.export(view, choice))
            dialog.open()

    def close_session(self) -> None:
        """Stop what runs and give the session back; what is not committed is rolled back."""
        self.session.close()

    def apply_settings(self) -> None:
        """Take changed settings into use at once."""
        self.editor.set_preferences(EditorPreferences.from_settings(self._settings))
        for view in self.results.views:
            view.grid.set_density(self._settings.text("appearance.density"))
            view.model.set_null_text(self._settings.text("results.null_text"))
            view.set_time_zone(self._settings.text("results.time_zone"))
        self.settings_applied.emit()

    def _start(self, script: str, find: Callable[[], list[Statement]]) -> None:
        if self.is_running or self.result_editing.ask_before(lambda: self._start(script, find)):
            return
        self.fetching.stop()
        self._error_place.begin(script)
        self.results.clear()
        self.results.lost_strip.hide()
        run = ScriptRun(
            self.session,
            find,
            self._settings.number("results.page_size"),
            self,
            OnError(self._settings.text("safety.on_error")),
            self._engine.dialect,
        )
        self._run = run
        self._said = ""
        questions = RunQuestions(self, run, self._profile.environment.value, self.given)
        questions.given_changed.connect(self._remember)
        run.failed.connect(self._show_failure)
        run.said.connect(self._say)
        run.began.connect(self._began)
        run.columns_arrived.connect(self._show_result)
        run.ended.connect(self._ended)
        run.finished.connect(self._finished)
        run.stopped.connect(self._stopped)
        self.bar.show_running()
        self.run_started.emit(run)
        run.start()
        self._show_state()

    def _remember(self, given: Mapping[str, Given]) -> None:
        self.given = {**self.given, **given}
        self.changed.emit()

    def _say(self, text: str) -> None:
        """How stopping goes."""
        self._said = text
        self.bar.state.setText(text)
        if text:
            self.results.messages.add(text)

    def _show_failure(self, error: KeeperDBError) -> None:
        """An error after which the script goes on."""
        self.results.messages.add_error(error)

    def _began(self, statement: Statement) -> None:
        self._error_place.follow(statement)
        self.results.messages.add_statement(statement)

    def _show_result(self, result: ResultSet) -> None:
        view = self.results.add_result(result)
        if view is not None:
            view.set_fetching(result.is_open)
        elif len(self.results.fresh_views) == MOST_RESULTS:
            self.results.messages.add(f"Only the first {MOST_RESULTS} results are shown; this one is not.")

    def _ended(self, results: list[ResultSet]) -> None:
        for result in results:
            self.results.messages.add_result(result)
        for view in self.results.views:
            view.set_fetching(False)

    def _finished(self, error: KeeperDBError | None) -> None:
        skipped = len(self._run.remaining) if self._run is not None else 0
        failures = self._run.failures if self._run is not None else 0
        self._end_run()
        if error is not None:
            self._show_error(error)
            self._say_skipped(skipped)
        elif failures:
            words = "1 statement" if failures == 1 else f"{failures:,} statements"
            self.results.messages.add(f"{words} of the script failed.")
            self.results.show_messages()
        elif not self.results.fresh_views:
            self.results.show_messages()
        self.run_ended.emit(error is None and not failures, self.bar.seconds)

    def _stopped(self) -> None:
        skipped = len(self._run.remaining) if self._run is not None else 0
        self._end_run()
        self.results.messages.add(f"Stopped after {seconds_in_words(self.bar.seconds)}.")
        self._say_skipped(skipped)
        if not self.results.fresh_views:
            self.results.show_messages()

    def _say_skipped(self, count: int) -> None:
        if count:
            words = "1 statement was" if count == 1 else f"{count:,} statements were"
            self.results.messages.add(f"{words} not run.")

    def _end_run(self) -> None:
        for view in self.results.views:
            view.set_fetching(False)
        if self._run is not None:
            self._run.deleteLater()
        self._run = None
        self._said = ""
        self.bar.show_idle()
        self._show_state()

    def _show_error(self, error: KeeperDBError) -> None:
        self.results.messages.add_error(error)
        if isinstance(error, ConnectError) and self.session.state is SessionState.LOST:
            return
        place = self._error_place.mark(error.position) if isinstance(error, QueryError) else ""
        self.results.error_strip.show_error(error, place)

    def _lost(self, error: ConnectError, lost: list[str]) -> None:
        what = f"Lost with it: {', '.join(lost)}." if lost else "No transaction was open."
        self.results.lost_strip.show_text(error.message, f"{error.hint} {what} Nothing is run again by itself.".strip())
        self.results.messages.add(f"{error.message} {what}")

    def _reconnect(self) -> None:
        self.results.lost_strip.hide()
        self.session.connect_again(self._show_error)

    def _end_transaction(self, word: str, operation: Callable[..., None], then: Callable[[], None] | None) -> None:
        if not self.session.in_transaction or (self.is_busy and not self.fetching.is_active):
            return
        self.fetching.stop()

        def done(_: None) -> None:
            self.results.messages.add(f"{word}.")
            if then is not None:
                then()

        self.session.run(operation, done=done, failed=self._show_error, cancelled=lambda: None)

    def _choose_commit_mode(self, mode: CommitMode) -> None:
        if mode is not self.session.commit_mode:
            self.session.set_commit_mode(mode, self._show_error)

    def _show_state(self) -> None:
        words = "Fetching…" if self.fetching.is_active else _STATE_WORDS[self.session.state]
        self.bar.state.setText(self._said or words)
        self._show_available()
        self.bar.mode.setEnabled(not self.is_busy)
        self.bar.isolation.setEnabled(not self.is_busy)
        if self.session.in_transaction:
            self.transaction_bar.show_transaction(self.session, self._policy.idle_minutes)
        else:
            self.transaction_bar.hide()
        self.changed.emit()

    def _show_available(self) -> None:
        for action in (self._run_action, self._run_all_action):
            set_available(action, not self.is_running, "A statement of this tab runs. Stop it first.")
        set_available(self._stop_action, self.is_busy, "Nothing runs in this tab.")
        for action in self._end_actions:
            set_available(action, self.session.in_transaction, "No transaction is open.")
        if self.session.has_failed:
            set_available(self._end_actions[0], False, "The transaction failed: it can only be rolled back.")
        for action in self._result_actions:
            set_available(action, self.results.current is not None, "There is no result to look at. Run a query first.")

    def _connect(self) -> None:
        self.bar.pressed.connect(self.run_or_stop)
        self.bar.mode_chosen.connect(self._choose_commit_mode)
        self.bar.isolation_chosen.connect(lambda level: self.session.set_isolation(level, self._show_error))
        self.transaction_bar.commit_requested.connect(self.commit)
        self.transaction_bar.rollback_requested.connect(self.rollback)
        self.session.changed.connect(self._show_state)
        self.session.lost.connect(self._lost)
        self.results.reconnect_requested.connect(self._reconnect)
        self.results.error_strip.place_requested.connect(self._error_place.go)
        self.results.result_added.connect(self._added)
        self.results.current_changed.connect(self._show_available)
        self.results.current_changed.connect(self.changed)
        self.results.selection_told.connect(self.changed)
        self.results.export_requested.connect(self.export)
        self.fetching.changed.connect(self._show_state)
        self.fetching.failed.connect(self._show_error)
        self.editor.hidden_found.connect(self.bar.show_hidden)
        self.editor.document().modificationChanged.connect(lambda _: self.changed.emit())

    def _added(self, view: ResultView) -> None:
        view.grew.connect(self.changed)
        view.more_requested.connect(lambda: self.fetching.fetch_page(view))
        view.all_requested.connect(lambda: self.fetching.fetch_all(view))
        view.stop_requested.connect(self.fetching.stop)

    def _add_actions(self) -> None:
        self._run_action = make_action("query.run", self, self.run_statement)
        self._run_all_action = make_action("query.run_all", self, self.run_all)
        self._stop_action = make_action("query.stop", self, self.cancel)
        self._end_actions = [
            make_action("query.commit", self, self.commit),
            make_action("query.rollback", self, self.rollback),
        ]
        self._result_actions = [
            make_action("result.export", self, self.export),
            make_action("result.filter", self, self.results.filter_rows),
        ]
        make_action("query.switch_focus", self, self._switch_focus)

    def _switch_focus(self) -> None:
        if self.editor.hasFocus():
            self.results.focus_results()
        else:
            self.editor.setFocus()

    def _lay_out(self) -> None:
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.addWidget(self.editor)
        self.splitter.addWidget(self.results)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setStretchFactor(0, 2)
        self.splitter.setStretchFactor(1, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.splitter, 1)
        column.addWidget(self.transaction_bar)  # at the end, so that the text stays where it is when it comes
        self.setFocusProxy(self.editor)
        QWidget.setTabOrder(self.bar.mode, self.editor)


def _moved(statements: list[Statement], by: int) -> list[Statement]:
    """The statements of a selection, with their places in the whole script."""
    return [replace(each, start=each.start + by, end=each.end + by) for each in statements]
