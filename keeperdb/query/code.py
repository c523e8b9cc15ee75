"""The significant tokens of a statement: words, names, strings and single signs, with their place and depth."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from keeperdb.engines.sql_text import TokenKind, is_executable_comment, tokens

_STRING_SIGNS = ("'", "$")
_STRING_PREFIXES = ("e'", "n'", "q'", "nq", "b'", "x'", "u&")


@dataclass(frozen=True, slots=True)
class Piece:
    """One token. `word` is in capitals for a bare word and empty otherwise; `depth` counts the brackets around it."""

    text: str
    start: int
    end: int
    depth: int
    word: str = ""
    is_name: bool = False  # a bare word or a quoted name
    is_string: bool = False


def pieces(statement: str, dialect: str, *, run_comments: bool = True) -> list[Piece]:
    """The code of `statement` without space and comments; comments that MySQL runs are code if `run_comments`.

    An opening bracket has the depth outside of it, and so has its closing one.
    """
    found: list[Piece] = []
    depth = 0
    for kind, start, end in _code(statement, dialect, run_comments=run_comments):
        text = statement[start:end]
        if text == ")":
            depth = max(0, depth - 1)
        found.append(_piece(kind, text, start, end, depth, dialect))
        if text == "(":
            depth += 1
    return found


def words(code: Sequence[Piece], start: int = 0, count: int = 1_000_000) -> list[str]:
    """The words of up to `count` pieces from `start` on; empty texts stand for what is no word."""
    return [piece.word for piece in code[start : start + count]]


def name_at(code: Sequence[Piece], index: int) -> tuple[str, int]:
    """The name that begins at `index`, as it is written, and where it ends; an empty one if there is none."""
    begin = index
    while index < len(code) and code[index].text in ("#", "@"):
        index += 1
    if index >= len(code) or not code[index].is_name:
        return "", begin
    index += 1
    while (
        index + 1 < len(code) and code[index].text == "." and (code[index + 1].is_name or code[index + 1].text == ".")
    ):
        index += 2
    return "".join(piece.text for piece in code[begin:index]), index


def _code(statement: str, dialect: str, *, run_comments: bool) -> Iterator[tuple[TokenKind, int, int]]:
    """What is code; a run of signs is taken apart."""
    for token in tokens(statement, dialect):
        if run_comments and token.kind is TokenKind.COMMENT and is_executable_comment(statement, token, dialect):
            begin = token.start + (4 if statement.startswith("/*M!", token.start) else 3)
            while begin < token.end and statement[begin].isdigit():
                begin += 1
            inner = statement[begin : token.end].removesuffix("*/")
            for kind, start, end in _code(inner, dialect, run_comments=True):
                yield kind, start + begin, end + begin
        elif token.kind is TokenKind.OTHER and not statement[token.start].isdigit():
            yield from ((token.kind, place, place + 1) for place in range(token.start, token.end))
        elif token.kind not in (TokenKind.SPACE, TokenKind.COMMENT):
            yield token.kind, token.start, token.end


def _piece(kind: TokenKind, text: str, start: int, end: int, depth: int, dialect: str) -> Piece:
    if kind is TokenKind.WORD:
        return Piece(text, start, end, depth, word=text.upper(), is_name=True)
    is_quoted = kind is TokenKind.QUOTED
    is_string = is_quoted and (text.startswith(_STRING_SIGNS) or text[:2].lower() in _STRING_PREFIXES)
    if is_quoted and dialect == "mysql" and text.startswith('"'):
        is_string = True
    return Piece(text, start, end, depth, is_name=is_quoted and not is_string, is_string=is_string)
