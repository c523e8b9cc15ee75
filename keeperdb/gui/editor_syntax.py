"""What the words and signs of one line of SQL are, and what goes on in the next line; by dialect, without Qt."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

NORMAL = 0  # the state at the end of a line in which nothing is open
_STRING, _ESCAPED, _NAME, _BACKTICK, _BRACKET, _DOUBLE = 1, 2, 3, 4, 5, 6
_COMMENT = 16  # plus how many further comments are nested around
_DEEPEST = 255
_DOLLAR = 512  # plus the number of the dollar quote's tag
LAST_STATE = 4_000

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
_MORE_KEYWORDS = {
    "postgres": "also atomic concurrently elsif exception exit foreach freeze handler immutable loop perform plpgsql "
    "query reset stable strict unlogged volatile within",
    "redshift": "distkey diststyle encode sortkey compupdate unload spectrum super",
    "sqlite": "abort fail rowid strict",
    "mysql": "change charset div elseif engine event exit force fulltext handler high_priority iterate leave longblob "
    "longtext loop low_priority mediumblob optimize outfile repeat set signal spatial unsigned until utf8mb4 xor "
    "zerofill delimiter",
    "tsql": "apply backup break catch clustered close continue datetime2 datetimeoffset deallocate dbcc exec go goto "
    "identity image money nchar nocount nolock nonclustered ntext nvarchar open option output pivot print proc "
    "rowversion smalldatetime smallmoney sql_variant throw top tran try uniqueidentifier unpivot waitfor",
    "oracle": "body bulk clob collect connect dual elsif exception exit forall goto level loop minus nclob nchar "
    "nvarchar2 number package pls_integer prior raw rownum rowid synonym sysdate systimestamp varchar2 connect_by_root",
}


@dataclass(frozen=True, slots=True)
class _Signs:
    """Which signs mean what in a dialect."""

    comment: str  # to the end of the line
    string: str = r"'(?:[^']|'')*+'"
    escaped: str = ""  # strings in which a backslash escapes
    is_nested: bool = False
    has_dollars: bool = False
    has_backticks: bool = True
    has_brackets: bool = False
    double: str = r"\"(?:[^\"]|\"\")*+\""


_NEVER = r"(?!)"
_DASHES = r"--.*"
_BRACKET_SIGN = r"\["
_TAG = r"(?<![\w$])[$](?:[^\W\d]\w*)?[$]"
_MYSQL_STRING = r"'(?:[^'\\]|''|\\.)*+'"
_SIGNS = {
    "postgres": _Signs(
        _DASHES, escaped=r"[eE]'(?:[^'\\]|''|\\.)*+'", is_nested=True, has_dollars=True, has_backticks=False
    ),
    "mysql": _Signs(r"--(?=\s|$).*|\#.*", _MYSQL_STRING, double=r"\"(?:[^\"\\]|\"\"|\\.)*+\""),
    "tsql": _Signs(_DASHES, is_nested=True, has_backticks=False, has_brackets=True),
    "oracle": _Signs(_DASHES, r"[nN]?[qQ]'(?:\[.*?\]'|\{.*?\}'|\(.*?\)'|<.*?>')|'(?:[^']|'')*+'", has_backticks=False),
    "sqlite": _Signs(_DASHES, has_brackets=True),
}
_SIGNS["redshift"] = _SIGNS["postgres"]
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_CLOSING = {
    _STRING: re.compile(r"(?:[^']|'')*+'"),
    _ESCAPED: re.compile(r"(?:[^'\\]|''|\\.)*+'"),
    _NAME: re.compile(r"(?:[^\"]|\"\")*+\""),
    _DOUBLE: re.compile(r"(?:[^\"\\]|\"\"|\\.)*+\""),
    _BACKTICK: re.compile(r"(?:[^`]|``)*+`"),
    _BRACKET: re.compile(r"(?:[^\]]|\]\])*+\]"),
}


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a line, in characters; `kind` is the name of its colour."""

    start: int
    end: int
    kind: str


