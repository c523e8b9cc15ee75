"""Whole lines, comments, case, pairs and indentation, each with its keys and as one step of undo."""

import pytest
from PySide6.QtCore import Qt

from keeperdb.gui.editor_preferences import EditorPreferences

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
Key = Qt.Key


@pytest.mark.parametrize(
    ("place", "key", "modifiers", "expected", "selected"),
    [
        ((5, 5), Key.Key_Up, ALT, "two\none\nthree😀", ""),
        ((0, 1), Key.Key_Down, ALT, "two\none\nthree😀", "o"),
        ((4, 9), Key.Key_Up, ALT, "two\nthree😀\none", "two\nt"),
        ((9, 9), Key.Key_Down, ALT, "one\ntwo\nthree😀", ""),
        ((0, 0), Key.Key_Up, ALT, "one\ntwo\nthree😀", ""),
        ((9, 9), Key.Key_D, CONTROL | SHIFT, "one\ntwo\nthree😀\nthree😀", ""),
        ((4, 7), Key.Key_D, CONTROL | SHIFT, "one\ntwotwo\nthree😀", "two"),
        ((5, 5), Key.Key_K, CONTROL | SHIFT, "one\nthree😀", ""),
        ((9, 9), Key.Key_K, CONTROL | SHIFT, "one\ntwo", ""),
        ((0, 14), Key.Key_K, CONTROL | SHIFT, "", ""),
        ((1, 1), Key.Key_J, CONTROL, "one two\nthree😀", ""),
        ((0, 14), Key.Key_J, CONTROL, "one two three😀", ""),
        ((5, 5), Key.Key_X, CONTROL | SHIFT, "one\nTWO\nthree😀", "TWO"),
        ((8, 14), Key.Key_X, CONTROL | SHIFT, "one\ntwo\nTHREE😀", "THREE😀"),
        ((0, 6), Key.Key_BracketRight, CONTROL, "    one\n    two\nthree😀", "one\n    tw"),
        ((0, 6), Key.Key_Slash, CONTROL, "-- one\n-- two\nthree😀", "one\n-- tw"),
        ((4, 14), Key.Key_A, ALT | SHIFT, "one\n/* two\nthree😀 */", "/* two\nthree😀 */"),
    ],
)
def test_a_command_on_lines_is_one_step_of_undo(qtbot, shown_editor, place, key, modifiers, expected, selected):
    editor = shown_editor("one\ntwo\nthree😀")
    editor.setTextCursor(editor.place(*place))
    qtbot.keyClick(editor, key, modifiers)
    assert editor.script() == expected
    assert editor.textCursor().selectedText().replace("\u2029", "\n").lstrip("- ") == selected.lstrip("- ")
    if expected != "one\ntwo\nthree😀":
        editor.undo()
    assert editor.script() == "one\ntwo\nthree😀"


def test_a_block_comment_is_taken_away_again(qtbot, shown_editor):
    editor = shown_editor("select 1")
    for expected in ("/* select 1 */", "select 1"):
        qtbot.keyClick(editor, Key.Key_A, ALT | SHIFT)
        assert editor.script() == expected


def test_commands_work_at_every_caret(qtbot, shown_editor, put_carets):
    editor = shown_editor("one\ntwo\nthree")
    put_carets(editor, 0, 8)
    qtbot.keyClick(editor, Key.Key_Slash, CONTROL)
    assert editor.script() == "-- one\ntwo\n-- three"


def test_nothing_is_changed_in_a_text_that_may_only_be_read(qtbot, shown_editor):
    editor = shown_editor("one\ntwo")
    editor.setReadOnly(True)
    for key, modifiers in ((Key.Key_K, CONTROL | SHIFT), (Key.Key_Slash, CONTROL), (Key.Key_Return, ALT)):
        qtbot.keyClick(editor, key, modifiers)
    qtbot.keyClick(editor, Key.Key_Tab)
    assert editor.script() == "one\ntwo"


