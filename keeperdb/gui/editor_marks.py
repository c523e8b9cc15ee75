"""What is drawn over the text of the editor: hidden characters, and the formats of marked ranges."""

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QTextCharFormat, QTextCursor, QTextFormat
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit

from keeperdb.gui.text_position import to_units
from keeperdb.gui.theme import font
from keeperdb.gui.tokens import color

if TYPE_CHECKING:
    from keeperdb.gui.editor import Editor

HIDDEN = re.compile(
    "[\u00a0\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_LABEL_PIXELS = 9

Selection = QTextEdit.ExtraSelection


def paint_hidden(editor: QPlainTextEdit, painter: QPainter) -> None:
    """Write the code of every invisible or direction-changing character over the place where it stands."""
    block = editor.firstVisibleBlock()
    bottom = editor.viewport().height()
    while block.isValid():
        top = editor.blockBoundingGeometry(block).translated(editor.contentOffset()).top()
        if top > bottom:
            return
        text = block.text()
        if not text.isascii():
            for match in HIDDEN.finditer(text):
                _label(editor, painter, block.position() + to_units(text, match.start()), match[0])
        block = block.next()


def paint_folded(editor: "Editor", painter: QPainter) -> None:
    """Behind each line that stands for folded ones, write how many these are."""
    folded = set(editor.folding.folded_lines)
    block = editor.firstVisibleBlock()
    while folded and block.isValid():
        top = editor.blockBoundingGeometry(block).translated(editor.contentOffset()).top()
        if top > editor.viewport().height():
            return
        if block.blockNumber() in folded:
            editor.folding.paint(painter, block, top)
        block = block.next()


def _label(editor: QPlainTextEdit, painter: QPainter, position: int, character: str) -> None:
    cursor = QTextCursor(editor.document())
    cursor.setPosition(position)
    place = editor.cursorRect(cursor)
    painter.setFont(font(_LABEL_PIXELS))
    code = f"{ord(character):04X}"
    width = painter.fontMetrics().horizontalAdvance(code) + 4
    box = QRectF(place.left(), place.top(), width, _LABEL_PIXELS + 3)
    painter.fillRect(box, color("danger"))
    painter.setPen(color("panel"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, code)


def current_line(cursor: QTextCursor) -> Selection:
    """The line the caret is in."""
    selection = _selection(cursor, _translucent("hover", 150))
    selection.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
    selection.cursor.clearSelection()
    return selection


def statement(cursor: QTextCursor) -> Selection:
    """The statement that would run."""
    return _selection(cursor, _translucent("accent", 18))


def bracket(cursor: QTextCursor) -> Selection:
    """One of two brackets that belong together."""
    return _selection(cursor, color("match"))


def lonely_bracket(cursor: QTextCursor) -> Selection:
    """A bracket that nothing closes or opens."""
    selection = _selection(cursor, _translucent("danger", 60))
    selection.format.setForeground(color("danger"))
    return selection


def selected(cursor: QTextCursor) -> Selection:
    """What one of several carets has selected."""
    return _selection(cursor, color("select"))


def found(cursor: QTextCursor, *, is_current: bool) -> Selection:
    """A place that the search found; the one that it stands at is framed by a line too."""
    selection = _selection(cursor, color("match"))
    if is_current:
        selection.format.setBackground(_translucent("accent", 110))
    return selection


def error(cursor: QTextCursor) -> Selection:
    """The place that the server complained about."""
    selection = Selection()
    selection.cursor = cursor
    selection.format = QTextCharFormat()
    selection.format.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
    selection.format.setUnderlineColor(color("danger"))
    selection.format.setBackground(_translucent("danger", 40))
    return selection


def link(place: QTextCursor) -> Selection:
    """A name that leads somewhere."""
    selection = Selection()
    selection.cursor = QTextCursor(place)
    selection.format = QTextCharFormat()
    selection.format.setForeground(color("accent"))
    selection.format.setFontUnderline(True)
    return selection


def live_mark(cursor: QTextCursor, token: str) -> Selection:
    """Something that is wrong before it runs."""
    selection = Selection()
    selection.cursor = QTextCursor(cursor)
    selection.format = QTextCharFormat()
    selection.format.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
    selection.format.setUnderlineColor(color(token))
    return selection


def _selection(cursor: QTextCursor, background: QColor) -> Selection:
    selection = Selection()
    selection.cursor = QTextCursor(cursor)
    selection.format = QTextCharFormat()
    selection.format.setBackground(background)
    return selection


def _translucent(token: str, alpha: int) -> QColor:
    value = color(token)
    value.setAlpha(alpha)
    return value
