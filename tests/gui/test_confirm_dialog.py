"""Asking before a statement that destroys: the dialog by itself, and in a tab on a guarded session."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QMessageBox

from keeperdb.connections.profile import CommitMode, ConnectionProfile, Environment
from keeperdb.engines.registry import get_engine
from keeperdb.gui.confirm_dialog import ConfirmDialog
from keeperdb.query.policy import policy_of
from keeperdb.query.safety import ConfirmationRequired, check
from keeperdb.query.session import Session
from tests.fixtures.workbench_fixtures import StoreOpener


class GuardedOpener(StoreOpener):
    """Opens sessions with the policy of their environment, as the workspace does."""

    row_cap = 0

    def open(self, task) -> Session:
        engine = get_engine(self.profile.engine)
        policy = replace(policy_of(self.profile), row_cap=self.row_cap)
        session = Session(self.profile, engine, engine.connect(self.profile, None, task), policy)
        self.opened.append(session)
        return session


@pytest.fixture
def environment() -> Environment:
    return Environment.DEVELOPMENT


@pytest.fixture
def opener(store, environment) -> GuardedOpener:
    return GuardedOpener(ConnectionProfile("Store", "sqlite", path=str(store), environment=environment))


def dialog_for(qtbot, statement: str, *, is_typed: bool = False, rows: int | None = None, environment: str = ""):
    error = ConfirmationRequired(check(statement, "postgres"), statement, rows=rows, is_typed=is_typed)
    dialog = ConfirmDialog(None, error, environment)
    qtbot.addWidget(dialog)
    dialog.open()
    return dialog


def test_the_button_names_the_operation_and_cancel_is_the_default(qtbot):
    dialog = dialog_for(qtbot, "DELETE FROM customer", rows=5_000)
    assert dialog.action.text() == "Delete all rows of customer"
    assert dialog.keep.isDefault()
    assert not dialog.action.isDefault()
    assert "About 5,000 rows" in dialog.detail.text()
    with qtbot.assertNotEmitted(dialog.confirmed), qtbot.waitSignal(dialog.rejected):
        qtbot.keyClick(dialog, Qt.Key.Key_Return)


def test_escape_runs_nothing(qtbot):
    dialog = dialog_for(qtbot, "DROP TABLE customer")
    with qtbot.assertNotEmitted(dialog.confirmed), qtbot.waitSignal(dialog.rejected):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)


def test_the_button_confirms(qtbot):
    dialog = dialog_for(qtbot, "DROP TABLE customer")
    with qtbot.assertNotEmitted(dialog.rejected), qtbot.waitSignal(dialog.confirmed):
        qtbot.mouseClick(dialog.action, Qt.MouseButton.LeftButton)


def test_what_destroys_is_marked_in_the_statement(qtbot):
    statement = "WITH x AS (SELECT '😀'), y AS (DELETE FROM t RETURNING *) SELECT * FROM x"
    dialog = dialog_for(qtbot, statement)
    assert dialog.statement.toPlainText() == statement
    marks = [mark.cursor.selectedText() for mark in dialog.statement.extraSelections()]
    assert marks == ["DELETE FROM t RETURNING *"]


def test_the_name_has_to_be_typed_where_that_is_asked(qtbot):
    dialog = dialog_for(qtbot, 'DELETE FROM sales."Order"', is_typed=True, environment="production")
    assert dialog.typed.isVisible()
    assert not dialog.action.isEnabled()
    qtbot.keyClicks(dialog.typed, "sales.order")
    assert not dialog.action.isEnabled()
    dialog.typed.clear()
    qtbot.keyClicks(dialog.typed, "sales.Order")
    assert dialog.action.isEnabled()
    assert "production" in dialog.detail.text()


def test_names_are_never_markup(qtbot):
    dialog = dialog_for(qtbot, 'DROP TABLE "<img src=file:///etc/passwd>"')
    assert dialog.heading.textFormat() is Qt.TextFormat.PlainText
    assert "<img" in dialog.heading.text()


def test_the_fields_have_names_for_screen_readers(qtbot):
    dialog = dialog_for(qtbot, "DROP TABLE customer", is_typed=True)
    names = [QAccessible.queryAccessibleInterface(each).text(QAccessible.Text.Name) for each in _parts(dialog)]
    assert all(names)


def _parts(dialog):
    return (dialog.statement, dialog.typed, dialog.action, dialog.keep)


def run(tab, sql: str) -> None:
    tab.editor.setPlainText(sql)
    tab.run_all()


def settle(qtbot, tab) -> None:
    qtbot.waitUntil(lambda: not tab.is_busy, timeout=20_000)


def asked(qtbot, kind=ConfirmDialog):
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), kind), timeout=20_000)
    return QApplication.activeModalWidget()


def kinds(qtbot, tab) -> str:
    run(tab, "select count(*) from kinds")
    settle(qtbot, tab)
    return tab.results.views[0].model.cell(0, 0)[0]


def test_a_tab_asks_and_runs_what_is_confirmed(qtbot, tab):
    run(tab, "delete from kinds; select 1 as after_it")
    dialog = asked(qtbot)
    assert tab.is_running
    qtbot.mouseClick(dialog.action, Qt.MouseButton.LeftButton)
    settle(qtbot, tab)
    assert tab.results.views[0].model.columns[0].name == "after_it"
    assert kinds(qtbot, tab) == "0"


def test_a_tab_runs_nothing_more_after_cancel(qtbot, tab):
    run(tab, "select 1; drop table kinds; select 2")
    qtbot.keyClick(asked(qtbot), Qt.Key.Key_Escape)
    settle(qtbot, tab)
    assert "1 statement was not run." in tab.results.messages.toPlainText()
    assert kinds(qtbot, tab) == "5"


@pytest.mark.parametrize("environment", [Environment.PRODUCTION])
def test_production_waits_for_the_name_and_for_the_commit(qtbot, tab):
    run(tab, "update kinds set name = 'x'")
    dialog = asked(qtbot)
    assert not dialog.action.isEnabled()
    qtbot.keyClicks(dialog.typed, "kinds")
    qtbot.mouseClick(dialog.action, Qt.MouseButton.LeftButton)
    settle(qtbot, tab)
    assert tab.session.commit_mode is CommitMode.MANUAL
    assert "1 statement, 5 rows not committed, since" in tab.transaction_bar.message.text()


@pytest.mark.parametrize("environment", [Environment.STAGING])
def test_smart_commit_shows_the_bar_from_the_first_change_on(qtbot, tab):
    run(tab, "select 1")
    settle(qtbot, tab)
    assert not tab.transaction_bar.isVisible()
    run(tab, "update kinds set name = 'x' where id < 3; select 1")
    settle(qtbot, tab)
    assert "1 statement, 2 rows not committed" in tab.transaction_bar.message.text()
    tab.rollback()
    settle(qtbot, tab)
    assert not tab.transaction_bar.isVisible()


SCRIPT = "insert into kinds (id) values (50); select * from nowhere; insert into kinds (id) values (51)"


def test_a_script_stops_at_an_error(qtbot, tab):
    run(tab, SCRIPT)
    settle(qtbot, tab)
    assert kinds(qtbot, tab) == "6"


def test_a_script_goes_on_after_an_error_if_that_is_set(qtbot, tab, settings):
    settings.set("safety.on_error", "continue")
    run(tab, SCRIPT)
    settle(qtbot, tab)
    assert "1 statement of the script failed." in tab.results.messages.toPlainText()
    assert kinds(qtbot, tab) == "7"


@pytest.mark.parametrize(("answer", "rows"), [("Go on", "7"), ("Stop", "6")])
def test_a_script_asks_after_an_error_if_that_is_set(qtbot, tab, settings, answer, rows):
    settings.set("safety.on_error", "ask")
    run(tab, SCRIPT)
    box = asked(qtbot, QMessageBox)
    assert box.defaultButton().text() == "Stop"
    button = next(each for each in box.buttons() if each.text() == answer)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    settle(qtbot, tab)
    assert kinds(qtbot, tab) == rows


def test_a_result_that_reaches_the_row_cap_says_so(qtbot, tab, opener):
    opener.row_cap = 1_500
    run(tab, "select * from track")
    settle(qtbot, tab)
    view = tab.results.views[0]
    tab.fetching.fetch_all(view)
    qtbot.waitUntil(lambda: not tab.fetching.is_active, timeout=20_000)
    assert view.model.rowCount() == 1_500
    assert view.rows_label.text() == "1,500+ rows"
    assert "row cap" in view.more_label.text()
