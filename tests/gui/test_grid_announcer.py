"""A screen reader is told the value of a cell, of row and column only what changed, and what a notice says."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QPushButton

from keeperdb.gui.notices import show_notice


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


@pytest.fixture
def said(monkeypatch):
    """What a reader is told, and whether that comes before what it is reading."""
    events = []
    monkeypatch.setattr(QAccessible, "isActive", lambda: True)
    monkeypatch.setattr(
        QAccessible, "updateAccessibility", lambda event: events.append((event.message(), event.politeness()))
    )
    return events


def test_moves_say_the_value_and_only_the_head_that_changed(qtbot, grid, said):
    grid.setCurrentIndex(grid.model().index(0, 1))
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right):
        qtbot.keyClick(grid, key)
    grid.setCurrentIndex(grid.model().index(3, 0))
    texts = [text for text, _ in said]
    assert texts == ["plain, name, row 1", "NULL, row 2", "(empty), row 3", "-2, amount", "4, id, row 4"]
    assert {politeness for _, politeness in said} == {QAccessible.AnnouncementPoliteness.Assertive}


def test_nothing_is_said_where_nobody_listens(grid, said, monkeypatch):
    monkeypatch.setattr(QAccessible, "isActive", lambda: False)
    grid.setCurrentIndex(grid.model().index(1, 0))
    assert said == []


def test_a_notice_is_read_after_what_is_being_read(tab, said):
    show_notice(tab, "Exported 5 rows")
    assert said == [("Exported 5 rows", QAccessible.AnnouncementPoliteness.Polite)]


def test_a_notice_stays_under_the_focus_and_goes_from_elsewhere(qtbot, tab):
    notice = show_notice(tab, "Closed", action=("Reopen", lambda: None), seconds=0)
    button = notice.findChild(QPushButton)
    button.setFocus()
    notice._leave()
    assert notice.isVisible()
    tab.editor.setFocus()
    notice._leave()
    assert not notice.isVisible()
