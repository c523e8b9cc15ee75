"""The actions of the editor: what each of them does."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog

from keeperdb.gui import carets_placing, editor_lines
from keeperdb.gui import editor_commands as commands
from keeperdb.gui.actions import make_action
from keeperdb.gui.editor_keys import indent_of
from keeperdb.gui.find_bar import FindBar
from keeperdb.gui.format_dialog import format_text

if TYPE_CHECKING:
    from keeperdb.gui.editor import Editor


def add_actions(editor: "Editor", bar: FindBar) -> None:
    """Give the editor its actions; their keys work while it, or its search bar, has the focus."""
    for action_id, act in {**_text(editor), **_carets(editor), **_seen(editor)}.items():
        make_action(action_id, editor, act, Qt.ShortcutContext.WidgetShortcut)
    for action_id, act in _search(editor, bar).items():
        make_action(action_id, editor, act)


def _text(editor: "Editor") -> dict[str, Callable[[], object]]:
    def each(act: Callable[..., object], *arguments: object) -> Callable[[], object]:
        return lambda: _change(editor, lambda cursor: act(cursor, *arguments))

    return {
        "editor.comment": each(commands.toggle_comment),
        "editor.block_comment": each(commands.toggle_block_comment),
        "editor.indent": lambda: _change(editor, lambda cursor: commands.indent_lines(cursor, indent_of(editor))),
        "editor.outdent": lambda: _change(editor, lambda cursor: commands.outdent_lines(cursor, indent_of(editor))),
        "editor.move_up": each(editor_lines.move_lines, -1),
        "editor.move_down": each(editor_lines.move_lines, 1),
        "editor.duplicate": each(editor_lines.duplicate_lines),
        "editor.delete_line": each(editor_lines.delete_lines),
        "editor.join_lines": each(editor_lines.join_lines),
        "editor.upper_case": each(commands.change_case, str.upper),
        "editor.lower_case": each(commands.change_case, str.lower),
        "editor.format": lambda: format_text(editor),
    }


def _carets(editor: "Editor") -> dict[str, Callable[[], object]]:
    carets = editor.carets
    return {
        "editor.caret_above": lambda: carets.add_line(-1),
        "editor.caret_below": lambda: carets.add_line(1),
        "editor.next_occurrence": lambda: carets_placing.add_next(editor, carets, editor.script()),
        "editor.all_occurrences": lambda: carets_placing.add_all(editor, carets, editor.script()),
    }


def _seen(editor: "Editor") -> dict[str, Callable[[], object]]:
    return {
        "editor.go_to_line": lambda: _ask_line(editor),
        "editor.go_to_bracket": editor.go_to_bracket,
        "editor.fold": editor.folding.fold_at_caret,
        "editor.unfold": editor.folding.unfold_at_caret,
        "editor.fold_all": editor.folding.fold_all,
        "editor.unfold_all": editor.folding.unfold_all,
        "editor.zoom_in": lambda: editor.zoom(1),
        "editor.zoom_out": lambda: editor.zoom(-1),
        "editor.zoom_reset": lambda: editor.zoom(0),
        "editor.wrap": editor.toggle_wrap,
        "editor.show_spaces": editor.toggle_spaces,
    }


def _search(editor: "Editor", bar: FindBar) -> dict[str, Callable[[], object]]:
    return {
        "editor.find": lambda: bar.open(replaces=False),
        "editor.replace": lambda: bar.open(replaces=not editor.isReadOnly()),
        "editor.find_next": lambda: bar.go(1),
        "editor.find_previous": lambda: bar.go(-1),
    }


def _ask_line(editor: "Editor") -> None:
    """Ask for a line number, and go there."""
    lines = editor.blockCount()
    number, accepted = QInputDialog.getInt(
        editor, "Go to line", f"Line (1 to {lines:,})", editor.caret()[0], 1, max(lines, 1)
    )
    if accepted:
        editor.go_to_line(number)


def _change(editor: "Editor", act: Callable[..., object]) -> None:
    if not editor.isReadOnly():
        editor.carets.each(act)
        editor.ensureCursorVisible()
