"""A SQL tab on real SQLite sessions: running, stopping, fetching, errors, transactions, losing the connection."""

import csv
import sqlite3

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from keeperdb.connections.profile import CommitMode
from keeperdb.errors import ConnectError, ConnectReason
from keeperdb.gui.export_dialog import ExportDialog
from keeperdb.gui.query_session import SessionState
from keeperdb.gui.script_run import fetch_on

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


def settle(qtbot, tab) -> None:
    qtbot.waitUntil(lambda: not tab.is_busy and not tab.fetching.is_active, timeout=20_000)


def run(qtbot, tab, sql: str) -> None:
    tab.editor.setPlainText(sql)
    tab.run_all()
    settle(qtbot, tab)


def names(tab) -> list[str]:
    return [tab.results.tabs.tabText(index) for index in range(tab.results.tabs.count())]


def cells(view) -> list[list[str]]:
    model = view.model
    return [
        [model.data(model.index(row, column)) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_ctrl_enter_runs_the_statement_at_the_caret_only(qtbot, tab):
    tab.editor.setPlainText("select 1 as one;\nselect 2 as two;")
    tab.editor.setTextCursor(tab.editor.place(20, 20))
    qtbot.keyClick(tab.editor, Qt.Key.Key_Return, CONTROL)
    settle(qtbot, tab)
    assert [cells(view) for view in tab.results.views] == [[["2"]]]
    assert tab.editor.script() == "select 1 as one;\nselect 2 as two;"


def test_ctrl_enter_runs_the_selection(qtbot, tab):
    tab.editor.setPlainText("select 1 + 1 as x")
    tab.editor.setTextCursor(tab.editor.place(0, 8))
    qtbot.keyClick(tab.editor, Qt.Key.Key_Return, CONTROL)
    settle(qtbot, tab)
    assert cells(tab.results.views[0]) == [["1"]]


@pytest.mark.parametrize(
    ("key", "modifier"), [(Qt.Key.Key_F5, Qt.KeyboardModifier.NoModifier), (Qt.Key.Key_Return, CONTROL | SHIFT)]
)
def test_the_whole_script_runs_and_each_result_has_its_tab(qtbot, tab, key, modifier):
    tab.editor.setPlainText(
        "select 1;\n-- name: Longest & best\nselect 2 as b;\nselect * from kinds k join track t using (id);"
    )
    qtbot.keyClick(tab.editor, key, modifier)
    settle(qtbot, tab)
    assert names(tab) == ["Result 1", "Longest && best", "kinds (+)", "Messages"]
    assert tab.results.tabs.currentIndex() == 0


def test_running_again_replaces_the_results(qtbot, tab):
    run(qtbot, tab, "select 1; select 2")
    run(qtbot, tab, "select 3")
    assert [cells(view) for view in tab.results.views] == [[["3"]]]


def test_a_script_stops_at_the_first_error_and_says_where(qtbot, tab):
    run(qtbot, tab, "select 1;\nselect nope from kinds;\nselect 3;")
    strip = tab.results.error_strip
    assert len(tab.results.views) == 1
    assert strip.isVisible()
    assert strip.message.text() == "no such column: nope"
    assert strip.message.textFormat() == Qt.TextFormat.PlainText
    assert "line 2" in strip.hint.text()
    messages = tab.results.messages.toPlainText()
    assert "Error: no such column: nope" in messages
    assert "1 statement was not run." in messages
    start, end = tab.editor.error_range()
    assert tab.editor.script()[start:end] == "select nope from kinds"


def test_a_syntax_error_is_underlined_at_its_place(qtbot, tab):
    run(qtbot, tab, "select 1;\nselect '😀' fromm kinds xx yy;")
    place = tab.editor.error_range()
    assert place is not None
    assert tab.editor.script()[place[0] : place[1]] == "kinds"
    assert tab.results.error_strip.hint.text().startswith("Line 2, column 18")
    tab.editor.moveCursor(tab.editor.textCursor().MoveOperation.Start)
    qtbot.mouseClick(tab.results.error_strip.place_button, Qt.MouseButton.LeftButton)
    assert tab.editor.selection()[0] == place[0]


def test_an_error_can_be_copied_and_dismissed(qtbot, tab):
    run(qtbot, tab, "select nope")
    qtbot.mouseClick(tab.results.error_strip.copy_button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text().startswith("no such column: nope\n")
    qtbot.mouseClick(tab.results.error_strip.close_button, Qt.MouseButton.LeftButton)
    assert not tab.results.error_strip.isVisible()


def test_the_error_goes_with_the_next_run(qtbot, tab):
    run(qtbot, tab, "select nope")
    run(qtbot, tab, "select 1")
    assert not tab.results.error_strip.isVisible()
    assert tab.editor.error_range() is None


def test_run_becomes_stop_and_stops(qtbot, tab):
    tab.editor.setPlainText(ENDLESS)
    qtbot.mouseClick(tab.bar.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: tab.session.state is SessionState.BUSY)
    assert tab.bar.button.text().startswith("Stop ")
    qtbot.mouseClick(tab.bar.button, Qt.MouseButton.LeftButton)
    settle(qtbot, tab)
    assert tab.bar.button.text() == "Run"
    assert "Stopped after" in tab.results.messages.toPlainText()
    assert not tab.results.error_strip.isVisible()


@pytest.mark.parametrize(
    ("key", "modifier"), [(Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier), (Qt.Key.Key_Period, CONTROL)]
)
def test_keys_stop_what_runs_and_the_session_stays_usable(qtbot, tab, key, modifier):
    tab.editor.setPlainText(f"{ENDLESS}; select 2")
    tab.run_all()
    qtbot.waitUntil(lambda: tab.session.state is SessionState.BUSY)
    qtbot.keyClick(tab.editor, key, modifier)
    settle(qtbot, tab)
    assert tab.results.views == []
    run(qtbot, tab, "select 5")
    assert cells(tab.results.views[0]) == [["5"]]


def test_the_session_opens_with_the_first_run_and_is_kept(qtbot, tab, opener):
    assert opener.opened == []
    assert tab.bar.state.text() == "Not connected yet"
    run(qtbot, tab, "create temp table mine (x)")
    run(qtbot, tab, "select * from mine")
    assert len(opener.opened) == 1
    assert tab.bar.state.text() == "Connected"
    assert tab.results.current.rows_label.text() == "0 rows"


def test_a_failed_connection_is_told_in_the_strip(qtbot, tab, opener, tmp_path):
    opener.profile = opener.profile.with_(path=str(tmp_path / "no" / "such.sqlite"))
    run(qtbot, tab, "select 1")
    assert tab.results.error_strip.isVisible()
    assert "such.sqlite" in tab.results.error_strip.message.text()
    assert tab.session.state is SessionState.CLOSED


def test_a_needed_password_is_asked_for_and_the_run_goes_on(qtbot, tab, opener, monkeypatch):
    real, first = opener.open, [True]

    def open_(task):
        if first.pop() if first else False:
            raise ConnectError(ConnectReason.PASSWORD_NEEDED, "“Store” needs a password.")
        return real(task)

    monkeypatch.setattr(opener, "open", open_)
    tab.editor.setPlainText("select 1")
    tab.run_all()
    qtbot.waitUntil(lambda: len(opener.asked) == 1)
    assert tab.is_running
    opener.asked[0][1]()
    settle(qtbot, tab)
    assert cells(tab.results.views[0]) == [["1"]]


def test_a_password_that_is_not_given_ends_the_run(qtbot, tab, opener, monkeypatch):
    def open_(task):
        raise ConnectError(ConnectReason.PASSWORD_NEEDED, "“Store” needs a password.")

    monkeypatch.setattr(opener, "open", open_)
    tab.editor.setPlainText("select 1")
    tab.run_all()
    qtbot.waitUntil(lambda: len(opener.asked) == 1)
    opener.asked[0][2]()
    settle(qtbot, tab)
    assert not tab.is_running


def test_the_first_page_is_shown_and_scrolling_brings_the_next(qtbot, tab):
    run(qtbot, tab, "select * from track order by id")
    view = tab.results.current
    assert view.model.rowCount() == 1000
    assert view.rows_label.text() == "1,000+ rows"
    assert "1,000+ rows" in tab.status()
    bar = view.grid.verticalScrollBar()
    bar.setValue(bar.maximum())
    qtbot.waitUntil(lambda: view.model.rowCount() == 2000)
    settle(qtbot, tab)
    assert view.model.data(view.model.index(1999, 0)) == "2000"


def test_exactly_one_page_is_known_to_be_complete(qtbot, tab):
    run(qtbot, tab, "select * from track limit 1000")
    assert tab.results.current.rows_label.text() == "1,000 rows"


def test_fetch_all_brings_the_rest(qtbot, tab):
    run(qtbot, tab, "select * from track")
    view = tab.results.current
    qtbot.mouseClick(view.all_button, Qt.MouseButton.LeftButton)
    assert tab.results.progress_strip.isVisible()
    settle(qtbot, tab)
    assert view.rows_label.text() == "25,000 rows"
    assert view.model.rowCount() == 25_000
    assert not tab.results.progress_strip.isVisible()


def test_stopped_fetching_keeps_what_came_and_can_go_on(qtbot, runner, open_session, tab):
    def fetch_twice(task):
        result = open_session().execute("select * from track", task)[-1]
        stops = iter([False, False, True])
        first = fetch_on(result, None, lambda: next(stops))(None, task)
        return first, result.is_open, fetch_on(result, None, lambda: False)(None, task), result.is_complete

    seen = []
    runner.start(fetch_twice, owner=tab, done=seen.append)
    qtbot.waitUntil(lambda: seen == [(2000, True, 23_000, True)])


def test_a_truncated_result_of_an_earlier_statement_says_so(qtbot, tab):
    run(qtbot, tab, "select * from track; select 1")
    first = tab.results.views[0]
    assert first.rows_label.text() == "1,000+ rows"
    assert first.more_label.text() == "Not all rows were fetched"
    assert first.all_button.isHidden()


def test_statements_without_rows_show_the_messages(qtbot, tab):
    run(qtbot, tab, "update track set milliseconds = 1 where id <= 3")
    assert tab.results.current is None
    assert "3 rows affected" in tab.results.messages.toPlainText()


def test_messages_name_rows_and_times(qtbot, tab):
    run(qtbot, tab, "select * from kinds")
    lines = tab.results.messages.toPlainText().splitlines()
    assert lines[0].endswith("select * from kinds")
    assert "5 rows · " in lines[1]


def test_manual_commit_shows_the_bar_and_commits(qtbot, tab, store):
    tab.bar.mode.setFocus()
    qtbot.keyClick(tab.bar.mode, Qt.Key.Key_Down)
    assert tab.session.commit_mode is CommitMode.MANUAL
    run(qtbot, tab, "update kinds set name = 'new' where id = 1; select 1")
    bar = tab.transaction_bar
    assert bar.isVisible()
    assert "1 statement, 1 row not committed, since" in bar.message.text()
    assert tab.has_uncommitted_changes
    with sqlite3.connect(store) as other:
        assert other.execute("select name from kinds where id = 1").fetchone() == ("plain",)
    qtbot.mouseClick(bar.commit_button, Qt.MouseButton.LeftButton)
    settle(qtbot, tab)
    assert not bar.isVisible()
    with sqlite3.connect(store) as other:
        assert other.execute("select name from kinds where id = 1").fetchone() == ("new",)
    other.close()


def test_keys_roll_back(qtbot, tab, store):
    tab.session.set_commit_mode(CommitMode.MANUAL, lambda error: None)
    run(qtbot, tab, "delete from kinds")
    tab.editor.setFocus()
    qtbot.keyClick(tab.editor, Qt.Key.Key_U, CONTROL | SHIFT)
    settle(qtbot, tab)
    assert not tab.transaction_bar.isVisible()
    run(qtbot, tab, "select count(*) from kinds")
    assert cells(tab.results.views[0]) == [["5"]]


def test_reading_in_manual_mode_is_no_change(qtbot, tab):
    tab.session.set_commit_mode(CommitMode.MANUAL, lambda error: None)
    run(qtbot, tab, "-- look\nselect 1")
    assert not tab.has_uncommitted_changes


def test_a_transaction_begun_by_hand_shows_the_bar_too(qtbot, tab):
    run(qtbot, tab, "begin; delete from kinds")
    assert tab.transaction_bar.isVisible()
    assert tab.has_uncommitted_changes
    run(qtbot, tab, "rollback")
    assert not tab.transaction_bar.isVisible()


def test_the_mode_may_be_changed_while_connected(qtbot, tab, opener):
    run(qtbot, tab, "select 1")
    tab.bar.mode.setCurrentIndex(1)
    tab.bar.mode.activated.emit(1)
    settle(qtbot, tab)
    assert opener.opened[0].commit_mode is CommitMode.MANUAL


def test_a_lost_connection_offers_to_reconnect_and_never_runs_again(qtbot, tab, opener):
    run(qtbot, tab, "select 1")
    opener.opened[0].close()
    run(qtbot, tab, "delete from kinds where id = 1")
    assert tab.session.state is SessionState.LOST
    assert tab.results.lost_strip.isVisible()
    assert not tab.results.error_strip.isVisible()
    qtbot.mouseClick(tab.results.reconnect_button, Qt.MouseButton.LeftButton)
    settle(qtbot, tab)
    assert tab.session.state is SessionState.READY
    assert len(opener.opened) == 2
    assert not tab.results.lost_strip.isVisible()
    run(qtbot, tab, "select count(*) from kinds")
    assert cells(tab.results.views[0]) == [["5"]]


def export(qtbot, tab, path, **choices) -> None:
    qtbot.keyClick(tab.editor, Qt.Key.Key_E, CONTROL)
    dialog = tab.window().findChild(ExportDialog)
    assert dialog.isVisible()
    for name, value in choices.items():
        getattr(dialog, name).setChecked(value)
    dialog.path.setText(str(path))
    dialog.accept()
    settle(qtbot, tab)


def test_export_writes_all_rows_and_not_only_those_that_were_fetched(qtbot, tab, tmp_path):
    run(qtbot, tab, "select id, name from track order by id")
    export(qtbot, tab, tmp_path / "out.csv")
    rows = list(csv.reader((tmp_path / "out.csv").read_text().splitlines()))
    assert rows[0] == ["id", "name"]
    assert rows[-1] == ["25000", "Track 25000"]
    assert len(rows) == 25_001
    assert "25,000 rows were written" in tab.results.messages.toPlainText()


def test_export_of_the_fetched_rows_leaves_the_result_open(qtbot, tab, tmp_path):
    run(qtbot, tab, "select id from track order by id")
    export(qtbot, tab, tmp_path / "out.csv", fetched_rows=True, header=False)
    assert (tmp_path / "out.csv").read_text().splitlines() == [str(number) for number in range(1, 1001)]
    assert tab.results.current.result.is_open


def test_export_does_not_replace_a_file_that_was_only_typed(qtbot, tab, tmp_path):
    (tmp_path / "out.csv").write_text("precious")
    run(qtbot, tab, "select 1")
    export(qtbot, tab, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "precious"
    assert "exists already" in tab.results.error_strip.message.text()


def test_a_stopped_export_leaves_no_file(qtbot, tab, tmp_path):
    run(qtbot, tab, "select a.id, b.name from track a, track b")
    dialog_path = tmp_path / "out.csv"
    qtbot.keyClick(tab.editor, Qt.Key.Key_E, CONTROL)
    dialog = tab.window().findChild(ExportDialog)
    dialog.path.setText(str(dialog_path))
    dialog.accept()
    qtbot.waitUntil(lambda: tab.results.progress_strip.isVisible())
    assert tab.would_lose_work
    qtbot.mouseClick(tab.results.progress_strip.stop_button, Qt.MouseButton.LeftButton)
    settle(qtbot, tab)
    assert not tab.would_lose_work
    assert list(tmp_path.glob("*out*")) == []
    assert list(tmp_path.glob(".keeperdb-*")) == []


def test_a_file_is_named_after_the_result(qtbot, tab):
    run(qtbot, tab, "-- name: Sales / 2026\nselect 1")
    qtbot.keyClick(tab.editor, Qt.Key.Key_E, CONTROL)
    dialog = tab.window().findChild(ExportDialog)
    assert dialog.path.text().endswith("Sales _ 2026.csv")
    dialog.format.setCurrentIndex(dialog.format.findData("json"))
    assert dialog.path.text().endswith("Sales _ 2026.json")
    dialog.reject()


def test_settings_act_on_what_is_shown(qtbot, tab, settings):
    run(qtbot, tab, "select null")
    settings.set_many({"results.null_text": "∅", "appearance.density": "compact", "editor.font_size": 18})
    tab.apply_settings()
    assert cells(tab.results.views[0]) == [["∅"]]
    assert tab.results.views[0].grid.rowHeight(0) == 22
    assert tab.editor.font().pixelSize() == 18


def test_the_page_size_is_a_setting(qtbot, tab, settings):
    settings.set("results.page_size", 10)
    tab.resize(1000, 400)
    run(qtbot, tab, "select * from track")
    assert tab.results.current.result.row_count < 1000


def test_f6_goes_from_editor_to_grid_and_back(qtbot, tab):
    run(qtbot, tab, "select 1")
    tab.editor.setFocus()
    qtbot.keyClick(tab.editor, Qt.Key.Key_F6)
    assert tab.results.current.grid.hasFocus()
    qtbot.keyClick(tab.results.current.grid, Qt.Key.Key_F6)
    assert tab.editor.hasFocus()


def test_text_from_the_server_is_never_markup(qtbot, tab):
    run(qtbot, tab, 'select * from "<img src=x>"')
    assert tab.results.error_strip.message.textFormat() == Qt.TextFormat.PlainText
    assert "<img src=x>" in tab.results.error_strip.message.text()


def test_nothing_to_run_is_no_error(qtbot, tab):
    run(qtbot, tab, "  -- only a comment\n")
    assert not tab.results.error_strip.isVisible()
    assert not tab.is_running


def test_closing_while_something_runs_ends_the_session(qtbot, tab, opener, runner):
    tab.editor.setPlainText(ENDLESS)
    tab.run_all()
    qtbot.waitUntil(lambda: tab.session.state is SessionState.BUSY)
    tab.close_session()
    qtbot.waitUntil(lambda: runner.is_idle, timeout=20_000)
    assert not opener.opened[0].is_open
