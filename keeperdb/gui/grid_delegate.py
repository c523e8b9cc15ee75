"""Paints one cell of the grid: text and nothing else, because a frame has thousands of them."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from keeperdb.gui.cell_text import CellStyle
from keeperdb.gui.result_model import ResultModel
from keeperdb.gui.tokens import color

_PADDING = 6  # pixels left and right of the text
_SELECTED = QStyle.StateFlag.State_Selected
_MIDDLE_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_MIDDLE_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class GridDelegate(QStyledItemDelegate):
    """Takes text and style straight from a `ResultModel`; call `follow_theme` when font or colours change."""

    def __init__(self, view: QTableView) -> None:
        super().__init__(view)
        self._view = view
        self.follow_theme()

    def follow_theme(self) -> None:
        """Take font and colours anew."""
        self._font = self._view.font()
        self._italic = QFont(self._font)
        self._italic.setItalic(True)
        self._metrics = QFontMetrics(self._font)
        self._character = max(1, self._metrics.horizontalAdvance("0"))
        self._text, self._null = color("text"), color("null")
        self._select, self._accent = color("select"), color("accent")

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        model = index.model()
        if not isinstance(model, ResultModel):
            return
        rect: QRect = option.rect
        if option.state & _SELECTED:
            painter.fillRect(rect, self._select)
        column = index.column()
        text, style = model.cell(index.row(), column)
        inner = rect.adjusted(_PADDING, 0, -_PADDING, 0)
        is_value = style is CellStyle.VALUE
        self._write(painter, inner, self._fit(text, inner.width()), is_value, model.is_right_aligned(column))
        if index == self._view.currentIndex() and self._view.hasFocus():
            painter.setPen(self._accent)
            painter.drawRect(rect.adjusted(0, 0, -1, -1))

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        text = str(index.data() or "")
        return QSize(self._metrics.horizontalAdvance(text) + 2 * _PADDING + 2, self._metrics.height() + 6)

    def _write(self, painter: QPainter, rect: QRect, text: str, is_value: bool, is_right: bool) -> None:
        painter.setPen(self._text if is_value else self._null)
        painter.setFont(self._font if is_value else self._italic)
        painter.drawText(rect, _MIDDLE_RIGHT if is_right and is_value else _MIDDLE_LEFT, text)

    def _fit(self, text: str, width: int) -> str:
        """`text` elided to `width` pixels; plain ASCII in a fixed-pitch font needs no measuring."""
        room = width // self._character
        if text.isascii():
            return text if len(text) <= room else text[: max(0, room - 1)] + "…"
        if len(text) * 2 <= room:  # wide characters take two columns
            return text
        return self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
