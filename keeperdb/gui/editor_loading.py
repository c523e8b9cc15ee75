"""A long text comes into an editor piece by piece, so that the window goes on in between."""

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

LONG = 300_000  # characters; shorter texts are put in at once
_PIECE = 40_000


class Loading(QObject):
    """Puts `text` into `editor`, which cannot be edited until `finished`; what was there is replaced."""

    finished = Signal()

    def __init__(self, editor: QPlainTextEdit, text: str) -> None:
        super().__init__(editor)
        self._editor = editor
        self.text = text
        self._done = 0
        self._was_read_only = editor.isReadOnly()
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._go_on)
        editor.clear()
        editor.setReadOnly(True)
        editor.document().setUndoRedoEnabled(False)
        self._go_on()
        self._timer.start()

    def stop(self) -> None:
        """Leave the text as far as it came."""
        self._timer.stop()
        self._editor.document().setUndoRedoEnabled(True)
        self._editor.setReadOnly(self._was_read_only)
        self.deleteLater()

    def _go_on(self) -> None:
        end = self._done + _PIECE
        cursor = QTextCursor(self._editor.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(self.text[self._done : end])
        self._done = end
        if end >= len(self.text):
            self.stop()
            self._editor.document().setModified(False)
            self.finished.emit()
