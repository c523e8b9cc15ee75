"""The main window: tabs, switcher, files, what is asked when it is closed, and what it remembers."""

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QTabBar

from keeperdb.connections.profile import CommitMode

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


def settle(qtbot, window) -> None:
    qtbot.waitUntil(lambda: not any(tab.is_busy for tab in window.tabs.tabs), timeout=20_000)


def run(qtbot, window, sql: str):
    tab = window.tabs.current
    tab.editor.setPlainText(sql)
    tab.run_all()
    settle(qtbot, window)
    return tab


def question(qtbot, window) -> QMessageBox:
    qtbot.waitUntil(lambda: window.findChild(QMessageBox) is not None)
    return window.findChild(QMessageBox)


def answer(qtbot, window, text: str) -> str:
    """Press the button of the question that is open; return what was asked."""
    box = question(qtbot, window)
    asked = box.text()
    button = next(each for each in box.buttons() if each.text() == text)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not shiboken6.isValid(box))
    return asked


def menu_entries(window, name: str):
    """The actions of a menu, filled as it is when it opens."""
    menu = window.menuBar().findChild(QMenu, name)
    menu.aboutToShow.emit()
    return {action.text(): action for action in menu.actions() if action.text()}


def is_gone(window) -> bool:
    return not shiboken6.isValid(window)


def test_it_opens_with_the_tree_and_one_empty_tab(window):
    assert window.windowTitle() == "query 1 — Store — KeeperDB"
    assert window.tabs.count() == 1
    assert window.tabs.current.editor.hasFocus()
    assert window.status.connection.text() == "test · Store"
    assert window.status.version.text().startswith("SQLite")


def test_enter_on_a_table_opens_its_rows_in_the_empty_tab(qtbot, window):
    window.tree.open_requested.emit('SELECT * FROM "kinds"', "kinds", True)
    settle(qtbot, window)
    assert window.tabs.count() == 1
    assert window.tabs.tabText(0) == "kinds"
    assert window.tabs.current.results.current.rows_label.text() == "5 rows"
    assert window.status.rows.text().startswith("5 rows · ")


def test_a_table_does_not_replace_text_that_was_typed(qtbot, window):
    qtbot.keyClicks(window.tabs.current.editor, "select 1")
    window.tree.open_requested.emit('SELECT * FROM "kinds"', "kinds", True)
    settle(qtbot, window)
    assert window.tabs.count() == 2
    assert window.tabs.tabs[0].editor.script() == "select 1"


def test_each_tab_has_a_session_of_its_own(qtbot, window):
    run(qtbot, window, "create temp table mine (x)")
    qtbot.keyClick(window, Qt.Key.Key_T, CONTROL)
    tab = run(qtbot, window, "select * from mine")
    assert tab.results.error_strip.message.text() == "no such table: mine"


def test_a_tab_answers_while_another_one_runs(qtbot, window):
    first = window.tabs.current
    first.editor.setPlainText(ENDLESS)
    first.run_all()
    second = window.new_tab("select 7")
    second.run_all()
    qtbot.waitUntil(lambda: bool(second.results.views) and not second.is_running)
    assert first.is_running
    first.cancel()
    settle(qtbot, window)


def test_ctrl_w_closes_and_ctrl_shift_t_brings_the_text_back(qtbot, window):
    window.new_tab("select 'kept'", "second")
    qtbot.keyClick(window, Qt.Key.Key_W, CONTROL)
    assert window.tabs.count() == 1
    qtbot.keyClick(window, Qt.Key.Key_T, CONTROL | SHIFT)
    qtbot.waitUntil(lambda: window.tabs.count() == 2)
    assert window.tabs.current.editor.script() == "select 'kept'"
    assert window.tabs.tabText(1) == "second"


def test_a_middle_click_closes_a_tab(qtbot, window):
    window.new_tab("", "second")
    bar = window.tabs.tabBar()
    qtbot.mouseClick(bar, Qt.MouseButton.MiddleButton, pos=bar.tabRect(1).center())
    assert [tab.title for tab in window.tabs.tabs] == ["query 1"]


def test_a_tab_closes_by_its_button(qtbot, window):
    window.new_tab("", "second")
    bar = window.tabs.tabBar()
    button = bar.tabButton(1, QTabBar.ButtonPosition.RightSide)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.tabs.count() == 1


