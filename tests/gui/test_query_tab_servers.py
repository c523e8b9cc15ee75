"""A SQL tab on real servers: places of errors, notices, stopping, transactions, sessions that were killed."""

import os
import signal

import pytest
from PySide6.QtCore import QModelIndex, Qt

from keeperdb.connections.profile import CommitMode
from keeperdb.engines.registry import get_engine
from keeperdb.gui.query_session import QuerySession, SessionState
from keeperdb.gui.query_tab import QueryTab
from keeperdb.gui.schema_tree import SchemaTree
from keeperdb.query.session import Session
from tests.fixtures.workbench_fixtures import StoreOpener


class ServerOpener(StoreOpener):
    def __init__(self, server) -> None:
        super().__init__(server.profile())
        self._credential = server.credential

    def open(self, task) -> Session:
        engine = get_engine(self.profile.engine)
        session = Session(self.profile, engine, engine.connect(self.profile, self._credential, task))
        self.opened.append(session)
        return session


@pytest.fixture(params=["postgresql_server", "mariadb_server"])
def opener(request):
    return ServerOpener(request.getfixturevalue(request.param))


@pytest.fixture
def tab(qtbot, runner, settings, opener):
    engine = get_engine(opener.profile.engine)
    tab = QueryTab(runner, settings, opener.profile, engine, opener, "query 1")
    qtbot.addWidget(tab)
    tab.resize(1000, 700)
    with qtbot.waitExposed(tab):
        tab.show()
    yield tab
    tab.close_session()
    qtbot.waitUntil(lambda: runner.is_idle, timeout=20_000)


def is_postgresql(tab) -> bool:
    return tab.session.server_version.startswith("PostgreSQL")


def settle(qtbot, tab) -> None:
    qtbot.waitUntil(lambda: not tab.is_busy and not tab.fetching.is_active, timeout=20_000)


def run(qtbot, tab, sql: str) -> None:
    tab.editor.setPlainText(sql)
    tab.run_all()
    settle(qtbot, tab)


def first_cell(tab) -> str:
    return tab.results.views[0].model.cell(0, 0)[0]


def test_rows_arrive_and_grow(qtbot, tab):
    run(qtbot, tab, "select 1 as one")
    assert first_cell(tab) == "1"
    many = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 900) select a.i from n a, n b"
    run(qtbot, tab, many)
    view = tab.results.current
    assert view.rows_label.text() == "1,000+ rows"
    tab.fetching.fetch_page(view)
    settle(qtbot, tab)
    assert view.model.rowCount() == 2000
    run(qtbot, tab, "select 2")
    assert first_cell(tab) == "2"


def test_an_error_names_the_statement_that_failed(qtbot, tab):
    run(qtbot, tab, "select 1;\nselect 'é😀', nope\nfrom no_such_table")
    start, end = tab.editor.error_range()
    if is_postgresql(tab):
        assert tab.editor.script()[start:end] == "no_such_table"
        assert "Line 3, column 6" in tab.results.error_strip.hint.text()
    else:
        assert tab.editor.script()[start:end].startswith("select 'é😀'")
    assert "no_such_table" in tab.results.error_strip.message.text()
    assert len(tab.results.views) == 1


def test_notices_stand_in_the_messages(qtbot, tab):
    run(qtbot, tab, "select 1")
    if is_postgresql(tab):
        run(qtbot, tab, "do $$ begin raise notice 'hello there'; end $$")
        assert "hello there" in tab.results.messages.toPlainText()
    else:
        run(qtbot, tab, "drop table if exists never_made")
        assert "never_made" in tab.results.messages.toPlainText().splitlines()[-2]


def test_a_long_statement_is_stopped_and_the_session_stays_usable(qtbot, tab):
    run(qtbot, tab, "select 1")
    tab.editor.setPlainText("select pg_sleep(1000)" if is_postgresql(tab) else "select sleep(1000) from dual")
    tab.run_all()
    qtbot.wait(300)
    assert tab.is_running
    qtbot.mouseClick(tab.bar.button, Qt.MouseButton.LeftButton)
    settle(qtbot, tab)
    assert "Stopped after" in tab.results.messages.toPlainText()
    assert not tab.results.error_strip.isVisible()
    run(qtbot, tab, "select 3")
    assert first_cell(tab) == "3"


