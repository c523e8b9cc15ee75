"""Underlines the name under the pointer while Ctrl is held, where a click would go to what it stands for."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QTextCursor

from keeperdb.gui.editor_marks import link

if TYPE_CHECKING:
    from keeperdb.gui.editor import Editor

_LEAVING = (QEvent.Type.Leave, QEvent.Type.FocusOut, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel)


class EditorLink(QObject):
    """`leads(position)` tells whether there is something to go to for one of Qt's positions."""

    def __init__(self, editor: "Editor", leads: Callable[[int], bool]) -> None:
        super().__init__(editor)
        self._editor = editor
        self._leads = leads
        self._word = (-1, -1)  # that was looked at last
        editor.viewport().setMouseTracking(True)
        editor.viewport().installEventFilter(self)
        editor.installEventFilter(self)
        editor.textChanged.connect(self._clear)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if isinstance(event, QMouseEvent) and kind == QEvent.Type.MouseMove:
            is_meant = event.modifiers() == Qt.KeyboardModifier.ControlModifier and not event.buttons()
            self._follow(event.position().toPoint(), is_meant=is_meant)
        elif isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Control:
            viewport = self._editor.viewport()
            is_meant = kind == QEvent.Type.KeyPress and viewport.underMouse()
            self._follow(viewport.mapFromGlobal(viewport.cursor().pos()), is_meant=is_meant)
        elif kind in _LEAVING:
            self._clear()
        return False

    def _follow(self, point: QPoint, *, is_meant: bool) -> None:
        if not is_meant:
            self._clear()
            return
        cursor = self._editor.cursorForPosition(point)
        cursor.select(QTextCursor.SelectionType.WordUnderCursor)
        word = cursor.selectionStart(), cursor.selectionEnd()
        if word == self._word:
            return
        self._clear()
        self._word = word
        if cursor.hasSelection() and self._is_over(point, cursor) and self._leads(cursor.selectionStart()):
            self._editor.mark_link(link(cursor))
            self._editor.viewport().setCursor(Qt.CursorShape.PointingHandCursor)

    def _is_over(self, point: QPoint, word: QTextCursor) -> bool:
        """False behind the end of a line, where the last word of it is the nearest."""
        end = QTextCursor(word)
        end.setPosition(word.selectionEnd())
        return self._editor.cursorRect(end).right() >= point.x()

    def _clear(self) -> None:
        if self._word != (-1, -1):
            self._word = (-1, -1)
            self._editor.mark_link(None)
            self._editor.viewport().setCursor(Qt.CursorShape.IBeamCursor)
