"""The text around the caret, as far as one statement may reach: known on every key, however long the script is."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtGui import QTextBlock

from keeperdb.engines.sql_text import TokenKind, tokens
from keeperdb.gui.text_position import to_characters, to_units

if TYPE_CHECKING:
    from keeperdb.gui.editor import Editor

_MOST_LINES = 300  # in either direction
_MOST_CHARACTERS = 12_000
_BATCH = {"tsql": "GO", "oracle": "/"}  # what ends a statement on a line of its own


@dataclass(frozen=True, slots=True)
class Around:
    """`text` begins at Qt's position `start`; the caret is at the character `caret` of it."""

    text: str
    start: int
    caret: int

    def units(self, position: int) -> int:
        """Qt's position of a character of `text`."""
        return self.start + to_units(self.text, position)

    def word_before(self) -> str:
        """The letters, digits and underscores that end at the caret."""
        start = self.caret
        while start and (self.text[start - 1].isalnum() or self.text[start - 1] == "_"):
            start -= 1
        return self.text[start : self.caret]


def around_caret(editor: "Editor") -> Around:
    """The statement at the caret; where lines end by a semicolon is taken for where statements do."""
    own = editor.textCursor().block()
    column = to_characters(own.text(), editor.textCursor().positionInBlock())
    above = _lines(own, editor.dialect, is_above=True)
    below = [] if _ends(own.text(), editor.dialect) else _lines(own, editor.dialect, is_above=False)
    first = above[0] if above else own
    before = "".join(block.text() + "\n" for block in above)
    text = before + own.text() + "".join("\n" + block.text() for block in below)
    return _statement(text, first.position(), len(before) + column, editor.dialect)


def _lines(block: QTextBlock, dialect: str, *, is_above: bool) -> list[QTextBlock]:
    """The lines above or below that belong to the statement, from the top."""
    found: list[QTextBlock] = []
    room = _MOST_CHARACTERS
    each = block.previous() if is_above else block.next()
    while each.isValid() and len(found) < _MOST_LINES and (room := room - each.length()) > 0:
        if is_above and _ends(each.text(), dialect):
            break
        found.append(each)
        if not is_above and _ends(each.text(), dialect):
            break
        each = each.previous() if is_above else each.next()
    return found[::-1] if is_above else found


def _ends(line: str, dialect: str) -> bool:
    stripped = line.rstrip()
    return stripped.endswith(";") or (dialect in _BATCH and stripped.strip().upper() == _BATCH[dialect])


def _statement(text: str, start: int, caret: int, dialect: str) -> Around:
    """The part of `text` between the semicolons around the caret."""
    begin, end = 0, len(text)
    for token in tokens(text, dialect):
        if token.kind is TokenKind.SEMICOLON:
            if token.start >= caret:
                end = token.start
                break
            begin = token.end
    return Around(text[begin:end], start + to_units(text, begin), caret - begin)
