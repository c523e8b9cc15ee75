"""Paints the cells of the grid in one loop: a delegate, called for each of a thousand cells, takes twice as long."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QLine, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QFontMetricsF, QPainter
from PySide6.QtWidgets import QTableView, QWidget

from keeperdb.data.staged import RowState
from keeperdb.engines.blocks import CellKind
from keeperdb.gui.cell_text import MAX_CHARACTERS, CellStyle
from keeperdb.gui.result_model import ResultModel
from keeperdb.gui.tokens import color
from keeperdb.query.geometry import is_geometry

PADDING = 6  # pixels left and right of the text
_CHIP = 3  # pixels that the ground of a word for no value is wider than the word
_WORDED = (CellKind.BINARY, CellKind.JSON)  # whose cells may be shown otherwise than as their text

TintSource = Callable[[range, int], Mapping[int, QColor]]  # places of rows, column -> ground of some of those cells


class GridPainter:
    """Knows fonts and colours; call `follow_theme` when they change.

    Each of `tints` is asked for the grounds of the cells that are painted; a later one covers an earlier one.
    The frame of the current cell is painted while `focus` has the focus.
    """

    def __init__(
        self, view: QTableView, model: ResultModel, focus: QWidget | None = None, tints: Sequence[TintSource] = ()
    ) -> None:
        self._view = view
        self._model = model
        self._focus = focus or view
        self._tints = tints
        self.follow_theme()

    def follow_theme(self) -> None:
        """Take font and colours anew."""
        self._font = QFont(self._view.font())
        self._italic = QFont(self._font)
        self._italic.setItalic(True)
        self._metrics = QFontMetrics(self._font)
        self._character = QFontMetricsF(self._font).horizontalAdvance("0") or 1.0
        self._text, self._null = color("text"), color("null")
        self._select, self._accent, self._line = color("select"), color("accent"), color("grid-line")
        self._chip, self._chip_edge = color("hover"), color("border")

    def paint(self, painter: QPainter, region: QRect) -> None:
        """Paint what of `region` (of the viewport) has cells."""
        rows, columns = self._rows(region), self._columns(region)
        if not rows or not columns:
            return
        height = self._view.verticalHeader().defaultSectionSize()
        top = self._view.rowViewportPosition(rows.start)
        self._paint_selection(painter, rows, columns, top, height)
        self._paint_tints(painter, rows, columns, top, height)
        self._paint_lines(painter, rows, columns, top, height)
        nulls: list[tuple[int, int, str]] = []
        painter.setFont(self._font)
        painter.setPen(self._text)
        base = top + (height - self._metrics.height()) // 2 + self._metrics.ascent()
        for column, left, width in columns:
            nulls += self._paint_column(painter, rows, column, left, width, base, height)
        self._paint_words(painter, nulls)
        self._paint_struck(painter, rows, columns, top, height)
        self._paint_current(painter)

    def _paint_words(self, painter: QPainter, words: Sequence[tuple[int, int, str]]) -> None:
        """Each on a ground of its own, so that NULL is never taken for the text NULL."""
        rise, height = self._metrics.ascent(), self._metrics.height()
        grounds = [
            QRect(x - _CHIP, y - rise, int(len(text) * self._character) + 2 * _CHIP, height) for x, y, text in words
        ]
        painter.setPen(self._chip_edge)
        painter.setBrush(self._chip)
        painter.drawRects(grounds)
        painter.setFont(self._italic)
        painter.setPen(self._null)
        for x, y, text in words:
            painter.drawText(x, y, text)

    def _paint_tints(
        self, painter: QPainter, rows: range, columns: Sequence[tuple[int, int, int]], top: int, height: int
    ) -> None:
        """Inside the edges of a cell, so that a selection is still seen around it."""
        for tint in self._tints:
            for column, left, width in columns:
                for row, ground in tint(rows, column).items():
                    y = top + (row - rows.start) * height
                    painter.fillRect(left + 1, y + 1, width - 3, height - 3, ground)

    def _paint_column(
        self, painter: QPainter, rows: range, column: int, left: int, width: int, base: int, height: int
    ) -> list[tuple[int, int, str]]:
        """Paint the values of one column; return the words that stand for no value, which have another pen."""
        cell, character, draw = self._model.cell, self._character, painter.drawText
        is_right, value = self._model.is_right_aligned(column), CellStyle.VALUE
        read = self._model.shown.reader(column)
        shown = self._model.columns[column]
        is_plain = shown.kind not in _WORDED and not is_geometry(shown) and column not in self._model.masked
        space = width - 2 * PADDING - 1
        room = int(space / character)
        start, end = left + PADDING, left + width - PADDING - 1
        words = []
        y = base
        for row in rows:
            plain = read(row, column) if is_plain else None
            if plain and len(plain) <= MAX_CHARACTERS and plain.isprintable():
                text, style = plain, value  # the usual case, without asking further
            else:
                text, style = cell(row, column)
            if not text.isascii():
                text, taken = self._fit(text, space)
            elif len(text) > room:
                text = text[: max(0, room - 1)] + "…"
                taken = room * character
            else:
                taken = len(text) * character
            if style is not value:
                words.append((start, y, text))
            elif is_right:
                draw(int(end - taken), y, text)
            else:
                draw(start, y, text)
            y += height
        return words

    def _fit(self, text: str, space: int) -> tuple[str, float]:
        """`text` elided to `space` pixels, and the pixels it takes."""
        text = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, space)
        return text, self._metrics.horizontalAdvance(text)

    def _paint_selection(
        self, painter: QPainter, rows: range, columns: Sequence[tuple[int, int, int]], top: int, height: int
    ) -> None:
        selection = self._view.selectionModel().selection()
        for index in range(selection.size()):
            part = selection.at(index)
            first, last = max(part.top(), rows.start), min(part.bottom(), rows.stop - 1)
            if first > last:
                continue
            y, tall = top + (first - rows.start) * height, (last - first + 1) * height
            for column, left, width in columns:
                if part.left() <= column <= part.right():
                    painter.fillRect(left, y, width, tall, self._select)

    def _paint_lines(
        self, painter: QPainter, rows: range, columns: Sequence[tuple[int, int, int]], top: int, height: int
    ) -> None:
        bottom = top + len(rows) * height
        left, right = columns[0][1], columns[-1][1] + columns[-1][2]
        lines = [QLine(left, y, right - 1, y) for y in range(top + height - 1, bottom, height)]
        lines += [QLine(x + width - 1, top, x + width - 1, bottom - 1) for _, x, width in columns]
        painter.setPen(self._line)
        painter.drawLines(lines)

    def _paint_struck(
        self, painter: QPainter, rows: range, columns: Sequence[tuple[int, int, int]], top: int, height: int
    ) -> None:
        """A line through cells that are staged to be deleted."""
        if not self._model.has_staged:
            return
        lines = []
        for column, left, width in columns:
            for row in rows:
                if self._model.state(row, column) is RowState.DELETED:
                    y = top + (row - rows.start) * height + height // 2
                    lines.append(QLine(left + PADDING, y, left + width - PADDING, y))
        painter.setPen(self._text)
        painter.drawLines(lines)

    def _paint_current(self, painter: QPainter) -> None:
        index = self._view.currentIndex()
        if index.isValid() and self._focus.hasFocus() and not self._view.isColumnHidden(index.column()):
            painter.setPen(self._accent)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self._view.visualRect(index).adjusted(0, 0, -1, -1))

    def _rows(self, region: QRect) -> range:
        first, last = self._view.rowAt(region.top()), self._view.rowAt(region.bottom())
        if first < 0:
            return range(0)
        return range(first, (last if last >= 0 else self._model.rowCount() - 1) + 1)

    def _columns(self, region: QRect) -> list[tuple[int, int, int]]:
        """Number, left edge and width of the columns in `region`, from left to right as they are shown."""
        header = self._view.horizontalHeader()
        first, last = header.visualIndexAt(region.left()), header.visualIndexAt(region.right())
        if first < 0:
            return []
        columns = [
            header.logicalIndex(place) for place in range(first, (last if last >= 0 else header.count() - 1) + 1)
        ]
        return [
            (column, header.sectionViewportPosition(column), header.sectionSize(column))
            for column in columns
            if not header.isSectionHidden(column)
        ]
