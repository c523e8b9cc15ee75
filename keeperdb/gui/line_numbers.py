"""The margin of the editor: line numbers, and a bar beside the statement that would run."""

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from keeperdb.gui.tokens import color

_PADDING = 10
_BAR = 3


class LineNumbers(QWidget):
    """Stands in the left viewport margin of `editor`."""

    def __init__(self, editor: QPlainTextEdit) -> None:
        super().__init__(editor)
        self._editor = editor
        self.shows_numbers = True
        self.marked_lines: tuple[int, int] | None = None  # first and last line of the statement at the caret
        self.error_line: int | None = None

    def sizeHint(self) -> QSize:
        digits = len(str(max(99, self._editor.blockCount()))) if self.shows_numbers else 0
        return QSize(digits * self._editor.fontMetrics().horizontalAdvance("9") + 2 * _PADDING + _BAR, 0)

    def mark(self, lines: tuple[int, int] | None) -> None:
        """Draw the bar beside these lines, both inclusive and from 0."""
        if lines != self.marked_lines:
            self.marked_lines = lines
            self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Wheel:
            return self._editor.viewport().event(event)
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), color("panel"))
        painter.setFont(self._editor.font())
        current = self._editor.textCursor().blockNumber()
        block = self._editor.firstVisibleBlock()
        top = self._editor.blockBoundingGeometry(block).translated(self._editor.contentOffset()).top()
        while block.isValid() and top <= event.rect().bottom():
            height = self._editor.blockBoundingRect(block).height()
            if block.isVisible() and top + height >= event.rect().top():
                self._paint_line(painter, block.blockNumber(), round(top), round(height), current)
            block, top = block.next(), top + height

    def _paint_line(self, painter: QPainter, line: int, top: int, height: int, current: int) -> None:
        if self.marked_lines and self.marked_lines[0] <= line <= self.marked_lines[1]:
            painter.fillRect(QRect(self.width() - _BAR - 1, top, _BAR, height), color("accent"))
        if self.shows_numbers:
            token = "danger" if line == self.error_line else "text" if line == current else "muted"
            painter.setPen(color(token))
            row = self._editor.fontMetrics().lineSpacing()
            room = QRect(0, top, self.width() - _BAR - _PADDING, row)
            painter.drawText(room, Qt.AlignmentFlag.AlignRight, str(line + 1))
