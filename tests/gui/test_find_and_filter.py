"""Finding in all cells, filtering by values and conditions, and aggregates of the selection, with keys and clicks."""

import pytest
from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt

from keeperdb.gui.result_view import ResultView
from keeperdb.gui.value_filter import ValueFilter
from keeperdb.query.arranging import Condition
from keeperdb.task import Task

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
CTRL_ALT = CTRL | Qt.KeyboardModifier.AltModifier


@pytest.fixture
def show(qtbot, runner, settings, open_session):
    session = open_session()

    def show(sql: str, rows: int = 30_000) -> ResultView:
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


def find(qtbot, view, text):
    qtbot.keyClick(view.grid, Qt.Key.Key_F, CTRL)
    view.find_bar.field.clear()
    qtbot.keyClicks(view.find_bar.field, text)
    qtbot.waitUntil(lambda: view.finding.found.text == text and not view.finding.is_working)


def place(view):
    return view.grid.currentIndex().row(), view.grid.currentIndex().column()


def select(view, top, left, bottom, right):
    cells = QItemSelection(view.model.index(top, left), view.model.index(bottom, right))
    view.grid.selectionModel().select(cells, QItemSelectionModel.SelectionFlag.ClearAndSelect)


def said(qtbot, view):
    qtbot.waitUntil(lambda: not view.aggregates.is_working)
    return view.selection_text


def settled(qtbot, view):
    qtbot.waitUntil(lambda: not view.arranging.is_working and view.arranging.wanted == view.model.arrangement)


def column(view, number=0):
    return [view.model.shown.text(row, number) for row in range(view.model.rowCount())]


def test_finding_goes_through_all_cells_and_says_how_many(qtbot, show):
    view = show("SELECT id, name FROM track ORDER BY id")
    find(qtbot, view, "track 2499")
    assert view.find_bar.count.text() == "1 of 11"
    assert place(view) == (2498, 1)
    qtbot.keyClick(view.find_bar.field, Qt.Key.Key_Return)
    assert place(view) == (24989, 1)
    assert view.find_bar.count.text() == "2 of 11"
    view.grid.setFocus()
    qtbot.keyClick(view.grid, Qt.Key.Key_F3, SHIFT)
    qtbot.keyClick(view.grid, Qt.Key.Key_F3, SHIFT)
    assert place(view) == (24998, 1)  # around the beginning
    qtbot.keyClick(view.grid, Qt.Key.Key_Escape)
    assert not view.find_bar.isVisible()
    assert view.finding.found.count == 0


def test_what_was_found_follows_sorting(qtbot, show):
    view = show("SELECT id FROM track ORDER BY id LIMIT 50")
    find(qtbot, view, "49")
    view.arranging.press(0, False)
    settled(qtbot, view)
    view.arranging.press(0, False)
    settled(qtbot, view)
    qtbot.waitUntil(lambda: not view.finding.is_working and view.finding.found.has(1, 0))


def test_nothing_found_is_said(qtbot, show):
    view = show("SELECT id FROM track LIMIT 50")
    find(qtbot, view, "no such text")
    assert view.find_bar.count.text() == "Nothing found in the fetched rows"


def test_a_value_is_kept_and_another_excluded(qtbot, show):
    view = show("SELECT id % 4 AS part, id FROM track WHERE id <= 20 UNION ALL SELECT NULL, 99")
    view.grid.setCurrentIndex(view.model.index(0, 0))
    qtbot.keyClick(view.grid, Qt.Key.Key_X, CTRL_ALT)
    settled(qtbot, view)
    assert view.filter_bar.field.text() == "(part <> 1 or part is null)"
    assert "1" not in column(view)
    assert None in column(view)
    view.grid.setCurrentIndex(view.model.index(0, 0))
    qtbot.keyClick(view.grid, Qt.Key.Key_F, CTRL_ALT)
    settled(qtbot, view)
    assert set(column(view)) == {"2"}
    assert view.arranged_label.text() == "5 of 21 rows shown, by a condition"
    view.show_as_fetched()
    assert view.model.rowCount() == 21


