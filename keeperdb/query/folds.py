"""What of a statement can be folded away: brackets, CASE and BEGIN blocks, dollar-quoted bodies and comments."""

from collections.abc import Iterator
from dataclasses import dataclass

from keeperdb.engines.sql_text import Token, TokenKind, tokens

_LOOSE_ENDS = {"IF", "LOOP", "WHILE", "REPEAT", "FOR", "TRY", "CATCH"}  # of END IF and the like
_TRANSACTION = {"", ";", "TRANSACTION", "TRAN", "WORK", "ISOLATION", "READ", "DEFERRED", "IMMEDIATE", "EXCLUSIVE"}
_BRACKETS = {"(": ")", "[": "]"}


@dataclass(frozen=True, slots=True)
class Fold:
    """A piece of text over several lines, in characters; what closes it begins at `closing`, if anything does."""

    start: int
    end: int
    closing: int | None = None


def folds(text: str, dialect: str) -> list[Fold]:
    """The folds inside one statement with the comments before it, and the statement itself without them."""
    found = [fold for fold in _find(text, dialect) if "\n" in text[fold.start : fold.end]]
    code = next((each.start for each in tokens(text, dialect) if each.kind not in _NO_CODE), 0)
    if "\n" in text[code:].rstrip():
        found.append(Fold(code, len(text.rstrip())))
    return sorted(found, key=lambda fold: (fold.start, -fold.end))


_NO_CODE = (TokenKind.SPACE, TokenKind.COMMENT)


def _find(text: str, dialect: str) -> Iterator[Fold]:
    opened: list[tuple[str, int]] = []  # what would close each, and where it began
    run: Fold | None = None  # of comments, each on a line of its own
    last = ""
    for token, word in _words(text, dialect):
        if token.kind is TokenKind.COMMENT:
            is_next = run is not None and text[run.end : token.start].count("\n") == 1
            run = Fold(run.start if run is not None and is_next else token.start, token.end)
            yield run
            continue
        run = None
        if text.startswith("$", token.start) and token.kind is TokenKind.QUOTED:
            yield from _body(text, token, dialect)
        for place, sign in _signs(word, token, last):
            if opened and sign == opened[-1][0]:
                _, start = opened.pop()
                yield Fold(start, place + len(sign), place)
            elif sign in _CLOSED_BY:
                opened.append((_CLOSED_BY[sign], place))
        last = word


_CLOSED_BY = {**_BRACKETS, "CASE": "END", "BEGIN": "END"}


def _signs(word: str, token: Token, last: str) -> Iterator[tuple[int, str]]:
    """What opens or closes in a token, with its place; `BEGIN;` and `END IF` are not among it."""
    if token.kind is TokenKind.OTHER:
        for index, sign in enumerate(word):
            if sign in "()[]":
                yield token.start + index, sign
    elif word.partition(" ")[0] == "BEGIN":
        if word.partition(" ")[2] not in _TRANSACTION:
            yield token.start, "BEGIN"
    elif word == "CASE" and last.partition(" ")[0] != "END":
        yield token.start, "CASE"
    elif word.partition(" ")[0] == "END" and word.partition(" ")[2] not in _LOOSE_ENDS:
        yield token.start, "END"


def _words(text: str, dialect: str) -> Iterator[tuple[Token, str]]:
    """Every token but space with its text in capitals; BEGIN and END come with the next word or sign behind them."""
    waiting: tuple[Token, str] | None = None
    for token in tokens(text, dialect):
        if token.kind is TokenKind.SPACE:
            continue
        word = text[token.start : token.end].upper() if token.kind is not TokenKind.QUOTED else "'"
        if waiting is not None and token.kind is not TokenKind.COMMENT:
            yield waiting[0], f"{waiting[1]} {word}"
            waiting = None
        if word in ("BEGIN", "END") and token.kind is TokenKind.WORD:
            waiting = token, word
        else:
            yield token, word
    if waiting is not None:
        yield waiting[0], f"{waiting[1]} "


def _body(text: str, token: Token, dialect: str) -> Iterator[Fold]:
    """A dollar-quoted body, and what can be folded in it."""
    tag = text[token.start : text.index("$", token.start + 1) + 1]
    inner = text[token.start + len(tag) : token.end].removesuffix(tag)
    yield Fold(token.start, token.end, token.end - len(tag))
    for fold in _find(inner, dialect):
        by = token.start + len(tag)
        yield Fold(fold.start + by, fold.end + by, None if fold.closing is None else fold.closing + by)