def test_a_transaction_is_rolled_back_by_its_button(qtbot, tab):
    tab.session.set_commit_mode(CommitMode.MANUAL, lambda error: None)
    run(qtbot, tab, "select 1")
    tab.commit()
    settle(qtbot, tab)
    run(qtbot, tab, "create temporary table t (x int)")
    tab.commit()
    settle(qtbot, tab)
    run(qtbot, tab, "insert into t values (1), (2)")
    assert tab.has_uncommitted_changes
    qtbot.mouseClick(tab.transaction_bar.rollback_button, Qt.MouseButton.LeftButton)
    settle(qtbot, tab)
    run(qtbot, tab, "select count(*) from t")
    assert first_cell(tab) == "0"


def test_a_failed_transaction_can_only_be_rolled_back(qtbot, tab):
    tab.session.set_commit_mode(CommitMode.MANUAL, lambda error: None)
    run(qtbot, tab, "create temporary table t (x int)")
    tab.commit()
    settle(qtbot, tab)
    run(qtbot, tab, "insert into t values (1)")
    run(qtbot, tab, "select * from no_such_table")
    assert tab.session.has_failed == is_postgresql(tab)  # MariaDB takes back the statement alone
    assert tab.transaction_bar.commit_button.isEnabled() != is_postgresql(tab)
    tab.commit()
    settle(qtbot, tab)
    assert ("Nothing was committed" in tab.results.messages.toPlainText()) == is_postgresql(tab)
    tab.rollback()
    settle(qtbot, tab)
    run(qtbot, tab, "select count(*) from t")
    assert first_cell(tab) == ("0" if is_postgresql(tab) else "1")
    assert tab.transaction_bar.commit_button.isEnabled()


def test_a_script_that_stops_at_an_error_keeps_what_went_before(qtbot, tab):
    tab.session.set_commit_mode(CommitMode.MANUAL, lambda error: None)
    run(qtbot, tab, "create temporary table t (x int)")
    tab.commit()
    settle(qtbot, tab)
    run(qtbot, tab, "insert into t values (1), (2);\nselect * from no_such_table;\ninsert into t values (3)")
    assert tab.session.in_transaction
    assert not tab.session.has_failed
    assert tab.session.rows == 2
    run(qtbot, tab, "select count(*) from t")
    assert first_cell(tab) == "2"


def test_a_killed_session_is_told_and_reconnected(qtbot, tab, opener, runner):
    run(qtbot, tab, "select 1")
    own = "select pg_backend_pid()" if is_postgresql(tab) else "select connection_id()"
    run(qtbot, tab, own)
    number = first_cell(tab)
    kill = f"select pg_terminate_backend({number})" if is_postgresql(tab) else f"kill {number}"

    def end_it(task) -> None:
        other = opener.open(task)
        other.execute(kill, task)
        other.close()

    done = []
    runner.start(end_it, owner=tab, done=lambda _: done.append(True))
    qtbot.waitUntil(lambda: bool(done), timeout=20_000)
    run(qtbot, tab, "select 4")
    assert tab.session.state is SessionState.LOST
    assert tab.results.lost_strip.isVisible()
    qtbot.mouseClick(tab.results.reconnect_button, Qt.MouseButton.LeftButton)
    settle(qtbot, tab)
    assert tab.session.state is SessionState.READY
    assert tab.results.views == []
    run(qtbot, tab, "select 5")
    assert first_cell(tab) == "5"


