"""The rows of a table in a tab: pages, server-side sorting and filters, and editing with real keys."""

import sqlite3

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QMessageBox

from keeperdb.data.edit_cells import NewValue
from keeperdb.data.staged import RowState
from keeperdb.engines.registry import get_engine
from keeperdb.gui.cell_editors import DayPopup
from keeperdb.gui.confirm_dialog import ConfirmDialog
from keeperdb.gui.notices import ErrorDialog
from keeperdb.gui.row_edit_dialogs import PasteDialog, PreviewDialog, TextValueDialog
from keeperdb.gui.row_edit_reference import ReferencePicker
from keeperdb.gui.table_tab import TableTab

CONTROL, ALT, SHIFT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


@pytest.fixture
def shop(opener):
    """Tables of the store that are edited: a parent, and a child with a foreign key."""
    path = opener.profile.path
    with sqlite3.connect(path) as database:
        database.executescript(
            "CREATE TABLE maker (code TEXT PRIMARY KEY, title TEXT);"
            "INSERT INTO maker VALUES ('a', 'Alpha'), ('b', 'Beta');"
            "CREATE TABLE ware (id INTEGER PRIMARY KEY, name TEXT NOT NULL, maker TEXT REFERENCES maker (code),"
            " sold DATE, extra JSON, price REAL DEFAULT 1.5);"
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25)"
            " INSERT INTO ware (name, maker, sold) SELECT 'ware ' || i, 'a', '2024-02-29' FROM n;"
            "CREATE TABLE keyless (x INTEGER, y TEXT); INSERT INTO keyless VALUES (1, 'p'), (2, 'q');"
        )
    database.close()
    return path


def query(path, sql):
    database = sqlite3.connect(path)
    try:
        with database:
            return database.execute(sql).fetchall()
    finally:
        database.close()


def settle(qtbot, table) -> None:
    qtbot.waitUntil(lambda: not table.is_busy and not _committing(table), timeout=60_000)  # many run at once


def _committing(table) -> bool:
    return table.editing is not None and table.editing.committing.is_active


@pytest.fixture
def open_table(qtbot, runner, settings, opener, shop):
    """Opens a table in a tab that has the focus."""
    tabs = []

    def open_(name, size=10):
        settings.set("results.page_size", size)
        table = TableTab(runner, settings, opener.profile, get_engine("sqlite"), opener, (name,))
        tabs.append(table)
        qtbot.addWidget(table)
        table.resize(1000, 640)
        with qtbot.waitExposed(table):
            table.show()
        table.activateWindow()
        table.load()
        settle(qtbot, table)
        grid_of(table).setFocus()
        return table

    yield open_
    for table in tabs:
        table.close_session()


def grid_of(table):
    return table.results.current.grid


def column(table, name):
    return [each.name for each in table.results.current.model.columns].index(name)


def cells(table, name):
    model, number = table.results.current.model, column(table, name)
    return [model.data(model.index(row, number)) for row in range(model.rowCount())]


def go(table, row, name):
    index = table.results.current.model.index(row, column(table, name))
    grid_of(table).selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)


def type_into(qtbot, table, row, name, text):
    go(table, row, name)
    grid = grid_of(table)
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    editor = grid.viewport().findChild(QLineEdit)
    editor.selectAll()
    qtbot.keyClicks(editor, text)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: grid.viewport().findChild(QLineEdit) is None)
    grid.setFocus()


def test_pages_go_forwards_backwards_and_to_the_end(qtbot, open_table):
    table = open_table("ware")
    assert cells(table, "id") == [str(n) for n in range(1, 11)]
    assert not table.page_bar.previous.isEnabled()
    for button, first in ((table.page_bar.next, 11), (table.page_bar.next, 21), (table.page_bar.previous, 11)):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        settle(qtbot, table)
        assert cells(table, "id")[0] == str(first)
    qtbot.mouseClick(table.page_bar.last, Qt.MouseButton.LeftButton)
    settle(qtbot, table)
    assert cells(table, "id") == [str(n) for n in range(16, 26)]
    assert not table.page_bar.next.isEnabled()


