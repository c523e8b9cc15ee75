"""Folding with the mouse and keys: what is folded is never lost, and shows again when something touches it."""

import pytest
from PySide6.QtCore import QPoint, Qt

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
Key = Qt.Key
TEXT = "select (\n1,\n2\n) -- 😀\nfrom t;\n\nupdate t\nset a = 1;\n"


@pytest.fixture
def folding(qtbot, shown_editor):
    def make(text: str = TEXT):
        editor = shown_editor(text)
        qtbot.waitUntil(lambda: editor.statements.is_current)
        return editor

    return make


def visible(editor) -> list[int]:
    document = editor.document()
    blocks = (document.findBlockByNumber(number) for number in range(document.blockCount()))
    return [block.blockNumber() for block in blocks if block.isVisible()]


def test_statements_and_brackets_can_be_folded(folding):
    editor = folding("x;\nselect a,\n (\n1\n)\nfrom t;")
    assert editor.folding.regions(0, 5) == {1: 5, 2: 3}


def test_a_click_on_the_arrow_folds_and_shows_again(qtbot, folding):
    editor = folding()
    margin = editor.line_numbers
    arrow = QPoint(margin._arrow_left + 5, 8)
    qtbot.mouseClick(margin, Qt.MouseButton.LeftButton, pos=arrow)
    assert visible(editor) == [0, 5, 6, 7, 8]
    assert editor.script() == TEXT
    qtbot.mouseClick(margin, Qt.MouseButton.LeftButton, pos=arrow)
    assert visible(editor) == list(range(9))


def test_a_click_on_a_number_selects_the_line(qtbot, folding):
    editor = folding()
    qtbot.mouseClick(editor.line_numbers, Qt.MouseButton.LeftButton, pos=QPoint(4, 8))
    assert editor.selection() == (0, 9)


def test_all_are_folded_and_shown_by_keys(qtbot, folding):
    editor = folding()
    qtbot.keyClick(editor, Key.Key_BracketLeft, CONTROL | ALT)
    assert visible(editor) == [0, 5, 6, 8]
    qtbot.keyClick(editor, Key.Key_BracketRight, CONTROL | ALT)
    assert visible(editor) == list(range(9))


def test_what_is_around_the_caret_folds(qtbot, folding):
    editor = folding("select a,\n (\n1\n)\nfrom t;")
    editor.setTextCursor(editor.place(13, 13))
    qtbot.keyClick(editor, Key.Key_BracketLeft, CONTROL | SHIFT)
    assert visible(editor) == [0, 1, 3, 4]
    assert editor.textCursor().blockNumber() == 1
    qtbot.keyClick(editor, Key.Key_BracketLeft, CONTROL | SHIFT)
    assert visible(editor) == [0]
    editor.folding.toggle(0)
    assert visible(editor) == [0, 1, 3, 4]
    editor.folding.toggle(1)
    assert visible(editor) == list(range(5))


def test_the_caret_steps_over_what_is_folded_and_shows_it_when_it_goes_in(qtbot, folding):
    editor = folding()
    editor.folding.toggle(6)
    editor.setTextCursor(editor.place(35, 35))
    assert editor.textCursor().blockNumber() == 6
    qtbot.keyClick(editor, Key.Key_Down)
    assert editor.textCursor().blockNumber() == 8
    assert 7 not in visible(editor)
    editor.setTextCursor(editor.place(43, 43))
    assert visible(editor) == list(range(9))


def test_searching_finds_what_is_folded(qtbot, folding):
    editor = folding()
    editor.folding.fold_all()
    editor.find_bar.field.setText("set a")
    editor.find_bar.go(1)
    qtbot.waitUntil(lambda: editor.textCursor().selectedText() == "set a")
    assert 7 in visible(editor)


@pytest.mark.parametrize("key", [Key.Key_Delete, Key.Key_Return])
def test_editing_the_end_of_a_folded_line_shows_what_is_behind(qtbot, folding, key):
    editor = folding("select 1\nfrom t;\nselect 2")
    editor.folding.toggle(0)
    editor.setTextCursor(editor.place(8, 8))
    qtbot.keyClick(editor, key)
    assert len(visible(editor)) == editor.document().blockCount()
    editor.undo()
    assert editor.script() == "select 1\nfrom t;\nselect 2"
    assert len(visible(editor)) == 3


def test_joining_the_line_after_a_fold_shows_it(qtbot, folding):
    editor = folding("select 1\nfrom t;\nselect 2")
    editor.folding.toggle(0)
    editor.setTextCursor(editor.place(17, 17))
    qtbot.keyClick(editor, Key.Key_Backspace)
    assert editor.script() == "select 1\nfrom t;select 2"
    assert visible(editor) == [0, 1]


def test_undo_of_a_deleted_fold_brings_all_lines_back(qtbot, folding):
    editor = folding()
    editor.folding.fold_all()
    editor.selectAll()
    qtbot.keyClick(editor, Key.Key_Delete)
    assert editor.script() == ""
    editor.undo()
    assert editor.script() == TEXT
    assert visible(editor) == list(range(9))


def test_replacing_in_a_fold_shows_it(folding):
    editor = folding()
    editor.folding.fold_all()
    editor.place(9, 10).insertText("100")
    assert visible(editor)[:5] == [0, 1, 2, 3, 4]
    assert editor.script().startswith("select (\n100,")


def test_typing_in_the_folded_line_leaves_it_folded(qtbot, folding):
    editor = folding("select 1\nfrom t;\nselect 2")
    editor.folding.toggle(0)
    editor.setTextCursor(editor.place(8, 8))
    qtbot.keyClicks(editor, "0")
    assert visible(editor) == [0, 2]
    cursor = editor.place(0, 0)
    cursor.insertText("-- x\n")
    assert editor.script() == "-- x\nselect 10\nfrom t;\nselect 2"


def test_a_new_text_has_no_folds(folding):
    editor = folding()
    editor.folding.fold_all()
    editor.setPlainText("a\nb\nc")
    assert visible(editor) == [0, 1, 2]
    assert editor.folding.folded_lines == []


def test_how_many_lines_are_folded_is_painted(folding):
    editor = folding()
    plain = editor.viewport().grab().toImage()
    editor.folding.toggle(0)
    assert editor.viewport().grab().toImage() != plain


def test_formatting_shows_what_would_change_and_does_it_in_one_step(qtbot, folding):
    from keeperdb.gui.format_dialog import FormatDialog

    text = "select a from t where x in (select 1) and y = 'a text that makes it long enough to be broken'"
    editor = folding(text)
    qtbot.keyClick(editor, Key.Key_I, CONTROL | SHIFT)
    qtbot.waitUntil(lambda: bool(editor.findChildren(FormatDialog)), timeout=20_000)
    dialog = editor.findChildren(FormatDialog)[0]
    assert "-select a from t" in dialog.view.toPlainText()
    assert "+SELECT a" in dialog.view.toPlainText()
    dialog.use.click()
    assert editor.script().startswith("SELECT a\nFROM t\nWHERE")
    editor.undo()
    assert editor.script() == text


def test_what_cannot_be_formatted_is_refused_and_left(qtbot, folding):
    from PySide6.QtWidgets import QDialog, QLabel

    editor = folding("select from where (")
    qtbot.keyClick(editor, Key.Key_I, CONTROL | SHIFT)
    qtbot.waitUntil(lambda: bool(editor.findChildren(QDialog)), timeout=20_000)
    dialog = editor.findChildren(QDialog)[0]
    assert any("left as it is" in label.text() for label in dialog.findChildren(QLabel))
    dialog.close()
    assert editor.script() == "select from where ("
