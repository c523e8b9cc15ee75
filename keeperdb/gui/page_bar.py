"""The bar over the rows of a table: pages, refresh, filter, new row, how many rows there may be, and the key."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QToolButton, QWidget

from keeperdb.gui.actions import describe_button
from keeperdb.gui.elided_label import ElidedLabel
from keeperdb.gui.icons import set_icon
from keeperdb.gui.notices import plain_label
from keeperdb.gui.strips import small_label

SIZES = (100, 200, 500, 1_000, 5_000, 10_000)


class PageBar(QWidget):
    """`asked(id)` follows a button that stands for that action; `size_chosen(rows)` a choice of the page size."""

    asked = Signal(str)
    size_chosen = Signal(int)

    def __init__(self, size: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.first = self._button("page-first", "data.first_page")
        self.previous = self._button("chevron-left", "data.previous_page")
        self.next = self._button("chevron-right", "data.next_page")
        self.last = self._button("page-last", "data.last_page")
        self.refresh = self._button("refresh", "data.refresh")
        self.filter = self._button("filter", "data.filter")
        self.add = self._button("plus", "data.add_row")
        self.delete = self._button("trash", "data.delete_rows")
        self.key = QPushButton("Choose key…")
        self.key.setProperty("role", "link")
        describe_button(self.key, "data.choose_key")
        self.key.clicked.connect(lambda _checked: self.asked.emit("data.choose_key"))
        self.key.hide()
        self.size_box = QComboBox()
        self.size_box.setAccessibleName("Rows of a page")
        self.size_box.setToolTip("Rows of a page")
        for rows in sorted({*SIZES, size}):
            self.size_box.addItem(f"{rows:,}", rows)
        self.size_box.setCurrentIndex(self.size_box.findData(size))
        self.size_box.activated.connect(lambda _: self.size_chosen.emit(self.size_box.currentData()))
        self.estimate = small_label("Rows of the table")
        self.locked = ElidedLabel("Why rows cannot be edited")
        self._lay_out()

    def show_size(self, rows: int) -> None:
        """Choose a page size without telling anyone; one that is not in the list is added."""
        if self.size_box.findData(rows) < 0:
            self.size_box.addItem(f"{rows:,}", rows)
        self.size_box.setCurrentIndex(self.size_box.findData(rows))

    def show_place(self, *, has_before: bool, has_after: bool, is_busy: bool) -> None:
        """Which pages there are."""
        for button, is_there in ((self.first, has_before), (self.previous, has_before)):
            button.setEnabled(is_there and not is_busy)
        for button in (self.next, self.last):
            button.setEnabled(has_after and not is_busy)
        self.refresh.setEnabled(not is_busy)

    def show_table(self, rows: int | None, locked: str, *, can_insert: bool, needs_key: bool) -> None:
        """What is known of the table without counting."""
        self.estimate.setText("" if rows is None else f"about {rows:,} rows in the table")
        self.locked.setText(locked)
        self.locked.setToolTip(locked)
        self.key.setVisible(needs_key)
        self.add.setEnabled(can_insert)
        self.delete.setEnabled(can_insert)

    def _button(self, name: str, action_id: str) -> QToolButton:
        button = QToolButton()
        set_icon(button, name)
        describe_button(button, action_id)
        button.clicked.connect(lambda _checked: self.asked.emit(action_id))
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 12, 4)
        row.setSpacing(4)
        for widget in (self.refresh, self.filter, self.add, self.delete):
            row.addWidget(widget)
        row.addSpacing(12)
        row.addWidget(self.locked, 1)
        row.addWidget(self.key)
        row.addWidget(self.estimate)
        row.addSpacing(8)
        row.addWidget(plain_label("Rows of a page", "muted"))
        row.addWidget(self.size_box)
        for widget in (self.first, self.previous, self.next, self.last):
            row.addWidget(widget)