def test_the_server_sorts_and_filters_and_staged_changes_stay(qtbot, open_table):
    table = open_table("ware")
    type_into(qtbot, table, 0, "name", "zz top")
    table.sort(column(table, "id"), False)
    settle(qtbot, table)
    table.sort(column(table, "id"), False)
    settle(qtbot, table)
    assert cells(table, "id")[0] == "25"
    table.open_builder("name")
    line = table.builder.lines[-1]
    line.operator.setCurrentText("ends with")
    line.value.setText("1")
    qtbot.keyClick(line.value, Qt.Key.Key_Return)
    settle(qtbot, table)
    assert cells(table, "id") == ["21", "11", "1"]
    assert cells(table, "name")[-1] == "zz top"
    assert table.staged_count == 1
    assert table.results.current.model.state(2, column(table, "name")) is RowState.MODIFIED


def test_cells_are_typed_undone_and_committed_by_keys(qtbot, open_table, shop):
    table = open_table("ware")
    type_into(qtbot, table, 1, "name", "first")
    type_into(qtbot, table, 1, "name", "second")
    qtbot.keyClick(grid_of(table), Qt.Key.Key_Z, CONTROL)
    assert cells(table, "name")[1] == "first"
    qtbot.keyClick(grid_of(table), Qt.Key.Key_Y, CONTROL)
    assert "1 row is staged" in table.editing.bar.message.text()
    go(table, 2, "maker")
    qtbot.keyClick(grid_of(table), Qt.Key.Key_Backspace, CONTROL)
    go(table, 3, "name")
    qtbot.keyClick(grid_of(table), Qt.Key.Key_Delete)
    qtbot.keyClick(grid_of(table), Qt.Key.Key_Insert)
    row = table.results.current.model.rowCount() - 1
    type_into(qtbot, table, row, "name", "added")
    assert query(shop, "SELECT count(*) FROM ware WHERE name = 'second'") == [(0,)]
    qtbot.keyClick(grid_of(table), Qt.Key.Key_Return, CONTROL | ALT)
    settle(qtbot, table)
    assert query(shop, "SELECT id, name, maker, price FROM ware WHERE id IN (2, 3, 4) OR id > 25") == [
        (2, "second", "a", 1.5),
        (3, "ware 3", None, 1.5),
        (26, "added", None, 1.5),
    ]
    assert table.staged_count == 0


def press(qtbot, window, label):
    """The button of the question that is open."""
    (box,) = window.findChildren(QMessageBox)
    (button,) = [each for each in box.buttons() if each.text() == label]
    text = f"{box.text()} {box.informativeText()}"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.findChildren(QMessageBox))
    return text


def test_a_row_changed_by_somebody_else_is_named_and_its_change_kept_or_reverted(qtbot, open_table, shop):
    table = open_table("ware")
    type_into(qtbot, table, 0, "name", "mine")
    type_into(qtbot, table, 1, "name", "also mine")
    query(shop, "UPDATE ware SET price = 9.5 WHERE id = 1")
    table.editing.commit()
    settle(qtbot, table)
    text = press(qtbot, table.window(), "Decide later")
    assert "price is “9.5” now" in text
    assert "still staged" in text
    assert table.staged_count == 2
    assert query(shop, "SELECT name FROM ware WHERE id = 2") == [("ware 2",)]
    table.editing.commit()
    settle(qtbot, table)
    press(qtbot, table.window(), "Keep my change")
    settle(qtbot, table)
    assert cells(table, "price")[0] == "9.5"
    query(shop, "DELETE FROM ware WHERE id = 2")
    table.editing.commit()
    settle(qtbot, table)
    assert "deleted by somebody else" in press(qtbot, table.window(), "Revert my change")
    settle(qtbot, table)
    table.editing.commit()
    settle(qtbot, table)
    assert query(shop, "SELECT name, price FROM ware WHERE id < 3") == [("mine", 9.5)]


def test_the_cursor_stays_through_a_commit_and_goes_to_the_row_that_was_added(qtbot, open_table, shop):
    table = open_table("ware", size=100)
    type_into(qtbot, table, 20, "name", "mine")
    qtbot.keyClick(grid_of(table), Qt.Key.Key_S, CONTROL)  # no action of the tab: the window's Save asks it
    assert table.save_itself()
    settle(qtbot, table)
    assert query(shop, "SELECT name FROM ware WHERE id = 21") == [("mine",)]
    assert grid_of(table).currentIndex().row() == 20
    table.editing.changes_of(0).insert([{"name": NewValue("new one")}])
    table.editing.commit()
    settle(qtbot, table)
    assert cells(table, "name")[grid_of(table).currentIndex().row()] == "new one"


