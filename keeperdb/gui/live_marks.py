"""Marks in an editor what is wrong with its statements before they run; found in the background after a pause."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QTextCursor

from keeperdb.gui.editor_loading import LONG
from keeperdb.gui.editor_marks import Selection, live_mark
from keeperdb.gui.known_names import KnownNames
from keeperdb.gui.runner import Runner
from keeperdb.query.completion.made import Made, made_by
from keeperdb.query.completion.names import NameIndex
from keeperdb.query.live_marks import Mark, MarkKind, live_marks, wanted_tables
from keeperdb.query.statements import Statement
from keeperdb.task import Task

if TYPE_CHECKING:
    from keeperdb.gui.editor import Editor

_PAUSE = 500  # milliseconds after the last key
_MOST_STATEMENTS = 200  # on the screen; more is no reading
_MOST_MARKS = 200
_PIECE = 0.001  # seconds that the window may have between two statements

Path = tuple[str, ...]
_TOKENS = {MarkKind.SYNTAX: "danger", MarkKind.UNKNOWN: "warning", MarkKind.WRITE: "danger"}


@dataclass(frozen=True, slots=True)
class ShownMark:
    """A mark and the place it is at, which follows the text."""

    place: QTextCursor
    kind: MarkKind
    message: str

    @property
    def token(self) -> str:
        """The name of its colour."""
        return _TOKENS[self.kind]


@dataclass(frozen=True, slots=True)
class _Found:
    statements: Sequence[Statement]
    marks: dict[str, list[Mark]]  # by the text of the statement
    wanted: list[Path]
    memory: tuple[object, dict[str, list[Mark]]]

    def in_script(self) -> Iterator[Mark]:
        """All marks, in characters of the script."""
        for statement in self.statements:
            for each in self.marks[statement.text]:
                yield replace(each, start=statement.start + each.start, end=statement.start + each.end)


class LiveMarks(QObject):
    """Looks at the statements on the screen and the one at the caret. `changed` follows the marks that are shown."""

    changed = Signal()

    def __init__(
        self, editor: "Editor", names: KnownNames, runner: Runner, *, is_read_only: bool, is_on: Callable[[], bool]
    ) -> None:
        super().__init__(editor)
        self.marks: list[ShownMark] = []
        self.ran = Made()  # what statements of this tab made when they ran
        self._editor = editor
        self._names = names
        self._runner = runner
        self._is_read_only = is_read_only
        self._is_on = is_on
        self._task: Task | None = None
        self._memory: tuple[object, dict[str, list[Mark]]] = (None, {})  # of statements that did not change since
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE)
        self._pause.timeout.connect(self.look)
        editor.textChanged.connect(self._edited)
        editor.caret_moved.connect(lambda *_: self._pause.start())
        editor.verticalScrollBar().valueChanged.connect(lambda _: self._pause.start())
        editor.statements.changed.connect(self._pause.start)
        names.changed.connect(self._pause.start)

    @property
    def is_waiting(self) -> bool:
        """Whether marks of the present text are still being found."""
        return self._pause.isActive() or self._task is not None

    def apply_settings(self) -> None:
        """Take whether marks are wanted into use."""
        if self._is_on():
            self._pause.start()
        else:
            self._show([])

    def note_run(self, statement: str) -> None:
        """A statement runs: what it makes is known from now on."""
        self.ran = self.ran | made_by([statement], self._editor.dialect)

    def at(self, position: int) -> ShownMark | None:
        """The mark at one of Qt's positions."""
        return next(
            (each for each in self.marks if each.place.selectionStart() <= position <= each.place.selectionEnd()), None
        )

    def look(self) -> None:
        """Find the marks of what is looked at now."""
        editor = self._editor
        if not self._is_on() or editor.is_loading:
            self._show([])
            return
        if not editor.statements.is_current or self._task is not None:
            self._pause.start()
            return
        statements, index, dialect = self._looked_at(), self._names.index, editor.dialect
        script = editor.statements.statements if editor.document().characterCount() < LONG else None
        revision, is_read_only, ran = editor.document().revision(), self._is_read_only, self.ran
        memory = self._memory

        def find(task: Task) -> _Found:
            made = Made(is_moved=True) if script is None else ran | made_by((each.text for each in script), dialect)
            known = (index, len(index.known_shapes()), made)
            before = memory[1] if memory[0] == known else {}
            now = {
                each.text: _marks_of(each.text, dialect, index, made, task, before, is_read_only=is_read_only)
                for each in statements
            }
            wanted = [path for each in statements for path in wanted_tables(each.text, dialect, index)]
            return _Found(statements, now, wanted, (known, now))

        self._task = self._runner.start(
            find, owner=self, done=lambda found: self._take(revision, found), finished=self._finish
        )

    def _looked_at(self) -> list[Statement]:
        """The statements on the screen, and the one at the caret."""
        editor = self._editor
        first, last = editor.visible_lines()
        document = editor.document()
        start = editor.positions().to_characters(document.findBlockByNumber(first).position())
        block = document.findBlockByNumber(last)
        end = editor.positions().to_characters(block.position() + block.length() - 1)
        found = editor.statements.between(start, end)[:_MOST_STATEMENTS]
        current = editor.statement_at_caret()
        return [*found, *([current] if current is not None and current not in found else [])]

    def _take(self, revision: int, found: _Found) -> None:
        self._names.want(found.wanted)
        self._memory = found.memory
        if revision != self._editor.document().revision():
            self._pause.start()
            return
        caret = self._editor.selection()[0]
        script = self._editor.script()
        shown = [each for each in islice(found.in_script(), _MOST_MARKS) if not _is_being_typed(each, caret, script)]
        self._show([ShownMark(self._editor.place(each.start, each.end), each.kind, each.message) for each in shown])

    def _finish(self) -> None:
        self._task = None

    def _edited(self) -> None:
        """A mark whose word is typed at now goes away at once."""
        caret = self._editor.textCursor().position()
        kept = [
            each
            for each in self.marks
            if each.place.hasSelection() and not each.place.selectionStart() <= caret <= each.place.selectionEnd()
        ]
        if len(kept) != len(self.marks):
            self._show(kept)
        self._pause.start()

    def _show(self, shown: list[ShownMark]) -> None:
        if not shown and not self.marks:
            return
        self.marks = shown
        self._editor.mark_live(selections(shown), {_line(each): each.token for each in reversed(shown)})
        self.changed.emit()


