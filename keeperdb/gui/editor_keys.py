"""What a key does in the editor other than in any text; with several carets, it does it at each of them."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QTextCursor

from keeperdb.gui import editor_commands as commands
from keeperdb.gui.carets import is_escape

if TYPE_CHECKING:
    from keeperdb.gui.editor import Editor

Act = Callable[[QTextCursor], object]

_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
_NO_TYPING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier


def keeps(editor: "Editor", event: QKeyEvent) -> bool:
    """Whether a key is the editor's, though elsewhere it is a shortcut: Escape leaves several carets first."""
    return is_escape(event) and editor.carets.are_many


def press(editor: "Editor", event: QKeyEvent) -> bool:
    """Do what a key says; return whether that was done here and not left to Qt."""
    carets = editor.carets
    if is_escape(event) and carets.are_many:
        carets.clear()
        editor.setTextCursor(editor.textCursor())
    elif event.matches(QKeySequence.StandardKey.Cut) and carets.are_many:
        editor.cut()
    elif (act := _act(editor, event)) is not None:
        carets.each(act)
    elif not (carets.are_many and carets.move(event)):
        return False
    editor.ensureCursorVisible()
    event.accept()
    return True


def _act(editor: "Editor", event: QKeyEvent) -> Act | None:
    key, is_plain = event.key(), event.modifiers() in _PLAIN
    indent, closes_pairs = indent_of(editor), editor.preferences.close_pairs
    if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and is_plain:
        return lambda cursor: commands.insert_line(cursor, indent)
    if key == Qt.Key.Key_Backtab:
        return lambda cursor: commands.outdent_lines(cursor, indent)
    if key == Qt.Key.Key_Tab and is_plain:
        return lambda cursor: _tab(cursor, indent)
    if key == Qt.Key.Key_Backspace and is_plain and (closes_pairs or editor.carets.are_many):
        return lambda cursor: commands.delete_back(cursor, closes_pairs=closes_pairs)
    text = event.text()
    is_typed = bool(text) and text.isprintable() and not event.modifiers() & _NO_TYPING
    if is_typed and (closes_pairs or editor.carets.are_many):
        return lambda cursor: commands.type_text(cursor, text, closes_pairs=closes_pairs)
    return None


def indent_of(editor: "Editor") -> str:
    """What one step of indentation is."""
    return " " * editor.preferences.tab_width if editor.preferences.indent_with_spaces else "\t"


def _tab(cursor: QTextCursor, indent: str) -> None:
    document = cursor.document()
    is_one_line = document.findBlock(cursor.selectionStart()) == document.findBlock(cursor.selectionEnd())
    if cursor.hasSelection() and not is_one_line:
        commands.indent_lines(cursor, indent)
    else:
        commands.insert_indent(cursor, indent)
