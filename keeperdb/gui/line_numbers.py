"""The margin of the editor: line numbers, arrows where text folds, and a bar beside the statement that would run."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QWidget

from keeperdb.gui.tokens import color

if TYPE_CHECKING:
    from keeperdb.gui.editor import Editor

_PADDING = 10
_BAR = 3
_DOT = 5
_ARROW = 14  # pixels of the column that folds


class LineNumbers(QWidget):
    """Stands in the left viewport margin of `editor`."""

    def __init__(self, editor: "Editor") -> None:
        super().__init__(editor)
        self._editor = editor
        self.shows_numbers = True
        self.shows_folds = True
        self.marked_lines: tuple[int, int] | None = None  # first and last line of the statement at the caret
        self.error_line: int | None = None
        self.live_lines: dict[int, str] = {}  # with the colour of a dot

    def sizeHint(self) -> QSize:
        digits = len(str(max(99, self._editor.blockCount()))) if self.shows_numbers else 0
        arrow = _ARROW if self.shows_folds else 0
        return QSize(digits * self._editor.fontMetrics().horizontalAdvance("9") + 2 * _PADDING + _BAR + arrow, 0)

    def mark(self, lines: tuple[int, int] | None) -> None:
        """Draw the bar beside these lines, both inclusive and from 0."""
        if lines != self.marked_lines:
            self.marked_lines = lines
            self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel:
            return self._editor.viewport().event(event)
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """An arrow folds; a number selects its line."""
        cursor = self._editor.cursorForPosition(QPointF(0, event.position().y()).toPoint())
        if self.shows_folds and self._arrow_left <= event.position().x() < self._arrow_left + _ARROW:
            self._editor.folding.toggle(cursor.blockNumber())
        else:
            cursor.movePosition(cursor.MoveOperation.StartOfBlock)
            cursor.movePosition(cursor.MoveOperation.NextBlock, cursor.MoveMode.KeepAnchor)
            self._editor.carets.clear()
            self._editor.setTextCursor(cursor)
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()  # else it would go on to the text

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), color("panel"))
        painter.setFont(self._editor.font())
        current = self._editor.textCursor().blockNumber()
        first, last = self._editor.visible_lines()
        regions = self._editor.folding.regions(first, last) if self.shows_folds else {}
        folded = set(self._editor.folding.folded_lines)
        block = self._editor.firstVisibleBlock()
        top = self._editor.blockBoundingGeometry(block).translated(self._editor.contentOffset()).top()
        while block.isValid() and top <= event.rect().bottom():
            height = self._editor.blockBoundingRect(block).height()
            if block.isVisible() and top + height >= event.rect().top():
                line = block.blockNumber()
                self._paint_line(painter, line, round(top), round(height), current)
                if line in folded or (self.shows_folds and line in regions):
                    self._paint_arrow(painter, round(top), is_folded=line in folded)
            block, top = block.next(), top + height
        painter.end()

    @property
    def _arrow_left(self) -> int:
        return self.width() - _BAR - _ARROW - 3

    def _paint_line(self, painter: QPainter, line: int, top: int, height: int, current: int) -> None:
        if self.marked_lines and self.marked_lines[0] <= line <= self.marked_lines[1]:
            painter.fillRect(QRect(self.width() - _BAR - 1, top, _BAR, height), color("accent"))
        if self.shows_numbers:
            token = "danger" if line == self.error_line else "text" if line == current else "muted"
            painter.setPen(color(token))
            row = self._editor.fontMetrics().lineSpacing()
            arrow = _ARROW if self.shows_folds else 0
            room = QRect(0, top, self.width() - _BAR - _PADDING - arrow, row)
            painter.drawText(room, Qt.AlignmentFlag.AlignRight, str(line + 1))
        if line in self.live_lines:
            self._paint_dot(painter, top, self.live_lines[line])

    def _paint_dot(self, painter: QPainter, top: int, token: str) -> None:
        middle = QPointF(4.5, top + self._editor.fontMetrics().lineSpacing() / 2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(token))
        painter.drawEllipse(middle, _DOT / 2, _DOT / 2)
        painter.restore()

    def _paint_arrow(self, painter: QPainter, top: int, *, is_folded: bool) -> None:
        """A triangle: to the right where text is folded, else down."""
        middle = QPointF(self._arrow_left + _ARROW / 2, top + self._editor.fontMetrics().lineSpacing() / 2)
        points = [(-2.5, -4), (3, 0), (-2.5, 4)] if is_folded else [(-4, -2.5), (4, -2.5), (0, 3)]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("accent" if is_folded else "muted"))
        painter.drawPolygon(QPolygonF([middle + QPointF(x, y) for x, y in points]))
        painter.restore()
