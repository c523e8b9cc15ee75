"""Columns of the grid: pinned, hidden, moved, found by name, and remembered for queries of the same shape."""

import json

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QApplication, QMenu

from keeperdb.engines.blocks import Column
from keeperdb.gui.column_layouts import ColumnLayout, ColumnLayouts
from keeperdb.gui.column_popup import ColumnPopup
from keeperdb.gui.copy_cells import CopyFormat, cells_as_text
from keeperdb.gui.grid_pinned import PinnedView
from keeperdb.gui.result_context import ResultContext
from keeperdb.gui.result_view import ResultView
from keeperdb.task import Task

CTRL_ALT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


@pytest.fixture
def layouts(runner, tmp_path):
    return ColumnLayouts(runner, tmp_path / "columns.json")


@pytest.fixture
def show(qtbot, runner, settings, open_session, layouts):
    session = open_session()

    def show(sql: str, rows: int = 1000) -> ResultView:
        result = session.execute(sql, Task())[-1]
        result.fetch(rows, Task())
        view = ResultView(result, runner, settings, context=ResultContext(layouts=layouts))
        qtbot.addWidget(view)
        view.resize(700, 400)
        with qtbot.waitExposed(view):
            view.show()
        view.activateWindow()
        view.grid.setFocus()
        return view

    return show


def wide(count: int) -> str:
    return (
        "SELECT " + ", ".join(f"id + {number} AS column_{number}" for number in range(count)) + " FROM track LIMIT 50"
    )


def pinned(view) -> PinnedView:
    return view.grid.findChild(PinnedView)


def test_pinned_columns_stay_in_sight_while_the_others_scroll(qtbot, show):
    view = show(wide(40))
    view.grid.setCurrentIndex(view.model.index(0, 3))
    qtbot.keyClick(view.grid, Qt.Key.Key_P, CTRL_ALT)
    view.grid.setCurrentIndex(view.model.index(0, 7))
    qtbot.keyClick(view.grid, Qt.Key.Key_P, CTRL_ALT)
    assert view.grid.columns.pinned == (3, 7)
    assert view.grid.columns.shown[:3] == [3, 7, 0]
    view.grid.go_to_column(39)
    place = view.grid.visualRect(view.model.index(0, 39))
    assert place.left() >= pinned(view).width()
    assert pinned(view).isVisible()
    assert [pinned(view).isColumnHidden(column) for column in (3, 7, 0, 39)] == [False, False, True, True]


def drag(start, start_place: QPoint, end, end_place: QPoint) -> None:
    """Press in one view and move to a place of another, as a mouse does: the first view gets all events."""
    viewport, left = start.viewport(), Qt.MouseButton.LeftButton
    there = viewport.mapFromGlobal(end.viewport().mapToGlobal(end_place))
    none = Qt.KeyboardModifier.NoModifier
    for kind, place, button, held in (
        (QEvent.Type.MouseButtonPress, start_place, left, left),
        (QEvent.Type.MouseMove, there, Qt.MouseButton.NoButton, left),
        (QEvent.Type.MouseButtonRelease, there, left, Qt.MouseButton.NoButton),
    ):
        event = QMouseEvent(kind, QPointF(place), QPointF(viewport.mapToGlobal(place)), button, held, none)
        QApplication.sendEvent(viewport, event)


def test_a_selection_is_drawn_from_pinned_columns_into_the_others_and_back(show):
    view = show(f"SELECT {', '.join(f'{n} AS c{n}' for n in range(6))} UNION ALL SELECT 1, 1, 1, 1, 1, 1")
    view.grid.columns.toggle_pin(3)
    here, there = pinned(view).visualRect(view.model.index(0, 3)), view.grid.visualRect(view.model.index(1, 1))
    drag(pinned(view), here.center(), view.grid, there.center())
    selected = {(index.row(), index.column()) for index in view.grid.selectedIndexes()}
    assert selected == {(row, column) for row in (0, 1) for column in (3, 0, 1)}
    drag(view.grid, there.center(), pinned(view), here.center())
    assert {(index.row(), index.column()) for index in view.grid.selectedIndexes()} == selected
    assert (view.grid.currentIndex().row(), view.grid.currentIndex().column()) == (0, 3)


