"""The places of a snippet that are filled in one after the other; those of one number change together."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QTextCursor

from keeperdb.gui.text_position import to_units
from keeperdb.query.snippets import Expansion

if TYPE_CHECKING:
    from keeperdb.gui.editor import Editor

_KEEP = QTextCursor.MoveMode.KeepAnchor


@dataclass(slots=True)
class _Range:
    """In Qt's positions."""

    start: int
    end: int

    def shift(self, position: int, removed: int, by: int) -> None:
        if self.start >= position + removed:
            self.start += by
            self.end += by


class SnippetStops(QObject):
    """Begins at the first stop. `ended` when the last one is reached, or the caret or an edit went elsewhere."""

    ended = Signal()

    def __init__(self, editor: "Editor", start: int, expansion: Expansion) -> None:
        """`start` is Qt's position where the text of `expansion` stands."""
        super().__init__(editor)
        self._editor = editor
        text = expansion.text
        self._groups = [
            [_Range(start + to_units(text, begin), start + to_units(text, end)) for begin, end in stop]
            for stop in expansion.stops
        ]
        self._number = -1
        self._is_writing = self._is_repeating = False
        self.is_over = False
        editor.document().contentsChange.connect(self._changed)
        editor.textChanged.connect(self._repeat)
        editor.cursorPositionChanged.connect(self._moved)
        self.step(1)

    def step(self, by: int) -> None:
        """Go to the next stop (1) or the one before (-1); the last one ends it."""
        self._number = max(0, min(self._number + by, len(self._groups) - 1))
        place = self._groups[self._number][0]
        self._is_writing = True
        self._editor.setTextCursor(self._cursor(place))
        self._is_writing = False
        self._editor.ensureCursorVisible()
        if self._number == len(self._groups) - 1:
            self.end()

    def end(self) -> None:
        """Leave the text as it is."""
        if not self.is_over:
            self.is_over = True
            self._editor.document().contentsChange.disconnect(self._changed)
            self._editor.textChanged.disconnect(self._repeat)
            self._editor.cursorPositionChanged.disconnect(self._moved)
            self.ended.emit()
            self.deleteLater()

    def _cursor(self, place: _Range) -> QTextCursor:
        cursor = QTextCursor(self._editor.document())
        last = self._editor.document().characterCount() - 1
        cursor.setPosition(min(place.start, last))
        cursor.setPosition(min(place.end, last), _KEEP)
        return cursor

    def _changed(self, position: int, removed: int, added: int) -> None:
        """Follow an edit: what is typed in the present stop makes it longer, and moves what comes after it."""
        if self._is_writing:
            return
        own, by = self._groups[self._number][0], added - removed
        if not (own.start <= position and position + removed <= own.end):
            self.end()
            return
        for place in (each for group in self._groups for each in group if each is not own):
            place.shift(position, removed, by)
        own.end += by
        self._is_repeating = len(self._groups[self._number]) > 1

    def _repeat(self) -> None:
        """Write at the other places of the present stop what was typed at its own."""
        if not self._is_repeating or self._is_writing or self.is_over:
            return
        self._is_repeating, self._is_writing = False, True
        group = self._groups[self._number]
        text = self._cursor(group[0]).selectedText().replace("\u2029", "\n")
        for other in group[1:]:
            before = other.end - other.start
            edit = self._cursor(other)
            edit.joinPreviousEditBlock()
            edit.insertText(text)
            edit.endEditBlock()
            other.end = edit.position()
            by = other.end - other.start - before
            for place in (each for stops in self._groups for each in stops if each is not other):
                place.shift(other.start, before, by)
        self._is_writing = False

    def _moved(self) -> None:
        """A caret that left the whole snippet ends it."""
        position = self._editor.textCursor().position()
        places = [place for group in self._groups for place in group]
        is_inside = min(each.start for each in places) <= position <= max(each.end for each in places)
        if not self._is_writing and not is_inside and not self._is_repeating:
            self.end()
