"""The value of the current cell beside the rows: text, JSON, XML, a dump or a picture; read when it is looked at."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QTreeWidget,
    QVBoxLayout,
    QWidget,
)

from keeperdb.engines.blocks import Column
from keeperdb.errors import KeeperDBError
from keeperdb.gui.cell_text import ShownCells, elide_middle, one_line
from keeperdb.gui.icons import set_icon
from keeperdb.gui.notices import plain_label, show_notice
from keeperdb.gui.runner import Runner
from keeperdb.gui.theme import mono_font
from keeperdb.gui.value_content import (
    Content,
    ContentForm,
    SeenValue,
    bytes_of,
    content_of,
    look_at,
    save_value,
)
from keeperdb.gui.value_tree import fill_tree
from keeperdb.task import Task

_NARROWEST = 240  # pixels
_EMPTY_WORDS = {None: "NULL: there is no value", "": "Empty text"}


class ValuePanel(QWidget):
    """Reads a value when it is shown; what takes long is made in the background. No value is ever taken for HTML."""

    closed = Signal()

    def __init__(self, runner: Runner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._task: Task | None = None
        self._text: str | None = None
        self._column: Column | None = None
        self._takes_all = False
        self._image: QImage | None = None
        self.title = plain_label("Value", "")
        self.about = plain_label("", "muted", wrap=True, selectable=True)
        self.form = QComboBox()
        self.view = QPlainTextEdit(self, readOnly=True)
        self.tree = QTreeWidget(self)
        self.picture = QLabel(self, alignment=Qt.AlignmentFlag.AlignCenter)
        self.pages = QStackedWidget(self)
        self.rest = plain_label("", "muted", wrap=True)
        self.all_button = QPushButton("Load all")
        self.copy_button = QPushButton("Copy")
        self.save_button = QPushButton("Save…")
        self.close_button = QToolButton()
        self._configure()
        self._lay_out()
        self.clear()

    def show_masked(self) -> None:
        """Privacy mode masks the column of the cell."""
        self.clear()
        self.about.setText("Privacy mode masks this column.")

    def clear(self) -> None:
        """Nothing is selected."""
        self._forget()
        self._text, self._column = None, None
        self.title.setText("Value")
        self.about.setText("Select a cell to see its value.")
        self._show_text("", "")
        self.rest.setText("")
        for widget in (self.form, self.all_button):
            widget.hide()
        self.copy_button.setEnabled(False)
        self.save_button.setEnabled(False)

    def show_cell(self, cells: ShownCells, row: int, column: int) -> None:
        """Show a cell. It is read in the background, because a value may be of many megabytes."""
        self._forget()
        name = (cells.columns or ())[column].name
        self.title.setText(f"{elide_middle(one_line(name), 40)}, row {row + 1:,}")
        task = self._runner.start(
            lambda _: look_at(cells, row, column), owner=self, done=lambda seen: self._seen(task, seen)
        )
        self._task = task

    def load_all(self) -> None:
        """Show what was left out, as far as the panel can hold it."""
        self._takes_all = True
        self._make()

    def copy(self) -> None:
        """Put the whole value on the clipboard: a picture that is shown as one, else its exact text."""
        clipboard = QGuiApplication.clipboard()
        if self._image is not None and self.pages.currentWidget() is self.picture:
            clipboard.setImage(self._image)
        else:
            clipboard.setText(self._text or "")

    def ask_file(self) -> None:
        """Ask where to, then write the value there: bytes as they are, text in UTF-8."""
        if self._text is None or self._column is None:
            return
        path, _ = QFileDialog.getSaveFileName(self, "Save value", "value.bin" if self._is_binary() else "value.txt")
        if path:
            self.save(Path(path))

    def save(self, path: Path) -> None:
        """Write the whole value to `path` in the background."""
        text, column = self._text, self._column
        if text is None or column is None:
            return
        self._runner.start(
            lambda _: save_value(path, bytes_of(text, column)),
            owner=self,
            done=lambda size: show_notice(self, f"{size:,} bytes written to {path.name}", "success"),
            failed=lambda error: show_notice(self, str(error), "error"),
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_picture()

    def _seen(self, task: Task, seen: SeenValue) -> None:
        if task is not self._task:
            return
        self._text, self._column, self._takes_all = seen.text, seen.column, False
        self.about.setText(seen.about)
        self.copy_button.setEnabled(seen.text is not None)
        self.save_button.setEnabled(seen.text is not None)
        self._fill_forms(seen.forms)
        self._make()

    def _forget(self) -> None:
        """Stop what is being made, and give back a picture."""
        if self._task is not None:
            self._runner.cancel(self._task)
            self._task = None
        self._image = None

    def _is_binary(self) -> bool:
        return isinstance(self._text, str) and self._column is not None and self._text[:2] == "0x"

    def _fill_forms(self, forms: Sequence[ContentForm]) -> None:
        self.form.blockSignals(True)
        before = self.form.currentData()
        self.form.clear()
        for form in forms:
            self.form.addItem(form.value, form.value)
        if before is not None and self.form.findData(before) > 0 and before == ContentForm.HEX.value:
            self.form.setCurrentIndex(self.form.findData(before))  # a person who reads dumps goes on reading them
        self.form.blockSignals(False)
        self.form.setVisible(self.form.count() > 1)

    def _make(self) -> None:
        self._forget()
        text, column = self._text, self._column
        if text is None or text == "" or column is None:
            self._show_text("", _EMPTY_WORDS[text] if text is None or text == "" else "")
            self.all_button.hide()
            self.rest.setText("")
            return
        form, takes_all = ContentForm(self.form.currentData()), self._takes_all
        self.rest.setText("Preparing…")
        task = self._runner.start(
            lambda task: content_of(text, column, form, takes_all=takes_all, task=task),
            owner=self,
            done=lambda content: self._done(task, content),
            failed=lambda error: self._fail(task, error),
        )
        self._task = task

    def _done(self, task: Task, content: Content) -> None:
        if task is not self._task:
            return
        self._task = None
        self.rest.setText(content.note)
        self.all_button.setVisible(content.is_cut and not self._takes_all)
        if content.image is not None:
            self._image = content.image
            self.pages.setCurrentWidget(self.picture)
            self._fit_picture()
        elif content.tree is not None:
            fill_tree(self.tree, content.tree)
            self.pages.setCurrentWidget(self.tree)
        else:
            self._show_text(content.text, "")

    def _fail(self, task: Task, error: KeeperDBError) -> None:
        if task is self._task:
            self._task = None
            self.rest.setText(str(error))
            self._show_text("", "")

    def _show_text(self, text: str, words: str) -> None:
        self.view.setPlaceholderText(words)
        self.view.setPlainText(text)
        self.pages.setCurrentWidget(self.view)

    def _fit_picture(self) -> None:
        if self._image is None:
            self.picture.clear()
            return
        ratio = self.devicePixelRatioF()
        room = self.pages.size() * ratio
        image = self._image
        if image.width() > room.width() or image.height() > room.height():
            image = image.scaled(room, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
        pixmap = QPixmap.fromImage(image)
        pixmap.setDevicePixelRatio(ratio)
        self.picture.setPixmap(pixmap)

    def _configure(self) -> None:
        self.setMinimumWidth(_NARROWEST)
        self.setAccessibleName("Value panel")
        self.form.setAccessibleName("Shown as")
        self.form.currentIndexChanged.connect(lambda _: self._make())
        self.view.setFont(mono_font())
        self.view.setAccessibleName("Value")
        self.view.setProperty("role", "paper")
        self.view.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self.tree.setHeaderLabels(["Name", "Value"])
        self.tree.setAccessibleName("Value as a tree")
        self.tree.setUniformRowHeights(True)
        self.tree.setFont(mono_font())
        self.picture.setAccessibleName("Picture")
        self.picture.setTextFormat(Qt.TextFormat.PlainText)
        self.picture.setMinimumSize(QSize(1, 1))
        for page in (self.view, self.tree, self.picture):
            self.pages.addWidget(page)
        set_icon(self.close_button, "close", "muted")
        self.close_button.setAccessibleName("Close the value panel")
        self.close_button.setToolTip("Close the value panel")
        self.close_button.clicked.connect(self.closed)
        self.all_button.setToolTip("Show the whole value, as far as it can be shown")
        self.all_button.clicked.connect(self.load_all)
        self.copy_button.setToolTip("Copy the whole value")
        self.copy_button.clicked.connect(self.copy)
        self.save_button.setToolTip("Write the whole value to a file")
        self.save_button.clicked.connect(self.ask_file)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.form)
        head.addWidget(self.close_button)
        foot = QHBoxLayout()
        foot.addWidget(self.rest, 1)
        for button in (self.all_button, self.copy_button, self.save_button):
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.about)
        column.addWidget(self.pages, 1)
        column.addLayout(foot)
        buttons = (self.all_button, self.copy_button, self.save_button)
        for before, behind in pairwise((self.form, self.close_button, self.view, self.tree, *buttons)):
            QWidget.setTabOrder(before, behind)
