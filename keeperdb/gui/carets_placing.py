"""Where further carets are put: at the next occurrence of what is selected, at all of them, or down a column."""

import re

from PySide6.QtCore import QPoint
from PySide6.QtGui import QTextBlock, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from keeperdb.gui.carets import Carets
from keeperdb.gui.editor_commands import KEEP
from keeperdb.gui.text_position import Positions


def add_next(editor: QPlainTextEdit, carets: Carets, text: str) -> None:
    """Select the word at the caret; if something is selected, its next occurrence in `text` too, round the end."""
    own = editor.textCursor()
    if not own.hasSelection():
        own.select(QTextCursor.SelectionType.WordUnderCursor)
        editor.setTextCursor(own)
        return
    wanted, positions = _selected(own), Positions(text)
    taken = {each.selectionStart() for each in carets.all()}
    start = positions.to_characters(own.selectionEnd())
    for begin, end in ((start, len(text)), (0, start)):
        place = text.find(wanted, begin, end)
        while place >= 0 and positions.to_units(place) in taken:
            place = text.find(wanted, place + len(wanted), end)
        if place >= 0:
            carets.set_all([*carets.all(), _over(editor, positions, place, place + len(wanted))])
            return


def add_all(editor: QPlainTextEdit, carets: Carets, text: str) -> None:
    """Select every occurrence of the selection, or of the word at the caret, in `text`."""
    own = editor.textCursor()
    if not own.hasSelection():
        own.select(QTextCursor.SelectionType.WordUnderCursor)
    wanted, positions = _selected(own), Positions(text)
    if wanted:
        found = [match.span() for match in re.finditer(re.escape(wanted), text)]
        carets.set_all([_over(editor, positions, *each) for each in found])


def column(editor: QPlainTextEdit, carets: Carets, origin: QPoint, to: QPoint) -> None:
    """Select the rectangle between two points of the viewport, a caret in each of its lines."""
    first, last = editor.cursorForPosition(origin).block(), editor.cursorForPosition(to).block()
    is_down = first.blockNumber() <= last.blockNumber()
    cursors = []
    block = first
    while block.isValid():
        if block.isVisible():
            cursor = QTextCursor(block)
            cursor.setPosition(_at(editor, block, origin.x()))
            cursor.setPosition(_at(editor, block, to.x()), KEEP)
            cursors.append(cursor)
        if block == last:
            break
        block = block.next() if is_down else block.previous()
    carets.set_all(cursors)


def _at(editor: QPlainTextEdit, block: QTextBlock, x: int) -> int:
    """The position in a line that is nearest to `x` of the viewport."""
    geometry = editor.blockBoundingGeometry(block).translated(editor.contentOffset())  # lays the line out
    layout = block.layout()
    if layout.lineCount() == 0:
        return block.position()
    return block.position() + layout.lineAt(0).xToCursor(x - geometry.left())


def _selected(cursor: QTextCursor) -> str:
    return cursor.selectedText().replace("\u2029", "\n")


def _over(editor: QPlainTextEdit, positions: Positions, start: int, end: int) -> QTextCursor:
    cursor = QTextCursor(editor.document())
    cursor.setPosition(positions.to_units(start))
    cursor.setPosition(positions.to_units(end), KEEP)
    return cursor
