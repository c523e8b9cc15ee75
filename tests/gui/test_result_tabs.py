"""Results that stay: pinned, renamed, in windows of their own; records, the value panel and keys that are followed."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QInputDialog, QMenu

from keeperdb.connections.profile import CommitMode
from keeperdb.gui.copy_cells import CopyFormat
from keeperdb.gui.query_session import QuerySession, SessionState
from keeperdb.gui.result_window import ResultWindow

CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier

MUSIC = """
CREATE TABLE artist (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE album (id INTEGER PRIMARY KEY, title TEXT, artist_id INTEGER REFERENCES artist);
INSERT INTO artist VALUES (1, 'Accept'), (2, 'Aerosmith');
INSERT INTO album VALUES (10, 'Balls', 1), (11, 'Restless', 1), (12, 'Big Ones', 2), (13, 'Nobody', NULL);
"""


@pytest.fixture
def run(qtbot, runner, tab):
    def run(sql):
        tab.editor.setPlainText(sql)
        tab.run_all()
        qtbot.waitUntil(lambda: not tab.is_running and not tab.session.is_busy and runner.is_idle)
        return tab.results.current

    return run


@pytest.fixture
def music(qtbot, runner, tab, opener, run):
    """The tab, with a session of its own for looking keys up."""
    run(MUSIC)
    catalog = QuerySession(runner, opener, CommitMode.AUTO, tab)
    tab.results.context.catalog = catalog
    yield tab
    catalog.close()


def titles(tab):
    return [tab.results.tabs.tabText(index) for index in range(tab.results.tabs.count())]


def test_a_pinned_result_survives_the_next_run(run, tab):
    first = run("SELECT 1 AS one")
    tab.results.tabs.toggle_pin(first)
    run("SELECT 2 AS two; SELECT 3 AS three")
    assert first in tab.results.views
    assert [view.model.columns[0].name for view in tab.results.views] == ["one", "two", "three"]
    assert tab.results.current.model.columns[0].name == "two"
    tab.results.tabs.toggle_pin(first)
    run("SELECT 4 AS four")
    assert [view.model.columns[0].name for view in tab.results.views] == ["four"]


def test_messages_are_shown_after_a_run_without_rows_though_a_result_is_pinned(run, tab):
    tab.results.tabs.toggle_pin(run("SELECT 1"))
    run("CREATE TABLE another (id)")
    assert tab.results.current is None


def test_a_result_is_renamed(monkeypatch, run, tab):
    view = run("SELECT 1")
    monkeypatch.setattr(QInputDialog, "getText", lambda *_args, **_named: ("a & <b>\u202e", True))
    tab.results.tabs.ask_name(view)
    assert tab.results.title(view) == "a & <b>⟨U+202E⟩"
    assert titles(tab)[0] == "a && <b>⟨U+202E⟩"


def test_a_result_in_a_window_of_its_own_stays_and_comes_back(qtbot, run, tab):
    view = run("SELECT id, name FROM track LIMIT 5")
    tab.results.tabs.detach(view)
    window = tab.results.tabs.findChild(ResultWindow)
    assert window.isVisible()
    assert view.window() is window
    run("SELECT 2 AS two")
    assert view in tab.results.views
    view.grid.selectAll()
    qtbot.waitUntil(lambda: window.selection.text().startswith("10 cells"))
    window.attach()
    assert view.window() is tab.window()
    assert tab.results.tabs.is_kept(view)


def test_closing_the_window_of_a_result_takes_it_away(run, tab):
    view = run("SELECT 1")
    tab.results.tabs.detach(view)
    tab.results.tabs.findChild(ResultWindow).close()
    assert tab.results.views == []


def test_a_result_is_closed_by_key(qtbot, run, tab):
    view = run("SELECT 1")
    view.grid.setFocus()
    qtbot.keyClick(view.grid, Qt.Key.Key_W, CTRL | ALT)
    assert tab.results.views == []


def test_f4_turns_rows_on_their_side_and_back(qtbot, run, tab):
    view = run("SELECT id, name, milliseconds FROM track ORDER BY id LIMIT 20")
    view.grid.setFocus()
    view.grid.setCurrentIndex(view.model.index(3, 1))
    qtbot.keyClick(view.grid, Qt.Key.Key_F4)
    record = view.record
    assert view.is_record
    assert [record.model.text(line, 0) for line in range(3)] == ["4", "Track 4", "400"]
    assert view.current_cell == (3, 1)
    qtbot.keyClick(record.table, Qt.Key.Key_Down, ALT)
    assert record.model.text(1, 0) == "Track 5"
    qtbot.keyClicks(record.search, "milli")
    assert record.title.text() == "1 row · 1 of 3 columns"
    assert record.model.text(0, 0) == "500"
    qtbot.keyClick(record.table, Qt.Key.Key_Escape)
    assert not view.is_record
    assert (view.grid.currentIndex().row(), view.grid.currentIndex().column()) == (4, 2)


def test_selected_rows_stand_beside_each_other_in_a_record(qtbot, run, tab):
    view = run("SELECT id, name FROM track ORDER BY id LIMIT 20")
    view.grid.selectRow(2)
    view.grid.selectionModel().select(view.model.index(7, 0), view.grid.selectionModel().SelectionFlag.Select)
    view.toggle_record()
    assert view.record.model.places == [2, 7]
    view.record.table.selectAll()
    view.record.copy()
    assert QGuiApplication.clipboard().text() == "id\t3\t8\nname\tTrack 3\tTrack 8"


def test_the_value_panel_follows_the_current_cell(qtbot, run, runner, tab):
    view = run("SELECT id, name FROM track ORDER BY id LIMIT 20")
    view.grid.setFocus()
    view.grid.setCurrentIndex(view.model.index(0, 1))
    qtbot.keyClick(view.grid, Qt.Key.Key_F7)
    panel = tab.results.side.panel
    qtbot.waitUntil(lambda: panel.view.toPlainText() == "Track 1")
    qtbot.keyClick(view.grid, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: panel.view.toPlainText() == "Track 2")
    qtbot.keyClick(view.grid, Qt.Key.Key_F7)
    assert not tab.results.side.is_open
    assert panel.view.toPlainText() == ""


def wait_for_catalog(qtbot, runner, tab):
    catalog = tab.results.context.catalog
    qtbot.waitUntil(lambda: runner.is_idle and catalog.state is SessionState.READY)


def test_a_foreign_key_is_followed_and_back(qtbot, runner, music, run):
    view = run("SELECT * FROM album ORDER BY id")
    view.grid.setFocus()
    view.grid.setCurrentIndex(view.model.index(2, 2))
    qtbot.keyClick(view.grid, Qt.Key.Key_B, CTRL)
    wait_for_catalog(qtbot, runner, music)
    opened = music.results.current
    assert opened is not view
    assert [opened.model.shown.text(0, column) for column in range(2)] == ["2", "Aerosmith"]
    assert music.results.title(opened) == "artist · id = 2"
    assert music.results.trail_bar.isVisible()
    qtbot.keyClick(opened.grid, Qt.Key.Key_Left, ALT)
    assert music.results.current is view
    assert (view.grid.currentIndex().row(), view.grid.currentIndex().column()) == (2, 2)
    qtbot.keyClick(view.grid, Qt.Key.Key_Right, ALT)
    assert music.results.current is opened


def test_the_rows_that_refer_to_a_row_are_offered(qtbot, runner, music, run):
    view = run("SELECT name, id FROM artist ORDER BY id")
    view.grid.setFocus()
    view.grid.setCurrentIndex(view.model.index(0, 0))
    qtbot.keyClick(view.grid, Qt.Key.Key_B, CTRL | Qt.KeyboardModifier.ShiftModifier)
    wait_for_catalog(qtbot, runner, music)
    menu = view.grid.findChild(QMenu)
    assert [action.text() for action in menu.actions()] == ["album (artist_id)"]
    menu.actions()[0].trigger()
    menu.close()
    wait_for_catalog(qtbot, runner, music)
    opened = music.results.current
    assert [opened.model.shown.text(row, 1) for row in range(opened.model.rowCount())] == ["Balls", "Restless"]


def test_following_a_key_leaves_an_open_result_open(qtbot, runner, music, run, settings):
    settings.set("results.page_size", 10)
    view = run("SELECT t.id, a.artist_id FROM track t LEFT JOIN album a ON a.id = t.id ORDER BY t.id")
    assert view.result.is_open
    view.grid.setCurrentIndex(view.model.index(9, 1))
    music.results.trail.follow(view)
    wait_for_catalog(qtbot, runner, music)
    assert view.result.is_open
    assert music.results.current is not view


def test_a_key_that_is_null_and_a_column_that_is_none_open_nothing(qtbot, runner, music, run):
    view = run("SELECT * FROM album ORDER BY id")
    for row, column in ((3, 2), (0, 1)):
        view.grid.setCurrentIndex(view.model.index(row, column))
        music.results.trail.follow(view)
        wait_for_catalog(qtbot, runner, music)
        assert music.results.current is view


def test_an_update_is_copied_with_the_tables_own_key(qtbot, runner, music, run):
    view = run("SELECT title, id FROM album AS a ORDER BY id")
    view.grid.setCurrentIndex(view.model.index(0, 0))
    QGuiApplication.clipboard().setText("nothing yet")
    view.copy(CopyFormat.UPDATE)
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().text() != "nothing yet")
    assert QGuiApplication.clipboard().text() == """UPDATE "album" SET "title" = 'Balls' WHERE "id" = 10;"""


def test_the_way_ends_where_its_results_go(qtbot, runner, music, run):
    view = run("SELECT * FROM album ORDER BY id")
    view.grid.setCurrentIndex(view.model.index(2, 2))
    music.results.trail.follow(view)
    wait_for_catalog(qtbot, runner, music)
    run("SELECT 1")
    assert not music.results.trail_bar.isVisible()
    music.results.trail.step(-1)
    assert music.results.current.model.columns[0].name == "1"


def test_every_tab_of_a_window_remembers_columns_and_asks_about_keys(qtbot, runner, window):
    table = window.open_table(("track",))
    qtbot.waitUntil(lambda: table.results.current is not None and not table.is_busy and runner.is_idle)
    for tab in window.tabs.tabs:
        assert tab.results.context.layouts is window.application.column_layouts
        assert tab.results.context.catalog is window.tree.session
        assert tab.results.context.engine.dialect == "sqlite"
    view = table.results.current
    view.grid.selectAll()
    qtbot.waitUntil(lambda: "distinct" in window.status.selection.text())