def test_a_hostile_value_is_filtered_by_as_a_text(qtbot, show):
    view = show("SELECT column1 AS \"a b\" FROM (VALUES ('x'' or 1 = 1 --'), ('x'), ('<b>'), ('a\u202eb'))")
    for row, text in enumerate(["x' or 1 = 1 --", "x", "<b>", "a\u202eb"]):
        view.show_as_fetched()
        view.grid.setCurrentIndex(view.model.index(row, 0))
        view.filters.keep_value()
        settled(qtbot, view)
        assert column(view) == [text]


def test_a_condition_is_told_with_enter_and_an_error_stays_under_the_field(qtbot, show):
    view = show("SELECT id, name FROM track ORDER BY id LIMIT 50")
    qtbot.keyClick(view.grid, Qt.Key.Key_E, CTRL_ALT)
    qtbot.keyClicks(view.filter_bar.field, "id > 48 and nme = 'x'")
    qtbot.keyClick(view.filter_bar.field, Qt.Key.Key_Return)
    qtbot.waitUntil(view.filter_bar.error.isVisible)
    assert "Did you mean “name”?" in view.filter_bar.error.text()
    assert view.model.rowCount() == 50
    view.filter_bar.field.clear()
    qtbot.keyClicks(view.filter_bar.field, "id > 48")
    qtbot.keyClick(view.filter_bar.field, Qt.Key.Key_Return)
    settled(qtbot, view)
    assert column(view) == ["49", "50"]
    assert not view.filter_bar.error.isVisible()
    assert view.arranging.wanted.filter == Condition("id > 48")


def test_a_text_that_is_looked_for_becomes_part_of_a_condition(qtbot, show):
    view = show("SELECT id, name FROM track ORDER BY id LIMIT 50")
    view.open_filter()
    qtbot.keyClicks(view.filter_bar.field, "4")
    qtbot.waitUntil(lambda: view.model.rowCount() == 14)
    view.grid.setCurrentIndex(view.model.index(0, 0))
    view.filters.exclude_value()
    settled(qtbot, view)
    assert view.filter_bar.field.text().startswith("anywhere('4') and ")
    assert view.model.rowCount() == 13


def test_values_are_chosen_from_a_list(qtbot, show):
    view = show("SELECT id % 5 AS part, id FROM track LIMIT 100")
    view.grid.setCurrentIndex(view.model.index(0, 0))
    qtbot.keyClick(view.grid, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    popup = view.grid.findChild(ValueFilter)
    qtbot.waitUntil(lambda: popup.list.count() == 5)
    for row in (0, 2):
        popup.list.item(row).setCheckState(Qt.CheckState.Checked)
    assert popup.about.text() == "5 different values · 2 chosen"
    popup.apply_button.click()
    settled(qtbot, view)
    assert set(column(view)) == {"0", "2"}


def test_the_selection_is_added_up_exactly(qtbot, show):
    view = show("SELECT column1 AS n, column2 AS t FROM (VALUES (9007199254740993, 'a'), (2, 'b'), (NULL, NULL))")
    select(view, 0, 0, 2, 0)
    assert said(qtbot, view) == (
        "3 cells · 2 distinct · 1 NULL · sum 9,007,199,254,740,995 · avg 4,503,599,627,370,497.5 · min 2 · "
        "max 9,007,199,254,740,993 · median 4,503,599,627,370,497.5"
    )
    select(view, 0, 1, 2, 1)
    assert said(qtbot, view) == "3 cells · 2 distinct · 1 NULL · min a · max b"
    select(view, 0, 0, 0, 0)
    assert said(qtbot, view) == ""


def test_all_cells_of_a_long_result_are_added_up(qtbot, show):
    view = show("SELECT id, milliseconds FROM track")
    view.grid.selectAll()
    assert said(qtbot, view).startswith("50,000 cells · ")
    total = sum(range(1, 25_001)) * 101
    assert f"sum {total:,}" in view.selection_text


def test_another_selection_stops_the_sums_of_the_one_before(qtbot, show):
    view = show("SELECT id, milliseconds FROM track")
    view.grid.selectAll()
    select(view, 0, 0, 1, 0)
    assert said(qtbot, view).startswith("2 cells")
