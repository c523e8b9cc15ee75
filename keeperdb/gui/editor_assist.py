"""What a window adds to its editors: completion, snippets, marks, and the way to where a name comes from."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from keeperdb.engines.base import Engine
from keeperdb.gui.actions import make_action
from keeperdb.gui.completer import Completer
from keeperdb.gui.editor_hover import EditorHover
from keeperdb.gui.known_names import KnownNames
from keeperdb.gui.live_marks import LiveMarks
from keeperdb.gui.notices import show_notice
from keeperdb.gui.runner import Runner
from keeperdb.gui.schema_reveal import SchemaReveal
from keeperdb.gui.schema_tree import SchemaTree
from keeperdb.gui.snippet_dialog import SnippetDialog
from keeperdb.gui.snippet_keys import SnippetKeys
from keeperdb.gui.snippet_shelf import SnippetShelf
from keeperdb.query.completion.kept import KeptNames
from keeperdb.query.completion.made import changes_names
from keeperdb.query.definition import Definition
from keeperdb.query.statements import Statement
from keeperdb.settings import Settings

if TYPE_CHECKING:
    from keeperdb.gui.editor import Editor
    from keeperdb.gui.query_tab import QueryTab


class TabAssist(QObject):
    """The helpers of one SQL tab."""

    def __init__(self, tab: "QueryTab", window: "WindowAssist") -> None:
        super().__init__(tab)
        editor, names, settings = tab.editor, window.names, window.settings
        self._tab = tab
        self._window = window
        self._ran: list[str] = []  # what may have changed names since they were read
        self.snippets = SnippetKeys(editor, window.shelf)
        is_automatic = partial(_is_typing, settings)
        self.completer = Completer(editor, window.engine, names, self.snippets, is_automatic)
        self.marks = LiveMarks(
            editor,
            names,
            window.runner,
            is_read_only=window.is_read_only,
            is_on=lambda: settings.is_on("editor.live_marks"),
        )
        self.hover = EditorHover(editor, names, self.marks, self._go)
        self.marks.changed.connect(lambda: tab.bar.show_problems(len(self.marks.marks)))
        tab.run_started.connect(lambda run: run.began.connect(self._note))
        tab.run_ended.connect(lambda *_: self._settle())
        self._add_actions(editor)

    def apply_settings(self) -> None:
        """Take changed settings into use."""
        self.marks.apply_settings()
        self.completer.close()

    def _add_actions(self, editor: "Editor") -> None:
        acts: dict[str, Callable[[], object]] = {
            "editor.complete": self.completer.ask,
            "editor.definition": self.go_to_definition,
            "editor.next_problem": self.go_to_problem,
            "editor.save_snippet": self.save_snippet,
            "editor.snippets": lambda: self._window.open_snippets(editor),
        }
        for action_id, act in acts.items():
            make_action(action_id, editor, act, Qt.ShortcutContext.WidgetShortcut)

    def go_to_definition(self) -> None:
        """Go to where the name at the caret comes from."""
        if not self.hover.go_to_caret():
            show_notice(self._tab, "Nothing is known of what is at the caret.")

    def go_to_problem(self) -> None:
        """Go to the next mark behind the caret, or to the first."""
        editor = self._tab.editor
        places = sorted(each.place.selectionStart() for each in self.marks.marks)
        caret = editor.textCursor().position()
        if not places:
            show_notice(self._tab, "No problem is marked.")
            return
        cursor = editor.textCursor()
        cursor.setPosition(next((each for each in places if each > caret), places[0]))
        editor.carets.clear()
        editor.setTextCursor(cursor)
        editor.ensureCursorVisible()

    def save_snippet(self) -> None:
        """Ask for an abbreviation and keep the selection, or the statement at the caret, under it."""
        editor = self._tab.editor
        start, end = editor.selection()
        statement = editor.statement_at_caret()
        if start == end and statement is not None:
            start, end = statement.start, statement.end
        text = editor.script()[start:end]
        if text.strip():
            self._window.open_snippets(editor, text)
        else:
            show_notice(self._tab, "Select the text of the snippet first.")

    def _go(self, definition: Definition, start: int) -> None:
        if definition.table:
            self._window.reveal(definition)
        else:
            editor = self._tab.editor
            editor.setTextCursor(editor.place(start + definition.start, start + definition.end))
            editor.ensureCursorVisible()

    def _note(self, statement: Statement) -> None:
        if changes_names(statement.text, self._window.engine.dialect):
            self._ran.append(statement.text)
            self.marks.note_run(statement.text)

    def _settle(self) -> None:
        """What ran made, dropped or changed something."""
        if self._ran:
            self._ran.clear()
            self._window.names.refresh()


class WindowAssist(QObject):
    """Shared by the tabs of one window; begins to read names when it is made."""

    def __init__(
        self,
        tree: SchemaTree,
        engine: Engine,
        shelf: SnippetShelf,
        settings: Settings,
        *,
        is_read_only: bool,
        kept: KeptNames | None = None,
    ) -> None:
        super().__init__(tree)
        self.engine = engine
        self.shelf = shelf
        self.settings = settings
        self.is_read_only = is_read_only
        self.runner: Runner = tree.session.runner
        self.names = KnownNames(self.runner, tree.session, tree.catalog, self, kept)
        self._tree = tree
        self._show_tree: Callable[[], None] = lambda: None
        tree.refreshed.connect(self.names.refresh)
        self.names.begin()

    def attach(self, tab: "QueryTab") -> TabAssist:
        """Give a tab its helpers."""
        assist = TabAssist(tab, self)
        tab.settings_applied.connect(assist.apply_settings)
        return assist

    def on_reveal(self, show_tree: Callable[[], None]) -> None:
        """Call `show_tree` before something is shown in the tree, which may be hidden."""
        self._show_tree = show_tree

    def reveal(self, definition: Definition) -> None:
        """Select a table or a column in the tree."""
        self._show_tree()
        SchemaReveal(self._tree, definition.table, definition.column)

    def open_snippets(self, editor: "Editor", text: str = "") -> SnippetDialog:
        """Show the snippets; `text` becomes a new one."""
        dialog = SnippetDialog(self.shelf, editor.window(), text)
        dialog.show()
        return dialog


def _is_typing(settings: Settings) -> bool:
    return settings.text("editor.completion") == "typing"
