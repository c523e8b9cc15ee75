"""A field for the path of a file, with Browse, and a field for one of a few colours."""

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QButtonGroup, QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QToolButton, QWidget

COLORS = (
    ("", "No colour"),
    ("#dc2626", "Red"),
    ("#ea580c", "Orange"),
    ("#ca8a04", "Yellow"),
    ("#16a34a", "Green"),
    ("#0d9488", "Teal"),
    ("#2563eb", "Blue"),
    ("#7c3aed", "Violet"),
    ("#64748b", "Grey"),
)


class FileEdit(QWidget):
    """A path that is typed or chosen; the file dialog remembers the folder it was last in."""

    edited = Signal()

    def __init__(self, label: str, pattern: str = "All files (*)") -> None:
        super().__init__()
        self._label = label
        self._pattern = pattern
        self._folder = str(Path.home())
        self.edit = QLineEdit()
        self.edit.setAccessibleName(label)
        self.browse = QPushButton("Browse…")
        self.browse.setAccessibleName(f"Browse for: {label}")
        self.browse.setAutoDefault(False)
        self.browse.clicked.connect(self._choose)
        self.edit.textChanged.connect(lambda _: self.edited.emit())
        self.setFocusProxy(self.edit)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.edit, 1)
        row.addWidget(self.browse)

    def text(self) -> str:
        return self.edit.text()

    def setText(self, text: str) -> None:
        self.edit.setText(text)

    def setReadOnly(self, read_only: bool) -> None:
        self.edit.setReadOnly(read_only)
        self.browse.setEnabled(not read_only)

    def _choose(self) -> None:
        dialog = QFileDialog(self, self._label, self._folder, self._pattern)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.fileSelected.connect(self._take)
        dialog.open()

    def _take(self, path: str) -> None:
        self._folder = str(Path(path).parent)
        self.edit.setText(path)


class ColorChooser(QWidget):
    """One of a few colours, each with a name, or none."""

    def __init__(self) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        self.setAccessibleName("Colour")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for number, (value, name) in enumerate(COLORS):
            button = QToolButton()
            button.setCheckable(True)
            button.setIcon(_swatch(value))
            button.setIconSize(QSize(18, 18))
            button.setToolTip(name)
            button.setAccessibleName(name)
            self._group.addButton(button, number)
            row.addWidget(button)
        row.addStretch()
        self.set_color("")

    @property
    def color(self) -> str:
        number = self._group.checkedId()
        return COLORS[number][0] if number >= 0 else self._other

    def set_color(self, value: str) -> None:
        """Choose `value`; one that is not offered is kept all the same."""
        self._other = value
        number = next((number for number, (each, _) in enumerate(COLORS) if each == value.lower()), -1)
        self._group.setExclusive(False)
        for each in self._group.buttons():
            each.setChecked(False)
        self._group.setExclusive(True)
        if number >= 0:
            self._group.button(number).setChecked(True)


def _swatch(value: str) -> QIcon:
    picture = QPixmap(36, 36)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if value:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(value))
        painter.drawEllipse(4, 4, 28, 28)
    else:
        pen = painter.pen()
        pen.setColor(QColor("#7C8899"))
        pen.setWidth(3)
        painter.setPen(pen)
        painter.drawEllipse(5, 5, 26, 26)
        painter.drawLine(9, 27, 27, 9)
    painter.end()
    return QIcon(picture)
