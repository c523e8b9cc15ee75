"""Colours SQL line by line: comments, strings, numbers, keywords and function names of one dialect."""

import re
import time

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from keeperdb.gui.text_position import to_units
from keeperdb.gui.tokens import color

_NORMAL, _COMMENT, _STRING, _DOLLAR = -1, 1, 2, 16  # states at the end of a line; a dollar quote adds its tag's number

_KEYWORDS = frozenset(
    re.findall(
        r"\w+",
        """
        add all alter analyze and any array as asc attach authorization autoincrement auto_increment before after begin
        between both by call cascade case cast check collate column commit conflict constraint copy create cross cube
        current current_date current_time current_timestamp current_user cursor cycle database databases declare default
        deferrable deferred delete desc describe detach distinct do domain drop duplicate each else elseif end enum
        escape except exclude execute exists explain extension extract fetch filter first following for foreign from
        full function generated glob grant group grouping having if ignore ilike immediate in index inherits initially
        inner inout insert instead intersect interval into is isnull join key language last lateral leading left like
        limit listen load local lock materialized match merge minus modify natural next no not nothing notify notnull
        null nulls of offset on only or order out outer over overlaps partition plan policy pragma preceding prepare
        primary procedure publication raise range recursive references refresh regexp reindex release rename replace
        restrict return returning returns revoke right rlike role rollback rollup row rows savepoint schema security
        select sequence session set sets show similar some start straight_join subscription table tablespace temp
        temporary then ties to trailing transaction trigger truncate type unbounded union unique unlock update upsert
        use user using vacuum values view virtual when where while window with without true false bigint bigserial
        binary bit blob bool boolean bytea char character date datetime decimal double float inet int integer json jsonb
        mediumint mediumtext numeric precision real serial smallint text time timestamp timestamptz tinyint uuid
        varbinary varchar xml year zone
        """,
    )
)

_COMMON = (
    r"(?P<open>/\*(?!.*?\*/))|(?P<comment>{comment}|/\*.*?\*/)|(?P<string>{string})|(?P<unclosed>')"
    r"|(?P<name>\"(?:[^\"]|\"\")*\"|`[^`]*`)|(?P<dollar>{dollar})|(?P<number>\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b)"
    r"|(?P<word>[^\W\d][\w$]*)"
)
_NEVER = r"(?!)"
_STANDARD = re.compile(_COMMON.format(comment="--.*", string=r"'(?:[^']|'')*'", dollar=_NEVER))
_POSTGRES = re.compile(_COMMON.format(comment="--.*", string=r"'(?:[^']|'')*'", dollar=r"\$(?:[^\W\d]\w*)?\$"))
_MYSQL = re.compile(_COMMON.format(comment=r"--(?=\s|$).*|\#.*", string=r"'(?:[^'\\]|''|\\.)*'", dollar=_NEVER))
_SYNTAX = {"postgres": _POSTGRES, "redshift": _POSTGRES, "mysql": _MYSQL}
_TOKENS = {"comment": "comment", "string": "string", "number": "number", "keyword": "keyword", "function": "function"}


_BUDGET = 0.008  # seconds of one pass; the rest of a long text is coloured bit by bit


