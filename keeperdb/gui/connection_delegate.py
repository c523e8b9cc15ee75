"""Paints a row of the picker: engine, name with matched letters marked, Vault badge, place, environment, last used."""

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QToolTip, QWidget

from keeperdb.connections.profile import Environment
from keeperdb.gui.connection_list import ENTRY_ROLE, ConnectionListModel, Entry, Heading, Span
from keeperdb.gui.icons import engine_icon, icon
from keeperdb.gui.theme import BADGE, PICKER_ROW, SMALL, color, environment_color, font
from keeperdb.gui.words import ago, name_line

_Index = QModelIndex | QPersistentModelIndex
_HEADING_HEIGHT = 30
_PADDING = 12
_ENGINE_SIZE = 24
_GAP = 8
_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_ELIDE = Qt.TextElideMode.ElideMiddle


class ConnectionDelegate(QStyledItemDelegate):
    """One paint call per row; fonts and measures are kept."""

    def __init__(self, view: QAbstractItemView, density: str = "comfortable") -> None:
        super().__init__(view)
        self._row_height = PICKER_ROW[density]
        self._name_font = font(semibold=True)
        self._small_font = font(SMALL)
        self._badge_font = font(BADGE, semibold=True)
        self._name_metrics = QFontMetrics(self._name_font)
        self._small_metrics = QFontMetrics(self._small_font)
        self._badge_width = QFontMetrics(self._badge_font).horizontalAdvance("Vault") + 12

    def set_density(self, density: str) -> None:
        self._row_height = PICKER_ROW[density]

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        item = index.data(ENTRY_ROLE)
        return QSize(200, _HEADING_HEIGHT if isinstance(item, Heading) else self._row_height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        item = index.data(ENTRY_ROLE)
        rect = QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(item, Heading):
            self._paint_heading(painter, rect, item)
        elif isinstance(item, Entry):
            model = index.model()
            busy = model.busy_text(item.profile.id) if isinstance(model, ConnectionListModel) else ""
            is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
            self._paint_background(painter, rect, option)
            self._paint_entry(painter, rect, item, busy, color("text" if is_selected else "muted"))
        painter.restore()

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: _Index
    ) -> bool:
        """Show the tooltip as the plain text it is."""
        text = index.data(Qt.ItemDataRole.ToolTipRole)
        if event.type() != QEvent.Type.ToolTip or not text:
            return False
        QToolTip.showText(event.globalPos(), plain_tooltip(str(text)), view)
        return True

    def _paint_heading(self, painter: QPainter, rect: QRect, heading: Heading) -> None:
        rect = rect.adjusted(_PADDING, 6, -_PADDING, 0)
        painter.setFont(self._small_font)
        painter.setPen(color("muted"))
        source = self._small_metrics.elidedText(heading.source, _ELIDE, rect.width() // 3)
        source_width = self._small_metrics.horizontalAdvance(source)
        room = rect.width() - source_width - 3 * _GAP if heading.source else rect.width() - _GAP
        title = self._small_metrics.elidedText(heading.title, _ELIDE, room)
        painter.drawText(rect, _MIDDLE, title)
        if heading.source:
            painter.drawText(rect, _MIDDLE | Qt.AlignmentFlag.AlignRight, source)
        left = rect.left() + self._small_metrics.horizontalAdvance(title) + _GAP
        right = rect.right() - (source_width + _GAP if heading.source else 0)
        if right > left:
            painter.setPen(QPen(color("border"), 1))
            middle = rect.center().y() + 1.5
            painter.drawLine(QPointF(left, middle), QPointF(right, middle))

    def _paint_background(self, painter: QPainter, rect: QRect, option: QStyleOptionViewItem) -> None:
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        is_hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if not (is_selected or is_hovered):
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("select" if is_selected else "hover"))
        painter.drawRoundedRect(QRectF(rect).adjusted(4, 1, -4, -1), 6, 6)

    def _paint_entry(self, painter: QPainter, rect: QRect, entry: Entry, busy: str, ink: QColor) -> None:
        """`ink` is for what is secondary: muted, but not on the colour of a selected row."""
        profile = entry.profile
        if profile.color:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(profile.color))
            painter.drawRoundedRect(QRectF(rect.left() + 5, rect.top() + 8, 3, rect.height() - 16), 1.5, 1.5)
        inner = rect.adjusted(_PADDING + 4, 0, -_PADDING - 4, 0)
        tile = QRect(inner.left(), rect.center().y() - _ENGINE_SIZE // 2 + 1, _ENGINE_SIZE, _ENGINE_SIZE)
        painter.setOpacity(1.0 if profile.is_usable else 0.45)
        engine_icon(profile.engine).paint(painter, tile)
        painter.setOpacity(1.0)
        words = inner.adjusted(_ENGINE_SIZE + _PADDING, 0, 0, 0)
        half = rect.height() // 2
        upper = QRect(words.left(), rect.top() + half - 20, words.width(), 20)
        lower = QRect(words.left(), rect.top() + half, words.width(), 18)
        self._paint_name_line(painter, upper, entry, ink)
        self._paint_place_line(painter, lower, entry, busy, ink)

    def _paint_name_line(self, painter: QPainter, line: QRect, entry: Entry, ink: QColor) -> None:
        profile = entry.profile
        right = self._paint_environment(painter, line, profile.environment)
        if profile.read_only:
            right = self._paint_tag(painter, line, right, "read-only", ink)
        badge = self._badge_width + _GAP if profile.vault else 0
        room = max(20, right - line.left() - badge - 2 * _GAP)
        name_color = color("text") if profile.is_usable else ink
        place = QRect(line.left(), line.top(), room, line.height())
        painter.setFont(self._name_font)
        width = self._draw_marked(
            painter, place, entry.name, entry.name_spans, self._name_metrics, name_color, color("match")
        )
        if badge:
            self._paint_badge(painter, QRect(line.left() + width + _GAP, line.center().y() - 8, self._badge_width, 17))

    def _paint_place_line(self, painter: QPainter, line: QRect, entry: Entry, busy: str, ink: QColor) -> None:
        painter.setFont(self._small_font)
        metrics = self._small_metrics
        used = ago(entry.last_used) if entry.last_used else ""
        painter.setPen(ink)
        painter.drawText(line, _MIDDLE | Qt.AlignmentFlag.AlignRight, used)
        room = QRect(line).adjusted(0, 0, -(metrics.horizontalAdvance(used) + 2 * _GAP) if used else 0, 0)
        if busy:
            painter.setPen(color("accent"))
            painter.drawText(room, _MIDDLE, metrics.elidedText(name_line(busy), _ELIDE, room.width()))
        elif entry.profile.problem:
            icon("warning", "warning").paint(painter, QRect(line.left(), line.center().y() - 7, 15, 15))
            room.setLeft(line.left() + 20)
            painter.setPen(color("warning"))
            painter.drawText(room, _MIDDLE, metrics.elidedText(name_line(entry.profile.problem), _ELIDE, room.width()))
        else:
            ink = color("text") if entry.place_spans else ink
            self._draw_marked(painter, room, entry.place, entry.place_spans, metrics, ink, color("match"))

    def _paint_environment(self, painter: QPainter, line: QRect, environment: Environment) -> int:
        """Dot and word at the right end; returns where they begin."""
        dot = environment_color(environment)
        if dot is None:
            return line.right()
        painter.setFont(self._small_font)
        left = line.right() - self._small_metrics.horizontalAdvance(environment.value)
        painter.setPen(color("text"))
        painter.drawText(line, _MIDDLE | Qt.AlignmentFlag.AlignRight, environment.value)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(dot)
        painter.drawEllipse(QPointF(left - 9, line.center().y() + 1.0), 4, 4)
        return left - 14

    def _paint_tag(self, painter: QPainter, line: QRect, right: int, text: str, ink: QColor) -> int:
        left = right - self._small_metrics.horizontalAdvance(text) - 2 * _GAP
        painter.setFont(self._small_font)
        painter.setPen(ink)
        painter.drawText(QRect(left, line.top(), right - left, line.height()), _MIDDLE, text)
        return left

    def _paint_badge(self, painter: QPainter, rect: QRect) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("badge"))
        painter.drawRoundedRect(QRectF(rect), 4, 4)
        painter.setFont(self._badge_font)
        painter.setPen(color("on-badge"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, "Vault")

    def _draw_marked(
        self,
        painter: QPainter,
        line: QRect,
        text: str,
        spans: Sequence[Span],
        metrics: QFontMetrics,
        ink: QColor,
        mark: QColor,
    ) -> int:
        """Draw `text`, elided in the middle, over marks at `spans`; returns its width in pixels."""
        shown = metrics.elidedText(text, _ELIDE, line.width())
        if shown == text:
            for start, end in spans:
                left = line.left() + metrics.horizontalAdvance(text[:start])
                width = metrics.horizontalAdvance(text[:end]) - metrics.horizontalAdvance(text[:start])
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(mark)
                painter.drawRoundedRect(QRectF(left - 0.5, line.center().y() - 8, width + 1, 17), 3, 3)
        painter.setPen(ink)
        painter.drawText(line, _MIDDLE | Qt.TextFlag.TextSingleLine, shown)
        return metrics.horizontalAdvance(shown)


def plain_tooltip(text: str) -> str:
    """`text` such that Qt shows it as it is, whatever characters it has."""
    return f"<div style='white-space:pre-wrap'>{escape(text)}</div>"


def set_plain_tooltip(widget: QWidget, text: str) -> None:
    widget.setToolTip(plain_tooltip(text) if text else "")
