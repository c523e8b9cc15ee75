"""A field that searches the list below it; the keys that move in the list go on doing so."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from keeperdb.gui.icons import icon, set_icon

_CLEAR = "_q_qlineeditclearaction"  # as Qt calls it since 5.2
_MOVES = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}


class SearchField(QLineEdit):
    """`moved(rows)` for the arrow keys, `entered(with Ctrl)` for Enter, `delete_pressed` where nothing is to delete."""

    moved = Signal(int)
    entered = Signal(bool)
    delete_pressed = Signal()

    def __init__(self, placeholder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self.setClearButtonEnabled(True)
        clear = self.findChild(QAction, _CLEAR)
        if clear is not None:
            set_icon(clear, "close", "muted")
        magnifier = QAction(icon("search", "muted"), "", self)
        set_icon(magnifier, "search", "muted")
        self.addAction(magnifier, QLineEdit.ActionPosition.LeadingPosition)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in _MOVES:
            self.moved.emit(_MOVES[Qt.Key(key)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit(bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
        elif key == Qt.Key.Key_Delete and not self.hasSelectedText() and self.cursorPosition() == len(self.text()):
            self.delete_pressed.emit()
        elif key == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)