def test_ctrl_page_down_goes_around(qtbot, window):
    window.new_tab()
    assert window.tabs.currentIndex() == 1
    qtbot.keyClick(window, Qt.Key.Key_PageDown, CONTROL)
    assert window.tabs.currentIndex() == 0
    qtbot.keyClick(window, Qt.Key.Key_PageUp, CONTROL)
    assert window.tabs.currentIndex() == 1


def test_closing_a_running_tab_asks_and_keeping_is_the_default(qtbot, window):
    tab = window.tabs.current
    tab.editor.setPlainText(ENDLESS)
    tab.run_all()
    window.close_tab()
    box = question(qtbot, window)
    assert box.defaultButton().text() == "Keep open"
    assert box.textFormat() == Qt.TextFormat.PlainText
    answer(qtbot, window, "Keep open")
    assert tab.is_running
    window.close_tab()
    answer(qtbot, window, "Stop and close")
    assert window.tabs.count() == 0


@pytest.mark.parametrize(("choice", "left"), [("Commit", 4), ("Roll back", 5)])
def test_closing_a_tab_with_changes_asks_what_to_do_with_them(qtbot, window, choice, left):
    window.tabs.current.session.set_commit_mode(CommitMode.MANUAL, lambda error: None)
    run(qtbot, window, "delete from kinds where id = 1")
    window.close_tab()
    assert "not committed" in answer(qtbot, window, choice)
    qtbot.waitUntil(lambda: window.tabs.count() == 0)
    window.new_tab()
    tab = run(qtbot, window, "select count(*) from kinds")
    assert tab.results.current.model.cell(0, 0)[0] == str(left)


def test_closing_the_window_asks_about_changes_and_about_text_only_if_that_cannot_be_kept(qtbot, window):
    window.application.journal.is_keeping = False
    window.tabs.current.session.set_commit_mode(CommitMode.MANUAL, lambda error: None)
    run(qtbot, window, "delete from kinds where id > 0")
    qtbot.keyClicks(window.tabs.current.editor, " ")
    window.close()
    assert "not committed" in answer(qtbot, window, "Roll back")
    assert "not saved" in answer(qtbot, window, "Close without saving")
    qtbot.waitUntil(lambda: is_gone(window))


def test_a_window_with_nothing_to_lose_closes_at_once_and_ends_its_sessions(qtbot, window, runner):
    tab = run(qtbot, window, "select 1")
    session = tab.session._session
    browsing = window.tree.session._session
    window.close()
    qtbot.waitUntil(lambda: is_gone(window) and runner.is_idle)
    assert not session.is_open
    assert not browsing.is_open


def test_keeping_the_window_open_keeps_everything(qtbot, window):
    window.application.journal.is_keeping = False
    qtbot.keyClicks(window.tabs.current.editor, "select 1")
    window.close()
    answer(qtbot, window, "Keep open")
    assert window.isVisible()
    assert window.tabs.current.editor.script() == "select 1"


def test_place_and_sizes_are_remembered(qtbot, window, runner):
    application = window.application
    window.resize(780, 640)
    window.resizeDocks([window.docks.get("objects")], [333], Qt.Orientation.Horizontal)
    profile = window.profile
    window.close()
    qtbot.waitUntil(lambda: is_gone(window) and runner.is_idle)
    application.open_window(profile)
    qtbot.waitUntil(lambda: len(application.windows) == 1 and runner.is_idle)
    again = application.windows[0]
    assert (again.width(), again.height()) == (780, 640)
    assert abs(again.docks.get("objects").width() - 333) <= 2


def test_a_second_window_does_not_cover_the_first(qtbot, window, runner):
    application = window.application
    application.open_window(window.profile)
    qtbot.waitUntil(lambda: len(application.windows) == 2 and runner.is_idle)
    first, second = application.windows
    assert first.pos() != second.pos()


def test_ctrl_shift_o_lists_the_connections_and_enter_opens_another_window(qtbot, window):
    application = window.application
    qtbot.keyClick(window, Qt.Key.Key_O, CONTROL | SHIFT)
    popup = window.switcher.popup
    assert popup.isVisible()
    qtbot.keyClicks(popup.search, "second")
    qtbot.keyClick(popup.search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(application.windows) == 2)
    assert application.windows[1].profile.name == "Second store"


def test_escape_closes_the_switcher(qtbot, window):
    window.switcher.open()
    popup = window.switcher.popup
    qtbot.keyClick(popup.search, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.switcher.popup is None)
    assert not shiboken6.isValid(popup) or not popup.isVisible()


