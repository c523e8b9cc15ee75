"""Marks, tooltips, definitions and the outline in a window on a real store."""

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QMouseEvent, QTextCharFormat
from PySide6.QtTest import QTest

from keeperdb.gui.editor_hover import EditorHover
from keeperdb.gui.live_marks import LiveMarks

CONTROL = Qt.KeyboardModifier.ControlModifier
Key = Qt.Key


@pytest.fixture
def editor(qtbot, window):
    names = window.assist.names
    qtbot.waitUntil(lambda: names.index.is_whole and len(names.index.known_shapes()) == 4, timeout=20_000)
    editor = window.tabs.current.editor
    editor.setFocus()
    return editor


def marked(qtbot, editor) -> list[str]:
    """The texts that are marked, once all is found."""
    marks = editor.findChild(LiveMarks)
    qtbot.waitUntil(lambda: editor.statements.is_current and not marks.is_waiting, timeout=20_000)
    return [each.place.selectedText() for each in marks.marks]


def put(editor, text: str) -> None:
    editor.setPlainText(text)
    editor.setTextCursor(editor.place(0, 0))


def point_of(editor, text: str) -> QPoint:
    """Where a text stands in the viewport."""
    start = editor.script().index(text)
    return editor.cursorRect(editor.place(start + 1, start + 1)).center()


def test_problems_are_underlined_counted_and_dotted(qtbot, window, editor):
    put(editor, "select 1;\nselect nme from track;\nselect * from trak;")
    assert marked(qtbot, editor) == ["nme", "trak"]
    wavy = [
        each.cursor.selectedText()
        for each in editor.extraSelections()
        if each.format.underlineStyle() == QTextCharFormat.UnderlineStyle.WaveUnderline
    ]
    assert wavy == ["nme", "trak"]
    assert editor.line_numbers.live_lines == {1: "warning", 2: "warning"}
    assert window.tabs.current.bar.problems.text() == "2 problems marked"
    put(editor, "select name from track")
    assert marked(qtbot, editor) == []
    assert window.tabs.current.bar.problems.text() == ""
    assert editor.line_numbers.live_lines == {}


def test_a_word_is_not_marked_while_it_is_typed(qtbot, editor):
    qtbot.keyClicks(editor, "select nme")
    qtbot.keyClick(editor, Key.Key_Escape)
    assert marked(qtbot, editor) == []
    qtbot.keyClicks(editor, " from track where (")
    assert marked(qtbot, editor) == ["nme"]
    put(editor, editor.script())
    assert marked(qtbot, editor) == ["nme", "("]


def test_a_mark_goes_as_soon_as_its_word_is_edited(qtbot, editor):
    put(editor, "select nme from track")
    assert marked(qtbot, editor) == ["nme"]
    editor.setTextCursor(editor.place(9, 9))
    qtbot.keyClicks(editor, "a")
    assert editor.findChild(LiveMarks).marks == []


def test_marks_follow_edits_before_them(qtbot, editor):
    put(editor, "select 1;\nselect nme from track")
    assert marked(qtbot, editor) == ["nme"]
    qtbot.keyClicks(editor, "  ")
    qtbot.keyClick(editor, Key.Key_Return)
    assert [each.place.selectedText() for each in editor.findChild(LiveMarks).marks] == ["nme"]


def test_the_setting_turns_marks_off_and_on(qtbot, window, editor):
    settings = window.application.workspace.settings
    put(editor, "select nme from track")
    assert marked(qtbot, editor) == ["nme"]
    settings.set("editor.live_marks", False)
    assert marked(qtbot, editor) == []
    settings.set("editor.live_marks", True)
    assert marked(qtbot, editor) == ["nme"]


def test_a_table_that_the_script_makes_is_no_problem(qtbot, editor):
    put(editor, "create temp table fresh (a int);\nselect a, b from fresh;\nselect * from nowhere")
    assert marked(qtbot, editor) == ["nowhere"]


