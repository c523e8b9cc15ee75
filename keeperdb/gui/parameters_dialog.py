"""Asks for the values of a statement's parameters, each with its type; they go to the server apart from the text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget

from keeperdb.errors import SettingsError
from keeperdb.gui.cell_text import elide_middle, one_line
from keeperdb.gui.fields import Field
from keeperdb.gui.notices import plain_label
from keeperdb.query.parameters import ParameterKind, parse_value

_WORDS = {
    ParameterKind.TEXT: "Text",
    ParameterKind.NUMBER: "Number",
    ParameterKind.DATE: "Date",
    ParameterKind.BOOLEAN: "Boolean",
    ParameterKind.NULL: "NULL",
}
_EXAMPLES = {
    ParameterKind.TEXT: "",
    ParameterKind.NUMBER: "42 or 1.50",
    ParameterKind.DATE: "2024-02-29 or 2024-02-29 13:45:00",
    ParameterKind.BOOLEAN: "true or false",
    ParameterKind.NULL: "no value",
}
_MOST_SHOWN = 8  # parameters before the list scrolls
_ROW_HEIGHT = 72


@dataclass(frozen=True, slots=True)
class Given:
    """What a person entered for one parameter, as a tab remembers it."""

    kind: ParameterKind = ParameterKind.TEXT
    text: str = ""


class ParameterRow(QWidget):
    """One parameter: its value and its type."""

    def __init__(self, name: str, given: Given) -> None:
        super().__init__()
        self.name = name
        self.kind = QComboBox()
        for each, words in _WORDS.items():
            self.kind.addItem(words, each.value)
        self.kind.setCurrentIndex(list(_WORDS).index(given.kind))
        self.kind.setAccessibleName(f"Type of {name}")
        self.text = QLineEdit(given.text)
        self.field = Field(elide_middle(one_line(name), 60), self.text)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.field, 1, Qt.AlignmentFlag.AlignTop)
        row.addWidget(Field("Type", self.kind), 0, Qt.AlignmentFlag.AlignTop)
        self.kind.currentIndexChanged.connect(lambda _: self._follow_kind())
        self.text.textEdited.connect(lambda _: self.field.set_error(""))
        self._follow_kind()

    @property
    def given(self) -> Given:
        return Given(ParameterKind(self.kind.currentData()), self.text.text())

    def value(self) -> Any:
        """Raises `SettingsError`, and says it beside the field."""
        given = self.given
        try:
            return parse_value(given.kind, given.text, self.name)
        except SettingsError as error:
            self.field.set_error(f"{error.message} {error.hint}".strip())
            raise

    def _follow_kind(self) -> None:
        kind = self.given.kind
        self.text.setEnabled(kind is not ParameterKind.NULL)
        self.text.setPlaceholderText(_EXAMPLES[kind])
        self.field.set_error("")


class ParametersDialog(QDialog):
    """`answered(values, given)` follows Run: the values by name, and what to remember. `rejected` follows Cancel."""

    answered = Signal(object, object)

    def __init__(self, parent: QWidget | None, names: Sequence[str], remembered: Mapping[str, Given]) -> None:
        super().__init__(parent)
        self.setWindowTitle("Parameters")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(480)
        self.rows = [ParameterRow(name, remembered.get(name, Given())) for name in names]
        self.run = QPushButton("Run")
        self.run.setDefault(True)
        self.run.clicked.connect(self._answer)
        cancel = QPushButton("Cancel")
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.run)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(12)
        column.addWidget(plain_label("Values for the parameters of the statement", "heading", wrap=True))
        column.addWidget(plain_label("They are sent apart from the SQL text and never become part of it.", "muted"))
        column.addWidget(self._list(), 1)
        column.addLayout(buttons)
        self.rows[0].text.setFocus()
        self.rows[0].text.selectAll()

    def _list(self) -> QWidget:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for row in self.rows:
            column.addWidget(row)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inner)
        area.setMinimumHeight(_ROW_HEIGHT * min(len(self.rows), _MOST_SHOWN))
        return area

    def _answer(self) -> None:
        values: dict[str, Any] = {}
        wrong: list[ParameterRow] = []
        for row in self.rows:
            try:
                values[row.name] = row.value()
            except SettingsError:
                wrong.append(row)
        if wrong:
            wrong[0].text.setFocus()
            return
        given = {row.name: row.given for row in self.rows}
        self.accept()
        self.answered.emit(values, given)
