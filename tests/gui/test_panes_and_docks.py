"""Tabs side by side and in windows of their own; panels that move, hide and come back."""

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMenu

from keeperdb.connections.profile import ConnectionProfile, Environment
from keeperdb.gui.detached_window import DetachedWindow
from keeperdb.gui.empty_tabs import EmptyTabs
from keeperdb.gui.tab_drag import Place
from keeperdb.gui.tab_pane import connection_color
from keeperdb.gui.tokens import environment_color

RIGHT = Qt.DockWidgetArea.RightDockWidgetArea


def do(window, action_id: str) -> None:
    """Trigger an action of a window itself."""
    next(action for action in window.actions() if action.objectName() == action_id).trigger()


def titles(window) -> list[list[str]]:
    return [[tab.title for tab in pane.tabs] for pane in window.tabs.panes]


@pytest.fixture
def detached(qtbot, window):
    """The window that the second of two tabs was detached to."""
    window.new_tab("select 2", "second")
    do(window, "view.detach_tab")
    other = window.findChild(DetachedWindow)
    qtbot.waitUntil(other.isVisible)
    return other


def test_a_single_tab_is_split_by_a_new_one_beside_it(window):
    do(window, "view.split")
    assert titles(window) == [["query 1"], ["query 2"]]
    assert window.tabs.current.title == "query 2"


def test_of_two_tabs_the_current_one_moves_to_the_new_pane_and_on(window):
    second = window.new_tab("select 2", "second")
    do(window, "view.split")
    assert titles(window) == [["query 1"], ["second"]]
    assert second.editor.script() == "select 2"
    do(window, "view.other_pane")
    assert titles(window) == [["query 1", "second"]]
    assert window.tabs.current is second


def test_panes_stand_under_each_other_and_go_with_their_last_tab(window):
    second = window.new_tab("", "second")
    do(window, "view.split_down")
    assert [[len(pane.tabs) for pane in column] for column in window.tabs.columns] == [[1, 1]]
    third = window.new_tab("", "third")
    do(window, "view.split")
    assert [[pane.current.title for pane in column] for column in window.tabs.columns] == [
        ["query 1", "second"],
        ["third"],
    ]
    window.drop_tabs([third, second])
    assert [[pane.current.title for pane in column] for column in window.tabs.columns] == [["query 1"]]


@pytest.mark.parametrize(
    ("place", "columns"),
    [
        (Place.INSIDE, [[["query 1", "second"]]]),
        (Place.BELOW, [[["query 1"], ["second"]]]),
        (Place.RIGHT, [[["query 1"]], [["second"]]]),
    ],
)
def test_a_tab_that_is_let_go_over_another_pane_goes_there_or_splits_it(window, place, columns):
    second = window.new_tab("", "second")
    do(window, "view.split_down")
    window.tabs.panes[0].dropped.emit(second, place)
    shown = [[[tab.title for tab in pane.tabs] for pane in column] for column in window.tabs.columns]
    assert shown == columns
    assert window.tabs.current is second


def test_a_tab_that_is_let_go_where_it_was_stays(window):
    only = window.tabs.current
    for place in Place:
        window.tabs.panes[0].dropped.emit(only, place)
    assert titles(window) == [["query 1"]]


def test_a_tab_that_is_dragged_out_gets_a_window(qtbot, window):
    window.new_tab("", "second")
    window.tabs.panes[0].dragged_out.emit()
    other = window.findChild(DetachedWindow)
    assert [tab.title for tab in other.pane.tabs] == ["second"]
    other.pane.dragged_out.emit()
    assert window.findChildren(DetachedWindow) == [other]


def test_the_pane_with_the_focus_is_the_one_that_commands_act_on(qtbot, window):
    window.new_tab("", "second")
    do(window, "view.split")
    window.tabs.tabs[0].editor.setFocus()
    assert window.tabs.current.title == "query 1"
    assert window.windowTitle().startswith("query 1")
    window.close_tab()
    assert titles(window) == [["second"]]
    assert window.tabs.current.title == "second"


def test_the_last_pane_stays_when_its_last_tab_goes(window):
    window.close_tab()
    assert titles(window) == [[]]
    assert window.tabs.current is None


def test_a_window_without_tabs_offers_to_open_one(qtbot, window):
    window.close_tab()
    empty = window.tabs.findChild(EmptyTabs)
    assert empty.isVisible()
    assert empty.buttons[0].hasFocus()
    qtbot.keyClick(empty.buttons[0], Qt.Key.Key_Space)
    assert titles(window) == [["query 2"]]
    assert not empty.isVisible()
    assert window.tabs.current.editor.hasFocus()


def test_a_detached_tab_keeps_its_text_and_its_session_and_runs(qtbot, window, detached):
    tab = detached.pane.current
    assert tab.window() is detached
    assert titles(window) == [["query 1"], ["second"]]
    tab.run_all()
    qtbot.waitUntil(lambda: bool(tab.results.views) and not tab.is_busy)
    assert detached.windowTitle() == "second — Store — KeeperDB"