def test_a_cell_behind_the_pinned_columns_is_scrolled_into_sight(qtbot, show):
    view = show(wide(40))
    view.grid.columns.toggle_pin(0)
    view.grid.go_to_column(39)
    for column in (20, 5, 1):
        view.grid.go_to_cell(0, column)
        assert view.grid.visualRect(view.model.index(0, column)).left() >= pinned(view).width()


def test_pinned_and_other_columns_share_rows_and_selection(qtbot, show):
    view = show(wide(10))
    view.grid.columns.toggle_pin(2)
    view.grid.verticalScrollBar().setValue(20)
    assert pinned(view).verticalScrollBar().value() == 20
    place = pinned(view).visualRect(view.model.index(22, 2)).center()
    qtbot.mouseClick(pinned(view).viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert (view.grid.currentIndex().row(), view.grid.currentIndex().column()) == (22, 2)
    assert view.grid.hasFocus()


def test_a_hidden_column_is_neither_copied_nor_current(qtbot, show):
    view = show("SELECT id, name, milliseconds FROM track ORDER BY id LIMIT 1")
    view.grid.setCurrentIndex(view.model.index(0, 1))
    qtbot.keyClick(view.grid, Qt.Key.Key_H, CTRL_ALT)
    assert view.grid.columns.hidden == (1,)
    assert view.grid.currentIndex().column() == 2
    view.grid.selectAll()
    assert cells_as_text(view.result, view.grid.selected_cells(), CopyFormat.TSV, Task()) == "1\t100"


def test_hidden_columns_are_told_and_come_back_with_a_click(show):
    view = show("SELECT id, name, milliseconds FROM track LIMIT 1")
    assert not view.hidden_button.isVisible()
    view.grid.columns.hide(1)
    view.grid.columns.hide(0)
    assert view.hidden_button.text() == "2 hidden columns"
    view.hidden_button.click()
    assert view.grid.columns.shown == [0, 1, 2]
    assert not view.hidden_button.isVisible()


def test_the_last_column_is_not_hidden(show):
    view = show("SELECT id FROM track")
    assert not view.grid.columns.hide(0)
    assert view.grid.columns.shown == [0]


def test_a_column_among_five_hundred_is_found_by_its_name(qtbot, show):
    view = show(wide(500))
    qtbot.keyClick(view.grid, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    popup = view.grid.findChild(ColumnPopup)
    qtbot.keyClicks(popup.search, "column_417")
    assert popup.count.text() == "1 of 500 columns"
    qtbot.keyClick(popup.search, Qt.Key.Key_Return)
    assert view.grid.currentIndex().column() == 417
    assert view.grid.visualRect(view.grid.currentIndex()).intersects(view.grid.viewport().rect())


def test_going_to_a_hidden_column_shows_it(qtbot, show):
    view = show(wide(20))
    view.grid.columns.hide(9)
    view.grid.go_to_column(9)
    assert not view.grid.isColumnHidden(9)
    assert view.grid.columnWidth(9) > 30


def test_columns_are_remembered_for_queries_of_the_same_shape(qtbot, show, runner, layouts, tmp_path):
    first = show("SELECT id, name, milliseconds FROM track")
    first.grid.columns.toggle_pin(2)
    first.grid.columns.hide(1)
    first.grid.columns.set_width(0, 333)
    again = show("SELECT id, name, milliseconds FROM track WHERE id > 5")
    assert again.grid.columns.pinned == (2,)
    assert again.grid.columns.hidden == (1,)
    assert again.grid.columnWidth(0) == 333
    other = show("SELECT id, name FROM track")
    assert other.grid.columns.layout().is_empty
    layouts.flush()
    qtbot.waitUntil(lambda: runner.is_idle and (tmp_path / "columns.json").exists())
    assert "milliseconds" not in (tmp_path / "columns.json").read_text()
    read = ColumnLayouts(runner, tmp_path / "columns.json")
    with_thread(qtbot, runner, read)
    assert read.of(first.model.columns) == first.grid.columns.layout()


def with_thread(qtbot, runner, layouts):
    """Files are not read on the UI thread."""
    ended = []
    runner.start(lambda _: layouts.read(), owner=layouts, done=lambda _: ended.append(True))
    qtbot.waitUntil(lambda: bool(ended))


@pytest.mark.parametrize(
    "content",
    [
        "not json",
        "[]",
        '{"x": 1}',
        json.dumps({"SHAPE": {"order": [0, 0], "hidden": [], "pinned": [], "widths": []}}),
        json.dumps({"SHAPE": {"order": [], "hidden": [0, 1], "pinned": [], "widths": []}}),
        json.dumps({"SHAPE": {"order": [], "hidden": [], "pinned": [7], "widths": [[0, 100]]}}),
        json.dumps({"SHAPE": {"order": [], "hidden": [], "pinned": [], "widths": [["a", None]]}}),
    ],
)
def test_a_damaged_file_is_as_if_it_were_not_there(qtbot, runner, tmp_path, content):
    from keeperdb.gui.column_layouts import shape_of

    columns = (Column("a", "int"), Column("b", "text"))
    path = tmp_path / "columns.json"
    runner.start(lambda _: path.write_text(content.replace("SHAPE", shape_of(columns))), owner=runner)
    qtbot.waitUntil(lambda: runner.is_idle)
    layouts = ColumnLayouts(runner, path)
    with_thread(qtbot, runner, layouts)
    assert layouts.of(columns) == ColumnLayout()


def test_the_menu_of_a_head_is_about_its_column(qtbot, show):
    view = show("SELECT id, name FROM track LIMIT 5")
    view.grid.setCurrentIndex(view.model.index(0, 0))
    view.grid.open_column_menu(1, QPoint(10, 10))
    menu = view.grid.findChild(QMenu)
    next(action for action in menu.actions() if action.objectName() == "grid.hide").trigger()
    menu.close()
    assert view.grid.columns.hidden == (1,)
    qtbot.waitUntil(lambda: view.grid.target_column == 0)


def test_the_name_of_a_column_is_copied_exactly(show):
    view = show('SELECT "select" AS "odd ""name"" & <b>" FROM "odd ""name"" & <b>"')
    view.grid.open_column_menu(0, QPoint(0, 0))
    view.actions_of_grid["grid.copy_name"].trigger()
    assert QGuiApplication.clipboard().text() == 'odd "name" & <b>'


def test_a_tint_colours_the_cells_it_names(show):
    view = show("SELECT id, name FROM track LIMIT 5")
    colour = QColor("#ff00ff")
    view.grid.add_tint(lambda rows, column: {1: colour} if column == 0 and 1 in rows else {})
    place = view.grid.visualRect(view.model.index(1, 0))
    image = view.grid.viewport().grab().toImage()
    assert image.pixelColor(place.left() + 3, place.top() + 3) == colour
    other = view.grid.visualRect(view.model.index(2, 0))
    assert image.pixelColor(other.left() + 3, other.top() + 3) != colour


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_null_and_its_likes_look_different_in_every_theme(qtbot, qapp, show, theme):
    from keeperdb.gui.theme import apply_theme

    apply_theme(qapp, theme)
    view = show("SELECT column1 AS t FROM (VALUES (NULL), ('NULL'), (''), ('(empty)'))")
    image = view.grid.viewport().grab().toImage()
    pictures = [image.copy(view.grid.visualRect(view.model.index(row, 0)).adjusted(0, 0, -1, -1)) for row in range(4)]
    assert all(pictures[one] != pictures[other] for one in range(4) for other in range(one))
    apply_theme(qapp, "light")
