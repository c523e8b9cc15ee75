"""Lets a selection be drawn with the mouse from the pinned columns of a grid into the others, and back."""

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QObject, QPersistentModelIndex, QPoint, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QTableView

from keeperdb.gui.result_model import Index

_LEFT = Qt.MouseButton.LeftButton


class DragSelection(QObject):
    """While the pointer is over the view in which it was pressed, Qt selects; over the other one, this does."""

    def __init__(self, grid: QTableView, pinned: QTableView) -> None:
        super().__init__(pinned)
        self._grid = grid
        self._pinned = pinned
        self._anchor = QPersistentModelIndex()
        for view in (grid, pinned):
            view.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QMouseEvent):
            return False
        pressed_in = self._pinned if watched is self._pinned.viewport() else self._grid
        if event.type() == QEvent.Type.MouseButtonPress and event.button() == _LEFT:
            if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._anchor = QPersistentModelIndex(pressed_in.indexAt(event.position().toPoint()))
        elif event.type() == QEvent.Type.MouseMove and event.buttons() & _LEFT and self._anchor.isValid():
            return self._drag(event, pressed_in)
        return False

    def _drag(self, event: QMouseEvent, pressed_in: QTableView) -> bool:
        point = event.globalPosition().toPoint()
        over = self._view_at(point)
        if over is pressed_in or not self._pinned.isVisible():
            return False
        target = _cell_at(over, over.viewport().mapFromGlobal(point))
        if target.isValid():
            keeps = event.modifiers() & Qt.KeyboardModifier.ControlModifier
            self._select(target, keeps=bool(keeps))
        return True

    def _view_at(self, point: QPoint) -> QTableView:
        edge = self._pinned.viewport().width()
        return self._pinned if self._pinned.viewport().mapFromGlobal(point).x() < edge else self._grid

    def _select(self, target: Index, *, keeps: bool) -> None:
        """The block of cells between the anchor and `target`, by the places at which columns are shown."""
        heads, model, flags = self._grid.horizontalHeader(), self._grid.model(), QItemSelectionModel.SelectionFlag
        rows = sorted((self._anchor.row(), target.row()))
        places = sorted((heads.visualIndex(self._anchor.column()), heads.visualIndex(target.column())))
        selection = QItemSelection()
        for place in range(places[0], places[1] + 1):
            column = heads.logicalIndex(place)
            if not self._grid.isColumnHidden(column):
                selection.select(model.index(rows[0], column), model.index(rows[1], column))
        chosen = self._grid.selectionModel()
        chosen.select(selection, flags.Select if keeps else flags.ClearAndSelect)
        chosen.setCurrentIndex(target, flags.NoUpdate)
        self._grid.scrollTo(target)


def _cell_at(view: QTableView, point: QPoint) -> Index:
    """The cell at a point, or the nearest one to it that is seen."""
    size = view.viewport().size()
    row = view.rowAt(min(max(point.y(), 0), size.height() - 1))
    column = view.columnAt(min(max(point.x(), 0), size.width() - 1))
    last = view.model().rowCount() - 1
    heads = view.horizontalHeader()
    shown = [each for each in map(heads.logicalIndex, range(heads.count())) if not heads.isSectionHidden(each)]
    return view.model().index(row if row >= 0 else last, column if column >= 0 else shown[-1])