def test_a_table_that_was_made_in_this_tab_is_no_problem(qtbot, window, editor):
    put(editor, "create temp table fresh (a int)")
    window.tabs.current.run_all()
    qtbot.waitUntil(lambda: not window.tabs.current.is_busy, timeout=20_000)
    put(editor, "select a from fresh")
    assert marked(qtbot, editor) == []


def test_the_next_problem_is_a_key_away(qtbot, editor):
    put(editor, "select nme from track;\nselect * from trak")
    assert len(marked(qtbot, editor)) == 2
    qtbot.keyClick(editor, Key.Key_F8)
    assert editor.selection()[0] == editor.script().index("nme")
    qtbot.keyClick(editor, Key.Key_F8)
    assert editor.selection()[0] == editor.script().index("trak")
    qtbot.keyClick(editor, Key.Key_F8)
    assert editor.selection()[0] == editor.script().index("nme")


def test_the_pointer_tells_the_problem_and_the_columns_of_a_table(qtbot, editor):
    put(editor, 'select nme from track; select * from "odd ""name"" & <b>"\n')
    assert marked(qtbot, editor) == ["nme"]
    hover = editor.findChild(EditorHover)
    assert hover.words_at(point_of(editor, "nme")) == "There is no column nme in track."
    words = hover.words_at(point_of(editor, "track"))
    assert words.splitlines()[0] == "track"
    assert words.splitlines()[2].startswith("name  TEXT")
    assert "<b>" in hover.words_at(point_of(editor, "odd"))
    assert hover.words_at(point_of(editor, "select")) == ""
    last = editor.cursorRect(editor.place(len(editor.script()), len(editor.script())))
    assert hover.words_at(QPoint(editor.viewport().width() - 5, last.center().y())) == ""


def test_f12_goes_to_a_table_in_the_tree(qtbot, window, editor):
    put(editor, "select t.milliseconds from track t")
    editor.statements.look()
    place = editor.script().index("track") + 2
    editor.setTextCursor(editor.place(place, place))
    qtbot.keyClick(editor, Key.Key_F12)
    view, model = window.tree.view, window.tree.model
    qtbot.waitUntil(lambda: model.item(view.currentIndex()).label == "track", timeout=10_000)
    assert view.hasFocus()


def test_control_click_goes_to_a_column_in_the_tree(qtbot, window, editor):
    put(editor, "select t.milliseconds from track t")
    editor.statements.look()
    qtbot.mouseClick(editor.viewport(), Qt.MouseButton.LeftButton, CONTROL, point_of(editor, "milliseconds"))
    view, model = window.tree.view, window.tree.model
    qtbot.waitUntil(lambda: model.item(view.currentIndex()).label == "milliseconds", timeout=10_000)


def test_the_tree_shows_what_its_filter_hid(qtbot, window, editor):
    window.tree.filter.setText("kinds")
    window.tree.apply_filter()
    put(editor, "select * from long_tracks")
    editor.statements.look()
    editor.setTextCursor(editor.place(16, 16))
    qtbot.keyClick(editor, Key.Key_F12)
    view, model = window.tree.view, window.tree.model
    qtbot.waitUntil(lambda: model.item(view.currentIndex()).label == "long_tracks", timeout=10_000)
    assert window.tree.filter.text() == ""


def test_f12_goes_to_an_alias_in_the_text(qtbot, editor):
    put(editor, "select 1;\nselect t.name from track t")
    editor.statements.look()
    place = editor.script().index("t.name")
    editor.setTextCursor(editor.place(place, place))
    qtbot.keyClick(editor, Key.Key_F12)
    start, end = editor.selection()
    assert (editor.script()[start:end], start) == ("t", len(editor.script()) - 1)


def test_f12_on_nothing_says_so(qtbot, window, editor):
    from keeperdb.gui.notices import Notice

    put(editor, "select 1")
    qtbot.keyClick(editor, Key.Key_F12)
    assert [each.text for each in window.findChildren(Notice)] == ["Nothing is known of what is at the caret."]


SCRIPT = "select * from track;\n\ninsert into kinds (id) values (9);\n\n-- name: the last\nselect 2"


