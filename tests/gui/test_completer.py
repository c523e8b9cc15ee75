"""Completion by real keys in a window on a real store."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from keeperdb.gui.completer_list import CompleterPopup

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


def known(qtbot, window):
    """Wait until all names and columns of the store are known."""
    names = window.assist.names
    qtbot.waitUntil(lambda: not names.is_reading and names.index.is_whole and bool(names.index.tables), timeout=20_000)
    qtbot.waitUntil(lambda: not names.is_reading and len(names.index.known_shapes()) == 4, timeout=20_000)


@pytest.fixture
def editor(qtbot, window):
    known(qtbot, window)
    editor = window.tabs.current.editor
    editor.setFocus()
    return editor


def popup(editor) -> CompleterPopup:
    return editor.findChild(CompleterPopup)


def type_text(qtbot, editor, text):
    qtbot.keyClicks(editor, text)
    QApplication.processEvents()


def listed(editor):
    return [each.text for each in popup(editor).model.proposals] if popup(editor).isVisible() else []


def test_columns_come_while_typing_and_tab_takes_one(qtbot, editor):
    type_text(qtbot, editor, "select * from track t where t.mi")
    assert listed(editor) == ["milliseconds"]
    qtbot.keyClick(editor, Key.Key_Tab)
    assert editor.script() == "select * from track t where t.milliseconds"
    assert not popup(editor).isVisible()
    editor.undo()
    assert editor.script() == "select * from track t where t.mi"


def test_a_dot_opens_the_list(qtbot, editor):
    type_text(qtbot, editor, "select kinds.")
    assert listed(editor)[:2] == ["id", "name"]


@pytest.mark.parametrize("last", [" ", ";", ")", ",", "(", "="])
def test_going_on_typing_inserts_nothing(qtbot, editor, last):
    type_text(qtbot, editor, "select mi")
    type_text(qtbot, editor, f"{last}x")
    assert editor.script() == f"select mi{last}x"


def test_enter_takes_what_is_chosen_and_escape_leaves_the_text(qtbot, editor):
    type_text(qtbot, editor, "select * from tra")
    assert popup(editor).isVisible()
    qtbot.keyClick(editor, Key.Key_Escape)
    assert not popup(editor).isVisible()
    assert editor.script() == "select * from tra"
    type_text(qtbot, editor, "c")
    qtbot.keyClick(editor, Key.Key_Return)
    assert editor.script() == "select * from track"


def test_enter_after_a_word_in_full_is_the_end_of_the_line(qtbot, editor):
    type_text(qtbot, editor, "select id")
    qtbot.keyClick(editor, Key.Key_Return)
    assert editor.script() == "select id\n"
    type_text(qtbot, editor, "from track")
    qtbot.keyClick(editor, Key.Key_Return)
    assert editor.script() == "select id\nfrom track\n"


def test_what_only_holds_the_letters_is_not_taken_before_it_is_chosen(qtbot, editor):
    type_text(qtbot, editor, "select * from kinds k where k.moun")
    assert listed(editor) == ["amount"]
    qtbot.keyClick(editor, Key.Key_Return)
    assert editor.script() == "select * from kinds k where k.moun\n"
    qtbot.keyClick(editor, Key.Key_Backspace)
    qtbot.keyClick(editor, Key.Key_Backspace)
    type_text(qtbot, editor, "n")
    qtbot.keyClick(editor, Key.Key_Down)
    qtbot.keyClick(editor, Key.Key_Return)
    assert editor.script() == "select * from kinds k where k.amount"


def test_arrows_choose_and_page_keys_go_further(qtbot, editor):
    type_text(qtbot, editor, "select kinds.")
    qtbot.keyClick(editor, Key.Key_Down)
    assert popup(editor).current.label == "name"
    qtbot.keyClick(editor, Key.Key_Up)
    qtbot.keyClick(editor, Key.Key_Up)
    assert popup(editor).current.label == "doc"
    qtbot.keyClick(editor, Key.Key_PageUp)
    assert popup(editor).current.label == "id"
    qtbot.keyClick(editor, Key.Key_PageDown)
    qtbot.keyClick(editor, Key.Key_Return)
    assert editor.script() == "select kinds.doc"


def test_the_mouse_takes_a_proposal(qtbot, editor):
    type_text(qtbot, editor, "select kinds.")
    rows = popup(editor).list
    place = rows.visualRect(rows.model().index(2, 0)).center()
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert editor.script() == "select kinds.amount"


def test_control_space_asks_and_the_star_is_written_out(qtbot, editor):
    editor.setPlainText("select * from track")
    editor.setTextCursor(editor.place(8, 8))
    qtbot.keyClick(editor, Key.Key_Space, CONTROL)
    assert listed(editor) == ["id, name, milliseconds"]
    qtbot.keyClick(editor, Key.Key_Return)
    assert editor.script() == "select id, name, milliseconds from track"


def test_a_function_leaves_the_caret_between_its_brackets(qtbot, editor):
    type_text(qtbot, editor, "select cou")
    qtbot.keyClick(editor, Key.Key_Tab)
    type_text(qtbot, editor, "*")
    assert editor.script() == "select count(*)"


def test_a_function_whose_brackets_are_there_gets_no_others(qtbot, editor):
    editor.setPlainText("select cou(id) from track")
    editor.setTextCursor(editor.place(10, 10))
    qtbot.keyClick(editor, Key.Key_Space, CONTROL)
    qtbot.keyClick(editor, Key.Key_Return)
    assert editor.script() == "select count(id) from track"


def test_names_are_quoted_where_they_must_be(qtbot, editor):
    type_text(qtbot, editor, "select * from od")
    qtbot.keyClick(editor, Key.Key_Tab)
    assert editor.script() == 'select * from "odd ""name"" & <b>"'


def test_tab_replaces_the_rest_of_the_word_and_enter_keeps_it(qtbot, editor):
    for key, expected in (
        (Key.Key_Tab, "select 1 from track where 1"),
        (Key.Key_Return, "select 1 from tracksk where 1"),
    ):
        editor.setPlainText("select 1 from tsk where 1")
        editor.setTextCursor(editor.place(15, 15))
        qtbot.keyClick(editor, Key.Key_Space, CONTROL)
        qtbot.keyClick(editor, key)
        assert editor.script() == expected


def test_positions_are_right_behind_an_emoji(qtbot, editor):
    editor.setPlainText("select '🎵🎵';\nselect '🎵', mill from track")
    end = editor.script().index("mill") + 4
    editor.setTextCursor(editor.place(end, end))
    qtbot.keyClick(editor, Key.Key_Space, CONTROL)
    qtbot.keyClick(editor, Key.Key_Return)
    assert editor.script() == "select '🎵🎵';\nselect '🎵', milliseconds from track"


def test_nothing_opens_in_strings_and_comments(qtbot, editor):
    for text in ("select 'tra", "-- tra", "/* tra", 'select "x'):
        editor.clear()
        type_text(qtbot, editor, text)
        assert not popup(editor).isVisible() or text.endswith('"x'), text


def test_nothing_opens_with_several_carets_or_in_a_text_that_cannot_be_edited(qtbot, editor, put_carets):
    editor.setPlainText("select \nselect ")
    put_carets(editor, 7, 15)
    type_text(qtbot, editor, "tr")
    assert not popup(editor).isVisible()
    editor.carets.clear()
    editor.setReadOnly(True)
    qtbot.keyClick(editor, Key.Key_Space, CONTROL)
    assert not popup(editor).isVisible()


def test_moving_the_caret_or_losing_the_focus_closes_the_list(qtbot, window, editor):
    type_text(qtbot, editor, "select tr")
    assert popup(editor).isVisible()
    qtbot.keyClick(editor, Key.Key_Left)
    assert not popup(editor).isVisible()
    type_text(qtbot, editor, "r")
    assert popup(editor).isVisible()
    window.tree.filter.setFocus()
    assert not popup(editor).isVisible()


def test_backspace_widens_the_list_again(qtbot, editor):
    type_text(qtbot, editor, "select kinds.na")
    assert listed(editor) == ["name"]
    qtbot.keyClick(editor, Key.Key_Backspace)
    qtbot.keyClick(editor, Key.Key_Backspace)
    QApplication.processEvents()
    assert len(listed(editor)) == 5


def test_asked_for_only_when_the_setting_says_so(qtbot, window, editor):
    window.application.workspace.settings.set("editor.completion", "asked")
    type_text(qtbot, editor, "select * from tra")
    assert not popup(editor).isVisible()
    qtbot.keyClick(editor, Key.Key_Space, CONTROL)
    assert listed(editor) == ["track", "long_tracks"]


def test_the_list_stays_on_the_screen(qtbot, window, editor):
    editor.setPlainText("\n" * 60 + "select " + " " * 60)
    cursor = editor.textCursor()
    cursor.movePosition(cursor.MoveOperation.End)
    editor.setTextCursor(cursor)
    editor.ensureCursorVisible()
    qtbot.keyClick(editor, Key.Key_Space, CONTROL)
    screen = QGuiApplication.primaryScreen().availableGeometry()
    assert screen.contains(popup(editor).geometry())


def test_a_name_is_never_markup(qtbot, editor):
    type_text(qtbot, editor, "select * from od")
    label = popup(editor).about
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert "&lt;b&gt;" in label.toolTip()
    assert popup(editor).model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole).startswith('odd "name"')


def test_a_table_that_was_just_made_is_known(qtbot, window, editor):
    editor.setPlainText("create table fresh_one (first_column int)")
    window.tabs.current.run_all()
    names = window.assist.names
    qtbot.waitUntil(lambda: names.index.find(["fresh_one"]) is not None, timeout=20_000)
    qtbot.waitUntil(lambda: names.index.shape(("fresh_one",)) is not None, timeout=20_000)
    editor.setPlainText("")
    type_text(qtbot, editor, "select fresh_one.")
    assert listed(editor) == ["first_column"]


def test_no_key_asks_the_server(qtbot, window, editor, runner):
    qtbot.wait(400)  # what the tree asks for by itself, once its names are shown
    qtbot.waitUntil(lambda: runner.is_idle)
    begun = []
    start = runner.start

    def spy(operation, **options):
        begun.append((operation, options.get("lane")))
        return start(operation, **options)

    runner.start = spy
    type_text(qtbot, editor, "select t.name, t.mill from track t join kinds k on k.id = t.id where k.na")
    runner.start = start
    assert [each for each, lane in begun if lane is not None] == []


def test_what_is_known_serves_without_a_connection(qtbot, window, editor):
    window.tree.session.close()
    qtbot.waitUntil(lambda: window.application.runner.is_idle, timeout=20_000)
    type_text(qtbot, editor, "select kinds.")
    assert len(listed(editor)) == 5


def test_the_popup_goes_with_its_editor(qtbot, window, editor):
    type_text(qtbot, editor, "select tr")
    assert popup(editor).isVisible()
    window.tabs.setCurrentIndex(0) if hasattr(window.tabs, "setCurrentIndex") else None
    QApplication.sendEvent(editor, QEvent(QEvent.Type.Hide))
    assert not popup(editor).isVisible()
