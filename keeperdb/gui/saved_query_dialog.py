"""Asks for name, folder and tags of a saved query."""

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from keeperdb.gui.fields import Field
from keeperdb.gui.notices import plain_label


class SavedQueryDialog(QDialog):
    """`answered(name, folder, tags)` follows the button; `fail` says at a field why that could not be done."""

    answered = Signal(str, object, object)

    def __init__(
        self,
        parent: QWidget,
        title: str,
        action: str,
        folders: Iterable[tuple[str, ...]],
        name: str = "",
        folder: tuple[str, ...] = (),
        tags: Iterable[str] | None = (),
    ) -> None:
        """Tags are not asked for where they are None."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(440)
        self.name = QLineEdit(name)
        self.name_field = Field("Name", self.name)
        self.folder = QComboBox(editable=True)
        self.folder.addItems(["", *("/".join(each) for each in folders)])
        edit = QLineEdit()
        self.folder.setLineEdit(edit)
        edit.setPlaceholderText("None. Folders in folders: reports/monthly")
        self.folder.setCurrentText("/".join(folder))
        self.tags = QLineEdit(", ".join(tags or ()))
        self.tags.setPlaceholderText("Words with commas between them")
        self.button = QPushButton(action)
        self.button.setDefault(True)
        self.button.clicked.connect(lambda _checked: self._answer())
        self.name.textEdited.connect(lambda _: self.name_field.set_error(""))
        self._lay_out(title, has_tags=tags is not None)
        self.name.selectAll()
        self.name.setFocus()

    def fail(self, message: str) -> None:
        """Say why it could not be done; the dialog stays."""
        self.name_field.set_error(message)
        self.name.setFocus()

    def _answer(self) -> None:
        folder = tuple(part.strip() for part in self.folder.currentText().split("/") if part.strip())
        tags = [tag.strip() for tag in self.tags.text().split(",") if tag.strip()]
        self.answered.emit(self.name.text().strip(), folder, tags)

    def _lay_out(self, title: str, *, has_tags: bool) -> None:
        cancel = QPushButton("Cancel")
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 16)
        column.setSpacing(12)
        column.addWidget(plain_label(title, "heading"))
        column.addWidget(self.name_field)
        column.addWidget(Field("Folder", self.folder))
        if has_tags:
            column.addWidget(Field("Tags", self.tags))
        column.addLayout(buttons)
