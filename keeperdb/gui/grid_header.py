"""The heads of the grid's columns: a click sorts, Shift adds a column, Ctrl selects it; arrows show what is sorted."""

from PySide6.QtCore import QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPolygonF
from PySide6.QtWidgets import QApplication, QHeaderView, QWidget

from keeperdb.gui.theme import font
from keeperdb.gui.tokens import SMALL, color
from keeperdb.query.arranging import SortKey

_ARROW = 8  # pixels
ARROW_ROOM = 30  # pixels that arrow and number take


class GridHeader(QHeaderView):
    """`sort_pressed(section, adds)` for a click; `select_pressed(section)` for one with Ctrl.

    `menu_pressed(section, point on the screen)` for a right click;
    `fit_pressed(section)` for a double click on an edge.
    """

    sort_pressed = Signal(int, bool)
    select_pressed = Signal(int)
    menu_pressed = Signal(int, QPoint)
    fit_pressed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._keys: tuple[SortKey, ...] = ()
        self._pressed: QPoint | None = None
        self.setSectionsClickable(False)  # a click would select the whole column before it sorts
        self.sectionHandleDoubleClicked.connect(self.fit_pressed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask_menu)

    def show_keys(self, keys: tuple[SortKey, ...]) -> None:
        """Draw the arrows of these keys."""
        self._keys = keys
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        is_click = event.button() == Qt.MouseButton.LeftButton and not self._is_handle(point)
        self._pressed = point if is_click else None
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        pressed, self._pressed = self._pressed, None
        point = event.position().toPoint()
        if pressed is None or (point - pressed).manhattanLength() >= QApplication.startDragDistance():
            return
        section = self.logicalIndexAt(point)
        if section >= 0 and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.select_pressed.emit(section)
        elif section >= 0:
            self.sort_pressed.emit(section, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: N803 - as Qt calls it
        painter.save()
        super().paintSection(painter, rect, logicalIndex)
        painter.restore()
        place = next((place for place, key in enumerate(self._keys) if key.column == logicalIndex), None)
        if place is not None:
            painter.save()
            self._paint_key(painter, rect, logicalIndex, place)
            painter.restore()

    def _ask_menu(self, point: QPoint) -> None:
        section = self.logicalIndexAt(point)
        if section >= 0:
            self.menu_pressed.emit(section, self.viewport().mapToGlobal(point))

    def _paint_key(self, painter: QPainter, rect: QRect, section: int, place: int) -> None:
        """The arrow, with its number where there are more, at the side where the name does not begin.

        On the colour of the head, so that no letter of a name that is too long shows through.
        """
        is_alone = len(self._keys) == 1
        width = ARROW_ROOM // 2 if is_alone else ARROW_ROOM
        left = rect.left() + 1 if self._is_right_aligned(section) else rect.right() - width - 1
        room = QRect(left, rect.top() + 1, width, rect.height() - 3)
        painter.fillRect(room, color("window"))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("accent"))
        painter.drawPolygon(_arrow(QPointF(left + _ARROW, room.center().y() + 1), self._keys[place].descending))
        if not is_alone:
            painter.setPen(color("accent"))
            painter.setFont(font(SMALL, semibold=True))
            painter.drawText(room.adjusted(_ARROW + 6, 0, 0, 0), Qt.AlignmentFlag.AlignCenter, str(place + 1))

    def _is_right_aligned(self, section: int) -> bool:
        flags = self.model().headerData(section, Qt.Orientation.Horizontal, Qt.ItemDataRole.TextAlignmentRole)
        return bool(int(flags) & int(Qt.AlignmentFlag.AlignRight))

    def _is_handle(self, point: QPoint) -> bool:
        """Whether a press there takes hold of the edge between two columns."""
        return self.cursor().shape() == Qt.CursorShape.SplitHCursor


def _arrow(middle: QPointF, is_down: bool) -> QPolygonF:
    half, height = _ARROW / 2, _ARROW * 0.32 * (1 if is_down else -1)
    return QPolygonF([middle + QPointF(-half, -height), middle + QPointF(half, -height), middle + QPointF(0, height)])
