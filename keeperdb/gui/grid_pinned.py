"""The pinned columns of a grid: a view of the same cells and the same selection that lies over its left edge."""

from PySide6.QtCore import QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from keeperdb.gui.grid_columns import hide_all_but
from keeperdb.gui.grid_header import GridHeader
from keeperdb.gui.grid_painter import GridPainter, TintSource
from keeperdb.gui.result_model import ResultModel
from keeperdb.gui.tokens import color


class PinnedView(QTableView):
    """Has no focus of its own: keys go to `grid`. `menu_requested(point on the screen)` for a right click."""

    menu_requested = Signal(QPoint)

    def __init__(self, grid: QTableView, model: ResultModel, tints: list[TintSource]) -> None:
        super().__init__(grid)
        self._grid = grid
        self.heads = GridHeader(self)
        self.heads.setSectionsMovable(False)
        self.setHorizontalHeader(self.heads)
        self.setModel(model)
        self.setSelectionModel(grid.selectionModel())
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.setSelectionModel(QItemSelectionModel(model, header))
        self._configure()
        self.painter = GridPainter(self, model, grid, tints)
        self._follow_grid()
        self.setAccessibleName("Pinned columns")

    def show_columns(self, columns: tuple[int, ...]) -> None:
        """Show these, as wide as they are in the grid; nothing for none."""
        hide_all_but(self, columns)
        heads, others = self.horizontalHeader(), self._grid.horizontalHeader()
        for column in columns:
            heads.moveSection(heads.visualIndex(column), others.visualIndex(column))
            heads.resizeSection(column, others.sectionSize(column))
        self.setVisible(bool(columns))
        self.place()

    def place(self) -> None:
        """Lie over the left edge of the grid's cells and heads."""
        grid = self._grid
        left = grid.verticalHeader().width() + grid.frameWidth()
        height = grid.horizontalHeader().height() + grid.viewport().height()
        self.setFixedHeight(height)
        self.setGeometry(left, grid.frameWidth(), self.pinned_width, height)
        self.horizontalHeader().setFixedHeight(grid.horizontalHeader().height())

    @property
    def pinned_width(self) -> int:
        """Pixels of the grid that are covered; at most half of it, or nothing of the rest could be seen."""
        width = self.horizontalHeader().length()
        return int(min(width, max(80, self._grid.viewport().width() * 2 // 3)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        self.painter.paint(painter, event.rect())
        painter.setPen(color("border-strong"))
        right = self.viewport().width() - 1
        painter.drawLine(right, 0, right, self.viewport().height())
        painter.end()

    def _configure(self) -> None:
        grid = self._grid
        self.setProperty("role", "overlay")
        self.setFont(grid.font())
        self.setWordWrap(False)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(grid.selectionMode())
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setMinimumSectionSize(grid.horizontalHeader().minimumSectionSize())
        self.horizontalHeader().setDefaultAlignment(grid.horizontalHeader().defaultAlignment())
        self.horizontalHeader().setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(
            lambda point: self.menu_requested.emit(self.viewport().mapToGlobal(point))
        )

    def _follow_grid(self) -> None:
        grid = self._grid
        bar, own = grid.verticalScrollBar(), self.verticalScrollBar()
        bar.valueChanged.connect(own.setValue)
        own.valueChanged.connect(bar.setValue)
        self.set_row_height(grid.verticalHeader().defaultSectionSize())
        self.horizontalHeader().sectionResized.connect(self._widen_grid)

    def set_row_height(self, height: int) -> None:
        """Rows as high as the grid's, in pixels."""
        self.verticalHeader().setMinimumSectionSize(height)
        self.verticalHeader().setDefaultSectionSize(height)

    def follow_width(self, column: int, width: int) -> None:
        """A column of the grid has another width now."""
        if not self.horizontalHeader().isSectionHidden(column) and width > 0:
            self.horizontalHeader().resizeSection(column, width)
            self.place()

    def _widen_grid(self, column: int, _old: int, new: int) -> None:
        if new > 0 and self._grid.columnWidth(column) != new and not self._grid.isColumnHidden(column):
            self._grid.setColumnWidth(column, new)
