"""The filter over a table: lines of column, operator and value, joined by all or any, and a condition in SQL."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent, Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from keeperdb.data.edit_paste import value_from
from keeperdb.data.row_filters import Condition, Operator, RowFilter
from keeperdb.gui.cell_text import elide_middle, one_line
from keeperdb.gui.icons import set_icon
from keeperdb.gui.notices import plain_label
from keeperdb.gui.theme import mono_font
from keeperdb.gui.tokens import BODY
from keeperdb.query.table_shape import TableShape

_NAME_CHARACTERS = 40
_HINTS = {Operator.ONE_OF: "a, b, c", Operator.BETWEEN: "10..20"}
_UNCHECKED = (
    Operator.CONTAINS,
    Operator.LACKS,
    Operator.BEGINS,
    Operator.ENDS,
    Operator.ONE_OF,
    Operator.BETWEEN,
)


class ConditionLine(QWidget):
    """One condition. `changed` follows each choice, `applied` Enter, `removed` its cross."""

    changed = Signal()
    applied = Signal()
    removed = Signal()

    def __init__(self, shape: TableShape, dialect: str, column: str = "") -> None:
        super().__init__()
        self._shape, self._dialect = shape, dialect
        self.column = QComboBox()
        self.column.setAccessibleName("Column")
        self.column.setMinimumWidth(160)
        self.column.setMaximumWidth(240)
        for each in shape.columns:
            self.column.addItem(elide_middle(one_line(each.name), _NAME_CHARACTERS), each.name)
        self.column.setCurrentIndex(max(0, self.column.findData(column)))
        self.operator = QComboBox()
        self.operator.setAccessibleName("Operator")
        for operator in Operator:
            self.operator.addItem(operator.value, operator)
        self.value = QLineEdit()
        self.value.setAccessibleName("Value")
        self.value.setMinimumWidth(200)
        self.value.setClearButtonEnabled(True)
        self.problem = plain_label("", "danger")
        remove = QToolButton()
        set_icon(remove, "close", "muted")
        remove.setToolTip("Take this condition away")
        remove.setAccessibleName("Remove condition")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget in (self.column, self.operator, self.value, remove, self.problem):
            row.addWidget(widget)
        row.addStretch(1)
        self.column.currentIndexChanged.connect(lambda _: self._follow())
        self.operator.currentIndexChanged.connect(lambda _: self._follow())
        self.value.textChanged.connect(lambda _: self._follow())
        self.value.returnPressed.connect(self.applied)
        remove.clicked.connect(self.removed)
        self._follow()

    @property
    def condition(self) -> Condition:
        return Condition(self.column.currentData(), Operator(self.operator.currentData()), self.value.text())

    @property
    def is_valid(self) -> bool:
        return not self.problem.text()

    def _follow(self) -> None:
        """Check the value by the column's type, as it is typed."""
        operator = Operator(self.operator.currentData())
        self.value.setVisible(operator.takes_value)
        self.value.setPlaceholderText(_HINTS.get(operator, ""))
        described = self._shape.by_name[self.column.currentData()]
        found = value_from(self.value.text(), described, self._dialect)
        is_checked = operator.takes_value and operator not in _UNCHECKED and bool(self.value.text())
        self.problem.setText(found.problem if is_checked else "")
        self.changed.emit()


class FilterBuilder(QWidget):
    """`applied(RowFilter)` follows Apply and Enter; `closed` Escape, which takes the filter away."""

    applied = Signal(object)
    closed = Signal()

    def __init__(self, shape: TableShape, dialect: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shape, self._dialect = shape, dialect
        self.lines: list[ConditionLine] = []
        self.joined = QComboBox()
        self.joined.addItem("all of these hold", False)
        self.joined.addItem("any of these holds", True)
        self.joined.setAccessibleName("How conditions are joined")
        self.where = QLineEdit()
        self.where.setFont(mono_font(BODY))
        self.where.setPlaceholderText("What would stand after WHERE")
        self.where.setAccessibleName("Condition in SQL")
        self.where.returnPressed.connect(self.apply)
        self.where.hide()
        self.add_button = _button("Add condition", self.add_line)
        self.where_button = _button("SQL condition", self.toggle_where, "A condition in SQL, which holds as well")
        self.apply_button = _button("Apply", self.apply, "Read the rows that meet the conditions (Enter)")
        self.apply_button.setProperty("role", "")
        self.clear_button = _button("Show all rows", self.clear, "Take the filter away (Esc)")
        self._lay_out()

    @property
    def filter(self) -> RowFilter:
        """What is chosen, without lines that are not filled in."""
        chosen = [line.condition for line in self.lines]
        kept = tuple(each for each in chosen if each.value or not each.operator.takes_value)
        return RowFilter(kept, bool(self.joined.currentData()), "" if self.where.isHidden() else self.where.text())

    def open(self, column: str = "") -> None:
        """Show the builder with the cursor in a value, of `column` if one is given."""
        self.show()
        if not self.lines or column:
            self.add_line(column)
        self.lines[-1].value.setFocus()

    def add_line(self, column: str = "") -> ConditionLine:
        """Add a condition."""
        line = ConditionLine(self._shape, self._dialect, column)
        line.changed.connect(self._follow)
        line.applied.connect(self.apply)
        line.removed.connect(lambda: self._remove(line))
        self.lines.append(line)
        self._box.addWidget(line)
        self._follow()
        line.value.setFocus()
        return line

    def apply(self) -> None:
        """Ask for the rows that meet the conditions."""
        if all(line.is_valid for line in self.lines):
            self.applied.emit(self.filter)

    def clear(self) -> None:
        """Ask for all rows, and close."""
        for line in list(self.lines):
            self._remove(line)
        self.where.clear()
        self.where.hide()
        self.hide()
        self.applied.emit(RowFilter())
        self.closed.emit()

    def toggle_where(self) -> None:
        """Show the field for a condition in SQL, or hide it."""
        self.where.setVisible(self.where.isHidden())
        if self.where.isVisible():
            self.where.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
        else:
            super().keyPressEvent(event)

    def _remove(self, line: ConditionLine) -> None:
        self.lines.remove(line)
        self._box.removeWidget(line)
        line.deleteLater()
        self._follow()

    def _follow(self) -> None:
        self.joined.setVisible(len(self.lines) > 1)
        self.apply_button.setEnabled(all(line.is_valid for line in self.lines))

    def _lay_out(self) -> None:
        self._box = QVBoxLayout()
        self._box.setSpacing(4)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        for widget in (self.apply_button, self.add_button, self.where_button, self.joined, self.clear_button):
            foot.addWidget(widget)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(8)
        column.addLayout(self._box)
        column.addWidget(self.where)
        column.addLayout(foot)
        self._follow()


def _button(text: str, act: Callable[[], object], tip: str = "") -> QPushButton:
    button = QPushButton(text)
    button.setProperty("role", "link")
    button.setToolTip(tip)
    button.clicked.connect(lambda _checked: act())
    return button