class Syntax:
    """Reads lines of `dialect` (sqlglot's name); an unknown one is read as standard SQL."""

    def __init__(self, dialect: str) -> None:
        signs = _SIGNS.get(dialect, _Signs(_DASHES))
        self._is_nested = signs.is_nested
        self._is_mysql = dialect == "mysql"
        self._keywords = _KEYWORDS | set(_MORE_KEYWORDS.get(dialect, "").split())
        self._openers = _openers(signs)
        self._pieces = re.compile(f"{self._openers.pattern}|{_WORDS}")
        self._plain = _plain(signs)
        self._tags: list[str] = []

    def end_state(self, line: str, state: int) -> int:
        """The state after `line`, which begins in `state`."""
        if state == NORMAL and self._plain.fullmatch(line):
            return NORMAL
        return self._read(line, state, self._openers, None)

    def spans(self, line: str, state: int) -> tuple[list[Span], int]:
        """What is coloured in `line`, which begins in `state`, and the state after it."""
        spans: list[Span] = []
        return spans, self._read(line, state, self._pieces, spans)

    def _read(self, line: str, state: int, pattern: re.Pattern[str], spans: list[Span] | None) -> int:
        position = 0
        if state != NORMAL:
            position, left = self._close(line, 0, state)
            _add(spans, 0, len(line) if position < 0 else position, _kind(state))
            if position < 0:
                return left
        while match := pattern.search(line, position):
            kind, position = match.lastgroup or "", match.end()
            opened = self._state_of(kind, match[0])
            if opened != NORMAL:
                position, left = self._close(line, match.end(), opened)
                _add(spans, match.start(), len(line) if position < 0 else position, _kind(opened))
                if position < 0:
                    return left
            elif spans is not None:
                self._take(line, match, kind, spans)
        return NORMAL

    def _take(self, line: str, match: re.Match[str], kind: str, spans: list[Span]) -> None:
        start, end = match.span()
        if kind == "word":
            is_call = end < len(line) and line[end] == "("
            kind = "keyword" if match[0].lower() in self._keywords else "function" if is_call else ""
        elif kind == "double":
            kind = "string" if self._is_mysql else ""
        if kind in ("comment", "string", "number", "keyword", "function"):
            spans.append(Span(start, end, kind))

    def _state_of(self, kind: str, text: str) -> int:
        """The state that a piece opens."""
        if kind == "dollar":
            if text not in self._tags and _DOLLAR + len(self._tags) < LAST_STATE:
                self._tags.append(text)
            return _DOLLAR + self._tags.index(text) if text in self._tags else NORMAL
        return (_MYSQL_OPENED if self._is_mysql else _OPENED).get(kind, NORMAL)

    def _close(self, line: str, start: int, state: int) -> tuple[int, int]:
        """Where what is open ends in `line`, or -1 and the state that goes on."""
        if _COMMENT <= state < _DOLLAR:
            return self._close_comment(line, start, state)
        if state >= _DOLLAR:
            tag = self._tags[state - _DOLLAR]
            found = line.find(tag, start)
            return (found + len(tag), NORMAL) if found >= 0 else (-1, state)
        match = _CLOSING[state].match(line, start)
        return (match.end(), NORMAL) if match else (-1, state)

    def _close_comment(self, line: str, start: int, state: int) -> tuple[int, int]:
        for edge in _COMMENT_EDGE.finditer(line, start):
            if edge[0] == "*/":
                state -= 1
            elif self._is_nested and state < _COMMENT + _DEEPEST:
                state += 1
            if state < _COMMENT:
                return edge.end(), NORMAL
        return -1, state


_OPENED = {
    "open": _COMMENT,
    "escape": _ESCAPED,
    "quote": _STRING,
    "name": _NAME,
    "tick": _BACKTICK,
    "bracket": _BRACKET,
}
_MYSQL_OPENED = _OPENED | {"quote": _ESCAPED, "name": _DOUBLE}
_WORDS = r"(?P<number>\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b)|(?P<word>[^\W\d][\w$]*)"


def _openers(signs: _Signs) -> re.Pattern[str]:
    """Everything in which other signs mean nothing, closed or open."""
    closed_strings = "|".join(each for each in (signs.escaped, signs.string) if each)
    return re.compile(
        "|".join(
            (
                f"(?P<comment>{signs.comment}|{_NEVER if signs.is_nested else '/[*].*?[*]/'})",
                r"(?P<open>/\*)",
                f"(?P<string>{closed_strings})",
                f"(?P<double>{signs.double})",
                f"(?P<closed>{_quoted(signs)})",
                f"(?P<escape>{_escape_opener(signs)})",
                r"(?P<quote>')",
                r"(?P<name>\")",
                f"(?P<tick>{'`' if signs.has_backticks else _NEVER})",
                f"(?P<bracket>{_BRACKET_SIGN if signs.has_brackets else _NEVER})",
                f"(?P<dollar>{_TAG if signs.has_dollars else _NEVER})",
            )
        )
    )


def _quoted(signs: _Signs) -> str:
    tick = r"`(?:[^`]|``)*+`" if signs.has_backticks else _NEVER
    bracket = r"\[(?:[^\]]|\]\])*+\]" if signs.has_brackets else _NEVER
    return f"{tick}|{bracket}"


def _escape_opener(signs: _Signs) -> str:
    return r"(?<!\w)[eE]'" if signs.escaped else _NEVER


def _plain(signs: _Signs) -> re.Pattern[str]:
    """A whole line that opens nothing, told in one step: most lines are so."""
    strings = _NEVER if signs.escaped or "\\" in signs.string else "'[^']*+'"
    return re.compile(rf"(?:[^'\"`/$\-#\[]++|{strings}|-(?!-)|/(?!\*))*+(?:--.*)?+")


def _kind(state: int) -> str:
    if _COMMENT <= state < _DOLLAR:
        return "comment"
    return "string" if state in (_STRING, _ESCAPED, _DOUBLE) or state >= _DOLLAR else ""


def _add(spans: list[Span] | None, start: int, end: int, kind: str) -> None:
    if spans is not None and kind and end > start:
        spans.append(Span(start, end, kind))


def words(dialect: str) -> Iterator[str]:
    """The keywords of a dialect, in small letters and in order."""
    yield from sorted(_KEYWORDS | set(_MORE_KEYWORDS.get(dialect, "").split()))
