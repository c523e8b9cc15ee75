"""Shows what formatting would change, line by line, before it is done."""

import difflib
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from keeperdb.errors import KeeperDBError
from keeperdb.gui.notices import plain_label, show_error, show_notice
from keeperdb.gui.theme import mono_font
from keeperdb.gui.tokens import color
from keeperdb.query.format_sql import format_script

if TYPE_CHECKING:
    from keeperdb.gui.editor import Editor

_LARGEST = 1_000_000  # characters
_SIZE = (820, 560)
_MOST_LINES = 5_000  # of the difference that are shown
_MARKS = {"+": "inserted", "-": "deleted"}


def format_text(editor: "Editor") -> None:
    """Lay out the selection, or the whole script, and show what would change; it is done only if the person agrees."""
    if editor.isReadOnly() or editor.runner is None:
        return
    script, (start, end) = editor.script(), editor.selection()
    if start == end:
        start, end = 0, len(script)
    text, dialect, indent = script[start:end], editor.dialect, _indent(editor)
    if len(text) > _LARGEST:
        show_notice(editor.window(), "This is too long to be formatted at once. Select a part of it.", "warning")
        return
    editor.runner.start(
        lambda _: _formatted(text, dialect, indent),
        owner=editor,
        done=lambda found: _show(editor, script, (start, end), *found),
        failed=lambda error: _refuse(editor, error),
    )


class FormatDialog(QDialog):
    """The difference in the way of `diff`: lines that go are marked with -, lines that come with +."""

    def __init__(self, lines: list[str], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Format SQL")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*_SIZE)
        self.view = QPlainTextEdit()
        self.view.setReadOnly(True)
        self.view.setFont(mono_font())
        self.view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.view.setAccessibleName("What would change")
        self.view.setPlainText("\n".join(lines[:_MOST_LINES]))
        self._color(lines[:_MOST_LINES])
        box = QDialogButtonBox()
        self.use = box.addButton("Use this layout", QDialogButtonBox.ButtonRole.AcceptRole)
        self.use.setProperty("role", "primary")
        self.use.setDefault(True)
        box.addButton("Keep as it is", QDialogButtonBox.ButtonRole.RejectRole)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        removed, added = (sum(line.startswith(sign) for line in lines) for sign in "-+")
        column = QVBoxLayout(self)
        column.addWidget(
            plain_label(f"{removed:,} lines become {added:,}. Only space, line breaks and the case of keywords change.")
        )
        column.addWidget(self.view, 1)
        column.addWidget(box)
        self.use.setFocus()

    def _color(self, lines: list[str]) -> None:
        for number, line in enumerate(lines):
            shade_of = _MARKS.get(line[:1])
            if shade_of is not None:
                cursor = QTextCursor(self.view.document().findBlockByNumber(number))
                shade = QTextBlockFormat()
                shade.setBackground(color(shade_of))
                cursor.setBlockFormat(shade)
                if shade_of == "deleted":
                    cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
                    style = QTextCharFormat()
                    style.setForeground(color("muted"))
                    cursor.mergeCharFormat(style)


def _formatted(text: str, dialect: str, indent: str) -> tuple[str, list[str]]:
    """The text laid out, and the lines of the difference."""
    new = format_script(text, dialect, indent)
    lines = difflib.unified_diff(text.splitlines(), new.splitlines(), lineterm="", n=2)
    return new, [line for line in lines if not line.startswith(("---", "+++"))]


def _show(editor: "Editor", script: str, place: tuple[int, int], new: str, lines: list[str]) -> None:
    if editor.script() != script:
        show_notice(editor.window(), "The text was edited meanwhile, so it is not formatted.", "warning")
    elif not lines:
        show_notice(editor.window(), "Nothing to change: it is laid out already.", "info", seconds=4)
    else:
        dialog = FormatDialog(lines, editor.window())
        dialog.accepted.connect(lambda: _use(editor, script, place, new))
        dialog.open()


def _use(editor: "Editor", script: str, place: tuple[int, int], new: str) -> None:
    if editor.script() == script:
        cursor = editor.place(*place)
        cursor.insertText(new)
        editor.setTextCursor(cursor)


def _refuse(editor: "Editor", error: KeeperDBError) -> None:
    show_error(editor.window(), error)


def _indent(editor: "Editor") -> str:
    return " " * editor.preferences.tab_width if editor.preferences.indent_with_spaces else "\t"