def test_a_day_is_chosen_with_the_keyboard(qtbot, open_table):
    table = open_table("ware")
    go(table, 0, "sold")
    qtbot.keyClick(grid_of(table), Qt.Key.Key_Return)
    line = grid_of(table).viewport().findChild(QLineEdit)
    (action,) = [each for each in line.actions() if each.toolTip().startswith("Choose the day")]
    action.trigger()
    popup = line.findChild(DayPopup)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not None and popup.isAncestorOf(QApplication.focusWidget()))
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert line.text() == "2024-03-01"
    qtbot.waitUntil(line.hasFocus)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: cells(table, "sold")[0] == "2024-03-01")


def test_tab_goes_from_cell_to_cell_and_stops_at_the_last(qtbot, open_table):
    table = open_table("maker")
    table.editing.add_row()
    grid = grid_of(table)
    for text in ("c", "Gamma"):
        qtbot.keyClicks(grid if text == "c" else grid.viewport().findChild(QLineEdit), text)
        qtbot.keyClick(grid.viewport().findChild(QLineEdit), Qt.Key.Key_Tab)
        qtbot.wait(1)
    qtbot.waitUntil(lambda: grid.viewport().findChild(QLineEdit) is None)
    assert (cells(table, "code")[-1], cells(table, "title")[-1]) == ("c", "Gamma")
    assert grid.currentIndex().row() == 2


def run(qtbot, tab, text):
    tab.editor.setPlainText(text)
    tab.run_all()
    qtbot.waitUntil(lambda: not tab.is_busy, timeout=20_000)
    return tab.results.current


def test_steps_of_the_tables_of_a_join_are_undone_in_their_order(qtbot, tab, shop):
    view = run(
        qtbot, tab, "SELECT w.id, w.name, m.code, m.title FROM ware w JOIN maker m ON m.code = w.maker WHERE w.id = 3"
    )
    tab.result_editing.edit_current()
    qtbot.waitUntil(lambda: not tab.is_busy and tab.result_editing.of(view) is not None, timeout=20_000)
    editing = tab.result_editing.of(view)
    for column, text in ((3, "Maker"), (1, "Ware"), (3, "Maker 2")):
        editing.typed(0, column, text)

    def shown():
        return [view.model.cell(0, column)[0] for column in (1, 3)]

    seen = []
    for act in (editing.undo, editing.undo, editing.redo, editing.undo, editing.undo, editing.undo):
        act()
        seen.append(shown())
    assert seen == [
        ["Ware", "Maker"],
        ["ware 3", "Maker"],
        ["Ware", "Maker"],
        ["ware 3", "Maker"],
        ["ware 3", "Alpha"],
        ["ware 3", "Alpha"],
    ]
    editing.redo()
    editing.typed(0, 1, "other")
    assert editing.bar.redo_button.isEnabled() is False


def test_rows_that_are_not_fetched_yet_are_fetched_before_editing_if_wanted(qtbot, tab, settings):
    settings.set("results.page_size", 100)
    view = run(qtbot, tab, "SELECT * FROM track WHERE id <= 5000")
    count = view.model.rowCount()
    assert count < 5_000
    tab.result_editing.edit_current()
    text = press(qtbot, tab.window(), "Fetch all, then edit")
    assert f"first {count:,} rows" in text
    qtbot.waitUntil(lambda: tab.result_editing.of(view) is not None, timeout=20_000)
    assert view.model.rowCount() == 5_000


def test_a_window_with_a_result_asks_before_its_staged_changes_go(qtbot, tab, shop):
    view = run(qtbot, tab, "SELECT id, name FROM ware WHERE id < 4")
    tab.result_editing.edit_current()
    qtbot.waitUntil(lambda: tab.result_editing.of(view) is not None, timeout=20_000)
    tab.results.tabs.detach(view)
    window = view.window()
    qtbot.waitUntil(window.isVisible)
    tab.result_editing.of(view).typed(0, 1, "mine")
    window.close()
    assert "staged changes" in press(qtbot, tab.window(), "Keep them")
    assert window.isVisible()
    assert tab.staged_count == 1
    window.close()
    press(qtbot, tab.window(), "Discard them and close")
    qtbot.waitUntil(lambda: tab.staged_count == 0)
    assert view not in tab.results.views


