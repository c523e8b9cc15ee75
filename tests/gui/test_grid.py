"""The grid with real keys and clicks: copying, selecting, going to rows, looking at values."""

import json

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QInputDialog, QMenu

from keeperdb.gui.copy_cells import CellSelection, CopyFormat, cells_as_text
from keeperdb.gui.result_view import ResultView
from keeperdb.gui.value_dialog import ValueDialog
from keeperdb.task import Task


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


def copied(qtbot, view, act) -> str:
    clipboard = QGuiApplication.clipboard()
    clipboard.setText("nothing yet")
    act()
    qtbot.waitUntil(lambda: clipboard.text() != "nothing yet")
    return clipboard.text()


def key(qtbot, widget, which, modifier=Qt.KeyboardModifier.ControlModifier):
    return lambda: qtbot.keyClick(widget, which, modifier)


def test_ctrl_c_copies_one_cell_exactly(qtbot, show):
    view = show("SELECT name FROM kinds WHERE id = 5")
    view.grid.setCurrentIndex(view.model.index(0, 0))
    assert copied(qtbot, view, key(qtbot, view.grid, Qt.Key.Key_C)) == "two\nlines\tand \u202etricks"


def test_ctrl_c_copies_a_block_as_tab_separated_lines(qtbot, show):
    view = show("SELECT id, name FROM track ORDER BY id LIMIT 3")
    qtbot.keyClick(view.grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert copied(qtbot, view, key(qtbot, view.grid, Qt.Key.Key_C)) == "1\tTrack 1\n2\tTrack 2\n3\tTrack 3"


def test_ctrl_shift_c_copies_column_names_too(qtbot, show):
    view = show("SELECT id, name FROM track ORDER BY id LIMIT 1")
    view.grid.selectAll()
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    assert copied(qtbot, view, key(qtbot, view.grid, Qt.Key.Key_C, both)) == "id\tname\n1\tTrack 1"


def test_columns_are_copied_in_the_order_in_which_they_are_shown(qtbot, show):
    view = show("SELECT id, name, milliseconds FROM track ORDER BY id LIMIT 1")
    view.grid.horizontalHeader().moveSection(2, 0)
    view.grid.selectAll()
    assert copied(qtbot, view, key(qtbot, view.grid, Qt.Key.Key_C)) == "100\t1\tTrack 1"


def test_copied_json_is_exact(show):
    view = show("SELECT 9007199254740993 AS big, NULL AS no_value, 'a\"b' AS text, 1 AS big FROM track LIMIT 1")
    view.grid.selectAll()
    text = cells_as_text(view.result, view.grid.selected_cells(), CopyFormat.JSON, Task())
    assert json.loads(text) == [{"big": 9007199254740993, "no_value": None, "text": 'a"b', "big_2": 1}]


def test_copied_markdown_is_one_line_per_row(show):
    view = show("SELECT 'a|b' AS x, 'two' || char(10) || 'lines' AS y")
    view.grid.selectAll()
    text = cells_as_text(view.result, view.grid.selected_cells(), CopyFormat.MARKDOWN, Task())
    assert text.splitlines() == ["| x | y |", "| --- | --- |", "| a\\|b | two<br>lines |"]


def test_copied_csv_quotes_what_needs_it(show):
    view = show("SELECT 'a,b' AS x, 'c' AS y")
    view.grid.selectAll()
    assert cells_as_text(view.result, view.grid.selected_cells(), CopyFormat.CSV, Task()) == 'x,y\n"a,b",c'


def test_cells_between_selected_ones_are_left_out(show):
    view = show("SELECT id, name, milliseconds FROM track ORDER BY id LIMIT 2")
    cells = CellSelection(((0, 0, 0, 0), (1, 2, 1, 2)), (0, 1, 2))
    assert cells_as_text(view.result, cells, CopyFormat.TSV, Task()) == "1\t\n\t200"


def test_selecting_all_leaves_the_headers_selection_alone(show):
    """Asked row by row, the headers would take seconds at a million rows."""
    view = show("SELECT * FROM track", 25_000)
    view.grid.selectAll()
    assert len(view.grid.selectionModel().selectedRows()) == 25_000
    assert not view.grid.verticalHeader().selectionModel().hasSelection()
    assert not view.grid.horizontalHeader().selectionModel().hasSelection()


def test_a_click_with_ctrl_on_a_header_selects_its_column(qtbot, show):
    view = show("SELECT id, name FROM track LIMIT 5")
    header = view.grid.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(1) + 10, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, place)
    assert {index.column() for index in view.grid.selectionModel().selectedIndexes()} == {1}
    assert len(view.grid.selectionModel().selectedIndexes()) == 5


