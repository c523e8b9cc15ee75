"""What Tab does with snippets: an abbreviation before the caret is written out, then Tab goes on to each stop."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QTextCursor

from keeperdb.engines.sql_text import TokenKind, tokens
from keeperdb.gui.editor_around import Around, around_caret
from keeperdb.gui.editor_keys import indent_of
from keeperdb.gui.snippet_shelf import SnippetShelf
from keeperdb.gui.snippet_stops import SnippetStops
from keeperdb.query.snippets import Snippet, expand

if TYPE_CHECKING:
    from keeperdb.gui.editor import Editor

_KEEP = QTextCursor.MoveMode.KeepAnchor


class SnippetKeys(QObject):
    """Watches Tab, Shift+Tab and Escape in `editor`."""

    def __init__(self, editor: "Editor", shelf: SnippetShelf) -> None:
        super().__init__(editor)
        self._editor = editor
        self._shelf = shelf
        self.stops: SnippetStops | None = None
        editor.installEventFilter(self)

    def proposals(self) -> list[tuple[str, str, str]]:
        """Abbreviation, text and description of all snippets, as completion takes them."""
        return [(each.abbreviation, each.text, each.description) for each in self._shelf.all]

    def find(self, abbreviation: str) -> Snippet | None:
        return self._shelf.find(abbreviation)

    def insert(self, start: int, end: int, text: str) -> None:
        """Write a snippet over the text between two of Qt's positions, and go to its first stop."""
        if self.stops is not None:
            self.stops.end()
        cursor = self._editor.textCursor()
        cursor.setPosition(start)
        line = cursor.block().text()
        blanks = line[: len(line) - len(line.lstrip())]
        expansion = expand(text.replace("    ", indent_of(self._editor)).replace("\n", "\n" + blanks))
        cursor.setPosition(end, _KEEP)
        cursor.insertText(expansion.text)
        self._editor.setTextCursor(cursor)
        stops = SnippetStops(self._editor, start, expansion)
        if not stops.is_over:
            self.stops = stops
            stops.ended.connect(self._forget)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent):
            return False
        is_escape = event.key() == Qt.Key.Key_Escape and self.stops is not None
        if event.type() == QEvent.Type.ShortcutOverride and is_escape:
            event.accept()
            return True
        return event.type() == QEvent.Type.KeyPress and self._press(event)

    def _press(self, event: QKeyEvent) -> bool:
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if self.stops is not None and event.key() == Qt.Key.Key_Tab and plain:
            self.stops.step(1)
        elif self.stops is not None and event.key() == Qt.Key.Key_Backtab:
            self.stops.step(-1)
        elif self.stops is not None and event.key() == Qt.Key.Key_Escape:
            self.stops.end()
        elif event.key() == Qt.Key.Key_Tab and plain:
            return self._expand()
        else:
            return False
        return True

    def _expand(self) -> bool:
        """Write out the abbreviation right before the caret, if there is one; not in strings and comments."""
        editor = self._editor
        if editor.isReadOnly() or editor.carets.are_many or editor.textCursor().hasSelection():
            return False
        around = around_caret(editor)
        word = around.word_before()
        snippet = self.find(word) if word else None
        if snippet is None or not _is_code(around, editor.dialect):
            return False
        self.insert(around.units(around.caret - len(word)), around.units(around.caret), snippet.text)
        return True

    def _forget(self) -> None:
        self.stops = None


def _is_code(around: Around, dialect: str) -> bool:
    """Whether the word before the caret is a word of SQL, not a part of a name or of a text."""
    for token in tokens(around.text, dialect):
        if token.start < around.caret <= token.end:
            before = around.text[token.start - 1 : token.start]
            return token.kind is TokenKind.WORD and token.end == around.caret and before not in (".", "@", ":", "#")
    return False
