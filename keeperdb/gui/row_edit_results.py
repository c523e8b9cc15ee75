"""Editing the results of queries in a tab: which view is edited, and what is staged in any of them."""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QBoxLayout, QWidget

from keeperdb.data.edit_targets import EditableRows, result_targets
from keeperdb.data.edits import Committed
from keeperdb.data.staged import StagedChanges
from keeperdb.errors import KeeperDBError
from keeperdb.gui.actions import make_action
from keeperdb.gui.notices import show_error, show_notice
from keeperdb.gui.query_session import QuerySession
from keeperdb.gui.question import ask
from keeperdb.gui.result_view import ResultView
from keeperdb.gui.results_panel import ResultsPanel
from keeperdb.gui.row_editing import RowEditing
from keeperdb.gui.runner import Runner
from keeperdb.gui.staged_bar import StagedBar
from keeperdb.query.session import Session
from keeperdb.task import Task


class ResultEditing(QObject):
    """Over the results of one tab. `changed` follows each change of what is staged."""

    changed = Signal()
    commit_ran = Signal(object)  # CommitRun

    def __init__(self, session: QuerySession, panel: ResultsPanel, runner: Runner, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._panel, self._runner, self._window = session, panel, runner, parent
        self._edited: dict[ResultView, RowEditing] = {}
        self._waiting: ResultView | None = None  # whose rows are being fetched to be edited
        session.changed.connect(self._go_on)
        make_action("data.edit_result", parent, self.edit_current)
        panel.tabs.keeper = self.ask_close

    @property
    def staged_count(self) -> int:
        """How many rows of results that are still shown have staged changes."""
        return sum(editing.count for editing in self._alive())

    def staged(self) -> list[StagedChanges]:
        """What is staged in the results that are still shown, one for each table."""
        stagings = (staging for editing in self._alive() for staging in editing.editing.stagings)
        return [staging.changes for staging in stagings if len(staging.changes)]

    @property
    def is_committing(self) -> bool:
        return any(editing.committing.is_active for editing in self._alive())

    def of(self, view: ResultView) -> RowEditing | None:
        """The editing of a view; None while it only shows."""
        return self._edited.get(view)

    def edit_current(self) -> None:
        """Find out what of the result that is looked at can be changed, and let it be changed."""
        view = self._panel.current
        if view is None or view in self._edited or self._session.is_busy:
            return
        if view.model.editing is not None:
            show_notice(self._window, view.model.editing.locked, "warning", seconds=10)
            return
        if view.result.is_open:
            self._ask_fetch(view)
        else:
            self._find_out(view)

    def commit_focused(self) -> bool:
        """Commit what is staged in the result that has the focus; False if there is nothing."""
        focus = QApplication.focusWidget()
        for view, editing in self._edited.items():
            if focus is not None and view.isAncestorOf(focus) and editing.count:
                editing.commit()
                return True
        return False

    def _ask_fetch(self, view: ResultView) -> None:
        """The session that fetches is the one that asks the catalogue, which ends the fetching."""
        text = f"Only the first {view.result.row_count:,} rows are here."
        detail = "Editing asks the server about the tables of the query; the other rows cannot be fetched after that."
        choices = [
            ("Fetch all, then edit", lambda: self._fetch_first(view)),
            ("Edit these rows", lambda: self._find_out(view)),
        ]
        ask(self._window, text, detail, choices, "Cancel")

    def _fetch_first(self, view: ResultView) -> None:
        self._waiting = view
        view.all_requested.emit()

    def _go_on(self) -> None:
        """After fetching; a result that is still open was stopped."""
        view = self._waiting
        if view is None or self._session.is_busy:
            return
        self._waiting = None
        if view in self._panel.views and not view.result.is_open:
            QTimer.singleShot(0, view, lambda: self._find_out(view))

    def _find_out(self, view: ResultView) -> None:
        if view in self._edited or self._session.is_busy or view not in self._panel.views:
            return
        result = view.result

        def operation(session: Session, task: Task) -> EditableRows:
            return result_targets(session, result, task)

        self._session.run(
            operation, done=lambda rows: self._begin(view, rows), failed=self._fail, cancelled=lambda: None
        )

    def ask_close(self, view: ResultView, then: Callable[[], None]) -> bool:
        """Ask before a result with staged changes goes; False if it has none."""
        editing = self._edited.get(view)
        if editing is None or not editing.count:
            return False
        rows = "1 row has" if editing.count == 1 else f"{editing.count:,} rows have"
        text = f"{rows} staged changes that are not committed."
        choices = [("Discard them and close", then)]
        ask(view.window(), text, "They are not in the database yet.", choices, "Keep them")
        return True

    def ask_before(self, then: Callable[[], None]) -> bool:
        """Ask what is to become of staged changes that would go; False if there are none and nothing was asked."""
        if self.is_committing:
            return True
        passing = [editing for view, editing in self._edited.items() if view in self._panel.fresh_views]
        count = sum(editing.count for editing in passing)
        if not count:
            return False

        def discard() -> None:
            for editing in passing:
                editing.discard()
            then()

        rows = "1 row has" if count == 1 else f"{count:,} rows have"
        text = f"{rows} staged changes that are not committed."
        ask(self._window, text, "Running again replaces the result.", [("Discard them and run", discard)], "Keep them")
        return True

    def _alive(self) -> list[RowEditing]:
        shown = self._panel.views
        self._edited = {view: editing for view, editing in self._edited.items() if view in shown}
        return list(self._edited.values())

    def _begin(self, view: ResultView, rows: EditableRows) -> None:
        if view not in self._panel.views or view in self._edited:
            return
        if rows.locked:
            view.model.set_editing(rows)  # so that each head says why
            show_notice(self._window, rows.locked, "warning", seconds=10)
            return
        bar = StagedBar(view)
        column = view.layout()
        if isinstance(column, QBoxLayout):
            column.insertWidget(0, bar)
        editing = RowEditing(view.grid, view.model, rows, bar, self._session, self._runner, view)
        editing.changed.connect(self.changed)
        editing.committing.ran.connect(self.commit_ran)
        editing.committed.connect(lambda done: self._refresh_hint(view, done))
        self._edited[view] = editing
        locked = sum(bool(column.locked) for column in rows.columns)
        words = f"; {locked} of {len(rows.columns)} columns are locked, and say why" if locked else ""
        show_notice(self._window, f"Rows can be edited now{words}.", seconds=6)
        view.refresh()

    def _refresh_hint(self, view: ResultView, done: Committed) -> None:
        """What was read before the commit is shown with what was written over it, and is not edited further."""
        editing = self._edited.pop(view, None)
        if editing is None:
            return
        what = "Committed" if done.is_final else "Written in the open transaction, which is to be committed"
        text = f"{what}. Run the query again to edit further, or to see what the server made of it."
        show_notice(self._window, text, "success", seconds=8)
        rows, written = editing.editing, editing.committing.written
        targets = [
            replace(target, staging=replace(target.staging, changes=written[id(target.staging.changes)]))
            for target in rows.targets
        ]
        reason = "These rows were read before the commit. Run the query again to edit them."
        view.model.set_editing(EditableRows(rows.engine, targets, rows.columns, reason))

    def _fail(self, error: KeeperDBError) -> None:
        show_error(self._window.window(), error)
