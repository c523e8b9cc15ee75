"""Whatever can be pressed, typed into or chosen has a name, in every window and every part of it."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QMenuBar,
    QPlainTextEdit,
    QTabBar,
    QWidget,
)

from keeperdb.gui.action_table import ACTIONS
from keeperdb.settings import SCHEMA

FIELDS = (QLineEdit, QComboBox, QAbstractSpinBox, QAbstractItemView, QPlainTextEdit, QTabBar)
BUTTONS_WITHIN = (QTabBar, QLineEdit, QAbstractItemView, QAbstractSpinBox, QMenuBar)  # which Qt makes and names
GRID_ACTIONS = ("grid.value_panel", "result.filter", "grid.find", "grid.columns", "grid.filter_values", "grid.record")


def is_own(widget: QWidget) -> bool:
    """Not a part of something that Qt makes of several: it is what has the name."""
    parent = widget.parent()
    if isinstance(widget, QHeaderView) or (
        type(widget).__module__.startswith("PySide6") and isinstance(parent, QComboBox)
    ):
        return False
    if isinstance(widget, QLineEdit) and isinstance(parent, QAbstractSpinBox | QComboBox):
        return False
    is_list_of_box = isinstance(widget, QAbstractItemView) and isinstance(widget.parentWidget().parent(), QComboBox)
    return not is_list_of_box and not (isinstance(widget, QAbstractButton) and isinstance(parent, BUTTONS_WITHIN))


def unnamed(top: QWidget) -> list[str]:
    widgets = [
        each for each in (top, *top.findChildren(QWidget)) if is_own(each) and not each.objectName().startswith("qt_")
    ]
    labelled = {label.buddy() for label in top.findChildren(QLabel) if label.buddy() is not None}
    found = []
    for widget in widgets:
        where = f"{type(top).__name__}: {type(widget).__name__} in {type(widget.parent()).__name__}"
        if isinstance(widget, QAbstractButton):
            words = widget.text() or widget.accessibleName()
            if not words and not widget.isHidden():
                found.append(f"{where} has no name")
            needs_tip = not widget.text() and not isinstance(widget, QCheckBox)  # that has its label beside it
            if needs_tip and not widget.toolTip() and not widget.isHidden():
                found.append(f"{where} ({words}) has no tooltip")
        elif isinstance(widget, FIELDS) and not widget.accessibleName() and widget not in labelled:
            found.append(f"{where} has no name")
    return found


def strangers(top: QWidget) -> list[str]:
    """Actions that the table does not have: nobody could give them other keys."""
    owners = [each for each in (top, *top.findChildren(QWidget)) if not isinstance(each, QMenu | QLineEdit)]
    actions = [action for owner in owners for action in owner.actions() if action.parent() is owner and action.text()]
    return [action.text() for action in actions if action.objectName() not in ACTIONS and not action.menu()]


def act(owner: QWidget, name: str) -> None:
    found = [action for action in owner.findChildren(QAction, name) if action.parent().isVisible()]
    found[-1].trigger()


@pytest.fixture
def busy_window(qtbot, window):
    """A window in which everything was opened once."""
    window.open_sql("select * from kinds", "kinds", True)
    tab = window.tabs.current
    qtbot.waitUntil(lambda: bool(tab.results.views) and not tab.is_busy)
    tab.results.current.grid.setFocus()
    for name in GRID_ACTIONS:
        act(window, name)
        for popup in window.findChildren(QWidget, options=Qt.FindChildOption.FindChildrenRecursively):
            if popup.windowType() == Qt.WindowType.Popup and popup.isVisible():
                assert unnamed(popup) == []
                popup.close()
    opened = window.open_table(("main", "track"))
    qtbot.waitUntil(lambda: bool(opened.results.views) and not opened.is_busy)
    return window


def test_everything_in_a_busy_window_has_a_name_and_every_action_other_keys(busy_window):
    assert unnamed(busy_window) == []
    assert strangers(busy_window) == []


def test_everything_in_the_picker_the_settings_and_the_palette_has_a_name(qtbot, window):
    application = window.application
    application.show_picker()
    for page in SCHEMA:
        application.show_settings(page.name)
    window.open_palette("")
    for top in (application.picker, application._settings, window):
        assert unnamed(top) == []
        assert strangers(top) == []


def test_every_action_of_a_window_has_a_tooltip_and_shows_its_keys(busy_window):
    actions = [action for action in busy_window.findChildren(QAction) if action.objectName() in ACTIONS]
    assert len({action.objectName() for action in actions}) > 100
    for action in actions:
        assert action.text()
        assert action.toolTip().startswith(ACTIONS[action.objectName()].tip) or not action.isEnabled()