class Highlighter(QSyntaxHighlighter):
    """Highlights a document in `dialect` (sqlglot's name); call `follow_theme` when the colours change.

    Qt asks for all lines of a pasted text at once. What does not fit into a few milliseconds waits, so that a text
    of any length never holds up the window.
    """

    def __init__(self, document: QTextDocument, dialect: str = "") -> None:
        super().__init__(document)
        self._syntax = _SYNTAX.get(dialect, _STANDARD)
        self._tags: list[str] = []
        self._text = ""
        self._formats: dict[str, QTextCharFormat] = {}
        self._deadline = 0.0  # of the pass that runs, by `time.perf_counter`
        self._pass = QTimer(self, singleShot=True)  # active until the event loop comes round again
        self._waiting: int | None = None  # the first line that is not coloured yet
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._go_on)
        self._take_colors()

    @property
    def is_complete(self) -> bool:
        """Whether every line is coloured."""
        return self._waiting is None

    def follow_theme(self) -> None:
        """Take the colours anew."""
        self._take_colors()
        self._wait_from(0)

    def highlightBlock(self, text: str) -> None:
        if self._is_late():
            self._wait_from(self.currentBlock().blockNumber())
            return
        self._text = text
        position = self._continue(text)
        self.setCurrentBlockState(_NORMAL if position >= 0 else self.previousBlockState())
        while position >= 0 and (match := self._syntax.search(text, position)):
            position = self._mark(text, match)

    def _is_late(self) -> bool:
        """Whether the pass that this call belongs to has used up its time."""
        now = time.perf_counter()
        if not self._pass.isActive():
            self._begin_pass(now)
        return now > self._deadline

    def _begin_pass(self, now: float) -> None:
        self._deadline = now + _BUDGET
        self._pass.start(0)

    def _wait_from(self, line: int) -> None:
        if self._waiting is None or line < self._waiting:
            self._waiting = line
        if not self._timer.isActive():
            self._timer.start(0)

    def _go_on(self) -> None:
        """Colour some of the lines that wait."""
        block = self.document().findBlockByNumber(self._waiting or 0)
        self._waiting = None
        self._begin_pass(time.perf_counter())
        while block.isValid() and self._waiting is None:
            self.rehighlightBlock(block)
            block = block.next()
        if self._waiting is None:
            self._timer.stop()

    def _take_colors(self) -> None:
        for name, token in _TOKENS.items():
            style = QTextCharFormat()
            style.setForeground(color(token))
            style.setFontItalic(name == "comment")
            style.setFontWeight(QFont.Weight.DemiBold if name == "keyword" else QFont.Weight.Normal)
            self._formats[name] = style

    def _continue(self, text: str) -> int:
        """Finish what an earlier line began; return where it ends, or -1 if this line does not end it."""
        state = self.previousBlockState()
        if state == _NORMAL:
            return 0
        end, kind = self._end_of(state, text, 0)
        self._color(0, end if end >= 0 else len(text), kind)
        return end

    def _end_of(self, state: int, text: str, start: int) -> tuple[int, str]:
        closing = {_COMMENT: "*/", _STRING: "'"}.get(state) or self._tags[state - _DOLLAR]
        found = text.find(closing, start)
        return (found + len(closing) if found >= 0 else -1), "comment" if state == _COMMENT else "string"

    def _mark(self, text: str, match: re.Match[str]) -> int:
        """Colour one token; return where to go on, or -1 when it goes on in the next line."""
        kind, start, end = match.lastgroup or "", match.start(), match.end()
        if kind in ("open", "unclosed", "dollar"):
            return self._open(text, start, end, kind)
        if kind == "word":
            word = match[0].lower()
            called = end < len(text) and text[end] == "("
            kind = "keyword" if word in _KEYWORDS else "function" if called else ""
        if kind in self._formats:
            self._color(start, end, kind)
        return end

    def _open(self, text: str, start: int, end: int, kind: str) -> int:
        state = {"open": _COMMENT, "unclosed": _STRING}.get(kind) or self._dollar_state(text[start:end])
        close, style = self._end_of(state, text, end)
        self._color(start, close if close >= 0 else len(text), style)
        if close < 0:
            self.setCurrentBlockState(state)
        return close

    def _dollar_state(self, tag: str) -> int:
        if tag not in self._tags:
            self._tags.append(tag)
        return _DOLLAR + self._tags.index(tag)

    def _color(self, start: int, end: int, kind: str) -> None:
        begin = to_units(self._text, start)
        self.setFormat(begin, to_units(self._text, end) - begin, self._formats[kind])
