"""One value in full, read-only, in a window that does not block."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from keeperdb.engines.blocks import CellKind
from keeperdb.gui.cell_text import ShownCells, elide_middle, one_line
from keeperdb.gui.theme import mono_font

_MAX_CHARACTERS = 1_000_000  # more would make the text widget slow; Copy takes all
_BYTES_PER_LINE = 16


class ValueDialog(QDialog):
    """Shows the cell at `row` and `column`; NULL and the empty text are said in words."""

    def __init__(self, result: ShownCells, row: int, column: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        header = (result.columns or ())[column]
        self.setWindowTitle(f"{elide_middle(one_line(header.name), 60)}, row {row + 1:,}")
        self._text = result.text(row, column)
        self.view = QPlainTextEdit(self, readOnly=True)
        self.view.setFont(mono_font())
        self.view.setAccessibleName("Value")
        self.view.setPlainText(_shown(self._text, header.kind))
        about = QLabel(_about(self._text, header.type_name or header.kind.value, header.kind))
        about.setTextFormat(Qt.TextFormat.PlainText)
        about.setProperty("role", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(about)
        layout.addWidget(self.view)
        layout.addWidget(self._buttons())
        self.resize(640, 420)

    def copy(self) -> None:
        """Put the whole value on the clipboard."""
        QGuiApplication.clipboard().setText(self._text or "")

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        copy = buttons.addButton("Copy", QDialogButtonBox.ButtonRole.ActionRole)
        copy.setEnabled(self._text is not None)
        copy.clicked.connect(self.copy)
        buttons.button(QDialogButtonBox.StandardButton.Close).setDefault(True)
        buttons.rejected.connect(self.close)
        return buttons


def _about(text: str | None, type_name: str, kind: CellKind) -> str:
    if text is None:
        return f"{type_name} · NULL"
    if not text:
        return f"{type_name} · empty"
    if text.startswith("0x") and kind is CellKind.BINARY:
        return f"{type_name} · {(len(text) - 2) // 2:,} bytes"
    size = f"{len(text):,} characters"
    cut = f", the first {_MAX_CHARACTERS:,} are shown" if len(text) > _MAX_CHARACTERS else ""
    return f"{type_name} · {size}{cut}"


def _shown(text: str | None, kind: CellKind) -> str:
    if text is None:
        return ""
    if kind is CellKind.BINARY and text.startswith("0x"):
        return _hex_dump(text[2 : 2 + _MAX_CHARACTERS // 4])
    return text[:_MAX_CHARACTERS]


def _hex_dump(digits: str) -> str:
    """Offset, bytes and printable characters, sixteen bytes to a line."""
    content = bytes.fromhex(digits[: len(digits) // 2 * 2])
    lines = []
    for offset in range(0, len(content), _BYTES_PER_LINE):
        part = content[offset : offset + _BYTES_PER_LINE]
        characters = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in part)
        lines.append(f"{offset:08x}  {part.hex(' '):<47}  {characters}")
    return "\n".join(lines)
