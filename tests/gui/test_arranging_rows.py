"""Sorting by clicks on heads and filtering in the grid: what is seen, said, copied and exported."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from keeperdb.gui.copy_cells import CopyFormat
from keeperdb.gui.export_dialog import ExportDialog
from keeperdb.gui.result_view import ResultView
from keeperdb.query.arranging import SortKey
from keeperdb.task import Task

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
MIXED = "SELECT column1 AS name, column2 AS number FROM (VALUES ('b', 2), ('A', 10), (NULL, 1), ('a', 9), ('', NULL))"


@pytest.fixture
def show(qtbot, runner, settings, open_session):
    session = open_session()

    def show(sql: str, rows: int = 1000) -> ResultView:
        result = session.execute(sql, Task())[-1]
        result.fetch(rows, Task())
        view = ResultView(result, runner, settings)
        qtbot.addWidget(view)
        view.resize(900, 500)
        with qtbot.waitExposed(view):
            view.show()
        view.activateWindow()
        view.grid.setFocus()
        return view

    return show


def click(qtbot, view, column, modifier=Qt.KeyboardModifier.NoModifier):
    header = view.grid.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(column) + 20, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, modifier, place)
    qtbot.waitUntil(lambda: not view.arranging.is_working)


def keep(qtbot, view, text, column=None):
    view.open_filter()
    view.filter_bar.column.setCurrentIndex(view.filter_bar.column.findData(column))
    view.filter_bar.field.clear()
    qtbot.keyClicks(view.filter_bar.field, text)
    qtbot.waitUntil(lambda: view.model.arrangement.filter == view.filter_bar.filter and not view.arranging.is_working)


def column(view, number=0):
    return [view.model.shown.text(row, number) for row in range(view.model.rowCount())]


def test_clicks_on_a_head_sort_up_then_down_then_not(qtbot, show):
    view = show(MIXED)
    click(qtbot, view, 0)
    assert column(view) == ["", "A", "a", "b", None]
    click(qtbot, view, 0)
    assert column(view) == ["b", "A", "a", "", None]
    click(qtbot, view, 0)
    assert column(view) == ["b", "A", None, "a", ""]
    assert view.arranged_label.text() == ""


def test_numbers_are_sorted_as_numbers(qtbot, show):
    view = show(MIXED)
    click(qtbot, view, 1)
    assert column(view, 1) == ["1", "2", "9", "10", None]
    assert view.arranged_label.text() == "Sorted locally by number"


def test_shift_adds_a_column(qtbot, show):
    view = show("SELECT id % 3 AS part, id FROM track LIMIT 9")
    click(qtbot, view, 0)
    click(qtbot, view, 1, SHIFT)
    click(qtbot, view, 1, SHIFT)
    assert view.model.arrangement.keys == (SortKey(0), SortKey(1, descending=True))
    assert column(view, 1) == ["9", "6", "3", "7", "4", "1", "8", "5", "2"]


def test_the_arrow_is_painted_in_the_head(qtbot, show):
    view = show(MIXED)
    before = view.grid.heads.grab().toImage()
    click(qtbot, view, 1)
    up = view.grid.heads.grab().toImage()
    click(qtbot, view, 1)
    assert before != up != view.grid.heads.grab().toImage()


def test_a_drag_of_a_head_moves_the_column_and_does_not_sort(qtbot, show):
    view = show(MIXED)
    header = view.grid.horizontalHeader()
    y = header.height() // 2
    start, end = QPoint(20, y), QPoint(header.sectionViewportPosition(1) + header.sectionSize(1) - 10, y)
    qtbot.mousePress(header.viewport(), Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(header.viewport(), start + QPoint(30, 0))
    qtbot.mouseMove(header.viewport(), end)
    qtbot.mouseRelease(header.viewport(), Qt.MouseButton.LeftButton, pos=end)
    assert view.arranging.wanted.is_empty


def test_a_filter_keeps_rows_and_says_how_many(qtbot, show):
    view = show("SELECT id, name FROM track ORDER BY id", 25_000)
    keep(qtbot, view, "track 2499", 1)
    assert column(view) == ["2499", *map(str, range(24990, 25000))]
    assert view.arranged_label.text() == "11 of 25,000 rows shown, filter on name"


def test_a_filter_looks_into_every_column(qtbot, show):
    view = show(MIXED)
    keep(qtbot, view, "A")
    assert column(view, 1) == ["10", "9"]
    keep(qtbot, view, "1")
    assert column(view, 1) == ["10", "1"]
    assert view.arranged_label.text() == "2 of 5 rows shown, filter on any column"


def test_words_say_that_more_rows_exist(qtbot, show):
    view = show("SELECT id FROM track", 1000)
    click(qtbot, view, 0)
    assert view.arranged_label.text() == "Sorted locally by id · over fetched rows; more rows exist"


def test_a_filter_that_leaves_few_rows_fetches_no_page(qtbot, show):
    view = show("SELECT id, name FROM track", 1000)
    asked = []
    view.more_requested.connect(lambda: asked.append(True))
    keep(qtbot, view, "Track 77", 1)
    asked.clear()
    view.grid.verticalScrollBar().setValue(view.grid.verticalScrollBar().maximum())
    view.refresh()
    assert asked == []


def test_escape_shows_all_rows_as_they_came(qtbot, show):
    view = show(MIXED)
    click(qtbot, view, 0)
    keep(qtbot, view, "a")
    qtbot.keyClick(view.filter_bar.field, Qt.Key.Key_Escape)
    assert column(view) == ["b", "A", None, "a", ""]
    assert not view.filter_bar.isVisible()
    assert view.grid.hasFocus()
    click(qtbot, view, 0)
    qtbot.keyClick(view.grid, Qt.Key.Key_Escape)
    assert column(view) == ["b", "A", None, "a", ""]


def test_the_current_row_stays_the_current_one(qtbot, show):
    view = show("SELECT id FROM track ORDER BY id", 1000)
    view.grid.setCurrentIndex(view.model.index(3, 0))
    click(qtbot, view, 0)
    click(qtbot, view, 0)
    assert view.grid.currentIndex().row() == 996
    assert view.grid.current_row == 3


def test_what_is_copied_is_what_is_seen(qtbot, show):
    view = show(MIXED)
    click(qtbot, view, 1)
    keep(qtbot, view, "a", 0)
    view.grid.selectAll()
    clipboard = QGuiApplication.clipboard()
    clipboard.clear()
    view.copy(CopyFormat.TSV)
    qtbot.waitUntil(lambda: clipboard.text() == "a\t9\nA\t10")


def test_null_and_empty_are_told_apart_in_what_is_copied(qtbot, show):
    view = show("SELECT NULL, '', 'NULL'")
    view.grid.selectAll()
    clipboard = QGuiApplication.clipboard()
    clipboard.clear()
    view.copy(CopyFormat.TSV)
    qtbot.waitUntil(lambda: clipboard.text() == '\t""\tNULL')


def test_what_is_exported_can_be_what_is_seen(qtbot, show, settings, tmp_path):
    view = show(MIXED)
    assert view.shown_rows is None
    click(qtbot, view, 1)
    dialog = ExportDialog(view.result, settings, None, "x", view.shown_rows)
    qtbot.addWidget(dialog)
    assert dialog.shown_rows.isChecked()
    shown = dialog.choice().shown
    assert shown is not None
    assert [shown.text(row, 1) for row in range(len(shown))] == ["1", "2", "9", "10", None]


def test_rows_that_arrive_are_arranged_too_and_the_selection_stays(qtbot, show):
    view = show("SELECT id, name FROM track ORDER BY id", 1000)
    keep(qtbot, view, "Track 99", 1)
    assert view.model.rowCount() == 11
    view.grid.selectRow(3)
    view.result.fetch(24_000, Task())
    view.refresh()
    qtbot.waitUntil(lambda: not view.arranging.is_working)
    assert view.model.rowCount() == 111
    assert {index.row() for index in view.grid.selectionModel().selectedIndexes()} == {3}


def test_cancel_leaves_the_rows_as_they_are(qtbot, show):
    view = show(MIXED)
    click(qtbot, view, 1)
    view.arranging.press(0, False)
    assert view.cancel_button.isVisible()
    qtbot.mouseClick(view.cancel_button, Qt.MouseButton.LeftButton)
    assert view.model.arrangement.keys == view.arranging.wanted.keys == (SortKey(1),)
    assert column(view, 1) == ["1", "2", "9", "10", None]


def test_only_the_last_of_several_wishes_is_shown(qtbot, show):
    view = show("SELECT id, name FROM track ORDER BY id", 25_000)
    for _ in range(5):
        view.arranging.press(1, False)
        view.arranging.press(0, False)
    qtbot.waitUntil(lambda: not view.arranging.is_working)
    assert view.model.arrangement == view.arranging.wanted


def test_a_filter_that_finds_nothing_says_so(qtbot, show):
    view = show(MIXED)
    keep(qtbot, view, "nowhere")
    assert view.model.rowCount() == 0
    assert view.grid.empty_text == "No row has this text"


def test_keys_open_the_filter_and_sort(qtbot, tab):
    tab.editor.setPlainText(MIXED)
    tab.run_all()
    qtbot.waitUntil(lambda: not tab.is_busy and tab.results.current is not None)
    view = tab.results.current
    qtbot.keyClick(tab.editor, Qt.Key.Key_F, CTRL | SHIFT)
    assert view.filter_bar.field.hasFocus()
    qtbot.keyClick(view.filter_bar.field, Qt.Key.Key_Down)
    assert view.grid.hasFocus()
    view.grid.setCurrentIndex(view.model.index(0, 1))
    qtbot.keyClick(view.grid, Qt.Key.Key_S, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: column(view, 1) == ["1", "2", "9", "10", None])


def test_buttons_clear_what_was_arranged(qtbot, show):
    view = show(MIXED)
    click(qtbot, view, 1)
    button = view.findChildren(QPushButton)
    assert view.as_came_button in button
    qtbot.mouseClick(view.as_came_button, Qt.MouseButton.LeftButton)
    assert column(view, 1) == ["2", "10", "1", "9", None]
    assert not view.as_came_button.isVisible()
