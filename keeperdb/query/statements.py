"""A script as statements: verbatim slices with their positions, split as the dialect's own client splits."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat

from keeperdb.engines.sql_text import Token, TokenKind, is_executable_comment, tokens
from keeperdb.query import batches

_TITLE = re.compile(r"^--\s*name:\s*(?P<title>.+?)\s*$", re.MULTILINE)
_DELIMITER = re.compile(r"[ \t]*delimiter[ \t]+(?P<delimiter>\S+)[^\n]*(?:\n|\Z)", re.IGNORECASE)
_LOOSE_ENDS = {"IF", "LOOP", "WHILE", "REPEAT", "FOR"}  # END IF and the like end no BEGIN
_PROGRAMS = {"PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE"}


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL command. `text` is `script[start:end]`; `title` comes from a comment `-- name: …` before it."""

    text: str
    start: int = 0
    end: int = 0
    title: str = ""


def split(script: str, dialect: str) -> list[Statement]:
    """The statements of `script` in order, without separators; comments before a statement belong to it."""
    return list(_statements(script, dialect))


def walk(script: str, dialect: str) -> Iterator[Statement]:
    """As `split`, one after the other: for a long script in the background, between whose statements others work."""
    return _statements(script, dialect)


def statement_at(script: str, position: int, dialect: str) -> Statement | None:
    """The statement at the caret: the one it is in or right behind on the same line, else the next, else the last."""
    return choose(split(script, dialect), script, position)


def choose(statements: Sequence[Statement], script: str, position: int) -> Statement | None:
    """As `statement_at`, for a script that was split already."""
    index = bisect_left(statements, position, key=lambda each: each.end)
    if index < len(statements):
        statement, before = statements[index], statements[index - 1] if index else None
        is_right_behind = before is not None and "\n" not in script[before.end : position]
        return before if position < statement.start and is_right_behind else statement
    return statements[-1] if statements else None


def _statements(script: str, dialect: str) -> Iterator[Statement]:
    if batches.reads(dialect):
        for piece in batches.pieces(script, dialect):
            yield from repeat(_statement(script, piece.start or 0, piece.code or 0, piece.end), piece.repeat)
        return
    position, delimiter = 0, ";"
    while position < len(script):
        change = _DELIMITER.match(script, position) if dialect == "mysql" else None
        if change is not None and _starts_line(script, position):
            position, delimiter = change.end(), change["delimiter"]
            continue
        segment = _Segment(script, dialect)
        position = segment.read(position, delimiter)
        statement = segment.statement()
        if statement is not None:
            yield statement


def _statement(script: str, start: int, code: int, end: int) -> Statement:
    """The slice from its first comment on; `code` is where the comments before it end."""
    titles = _TITLE.findall(script[start:code])
    return Statement(script[start:end], start, end, titles[-1].strip() if titles else "")


def _starts_line(script: str, position: int) -> bool:
    return not script[script.rfind("\n", 0, position) + 1 : position].strip()


class _Segment:
    """The text from one separator to the next."""

    def __init__(self, script: str, dialect: str) -> None:
        self._script = script
        self._dialect = dialect
        self._blocks = _BLOCKS.get(dialect, _NoBlocks)()
        self._start: int | None = None  # of the first comment or token that belongs to the statement
        self._code: int | None = None  # of the first token that is no comment
        self._end = 0
        self._seen_newline = True

    def read(self, position: int, delimiter: str) -> int:
        """Read from `position`; return where the next segment begins."""
        self._seen_newline = _starts_line(self._script, position)
        while position < len(self._script):
            if delimiter != ";" and self._script.startswith(delimiter, position):
                return position + len(delimiter)
            token = next(tokens(self._script, self._dialect, position))
            if self._is_delimiter_line(token):
                return token.start
            if delimiter == ";" and token.kind is TokenKind.SEMICOLON and not self._blocks.is_open:
                return token.end
            if delimiter != ";" and token.kind is TokenKind.OTHER:
                token = Token(token.kind, token.start, token.start + 1)  # the delimiter may begin inside a run
            elif delimiter != ";" and token.kind is TokenKind.WORD:  # `$$` may stand in a word
                place = self._script.find(delimiter, token.start, token.end)
                token = Token(token.kind, token.start, place) if place > 0 else token
            self._take(token)
            position = token.end
        return position

    def statement(self) -> Statement | None:
        """None when there was nothing but space and comments."""
        if self._start is None or self._code is None:
            return None
        return _statement(self._script, self._start, self._code, self._end)

    def _is_delimiter_line(self, token: Token) -> bool:
        """A DELIMITER command ends a statement only where none has begun."""
        return (
            self._dialect == "mysql"
            and self._code is None
            and token.kind is TokenKind.WORD
            and _starts_line(self._script, token.start)
            and _DELIMITER.match(self._script, token.start) is not None
        )

    def _take(self, token: Token) -> None:
        if token.kind is TokenKind.SPACE:
            self._seen_newline = self._seen_newline or "\n" in self._script[token.start : token.end]
            return
        is_code = token.kind is not TokenKind.COMMENT or is_executable_comment(self._script, token, self._dialect)
        if not is_code and self._start is None and not self._seen_newline:
            return  # a comment on the line of the statement before belongs to that one
        if self._start is None:
            self._start = token.start
        if is_code:
            self._end = token.end
            if self._code is None:
                self._code = token.start
            word = self._script[token.start : token.end]
            self._blocks.take(token.kind, word.upper() if token.kind is TokenKind.WORD else word)


