"""Asking for the values of parameters: typed, checked, remembered by the tab, and bound."""

from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from keeperdb.gui.parameters_dialog import Given, ParametersDialog
from keeperdb.query.parameters import ParameterKind


def dialog_for(qtbot, names, remembered=None) -> ParametersDialog:
    dialog = ParametersDialog(None, names, remembered or {})
    qtbot.addWidget(dialog)
    dialog.open()
    return dialog


def choose(row, kind: ParameterKind) -> None:
    row.kind.setCurrentIndex(row.kind.findData(kind.value))


def test_values_have_the_type_that_is_chosen(qtbot):
    dialog = dialog_for(qtbot, ["a", "b", "c", "d"])
    for row, kind, text in zip(
        dialog.rows,
        (ParameterKind.TEXT, ParameterKind.NUMBER, ParameterKind.DATE, ParameterKind.NULL),
        ("it's", "7", "2024-02-29", ""),
        strict=True,
    ):
        choose(row, kind)
        qtbot.keyClicks(row.text, text)
    with qtbot.waitSignal(dialog.answered) as answer:
        qtbot.mouseClick(dialog.run, Qt.MouseButton.LeftButton)
    values, given = answer.args
    assert values == {"a": "it's", "b": 7, "c": date(2024, 2, 29), "d": None}
    assert given["b"] == Given(ParameterKind.NUMBER, "7")


def test_a_value_that_is_wrong_is_told_beside_its_field(qtbot):
    dialog = dialog_for(qtbot, ["a", "b"])
    choose(dialog.rows[1], ParameterKind.NUMBER)
    qtbot.keyClicks(dialog.rows[1].text, "seven")
    with qtbot.assertNotEmitted(dialog.answered):
        qtbot.mouseClick(dialog.run, Qt.MouseButton.LeftButton)
    assert "“b” is not a number" in dialog.rows[1].field.error
    assert dialog.isVisible()
    qtbot.keyClicks(dialog.rows[1].text, "7")
    assert dialog.rows[1].field.error == ""


def test_null_takes_no_text(qtbot):
    dialog = dialog_for(qtbot, ["a"])
    row = dialog.rows[0]
    choose(row, ParameterKind.NULL)
    assert not row.text.isEnabled()
    assert row.value() is None


def test_what_was_entered_is_there_again(qtbot):
    dialog = dialog_for(qtbot, ["a", "new"], {"a": Given(ParameterKind.NUMBER, "42"), "gone": Given()})
    assert [row.given for row in dialog.rows] == [Given(ParameterKind.NUMBER, "42"), Given()]


def asked(qtbot) -> ParametersDialog:
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), ParametersDialog), timeout=20_000)
    return QApplication.activeModalWidget()


def settle(qtbot, tab) -> None:
    qtbot.waitUntil(lambda: not tab.is_busy, timeout=20_000)


@pytest.fixture
def ran(qtbot, tab) -> ParametersDialog:
    tab.editor.setPlainText("select name from kinds where name = :name; select %(name)s || ':name', :number + 1")
    tab.run_all()
    return asked(qtbot)


def test_a_tab_asks_once_for_all_statements_and_binds(qtbot, tab, ran):
    assert [row.name for row in ran.rows] == ["name", "number"]
    qtbot.keyClicks(ran.rows[0].text, "plain")
    choose(ran.rows[1], ParameterKind.NUMBER)
    qtbot.keyClicks(ran.rows[1].text, "41")
    qtbot.keyClick(ran, Qt.Key.Key_Return)
    settle(qtbot, tab)
    first, second = (view.model for view in tab.results.views)
    assert first.cell(0, 0)[0] == "plain"
    assert [second.cell(0, column)[0] for column in range(2)] == ["plain:name", "42"]


def test_a_tab_remembers_what_was_entered(qtbot, tab, ran):
    qtbot.keyClicks(ran.rows[0].text, "plain")
    qtbot.keyClick(ran, Qt.Key.Key_Return)
    settle(qtbot, tab)
    tab.run_all()
    again = asked(qtbot)
    assert again.rows[0].text.text() == "plain"
    qtbot.keyClick(again, Qt.Key.Key_Escape)
    settle(qtbot, tab)


def test_nothing_runs_without_values(qtbot, tab, ran):
    qtbot.keyClick(ran, Qt.Key.Key_Escape)
    settle(qtbot, tab)
    assert tab.results.views == []
    assert "2 statements were not run." in tab.results.messages.toPlainText()
