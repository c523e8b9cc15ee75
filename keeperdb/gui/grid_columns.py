"""Which columns of a grid are shown, in what order and how wide, and which stay in sight while the others scroll."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QHeaderView, QTableView

from keeperdb.gui.column_layouts import ColumnLayout


class GridColumns(QObject):
    """`changed` follows each change by a person, `pinned_changed` each change of what is pinned."""

    changed = Signal()
    pinned_changed = Signal()

    def __init__(self, grid: QTableView, heads: QHeaderView) -> None:
        super().__init__(grid)
        self._grid = grid
        self._heads = heads
        self._widths: dict[int, int] = {}  # that a person set
        self._is_quiet = False
        self.pinned: tuple[int, ...] = ()
        heads.sectionResized.connect(self._resized)
        heads.sectionMoved.connect(self._moved)

    @property
    def hidden(self) -> tuple[int, ...]:
        heads = self._heads
        return tuple(column for column in range(heads.count()) if heads.isSectionHidden(column))

    @property
    def shown(self) -> list[int]:
        """The columns that are not hidden, as they stand from left to right."""
        heads = self._heads
        order = (heads.logicalIndex(place) for place in range(heads.count()))
        return [column for column in order if not heads.isSectionHidden(column)]

    def layout(self) -> ColumnLayout:
        """What is to be remembered."""
        heads = self._heads
        order = tuple(heads.logicalIndex(place) for place in range(heads.count()))
        return ColumnLayout(
            () if order == tuple(range(len(order))) else order,
            self.hidden,
            self.pinned,
            tuple(sorted(self._widths.items())),
        )

    def apply(self, layout: ColumnLayout) -> None:
        """Arrange the columns as they were."""
        self._is_quiet = True
        for place, column in enumerate(layout.order):
            self._heads.moveSection(self._heads.visualIndex(column), place)
        for column, width in layout.widths:
            self._widths[column] = width
            self._heads.resizeSection(column, width)
        for column in layout.hidden:
            self._heads.setSectionHidden(column, True)
        self._is_quiet = False
        self._pin(layout.pinned)

    def own_width(self, column: int) -> int | None:
        """The width in pixels that a person set; None where the program chooses."""
        return self._widths.get(column)

    def choose_width(self, column: int, width: int) -> None:
        """Set a width that is not remembered."""
        self._is_quiet = True
        self._heads.resizeSection(column, width)
        self._is_quiet = False

    def set_width(self, column: int, width: int) -> None:
        """Set a width as a person does."""
        self._heads.resizeSection(column, width)

    def is_pinned(self, column: int) -> bool:
        return column in self.pinned

    def toggle_pin(self, column: int) -> None:
        """Keep a column in sight at the left, or let it scroll again."""
        others = tuple(each for each in self.pinned if each != column)
        self._pin(others if column in self.pinned else (*others, column))
        self.changed.emit()

    def unpin_all(self) -> None:
        self._pin(())
        self.changed.emit()

    def hide(self, column: int) -> bool:
        """Hide a column unless it is the last one that is shown; say if it was hidden."""
        shown = self.shown
        if column not in shown or len(shown) == 1:
            return False
        place = shown.index(column)
        self._heads.setSectionHidden(column, True)
        self._leave(column, shown[place + 1] if place + 1 < len(shown) else shown[place - 1])
        self._told()
        return True

    def show(self, column: int) -> None:
        self._heads.setSectionHidden(column, False)
        if column not in self._widths and self._heads.sectionSize(column) < self._heads.minimumSectionSize():
            self.choose_width(column, self._heads.defaultSectionSize())
        self._told()

    def show_all(self) -> None:
        for column in self.hidden:
            self._heads.setSectionHidden(column, False)
        self._told()

    def move(self, column: int, by: int) -> None:
        """Move a column among those that are shown, within the pinned ones or the others."""
        shown = self.shown
        place = shown.index(column) + by if column in shown else -1
        if 0 <= place < len(shown) and self.is_pinned(shown[place]) == self.is_pinned(column):
            self._heads.moveSection(self._heads.visualIndex(column), self._heads.visualIndex(shown[place]))

    def reset(self) -> None:
        """All columns as they came, with the widths that the program chooses."""
        self._widths.clear()
        self.apply(ColumnLayout(order=tuple(range(self._heads.count()))))
        self.show_all()

    def _pin(self, columns: tuple[int, ...]) -> None:
        """Pinned columns stand first, so that the arrow keys go through them in the order that is seen."""
        self.pinned = columns
        self._put_pinned_first()
        self.pinned_changed.emit()

    def _put_pinned_first(self) -> None:
        self._is_quiet = True
        for place, column in enumerate(self.pinned):
            self._heads.moveSection(self._heads.visualIndex(column), place)
        self._is_quiet = False

    def _leave(self, column: int, neighbour: int) -> None:
        """The current cell is never in a column that is hidden."""
        index = self._grid.currentIndex()
        if index.isValid() and index.column() == column:
            self._grid.setCurrentIndex(index.siblingAtColumn(neighbour))

    def _told(self) -> None:
        self.pinned_changed.emit()
        self.changed.emit()

    def _resized(self, column: int, _old: int, new: int) -> None:
        if not self._is_quiet and new > 0 and not self._heads.isSectionHidden(column):
            self._widths[column] = new
            self.changed.emit()

    def _moved(self, _column: int, _old: int, _new: int) -> None:
        """After a drag the pinned columns stand first again, in the order in which they stand now."""
        if self._is_quiet:
            return
        if self.pinned:
            self.pinned = tuple(sorted(self.pinned, key=self._heads.visualIndex))
            self._put_pinned_first()
            self.pinned_changed.emit()
        self.changed.emit()


def hide_all_but(view: QTableView, columns: tuple[int, ...]) -> None:
    """Show only `columns` in a view of the same model."""
    heads = view.horizontalHeader()
    wanted = set(columns)
    for column in range(heads.count()):
        heads.setSectionHidden(column, column not in wanted)
