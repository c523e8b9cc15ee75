"""The words, strings and comments of SQL text, by dialect. Positions are characters; nothing is lost or changed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from keeperdb.errors import QueryError


class TokenKind(StrEnum):
    SPACE = "space"
    COMMENT = "comment"
    WORD = "word"  # a keyword or an unquoted name
    QUOTED = "quoted"  # a string, a quoted name or a dollar-quoted body
    SEMICOLON = "semicolon"
    OTHER = "other"  # numbers, operators, brackets


@dataclass(frozen=True, slots=True)
class Token:
    kind: TokenKind
    start: int
    end: int


_SPACE = r"(?P<space>\s+)"
_LINE_COMMENT = r"--[^\n]*"
_BLOCK_COMMENT = r"/\*(?:[^*]|\*(?!/))*(?:\*/)?"
_STRING = r"'(?:[^']|'')*'?"
_NAME = r'"(?:[^"]|"")*"?'
_BACKTICK = r"`(?:[^`]|``)*`?"
_WORD = r"(?P<word>[^\W\d][\w$]*)"
_SEMICOLON = r"(?P<semicolon>;)"
_OTHER = r"(?P<other>\d[\w.]*|[^\s\w;'\"`$/\-#\[]+|.)"


def _lexer(comment: str, quoted: str) -> re.Pattern[str]:
    """An open string or comment runs to the end. Order matters: E'…' before words, comments before operators."""
    return re.compile(
        "|".join((_SPACE, f"(?P<comment>{comment})", f"(?P<quoted>{quoted})", _WORD, _SEMICOLON, _OTHER)), re.DOTALL
    )


_POSTGRES = _lexer(
    f"{_LINE_COMMENT}|(?P<nested>/\\*)",
    rf"[eE]'(?:[^'\\]|\\.|'')*'?|{_STRING}|{_NAME}|(?P<dollar>\$(?:[^\W\d]\w*)?\$)",
)
_SQLITE = _lexer(f"{_LINE_COMMENT}|{_BLOCK_COMMENT}", rf"{_STRING}|{_NAME}|{_BACKTICK}|\[[^\]]*\]?")
_MYSQL = _lexer(
    # `--` starts a comment only before a space, a control character or the end
    # (https://dev.mysql.com/doc/refman/8.4/en/comments.html)
    rf"--(?=[\s\x00-\x1f]|\Z)[^\n]*|\#[^\n]*|{_BLOCK_COMMENT}",
    rf"'(?:[^'\\]|\\.|'')*(?:'|\\?\Z)|\"(?:[^\"\\]|\\.|\"\")*(?:\"|\\?\Z)|{_BACKTICK}",
)
_SQL_SERVER = _lexer(f"{_LINE_COMMENT}|(?P<nested>/\\*)", rf"{_STRING}|{_NAME}|\[(?:[^\]]|\]\])*\]?")
_ORACLE = _lexer(
    f"{_LINE_COMMENT}|{_BLOCK_COMMENT}",
    # q'[…]' and the like (https://docs.oracle.com/en/database/oracle/oracle-database/23/sqlrf/Literals.html)
    r"[nN]?[qQ]'(?:\[.*?(?:\]'|\Z)|\{.*?(?:\}'|\Z)|\(.*?(?:\)'|\Z)|<.*?(?:>'|\Z)|(?P<edge>[^\s\[{(<]).*?(?:(?P=edge)'|\Z))"
    rf"|{_STRING}|{_NAME}",
)
_LEXERS = {"postgres": _POSTGRES, "sqlite": _SQLITE, "mysql": _MYSQL, "tsql": _SQL_SERVER, "oracle": _ORACLE}
_COMMENT_EDGE = re.compile(r"/\*|\*/")


def tokens(text: str, dialect: str, start: int = 0) -> Iterator[Token]:
    """The tokens of `text` from `start` on; they cover it without a gap. Unknown dialects are read as PostgreSQL."""
    lexer = _LEXERS.get(dialect, _POSTGRES)
    position = start
    while match := lexer.match(text, position):  # the last alternative takes any character
        kind = match.lastgroup or ""
        end = match.end()
        groups = match.groupdict()
        if groups.get("nested"):
            kind, end = "comment", _nested_comment_end(text, end)
        elif groups.get("dollar"):
            kind, end = "quoted", _dollar_end(text, match["dollar"], end)
        yield Token(TokenKind(kind), position, end)
        position = end


def encode(statement: str, encoding: str, *, nul: bool = False) -> bytes:
    """The bytes that are sent. Raises `QueryError` for what cannot be: `nul` tells whether NUL characters can."""
    if not nul and "\0" in statement:
        raise QueryError("The statement has a NUL character.", position=statement.index("\0"))
    try:
        return statement.encode(encoding)
    except UnicodeEncodeError as error:
        raise QueryError(
            f"The statement has a character that cannot be sent as {encoding}.",
            "Remove it, or change the character set of the session.",
            position=error.start,
        ) from error


def leading_words(statement: str, dialect: str, count: int) -> list[str]:
    """The first `count` words in capitals, comments passed over; fewer if something else than a word comes first."""
    words: list[str] = []
    for token in tokens(statement, dialect):
        if token.kind in (TokenKind.SPACE, TokenKind.COMMENT):
            if is_executable_comment(statement, token, dialect):
                return words
            continue
        if token.kind is not TokenKind.WORD:
            return words
        words.append(statement[token.start : token.end].upper())
        if len(words) == count:
            return words
    return words


def words(statement: str, dialect: str) -> Iterator[str]:
    """Every word outside strings, quoted names and comments, in capitals."""
    for token in tokens(statement, dialect):
        if token.kind is TokenKind.WORD:
            yield statement[token.start : token.end].upper()


def is_executable_comment(text: str, token: Token, dialect: str) -> bool:
    """`/*! … */` and `/*M! … */`, which MySQL and MariaDB run."""
    return dialect == "mysql" and token.kind is TokenKind.COMMENT and text.startswith(("/*!", "/*M!"), token.start)


def _nested_comment_end(text: str, position: int) -> int:
    """Comments nest in PostgreSQL."""
    depth = 1
    for match in _COMMENT_EDGE.finditer(text, position):
        depth += 1 if match[0] == "/*" else -1
        if depth == 0:
            return match.end()
    return len(text)


def _dollar_end(text: str, tag: str, position: int) -> int:
    end = text.find(tag, position)
    return len(text) if end < 0 else end + len(tag)