def test_reconnecting_says_what_was_lost_and_repeats_nothing(qtbot, tab, opener, runner):
    run(qtbot, tab, "drop table if exists lost_sample; create table lost_sample (a int)")
    run(qtbot, tab, "create temporary table scratch (a int)")
    tab.session.set_commit_mode(CommitMode.MANUAL, lambda error: None)
    run(qtbot, tab, "insert into lost_sample values (1), (2)")
    run(qtbot, tab, "select pg_backend_pid()" if is_postgresql(tab) else "select connection_id()")
    kill = f"select pg_terminate_backend({first_cell(tab)})" if is_postgresql(tab) else f"kill {first_cell(tab)}"
    elsewhere(qtbot, runner, tab, lambda task: end_with(opener, kill, task))
    run(qtbot, tab, "insert into lost_sample values (3)")
    assert tab.session.state is SessionState.LOST
    hint = tab.results.lost_strip.hint.text()
    assert "the open transaction (1 statement, 2 rows), temporary tables" in hint
    assert "Nothing is run again by itself." in hint
    qtbot.mouseClick(tab.results.reconnect_button, Qt.MouseButton.LeftButton)
    settle(qtbot, tab)
    assert not tab.session.in_transaction
    run(qtbot, tab, "select count(*) from lost_sample")
    assert first_cell(tab) == "0"
    run(qtbot, tab, "drop table lost_sample")
    tab.commit()
    settle(qtbot, tab)


def test_a_session_that_hangs_is_dropped_step_by_step(qtbot, tab, opener):
    if opener.profile.engine != "postgresql":
        pytest.skip("a session of MariaDB is a thread, and cannot be held alone")
    run(qtbot, tab, "select pg_backend_pid()")
    backend = int(first_cell(tab))
    tab.editor.setPlainText("select pg_sleep(1000)")
    tab.run_all()
    qtbot.wait(300)
    os.kill(backend, signal.SIGSTOP)
    try:
        qtbot.mouseClick(tab.bar.button, Qt.MouseButton.LeftButton)
        assert tab.bar.state.text() == "Stopping…"
        settle(qtbot, tab)
    finally:
        os.kill(backend, signal.SIGCONT)
    told = tab.results.messages.toPlainText()
    steps = ["Stopping…", "Asking the server to stop…", "Ending the session on the server…", "Dropping the connection…"]
    assert [told.index(step) for step in steps] == sorted(told.index(step) for step in steps)
    assert tab.session.state is SessionState.LOST
    assert tab.results.lost_strip.isVisible()
    run(qtbot, tab, "select 6")
    assert first_cell(tab) == "6"


def elsewhere(qtbot, runner, tab, operation) -> None:
    """Run `operation` off the UI thread, and wait for it."""
    done = []
    runner.start(operation, owner=tab, done=lambda _: done.append(True))
    qtbot.waitUntil(lambda: bool(done), timeout=20_000)


def end_with(opener, statement: str, task) -> None:
    other = opener.open(task)
    other.execute(statement, task)
    other.close()


def test_the_tree_reaches_the_columns_of_a_table(qtbot, tab, opener, runner):
    session = QuerySession(runner, opener, CommitMode.AUTO, tab)
    run(
        qtbot,
        tab,
        "drop table if exists workbench_sample; create table workbench_sample (id int primary key, label text)",
    )
    tree = SchemaTree(session, get_engine(opener.profile.engine), opener.opened[0].database)
    qtbot.addWidget(tree)
    qtbot.waitUntil(lambda: not session.is_busy and session.state is SessionState.READY, timeout=20_000)
    node = table_node(tree)
    assert node is not None
    with qtbot.waitSignal(tree.open_requested, timeout=20_000) as asked:
        tree.generate_select(node)
    run(qtbot, tab, asked.args[0])
    assert [column.name for column in tab.results.current.model.columns] == ["id", "label"]
    run(qtbot, tab, "drop table workbench_sample")
    session.close()


def table_node(tree):
    """The sample table among what stands open at the start."""
    model, waiting = tree.model, [QModelIndex()]
    while waiting:
        parent = waiting.pop()
        for row in range(model.rowCount(parent)):
            index = model.index(row, 0, parent)
            node = model.item(index).node
            if node is not None and node.name == "workbench_sample":
                return node
            waiting.append(index)
    return None
