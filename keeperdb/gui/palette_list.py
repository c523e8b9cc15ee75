"""The list of the command palette: its model, and how a row is painted, with the matched letters marked."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from keeperdb.gui.cell_text import tooltip
from keeperdb.gui.fuzzy import spans
from keeperdb.gui.icons import icon
from keeperdb.gui.palette_search import Hit
from keeperdb.gui.theme import font
from keeperdb.gui.tokens import BODY, SMALL, color

ROW_HEIGHT = 32
_ROWS = 12  # that are seen at once
_HIT_ROLE = Qt.ItemDataRole.UserRole
_ICON, _GAP, _SIDE = 16, 8, 12
_MIDDLE = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
_NO_INDEX = QModelIndex()

Index = QModelIndex | QPersistentModelIndex


class PaletteModel(QAbstractListModel):
    """What was found."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.hits: Sequence[Hit] = ()

    def show_hits(self, hits: Sequence[Hit]) -> None:
        """Show these instead of those before."""
        self.beginResetModel()
        self.hits = hits
        self.endResetModel()

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.hits)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        hit = self.hits[index.row()]
        entry = hit.entry
        if role == _HIT_ROLE:
            return hit
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (entry.text, entry.detail, entry.kind, entry.keys, entry.reason) if part)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip("\n".join(part for part in (entry.text, entry.detail, entry.reason) if part))
        return None


class PaletteList(QListView):
    """Shows the hits; the focus stays in the field above it."""

    def __init__(self, model: PaletteModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegate(_HitDelegate(self))
        self.setUniformItemSizes(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMouseTracking(True)
        self.setProperty("role", "pane")
        self.setAccessibleName("Found")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), _ROWS * ROW_HEIGHT)

    def move_current(self, rows: int) -> None:
        """Move by some rows; one row up from the first is the last, and back."""
        count, row = self.model().rowCount(), self.currentIndex().row()
        if count:
            target = (row + rows) % count if abs(rows) == 1 else max(0, min(row + rows, count - 1))
            self.setCurrentIndex(self.model().index(target, 0))


class _HitDelegate(QStyledItemDelegate):
    """Icon, text and detail at the left; keys or kind at the right."""

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._font, self._small = font(BODY), font(SMALL)
        self._metrics, self._small_metrics = QFontMetrics(self._font), QFontMetrics(self._small)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        hit = index.data(_HIT_ROLE)
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if is_selected or option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, color("select" if is_selected else "hover"))
        rect = QRect(option.rect).adjusted(_SIDE, 0, -_SIDE, 0)
        ink = color("text" if is_selected else "muted")
        painter.setFont(self._small)
        painter.setPen(ink)
        right = hit.entry.keys or hit.entry.kind
        painter.drawText(rect, _MIDDLE | Qt.AlignmentFlag.AlignRight, right)
        rect.setRight(rect.right() - self._small_metrics.horizontalAdvance(right) - 2 * _GAP)
        if hit.entry.icon:
            place = QRect(rect.left(), rect.top(), _ICON, rect.height())
            icon(hit.entry.icon, "text" if is_selected else "muted").paint(painter, place)
            rect.setLeft(rect.left() + _ICON + _GAP)
        self._paint_words(painter, rect, hit, ink)
        painter.restore()

    def _paint_words(self, painter: QPainter, rect: QRect, hit: Hit, ink: QColor) -> None:
        entry = hit.entry
        painter.setFont(self._font)
        text_ink = color("disabled" if entry.reason else "text")
        width = _draw_marked(painter, rect, entry.text, hit.places, self._metrics, text_ink)
        detail = entry.reason or entry.detail
        rect = rect.adjusted(width + _GAP, 0, 0, 0)
        if detail and rect.width() > 2 * _SIDE:
            painter.setFont(self._small)
            places = () if entry.reason else hit.detail_places
            _draw_marked(painter, rect, detail, places, self._small_metrics, ink)


def _draw_marked(
    painter: QPainter, rect: QRect, text: str, places: Sequence[int], metrics: QFontMetrics, ink: QColor
) -> int:
    """Draw `text`, elided in the middle, over marks at `places`; returns its width in pixels."""
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, rect.width())
    if shown == text:
        for start, end in spans(places):
            left = metrics.horizontalAdvance(text[:start])
            width = metrics.horizontalAdvance(text[:end]) - left
            painter.fillRect(QRectF(rect.left() + left, rect.center().y() - 8, width, 18), color("match"))
    painter.setPen(ink)
    painter.drawText(rect, _MIDDLE, shown)
    return metrics.horizontalAdvance(shown)
