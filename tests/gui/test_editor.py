"""The editor with real keys: indentation, comments, brackets, errors, hidden characters, positions after an emoji."""

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtWidgets import QInputDialog

from keeperdb.gui.brackets import brackets
from keeperdb.gui.editor import Editor, EditorPreferences
from keeperdb.gui.text_position import to_characters, to_units
from keeperdb.gui.tokens import color

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def editor(qtbot, qapp):
    from keeperdb.gui.theme import apply_theme

    apply_theme(qapp, "light")
    editor = Editor("sqlite")
    qtbot.addWidget(editor)
    editor.resize(700, 400)
    with qtbot.waitExposed(editor):
        editor.show()
    editor.activateWindow()
    editor.setFocus()
    return editor


def put_caret(editor: Editor, position: int, anchor: int | None = None) -> None:
    editor.setTextCursor(editor.place(position if anchor is None else anchor, position))


def formats(editor: Editor, line: int) -> dict[str, str]:
    """The highlighted pieces of a line, by text, with the token of their colour."""
    while not editor.highlighter.is_complete:
        QCoreApplication.processEvents()
    block = editor.document().findBlockByNumber(line)
    editor.highlighter.color(block, line)
    names = {color(token).name(): token for token in ("keyword", "string", "number", "comment", "function")}
    return {
        block.text()[each.start : each.start + each.length]: names[each.format.foreground().color().name()]
        for each in block.layout().formats()
    }


def test_typed_text_comes_back_as_it_is(qtbot, editor):
    qtbot.keyClicks(editor, "select 1;")
    assert editor.script() == "select 1;"
    editor.setPlainText("a\u00a0b\nc")
    assert editor.script() == "a\u00a0b\nc"


def test_copying_keeps_no_break_spaces(qtbot, editor):
    editor.setPlainText("a\u00a0b")
    editor.selectAll()
    editor.copy()
    assert QGuiApplication.clipboard().text() == "a\u00a0b"


def test_pasting_takes_plain_text_only(editor):
    from PySide6.QtCore import QMimeData

    data = QMimeData()
    data.setHtml("<b>select</b> 2")
    data.setText("select 2")
    editor.insertFromMimeData(data)
    assert editor.script() == "select 2"


def test_enter_keeps_the_indentation_and_deepens_it_after_a_bracket(qtbot, editor):
    qtbot.keyClicks(editor, "  in (")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.keyClicks(editor, "1")
    assert editor.script() == "  in (\n      1"


def test_tab_goes_to_the_next_stop(qtbot, editor):
    qtbot.keyClicks(editor, "ab")
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.script() == "ab  "


