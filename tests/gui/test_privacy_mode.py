"""Privacy mode: what is masked where, what is asked before it leaves, and that it is plain to see."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QMessageBox

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.errors import UnsupportedError
from keeperdb.gui.notices import ErrorDialog, Notice, show_notice
from keeperdb.gui.privacy import MASK, privacy
from keeperdb.gui.privacy_indicator import PrivacyIndicator
from keeperdb.gui.status_bar import StatusBar
from keeperdb.gui.switcher import Switcher

_HOST = "db1.secret.example.com"


@pytest.fixture(autouse=True)
def fresh(qapp):
    """Each test begins with a privacy mode that nobody touched."""
    qapp.setProperty("keeperdb_privacy", None)
    yield
    qapp.setProperty("keeperdb_privacy", None)


@pytest.fixture
def app(qtbot, gui_workspace, gui_application, store):
    profiles = [
        ConnectionProfile("Shop", "sqlite", path=str(store), id="shop"),
        ConnectionProfile(f"Orders on {_HOST}", "postgresql", host=_HOST, port=5432, database="topsecretdb", id="pg"),
    ]
    application = gui_application(gui_workspace(*profiles))
    application.start()
    qtbot.waitUntil(lambda: application.picker.isVisible() and application.runner.is_idle)
    qtbot.waitUntil(lambda: not application._list_clock.isActive())
    return application


def turn(qtbot, app, is_on: bool) -> None:
    app.picker.findChild(object, "app.privacy").trigger()
    qtbot.waitUntil(lambda: privacy().is_on is is_on and app.runner.is_idle and not app._list_clock.isActive())


@pytest.fixture
def view(qtbot, app):
    """The result of a query with a column that the settings mask."""
    app.open_window(app.workspace.find("Shop"))
    qtbot.waitUntil(lambda: len(app.windows) == 1 and app.runner.is_idle)
    tab = app.windows[0].tabs.current
    tab.editor.setPlainText("select 1 as id, 'hunter2' as user_password, 'Ann' as name union all select 2, 'x2', 'Bo'")
    tab.run_all()
    qtbot.waitUntil(lambda: not tab.is_busy and tab.results.current is not None and app.runner.is_idle)
    return tab.results.current


def texts(model) -> str:
    roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)
    return "\n".join(str(model.data(model.index(row), role)) for row in range(model.rowCount()) for role in roles)


def test_the_picker_masks_hosts_and_databases_also_in_names_and_says_that_it_does(qtbot, app):
    assert _HOST in texts(app.picker.model)
    assert "topsecretdb" in texts(app.picker.model)
    turn(qtbot, app, True)
    shown = texts(app.picker.model)
    assert _HOST not in shown
    assert "topsecretdb" not in shown
    assert MASK in shown
    assert app.picker.findChild(PrivacyIndicator).isVisible()
    entry = app.picker.model.data(app.picker.model.index(app.picker.model.row_of("pg")), 257)
    assert _HOST not in entry.name
    assert _HOST not in entry.place
    app.picker.findChild(PrivacyIndicator).button.click()
    qtbot.waitUntil(lambda: not privacy().is_on and app.runner.is_idle)
    qtbot.waitUntil(lambda: _HOST in texts(app.picker.model))
    assert not app.picker.findChild(PrivacyIndicator).isVisible()


def test_switcher_and_status_bar_mask_too(qtbot, app):
    profile = app.workspace.find(f"Orders on {_HOST}")
    status, switcher = StatusBar(profile), Switcher(app.workspace, profile)
    for widget in (status, switcher):
        qtbot.addWidget(widget)
    turn(qtbot, app, True)
    said = [status.connection.text(), status.connection.toolTip(), switcher.text(), switcher.toolTip()]
    said += [switcher.accessibleName()]
    assert not any(_HOST in each or "topsecretdb" in each for each in said)


def test_hosts_are_masked_in_notices_and_errors(qtbot, app):
    turn(qtbot, app, True)
    notice = show_notice(app.picker, f"Connecting to {_HOST}:5432…")
    assert notice.text == f"Connecting to {MASK}:5432…"
    app.show_error(app.picker, UnsupportedError(f"{_HOST.upper()} refused.", f"See {_HOST}."))
    dialog = app.picker.findChild(ErrorDialog)
    assert _HOST not in f"{dialog.accessibleName()}{dialog.accessibleDescription()}".lower()
    dialog.close()


def test_columns_of_the_settings_are_masked_in_grid_record_value_and_sums(qtbot, app, view):
    assert view.model.cell(0, 1)[0] == "hunter2"
    turn(qtbot, app, True)
    model = view.model
    assert [model.cell(0, column)[0] for column in range(3)] == ["1", MASK, "Ann"]
    roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole, Qt.ItemDataRole.ToolTipRole)
    assert "hunter2" not in {model.data(model.index(0, 1), role) for role in roles}
    view.grid.setCurrentIndex(model.index(0, 1))
    view.toggle_record()
    record = view.record.model
    cells = [str(record.data(record.index(line, 0))) for line in range(record.rowCount())]
    assert cells == ["1", MASK, "Ann"]
    view.show_grid()
    side = app.windows[0].tabs.current.results.side
    side.toggle()
    qtbot.waitUntil(lambda: app.runner.is_idle)
    assert side.panel.view.toPlainText() == ""
    assert "Privacy mode" in side.panel.about.text()
    view.grid.selectAll()
    qtbot.waitUntil(lambda: not view.aggregates.is_working)
    assert "masked" in view.aggregates.text
    assert "hunter2" not in view.aggregates.text
    view.grid.show_value()
    view.filters.keep_value()
    assert not view.filter_bar.isVisible()


def test_what_is_painted_of_a_masked_column_is_the_same_whatever_stands_in_it(qtbot, app, view):
    def painted(secret: str) -> QImage:
        tab = app.windows[0].tabs.current
        tab.editor.setPlainText(f"select '{secret}' as name_of_token, 'Ann' as person")
        tab.run_all()
        qtbot.waitUntil(lambda: not tab.is_busy and app.runner.is_idle)
        qtbot.waitUntil(lambda: tab.results.current.model.columns[0].name == "name_of_token")
        return tab.results.current.grid.grab().toImage()

    assert painted("hunter2") != painted("another")
    turn(qtbot, app, True)
    assert painted("hunter2") == painted("another")


def test_copying_masked_cells_asks_and_the_safe_answer_is_the_default(qtbot, app, view):
    turn(qtbot, app, True)
    QApplication.clipboard().setText("before")
    view.grid.selectAll()
    view.actions_of_grid["grid.copy"].trigger()
    box = view.grid.findChild(QMessageBox)
    assert box.defaultButton().text() == "Cancel"
    box.defaultButton().click()
    qtbot.waitUntil(lambda: app.runner.is_idle)
    assert QApplication.clipboard().text() == "before"
    view.grid.clearSelection()
    view.grid.setCurrentIndex(view.model.index(0, 2))
    view.actions_of_grid["grid.copy"].trigger()
    qtbot.waitUntil(lambda: QApplication.clipboard().text() == "Ann")


def test_a_column_is_masked_and_shown_by_hand(qtbot, app, view):
    view.grid.setCurrentIndex(view.model.index(0, 2))
    view.actions_of_grid["grid.mask"].trigger()
    assert view.model.cell(0, 2)[0] == "Ann"
    assert any("will be masked" in each.text for each in app.windows[0].findChildren(Notice))
    turn(qtbot, app, True)
    assert view.model.cell(0, 2)[0] == MASK
    view.actions_of_grid["grid.mask"].trigger()
    assert view.model.cell(0, 2)[0] == "Ann"
    view.grid.setCurrentIndex(view.model.index(0, 1))
    view.actions_of_grid["grid.mask"].trigger()
    assert view.model.cell(0, 1)[0] == "hunter2"


def test_the_window_says_that_it_is_on(qtbot, app, view):
    turn(qtbot, app, True)
    assert app.windows[0].status.findChild(PrivacyIndicator).isVisible()


def test_masked_cells_are_not_set_unseen(qtbot, app, view):
    table = app.windows[0].open_table(("kinds",))
    qtbot.waitUntil(lambda: table.editing is not None and not table.is_busy)
    privacy().choose("name", True)
    turn(qtbot, app, True)
    table.results.current.grid.setCurrentIndex(table.results.current.model.index(0, 1))
    table.editing.set_null()
    assert table.staged_count == 0
    assert any("not changed" in each.text for each in app.windows[0].findChildren(Notice))
    privacy().choose("name", False)
    table.editing.set_null()
    assert table.staged_count == 1
    table.editing.discard()
    qtbot.waitUntil(lambda: app.runner.is_idle)
