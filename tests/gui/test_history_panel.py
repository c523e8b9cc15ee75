"""The history: every statement after it ended, found as one types, used again without being run by itself."""

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from keeperdb.connections.profile import CommitMode
from keeperdb.gui.history_list import PAGE
from keeperdb.gui.notices import Notice
from keeperdb.gui.palette_search import search
from keeperdb.query.history import HistoryEntry


def run(qtbot, window, sql):
    tab = window.tabs.current or window.new_tab()
    tab.editor.setPlainText(sql)
    tab.run_all()
    qtbot.waitUntil(lambda: not tab.is_running, timeout=20_000)
    settle(qtbot, window)
    return tab


def settle(qtbot, window):
    qtbot.waitUntil(lambda: window.application.runner.is_idle and not window.tabs.current.session.is_busy)


@pytest.fixture
def panel(qtbot, window):
    window.docks.show("history")
    panel = window.docks.get("history").content()
    settle(qtbot, window)
    return panel


def wait_for(qtbot, panel, count):
    qtbot.waitUntil(lambda: len(panel.model.entries) == count)


def press(qtbot, window, words):
    button = next(each for each in window.findChildren(Notice)[-1].findChildren(QPushButton) if each.text() == words)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_statements_are_recorded_with_rows_time_and_error(qtbot, window, panel):
    run(qtbot, window, "select id from kinds; update kinds set name = 'x' where id = 1; select * from nowhere")
    wait_for(qtbot, panel, 3)
    failed, update, select = panel.model.entries
    assert (select.sql, select.rows, select.error) == ("select id from kinds", 5, "")
    assert update.rows == 1
    assert "nowhere" in failed.error
    assert select.connection == window.profile.name
    assert all(entry.seconds >= 0 for entry in panel.model.entries)


def test_secrets_are_not_recorded(qtbot, window, panel):
    run(qtbot, window, "select 'x' -- password='hunter2'")
    wait_for(qtbot, panel, 1)
    assert "hunter2" not in panel.model.entries[0].sql


def test_a_statement_that_was_not_confirmed_was_not_run(qtbot, window, panel):
    window.application.workspace.settings.set("safety.confirmation", "changes")
    tab = window.new_tab("update kinds set name = 'x'")
    tab.run_all()
    qtbot.waitUntil(lambda: tab._run is not None and tab._run.is_asking)
    tab.cancel()
    qtbot.waitUntil(lambda: not tab.is_running)
    run(qtbot, window, "select 1")
    wait_for(qtbot, panel, 1)
    assert panel.model.entries[0].sql == "select 1"


def test_it_is_found_as_one_types_and_by_what_failed(qtbot, window, panel):
    run(qtbot, window, "select 'apple'; select 'pear'; select * from nowhere")
    wait_for(qtbot, panel, 3)
    qtbot.keyClicks(panel.search, "app")
    wait_for(qtbot, panel, 1)
    panel.search.clear()
    wait_for(qtbot, panel, 3)
    qtbot.mouseClick(panel.failed, Qt.MouseButton.LeftButton)
    wait_for(qtbot, panel, 1)
    assert "nowhere" in panel.model.entries[0].sql


def test_other_connections_are_shown_only_when_asked(qtbot, window, panel):
    history = window.application.history
    history.history.record([_entry("select 'elsewhere'", "other")])
    history.recorded.emit()
    qtbot.waitUntil(lambda: panel.nothing.isVisible())
    qtbot.mouseClick(panel.every, Qt.MouseButton.LeftButton)
    wait_for(qtbot, panel, 1)


def test_more_is_read_as_the_list_is_scrolled(qtbot, window, panel):
    history = window.application.history
    history.history.record([_entry(f"select {number}", window.profile.id) for number in range(PAGE + 50)])
    history.recorded.emit()
    wait_for(qtbot, panel, PAGE)
    panel.list.scrollToBottom()
    wait_for(qtbot, panel, PAGE + 50)
    assert panel.model.entries[-1].sql == "select 0"


def test_an_entry_is_opened_inserted_and_copied_but_never_run(qtbot, window, panel):
    run(qtbot, window, "select 40 + 2")
    wait_for(qtbot, panel, 1)
    qtbot.keyClick(panel.search, Qt.Key.Key_Down)
    assert panel.preview.script() == "select 40 + 2"
    qtbot.keyClick(panel.list, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "select 40 + 2"
    before = window.tabs.count()
    qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.tabs.count() == before + 1)
    opened = window.tabs.current
    assert opened.editor.script() == "select 40 + 2"
    panel.insert()
    assert opened.editor.script() == "select 40 + 2select 40 + 2"
    assert not opened.is_running
    assert opened.results.current is None


