"""The statements of a script as a list to go through: what each does, to what, and where it is."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from keeperdb.query.code import name_at, pieces
from keeperdb.query.statements import Statement

_HEAD = 2_000  # characters of a statement that are looked at
_OBJECTS = {
    "TABLE",
    "VIEW",
    "INDEX",
    "FUNCTION",
    "PROCEDURE",
    "TRIGGER",
    "SEQUENCE",
    "SCHEMA",
    "DATABASE",
    "TYPE",
    "ROLE",
    "USER",
}
_BEFORE_NAME = {"FROM", "INTO", "UPDATE", "TABLE", "JOIN", *_OBJECTS}
_BETWEEN = {
    "IF",
    "NOT",
    "EXISTS",
    "ONLY",
    "OR",
    "REPLACE",
    "TEMP",
    "TEMPORARY",
    "UNIQUE",
    "MATERIALIZED",
    "CONCURRENTLY",
}
_MOST = 60  # characters of a label


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """`label` says what the statement does, such as `SELECT artist`; positions are characters of the script."""

    label: str
    start: int
    end: int


def outline(statements: Iterable[Statement], dialect: str) -> Iterator[OutlineEntry]:
    """One entry for each statement; its title stands for it where it has one."""
    for statement in statements:
        yield OutlineEntry(statement.title or _label(statement.text[:_HEAD], dialect), statement.start, statement.end)


def _label(text: str, dialect: str) -> str:
    code = pieces(text, dialect)
    if not code:
        return " ".join(text.split())[:_MOST]
    verb, object_kind = code[0].word or code[0].text, ""
    for index, piece in enumerate(code):
        if piece.word in _OBJECTS and verb in ("CREATE", "ALTER", "DROP", "COMMENT", "TRUNCATE"):
            object_kind = piece.word
        if piece.word in _BEFORE_NAME and piece.depth == code[0].depth:
            following = index + 1
            while following < len(code) and code[following].word in (*_BETWEEN, *_OBJECTS):
                following += 1
            name, _ = name_at(code, following)
            if name:
                return " ".join(part for part in (verb, object_kind, name) if part)[:_MOST]
    return " ".join([verb, *(piece.text for piece in code[1:6])])[:_MOST]
