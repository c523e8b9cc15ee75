"""Find and replace with real keys: patterns, case, words, selection, marks, undo, and patterns that never end."""

import pytest
from PySide6.QtCore import Qt

from keeperdb.errors import QueryError
from keeperdb.gui.editor_search import Wanted, find_all
from keeperdb.gui.tokens import color
from keeperdb.task import Task

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
Key = Qt.Key


@pytest.fixture
def searching(qtbot, shown_editor):
    """Opens the bar over a text, types what to find, and waits for the answer."""

    def search(text: str, wanted: str, *, replaces: bool = False, **toggles: bool):
        editor = shown_editor(text)
        qtbot.keyClick(editor, Key.Key_H if replaces else Key.Key_F, CONTROL)
        bar = editor.find_bar
        assert bar.isVisible()
        for name in toggles:
            getattr(bar, name).click()
        qtbot.keyClicks(bar.field, wanted)
        qtbot.waitUntil(lambda: is_settled(bar))
        return editor, bar

    return search


def is_settled(bar) -> bool:
    return bar._places is not None and bar._searched == bar._key()


def places(text: str, wanted: Wanted) -> list[tuple[int, int]]:
    found = find_all(text, wanted, Task())
    return list(zip(found.starts, found.ends, strict=True))


@pytest.mark.parametrize(
    ("text", "wanted", "expected"),
    [
        ("abcABC", Wanted("abc"), [(0, 3), (3, 6)]),
        ("abcABC", Wanted("abc", has_case=True), [(0, 3)]),
        ("id idx id", Wanted("id", is_word=True), [(0, 2), (7, 9)]),
        ("a.c abc", Wanted("a.c"), [(0, 3)]),
        ("a.c abc", Wanted("a.c", is_pattern=True), [(0, 3), (4, 7)]),
        ("😀x 😀x", Wanted("x"), [(2, 3), (6, 7)]),
        ("ÄÖ äö", Wanted("äö"), [(0, 2), (3, 5)]),
        ("a\nb\na", Wanted("^a$", is_pattern=True), [(0, 1), (4, 5)]),
        ("a\nb", Wanted(r"a\nb", is_pattern=True), [(0, 3)]),
        ("aaaa", Wanted("a", start=1, end=3), [(1, 2), (2, 3)]),
        ("abc", Wanted("x*", is_pattern=True), []),
    ],
)
def test_places_are_those_of_qt(text, wanted, expected):
    assert places(text, wanted) == expected


def test_groups_are_put_into_replacements():
    found = find_all("ab cd", Wanted(r"(\w)(\w)", is_pattern=True), Task(), r"$2\1$0$$\n")
    assert found.replacements == ["baab$\n", "dccd$\n"]
    assert find_all("a", Wanted("a"), Task(), "$1").replacements == ["$1"]


def test_what_is_no_pattern_is_said():
    with pytest.raises(QueryError, match="Not a regular expression"):
        places("a", Wanted("(", is_pattern=True))


def test_a_pattern_that_never_ends_is_given_up():
    with pytest.raises(QueryError, match="takes too long"):
        places("a" * 5_000 + "b", Wanted("(a+)+$", is_pattern=True))


def test_enter_goes_round_the_places_and_the_count_is_shown(qtbot, searching):
    editor, bar = searching("one 😀 One\none", "one")
    assert bar.said.text() == "1 of 3" or bar.said.text() == "3 found"
    seen = []
    for _ in range(3):
        qtbot.keyClick(bar.field, Key.Key_Return)
        seen.append(editor.selection())
    assert sorted(seen) == [(0, 3), (6, 9), (10, 13)]
    last = bar.said.text()
    qtbot.keyClick(bar.field, Key.Key_Return, SHIFT)
    assert bar.said.text() != last
    assert bar.said.text().endswith("of 3")


def test_every_place_on_the_screen_is_marked_and_the_marks_go_with_the_bar(qtbot, searching):
    editor, bar = searching("a b a\n" * 3, "a")

    def marked() -> int:
        return sum(each.format.background().color() == color("match") for each in editor.extraSelections())

    assert marked() == 6
    qtbot.keyClick(bar.field, Key.Key_Escape)
    assert not bar.isVisible()
    assert marked() == 0
    assert editor.hasFocus()


def test_the_selected_text_is_what_is_looked_for(qtbot, shown_editor):
    editor = shown_editor("one two one")
    editor.setTextCursor(editor.place(8, 11))
    qtbot.keyClick(editor, Key.Key_F, CONTROL)
    assert editor.find_bar.field.text() == "one"
    qtbot.waitUntil(lambda: editor.find_bar.said.text() == "2 of 2")


def test_f3_goes_on_after_the_bar_is_closed(qtbot, searching):
    editor, bar = searching("x a x a", "a")
    qtbot.keyClick(bar.field, Key.Key_Escape)
    qtbot.keyClick(editor, Key.Key_F3)
    qtbot.keyClick(editor, Key.Key_F3)
    assert editor.selection() == (6, 7)
    qtbot.keyClick(editor, Key.Key_F3, SHIFT)
    assert editor.selection() == (2, 3)


def test_replacing_goes_place_by_place(qtbot, searching):
    editor, bar = searching("a😀 a a", "a", replaces=True)
    qtbot.keyClicks(bar.replacement, "bb")
    qtbot.waitUntil(lambda: is_settled(bar))
    qtbot.keyClick(bar.field, Key.Key_Return)
    qtbot.keyClick(bar.field, Key.Key_Return, SHIFT)
    editor.setTextCursor(editor.place(0, 0))
    for expected in ("a😀 a a", "bb😀 a a", "bb😀 bb a", "bb😀 bb bb"):
        bar.replace_one.click()
        qtbot.waitUntil(lambda: is_settled(bar))
        assert editor.script() == expected


