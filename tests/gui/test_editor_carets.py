"""Several carets, with real keys: typing, deleting, moving, pasting, columns; one step of undo; emoji and all."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QTextCursor

from keeperdb.gui.tokens import color

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
Key = Qt.Key


def positions(editor) -> list[tuple[int, int]]:
    return [editor.range_of(each) for each in editor.carets.all()]


def point(editor, position: int) -> QPoint:
    return editor.cursorRect(editor.place(position, position)).center()


def test_alt_click_adds_a_caret_and_typing_happens_at_each(qtbot, shown_editor):
    editor = shown_editor("one\ntwo\nthree")
    for place in (4, 8):
        qtbot.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, ALT, point(editor, place))
    assert positions(editor) == [(0, 0), (4, 4), (8, 8)]
    qtbot.keyClicks(editor, "-- ")
    assert editor.script() == "-- one\n-- two\n-- three"


def test_alt_click_at_a_caret_takes_it_away(qtbot, shown_editor, put_carets):
    editor = shown_editor("one\ntwo")
    put_carets(editor, 0, 4)
    qtbot.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, ALT, point(editor, 4))
    assert positions(editor) == [(0, 0)]


def test_a_plain_click_and_escape_leave_one_caret(qtbot, shown_editor, put_carets):
    editor = shown_editor("one\ntwo\nthree")
    put_carets(editor, 0, 4, 8)
    qtbot.keyClick(editor, Key.Key_Escape)
    assert positions(editor) == [(8, 8)]
    put_carets(editor, 0, 4, 8)
    qtbot.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, pos=point(editor, 5))
    assert positions(editor) == [(5, 5)]


def test_what_all_carets_do_is_undone_and_redone_at_once(qtbot, shown_editor, put_carets):
    editor = shown_editor("😀 a\n😀 b")
    put_carets(editor, 1, 5)
    qtbot.keyClick(editor, "x")
    assert editor.script() == "😀x a\n😀x b"
    editor.undo()
    assert editor.script() == "😀 a\n😀 b"
    editor.redo()
    assert editor.script() == "😀x a\n😀x b"


def test_deleting_takes_a_whole_emoji_at_each_caret(qtbot, shown_editor, put_carets):
    editor = shown_editor("a😀\nb😀\nc")
    put_carets(editor, 2, 5)
    qtbot.keyClick(editor, Key.Key_Backspace)
    assert editor.script() == "a\nb\nc"
    put_carets(editor, 0, 2)
    qtbot.keyClick(editor, Key.Key_Delete)
    assert editor.script() == "\n\nc"


def test_carets_move_select_and_meet(qtbot, shown_editor, put_carets):
    editor = shown_editor("ab\ncd")
    put_carets(editor, 0, 3)
    qtbot.keyClick(editor, Key.Key_Right, SHIFT)
    assert positions(editor) == [(0, 1), (3, 4)]
    qtbot.keyClick(editor, Key.Key_End)
    assert positions(editor) == [(2, 2), (5, 5)]
    put_carets(editor, 0, 1)
    qtbot.keyClick(editor, Key.Key_Home)
    assert positions(editor) == [(0, 0)]


def test_enter_and_tab_work_at_each_caret(qtbot, shown_editor, put_carets):
    editor = shown_editor("  a\n  b")
    put_carets(editor, 3, 7)
    qtbot.keyClick(editor, Key.Key_Return)
    assert editor.script() == "  a\n  \n  b\n  "
    qtbot.keyClick(editor, Key.Key_Tab)
    assert editor.script() == "  a\n    \n  b\n    "


def test_ctrl_d_selects_the_word_and_then_its_next_occurrences_round_the_end(qtbot, shown_editor):
    editor = shown_editor("id 😀 id, x id")
    editor.setTextCursor(editor.place(6, 6))
    qtbot.keyClick(editor, Key.Key_D, CONTROL)
    assert positions(editor) == [(5, 7)]
    for _ in range(3):
        qtbot.keyClick(editor, Key.Key_D, CONTROL)
    assert positions(editor) == [(0, 2), (5, 7), (11, 13)]
    qtbot.keyClicks(editor, "key")
    assert editor.script() == "key 😀 key, x key"
    editor.undo()
    editor.undo()
    editor.undo()
    assert editor.script() == "id 😀 id, x id"


def test_all_occurrences_get_a_caret(qtbot, shown_editor):
    editor = shown_editor("a b a b a")
    qtbot.keyClick(editor, Key.Key_L, CONTROL | SHIFT)
    assert positions(editor) == [(0, 1), (4, 5), (8, 9)]


def test_ctrl_alt_down_and_up_add_carets_on_lines(qtbot, shown_editor):
    editor = shown_editor("aaaa\nbb\ncccc")
    editor.setTextCursor(editor.place(3, 3))
    qtbot.keyClick(editor, Key.Key_Down, CONTROL | ALT)
    qtbot.keyClick(editor, Key.Key_Down, CONTROL | ALT)
    assert positions(editor) == [(3, 3), (7, 7), (11, 11)]
    editor.carets.clear()
    qtbot.keyClick(editor, Key.Key_Up, CONTROL | ALT)
    assert len(positions(editor)) == 2


def test_a_column_is_selected_with_alt_and_the_mouse(qtbot, shown_editor):
    editor = shown_editor("aaaa\nbb\n\ncccc")
    viewport = editor.viewport()
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, ALT, point(editor, 1))
    target = point(editor, 12)
    from PySide6.QtTest import QTest

    QTest.mouseEvent(QTest.MouseAction.MouseMove, viewport, Qt.MouseButton.LeftButton, ALT, target)
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, ALT, target)
    assert positions(editor) == [(1, 3), (6, 7), (8, 8), (10, 12)]
    qtbot.keyClick(editor, Key.Key_Delete)
    assert editor.script().startswith("aa\nb\n")


def test_as_many_lines_as_carets_are_dealt_out(qtbot, shown_editor, put_carets):
    editor = shown_editor("a\nb")
    QGuiApplication.clipboard().setText("1\n2")
    put_carets(editor, 1, 3)
    qtbot.keyClick(editor, Key.Key_V, CONTROL)
    assert editor.script() == "a1\nb2"
    QGuiApplication.clipboard().setText("!")
    qtbot.keyClick(editor, Key.Key_V, CONTROL)
    assert editor.script() == "a1!\nb2!"


def test_what_several_carets_select_is_copied_and_cut_line_by_line(qtbot, shown_editor, put_carets):
    editor = shown_editor("ab\ncd")
    put_carets(editor, (0, 1), (3, 4))
    qtbot.keyClick(editor, Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == "a\nc"
    qtbot.keyClick(editor, Key.Key_X, CONTROL)
    assert editor.script() == "b\nd"


def test_further_carets_are_painted(shown_editor, put_carets):
    def accents() -> int:
        image = editor.viewport().grab().toImage()
        wanted = color("accent").rgb()
        return sum(image.pixel(x, y) == wanted for x in range(60) for y in range(80))

    editor = shown_editor("ab\ncd\nef")
    before = accents()
    put_carets(editor, 1, 4, 7)
    assert accents() > before + 20


def test_carets_follow_the_text_that_others_edit(shown_editor, put_carets):
    editor = shown_editor("ab\ncd")
    put_carets(editor, 1, 4)
    QTextCursor(editor.document()).insertText("😀")
    assert positions(editor) == [(2, 2), (5, 5)]


def test_the_marks_of_carets_that_go_away_go_too(qtbot, shown_editor, put_carets):
    editor = shown_editor("ab\ncd")
    put_carets(editor, (0, 2), (3, 5))

    def selected() -> list[str]:
        wanted = color("select")
        return [
            each.cursor.selectedText()
            for each in editor.extraSelections()
            if each.format.background().color() == wanted
        ]

    assert selected() == ["ab"]
    with qtbot.waitSignal(editor.caret_moved) as told:
        qtbot.keyClick(editor, Key.Key_Escape)
    assert told.args[2] == 1
    assert selected() == []


def test_dragged_text_is_moved_as_plain_text(qtbot, shown_editor):
    from PySide6.QtCore import QMimeData, QPointF
    from PySide6.QtGui import QDragEnterEvent, QDropEvent
    from PySide6.QtWidgets import QApplication

    editor = shown_editor("ab cd")
    data = QMimeData()
    data.setHtml("<b>😀</b>")
    data.setText("😀")
    place = point(editor, 2)
    action, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    modifiers = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(editor.viewport(), QDragEnterEvent(place, action, data, button, modifiers))
    QApplication.sendEvent(editor.viewport(), QDropEvent(QPointF(place), action, data, button, modifiers))
    assert editor.script() == "ab😀 cd"
    editor.undo()
    assert editor.script() == "ab cd"
