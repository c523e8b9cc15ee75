"""The snippets: a list at the left, the one that is chosen at the right; changed, removed, shared as a file."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from keeperdb.errors import KeeperDBError
from keeperdb.gui.cell_text import one_line, tooltip
from keeperdb.gui.notices import plain_label, show_error, show_notice
from keeperdb.gui.snippet_shelf import SnippetShelf
from keeperdb.gui.theme import mono_font
from keeperdb.query.snippets import BUILT_IN, Snippet, is_abbreviation

_SIZE = (760, 520)
_LIST = 240  # pixels
_HELP = (
    "Type the abbreviation in the editor and press Tab. In the text, ${1:table} is filled in first, then ${2:column}; "
    "places of one number change together, $0 is where the caret ends, and $$ is a dollar sign."
)
_FILES = "Snippets (*.json);;All files (*)"


class SnippetDialog(QDialog):
    """Works on `shelf`; with a `text` it begins with a new snippet of that text."""

    def __init__(self, shelf: SnippetShelf, parent: QWidget | None = None, text: str = "") -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Snippets")
        self.resize(*_SIZE)
        self._shelf = shelf
        self._edited = ""  # the abbreviation of the snippet that the fields came from
        self.list = QListWidget()
        self.list.setAccessibleName("Snippets")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.abbreviation = QLineEdit()
        self.description = QLineEdit()
        self.text = QPlainTextEdit()
        self.text.setFont(mono_font())
        self.text.setAccessibleName("Text")
        self.text.setTabChangesFocus(True)
        self.said = plain_label("", "danger", wrap=True)
        self.save_button = _button("Save snippet", self.save)
        self.save_button.setDefault(True)
        self.save_button.setProperty("role", "primary")
        self.save_button.setMinimumWidth(self.save_button.sizeHint().width() + 16)
        self.new_button = _button("New", lambda: self.begin(""))
        self.remove_button = _button("Remove", self.remove)
        self.import_button = _button("Import…", self.choose_import)
        self.export_button = _button("Export…", self.choose_export)
        self._lay_out()
        self.list.currentItemChanged.connect(lambda *_: self._show_current())
        shelf.changed.connect(self._fill)
        self._fill()
        if text:
            self.begin(text)
        else:
            self.list.setCurrentRow(0)

    def begin(self, text: str) -> None:
        """Empty the fields for a new snippet; dollar signs of `text` stay what they are."""
        self.list.setCurrentRow(-1)
        self._put(Snippet("", text.replace("$", "$$")))
        self.abbreviation.setFocus()

    def save(self) -> None:
        """Keep what is in the fields, in the place of the snippet that they came from."""
        snippet = Snippet(self.abbreviation.text().strip(), self.text.toPlainText(), self.description.text().strip())
        problem = self._problem(snippet)
        self.said.setText(problem)
        if problem:
            return
        own = [each for each in self._shelf.own if each.abbreviation not in (self._edited, snippet.abbreviation)]
        self._edited = snippet.abbreviation
        self._shelf.keep([*own, snippet], self._refuse)
        show_notice(self, f"“{snippet.abbreviation}” saved", "success", seconds=3)

    def remove(self) -> None:
        """Remove the chosen snippet; a built-in one of its abbreviation comes back."""
        before = list(self._shelf.own)
        name = self._edited
        self._edited = ""
        self._shelf.keep([each for each in before if each.abbreviation != name], self._refuse)
        show_notice(
            self, f"“{name}” removed", action=("Undo", lambda: self._shelf.keep(before, self._refuse)), seconds=15
        )

    def choose_import(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Import snippets", "", _FILES)
        if path:
            self._shelf.read_file(Path(path), self._import, self._refuse)

    def choose_export(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Export snippets", "snippets.json", _FILES)
        if path:
            self._shelf.write_file(
                Path(path), lambda _: show_notice(self, f"Written to {path}", "success"), self._refuse
            )

    def _import(self, found: list[Snippet]) -> None:
        before = list(self._shelf.own)
        names = {each.abbreviation for each in found}
        self._shelf.keep([*(each for each in before if each.abbreviation not in names), *found], self._refuse)
        words = "1 snippet" if len(names) == 1 else f"{len(names):,} snippets"
        show_notice(self, f"{words} imported", action=("Undo", lambda: self._shelf.keep(before, self._refuse)))

    def _problem(self, snippet: Snippet) -> str:
        if not is_abbreviation(snippet.abbreviation):
            return "Enter an abbreviation of up to 40 letters, digits and _."
        if not snippet.text.strip():
            return "Enter the text that is written."
        is_taken = snippet.abbreviation != self._edited and any(
            each.abbreviation == snippet.abbreviation for each in self._shelf.own
        )
        return f"There is a snippet “{snippet.abbreviation}” already. Choose another abbreviation." if is_taken else ""

    def _fill(self) -> None:
        """Show the list anew; the row of the snippet in the fields stays chosen."""
        own = {each.abbreviation for each in self._shelf.own}
        self.list.blockSignals(True)
        self.list.clear()
        for snippet in self._shelf.all:
            words = " · ".join(
                part
                for part in (
                    snippet.abbreviation,
                    one_line(snippet.description),
                    "" if snippet.abbreviation in own else "built in",
                )
                if part
            )
            item = QListWidgetItem(words)
            item.setToolTip(tooltip(words))
            item.setData(Qt.ItemDataRole.UserRole, snippet)
            self.list.addItem(item)
            if snippet.abbreviation == self._edited:
                self.list.setCurrentItem(item)
        self.list.blockSignals(False)
        self._show_available()

    def _show_current(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self._put(item.data(Qt.ItemDataRole.UserRole))

    def _put(self, snippet: Snippet) -> None:
        self._edited = snippet.abbreviation
        self.abbreviation.setText(snippet.abbreviation)
        self.description.setText(snippet.description)
        self.text.setPlainText(snippet.text)
        self.said.setText("")
        self._show_available()

    def _show_available(self) -> None:
        own = {each.abbreviation for each in self._shelf.own}
        is_built_in = self._edited in {each.abbreviation for each in BUILT_IN}
        self.remove_button.setEnabled(self._edited in own)
        self.remove_button.setText("Reset" if is_built_in and self._edited in own else "Remove")
        self.remove_button.setToolTip("" if self._edited in own else "Built-in snippets can be changed, not removed")
        self.export_button.setEnabled(bool(own))
        self.export_button.setToolTip("" if own else "There are no snippets of your own yet")

    def _refuse(self, error: KeeperDBError) -> None:
        show_error(self, error)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setSpacing(8)
        form.addRow("Abbreviation", self.abbreviation)
        form.addRow("Description", self.description)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addLayout(form)
        right.addWidget(self.text, 1)
        right.addWidget(plain_label(_HELP, "muted", wrap=True))
        right.addWidget(self.said)
        both = QHBoxLayout()
        both.setSpacing(12)
        self.list.setFixedWidth(_LIST)
        both.addWidget(self.list)
        both.addLayout(right, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.new_button, self.remove_button, self.import_button, self.export_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.save_button)
        buttons.addWidget(_button("Close", self.close))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addLayout(both, 1)
        column.addLayout(buttons)


def _button(text: str, act: Callable[[], object]) -> QPushButton:
    button = QPushButton(text)
    button.setAutoDefault(False)
    button.clicked.connect(lambda _checked: act())
    return button