def test_replacing_all_is_one_step_of_undo(qtbot, searching):
    text = "😀 id1, id22\n" * 3_000
    editor, bar = searching(text, r"id(\d+)", replaces=True, pattern=True)
    qtbot.keyClicks(bar.replacement, "key_$1")
    qtbot.waitUntil(lambda: is_settled(bar))
    bar.replace_every.click()
    qtbot.waitUntil(lambda: bar.said.text() == "Replaced 6,000")
    assert editor.script() == "😀 key_1, key_22\n" * 3_000
    editor.undo()
    assert editor.script() == text


def test_only_the_selection_is_searched_if_that_is_wanted(qtbot, shown_editor):
    editor = shown_editor("a a a a")
    editor.find_bar.field.setText("a")
    editor.setTextCursor(editor.place(2, 5))
    editor.find_bar.open(replaces=True)
    editor.find_bar.field.setText("a")
    editor.setTextCursor(editor.place(2, 5))
    editor.find_bar.inside.click()
    editor.find_bar.replacement.setText("b")
    qtbot.waitUntil(lambda: is_settled(editor.find_bar))
    editor.find_bar.replace_every.click()
    qtbot.waitUntil(lambda: editor.script() == "a b b a")


def test_no_result_and_a_wrong_pattern_are_said(qtbot, searching):
    _, bar = searching("abc", "zzz")
    assert bar.said.text() == "No results"
    bar.pattern.click()
    bar.field.setText("(")
    qtbot.waitUntil(lambda: "Not a regular expression" in bar.said.text())


def test_a_search_that_lasts_is_given_up_and_the_next_one_works(qtbot, shown_editor):
    editor = shown_editor("abcdefghijklmnop; AC/DC\n" * 300 + "zz")
    bar = editor.find_bar
    bar._patience.setInterval(50)
    bar.open(replaces=False)
    bar.pattern.click()
    bar.field.setText(r"(\w+\s*)+;zz")
    qtbot.waitUntil(lambda: "too long" in bar.said.text(), timeout=20_000)
    bar._patience.setInterval(20_000)
    bar.field.setText("AC/DC")
    qtbot.waitUntil(lambda: "300" in bar.said.text(), timeout=20_000)


def test_keys_in_the_bar_do_not_reach_the_text(qtbot, searching):
    editor, bar = searching("a\nb", "a")
    before = editor.textCursor().position()
    for key in (Key.Key_Down, Key.Key_PageDown, Key.Key_Tab):
        qtbot.keyClick(bar.field, key)
    assert editor.textCursor().position() == before
    assert editor.script() == "a\nb"


def test_places_follow_the_text_that_is_edited(qtbot, searching):
    editor, bar = searching("a", "a")
    editor.textCursor().insertText("a a ")
    qtbot.waitUntil(lambda: bar.said.text().endswith("3 found") or bar.said.text().endswith("of 3"))


def test_escape_leaves_the_bar_and_the_carets_before_it_stops_what_runs(qtbot, themed, runner):
    from PySide6.QtWidgets import QVBoxLayout, QWidget

    from keeperdb.gui.actions import make_action
    from keeperdb.gui.editor import Editor

    tab, stopped = QWidget(), []
    qtbot.addWidget(tab)
    editor = Editor("sqlite", parent=tab, runner=runner)
    QVBoxLayout(tab).addWidget(editor)
    make_action("query.stop", tab, lambda: stopped.append(True))
    with qtbot.waitActive(tab):
        tab.show()
        tab.activateWindow()
    editor.setFocus()
    editor.setPlainText("a\nb")
    editor.find_bar.open(replaces=False)
    qtbot.keyClick(editor.find_bar.field, Key.Key_Escape)
    assert not editor.find_bar.isVisible()
    editor.carets.add_line(1)
    qtbot.keyClick(editor, Key.Key_Escape)
    assert not editor.carets.are_many
    assert stopped == []
    qtbot.keyClick(editor, Key.Key_Escape)
    assert stopped == [True]


@pytest.fixture
def replacing(qtbot, shown_editor):
    """A long text of which all places are found, and what to write there is known."""
    editor = shown_editor("select name from artist; -- name\n" * 12_000)
    qtbot.waitUntil(lambda: not editor.is_loading, timeout=30_000)
    bar = editor.find_bar
    bar.open(replaces=True)
    bar.field.setText("name")
    bar.replacement.setText("title")
    qtbot.waitUntil(lambda: is_settled(bar) and len(bar._places) == 24_000, timeout=30_000)
    return editor, bar


def test_all_places_of_a_long_text_are_replaced_in_one_step(qtbot, replacing):
    editor, bar = replacing
    text = editor.script()
    bar.replace_every.click()
    qtbot.waitUntil(lambda: bar.said.text() == "Replaced 24,000", timeout=30_000)
    assert editor.script() == text.replace("name", "title")
    editor.undo()
    assert editor.script() == text


def test_what_was_typed_while_places_are_replaced_is_kept(qtbot, replacing):
    editor, bar = replacing
    text = editor.script()
    bar.replace_every.click()
    editor.insertPlainText("typed ")
    qtbot.waitUntil(lambda: editor.runner.is_idle and is_settled(bar), timeout=30_000)
    assert editor.script() == "typed " + text
