"""The places of a snippet that are filled in one after the other; those of one number change together."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QTextCursor

from keeperdb.gui.text_position import to_units
from keeperdb.query.snippets import Expansion

if TYPE_CHECKING:
    from keeperdb.gui.editor import Editor

_KEEP = QTextCursor.MoveMode.KeepAnchor


class _Range:
    """Follows the text; what is typed at its edges belongs to it while it `takes` it."""

    def __init__(self, editor: "Editor", start: int, end: int) -> None:
        self._start, self._end = QTextCursor(editor.document()), QTextCursor(editor.document())
        self._start.setPosition(start)
        self._end.setPosition(end)

    @property
    def start(self) -> int:
        return self._start.position()

    @property
    def end(self) -> int:
        return self._end.position()

    def takes(self) -> None:
        self._start.setKeepPositionOnInsert(True)
        self._end.setKeepPositionOnInsert(False)

    def gives(self, *, is_before: bool) -> None:
        """What is typed beside it belongs to another place, behind this one if `is_before`."""
        self._start.setKeepPositionOnInsert(is_before)
        self._end.setKeepPositionOnInsert(is_before)

    def cursor(self) -> QTextCursor:
        """The range as a selection."""
        cursor = QTextCursor(self._start.document())
        cursor.setPosition(self.start)
        cursor.setPosition(self.end, _KEEP)
        return cursor


class SnippetStops(QObject):
    """Begins at the first stop. `ended` when the last one is reached, or the caret or an edit went elsewhere."""

    ended = Signal()

    def __init__(self, editor: "Editor", start: int, expansion: Expansion) -> None:
        """`start` is Qt's position where the text of `expansion` stands."""
        super().__init__(editor)
        self._editor = editor
        text = expansion.text
        self._groups = [
            [_Range(editor, start + to_units(text, begin), start + to_units(text, end)) for begin, end in stop]
            for stop in expansion.stops
        ]
        self._number = -1
        self._is_stepping = False
        self.is_over = False
        editor.document().contentsChange.connect(self._changed)
        editor.cursorPositionChanged.connect(self._moved)
        self.step(1)

    def step(self, by: int) -> None:
        """Go to the next stop (1) or the one before (-1), with a caret at each of its places; the last one ends it."""
        self._number = max(0, min(self._number + by, len(self._groups) - 1))
        group = self._groups[self._number]
        own = min(each.start for each in group)
        for place in (each for stops in self._groups for each in stops):
            place.gives(is_before=place.start <= own)
        for place in group:
            place.takes()
        self._is_stepping = True
        self._editor.carets.clear()
        self._editor.carets.set_all([each.cursor() for each in reversed(group)])
        self._is_stepping = False
        self._editor.ensureCursorVisible()
        if self._number == len(self._groups) - 1:
            self.end()

    def end(self) -> None:
        """Leave the text as it is, with one caret."""
        if not self.is_over:
            self.is_over = True
            self._editor.document().contentsChange.disconnect(self._changed)
            self._editor.cursorPositionChanged.disconnect(self._moved)
            self._editor.carets.clear()
            self.ended.emit()
            self.deleteLater()

    def _changed(self, position: int, _removed: int, added: int) -> None:
        """An edit outside of the present stop ends it."""
        group = self._groups[self._number]
        first, last = min(each.start for each in group), max(each.end for each in group)
        if not (first <= position and position + added <= last):
            self.end()

    def _moved(self) -> None:
        """A caret that left the whole snippet ends it."""
        position = self._editor.textCursor().position()
        places = [place for group in self._groups for place in group]
        is_inside = min(each.start for each in places) <= position <= max(each.end for each in places)
        if not self._is_stepping and not is_inside:
            self.end()
