"""The field over a grid that keeps the rows with a text in them, in one column or in any."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from keeperdb.engines.blocks import Column
from keeperdb.gui.cell_text import elide_middle, one_line
from keeperdb.gui.icons import set_icon
from keeperdb.gui.notices import plain_label
from keeperdb.gui.search_field import SearchField
from keeperdb.query.arranging import Filter

_PAUSE = 150  # milliseconds without a key
_NAME_CHARACTERS = 40
_ALL_COLUMNS = "All columns"


class FilterBar(QWidget):
    """`changed(filter)` follows typing after a short pause, None for no text; `closed` follows Escape."""

    changed = Signal(object)
    closed = Signal()
    left = Signal()  # down to the rows
    column_chosen = Signal(object)  # its number, None for all

    def __init__(self, columns: tuple[Column, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = SearchField("Filter the fetched rows", self)
        self.column = _column_box(columns)
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._timer.timeout.connect(self._tell)
        self.field.textChanged.connect(lambda _: self._timer.start())
        self.field.entered.connect(lambda _: self._tell())
        self.field.moved.connect(lambda _: self.left.emit())
        self.column.currentIndexChanged.connect(lambda _: self._choose())
        self._lay_out()
        self.hide()

    @property
    def filter(self) -> Filter | None:
        """What is typed and chosen."""
        text = self.field.text()
        return Filter(text, self.column.currentData()) if text else None

    def open(self, column: int | None = None) -> None:
        """Show the bar with the focus in its field, for `column` if one is given."""
        if column is not None:
            self.column.setCurrentIndex(max(0, self.column.findData(column)))
        self.show()
        self.field.setFocus()
        self.field.selectAll()

    def show_filter(self, filter_: Filter | None) -> None:
        """Write a filter into the fields without telling anyone."""
        self._timer.stop()
        for widget in (self.field, self.column):
            widget.blockSignals(True)
        self.field.setText(filter_.text if filter_ is not None else "")
        if filter_ is not None:
            self.column.setCurrentIndex(max(0, self.column.findData(filter_.column)))
        for widget in (self.field, self.column):
            widget.blockSignals(False)

    def close_bar(self) -> None:
        """Take the text away, and the bar."""
        self.show_filter(None)
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _choose(self) -> None:
        if self.field.text():
            self._tell()
        else:
            self.column_chosen.emit(self.column.currentData())

    def _tell(self) -> None:
        self._timer.stop()
        self.changed.emit(self.filter)

    def _lay_out(self) -> None:
        self.field.setMaximumWidth(420)
        close = QToolButton()
        set_icon(close, "close", "muted")
        close.setToolTip("Show all rows again (Esc)")
        close.setAccessibleName("Close the filter")
        close.clicked.connect(self.closed)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(self.field, 1)
        row.addWidget(plain_label("in", "muted"))
        row.addWidget(self.column)
        row.addStretch(1)
        row.addWidget(close)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)


def _column_box(columns: tuple[Column, ...]) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName("Column to filter")
    box.setMaximumWidth(240)
    box.addItem(_ALL_COLUMNS, None)
    for number, column in enumerate(columns):
        box.addItem(elide_middle(one_line(column.name), _NAME_CHARACTERS) or f"column {number + 1}", number)
    return box
