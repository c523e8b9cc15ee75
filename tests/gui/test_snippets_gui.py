"""Snippets by real keys: written out by Tab, stop after stop; and the dialog that keeps them."""

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton

from keeperdb.gui.notices import Notice
from keeperdb.gui.snippet_dialog import SnippetDialog
from keeperdb.gui.snippet_keys import SnippetKeys
from keeperdb.gui.snippet_shelf import SnippetShelf
from keeperdb.query.snippets import Snippet, SnippetFile

Key = Qt.Key


@pytest.fixture
def shelf(tmp_path, runner):
    shelf = SnippetShelf(tmp_path / "config" / "snippets.json", runner)
    shelf.take([Snippet("twice", "${1:a} = $1 and ${2:b};$0"), Snippet("body", "$$${1:x}$$")])
    return shelf


@pytest.fixture
def editor(shown_editor, shelf):
    editor = shown_editor("")
    editor.keys = SnippetKeys(editor, shelf)
    return editor


def test_tab_writes_an_abbreviation_out_and_goes_from_stop_to_stop(qtbot, editor):
    qtbot.keyClicks(editor, "sel")
    qtbot.keyClick(editor, Key.Key_Tab)
    assert editor.script() == "SELECT *\nFROM table\nWHERE condition;"
    assert editor.textCursor().selectedText() == "table"
    qtbot.keyClicks(editor, "album")
    qtbot.keyClick(editor, Key.Key_Tab)
    assert editor.textCursor().selectedText() == "*"
    qtbot.keyClick(editor, Key.Key_Backtab)
    assert editor.textCursor().selectedText() == "album"
    qtbot.keyClick(editor, Key.Key_Tab)
    qtbot.keyClicks(editor, "id")
    qtbot.keyClick(editor, Key.Key_Tab)
    qtbot.keyClicks(editor, "1 = 1")
    qtbot.keyClick(editor, Key.Key_Tab)
    assert editor.script() == "SELECT id\nFROM album\nWHERE 1 = 1;"
    assert editor.textCursor().atEnd()
    qtbot.keyClick(editor, Key.Key_Tab)
    assert editor.script().endswith(";    ")  # Tab is Tab again


def test_places_of_one_number_change_together_and_are_undone_together(qtbot, editor):
    qtbot.keyClicks(editor, "twice")
    qtbot.keyClick(editor, Key.Key_Tab)
    event = QInputMethodEvent()
    event.setCommitString("née🎵")
    QApplication.sendEvent(editor, event)
    qtbot.keyClicks(editor, "x")
    qtbot.keyClick(editor, Key.Key_Backspace)
    assert editor.script() == "née🎵 = née🎵 and b;"
    qtbot.keyClick(editor, Key.Key_Tab)
    assert editor.textCursor().selectedText() == "b"
    editor.undo()
    left, right = editor.script().removesuffix(" and b;").split(" = ")
    assert left == right


def test_escape_ends_the_stops_and_leaves_the_text(qtbot, editor):
    qtbot.keyClicks(editor, "sel")
    qtbot.keyClick(editor, Key.Key_Tab)
    qtbot.keyClick(editor, Key.Key_Escape)
    assert editor.keys.stops is None
    qtbot.keyClick(editor, Key.Key_Tab)
    assert "FROM     \n" in editor.script() or "FROM " in editor.script()
    assert editor.textCursor().selectedText() == ""


def test_an_edit_elsewhere_ends_the_stops(qtbot, editor):
    qtbot.keyClicks(editor, "sel")
    qtbot.keyClick(editor, Key.Key_Tab)
    cursor = editor.textCursor()
    cursor.movePosition(cursor.MoveOperation.End)
    cursor.insertText(" -- x")
    assert editor.keys.stops is None


def test_undo_takes_the_whole_snippet_back(qtbot, editor):
    qtbot.keyClicks(editor, "sel")
    qtbot.keyClick(editor, Key.Key_Tab)
    editor.undo()
    assert editor.script() == "sel"