def test_a_detached_tab_moves_back(window, detached, qtbot):
    detached.pane.current.editor.setFocus()
    do(detached, "view.attach_tab")
    assert titles(window) == [["query 1", "second"]]
    qtbot.waitUntil(lambda: not shiboken6.isValid(detached))


def test_closing_a_detached_window_loses_nothing(qtbot, window, detached):
    detached.close()
    assert titles(window) == [["query 1", "second"]]
    qtbot.waitUntil(lambda: not shiboken6.isValid(detached))


def test_a_new_tab_of_a_detached_window_opens_there(window, detached):
    do(detached, "file.new_tab")
    assert titles(window) == [["query 1"], ["second", "query 2"]]


def test_closing_the_window_closes_what_was_detached_from_it(qtbot, window, detached):
    window._may_close = True
    window.close()
    qtbot.waitUntil(lambda: not shiboken6.isValid(window))
    assert not shiboken6.isValid(detached)


def test_the_menu_of_a_tab_offers_what_fits_its_window(window, detached):
    bar = detached.pane.tabBar()
    bar.customContextMenuRequested.emit(bar.tabRect(0).center())
    direct = Qt.FindChildOption.FindDirectChildrenOnly  # its tab has menus too
    menu = detached.findChild(QMenu, "", direct)
    texts = [action.text() for action in menu.actions()]
    menu.close()  # a menu that is open while its window is destroyed can end the interpreter
    assert texts == ["Close tab", "Move tab back"]


def test_a_detached_window_can_be_locked_and_masked_with_the_keys_of_every_window(window, detached):
    here = {action.objectName() for action in detached.actions()}
    assert {"app.lock", "app.privacy", "app.log", "view.settings", "view.connections"} <= here


def test_close_other_tabs_keeps_the_current_one_and_other_panes(window):
    window.new_tab("", "second")
    window.new_tab("", "third")
    do(window, "view.split")
    window.tabs.go_to(window.tabs.tabs[0])
    do(window, "file.close_others")
    assert titles(window) == [["query 1"], ["third"]]


def test_a_panel_is_made_when_it_is_first_seen(qtbot, window):
    made = []

    def make() -> QLabel:
        made.append(1)
        return QLabel("values")

    dock = window.add_dock("value", "Value", make, RIGHT)
    assert made == []
    assert not dock.isVisible()
    window.docks.toggle("value")
    assert made == [1]
    assert dock.isVisible()
    menu = window.menuBar().findChild(QMenu, "View")
    menu.aboutToShow.emit()
    listed = [action for action in menu.actions() if action.text() in ("Value", "Objects panel")]
    assert [action.text() for action in listed] == ["Objects panel", "Value"]


def test_the_objects_panel_is_hidden_only_when_the_focus_is_in_it(qtbot, window):
    dock = window.docks.get("objects")
    do(window, "view.objects")
    assert window.tree.view.hasFocus()
    do(window, "view.objects")
    assert not dock.isVisible()
    do(window, "objects.filter")
    assert dock.isVisible()
    assert window.tree.filter.hasFocus()


def test_where_panels_were_is_remembered_and_can_be_reset(qtbot, window, runner):
    application, profile = window.application, window.profile
    window.addDockWidget(RIGHT, window.docks.get("objects"))
    window.close()
    qtbot.waitUntil(lambda: not shiboken6.isValid(window) and runner.is_idle)
    application.open_window(profile)
    qtbot.waitUntil(lambda: len(application.windows) == 1 and runner.is_idle)
    again = application.windows[0]
    assert again.dockWidgetArea(again.docks.get("objects")) == RIGHT
    do(again, "view.reset_panels")
    assert again.dockWidgetArea(again.docks.get("objects")) == Qt.DockWidgetArea.LeftDockWidgetArea


@pytest.mark.parametrize("layout", [b"\x00", b"nothing of Qt", bytes(range(256)) * 40])
def test_a_layout_that_cannot_be_used_changes_nothing(window, layout):
    window.docks.restore(layout)
    assert window.docks.get("objects").isVisible()
    assert window.dockWidgetArea(window.docks.get("objects")) == Qt.DockWidgetArea.LeftDockWidgetArea


def test_the_stripe_has_the_connections_own_colour_or_that_of_its_environment(themed):
    profile = ConnectionProfile("x", "sqlite", path="x", environment=Environment.PRODUCTION)
    assert connection_color(profile) == environment_color(Environment.PRODUCTION)
    assert connection_color(profile.with_(color="#123456")).name() == "#123456"
    assert connection_color(ConnectionProfile("x", "sqlite", path="x")) is None


def test_the_buttons_of_a_panel_say_what_they_do_and_do_it(qtbot, window):
    dock = window.docks.get("objects")
    title = dock.titleBarWidget()
    assert (title.detach.accessibleName(), title.hide_button.accessibleName()) == ("Detach: Objects", "Hide: Objects")
    qtbot.mouseClick(title.detach, Qt.MouseButton.LeftButton)
    assert dock.isFloating()
    assert title.detach.accessibleName() == "Put back: Objects"
    qtbot.mouseClick(title.detach, Qt.MouseButton.LeftButton)
    assert not dock.isFloating()
    qtbot.mouseClick(title.hide_button, Qt.MouseButton.LeftButton)
    assert not dock.isVisible()
