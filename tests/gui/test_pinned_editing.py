"""A cell of a pinned column is edited where it is seen."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QMenu

from keeperdb.engines.registry import get_engine
from keeperdb.gui.grid_pinned import PinnedView
from keeperdb.gui.table_tab import TableTab


@pytest.fixture
def table(qtbot, runner, settings, opener):
    settings.set("results.page_size", 10)
    table = TableTab(runner, settings, opener.profile, get_engine("sqlite"), opener, ("track",))
    qtbot.addWidget(table)
    table.resize(320, 500)
    with qtbot.waitExposed(table):
        table.show()
    table.activateWindow()
    table.load()
    qtbot.waitUntil(lambda: not table.is_busy and table.results.current is not None, timeout=20_000)
    yield table
    table.close_session()


def test_the_editor_of_a_pinned_cell_is_not_covered(qtbot, table):
    grid = table.results.current.grid
    grid.setFocus()
    grid.columns.toggle_pin(1)
    grid.go_to_column(2)
    grid.setCurrentIndex(grid.model().index(0, 1))
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    pinned = grid.findChild(PinnedView)
    assert not pinned.isVisible()
    editor = next(each for each in grid.viewport().findChildren(QLineEdit) if each.isVisible())
    assert grid.viewport().rect().contains(editor.geometry().topLeft())
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    qtbot.waitUntil(pinned.isVisible)


def test_the_menu_of_a_cell_has_each_action_once(table):
    grid = table.results.current.grid
    grid.setCurrentIndex(grid.model().index(0, 1))
    grid.open_menu(grid.mapToGlobal(grid.rect().center()))
    menu = grid.findChild(QMenu)
    names = [action.objectName() for action in menu.actions() if action.objectName()]
    menu.close()
    assert "data.edit_cell" in names
    assert len(names) == len(set(names))