def test_the_preview_follows_while_editing_goes_on(qtbot, open_table):
    table = open_table("ware")
    type_into(qtbot, table, 0, "name", "mine")
    table.editing.preview()
    qtbot.waitUntil(lambda: bool(table.window().findChildren(PreviewDialog)))
    (dialog,) = table.window().findChildren(PreviewDialog)
    assert not dialog.isModal()
    table.editing.typed(1, column(table, "name"), "second")
    qtbot.waitUntil(lambda: dialog.text.toPlainText().count("UPDATE") == 2)
    table.editing.discard()
    qtbot.waitUntil(lambda: dialog.text.toPlainText() == "" and not dialog.commit_button.isEnabled())


def test_a_wrong_value_is_not_staged(qtbot, open_table):
    table = open_table("ware")
    go(table, 0, "extra")
    table.editing.typed(0, column(table, "extra"), "{broken")
    assert table.staged_count == 0


def test_long_and_json_values_open_a_window_that_checks_them(qtbot, open_table):
    table = open_table("ware")
    go(table, 0, "extra")
    qtbot.keyClick(grid_of(table), Qt.Key.Key_Return)
    (dialog,) = table.window().findChildren(TextValueDialog)
    dialog.edit.setPlainText('{"a": 1.10}')
    assert dialog.check()
    dialog._lay_out_json()
    assert dialog.edit.toPlainText() == '{\n  "a": 1.10\n}'
    dialog._stage()
    assert table.staged_count == 1


def test_a_foreign_key_is_picked_from_its_table(qtbot, open_table):
    table = open_table("ware")
    table.editing.sources.open_reference(0, column(table, "maker"))
    (picker,) = table.window().findChildren(ReferencePicker)
    settle(qtbot, table)
    picker.search.setText("bet")
    picker.look()
    settle(qtbot, table)
    assert picker.table.rowCount() == 1
    picker._choose_current()
    assert cells(table, "maker")[0] == "b"


def test_a_block_is_checked_and_pasted_over_cells_and_as_new_rows(qtbot, open_table):
    table = open_table("ware", size=100)
    QGuiApplication.clipboard().setText("x\tb\ny\tNULL\n")
    go(table, 23, "name")
    qtbot.keyClick(grid_of(table), Qt.Key.Key_V, CONTROL)
    (dialog,) = table.window().findChildren(PasteDialog)
    assert dialog.stage_button.isEnabled()
    dialog._stage()
    assert cells(table, "name")[-2:] == ["x", "y"]
    assert cells(table, "maker")[-2:] == ["b", "NULL"]
    qtbot.keyClick(grid_of(table), Qt.Key.Key_V, CONTROL | SHIFT)
    dialog = table.window().findChildren(PasteDialog)[-1]
    dialog._stage()
    assert table.editing.editing.change_count == 4
    qtbot.keyClick(grid_of(table), Qt.Key.Key_Z, CONTROL)
    assert table.editing.editing.change_count == 2
    model = table.results.current.model
    heads = [model.headerData(row, Qt.Orientation.Vertical) for row in (22, 23, 24)]
    assert heads == ["23", "• 24", "• 25"]  # told otherwise than by colour


def test_a_block_that_ends_in_new_rows_is_one_step(qtbot, open_table):
    table = open_table("ware", size=100)
    QGuiApplication.clipboard().setText("x\tb\ny\tNULL\nz\ta\n")
    go(table, 24, "name")
    qtbot.keyClick(grid_of(table), Qt.Key.Key_V, CONTROL)
    (dialog,) = table.window().findChildren(PasteDialog)
    dialog._stage()
    assert cells(table, "name")[-3:] == ["x", "y", "z"]
    qtbot.keyClick(grid_of(table), Qt.Key.Key_Z, CONTROL)
    assert table.staged_count == 0


def test_a_row_is_duplicated_without_what_the_server_makes(qtbot, open_table):
    table = open_table("ware")
    go(table, 4, "name")
    qtbot.keyClick(grid_of(table), Qt.Key.Key_Insert, ALT)
    model = table.results.current.model
    row = model.rowCount() - 1
    assert [model.cell(row, n)[0] for n in range(3)] == ["DEFAULT", "ware 5", "a"]


