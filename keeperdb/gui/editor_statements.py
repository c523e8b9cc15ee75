"""The statements of the text that is edited, found in the background when it is long; and how the statement's
brackets belong together."""

import time
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING, overload

from PySide6.QtCore import QObject, Signal

from keeperdb.gui.editor_marks import HIDDEN
from keeperdb.gui.runner import Runner
from keeperdb.query.statements import Statement, choose, split, walk
from keeperdb.task import Task

if TYPE_CHECKING:
    from keeperdb.gui.editor import Editor

_SHORT = 2_000  # characters that are split at once
_TURN = 0.002  # seconds of work in the background, after which the window may have the interpreter
_PAUSE = 0.0005
_PIECE = 50_000  # characters that are looked through in one go


class StatementIndex(QObject):
    """Knows the statements of one revision of the text; `changed` when those of the present one are known."""

    changed = Signal()
    hidden_counted = Signal(int)

    def __init__(self, editor: "Editor", runner: Runner | None) -> None:
        super().__init__(editor)
        self._editor = editor
        self._runner = runner
        self._revision = -1
        self._splitting = -1  # the revision that is being split in the background
        self._statements: Sequence[Statement] = []

    @property
    def is_current(self) -> bool:
        """Whether the statements are those of the text as it is now."""
        return self._revision == self._editor.document().revision()

    @property
    def statements(self) -> Sequence[Statement]:
        """Of the text as it is now; empty until they are known."""
        return self._statements if self.is_current else []

    def at(self, position: int) -> Statement | None:
        """The statement that would run with the caret at `position`, if that is known."""
        return choose(self._statements, self._editor.script(), position) if self.is_current else None

    def between(self, start: int, end: int) -> list[Statement]:
        """The statements that have something between two places, if they are known."""
        found = self.statements
        first = bisect_left(found, start, key=lambda each: each.end)
        last = bisect_left(found, end, key=lambda each: each.start)
        return list(found[first:last])

    def look(self) -> None:
        """Have the statements of the present text found: at once if it is short, else in the background."""
        revision, dialect = self._editor.document().revision(), self._editor.dialect
        if self._revision == revision or self._editor.is_loading:
            return
        text = self._editor.script()
        if len(text) <= _SHORT:
            self._take(revision, split(text, dialect), _hidden(text))
        elif self._runner is not None and self._splitting < 0:
            self._splitting = revision
            self._runner.start(
                lambda task: (_split(text, dialect, task), _count_hidden(text, task)),
                owner=self,
                done=lambda found: self._take(revision, *found),
                finished=self._finish,
            )

    def _take(self, revision: int, statements: Sequence[Statement], hidden: int) -> None:
        self._revision, self._statements = revision, statements
        self.hidden_counted.emit(hidden)
        self.changed.emit()

    def _finish(self) -> None:
        self._splitting = -1
        self.look()


class _Places(Sequence[Statement]):
    """Statements that are made when they are looked at: tens of thousands of objects would hold up the collector."""

    def __init__(self, script: str) -> None:
        self._script = script
        self._starts = array("q")
        self._ends = array("q")
        self._titles: dict[int, str] = {}

    def add(self, statement: Statement) -> None:
        if statement.title:
            self._titles[len(self._starts)] = statement.title
        self._starts.append(statement.start)
        self._ends.append(statement.end)

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, index: int) -> Statement: ...

    @overload
    def __getitem__(self, index: slice) -> list[Statement]: ...

    def __getitem__(self, index: int | slice) -> Statement | list[Statement]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        start, end = self._starts[place], self._ends[place]
        return Statement(self._script[start:end], start, end, self._titles.get(place, ""))


def _split(text: str, dialect: str, task: Task) -> Sequence[Statement]:
    """As `split`, but never long without letting others have the interpreter."""
    found = _Places(text)
    turn = time.perf_counter() + _TURN
    for statement in walk(text, dialect):
        found.add(statement)
        if time.perf_counter() > turn:
            task.check()
            time.sleep(_PAUSE)
            turn = time.perf_counter() + _TURN
    return found


def _count_hidden(text: str, task: Task) -> int:
    """How many hidden characters there are, found in the same way."""
    count = 0
    for start in range(0, 0 if text.isascii() else len(text), _PIECE):
        count += _hidden(text[start : start + _PIECE])
        task.check()
        time.sleep(_PAUSE)
    return count


def _hidden(text: str) -> int:
    return 0 if text.isascii() else sum(1 for _ in HIDDEN.finditer(text))
