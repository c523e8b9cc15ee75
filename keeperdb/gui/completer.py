"""Completion in an editor: proposals while typing or on Ctrl+Space; nothing is inserted that was not chosen."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer
from PySide6.QtGui import QInputMethodEvent, QKeyEvent, QTextCursor

from keeperdb.engines.base import Engine
from keeperdb.gui.completer_list import ROWS, CompleterPopup
from keeperdb.gui.editor_around import Around, around_caret
from keeperdb.gui.known_names import KnownNames
from keeperdb.query.completion.propose import Completion, Language, Proposal, ProposalKind, complete

if TYPE_CHECKING:
    from keeperdb.gui.editor import Editor
    from keeperdb.gui.snippet_keys import SnippetKeys

_MOVES = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: ROWS - 1,
    Qt.Key.Key_PageUp: 1 - ROWS,
}
_ACCEPTING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)
_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
_NO_TYPING = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
_KEEP = QTextCursor.MoveMode.KeepAnchor


class Completer(QObject):
    """Watches the keys of `editor`. `is_automatic` tells whether typing opens the list, or Ctrl+Space only."""

    def __init__(
        self,
        editor: "Editor",
        engine: Engine,
        names: KnownNames,
        snippets: "SnippetKeys",
        is_automatic: Callable[[], bool],
    ) -> None:
        super().__init__(editor)
        self.popup = CompleterPopup(editor)
        self._editor = editor
        self._names = names
        self._snippets = snippets
        self._is_automatic = is_automatic
        self._language = Language(engine.dialect, engine.quote)
        self._around = Around("", 0, 0)
        self._completion = Completion(0, 0)
        self._is_typed = self._is_asked = self._is_moved = False
        self._waits_for: tuple[int, int] | None = None  # revision and caret for which columns are on their way
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._follow)
        editor.installEventFilter(self)
        editor.textChanged.connect(self._text_changed)
        editor.cursorPositionChanged.connect(self._caret_moved)
        editor.verticalScrollBar().valueChanged.connect(self.close)
        self.popup.list.clicked.connect(lambda index: self._accept(index.data(Qt.ItemDataRole.UserRole)))
        names.changed.connect(self._names_changed)

    @property
    def is_open(self) -> bool:
        return self.popup.isVisible()

    def ask(self) -> None:
        """Show what may stand at the caret, whatever was typed."""
        self._is_asked, self._is_moved = True, False
        self._update()

    def close(self) -> None:
        """Take the list away; nothing is inserted."""
        self._is_asked = self._is_moved = False
        self._waits_for = None
        self.popup.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if isinstance(event, QKeyEvent) and kind == QEvent.Type.ShortcutOverride:
            if self.is_open and self._is_ours(event):
                event.accept()
                return True
        elif isinstance(event, QKeyEvent) and kind == QEvent.Type.KeyPress:
            if self.is_open and self._is_ours(event) and self._press(event):
                return True
            self._note(event)
        elif isinstance(event, QInputMethodEvent) and event.commitString():
            self._is_typed = _continues(event.commitString()[-1])
        elif kind in (QEvent.Type.FocusOut, QEvent.Type.Hide, QEvent.Type.Resize, QEvent.Type.MouseButtonPress):
            self.close()
        return False

    def _is_ours(self, event: QKeyEvent) -> bool:
        return event.modifiers() in _PLAIN and (
            event.key() in _MOVES or event.key() in _ACCEPTING or event.key() == Qt.Key.Key_Escape
        )

    def _press(self, event: QKeyEvent) -> bool:
        """Whether the key was for the list, and not for the text."""
        if event.key() in _MOVES:
            self._is_moved = True
            self.popup.move_current(_MOVES[Qt.Key(event.key())])
            return True
        if event.key() == Qt.Key.Key_Escape:
            self.close()
            return True
        proposal = self.popup.current
        if proposal is None or not self._is_meant(proposal, is_tab=event.key() == Qt.Key.Key_Tab):
            self.close()
            return False
        self._accept(proposal, replaces_rest=event.key() == Qt.Key.Key_Tab)
        return True

    def _is_meant(self, proposal: Proposal, *, is_tab: bool) -> bool:
        """Enter after a word that is written in full is the end of the line, and Tab after an abbreviation expands."""
        if self._is_moved:
            return True
        typed = self._typed()
        if is_tab and self._snippets.find(typed) is not None:
            return False
        return bool(proposal.text) and proposal.label.casefold() != typed.casefold()

    def _note(self, event: QKeyEvent) -> None:
        """Whether the key types a part of a name; other keys change the text too."""
        text = event.text()
        is_typing = len(text) == 1 and text.isprintable() and not event.modifiers() & _NO_TYPING
        is_shortening = event.key() == Qt.Key.Key_Backspace and self.is_open
        self._is_typed = (is_typing and _continues(text)) or is_shortening
        if is_typing and not self._is_typed:
            self.close()

    def _text_changed(self) -> None:
        if self._is_typed:
            self._is_typed = False
            if self.is_open or self._is_automatic():
                self._soon.start()
        elif not self._soon.isActive():
            self.close()

    def _follow(self) -> None:
        self._is_moved = False
        self._update()

    def _caret_moved(self) -> None:
        if self.is_open and not self._soon.isActive() and not self._is_typed:
            self.close()

    def _update(self, keep: Proposal | None = None) -> None:
        """Find what may stand at the caret, and show it."""
        editor = self._editor
        if editor.isReadOnly() or editor.carets.are_many or editor.textCursor().hasSelection():
            self.close()
            return
        self._around = around_caret(editor)
        self._language.snippets = self._snippets.proposals()
        found = complete(self._around.text, self._around.caret, self._names.index, self._language)
        self._completion = found
        self._names.want(found.wanted)
        place = (editor.document().revision(), editor.textCursor().position())
        self._waits_for = place if found.wanted and (self._is_asked or self._opens()) else None
        if found.proposals and (self._is_asked or self._opens()) and not self._is_complete():
            self._show(keep)
        else:
            self.popup.hide()

    def _opens(self) -> bool:
        """Whether what was typed opens the list: a letter of a name, or the dot behind one."""
        typed = self._typed()
        before = self._around.text[: self._around.caret]
        return bool(typed) or (before.endswith(".") and not before[:-1][-1:].isdigit())

    def _is_complete(self) -> bool:
        """Whether the only proposal is what stands there already."""
        proposals = self._completion.proposals
        return len(proposals) == 1 and proposals[0].text == self._typed() and not self._is_asked

    def _typed(self) -> str:
        return self._around.text[self._completion.start : self._completion.end]

    def _show(self, keep: Proposal | None) -> None:
        typed = self._typed().strip('"`[')
        selects = self._is_asked or _begins(self._completion.proposals[0].label, typed)
        self.popup.show_proposals(self._completion.proposals, typed, keep, selects=selects)
        cursor = self._editor.textCursor()
        cursor.setPosition(self._around.units(self._completion.start))
        caret = self._editor.cursorRect(cursor)
        corner = self._editor.viewport().mapToGlobal(caret.topLeft())
        self.popup.place(QRect(corner, caret.size()))
        self.popup.show()

    def _names_changed(self) -> None:
        """Columns have come: show them where they were waited for."""
        place = (self._editor.document().revision(), self._editor.textCursor().position())
        if self.is_open or self._waits_for == place:
            self._update(self.popup.current if self._is_moved else None)

    def _accept(self, proposal: Proposal, *, replaces_rest: bool = False) -> None:
        """Write a proposal in the place of what was typed of it, as one step of undo."""
        around, found = self._around, self._completion
        end = found.end + (_rest(around) if replaces_rest else 0)
        end += _closing(around, found.start, end, proposal)
        start_units, end_units = around.units(found.start), around.units(end)
        self.close()
        if proposal.kind is ProposalKind.SNIPPET:
            self._snippets.insert(start_units, end_units, proposal.text)
            return
        text, back = proposal.text, proposal.back
        if text.endswith("()") and around.text[end : end + 1] == "(":
            text, back = text[:-2], -1 if back else 0  # the brackets are there
        cursor = self._editor.textCursor()
        cursor.beginEditBlock()
        cursor.setPosition(start_units)
        cursor.setPosition(end_units, _KEEP)
        cursor.insertText(text)
        cursor.endEditBlock()
        cursor.setPosition(cursor.position() - back)
        self._editor.setTextCursor(cursor)
        self._editor.ensureCursorVisible()


def _begins(label: str, typed: str) -> bool:
    """Whether what was typed begins the name, with its alias or without: else Enter is not meant for the list."""
    folded, name = typed.casefold(), label.casefold()
    return name.startswith(folded) or name.rpartition(".")[2].startswith(folded)


def _continues(text: str) -> bool:
    return text.isalnum() or text in '_.$"`['


def _rest(around: Around) -> int:
    """How much of a name stands behind the caret."""
    end = around.caret
    while end < len(around.text) and (around.text[end].isalnum() or around.text[end] in "_$"):
        end += 1
    return end - around.caret


def _closing(around: Around, start: int, end: int, proposal: Proposal) -> int:
    """1 where the quote that the editor closed by itself would stand behind the one of the proposal."""
    opening = around.text[start : start + 1]
    closing = {"[": "]"}.get(opening, opening)
    is_quoted = start < end and opening in '"`[' and proposal.text.endswith(closing)
    return 1 if is_quoted and around.text[end : end + 1] == closing else 0
