"""Several carets in one editor: each types, deletes, moves and selects; all of it is one step of undo."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from keeperdb.gui.editor_commands import KEEP, Move
from keeperdb.gui.tokens import color

_MOST = 10_000  # carets
_MOVE = QTextCursor.MoveMode.MoveAnchor
_Keys = QKeySequence.StandardKey
_MOVES: tuple[tuple[_Keys, _Keys, Move], ...] = (
    (_Keys.MoveToNextChar, _Keys.SelectNextChar, Move.Right),
    (_Keys.MoveToPreviousChar, _Keys.SelectPreviousChar, Move.Left),
    (_Keys.MoveToNextWord, _Keys.SelectNextWord, Move.NextWord),
    (_Keys.MoveToPreviousWord, _Keys.SelectPreviousWord, Move.PreviousWord),
    (_Keys.MoveToNextLine, _Keys.SelectNextLine, Move.Down),
    (_Keys.MoveToPreviousLine, _Keys.SelectPreviousLine, Move.Up),
    (_Keys.MoveToStartOfLine, _Keys.SelectStartOfLine, Move.StartOfLine),
    (_Keys.MoveToEndOfLine, _Keys.SelectEndOfLine, Move.EndOfLine),
)
_DELETIONS: tuple[tuple[_Keys, Move], ...] = (
    (_Keys.Delete, Move.NextCharacter),
    (_Keys.DeleteEndOfWord, Move.NextWord),
    (_Keys.DeleteStartOfWord, Move.PreviousWord),
    (_Keys.DeleteEndOfLine, Move.EndOfLine),
)


class Carets(QObject):
    """The carets of `editor` beside Qt's own, which is the one that was put last."""

    changed = Signal()  # there are more or fewer, or they stand elsewhere

    def __init__(self, editor: QPlainTextEdit) -> None:
        super().__init__(editor)
        self._editor = editor
        self.others: list[QTextCursor] = []

    @property
    def are_many(self) -> bool:
        return bool(self.others)

    def all(self) -> list[QTextCursor]:
        """Every caret from the top of the text to its end."""
        return sorted([*self.others, self._editor.textCursor()], key=lambda each: each.selectionStart())

    def clear(self) -> None:
        """Leave Qt's own caret alone."""
        if self.others:
            self.others = []
            self.changed.emit()
            self._editor.viewport().update()

    def set_all(self, cursors: list[QTextCursor]) -> None:
        """Have exactly these carets; the last one becomes Qt's own. An empty list changes nothing."""
        if cursors:
            self.others = cursors[-_MOST:-1]
            self._editor.setTextCursor(cursors[-1])
            self._merge()

    def add(self, cursor: QTextCursor) -> None:
        """Have one caret more, which becomes Qt's own; one that stands there already goes away."""
        same = [each for each in self.all() if each.position() == cursor.position() and not cursor.hasSelection()]
        if same and self.others:
            self.set_all([each for each in self.all() if each.position() != cursor.position()])
        elif not same:
            self.set_all([*self.all(), cursor])

    def add_line(self, by: int) -> None:
        """One caret more on the line above the first (`by` is -1) or below the last (1)."""
        carets = self.all()
        edge = QTextCursor(carets[0] if by < 0 else carets[-1])
        column = edge.verticalMovementX()
        edge.clearSelection()
        if edge.movePosition(Move.Up if by < 0 else Move.Down):
            edge.setVerticalMovementX(column)
            self.set_all([*carets, edge])

    def each(self, act: Callable[[QTextCursor], object]) -> None:
        """Do something with every caret as one step of undo, then merge those that meet."""
        own = self._editor.textCursor()
        step = QTextCursor(self._editor.document())
        step.beginEditBlock()
        for cursor in sorted([*self.others, own], key=lambda each: each.selectionStart()):
            act(cursor)
        step.endEditBlock()
        self._editor.setTextCursor(own)
        self._merge()

    def move(self, event: QKeyEvent) -> bool:
        """Move or delete with every caret as a key says; return whether it is such a key."""
        for plain, selecting, operation in _MOVES:
            if event.matches(plain) or event.matches(selecting):
                mode = _MOVE if event.matches(plain) else KEEP
                self.each(lambda cursor, to=operation, how=mode: cursor.movePosition(to, how))  # type: ignore[misc]
                return True
        for keys, operation in _DELETIONS:
            if event.matches(keys):
                self.each(lambda cursor, to=operation: _delete(cursor, to))  # type: ignore[misc]
                return True
        return False

    def paste(self, text: str) -> None:
        """Insert `text` at every caret; a text of as many lines as there are carets is dealt out, a line to each."""
        lines = text.splitlines()
        if len(lines) == len(self.others) + 1:
            dealt = iter(lines)
            self.each(lambda cursor: cursor.insertText(next(dealt)))
        else:
            self.each(lambda cursor: cursor.insertText(text))

    def paint(self, painter: QPainter) -> None:
        """Draw the carets beside Qt's own."""
        bounds = self._editor.viewport().rect()
        for cursor in self.others:
            place = self._editor.cursorRect(cursor)
            if place.intersects(bounds):
                place.setWidth(2)
                painter.fillRect(place, color("accent"))

    def _merge(self) -> None:
        """Carets at one place, and selections that overlap, become one; Qt's own stays."""
        own = self._editor.textCursor()
        before = bool(self.others)
        kept: list[QTextCursor] = []
        for cursor in self.all():
            if kept and _overlap(kept[-1], cursor):
                kept[-1] = cursor if _same(cursor, own) else kept[-1]
            else:
                kept.append(cursor)
        self.others = [each for each in kept if not _same(each, own)]
        if before:
            self.changed.emit()
            self._editor.viewport().update()


def _same(one: QTextCursor, other: QTextCursor) -> bool:
    return (one.position(), one.anchor()) == (other.position(), other.anchor())


def _overlap(one: QTextCursor, other: QTextCursor) -> bool:
    if one.position() == other.position() and not (one.hasSelection() and other.hasSelection()):
        return True
    return one.selectionStart() < other.selectionEnd() and other.selectionStart() < one.selectionEnd()


def _delete(cursor: QTextCursor, operation: Move) -> None:
    if not cursor.hasSelection():
        cursor.movePosition(operation, KEEP)
    cursor.removeSelectedText()


def is_escape(event: QKeyEvent) -> bool:
    """Whether a key goes back to one caret."""
    return event.key() == Qt.Key.Key_Escape and event.modifiers() == Qt.KeyboardModifier.NoModifier
