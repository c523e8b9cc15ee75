"""Asks before a statement that destroys: names the operation on its button; the safe answer is the default one."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from keeperdb.gui.cell_text import elide_middle, one_line, tooltip
from keeperdb.gui.fields import Field
from keeperdb.gui.notices import IconLabel, plain_label
from keeperdb.gui.text_position import to_units
from keeperdb.gui.theme import mono_font
from keeperdb.gui.tokens import color
from keeperdb.query.safety import ConfirmationRequired

_BUTTON_CHARACTERS = 48
_TITLE_CHARACTERS = 120
_STATEMENT_CHARACTERS = 20_000  # more is not read before a click
_QUOTES = "\"'`[]"


class ConfirmDialog(QDialog):
    """`confirmed` follows the button that names the operation; `rejected` Cancel and Escape."""

    confirmed = Signal()

    def __init__(self, parent: QWidget | None, error: ConfirmationRequired, environment: str = "") -> None:
        super().__init__(parent)
        self.setWindowTitle("Confirm")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(520)
        self._error = error
        self.expected = _expected(error, environment)
        self.typed = QLineEdit()
        self.field = Field(f"Type {one_line(self.expected)} to go on", self.typed)
        self.field.setVisible(error.is_typed)
        self.statement = _statement(error)
        self.action = QPushButton(_action(error))
        self.action.setProperty("role", "danger")
        self.action.setToolTip(tooltip("; ".join(operation.in_words for operation in error.operations)))
        self.action.setAutoDefault(False)
        self.action.setEnabled(not error.is_typed)
        self.action.clicked.connect(self._confirm)
        self.keep = QPushButton("Cancel")
        self.keep.setDefault(True)
        self.keep.clicked.connect(self.reject)
        self.typed.textEdited.connect(lambda _: self.action.setEnabled(self._is_typed()))
        self._lay_out(environment)
        (self.typed if error.is_typed else self.keep).setFocus()

    def _is_typed(self) -> bool:
        return not self._error.is_typed or _bare(self.typed.text()) == _bare(self.expected)

    def _confirm(self) -> None:
        if self._is_typed():
            self.accept()
            self.confirmed.emit()

    def _lay_out(self, environment: str) -> None:
        title = elide_middle(one_line("; ".join(each.in_words for each in self._error.operations)), _TITLE_CHARACTERS)
        self.heading = plain_label(f"{title or 'Change data'}?", "heading", wrap=True, selectable=True)
        self.detail = plain_label(_detail(self._error, environment), wrap=True, selectable=True)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.heading)
        words.addWidget(self.detail)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(IconLabel("warning", "warning", 24), 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.action)
        buttons.addWidget(self.keep)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(12)
        column.addLayout(top)
        column.addWidget(self.statement)
        column.addWidget(self.field)
        column.addLayout(buttons)


def _action(error: ConfirmationRequired) -> str:
    """`Delete all rows of customer`; several are counted."""
    if not error.operations:
        return "Run it"
    if len(error.operations) > 1:
        return f"Run all {len(error.operations)} operations"
    return elide_middle(one_line(error.operations[0].in_words), _BUTTON_CHARACTERS).replace("&", "&&")


def _detail(error: ConfirmationRequired, environment: str) -> str:
    rows = ""
    if error.rows is not None:
        count = "1 row" if error.rows == 1 else f"{error.rows:,} rows"
        rows = f"About {count}, by the server's own estimate."
    elif any(operation.is_rows for operation in error.operations):
        rows = "The server has no estimate of the rows."
    place = f"The connection is marked as {environment}." if environment else ""
    return " ".join(part for part in (place, rows) if part)


def _expected(error: ConfirmationRequired, environment: str) -> str:
    """What has to be typed: the name of what goes, or where it happens."""
    return error.tables[0] if error.tables else environment or "confirm"


def _bare(name: str) -> str:
    return "".join(sign for sign in name.strip() if sign not in _QUOTES)


def _statement(error: ConfirmationRequired) -> QPlainTextEdit:
    """The statement as it is, with what destroys marked."""
    text = error.statement[:_STATEMENT_CHARACTERS]
    view = QPlainTextEdit(text)
    view.setReadOnly(True)
    view.setFont(mono_font())
    view.setAccessibleName("Statement")
    view.setTabChangesFocus(True)
    view.setFixedHeight(min(220, 32 + 20 * (1 + text.count("\n") + len(text) // 70)))
    marks = []
    for operation in error.operations:
        mark = QTextEdit.ExtraSelection()
        mark.format = QTextCharFormat()
        mark.format.setBackground(color("deleted"))
        mark.cursor = QTextCursor(view.document())
        mark.cursor.setPosition(to_units(text, min(operation.start, len(text))))
        mark.cursor.setPosition(to_units(text, min(operation.end, len(text))), QTextCursor.MoveMode.KeepAnchor)
        marks.append(mark)
    view.setExtraSelections(marks)
    if marks:
        caret = QTextCursor(view.document())
        caret.setPosition(marks[0].cursor.selectionStart())
        view.setTextCursor(caret)
    return view
