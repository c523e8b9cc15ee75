"""The window in which a person chooses the columns that name a row of a table without a key."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from keeperdb.data.keys import NO_KEY, choosable
from keeperdb.gui.cell_text import one_line
from keeperdb.gui.notices import plain_label
from keeperdb.query.table_shape import TableShape


class KeyChooser(QDialog):
    """`chosen(names)` follows Count and use; whether they are a key is found out by who asked."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None, shape: TableShape) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Key of {one_line(shape.name)}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(460, 420)
        self.boxes = {name: _box(name, shape) for name in choosable(shape)}
        self.use_button = QPushButton("Count and use")
        self.use_button.setProperty("role", "primary")
        self.use_button.setToolTip("Count rows that share their values, which reads the whole table")
        self.use_button.setEnabled(False)
        self.use_button.clicked.connect(self._use)
        cancel = QPushButton("Cancel")
        cancel.clicked.connect(self.reject)
        for box in self.boxes.values():
            box.toggled.connect(lambda _: self.use_button.setEnabled(bool(self.names)))
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.use_button)
        buttons.addWidget(cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(plain_label(NO_KEY, wrap=True))
        column.addWidget(self._list(), 1)
        column.addLayout(buttons)

    @property
    def names(self) -> list[str]:
        """The columns that are ticked."""
        return [name for name, box in self.boxes.items() if box.isChecked()]

    def _list(self) -> QScrollArea:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(8, 8, 8, 8)
        for box in self.boxes.values():
            column.addWidget(box)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(page)
        area.setAccessibleName("Columns of the key")
        return area

    def _use(self) -> None:
        names = self.names
        self.accept()
        self.chosen.emit(names)


def _box(name: str, shape: TableShape) -> QCheckBox:
    text = f"{one_line(name)}  ({one_line(shape.by_name[name].type_name) or 'no type'})"
    return QCheckBox(text.replace("&", "&&"))
