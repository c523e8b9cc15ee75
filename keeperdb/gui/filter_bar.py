"""The field over a grid that keeps the rows with a text in them, or those that meet a condition on their columns."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from keeperdb.engines.blocks import Column
from keeperdb.errors import KeeperDBError
from keeperdb.gui.cell_text import elide_middle, one_line
from keeperdb.gui.icons import set_icon
from keeperdb.gui.notices import plain_label
from keeperdb.gui.search_field import SearchField
from keeperdb.query.arranging import Condition, Filter
from keeperdb.query.column_names import unique_names, written_name, written_text

_PAUSE = 150  # milliseconds without a key
_NAME_CHARACTERS = 40
_ALL_COLUMNS = "All columns"
_TEXT, _CONDITION = "Text", "Condition"
_EXAMPLE = "For example: country = 'DE' and total > 100"
_HELP = "=, <>, <, >, LIKE, ILIKE, IN (…), BETWEEN, IS NULL, AND, OR, NOT; texts in 'single quotes'"


class FilterBar(QWidget):
    """`changed(filter)` follows typing after a short pause, None for no text; `closed` follows Escape.

    A condition is told with Enter, because half of one is an error.
    """

    changed = Signal(object)
    closed = Signal()
    left = Signal()  # down to the rows
    column_chosen = Signal(object)  # its number, None for all

    def __init__(self, columns: tuple[Column, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = unique_names(columns)
        self.mode = _mode_box()
        self.field = SearchField("Filter the fetched rows", self)
        self.column = _column_box(columns)
        self._where = plain_label("in", "muted")
        self.error = plain_label("", "danger", wrap=True, selectable=True)
        self.error.hide()
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE)
        self._timer.timeout.connect(self._tell)
        self.mode.currentIndexChanged.connect(lambda _: self._change_mode())
        self.field.textChanged.connect(lambda _: self._typed())
        self.field.entered.connect(lambda _: self._tell())
        self.field.moved.connect(lambda _: self.left.emit())
        self.column.currentIndexChanged.connect(lambda _: self._choose())
        self._lay_out()
        self._show_mode()
        self.hide()

    @property
    def is_condition(self) -> bool:
        """Whether a condition is typed, not a text to look for."""
        return bool(self.mode.currentData() == _CONDITION)

    @property
    def filter(self) -> Filter | Condition | None:
        """What is typed and chosen."""
        text = self.field.text()
        if self.is_condition:
            return Condition(text) if text.strip() else None
        return Filter(text, self.column.currentData()) if text else None

    def open(self, column: int | None = None) -> None:
        """Show the bar with the focus in its field, for `column` if one is given."""
        if column is not None:
            self._set_mode(_TEXT)
            self.column.setCurrentIndex(max(0, self.column.findData(column)))
        self.show()
        self.field.setFocus()
        self.field.selectAll()

    def open_condition(self) -> None:
        """Show the bar for a condition, with what is looked for as its beginning."""
        self._set_condition(self._as_condition())
        self.show()
        self.field.setFocus()
        self.field.end(False)

    def add_condition(self, part: str) -> None:
        """Keep only rows that also meet `part`; the bar shows it, so that it can be changed."""
        before = self._as_condition()
        if part == before:
            return
        self._set_condition(f"{_enclosed(before)} and {part}" if before else part)
        self.show()
        self._tell()

    def show_filter(self, filter_: Filter | Condition | None) -> None:
        """Write a filter into the fields without telling anyone."""
        self._timer.stop()
        widgets = (self.field, self.column, self.mode)
        for widget in widgets:
            widget.blockSignals(True)
        self.field.setText(filter_.text if filter_ is not None else "")
        if filter_ is not None:
            self.mode.setCurrentIndex(self.mode.findData(_CONDITION if isinstance(filter_, Condition) else _TEXT))
        if isinstance(filter_, Filter):
            self.column.setCurrentIndex(max(0, self.column.findData(filter_.column)))
        for widget in widgets:
            widget.blockSignals(False)
        self._show_mode()

    def show_error(self, error: KeeperDBError) -> None:
        """Say under the field what is wrong with the condition."""
        self.error.setText(one_line(str(error), 400))
        self.error.show()
        self.show()
        position = getattr(error, "position", None)
        if position is not None and self.is_condition:
            self.field.setCursorPosition(position)

    def close_bar(self) -> None:
        """Take the text away, and the bar."""
        self.show_filter(None)
        self.error.hide()
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _as_condition(self) -> str:
        """What is typed, as a condition."""
        now = self.filter
        if now is None or isinstance(now, Condition):
            return now.text.strip() if now is not None else ""
        if now.column is None:
            return f"anywhere({written_text(now.text)})"
        pattern = now.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return f"{written_name(self._names[now.column])} ilike {written_text(f'%{pattern}%')}"

    def _set_condition(self, text: str) -> None:
        self.show_filter(Condition(text))

    def _set_mode(self, mode: str) -> None:
        self.mode.setCurrentIndex(self.mode.findData(mode))

    def _change_mode(self) -> None:
        self._timer.stop()
        self._show_mode()
        self.field.setFocus()
        if self.field.text() and not self.is_condition:
            self._tell()

    def _show_mode(self) -> None:
        is_condition = self.is_condition
        self.error.hide()
        self.column.setVisible(not is_condition)
        self._where.setVisible(not is_condition)
        self.field.setPlaceholderText(_EXAMPLE if is_condition else "Filter the fetched rows")
        self.field.setAccessibleName("Condition on the fetched rows" if is_condition else "Filter the fetched rows")
        self.field.setToolTip(f"{_HELP}. Enter filters" if is_condition else "")
        self.field.setMaximumWidth(16_777_215 if is_condition else 420)

    def _typed(self) -> None:
        self.error.hide()
        if not self.is_condition or not self.field.text():
            self._timer.start()

    def _choose(self) -> None:
        if self.field.text():
            self._tell()
        else:
            self.column_chosen.emit(self.column.currentData())

    def _tell(self) -> None:
        self._timer.stop()
        self.error.hide()
        self.changed.emit(self.filter)

    def _lay_out(self) -> None:
        close = QToolButton()
        set_icon(close, "close", "muted")
        close.setToolTip("Show all rows again (Esc)")
        close.setAccessibleName("Close the filter")
        close.clicked.connect(self.closed)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.mode)
        row.addWidget(self.field, 1)
        row.addWidget(self._where)
        row.addWidget(self.column)
        row.addStretch()
        row.addWidget(close)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, 6, 8, 6)
        whole.setSpacing(4)
        whole.addLayout(row)
        whole.addWidget(self.error)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)


def condition_for(name: str, texts: Sequence[str | None], *, is_number: bool) -> str:
    """The condition that a column has one of these values; None is NULL."""
    column = written_name(name)
    values = [
        text if is_number and _is_plain_number(text) else written_text(text) for text in texts if text is not None
    ]
    parts = []
    if len(values) == 1:
        parts.append(f"{column} = {values[0]}")
    elif values:
        parts.append(f"{column} in ({', '.join(values)})")
    if None in texts:
        parts.append(f"{column} is null")
    return parts[0] if len(parts) == 1 else f"({' or '.join(parts)})"


def condition_without(name: str, text: str | None, *, is_number: bool) -> str:
    """The condition that a column has another value; NULL is another value than any."""
    if text is None:
        return f"{written_name(name)} is not null"
    same = condition_for(name, [text], is_number=is_number).replace(" = ", " <> ", 1)
    return f"({same} or {written_name(name)} is null)"


def _is_plain_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdecimal() and text.isascii() and text[-1] != "."


def _enclosed(condition: str) -> str:
    return f"({condition})" if " or " in condition.lower() and not condition.startswith("(") else condition


def _mode_box() -> QComboBox:
    box = QComboBox()
    box.setAccessibleName("How rows are filtered")
    box.addItem("Contains", _TEXT)
    box.addItem("Condition", _CONDITION)
    return box


def _column_box(columns: tuple[Column, ...]) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName("Column to filter")
    box.setMaximumWidth(240)
    box.addItem(_ALL_COLUMNS, None)
    for number, column in enumerate(columns):
        box.addItem(elide_middle(one_line(column.name), _NAME_CHARACTERS) or f"column {number + 1}", number)
    return box