def test_f2_shows_the_whole_value(qtbot, show):
    view = show("SELECT printf('%.*c', 5000, 'x')")
    view.grid.setCurrentIndex(view.model.index(0, 0))
    qtbot.keyClick(view.grid, Qt.Key.Key_F2)
    dialog = view.window().findChild(ValueDialog)
    assert dialog.isVisible()
    assert dialog.view.toPlainText() == "x" * 5000
    assert dialog.view.isReadOnly()
    dialog.copy()
    assert QGuiApplication.clipboard().text() == "x" * 5000


def test_a_double_click_shows_binary_as_a_dump(qtbot, show):
    view = show("SELECT photo FROM kinds WHERE id = 4")
    place = view.grid.visualRect(view.model.index(0, 0)).center()
    qtbot.mouseClick(view.grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(view.grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    dialog = view.window().findChild(ValueDialog)
    assert dialog.view.toPlainText().splitlines()[2].startswith("00000020  20 21 22")


def test_ctrl_g_goes_to_a_row(qtbot, show, monkeypatch):
    view = show("SELECT * FROM track ORDER BY id", 5000)
    monkeypatch.setattr(QInputDialog, "getInt", lambda *_args: (4321, True))
    qtbot.keyClick(view.grid, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    assert view.grid.currentIndex().row() == 4320
    assert view.grid.visualRect(view.grid.currentIndex()).intersects(view.grid.viewport().rect())


def test_rows_have_one_fixed_height_that_follows_the_density(show):
    view = show("SELECT * FROM track")
    assert view.grid.rowHeight(0) == view.grid.rowHeight(999) == 26
    view.grid.set_density("compact")
    assert view.grid.rowHeight(0) == 22


def test_widths_fit_the_first_rows_but_have_a_limit(show):
    view = show("SELECT 1 AS a, printf('%.*c', 500, 'x') AS b")
    assert view.grid.columnWidth(0) < 120
    assert 250 < view.grid.columnWidth(1) < 600


def test_a_result_without_rows_says_so(show):
    view = show("SELECT * FROM track WHERE id < 0")
    assert view.rows_label.text() == "0 rows"
    assert view.grid.empty_text == "No rows"


def test_a_truncated_result_says_that_there_is_more(show):
    view = show("SELECT * FROM track", 1000)
    assert view.rows_label.text() == "1,000+ rows"
    assert view.all_button.isVisible()


def test_the_menu_key_offers_every_way_to_copy(qtbot, show):
    view = show("SELECT 1")
    view.grid.customContextMenuRequested.emit(QPoint(5, 5))
    texts = [action.text() for action in view.grid.findChild(QMenu).actions()]
    assert texts[:3] == ["Copy", "Copy with column names", "Copy as"]
    forms = [action.text() for action in view.grid.findChild(QMenu).actions()[2].menu().actions() if action.text()]
    assert len(forms) == 13
    assert {"Copy as JSON lines", "Copy as UPDATE", "Copy as IN (…)", "Copy by own template"} <= set(forms)
    view.grid.findChild(QMenu).close()


def test_arrow_keys_move_the_current_cell(qtbot, show):
    view = show("SELECT id, name FROM track")
    flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
    view.grid.selectionModel().setCurrentIndex(view.model.index(0, 0), flag)
    qtbot.keyClick(view.grid, Qt.Key.Key_Down)
    qtbot.keyClick(view.grid, Qt.Key.Key_Right)
    assert (view.grid.currentIndex().row(), view.grid.currentIndex().column()) == (1, 1)


def test_a_copy_that_is_cancelled_leaves_the_clipboard_alone(qtbot, show, runner):
    view = show("SELECT * FROM track", 25_000)
    view.grid.selectAll()
    QGuiApplication.clipboard().setText("before")
    view.copy(CopyFormat.JSON)
    view.copying.cancel()
    qtbot.waitUntil(lambda: runner.is_idle)
    assert QGuiApplication.clipboard().text() == "before"
    assert not view.stop_copy_button.isVisible()


def test_a_newer_copy_takes_the_place_of_an_older_one(qtbot, show, runner):
    view = show("SELECT * FROM track", 25_000)
    view.grid.selectAll()
    view.copy(CopyFormat.JSON)
    view.grid.selectionModel().clear()
    view.grid.setCurrentIndex(view.model.index(0, 1))
    view.copy(CopyFormat.TSV)
    qtbot.waitUntil(lambda: runner.is_idle)
    assert QGuiApplication.clipboard().text() == "Track 1"
