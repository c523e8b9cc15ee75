"""A list of all columns of a grid: typing finds one, Enter goes there, and each can be hidden or pinned."""

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from keeperdb.gui.cell_text import elide_middle, one_line, tooltip
from keeperdb.gui.grid import Grid
from keeperdb.gui.icons import icon
from keeperdb.gui.notices import plain_label
from keeperdb.gui.result_model import ResultModel
from keeperdb.gui.search_field import SearchField
from keeperdb.query.column_names import unique_names

_WIDTH = 340
_MOST_HEIGHT = 420
_ICON = QSize(16, 16)
_NUMBER = Qt.ItemDataRole.UserRole
_NAME_CHARACTERS = 44


class ColumnPopup(QFrame):
    """Acts on `grid` at once; a check says that a column is shown, a pin that it stays in sight."""

    def __init__(self, grid: Grid, model: ResultModel) -> None:
        super().__init__(grid, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("role", "card")
        self._grid = grid
        self._model = model
        self._names = unique_names(model.columns)
        self.search = SearchField("Find a column by its name", self)
        self.list = QListWidget(self)
        self.list.setAccessibleName("Columns")
        self.list.setUniformItemSizes(True)
        self.list.setIconSize(_ICON)
        self.count = plain_label("", "muted")
        self.all_button = QPushButton("Show all columns")
        self._fill()
        self._lay_out()
        self.search.textChanged.connect(lambda _: self._filter())
        self.search.moved.connect(self._move)
        self.search.entered.connect(lambda _: self._choose())
        self.list.itemActivated.connect(lambda _: self._choose())
        self.list.itemClicked.connect(self._clicked)
        self.list.itemChanged.connect(self._changed)
        self.all_button.clicked.connect(self._show_all)
        self._filter()
        if grid.target_column >= 0:
            self.list.setCurrentRow(grid.target_column)

    def open_at(self, place: QPoint) -> None:
        """Show the list at a point of the screen, with the focus in its search."""
        self.list.setMinimumHeight(min(self.list.sizeHintForRow(0) * self.list.count() + 4, _MOST_HEIGHT // 2))
        self.resize(_WIDTH, min(self._wanted_height(), _MOST_HEIGHT))
        screen = self.screen().availableGeometry()
        self.move(min(place.x(), screen.right() - self.width()), min(place.y(), screen.bottom() - self.height()))
        self.show()
        self.search.setFocus()

    def _wanted_height(self) -> int:
        """As high as all the names need."""
        rows = self.list.sizeHintForRow(0) * self.list.count() + 2 * self.list.frameWidth()
        return self.sizeHint().height() - self.list.sizeHint().height() + max(rows, self.list.minimumHeight())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def toggle_pin(self) -> None:
        """Pin the current column, or let it scroll again."""
        item = self.list.currentItem()
        if item is not None:
            self._grid.columns.toggle_pin(item.data(_NUMBER))
            self._show_state(item)

    def _fill(self) -> None:
        for number, column in enumerate(self._model.columns):
            item = QListWidgetItem(elide_middle(one_line(self._names[number]), _NAME_CHARACTERS))
            item.setData(_NUMBER, number)
            item.setToolTip(tooltip(f"{column.name}\n{column.type_name or column.kind}"))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            self.list.addItem(item)
            self._show_state(item)

    def _show_state(self, item: QListWidgetItem) -> None:
        number = item.data(_NUMBER)
        self.list.blockSignals(True)
        item.setCheckState(_checked(not self._grid.isColumnHidden(number)))
        item.setIcon(icon("pin", "accent") if self._grid.columns.is_pinned(number) else _no_icon())
        self.list.blockSignals(False)

    def _filter(self) -> None:
        """Names that begin with the text come first to be chosen; those that have it elsewhere stay too."""
        text = self.search.text().lower()
        first: tuple[int, QListWidgetItem] | None = None
        shown = 0
        for row in range(self.list.count()):
            item = self.list.item(row)
            place = self._names[row].lower().find(text)
            item.setHidden(place < 0)
            shown += place >= 0
            if place >= 0 and (first is None or (place == 0) > (first[0] == 0)):
                first = (place, item)
        self.list.setCurrentItem(first[1] if first is not None else None)  # type: ignore[arg-type]
        self.count.setText(f"{shown:,} of {self.list.count():,} columns")

    def _move(self, rows: int) -> None:
        step, row = (1 if rows > 0 else -1), self.list.currentRow()
        while 0 <= row + step < self.list.count():
            row += step
            item = self.list.item(row)
            if item is not None and not item.isHidden():
                self.list.setCurrentRow(row)
                return

    def _choose(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            number = int(item.data(_NUMBER))
            self.close()
            self._grid.go_to_column(number)
            self._grid.setFocus()

    def _clicked(self, item: QListWidgetItem) -> None:
        """A click on the box has changed it already; the list stays open, so that more can be hidden."""
        self.list.setCurrentItem(item)

    def _changed(self, item: QListWidgetItem) -> None:
        number = item.data(_NUMBER)
        if item.checkState() == Qt.CheckState.Checked:
            self._grid.columns.show(number)
        else:
            self._grid.columns.hide(number)
        self._show_state(item)  # the last column stays

    def _show_all(self) -> None:
        self._grid.columns.show_all()
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item is not None:
                self._show_state(item)

    def _lay_out(self) -> None:
        go, pin = QPushButton("Go"), QPushButton("Pin or unpin")
        go.setToolTip("Go to the column (Enter)")
        go.clicked.connect(self._choose)
        pin.clicked.connect(self.toggle_pin)
        foot = QHBoxLayout()
        foot.addWidget(self.all_button)
        foot.addStretch(1)
        foot.addWidget(pin)
        foot.addWidget(go)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        column.addWidget(self.count)
        column.addLayout(foot)


def _no_icon() -> QIcon:
    """Takes the room of an icon, so that all names begin at one place."""
    blank = QPixmap(_ICON)
    blank.fill(Qt.GlobalColor.transparent)
    return QIcon(blank)


def _checked(is_checked: bool) -> Qt.CheckState:
    return Qt.CheckState.Checked if is_checked else Qt.CheckState.Unchecked


def popup_place(widget: QWidget) -> QPoint:
    """Below the upper left corner of a widget, on the screen."""
    return widget.mapToGlobal(QPoint(24, 32))
