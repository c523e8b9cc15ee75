"""A field that takes the keys that are pressed in it as what is entered."""

import time

from PySide6.QtCore import QEvent, QKeyCombination, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QWidget

_MOST_CHORDS = 2
_PAUSE = 1.5  # seconds after which the next key begins anew
_MODIFIERS = (
    Qt.Key.Key_Control,
    Qt.Key.Key_Shift,
    Qt.Key.Key_Alt,
    Qt.Key.Key_Meta,
    Qt.Key.Key_AltGr,
    Qt.Key.Key_unknown,
)


class KeyRecorder(QLineEdit):
    """`recorded()` follows each key; `key` is what was pressed, in portable text. Tab still leaves the field."""

    recorded = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setPlaceholderText("Press keys")
        self.setAccessibleName("New keys")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._chords: list[QKeyCombination] = []
        self._last = 0.0

    @property
    def key(self) -> str:
        return QKeySequence(*self._chords).toString() if self._chords else ""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # nothing of the window acts on what is recorded
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _MODIFIERS:
            return
        now = time.monotonic()
        if now - self._last > _PAUSE or len(self._chords) == _MOST_CHORDS:
            self._chords = []
        self._last = now
        self._chords.append(_combination(event))
        self.setText(QKeySequence(*self._chords).toString(QKeySequence.SequenceFormat.NativeText))
        self.recorded.emit()


def _combination(event: QKeyEvent) -> QKeyCombination:
    """Shift is a part of a sign such as “?” already, and of a letter it is not."""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    text = event.text()
    if (
        modifiers & Qt.KeyboardModifier.ShiftModifier
        and text
        and text.isprintable()
        and not text.isalpha()
        and text != " "
    ):
        modifiers &= ~Qt.KeyboardModifier.ShiftModifier
    return QKeyCombination(modifiers, Qt.Key(event.key()))
