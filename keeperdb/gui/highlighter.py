"""Colours SQL where it is looked at: the state of every line is known soon, only lines on the screen are coloured."""

import time

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QFont, QTextBlock, QTextCharFormat, QTextDocument, QTextLayout

from keeperdb.gui.editor_syntax import NORMAL, Syntax
from keeperdb.gui.text_position import Positions
from keeperdb.gui.tokens import color

_BUDGET = 0.006  # seconds of one pass over the lines; the rest waits until the event loop comes round again
_AT_ONCE = 0.002  # seconds spent on the lines of an edit before it is shown
_TOKENS = ("comment", "string", "number", "keyword", "function")
_LONGEST = 20_000  # characters of one line that are coloured

# A block's user state packs: the state at its end, the state it was coloured from, and the colours' generation.
_BITS = 12
_MASK = (1 << _BITS) - 1
_UNKNOWN = _MASK
_GENERATIONS = 63


class Highlighter(QObject):
    """Highlights a document in `dialect` (sqlglot's name); the editor calls `color` for the lines that it paints.

    Until the state of a line is known it is coloured as if nothing were open before it.
    """

    advanced = Signal()  # the states of further lines are known: those on the screen may look different

    def __init__(self, document: QTextDocument, dialect: str = "") -> None:
        super().__init__(document)
        self._document = document
        self._syntax = Syntax(dialect)
        self._formats: dict[str, QTextCharFormat] = {}
        self._generation = 1
        self._lines = document.blockCount()
        self._waiting: int | None = None  # the first line whose state has to be found
        self._must_reach = -1  # the last line that has to be read, whatever was known of it
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._go_on)
        document.contentsChange.connect(self._changed)
        self._take_colors()
        self._changed(0, 0, document.characterCount())

    @property
    def is_complete(self) -> bool:
        """Whether the state of every line is known."""
        return self._waiting is None

    def follow_theme(self) -> None:
        """Take the colours anew."""
        self._take_colors()
        self._generation = self._generation % _GENERATIONS + 1

    def color(self, block: QTextBlock, last: int) -> None:
        """Colour the lines from `block` to the one numbered `last`, both included, where that is still to be done."""
        state = _end_state(block.previous())
        state = NORMAL if state == _UNKNOWN else state
        while block.isValid() and block.blockNumber() <= last:
            known, start, generation = _unpack(block.userState())
            if start != state or generation != self._generation:
                end = self._color_line(block, state)
                known = end if known == _UNKNOWN and self._waiting is None else known
                block.setUserState(_pack(known, state, self._generation))
            else:
                end = known if known != _UNKNOWN else self._syntax.end_state(block.text(), state)
            state = known if known != _UNKNOWN else end
            block = block.next()

    def _color_line(self, block: QTextBlock, state: int) -> int:
        text = block.text()
        spans, end = self._syntax.spans(text, state)
        if block.layout().preeditAreaText():
            return end
        positions = Positions(text)
        ranges = []
        for span in spans:
            if span.start > _LONGEST:
                break
            piece = QTextLayout.FormatRange()
            piece.start = positions.to_units(span.start)
            piece.length = positions.to_units(span.end) - piece.start
            piece.format = self._formats[span.kind]
            ranges.append(piece)
        if ranges or block.layout().formats():
            block.layout().setFormats(ranges)
            self._document.markContentsDirty(block.position(), block.length())
        return end

    def _changed(self, position: int, _removed: int, added: int) -> None:
        first = self._document.findBlock(position).blockNumber()
        end = self._document.findBlock(position + added)
        last = end.blockNumber() if end.isValid() else self._document.blockCount() - 1
        shift = self._document.blockCount() - self._lines
        self._lines = self._document.blockCount()
        if self._waiting is not None:
            waiting = self._waiting + shift if self._waiting > first else self._waiting
            reach = self._must_reach + shift if self._must_reach > first else self._must_reach
            first, last = min(first, waiting), max(last, reach, waiting)
        self._waiting, self._must_reach = max(0, first), last
        self._read(time.perf_counter() + _AT_ONCE)

    def _go_on(self) -> None:
        self._read(time.perf_counter() + _BUDGET)
        self.advanced.emit()

    def _read(self, deadline: float) -> None:
        """Find the state of the lines that wait, until all is known again or the time is over."""
        number = self._waiting or 0
        block = self._document.findBlockByNumber(number)
        state = _end_state(block.previous()) if number else NORMAL
        while block.isValid():
            old, start, generation = _unpack(block.userState())
            new = self._syntax.end_state(block.text(), NORMAL if state == _UNKNOWN else state)
            is_changed = number <= self._must_reach
            if is_changed:
                start = _UNKNOWN
            block.setUserState(_pack(new, start, generation))
            block, state, number = block.next(), new, number + 1
            if not is_changed and old == new and _end_state(block) != _UNKNOWN:
                break
            if number % 32 == 0 and time.perf_counter() > deadline and block.isValid():
                self._waiting = number
                if not self._timer.isActive():
                    self._timer.start()
                return
        self._waiting, self._must_reach = None, -1
        self._timer.stop()

    def _take_colors(self) -> None:
        for name in _TOKENS:
            style = QTextCharFormat()
            style.setForeground(color(name))
            style.setFontItalic(name == "comment")
            style.setFontWeight(QFont.Weight.DemiBold if name == "keyword" else QFont.Weight.Normal)
            self._formats[name] = style


def _end_state(block: QTextBlock) -> int:
    """The state at the end of a line, `_UNKNOWN` if nobody read it; nothing is open before the first."""
    return _unpack(block.userState())[0] if block.isValid() else NORMAL


def _unpack(packed: int) -> tuple[int, int, int]:
    if packed < 0:
        return _UNKNOWN, _UNKNOWN, 0
    return packed & _MASK, packed >> _BITS & _MASK, packed >> 2 * _BITS


def _pack(end: int, start: int, generation: int) -> int:
    return end | start << _BITS | generation << 2 * _BITS
