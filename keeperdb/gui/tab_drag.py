"""Tabs that are dragged: to another pane, to the edge of one, which splits it, or out of the window."""

from collections.abc import Callable
from enum import Enum, auto

from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import (
    QDrag,
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
)
from PySide6.QtWidgets import QApplication, QTabBar, QTabWidget, QWidget

from keeperdb.gui.tokens import color

_FORMAT = "application/x-keeperdb-tab"  # which tab it is says the source of the drag, so that nobody can forge one
_OUT = 24  # pixels over or under the row of tabs from which a tab is dragged away instead of along
_PADDING = 12  # pixels around a title
_EDGE = 0.3  # of a pane, at its right and its lower side


class Place(Enum):
    """Where over a pane a tab is let go."""

    INSIDE = auto()
    RIGHT = auto()
    BELOW = auto()


class TabDrag(QObject):
    """Begins a drag when a tab of `bar` is pulled away from the row; `dropped_outside()` if no window took it."""

    def __init__(self, bar: QTabBar, dropped_outside: Callable[[], object]) -> None:
        super().__init__(bar)
        self._bar = bar
        self._dropped_outside = dropped_outside
        self._is_pressed = False
        bar.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QMouseEvent):
            return False
        point = event.position().toPoint()
        if event.type() == QEvent.Type.MouseButtonPress:
            self._is_pressed = event.button() == Qt.MouseButton.LeftButton and self._bar.tabAt(point) >= 0
        elif event.type() == QEvent.Type.MouseButtonRelease:
            self._is_pressed = False
        elif event.type() == QEvent.Type.MouseMove and self._is_pressed and self._is_away(point):
            self._is_pressed = False
            self._drag(event)
            return True
        return False

    def _is_away(self, point: QPoint) -> bool:
        pane = self._bar.parentWidget() or self._bar
        x = self._bar.mapTo(pane, point).x()
        return not (-_OUT <= point.y() <= self._bar.height() + _OUT and 0 <= x <= pane.width())

    def _drag(self, event: QMouseEvent) -> None:
        index = self._bar.currentIndex()
        self._end_moving(event)
        drag = QDrag(self._bar)
        content = QMimeData()
        content.setData(_FORMAT, b"")
        drag.setMimeData(content)
        drag.setPixmap(_picture(self._bar.tabText(index).replace("&&", "&"), self._bar))
        drag.exec(Qt.DropAction.MoveAction)
        is_given_up = bool(QApplication.mouseButtons() & Qt.MouseButton.LeftButton)  # by Escape
        if drag.target() is None and not is_given_up:
            self._dropped_outside()

    def _end_moving(self, event: QMouseEvent) -> None:
        """The row of tabs must not go on moving the tab along."""
        none, left = Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
        place = QPointF(self._bar.tabRect(self._bar.currentIndex()).center())
        kind = QEvent.Type.MouseButtonRelease
        QApplication.sendEvent(
            self._bar, QMouseEvent(kind, place, self._bar.mapToGlobal(place), left, none, event.modifiers())
        )


def _picture(title: str, widget: QWidget) -> QPixmap:
    """What follows the pointer: while a tab is moved along, its place in the row is empty."""
    ratio, metrics = widget.devicePixelRatioF(), widget.fontMetrics()
    size = QSize(metrics.horizontalAdvance(title) + 2 * _PADDING, metrics.height() + _PADDING)
    picture = QPixmap(size * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(color("panel"))
    painter = QPainter(picture)
    painter.setFont(widget.font())
    painter.setPen(color("text"))
    painter.drawText(QRect(QPoint(0, 0), size), Qt.AlignmentFlag.AlignCenter, title)
    painter.setPen(color("accent"))
    painter.drawRect(0, 0, size.width() - 1, size.height() - 1)
    painter.end()
    return picture


class TabDrop(QObject):
    """Lets tabs be dropped on `pane`: `dropped(tab, place)` for one of `takes`."""

    def __init__(
        self, pane: QTabWidget, takes: Callable[[QWidget], bool], dropped: Callable[[QWidget, Place], object]
    ) -> None:
        super().__init__(pane)
        self._pane = pane
        self._takes = takes
        self._dropped = dropped
        self._hint = _DropHint(pane)
        pane.setAcceptDrops(True)
        pane.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DragLeave:
            self._hint.hide()
        elif isinstance(event, QDropEvent):  # entering and moving are kinds of it
            return self._follow(event)
        return False

    def _follow(self, event: QDropEvent) -> bool:
        tab = tab_of(event)
        if tab is None or not self._takes(tab):
            return False
        place = self.place_at(event.position().toPoint())
        event.setDropAction(Qt.DropAction.MoveAction)
        event.accept()
        if isinstance(event, QDragEnterEvent | QDragMoveEvent):
            self._hint.show_over(self.area_of(place))
        else:
            self._hint.hide()
            self._dropped(tab, place)
        return True

    def place_at(self, point: QPoint) -> Place:
        """What letting go there would do."""
        size = self._pane.size()
        if point.y() <= self._pane.tabBar().height():
            return Place.INSIDE
        if point.x() > size.width() * (1 - _EDGE):
            return Place.RIGHT
        return Place.BELOW if point.y() > size.height() * (1 - _EDGE) else Place.INSIDE

    def area_of(self, place: Place) -> QRect:
        """What of the pane the tab would take."""
        area = self._pane.rect()
        if place is Place.RIGHT:
            return area.adjusted(area.width() // 2, 0, 0, 0)
        return area.adjusted(0, area.height() // 2, 0, 0) if place is Place.BELOW else area


class _DropHint(QWidget):
    """Shows what a tab would take if it was let go."""

    def __init__(self, pane: QWidget) -> None:
        super().__init__(pane)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_over(self, area: QRect) -> None:
        """Show it there."""
        self.setGeometry(area)
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        ground = color("accent")
        ground.setAlphaF(0.15)
        painter.fillRect(self.rect(), ground)
        painter.setPen(color("accent"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()


def tab_of(event: QDropEvent) -> QWidget | None:
    """The tab that is dragged; None for anything else, and for tabs of another program."""
    bar = event.source()
    if not isinstance(bar, QTabBar) or not event.mimeData().hasFormat(_FORMAT):
        return None
    pane = bar.parent()
    return pane.currentWidget() if isinstance(pane, QTabWidget) else None