@pytest.mark.parametrize(
    ("keys", "expected"),
    [("f(1)", "f(1)"), ("('a'", "('a')"), ("it's", "it's"), ('"x', '"x"'), ("((", "(())"), ("a]", "a]")],
)
def test_pairs_are_closed_if_the_person_wants_that(qtbot, shown_editor, keys, expected):
    editor = shown_editor(preferences=EditorPreferences(close_pairs=True))
    qtbot.keyClicks(editor, keys)
    assert editor.script() == expected


def test_an_empty_pair_is_deleted_at_once_and_a_selection_is_wrapped(qtbot, shown_editor):
    editor = shown_editor(preferences=EditorPreferences(close_pairs=True))
    qtbot.keyClicks(editor, "(")
    qtbot.keyClick(editor, Key.Key_Backspace)
    assert editor.script() == ""
    editor.setPlainText("a 😀 b")
    editor.setTextCursor(editor.place(2, 3))
    qtbot.keyClicks(editor, "(")
    assert editor.script() == "a (😀) b"
    assert editor.textCursor().selectedText() == "😀"
    editor.undo()
    assert editor.script() == "a 😀 b"


def test_enter_between_brackets_gives_each_its_line(qtbot, shown_editor):
    editor = shown_editor("in ()")
    editor.setTextCursor(editor.place(4, 4))
    qtbot.keyClick(editor, Key.Key_Return)
    assert editor.script() == "in (\n    \n)"
    assert editor.selection() == (9, 9)


def test_lines_are_deeper_after_begin(qtbot, shown_editor):
    editor = shown_editor("begin")
    editor.setTextCursor(editor.place(5, 5))
    qtbot.keyClick(editor, Key.Key_Return)
    qtbot.keyClicks(editor, "x")
    assert editor.script() == "begin\n    x"


def test_the_wheel_with_ctrl_and_the_keys_change_the_size(qtbot, shown_editor):
    editor = shown_editor("x")
    qtbot.keyClick(editor, Key.Key_Plus, CONTROL)
    qtbot.keyClick(editor, Key.Key_Plus, CONTROL)
    assert editor.font().pixelSize() == 15
    qtbot.keyClick(editor, Key.Key_Minus, CONTROL)
    assert editor.font().pixelSize() == 14
    qtbot.keyClick(editor, Key.Key_0, CONTROL)
    assert editor.font().pixelSize() == 13


def test_spaces_and_wrapping_are_options(qtbot, shown_editor):
    editor = shown_editor("x", preferences=EditorPreferences(show_spaces=True))
    option = editor.document().defaultTextOption()
    assert option.flags() & option.Flag.ShowTabsAndSpaces
    before = editor.wordWrapMode()
    qtbot.keyClick(editor, Key.Key_Z, ALT)
    assert editor.wordWrapMode() != before


def test_the_caret_can_go_to_the_matching_bracket(qtbot, shown_editor):
    editor = shown_editor("select f(a, ')') from t")
    editor.setTextCursor(editor.place(8, 8))
    qtbot.waitUntil(lambda: editor.statements.is_current)
    qtbot.keyClick(editor, Key.Key_Backslash, CONTROL | SHIFT)
    assert editor.selection() == (15, 15)


def test_a_bracket_without_a_partner_is_marked_in_red(qtbot, shown_editor):
    from keeperdb.gui.tokens import color

    editor = shown_editor("select (1")
    editor.setTextCursor(editor.place(7, 7))
    qtbot.waitUntil(
        lambda: any(each.format.foreground().color() == color("danger") for each in editor.extraSelections())
    )


def test_the_place_of_the_caret_is_told(qtbot, shown_editor):
    editor = shown_editor("one\ntwo")
    with qtbot.waitSignal(editor.caret_moved) as told:
        editor.setTextCursor(editor.place(5, 5))
    assert told.args == [2, 2, 1]
