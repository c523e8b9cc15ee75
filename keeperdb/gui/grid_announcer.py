"""What a screen reader says of a grid's cell: its value, and of row and column only what changed."""

from PySide6.QtCore import QModelIndex, QObject, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QTableView

from keeperdb.gui.announcements import announce

_MOST_CHARACTERS = 1_000


class GridAnnouncer(QObject):
    """Follows the current cell of `view`: up and down say value and row, left and right value and column."""

    def __init__(self, view: QTableView) -> None:
        super().__init__(view)
        self._view = view
        view.selectionModel().currentChanged.connect(self._follow)

    def _follow(self, now: QModelIndex, before: QModelIndex) -> None:
        if now.isValid() and QAccessible.isActive():
            # at once: it stands for what the reader would begin to say of the cell by itself
            announce(self._view, words(now, before), at_once=True)


def words(now: QModelIndex, before: QModelIndex) -> str:
    """The value of a cell, and the heads of the axes on which it differs from the cell before."""
    model = now.model()
    parts = [str(now.data() or "")[:_MOST_CHARACTERS]]
    if not before.isValid() or before.column() != now.column():
        parts.append(str(model.headerData(now.column(), Qt.Orientation.Horizontal) or ""))
    if not before.isValid() or before.row() != now.row():
        row = model.headerData(now.row(), Qt.Orientation.Vertical)
        parts.append(f"row {row if row is not None else now.row() + 1}")
    return ", ".join(part for part in parts if part)