def test_a_snippet_is_indented_as_its_line_is(qtbot, editor):
    editor.setPlainText("  ")
    cursor = editor.textCursor()
    cursor.movePosition(cursor.MoveOperation.End)
    editor.setTextCursor(cursor)
    qtbot.keyClicks(editor, "selc")
    qtbot.keyClick(editor, Key.Key_Tab)
    assert editor.script() == "  SELECT count(*)\n  FROM table;"


@pytest.mark.parametrize("text", ["x.sel", "'sel", "-- sel", "nosuch", "@sel", '"sel'])
def test_tab_stays_tab_where_no_abbreviation_stands(qtbot, editor, text):
    qtbot.keyClicks(editor, text)
    qtbot.keyClick(editor, Key.Key_Tab)
    assert editor.script().rstrip() == text
    assert editor.script() != text


def test_dollar_signs_of_a_body_stay(qtbot, editor):
    qtbot.keyClicks(editor, "body")
    qtbot.keyClick(editor, Key.Key_Tab)
    assert editor.script() == "$x$"


@pytest.fixture
def dialog(qtbot, shelf):
    dialog = SnippetDialog(shelf)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    return dialog


def rows(dialog):
    return [dialog.list.item(row).text().split(" · ")[0] for row in range(dialog.list.count())]


def choose(dialog, abbreviation):
    dialog.list.setCurrentRow(rows(dialog).index(abbreviation))


def test_a_selection_becomes_a_snippet(qtbot, shelf, runner, tmp_path):
    dialog = SnippetDialog(shelf, None, "select $1 from x")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.text.toPlainText() == "select $$1 from x"
    qtbot.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    assert "Enter an abbreviation" in dialog.said.text()
    qtbot.keyClicks(dialog.abbreviation, "mine")
    qtbot.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    assert shelf.find("mine") == Snippet("mine", "select $$1 from x")
    qtbot.waitUntil(lambda: runner.is_idle)
    assert Snippet("mine", "select $$1 from x") in SnippetFile(tmp_path / "config" / "snippets.json").own()


def test_an_abbreviation_is_not_taken_twice(qtbot, dialog, shelf):
    dialog.begin("")
    qtbot.keyClicks(dialog.abbreviation, "twice")
    dialog.text.setPlainText("x")
    dialog.save()
    assert "already" in dialog.said.text()
    assert shelf.find("twice").text.startswith("${1:a}")


def test_a_built_in_snippet_is_changed_and_reset(qtbot, dialog, shelf):
    choose(dialog, "sel")
    assert not dialog.remove_button.isEnabled()
    dialog.text.setPlainText("SELECT 1")
    dialog.save()
    assert shelf.find("sel").text == "SELECT 1"
    assert dialog.remove_button.text() == "Reset"
    dialog.remove()
    assert shelf.find("sel").text.startswith("SELECT ${2:*}")


def test_removing_can_be_undone(qtbot, dialog, shelf):
    choose(dialog, "twice")
    qtbot.mouseClick(dialog.remove_button, Qt.MouseButton.LeftButton)
    assert shelf.find("twice") is None
    notice = dialog.findChildren(Notice)[-1]
    undo = next(each for each in notice.findChildren(QPushButton) if each.text() == "Undo")
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    assert shelf.find("twice") is not None
    assert "twice" in rows(dialog)


def test_snippets_are_shared_as_a_file(qtbot, dialog, shelf, runner, tmp_path, monkeypatch):
    path = tmp_path / "shared.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    dialog.choose_export()
    qtbot.waitUntil(lambda: runner.is_idle)
    document = json.loads(path.read_text())
    document["snippets"].append({"abbreviation": "new_one", "text": "x", "description": ""})
    path.write_text(json.dumps(document))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    dialog.choose_import()
    qtbot.waitUntil(lambda: shelf.find("new_one") is not None)
    assert "new_one" in rows(dialog)


def test_a_file_that_cannot_be_written_is_told_and_nothing_changes(qtbot, shelf, runner, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "snippets.json").mkdir()
    told = []
    shelf.keep([Snippet("lost", "x")], told.append)
    qtbot.waitUntil(lambda: bool(told))
    assert shelf.find("lost") is None
    assert shelf.find("twice") is not None