class _NoBlocks:
    """Every semicolon separates."""

    is_open = False

    def take(self, kind: TokenKind, text: str) -> None:
        """Look at the next token that is neither space nor comment; words come in capitals."""


class _SqliteBlocks(_NoBlocks):
    """CREATE TRIGGER ends at `; END ;`, as in sqlite3_complete() (https://www.sqlite.org/c3ref/complete.html)."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._is_trigger = False
        self._last = ""

    def take(self, kind: TokenKind, text: str) -> None:
        if len(self._words) < 5 and not self._is_trigger:
            self._words.append(text if kind is TokenKind.WORD else "")
            words = [word for word in self._words if word not in ("EXPLAIN", "QUERY", "PLAN", "TEMP", "TEMPORARY")]
            self._is_trigger = words[:2] == ["CREATE", "TRIGGER"]
        if self._is_trigger:
            self.is_open = not (text == "END" and self._last == ";")
            self._last = text


class _ProgramBlocks(_NoBlocks):
    """BEGIN … END and CASE … END inside CREATE PROCEDURE and its like."""

    def __init__(self) -> None:
        self._words: list[str] = []
        self._depth = 0
        self._last = ""

    def take(self, kind: TokenKind, text: str) -> None:
        if len(self._words) < 20:
            self._words.append(text if kind is TokenKind.WORD else "")
        if kind is TokenKind.WORD and self._is_program():
            self._count(text)
        self._last = text
        self.is_open = self._depth > 0

    def _is_program(self) -> bool:
        raise NotImplementedError

    def _opens(self, word: str) -> bool:
        return word in ("BEGIN", "CASE")

    def _count(self, word: str) -> None:
        if self._last == "END" and word in _LOOSE_ENDS:
            self._depth += 1  # the END before it was no end of a block
        elif self._last == "END" and word == "CASE":
            pass
        elif self._opens(word):
            self._depth += 1
        elif word == "END":
            self._depth -= 1


class _MySqlBlocks(_ProgramBlocks):
    """CREATE PROCEDURE, FUNCTION, TRIGGER, EVENT, PACKAGE, and MariaDB's BEGIN NOT ATOMIC, without DELIMITER."""

    def _is_program(self) -> bool:
        if self._words[:2] == ["BEGIN", "NOT"]:
            self._depth = max(self._depth, 1)
            return True
        return self._words[:1] == ["CREATE"] and bool(_PROGRAMS.intersection(self._words))


class _PostgresBlocks(_ProgramBlocks):
    """BEGIN ATOMIC … END of SQL functions, and the brackets of CREATE RULE … DO (…; …), as in psql."""

    def take(self, kind: TokenKind, text: str) -> None:
        if kind is TokenKind.OTHER and "RULE" in self._words[:4] and self._words[0] == "CREATE":
            self._depth += text.count("(") - text.count(")")
        super().take(kind, text)

    def _is_program(self) -> bool:
        return self._words[:1] == ["CREATE"] and bool({"FUNCTION", "PROCEDURE"}.intersection(self._words[:4]))

    def _opens(self, word: str) -> bool:
        return (word == "ATOMIC" and self._last == "BEGIN") or (word == "CASE" and self._depth > 0)


_BLOCKS: dict[str, type[_NoBlocks]] = {
    "sqlite": _SqliteBlocks,
    "mysql": _MySqlBlocks,
    "postgres": _PostgresBlocks,
}
