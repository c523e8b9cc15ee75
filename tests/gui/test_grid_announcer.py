"""A screen reader is told the value of a cell, and of row and column only what changed."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible

from keeperdb.gui.grid_announcer import GridAnnouncer


@pytest.fixture
def grid(qtbot, tab):
    """The rows of `kinds`, with nothing current."""
    tab.editor.setPlainText("select id, name, amount from kinds order by id")
    tab.run_all()
    qtbot.waitUntil(lambda: bool(tab.results.views) and not tab.is_busy)
    grid = tab.results.current.grid
    grid.clearSelection()
    grid.setCurrentIndex(grid.model().index(-1, -1))
    grid.setFocus()
    return grid


def test_moves_say_the_value_and_only_the_head_that_changed(qtbot, grid):
    said = []
    grid.announcer = GridAnnouncer(grid, lambda _, text: said.append(text))
    grid.setCurrentIndex(grid.model().index(0, 1))
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right):
        qtbot.keyClick(grid, key)
    grid.setCurrentIndex(grid.model().index(3, 0))
    assert said == ["plain, name, row 1", "NULL, row 2", "(empty), row 3", "-2, amount", "4, id, row 4"]


def test_every_grid_tells_an_active_reader(qtbot, grid, monkeypatch):
    events = []
    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    monkeypatch.setattr(
        QAccessible, "updateAccessibility", lambda event: events.append((event.message(), event.politeness()))
    )
    grid.setCurrentIndex(grid.model().index(1, 0))
    assert events == [("2, id, row 2", QAccessible.AnnouncementPoliteness.Assertive)]