def selections(shown: Sequence[ShownMark]) -> list[Selection]:
    """How marks are drawn in the text."""
    return [live_mark(each.place, each.token) for each in shown]


def _line(mark: ShownMark) -> int:
    return mark.place.document().findBlock(mark.place.selectionStart()).blockNumber()


def _marks_of(
    text: str,
    dialect: str,
    index: NameIndex,
    made: Made,
    task: Task,
    before: dict[str, list[Mark]],
    *,
    is_read_only: bool,
) -> list[Mark]:
    """In the background: as found before, or found now, with a moment for the window after it."""
    if text in before:
        return before[text]
    task.check()
    found = live_marks(text, dialect, index, is_read_only=is_read_only, made=made)
    task.sleep(_PIECE)
    return found


def _is_being_typed(mark: Mark, caret: int, script: str) -> bool:
    """Whether the caret is where the mark is, or where what is missing would be typed."""
    if mark.start <= caret <= mark.end:
        return True
    if mark.kind is not MarkKind.SYNTAX:
        return False
    first, second = sorted((mark.end, caret))
    between = script[first:second]
    if mark.end <= caret:  # at the end of a line whose bracket or clause is still open
        line_end = script.find("\n", caret)
        rest = script[caret : line_end if line_end >= 0 else len(script)]
        is_open = mark.end == mark.start + 1 and script[mark.start : mark.end] in ("(", "'", '"', "`", "[")
        return "\n" not in between and not rest.strip(" \t;)") and (is_open or not between.strip())
    return not between.strip()