def test_ctrl_s_saves_the_text_and_ctrl_o_opens_it(qtbot, window, tmp_path, monkeypatch, runner):
    path = tmp_path / "report.sql"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args: (str(path), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args: (str(path), ""))
    tab = window.tabs.current
    qtbot.keyClicks(tab.editor, "select ")
    tab.editor.insertPlainText("'é'")
    assert tab.has_unsaved_text
    qtbot.keyClick(window, Qt.Key.Key_S, CONTROL)
    qtbot.waitUntil(lambda: not tab.has_unsaved_text)
    assert path.read_bytes() == "select 'é'".encode()
    assert window.tabs.tabText(0) == "report.sql"
    path = tmp_path / "other.sql"
    path.write_text("select 'é'", encoding="utf-8")
    qtbot.keyClick(window, Qt.Key.Key_O, CONTROL)
    qtbot.waitUntil(lambda: window.tabs.count() == 2)
    assert window.tabs.current.editor.script() == "select 'é'"


def test_a_file_that_is_open_already_is_gone_to(qtbot, window, tmp_path):
    path = str(tmp_path / "report.sql")
    window.open_script("select 1", path)
    first = window.tabs.current
    window.new_tab("select 2")
    window.open_script("select 1", path)
    assert window.tabs.current is first
    assert [tab.file_path for tab in window.tabs.tabs].count(path) == 1


def test_a_transaction_is_told_on_tab_and_status_bar(qtbot, window):
    run(qtbot, window, "begin; delete from kinds where id > 0")
    assert window.tabs.tabText(0) == "● query 1"
    assert window.status.transaction.text() == "Transaction open: 1 statement, 5 rows"
    run(qtbot, window, "rollback")
    assert window.tabs.tabText(0) == "query 1"


def test_changed_settings_reach_open_tabs(qtbot, window, runner):
    workspace = window.application.workspace
    runner.start(lambda task: workspace.settings.set("editor.font_size", 21), owner=window)
    qtbot.waitUntil(lambda: window.tabs.current.editor.font().pixelSize() == 21)


def test_a_name_with_markup_is_shown_as_it_is(window):
    for label in (window.status.connection, window.status.rows, window.status.transaction):
        assert label.textFormat() == Qt.TextFormat.PlainText


def test_the_tab_key_leads_from_the_tree_to_the_editor(qtbot, window):
    window.tree.filter.setFocus()
    seen = set()
    for _ in range(8):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        seen.add(type(window.focusWidget()).__name__)
        if window.tabs.current.editor.hasFocus():
            break
    assert window.tabs.current.editor.hasFocus()
    assert "TreeView" in seen


def test_a_menu_offers_what_can_be_done_where_the_focus_is(qtbot, window):
    window.tabs.current.editor.setPlainText("select 11")
    entries = menu_entries(window, "Query")
    assert entries["Run statement"].shortcut().toString() == "Ctrl+Return"
    assert entries["Commit"].toolTip() == "No transaction is open."
    assert not entries["Commit"].isEnabled()
    entries["Run statement"].trigger()
    settle(qtbot, window)
    assert window.tabs.current.results.current.model.cell(0, 0)[0] == "11"


def test_a_menu_says_what_is_missing_for_an_action_without_a_tab(window):
    window.close_tab()
    entry = menu_entries(window, "Query")["Run statement"]
    assert (entry.isEnabled(), entry.toolTip()) == (False, "Open a SQL tab first.")


def test_committing_without_a_transaction_opens_no_session(qtbot, window, runner):
    window.tabs.current.commit()
    window.tabs.current.rollback()
    qtbot.waitUntil(lambda: runner.is_idle)
    assert window.tabs.current.bar.state.text() == "Not connected yet"


def test_an_open_window_follows_the_theme(qtbot, qapp, window):
    from keeperdb.gui.theme import apply_theme
    from keeperdb.gui.tokens import color

    tab = run(qtbot, window, "select null")

    def keyword() -> str:
        pieces = tab.editor.document().firstBlock().layout().formats()  # kept while its parts are looked at
        style = pieces[0].format
        return style.foreground().color().name()

    def corner() -> str:
        grid = tab.results.current.grid
        return grid.grab().toImage().pixelColor(grid.width() - 20, grid.height() - 20).name()

    seen = set()
    for theme in ("dark", "light"):
        apply_theme(qapp, theme)
        qtbot.waitUntil(lambda: keyword() == color("keyword").name())
        assert corner() == color("panel").name()
        seen.add(keyword())
    assert len(seen) == 2
