"""A list of the different values of a column, most frequent first; the chosen ones become a condition."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from keeperdb.gui.cell_text import EMPTY_TEXT, elide_middle, one_line, tooltip
from keeperdb.gui.filter_bar import condition_for
from keeperdb.gui.notices import plain_label
from keeperdb.gui.runner import Runner
from keeperdb.gui.search_field import SearchField
from keeperdb.gui.theme import mono_font
from keeperdb.gui.tokens import color
from keeperdb.query.distinct_values import DistinctValues
from keeperdb.task import Task

MOST_VALUES = 1_000
_SIZE = (360, 440)
_VALUE = Qt.ItemDataRole.UserRole
_CHARACTERS = 60


class ValueFilter(QFrame):
    """`chosen(condition)` follows Enter or the button."""

    chosen = Signal(str)

    def __init__(self, name: str, null_text: str, is_number: bool, runner: Runner, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("role", "card")
        self._name = name
        self._null_text = null_text
        self._is_number = is_number
        self._runner = runner
        self._task: Task | None = None
        self._words = "Reading the values…"
        self.search = SearchField("Find a value", self)
        self.list = QListWidget(self)
        self.list.setAccessibleName("Values")
        self.list.setFont(mono_font())
        self.list.setUniformItemSizes(True)
        self.about = plain_label(self._words, "muted", wrap=True)
        self.apply_button = QPushButton("Keep these rows")
        self.apply_button.setProperty("role", "primary")
        self.apply_button.setEnabled(False)
        self._lay_out()
        self.search.textChanged.connect(lambda _: self._filter())
        self.search.moved.connect(self._move)
        self.search.entered.connect(lambda _: self._apply())
        self.list.itemActivated.connect(self._only)
        self.list.itemChanged.connect(lambda _: self._show_count())
        self.apply_button.clicked.connect(self._apply)

    def open_at(self, place: QPoint, task: Task) -> None:
        """Show the list at a point of the screen; `task` is the reading of the values, stopped when it is closed."""
        self._task = task
        self.resize(*_SIZE)
        screen = self.screen().availableGeometry()
        self.move(min(place.x(), screen.right() - self.width()), min(place.y(), screen.bottom() - self.height()))
        self.show()
        self.search.setFocus()

    def show_values(self, found: DistinctValues) -> None:
        """Fill the list."""
        self._task = None
        for each in found.values:
            words = self._null_text if each.text is None else one_line(each.text) or EMPTY_TEXT
            item = QListWidgetItem(f"{elide_middle(words, _CHARACTERS)}   ({each.rows:,})")
            item.setData(_VALUE, (each.text,))
            item.setToolTip(tooltip(one_line(each.text or words)))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Unchecked)
            if not each.text:
                font = self.list.font()
                font.setItalic(True)
                item.setFont(font)
                item.setForeground(color("null"))
            self.list.addItem(item)
        more = found.count - len(found.values)
        self._words = f"{found.count:,} different values" + (f"; {more:,} are not listed" if more else "")
        self._filter()

    def hideEvent(self, event: QHideEvent) -> None:
        if self._task is not None:
            self._runner.cancel(self._task)
            self._task = None
        super().hideEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def _items(self) -> list[QListWidgetItem]:
        found = (self.list.item(row) for row in range(self.list.count()))
        return [item for item in found if item is not None]

    def _checked(self) -> list[QListWidgetItem]:
        return [item for item in self._items() if item.checkState() == Qt.CheckState.Checked]

    def _filter(self) -> None:
        text = self.search.text().lower()
        first = None
        for item in self._items():
            value = item.data(_VALUE)[0]
            is_met = text in (value.lower() if value is not None else self._null_text.lower())
            item.setHidden(not is_met)
            first = item if first is None and is_met else first
        self.list.setCurrentItem(first)  # type: ignore[arg-type]
        self._show_count()

    def _show_count(self) -> None:
        checked = len(self._checked())
        self.apply_button.setEnabled(checked > 0 or self.list.currentItem() is not None)
        self.about.setText(f"{self._words} · {checked:,} chosen" if checked else self._words)

    def _move(self, rows: int) -> None:
        step, row = (1 if rows > 0 else -1), self.list.currentRow()
        while 0 <= row + step < self.list.count():
            row += step
            item = self.list.item(row)
            if item is not None and not item.isHidden():
                self.list.setCurrentRow(row)
                return

    def _only(self, item: QListWidgetItem) -> None:
        """Enter on a value takes that one alone, unless some are checked."""
        if not self._checked():
            self._finish([item])
        else:
            self._apply()

    def _apply(self) -> None:
        current = self.list.currentItem()
        chosen = self._checked() or ([current] if current is not None and not current.isHidden() else [])
        if chosen:
            self._finish(chosen)

    def _finish(self, items: list[QListWidgetItem]) -> None:
        texts = [item.data(_VALUE)[0] for item in items]
        self.close()
        self.chosen.emit(condition_for(self._name, texts, is_number=self._is_number))

    def _lay_out(self) -> None:
        foot = QHBoxLayout()
        foot.addWidget(self.about, 1)
        foot.addWidget(self.apply_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        column.addLayout(foot)
