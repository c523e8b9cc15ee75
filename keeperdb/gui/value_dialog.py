"""One value in full, read-only, in a window that does not block."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from keeperdb.gui.cell_text import ShownCells, elide_middle, one_line
from keeperdb.gui.notices import plain_label
from keeperdb.gui.runner import Runner
from keeperdb.gui.theme import mono_font
from keeperdb.gui.value_text import FIRST_CHARACTERS, MOST_CHARACTERS, Form, ShownValue, about, forms, shown_value

_EMPTY_WORDS = {None: "NULL: there is no value", "": "Empty text"}


class ValueDialog(QDialog):
    """Shows the cell at `row` and `column`; NULL and the empty text are said in words.

    The beginning of a long value is shown at once; all of it, and JSON in order, are made in the background.
    """

    def __init__(
        self, result: ShownCells, row: int, column: int, runner: Runner, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._runner = runner
        self._column = (result.columns or ())[column]
        self._text = result.text(row, column)
        self._limit = FIRST_CHARACTERS
        self._asked = 0  # times that the text was made; an older one that comes late is not shown
        self.setWindowTitle(f"{elide_middle(one_line(self._column.name), 60)}, row {row + 1:,}")
        self.view = QPlainTextEdit(self, readOnly=True)
        self.view.setFont(mono_font())
        self.view.setAccessibleName("Value")
        self.view.setPlaceholderText(_EMPTY_WORDS.get(self._text, ""))
        self.about = plain_label(about(self._text, self._column), "muted", selectable=True)
        self.form = self._form_box()
        self.rest = plain_label("", "muted")
        self._lay_out()
        self._make()

    def copy(self) -> None:
        """Put the whole value on the clipboard, exactly as it is."""
        QGuiApplication.clipboard().setText(self._text or "")

    def show_all(self) -> None:
        """Show what was left out, as far as the window can hold it."""
        self._limit = MOST_CHARACTERS
        self._make()

    def _make(self) -> None:
        """Make the text of the chosen form: a short one at once, a long one in the background."""
        self._asked += 1
        if self._text is None:
            self._show(self._asked, ShownValue("", is_cut=False))
            return
        text, column, form, limit, number = self._text, self._column, self._chosen(), self._limit, self._asked
        if len(text) <= FIRST_CHARACTERS or (form is Form.TEXT and limit == FIRST_CHARACTERS):
            self._show(number, shown_value(text, column, form, limit))
            return
        self.rest.setText("Preparing…")
        self._runner.start(
            lambda _: shown_value(text, column, form, limit), owner=self, done=lambda shown: self._show(number, shown)
        )

    def _show(self, number: int, shown: ShownValue) -> None:
        if number != self._asked:
            return
        self.view.setPlainText(shown.text)
        self.all_button.setVisible(shown.is_cut and self._limit < MOST_CHARACTERS)
        self.rest.setText("Only the beginning is shown; Copy takes all of it" if shown.is_cut else "")

    def _chosen(self) -> Form:
        return Form(self.form.currentData())

    def _form_box(self) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName("Shown as")
        for form in forms(self._text, self._column):
            box.addItem(form.value, form.value)
        box.setVisible(box.count() > 1)
        box.currentIndexChanged.connect(lambda _: self._make())
        return box

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.about, 1)
        head.addWidget(self.form)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.view, 1)
        foot = QHBoxLayout()
        foot.addWidget(self.rest)
        foot.addWidget(self._buttons(), 1)
        layout.addLayout(foot)
        self.resize(680, 460)

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.all_button = buttons.addButton("Show all", QDialogButtonBox.ButtonRole.ActionRole)
        self.all_button.clicked.connect(self.show_all)
        copy = buttons.addButton("Copy", QDialogButtonBox.ButtonRole.ActionRole)
        copy.setEnabled(self._text is not None)
        copy.clicked.connect(self.copy)
        buttons.button(QDialogButtonBox.StandardButton.Close).setDefault(True)
        buttons.rejected.connect(self.close)
        return buttons