def rows(window):
    model = window.outline.model
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_the_outline_lists_statements_and_follows_the_caret(qtbot, window, editor):
    window.docks.show("outline")
    put(editor, SCRIPT)
    qtbot.waitUntil(lambda: rows(window) == ["1  SELECT track", "2  INSERT kinds", "3  the last"])
    assert window.outline.view.currentIndex().row() == 0
    editor.setTextCursor(editor.place(len(SCRIPT), len(SCRIPT)))
    qtbot.waitUntil(lambda: window.outline.view.currentIndex().row() == 2)
    window.outline.view.setFocus()
    qtbot.keyClick(window.outline.view, Key.Key_Up)
    qtbot.keyClick(window.outline.view, Key.Key_Return)
    assert editor.selection()[0] == SCRIPT.index("insert")
    assert editor.hasFocus()


def test_the_outline_is_filtered_and_says_when_it_is_empty(qtbot, window, editor):
    window.docks.show("outline")
    assert window.outline.said.isVisible()
    put(editor, SCRIPT)
    qtbot.waitUntil(lambda: len(rows(window)) == 3)
    window.outline.filter.setFocus()
    QTest.keyClicks(window.outline.filter, "kinds")
    qtbot.waitUntil(lambda: rows(window) == ["2  INSERT kinds"])
    qtbot.keyClick(window.outline.filter, Key.Key_Down)
    qtbot.keyClick(window.outline.filter, Key.Key_Return)
    assert editor.selection()[0] == SCRIPT.index("insert")
    window.outline.filter.setText("nothing like it")
    qtbot.waitUntil(lambda: window.outline.said.isVisible())
    assert window.outline.said.text() == "No statement has that in its beginning."


def test_the_outline_follows_the_tab(qtbot, window, editor):
    window.docks.show("outline")
    put(editor, SCRIPT)
    qtbot.waitUntil(lambda: len(rows(window)) == 3)
    window.new_tab("select 'other'")
    qtbot.waitUntil(lambda: rows(window) == ["1  SELECT 'other'"])


def test_statements_are_generated_from_a_table_of_the_tree(qtbot, window, editor):
    view, model = window.tree.view, window.tree.model
    window.assist.reveal(type("D", (), {"table": ("kinds",), "column": ""})())
    qtbot.waitUntil(lambda: model.item(view.currentIndex()).label == "kinds", timeout=10_000)
    actions = {action.objectName(): action for action in view.actions()}
    for name, begin in (("insert", "INSERT INTO"), ("update", "UPDATE"), ("delete", "DELETE FROM")):
        actions[f"objects.{name}"].trigger()
        qtbot.waitUntil(lambda begin=begin: window.tabs.current.editor.script().startswith(begin), timeout=10_000)
        text = window.tabs.current.editor.script()
        assert ("WHERE" in text) == (name != "insert")
        assert '"id" = :id' in text or name == "insert"


def test_with_control_the_name_under_the_pointer_is_underlined(qtbot, window, editor):
    put(editor, "select milliseconds, 12 from track")
    marked(qtbot, editor)

    def linked() -> list[str]:
        return [each.cursor.selectedText() for each in editor.extraSelections() if each.format.fontUnderline()]

    def move(text: str, modifiers: Qt.KeyboardModifier) -> list[str]:
        place = point_of(editor, text).toPointF()
        none = Qt.MouseButton.NoButton
        event = QMouseEvent(QEvent.Type.MouseMove, place, editor.viewport().mapToGlobal(place), none, none, modifiers)
        QCoreApplication.sendEvent(editor.viewport(), event)
        return linked()

    assert move("milliseconds", Qt.KeyboardModifier.NoModifier) == []
    assert move("milliseconds", CONTROL) == ["milliseconds"]
    assert move("12", CONTROL) == []
    assert move("track", CONTROL) == ["track"]
    assert editor.viewport().cursor().shape() == Qt.CursorShape.PointingHandCursor
    qtbot.keyRelease(editor, Key.Key_Control)
    assert linked() == []
    assert editor.viewport().cursor().shape() == Qt.CursorShape.IBeamCursor