def test_the_preview_shows_the_sql_and_commits(qtbot, open_table, shop):
    table = open_table("ware")
    type_into(qtbot, table, 0, "name", "it's")
    qtbot.mouseClick(table.editing.bar.preview_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(table.window().findChildren(PreviewDialog)))
    (dialog,) = table.window().findChildren(PreviewDialog)
    assert "'it''s'" in dialog.text.toPlainText()
    dialog.copy()
    assert QGuiApplication.clipboard().text() == dialog.text.toPlainText()
    dialog._commit()
    settle(qtbot, table)
    assert query(shop, "SELECT name FROM ware WHERE id = 1") == [("it's",)]


def test_a_table_without_a_key_says_why_and_takes_a_key_that_was_counted(qtbot, open_table, shop):
    table = open_table("keyless")
    assert "neither a primary key" in table.page_bar.locked.toolTip()
    assert table.page_bar.key.isVisible()
    table._verify(["x"])
    qtbot.waitUntil(lambda: table._page is not None and not table.is_busy and table.page_bar.key.isHidden())
    type_into(qtbot, table, 0, "y", "changed")
    table.editing.commit()
    settle(qtbot, table)
    assert query(shop, "SELECT y FROM keyless ORDER BY x") == [("changed",), ("q",)]


def test_production_asks_before_rows_are_deleted(qtbot, open_table, opener, shop):
    from dataclasses import replace

    from keeperdb.query.policy import Confirmation

    table = open_table("ware")
    session = opener.opened[-1]
    session.policy = replace(session.policy, confirmation=Confirmation.TYPED)
    go(table, 0, "name")
    qtbot.keyClick(grid_of(table), Qt.Key.Key_Delete)
    table.editing.commit()
    settle(qtbot, table)
    (dialog,) = table.window().findChildren(ConfirmDialog)
    assert "Delete 1 row of ware" in dialog.heading.text()
    assert query(shop, "SELECT count(*) FROM ware") == [(25,)]
    dialog.typed.setText(dialog.expected)
    dialog._confirm()
    settle(qtbot, table)
    assert query(shop, "SELECT count(*) FROM ware") == [(24,)]


def test_a_lost_connection_keeps_what_is_staged(qtbot, open_table, opener, shop):
    table = open_table("ware")
    type_into(qtbot, table, 0, "name", "kept")
    opener.opened[-1]._connection.close()
    table.editing.commit()
    settle(qtbot, table)
    for dialog in table.window().findChildren(ErrorDialog):
        dialog.reject()
    assert table.staged_count == 1
    table.editing.commit()
    settle(qtbot, table)
    assert query(shop, "SELECT name FROM ware WHERE id = 1") == [("kept",)]


def test_a_list_offers_true_false_and_null(qtbot, open_table, shop):
    query(shop, "CREATE TABLE flags (id INTEGER PRIMARY KEY, is_on BOOLEAN)")
    query(shop, "INSERT INTO flags VALUES (1, 0)")
    table = open_table("flags")
    go(table, 0, "is_on")
    qtbot.keyClick(grid_of(table), Qt.Key.Key_Return)
    box = grid_of(table).viewport().findChild(QComboBox)
    assert [box.itemText(n) for n in range(box.count())] == ["true", "false", "NULL"]
    box.setCurrentIndex(0)
    box.activated.emit(0)
    assert cells(table, "is_on") == ["1"]


def test_a_table_of_the_tree_opens_in_a_tab_once_and_asks_before_staged_changes_are_lost(qtbot, window):
    path = ("kinds",)
    opened = window.open_table(path)
    qtbot.waitUntil(lambda: opened.editing is not None and not opened.is_busy, timeout=60_000)
    window.new_tab()
    assert window.open_table(path) is opened
    assert window.tabs.current is opened
    opened.editing.add_row()
    assert opened.staged_count == 1
    window.application.journal.is_keeping = False  # else they would be there again with the tab
    window.close_tab(opened)
    qtbot.waitUntil(lambda: bool(window.findChildren(QMessageBox)), timeout=60_000)
    (box,) = window.findChildren(QMessageBox)
    assert "staged changes" in box.text()
    (discard,) = [each for each in box.buttons() if each.text().startswith("Discard")]
    qtbot.mouseClick(discard, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: opened not in window.tabs.tabs, timeout=60_000)


