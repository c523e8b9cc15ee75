"""Folding: which lines can be folded away and which are; folded text shows again as soon as anything touches it."""

from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QTextBlock, QTextCursor
from PySide6.QtWidgets import QPlainTextDocumentLayout

from keeperdb.gui.theme import font
from keeperdb.gui.tokens import SMALL, color
from keeperdb.query.folds import Fold, folds
from keeperdb.query.statements import Statement

if TYPE_CHECKING:
    from keeperdb.gui.editor import Editor

_LONGEST = 12_000  # characters of a statement inside which folds are looked for; a longer one folds as a whole


@dataclass(slots=True)
class _Folded:
    """Cursors follow the text while it is edited."""

    head: QTextCursor  # in the line that stays
    tail: QTextCursor  # in the last line that is hidden


class Folding(QObject):
    """Folds lines of `editor`."""

    def __init__(self, editor: "Editor") -> None:
        super().__init__(editor)
        self._editor = editor
        self._document = editor.document()
        self._folded: list[_Folded] = []
        self._document.contentsChange.connect(self._changed)
        editor.cursorPositionChanged.connect(self._reveal_caret)

    @property
    def folded_lines(self) -> list[int]:
        """The lines that stand for what is folded."""
        return sorted({each.head.blockNumber() for each in self._folded})

    def regions(self, first: int, last: int) -> dict[int, int]:
        """The lines from `first` to `last` that can be folded, each with the last line that is hidden then."""
        found: dict[int, int] = {}
        if not self._editor.statements.is_current or self._editor.is_loading:
            return found
        begin, end = self._character(first), self._character(last + 1)
        statements = self._editor.statements.statements
        for index in range(bisect_left(statements, begin, key=lambda each: each.end), len(statements)):
            if statements[index].start > end:
                break
            self._add_regions(statements[index], found)
        return {line: to for line, to in found.items() if first <= line <= last}

    def is_folded(self, line: int) -> bool:
        return any(each.head.blockNumber() == line for each in self._folded)

    def toggle(self, line: int) -> None:
        """Fold the line if it can be, or show again what is folded behind it."""
        if self.is_folded(line):
            self._show([each for each in self._folded if each.head.blockNumber() == line])
        elif (last := self.regions(line, line).get(line)) is not None:
            self._fold([(line, last)])

    def fold_at_caret(self) -> None:
        """Fold the innermost region around the caret that is not folded yet."""
        line = self._editor.textCursor().blockNumber()
        statement = self._editor.statement_at_caret()
        found: dict[int, int] = {}
        if statement is not None:
            self._add_regions(statement, found)
        around = [head for head, last in found.items() if head <= line <= last + 1 and not self.is_folded(head)]
        if around:
            head = max(around)
            self._fold([(head, found[head])])

    def unfold_at_caret(self) -> None:
        line = self._editor.textCursor().blockNumber()
        self._show([each for each in self._folded if each.head.blockNumber() == line])

    def fold_all(self) -> None:
        """Fold every statement of several lines."""
        found: dict[int, int] = {}
        for statement in self._editor.statements.statements:
            head, last = self._line(statement.start), self._line(statement.end)
            if last > head:
                found[head] = last
        self._fold(list(found.items()))

    def unfold_all(self) -> None:
        self._show(list(self._folded))

    def paint(self, painter: QPainter, block: QTextBlock, top: float) -> None:
        """Behind a line that stands for folded ones: how many these are."""
        entry = next((each for each in self._folded if each.head.block() == block), None)
        if entry is None:
            return
        count = entry.tail.blockNumber() - block.blockNumber()
        words = "⋯ 1 line" if count == 1 else f"⋯ {count:,} lines"
        line = block.layout().lineAt(block.layout().lineCount() - 1)
        left = self._editor.contentOffset().x() + line.naturalTextWidth() + line.x() + 10
        painter.setFont(font(SMALL))
        height = self._editor.fontMetrics().lineSpacing()
        box = QRectF(left, top + 1, painter.fontMetrics().horizontalAdvance(words) + 12, height - 2)
        painter.setPen(color("border"))
        painter.setBrush(color("hover"))
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(color("muted"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)

    def _add_regions(self, statement: Statement, found: dict[int, int]) -> None:
        for fold in _inner(statement.text, self._editor.dialect):
            head = self._line(statement.start + fold.start)
            last = self._line(statement.start + fold.end)
            if fold.closing is not None and _stands_first(statement.text, fold.closing):
                last -= 1
            if last > head:
                found[head] = max(last, found.get(head, 0))

    def _fold(self, regions: list[tuple[int, int]]) -> None:
        for head, last in regions:
            if not self.is_folded(head) and last < self._document.blockCount():
                entry = _Folded(self._cursor(head), self._cursor(last))
                self._folded.append(entry)
                self._set_visible(entry, is_visible=False)
        self._keep_caret_seen()
        self._lay_out()

    def _show(self, entries: list[_Folded]) -> None:
        if not entries:
            return
        for entry in entries:
            self._folded.remove(entry)
            self._set_visible(entry, is_visible=True)
        for entry in self._folded:
            if any(_contains(each, entry) for each in entries):
                self._set_visible(entry, is_visible=False)
        self._lay_out()

    def _set_visible(self, entry: _Folded, *, is_visible: bool) -> None:
        block, last = entry.head.block().next(), entry.tail.blockNumber()
        while block.isValid() and block.blockNumber() <= last:
            block.setVisible(is_visible)
            block.setLineCount(max(1, block.layout().lineCount()) if is_visible else 0)
            block = block.next()

    def _lay_out(self) -> None:
        layout = self._document.documentLayout()
        if isinstance(layout, QPlainTextDocumentLayout):
            layout.requestUpdate()
        layout.documentSizeChanged.emit(layout.documentSize())
        self._editor.line_numbers.update()
        self._editor.viewport().update()

    def _keep_caret_seen(self) -> None:
        cursor = self._editor.textCursor()
        block = cursor.block()
        while block.isValid() and not block.isVisible():
            block = block.previous()
        if block != cursor.block():
            cursor.setPosition(block.position() + block.length() - 1)
            self._editor.setTextCursor(cursor)

    def _reveal_caret(self) -> None:
        while not self._editor.textCursor().block().isVisible():
            line = self._editor.textCursor().blockNumber()
            hiding = [each for each in self._folded if each.head.blockNumber() < line <= each.tail.blockNumber()]
            if not hiding:
                self._set_block_visible(self._editor.textCursor().block())
                return
            self._show(hiding)

    def _set_block_visible(self, block: QTextBlock) -> None:
        block.setVisible(True)
        block.setLineCount(max(1, block.layout().lineCount()))
        self._lay_out()

    def _changed(self, position: int, removed: int, added: int) -> None:
        """What is folded shows again when the text in it, or the end of its first line, is edited."""
        if not self._folded:
            return
        first = self._document.findBlock(position).blockNumber()
        end = self._document.findBlock(position + added)
        last = end.blockNumber() if end.isValid() else self._document.blockCount() - 1
        touched = []
        for entry in self._folded:
            head, tail = entry.head.blockNumber(), entry.tail.blockNumber()
            is_outside = last < head or first > tail
            if not is_outside and not (first == last == head < tail):
                touched.append(entry)
        if touched:
            self._show(touched)
            self._show_lines(first, last)

    def _show_lines(self, first: int, last: int) -> None:
        block = self._document.findBlockByNumber(first)
        while block.isValid() and block.blockNumber() <= last:
            if not block.isVisible():
                block.setVisible(True)
                block.setLineCount(1)
            block = block.next()

    def _line(self, character: int) -> int:
        return self._document.findBlock(self._editor.positions().to_units(character)).blockNumber()

    def _character(self, line: int) -> int:
        block = self._document.findBlockByNumber(line)
        units = block.position() if block.isValid() else self._document.characterCount()
        return self._editor.positions().to_characters(units)

    def _cursor(self, line: int) -> QTextCursor:
        return QTextCursor(self._document.findBlockByNumber(line))


def _contains(outer: _Folded, inner: _Folded) -> bool:
    return outer.head.blockNumber() <= inner.head.blockNumber() <= outer.tail.blockNumber()


@lru_cache(maxsize=128)
def _inner(text: str, dialect: str) -> tuple[Fold, ...]:
    return tuple(folds(text, dialect)) if len(text) <= _LONGEST else (Fold(0, len(text)),)


def _stands_first(text: str, place: int) -> bool:
    """Whether there is nothing but space before a place in its line."""
    return not text[text.rfind("\n", 0, place) + 1 : place].strip()
