"""A flat list with columns that a search field above it filters and moves in."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLabel, QTreeWidget, QTreeWidgetItem

from keeperdb.gui.notices import plain_label
from keeperdb.gui.search_field import SearchField

_ROW = 28  # pixels


class FilteredTree(QTreeWidget):
    """Rows of text; `search` leaves those that have every word in some column, `nothing` says that none has."""

    def __init__(self, name: str, headers: list[str], widths: list[int], noun: str) -> None:
        """`widths` are pixels; the last column takes the rest."""
        super().__init__()
        self.search = SearchField(f"Search {noun}s")
        self.nothing: QLabel = plain_label(f"No {noun} matches.", "muted")
        self.nothing.hide()
        self.setAccessibleName(name)
        self.setHeaderLabels(headers)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        for column, width in enumerate(widths):
            self.setColumnWidth(column, width)
        self.header().setSectionResizeMode(len(widths), QHeaderView.ResizeMode.Stretch)
        self.search.textChanged.connect(self._filter)
        self.search.moved.connect(self._move)

    def show_items(self, items: list[QTreeWidgetItem]) -> None:
        """Show these rows, the first of them current."""
        for item in items:
            item.setSizeHint(0, QSize(0, _ROW))
        self.clear()
        self.addTopLevelItems(items)
        if items:
            self.setCurrentItem(items[0])
        self._filter(self.search.text())

    def items(self) -> list[QTreeWidgetItem]:
        found = (self.topLevelItem(row) for row in range(self.topLevelItemCount()))
        return [item for item in found if item is not None]

    def shown(self) -> list[QTreeWidgetItem]:
        """The rows that the search has left."""
        return [item for item in self.items() if not item.isHidden()]

    def _filter(self, text: str) -> None:
        words = text.lower().split()
        for item in self.items():
            line = " ".join(item.text(column) for column in range(item.columnCount())).lower()
            item.setHidden(not all(word in line for word in words))
        shown, current = self.shown(), self.currentItem()
        self.nothing.setVisible(bool(words) and not shown)
        if shown and current not in shown:
            self.setCurrentItem(shown[0])

    def _move(self, rows: int) -> None:
        shown, current = self.shown(), self.currentItem()
        if shown:
            at = shown.index(current) + rows if current in shown else 0
            self.setCurrentItem(shown[max(0, min(at, len(shown) - 1))])
