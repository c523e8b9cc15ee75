"""Where in the editor the statement stands that runs, and the place in it that the server complained about."""

import re

from PySide6.QtGui import QTextCursor

from keeperdb.gui.editor import Editor
from keeperdb.gui.strips import place_in_words
from keeperdb.query.statements import Statement

_WORD = re.compile(r"\w+")


class ErrorPlace:
    """Follows the text as it is edited while a statement runs."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._script = ""  # as it was when Run was pressed
        self._statement: QTextCursor | None = None
        self._failed: QTextCursor | None = None

    def begin(self, script: str) -> None:
        """A script is run; the marks of the last one go."""
        self._script, self._statement, self._failed = script, None, None
        self._editor.clear_error()

    def follow(self, statement: Statement) -> None:
        """This statement of the script is run now. Its place is lost if the text is another one by now."""
        is_same = self._editor.script() == self._script
        self._statement = self._editor.place(statement.start, statement.end) if is_same else None

    def mark(self, position: int | None) -> str:
        """Underline the word at `position` of the statement, or all of it; return where that is, in words."""
        statement, self._statement = self._statement, None
        if statement is None:
            return ""
        script = self._editor.script()
        start, end = self._editor.range_of(statement)
        if position is not None:
            start = min(start + position, len(script))
            word = _WORD.match(script, start)
            end = word.end() if word else start + 1
        self._failed = self._editor.place(start, end)
        self._editor.mark_error(self._failed)
        where = place_in_words(script, start)
        return where if position is not None else f"In the statement at {where[0].lower()}{where[1:]}"

    def go(self) -> None:
        """Put the caret there again."""
        if self._failed is not None:
            self._editor.mark_error(self._failed)
            self._editor.setFocus()