def test_tab_and_shift_tab_move_the_selected_lines(qtbot, editor):
    editor.setPlainText("one\n\n  two")
    editor.selectAll()
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.script() == "    one\n\n      two"
    qtbot.keyClick(editor, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(editor, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert editor.script() == "one\n\ntwo"


def test_a_tab_is_a_tab_when_the_person_wants_that(qtbot, editor):
    editor.set_preferences(EditorPreferences(indent_with_spaces=False))
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.script() == "\t"


def test_ctrl_slash_comments_and_uncomments_in_one_step_of_undo(qtbot, editor):
    editor.setPlainText("select 1\n\n  from t")
    editor.selectAll()
    qtbot.keyClick(editor, Qt.Key.Key_Slash, CONTROL)
    assert editor.script() == "-- select 1\n\n--   from t"
    qtbot.keyClick(editor, Qt.Key.Key_Slash, CONTROL)
    assert editor.script() == "select 1\n\n  from t"
    editor.undo()
    assert editor.script() == "-- select 1\n\n--   from t"


def test_the_selection_and_places_count_characters_after_an_emoji(editor):
    editor.setPlainText("select '😀', 1")
    put_caret(editor, 13, 12)
    assert editor.selection() == (12, 13)
    assert editor.textCursor().selectedText() == "1"
    assert editor.range_of(editor.place(8, 9)) == (8, 9)


def test_positions_translate_both_ways():
    text = "a😀b"
    assert [to_units(text, index) for index in range(4)] == [0, 1, 3, 4]
    assert [to_characters(text, units) for units in (0, 1, 3, 4)] == [0, 1, 2, 3]


def test_highlighting_knows_comments_strings_and_what_goes_on_in_the_next_line(editor):
    editor.setPlainText("select 'a', 12, abs(x) -- end\n/* one\ntwo */ from\n'open\nstill' where")
    assert formats(editor, 0) == {
        "select": "keyword",
        "'a'": "string",
        "12": "number",
        "abs": "function",
        "-- end": "comment",
    }
    assert formats(editor, 1) == {"/* one": "comment"}
    assert formats(editor, 2) == {"two */": "comment", "from": "keyword"}
    assert formats(editor, 3) == {"'open": "string"}
    assert formats(editor, 4) == {"still'": "string", "where": "keyword"}


def test_dialects_differ_in_what_quotes(qtbot, qapp):
    postgres, mysql = Editor("postgres"), Editor("mysql")
    for each in (postgres, mysql):
        qtbot.addWidget(each)
    postgres.setPlainText("do $x$ begin\nend $x$ select")
    assert formats(postgres, 0) == {"do": "keyword", "$x$ begin": "string"}
    assert formats(postgres, 1) == {"end $x$": "string", "select": "keyword"}
    mysql.setPlainText("select 'it\\'s' # done")
    assert formats(mysql, 0) == {"select": "keyword", "'it\\'s'": "string", "# done": "comment"}


def test_the_statement_at_the_caret_is_marked(qtbot, editor):
    editor.setPlainText("select 1;\n\nselect\n2;")
    put_caret(editor, 15)
    qtbot.waitUntil(lambda: editor.line_numbers.marked_lines == (2, 3))
    put_caret(editor, 2)
    qtbot.waitUntil(lambda: editor.line_numbers.marked_lines == (0, 0))


def test_brackets_match_and_quotes_are_skipped():
    found = brackets("f(a, ')', (b)) -- )", "sqlite")
    assert found.partners == {1: 13, 13: 1, 10: 12, 12: 10}
    assert not found.alone


def test_brackets_without_a_partner_are_known():
    assert brackets("(a", "sqlite").alone == {0}
    assert brackets("a))", "sqlite").alone == {1, 2}
    found = brackets("(a{b)", "sqlite")
    assert found.partners == {0: 4, 4: 0}
    assert found.alone == {2}


def test_brackets_beside_the_caret_are_marked(qtbot, editor):
    editor.setPlainText("f(a)")
    put_caret(editor, 4)
    qtbot.waitUntil(lambda: {"(", ")"} <= {each.cursor.selectedText() for each in editor.extraSelections()})


def test_an_error_is_underlined_and_its_place_moves_with_the_text(editor):
    editor.setPlainText("select nope from t")
    editor.mark_error(editor.place(7, 11))
    assert editor.textCursor().position() == 7
    editor.textCursor().insertText("  ")
    cursor = QTextCursor(editor.document())
    cursor.insertText("-- first\n")
    start, end = editor.error_range()
    assert editor.script()[start:end].strip() == "nope"
    editor.clear_error()
    assert editor.error_range() is None


def test_hidden_characters_are_counted_and_painted(qtbot, editor):
    from PySide6.QtGui import QImage

    def reddish() -> int:
        image = editor.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        wanted = color("danger").rgb()
        return sum(image.pixel(x, y) == wanted for x in range(image.width()) for y in range(60))

    with qtbot.waitSignal(editor.hidden_found, check_params_cb=lambda count: count == 0):
        editor.setPlainText("select 'admin'")
    before = reddish()
    with qtbot.waitSignal(editor.hidden_found, check_params_cb=lambda count: count == 2):
        editor.setPlainText("select 'adm\u200bin\u202e'")
    assert before == 0
    assert reddish() > 20


def test_preferences_act_at_once(editor):
    editor.set_preferences(EditorPreferences(font_size=20, word_wrap=True, line_numbers=False))
    assert editor.font().pixelSize() == 20
    assert editor.wordWrapMode() != editor.wordWrapMode().NoWrap
    assert not editor.line_numbers.shows_numbers
    with_numbers = Editor("sqlite").viewportMargins().left()
    assert editor.viewportMargins().left() < with_numbers


def test_a_line_number_is_shown_for_every_line(editor):
    editor.setPlainText("\n".join("x" * 3 for _ in range(2000)))
    narrow = Editor("sqlite").line_numbers.sizeHint().width()
    assert editor.line_numbers.sizeHint().width() > narrow


def test_a_long_text_is_coloured_bit_by_bit_to_its_end(qtbot, editor):
    editor.setPlainText("select 'text', 12 from t; -- line\n" * 4000)
    assert not editor.highlighter.is_complete
    qtbot.waitUntil(lambda: editor.highlighter.is_complete, timeout=30_000)
    assert formats(editor, 3999)["-- line"] == "comment"


def test_what_a_comment_opens_reaches_the_end_of_a_long_text(qtbot, editor):
    editor.setPlainText("select 1;\n" * 4000)
    qtbot.waitUntil(lambda: editor.highlighter.is_complete, timeout=30_000)
    put_caret(editor, 0)
    editor.insertPlainText("/*")
    qtbot.waitUntil(lambda: formats(editor, 3999) == {"select 1;": "comment"}, timeout=30_000)


def test_the_statement_at_the_caret_of_a_long_text_is_found_in_the_background(qtbot, runner):
    editor = Editor("sqlite", runner=runner)
    qtbot.addWidget(editor)
    editor.setPlainText("select 1;\n" * 1000)
    put_caret(editor, 55)
    qtbot.waitUntil(lambda: editor.line_numbers.marked_lines == (5, 5))


def test_a_line_is_gone_to_by_its_number(qtbot, shown_editor, monkeypatch):
    editor = shown_editor("line\n" * 400)
    monkeypatch.setattr(QInputDialog, "getInt", lambda *_args: (321, True))
    qtbot.keyClick(editor, Qt.Key.Key_G, Qt.KeyboardModifier.AltModifier)
    assert editor.caret()[:2] == (321, 1)
    assert editor.visible_lines()[0] < 320 < editor.visible_lines()[1]
    editor.go_to_line(9_999)
    assert editor.caret()[0] == 401
