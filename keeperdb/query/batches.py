"""Scripts of SQL Server and Oracle as their own clients read them: GO, and a slash on a line of its own."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from keeperdb.engines.sql_text import Token, TokenKind, tokens

# https://learn.microsoft.com/sql/t-sql/language-elements/sql-server-utilities-statements-go
_GO = re.compile(r"[ \t]*GO(?:[ \t]+(?P<count>[0-9]{1,9}))?[ \t]*;?[ \t]*(?:--[^\n]*)?\r?(?:\n|\Z)", re.IGNORECASE)
_SLASH = re.compile(r"[ \t]*/[ \t]*\r?(?:\n|\Z)")
_GO_LIMIT = 10_000  # a larger count is left in the text, and the server refuses it

_WHOLE_WORDS = {"DECLARE", "WHILE", "GOTO", "RETURN"}
_TRANSACTION_WORDS = {"TRAN", "TRANSACTION", "DISTRIBUTED", "DIALOG", "CONVERSATION"}
_PROGRAMS = {"PROCEDURE", "PROC", "FUNCTION", "TRIGGER", "PACKAGE", "TYPE", "LIBRARY"}
_WORDS_LOOKED_AT = 6  # CREATE OR REPLACE NONEDITIONABLE PACKAGE BODY


@dataclass(slots=True)
class Piece:
    """A statement while it is read: from its first comment, its first code, to its end; sent `repeat` times."""

    start: int | None = None
    code: int | None = None
    end: int = 0
    words: list[str] = field(default_factory=list)  # the first few, in capitals
    repeat: int = 1


def pieces(script: str, dialect: str) -> Iterator[Piece]:
    """The statements of `script`, those of a batch that belong together as one."""
    read = _DIALECTS[dialect]
    for piece in read(script):
        if piece.start is not None and piece.code is not None:
            yield piece


def reads(dialect: str) -> bool:
    """Whether the scripts of `dialect` are read here."""
    return dialect in _DIALECTS


def _sql_server(script: str) -> Iterator[Piece]:
    """Batches between GO; a batch is sent whole where a variable, a block or a program holds it together."""
    batch = _Batch()
    for token, repeat in _tokens(script, "tsql", _GO, _is_go):
        if repeat is None:
            batch.take(script, token)
            continue
        yield from batch.pieces(repeat)
        batch = _Batch()
    yield from batch.pieces(1)


class _Batch:
    """The pieces between two GO. Semicolons stay with their statement: MERGE has to end with one."""

    def __init__(self) -> None:
        self._pieces = [Piece()]
        self._is_whole = False
        self._last = ""

    def take(self, script: str, token: Token) -> None:
        text = script[token.start : token.end]
        if token.kind is TokenKind.SEMICOLON:
            if self._pieces[-1].code is not None:
                self._pieces[-1].end = token.end
                self._pieces.append(Piece())
            return
        _extend(self._pieces[-1], script, token)
        if token.kind is TokenKind.OTHER:
            self._is_whole = self._is_whole or "@" in text
        elif token.kind is TokenKind.WORD:
            self._look(text.upper())

    def pieces(self, repeat: int) -> Iterator[Piece]:
        found = [piece for piece in self._pieces if piece.code is not None]
        self._is_whole = self._is_whole or self._last == "BEGIN" or (repeat > 1 and len(found) > 1)
        if found and self._is_whole:
            found = [Piece(found[0].start, found[0].code, found[-1].end)]
        for piece in found:
            piece.repeat = repeat
            yield piece

    def _look(self, word: str) -> None:
        words = self._pieces[-1].words
        is_block = self._last == "BEGIN" and word not in _TRANSACTION_WORDS
        is_program = words[:1] in (["CREATE"], ["ALTER"]) and bool(_PROGRAMS.intersection(words[:4]))
        is_branch = word == "IF" and len(words) == 1
        self._is_whole = self._is_whole or word in _WHOLE_WORDS or is_block or is_program or is_branch
        self._last = word


def _oracle(script: str) -> Iterator[Piece]:
    """As SQL*Plus: a semicolon ends SQL, a slash ends anything, and PL/SQL goes on to a slash or the end.

    Other than there a slash right after a semicolon does not run the statement once more.
    """
    piece = Piece()
    for token, repeat in _tokens(script, "oracle", _SLASH, _is_slash):
        is_program = _is_plsql(piece.words)
        if repeat is not None or (token.kind is TokenKind.SEMICOLON and not is_program):
            yield piece
            piece = Piece()
        else:
            _extend(piece, script, token)
    yield piece


def _is_plsql(words: list[str]) -> bool:
    if words[:1] in (["BEGIN"], ["DECLARE"]):
        return True
    if words[:1] == ["WITH"]:
        return words[1:2] in (["FUNCTION"], ["PROCEDURE"])
    after = [word for word in words[1:] if word not in ("OR", "REPLACE", "EDITIONABLE", "NONEDITIONABLE", "IF", "NOT")]
    return words[:1] == ["CREATE"] and bool(_PROGRAMS.intersection(after[:1]))


def _tokens(
    script: str, dialect: str, separator: re.Pattern[str], is_separator: Callable[[Token, str], bool]
) -> Iterator[tuple[Token, int | None]]:
    """Every token; with it, for a line that separates, how often what is before it is sent."""
    position = 0
    while position < len(script):
        token = next(tokens(script, dialect, position))
        position = token.end
        if is_separator(token, script) and not script[script.rfind("\n", 0, token.start) + 1 : token.start].strip():
            line = separator.match(script, token.start)
            count = int(line.groupdict().get("count") or 1) if line else 0
            if line is not None and count <= _GO_LIMIT:
                position = line.end()
                yield token, count
                continue
        yield token, None


def _is_go(token: Token, script: str) -> bool:
    return token.kind is TokenKind.WORD and script[token.start : token.end].upper() == "GO"


def _is_slash(token: Token, script: str) -> bool:
    return token.kind is TokenKind.OTHER and script[token.start] == "/"


def _extend(piece: Piece, script: str, token: Token) -> None:
    """A comment on the line of the statement before belongs to that one."""
    if token.kind is TokenKind.SPACE:
        return
    if token.kind is TokenKind.COMMENT:
        if piece.start is None and not script[script.rfind("\n", 0, token.start) + 1 : token.start].strip():
            piece.start = token.start
        return
    piece.start = token.start if piece.start is None else piece.start
    piece.code = token.start if piece.code is None else piece.code
    piece.end = token.end
    if token.kind is TokenKind.WORD and len(piece.words) < _WORDS_LOOKED_AT:
        piece.words.append(script[token.start : token.end].upper())


_DIALECTS: dict[str, Callable[[str], Iterator[Piece]]] = {"tsql": _sql_server, "oracle": _oracle}