def test_run_again_asks_for_a_click(qtbot, window, panel):
    run(qtbot, window, "select 40 + 2")
    wait_for(qtbot, panel, 1)
    panel.list.setCurrentIndex(panel.model.index(0, 0))
    panel.run_again()
    tab = window.tabs.current
    assert not tab.is_running
    press(qtbot, window, "Run")
    qtbot.waitUntil(lambda: tab.results.current is not None)
    settle(qtbot, window)


def test_forgetting_can_be_undone(qtbot, window, panel):
    run(qtbot, window, "select 1; select 2")
    wait_for(qtbot, panel, 2)
    panel.list.setFocus()
    panel.list.setCurrentIndex(panel.model.index(0, 0))
    qtbot.keyClick(panel.list, Qt.Key.Key_Delete)
    wait_for(qtbot, panel, 1)
    press(qtbot, window, "Undo")
    wait_for(qtbot, panel, 2)
    assert [entry.sql for entry in panel.model.entries] == ["select 2", "select 1"]


def test_it_can_be_switched_off(qtbot, window, panel):
    window.application.workspace.settings.set("tabs.record_history", False)
    run(qtbot, window, "select 1")
    window.application.workspace.settings.set("tabs.record_history", True)
    run(qtbot, window, "select 2")
    wait_for(qtbot, panel, 1)
    assert panel.model.entries[0].sql == "select 2"


def test_a_stopped_statement_is_recorded_as_stopped(qtbot, window, panel):
    window.tabs.current.session.set_commit_mode(CommitMode.AUTO, lambda error: None)
    tab = window.tabs.current
    tab.editor.setPlainText(
        "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n where i < 0"
    )
    tab.run_all()
    qtbot.waitUntil(lambda: tab.session.is_busy and tab._run is not None and tab._run.statement is not None)
    qtbot.wait(50)
    tab.cancel()
    qtbot.waitUntil(lambda: not tab.is_running, timeout=20_000)
    wait_for(qtbot, panel, 1)
    assert panel.model.entries[0].error == "Stopped"


def test_the_palette_finds_what_was_run_saved_and_closed(qtbot, window, panel):
    run(qtbot, window, "select 'findable'")
    wait_for(qtbot, panel, 1)
    window.new_tab("select 'gone'", "the closed one")
    window.close_tab()
    sources = window.palettes._added
    for source in sources:
        source.prepare()
    qtbot.waitUntil(lambda: window.application.runner.is_idle)
    found = []
    runner = window.application.runner
    runner.start(lambda task: search(sources, "findable", [], task), owner=window, done=found.append)
    runner.start(lambda task: search(sources, "closed: one", [], task), owner=window, done=found.append)
    qtbot.waitUntil(lambda: len(found) == 2)
    kinds = {hit.entry.kind for hits in found for hit in hits}
    assert kinds == {"History", "Closed tab"}


def _entry(sql: str, connection_id: str) -> HistoryEntry:
    return HistoryEntry(connection_id, connection_id, sql, datetime.now(UTC), 0.1, 1)


def test_commits_of_staged_rows_are_recorded_with_their_sql(qtbot, window, panel):
    table = window.open_table(("kinds",))
    qtbot.waitUntil(lambda: table.editing is not None and not table.is_busy)
    table.editing.typed(0, 1, "renamed")
    table.editing.commit()
    wait_for(qtbot, panel, 1)
    settle(qtbot, window)
    entry = panel.model.entries[0]
    assert "'renamed'" in entry.sql
    assert entry.sql.startswith("UPDATE")
    assert (entry.rows, entry.error, entry.connection) == (1, "", window.profile.name)


def test_run_again_says_when_it_was_another_connection(qtbot, window, panel):
    entry = HistoryEntry("elsewhere", "Production", "delete from kinds", datetime.now(UTC), 0.0, 1)
    window.application.history.history.record([entry])
    panel.every.click()
    wait_for(qtbot, panel, 1)
    panel.list.setCurrentIndex(panel.model.index(0, 0))
    panel.run_again()
    notice = window.findChildren(Notice)[-1]
    assert "Production" in notice.text
    assert f"Run on {window.profile.name}" in [each.text() for each in notice.findChildren(QPushButton)]
    assert not window.tabs.current.is_running
    settle(qtbot, window)
