"""What stays where it was: texts of the status bar, the width of the value panel, the text under a transaction."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QDialog

from keeperdb.gui.result_window import ResultWindow


def run(qtbot, tab, sql: str) -> None:
    tab.editor.setPlainText(sql)
    tab.run_all()
    qtbot.waitUntil(lambda: not tab.is_busy)


def test_texts_of_the_status_bar_stay_where_they_are_when_others_get_shorter(qtbot, window):
    tab, status = window.tabs.current, window.status
    run(qtbot, tab, "select * from track limit 1000")
    before = [label.pos() for label in (status.caret, status.transaction, status.rows)]
    run(qtbot, tab, "select 1")
    qtbot.wait(10)
    assert [label.pos() for label in (status.caret, status.transaction, status.rows)] == before


def test_a_table_has_no_caret_in_the_status_bar(qtbot, window):
    assert window.status.caret.text()
    opened = window.open_table(("main", "track"))
    assert not window.status.caret.text()
    qtbot.waitUntil(lambda: not opened.is_busy)


def test_the_editor_stays_where_it_is_when_a_transaction_begins(qtbot, window):
    tab = window.tabs.current
    before = tab.editor.mapTo(window, QPoint(0, 0))
    run(qtbot, tab, "begin; update track set name = name where id = 1")
    assert tab.transaction_bar.isVisible()
    assert tab.editor.mapTo(window, QPoint(0, 0)) == before
    tab.rollback()
    qtbot.waitUntil(lambda: not tab.is_busy)


def test_the_value_panel_is_as_wide_as_the_last_one_was_made(qtbot, window):
    widths = []
    for number in range(2):
        tab = window.new_tab("", f"tab {number}")
        run(qtbot, tab, "select 1 as a")
        tab.results.side.toggle()
        qtbot.wait(10)
        if not number:
            tab.results.side.moveSplitter(tab.results.side.width() - 420, 1)
        widths.append(tab.results.side.sizes()[1])
    assert widths[0] == widths[1] != 360


def test_results_of_one_run_have_different_names(qtbot, window):
    tab = window.tabs.current
    run(qtbot, tab, "select * from track limit 1; select * from track limit 2; select 1 as a")
    assert [tab.results.title(view) for view in tab.results.views] == ["track", "track 2", "Result 3"]


@pytest.fixture
def detached(qtbot, window):
    tab = window.tabs.current
    run(qtbot, tab, "select id from track limit 3")
    view = tab.results.current
    tab.results.tabs.detach(view)
    return next(each for each in window.findChildren(ResultWindow))


def test_a_detached_result_is_exported_by_the_same_key(qtbot, detached):
    detached.activateWindow()
    detached.view.grid.setFocus()
    qtbot.keyClick(detached.view.grid, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: any(each.isVisible() for each in detached.findChildren(QDialog)))
    for dialog in detached.findChildren(QDialog):
        dialog.reject()


def test_the_value_panel_opens_from_the_record_view(qtbot, window):
    tab = window.tabs.current
    run(qtbot, tab, "select id, name from track limit 3")
    view = tab.results.current
    view.grid.setCurrentIndex(view.model.index(0, 0))
    view.toggle_record()
    qtbot.keyClick(view.record.table, Qt.Key.Key_F7)
    assert tab.results.side.is_open