def test_a_result_is_edited_in_place_and_its_locked_columns_say_why(qtbot, tab, shop):
    tab.editor.setPlainText("SELECT id, name, length(name) AS n FROM ware WHERE id < 3 ORDER BY id")
    tab.run_all()
    qtbot.waitUntil(lambda: not tab.is_busy, timeout=20_000)
    qtbot.mouseClick(tab.results.edit_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not tab.is_busy, timeout=20_000)
    view = tab.results.current
    head = view.model.headerData(2, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert "computed by the query" in head
    view.model.setData(view.model.index(1, 1), "other")
    assert tab.staged_count == 1
    tab.run_all()
    assert not tab.is_running  # it asks first
    tab.results.tabs.ask_close(view)
    assert view in tab.results.views  # and here
    tab.result_editing.of(view).commit()
    qtbot.waitUntil(lambda: not tab.is_busy and tab.staged_count == 0, timeout=20_000)
    assert query(shop, "SELECT name FROM ware WHERE id = 2") == [("other",)]
    assert view.model.cell(1, 1)[0] == "other"  # what was written, over what was read
    view.model.setData(view.model.index(1, 1), "more")
    view.grid.setCurrentIndex(view.model.index(1, 1))
    assert "read before the commit" in view.model.locked(1, 1)
    assert view.model.cell(1, 1)[0] == "other"
    assert not view.model.headerData(1, Qt.Orientation.Vertical).startswith("•")


def test_a_tab_that_was_kept_reads_nothing_by_itself_and_then_has_everything(
    qtbot, open_table, runner, settings, opener, shop
):
    import json

    from keeperdb.data.row_filters import Condition, Operator, RowFilter
    from keeperdb.data.table_state import TableState

    table = open_table("ware")
    type_into(qtbot, table, 0, "name", "kept")
    table.set_filter(RowFilter((Condition("id", Operator.LESS, "6"),)))
    settle(qtbot, table)
    table.sort(column(table, "name"), False)
    settle(qtbot, table)
    kept = json.loads(json.dumps(table.state().to_json()))
    opened = len(opener.opened)
    again = TableTab(runner, settings, opener.profile, get_engine("sqlite"), opener, ("ware",))
    qtbot.addWidget(again)
    again.restore(TableState.from_json(kept))
    assert again.staged_count == 1
    assert len(opener.opened) == opened
    again.refresh()
    settle(qtbot, again)
    assert cells(again, "name") == ["kept", "ware 2", "ware 3", "ware 4", "ware 5"]
    again.editing.commit()
    settle(qtbot, again)
    assert query(shop, "SELECT name FROM ware WHERE id = 1") == [("kept",)]
    again.close_session()


def test_a_condition_in_sql_is_read_by_the_server_and_guarded(qtbot, open_table):
    table = open_table("ware", size=100)
    table.open_builder()
    table.builder.toggle_where()
    table.builder.where.setText("id % 10 = 0 OR name = 'ware 7'")
    qtbot.keyClick(table.builder.where, Qt.Key.Key_Return)
    settle(qtbot, table)
    assert cells(table, "id") == ["7", "10", "20"]
    table.builder.where.setText("1=1; DROP TABLE ware")
    qtbot.keyClick(table.builder.where, Qt.Key.Key_Return)
    settle(qtbot, table)
    assert "no semicolon" in table.results.error_strip.message.text()
    table.builder.clear()
    settle(qtbot, table)
    assert len(cells(table, "id")) == 25


def test_typing_goes_into_every_selected_cell_of_the_column_as_one_step(qtbot, open_table):
    table = open_table("ware")
    model, grid, name = table.results.current.model, grid_of(table), column(table, "name")
    flags = QItemSelectionModel.SelectionFlag
    go(table, 1, "name")
    for row in (2, 4):
        grid.selectionModel().select(model.index(row, name), flags.Select)
    grid.selectionModel().select(model.index(3, column(table, "sold")), flags.Select)
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    editor = grid.viewport().findChild(QLineEdit)
    editor.selectAll()
    qtbot.keyClicks(editor, "same")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: table.staged_count == 3)
    assert [n for n, text in enumerate(cells(table, "name")) if text == "same"] == [1, 2, 4]
    assert cells(table, "sold")[3] == "2024-02-29"
    table.editing.undo()
    assert table.staged_count == 0
