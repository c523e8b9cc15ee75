"""Long texts: they come in piece by piece, are coloured where they are looked at, and nothing of them is lost."""

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QPlainTextDocumentLayout

from keeperdb.gui import editor_loading
from keeperdb.gui.editor_syntax import NORMAL, Syntax
from keeperdb.gui.highlighter import Highlighter
from keeperdb.gui.text_position import Positions, to_units

LINE = "select '😀', 12 from t; -- line\n"


def test_a_long_text_comes_in_whole_and_may_be_edited_afterwards(qtbot, shown_editor):
    editor = shown_editor()
    text = LINE * (editor_loading.LONG // len(LINE) + 100)
    with qtbot.waitSignal(editor.loaded, timeout=30_000):
        editor.setPlainText(text.replace("\n", "\r\n"))
        assert editor.is_loading
        assert editor.isReadOnly()
        assert editor.script() == text
    assert editor.script() == text
    assert not editor.isReadOnly()
    assert not editor.document().isModified()
    assert editor.textCursor().position() == 0
    qtbot.keyClicks(editor, "x")
    assert editor.document().isModified()
    editor.undo()
    assert editor.script() == text


def test_another_text_takes_the_place_of_one_that_comes_in(qtbot, shown_editor):
    editor = shown_editor()
    editor.setPlainText("x\n" * editor_loading.LONG)
    editor.setPlainText("select 1")
    for _ in range(20):
        QCoreApplication.processEvents()
    assert editor.script() == "select 1"
    assert not editor.isReadOnly()


def test_statements_of_a_long_text_are_known_in_the_end(qtbot, shown_editor):
    editor = shown_editor("-- name: first\n" + LINE * 3_000)
    qtbot.waitUntil(lambda: editor.statements.is_current, timeout=30_000)
    found = editor.statements.statements
    assert len(found) == 3_000
    assert found[0].title == "first"
    assert found[1].text == "select '😀', 12 from t"
    assert editor.script()[found[2_999].start : found[2_999].end] == found[2_999].text


def colors(highlighter: Highlighter, document: QTextDocument, line: int) -> list[str]:
    block = document.findBlockByNumber(line)
    highlighter.color(block, line)
    return [block.text()[each.start : each.start + each.length] for each in block.layout().formats()]


@pytest.mark.parametrize(
    ("dialect", "text", "expected"),
    [
        ("postgres", "/* a /* b\n*/ still\n*/ select", ["*/", "select"]),
        ("sqlite", "/* a /* b\n*/ select\n", []),
        ("postgres", "select E'it\\'s\nstill', 1\nfrom", ["from"]),
        ("postgres", "do $a$ $b$\n$a$\nselect", ["select"]),
        ("mysql", 'select "a\n\\" b\n" from', ['" ', "from"]),
        ("tsql", "select [a\nb\n] from", ["from"]),
        ("oracle", "select q'[it's]'\n-- x\nfrom dual", ["from", "dual"]),
        ("postgres", "select a$b$c\n1\nfrom", ["from"]),
    ],
)
def test_what_is_open_at_the_end_of_a_line_goes_on_in_the_next(qapp, dialect, text, expected):
    document = QTextDocument()
    document.setDocumentLayout(QPlainTextDocumentLayout(document))  # without one, changes are not told
    highlighter = Highlighter(document, dialect)
    document.setPlainText(text)
    found = [each.strip() for each in colors(highlighter, document, 2)]
    assert found == [each.strip() for each in expected]


def test_states_agree_with_those_of_a_fresh_reading_after_any_edits(qapp):
    import random

    from PySide6.QtGui import QTextCursor

    chooser = random.Random(7)
    document = QTextDocument()
    document.setDocumentLayout(QPlainTextDocumentLayout(document))  # without one, changes are not told
    highlighter = Highlighter(document, "postgres")
    for _ in range(300):
        cursor = QTextCursor(document)
        cursor.setPosition(chooser.randrange(document.characterCount()))
        cursor.setPosition(
            min(document.characterCount() - 1, cursor.position() + chooser.randrange(6)), cursor.MoveMode.KeepAnchor
        )
        cursor.insertText(chooser.choice(["/*", "*/", "'", '"', "\n", "$$", "--", "a\n😀", "E'", "\\", "x\ny\nz", ""]))
        while not highlighter.is_complete:
            QCoreApplication.processEvents()
        fresh, state = Syntax("postgres"), NORMAL
        block = document.begin()
        while block.isValid():
            state = fresh.end_state(block.text(), state)
            assert block.userState() & 0xFFF == state
            block = block.next()


def test_spans_and_states_agree(qapp):
    syntax = Syntax("postgres")
    for line in ("a 'b", "$x$ y", "/* */ /*", "-- '", "e'\\' ", '"a', "'a''b' /* x", "1 - 2 / 3"):
        assert syntax.spans(line, NORMAL)[1] == syntax.end_state(line, NORMAL)


def test_positions_are_translated_in_long_texts_and_inside_pairs():
    text = ("a😀é" * 30_000) + "b"
    positions = Positions(text)
    for place in (0, 1, 2, 40_000, 70_001, len(text)):
        units = to_units(text, place)
        assert positions.to_units(place) == units
        assert positions.to_characters(units) == place
    assert positions.to_characters(2) == 2


def test_a_huge_text_is_only_shown_until_the_person_wants_to_edit_it(qtbot, shown_editor, monkeypatch):
    from PySide6.QtWidgets import QPushButton

    from keeperdb.gui import editor as module

    monkeypatch.setattr(module, "_LARGE", editor_loading.LONG)
    editor = shown_editor()
    with qtbot.waitSignal(editor.loaded, timeout=30_000):
        editor.setPlainText("select 1;\n" * (editor_loading.LONG // 5))
    qtbot.keyClicks(editor, "x")
    assert editor.script().startswith("select")
    button = next(each for each in editor.findChildren(QPushButton) if each.text() == "Edit anyway")
    button.click()
    editor.setFocus()
    qtbot.keyClicks(editor, "x")
    assert editor.script().startswith("xselect")


def test_the_status_bar_tells_where_the_caret_is(qtbot, shown_editor):
    from keeperdb.connections.profile import ConnectionProfile
    from keeperdb.gui.status_bar import StatusBar

    bar = StatusBar(ConnectionProfile(name="Here", engine="sqlite", path="x"))
    qtbot.addWidget(bar)
    editor = shown_editor("one\n😀 two")
    bar.follow_caret(editor)
    editor.setTextCursor(editor.place(6, 6))
    assert bar.caret.text() == "Line 2, column 3"
    editor.carets.add_line(-1)
    assert bar.caret.text() == "2 carets"
    bar.follow_caret(None)
    assert bar.caret.text() == ""
