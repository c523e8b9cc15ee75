"""What the pointer over a text tells: the problem marked there, or the columns of a table; Ctrl+click goes there."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QHelpEvent, QMouseEvent
from PySide6.QtWidgets import QToolTip

from keeperdb.gui.cell_text import one_line, tooltip
from keeperdb.gui.editor_link import EditorLink
from keeperdb.gui.known_names import KnownNames
from keeperdb.gui.live_marks import LiveMarks
from keeperdb.query.definition import Definition, definition_at

if TYPE_CHECKING:
    from keeperdb.gui.editor import Editor

_MOST = 30  # columns in a tooltip


class EditorHover(QObject):
    """`go(definition, start)` is called for what is clicked with Ctrl; `start` is where its statement begins."""

    def __init__(
        self, editor: "Editor", names: KnownNames, marks: LiveMarks, go: Callable[[Definition, int], object]
    ) -> None:
        super().__init__(editor)
        self._editor = editor
        self._names = names
        self._marks = marks
        self._go = go
        self._pressed: QPoint | None = None
        self._link = EditorLink(editor, self._leads)
        editor.viewport().installEventFilter(self)

    def definition(self, position: int) -> tuple[Definition, int] | None:
        """What the name at a character of the script stands for, and where its statement begins."""
        for statement in self._editor.statements.between(position, position + 1):
            found = definition_at(statement.text, position - statement.start, self._editor.dialect, self._names.index)
            if found is not None:
                return found, statement.start
        return None

    def _leads(self, position: int) -> bool:
        return self.definition(self._editor.positions().to_characters(position)) is not None

    def go_to_caret(self) -> bool:
        """Go to the definition of the name at the caret; returns whether there is one."""
        self._editor.statements.look()
        found = self.definition(self._editor.selection()[0])
        if found is not None:
            self._go(*found)
        return found is not None

    def words_at(self, point: QPoint) -> str:
        """What is said of the text at a point of the viewport; empty for nothing."""
        cursor = self._editor.cursorForPosition(point)
        place = self._editor.cursorRect(cursor)
        if abs(place.center().x() - point.x()) > 2 * self._editor.fontMetrics().averageCharWidth():
            return ""  # behind the end of the line
        mark = self._marks.at(cursor.position())
        if mark is not None:
            return mark.message
        found = self.definition(self._editor.positions().to_characters(cursor.position()))
        return self._about(found[0]) if found is not None else ""

    def _about(self, definition: Definition) -> str:
        if not definition.table:
            return ""
        shape = self._names.index.shape(definition.table)
        name = one_line(".".join(definition.table))
        if shape is None:
            self._names.want([definition.table])
            return name
        lines = [
            f"{one_line(each.name)}  {one_line(each.type_name)}{'  not null' if each.is_required else ''}"
            for each in shape.columns
            if not definition.column or each.name == definition.column
        ]
        more = [f"and {len(lines) - _MOST} more"] if len(lines) > _MOST else []
        return "\n".join([name, *lines[:_MOST], *more])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            words = self.words_at(event.pos())
            if words:
                QToolTip.showText(event.globalPos(), tooltip(words), self._editor.viewport())
            else:
                QToolTip.hideText()
            return True
        if isinstance(event, QMouseEvent):
            self._click(event)
        return False

    def _click(self, event: QMouseEvent) -> None:
        is_ours = (
            event.button() == Qt.MouseButton.LeftButton and event.modifiers() == Qt.KeyboardModifier.ControlModifier
        )
        place = event.position().toPoint()
        if event.type() == QEvent.Type.MouseButtonPress:
            self._pressed = place if is_ours else None
        elif event.type() == QEvent.Type.MouseButtonRelease and is_ours and self._pressed == place:
            cursor = self._editor.cursorForPosition(place)
            found = self.definition(self._editor.positions().to_characters(cursor.position()))
            if found is not None:
                self._go(*found)
