"""Parameters `:name` and `%(name)s` of a statement: found, typed, and handed to the driver apart from the text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from keeperdb.engines.sql_text import TokenKind, leading_words, tokens
from keeperdb.errors import SettingsError
from keeperdb.settings import did_you_mean

_MARKER = re.compile(r"(?<![:\w\])]):(?P<colon>[^\W\d]\w*)|%\((?P<percent>[^\W\d]\w*)\)s(?!\w)")
_PROGRAM_WORDS = {"FUNCTION", "PROCEDURE", "PROC", "TRIGGER", "PACKAGE", "RULE", "EVENT", "TYPE"}
_NUMBERED = {"postgres": "$", "redshift": "$", "oracle": ":"}
_HIDDEN = "\0"

_TRUE = {"true", "t", "yes", "on", "1"}
_FALSE = {"false", "f", "no", "off", "0"}


class ParameterKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"  # with a time or without
    BOOLEAN = "boolean"
    NULL = "null"


@dataclass(frozen=True, slots=True)
class Marker:
    """Where a parameter stands in a statement, in characters."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Bound:
    """A statement as the driver takes it. The text differs from the person's in the markers only."""

    text: str
    values: tuple[Any, ...]
    places: tuple[tuple[int, int], ...] = ()  # where a piece begins: in `text`, in the person's

    def original(self, position: int) -> int:
        """The place in the person's text that stands for `position` in `text`."""
        sent, own = max((piece for piece in self.places if piece[0] <= position), default=(0, 0))
        return own + position - sent


def find_markers(statement: str, dialect: str) -> list[Marker]:
    """The parameters in order. None in strings, quoted names, comments, casts `::`, array slices and programs."""
    words = leading_words(statement, dialect, 6)
    if words[:1] == ["DO"] or (words[:1] == ["CREATE"] and _PROGRAM_WORDS.intersection(words)):
        return []
    if not _MARKER.search(statement):  # long texts without are done at once
        return []
    found = _MARKER.finditer(_only_code(statement, dialect))
    return [Marker(match["colon"] or match["percent"], match.start(), match.end()) for match in found]


def parameter_names(statement: str, dialect: str) -> list[str]:
    """Each name once, in order."""
    return list(dict.fromkeys(marker.name for marker in find_markers(statement, dialect)))


def bind(statement: str, dialect: str, values: Mapping[str, Any]) -> Bound:
    """`statement` with the markers of its driver. Raises `SettingsError` for a parameter without a value."""
    markers = find_markers(statement, dialect)
    names = list(dict.fromkeys(marker.name for marker in markers))
    for name in names:
        if name not in values:
            raise SettingsError(f"The parameter “{name}” has no value.", did_you_mean(name, values))
    if not markers:
        return Bound(statement, ())
    sent, places, length = [], [], 0
    for start, text in _pieces(statement, markers, dialect):
        places.append((length, start))
        sent.append(text)
        length += len(text)
    order = names if dialect in _NUMBERED else [marker.name for marker in markers]
    return Bound("".join(sent), tuple(_adapted(values[name], dialect) for name in order), tuple(places))


def _pieces(statement: str, markers: Sequence[Marker], dialect: str) -> Iterator[tuple[int, str]]:
    """What is sent, piece by piece, each with its place in the person's text."""
    names = list(dict.fromkeys(marker.name for marker in markers))
    position = 0
    for number, marker in enumerate(markers, 1):
        yield from _literals(statement[position : marker.start], position, dialect)
        yield marker.start, _placeholder(names.index(marker.name) + 1 if dialect in _NUMBERED else number, dialect)
        position = marker.end
    yield from _literals(statement[position:], position, dialect)


def parse_value(kind: ParameterKind, text: str, name: str = "") -> Any:
    """The value that a person means by `text`. Raises `SettingsError` naming the parameter."""
    if kind is ParameterKind.NULL:
        return None
    if kind is ParameterKind.TEXT:
        return text
    word = text.strip()
    try:
        return _PARSERS[kind](word)
    except (ValueError, InvalidOperation):
        wanted = _WANTED[kind]
        raise SettingsError(f"“{name}” is not {wanted[0]}: “{word}”.", wanted[1]) from None


def parse_assignments(assignments: Sequence[str]) -> dict[str, Any]:
    """From `name=value`, `name:number=5` and `name:null` to values. Raises `SettingsError`."""
    values: dict[str, Any] = {}
    for each in assignments:
        left, equals, text = each.partition("=")
        name, _, word = left.partition(":")
        word = word or "text"
        if word not in list(ParameterKind):
            raise SettingsError(f"“{word}” is no type of a parameter.", f"One of: {', '.join(ParameterKind)}.")
        kind = ParameterKind(word)
        if not name.isidentifier() or (not equals and kind is not ParameterKind.NULL):
            raise SettingsError(f"“{each}” is no parameter.", "Write name=value, name:number=5 or name:null.")
        values[name] = parse_value(kind, text, name)
    return values


def _number(word: str) -> int | Decimal:
    if re.fullmatch(r"[+-]?\d+", word):
        return int(word)
    number = Decimal(word)
    if not number.is_finite():
        raise ValueError(word)
    return number


def _date(word: str) -> date:
    return date.fromisoformat(word) if len(word) <= 10 else datetime.fromisoformat(word)


def _boolean(word: str) -> bool:
    if word.lower() not in _TRUE | _FALSE:
        raise ValueError(word)
    return word.lower() in _TRUE


_PARSERS = {ParameterKind.NUMBER: _number, ParameterKind.DATE: _date, ParameterKind.BOOLEAN: _boolean}
_WANTED = {
    ParameterKind.NUMBER: ("a number", "Write digits, with a point before decimals."),
    ParameterKind.DATE: ("a date", "Write 2024-02-29, or 2024-02-29 13:45:00."),
    ParameterKind.BOOLEAN: ("true or false", "Write true or false."),
}


def _only_code(statement: str, dialect: str) -> str:
    """The text with strings, quoted names, comments and what is in square brackets hidden, of the same length."""
    parts: list[str] = []
    depth = 0
    for token in tokens(statement, dialect):
        text = statement[token.start : token.end]
        is_hidden = token.kind in (TokenKind.QUOTED, TokenKind.COMMENT)
        if not is_hidden and dialect in ("postgres", "redshift"):
            shown = ""
            for sign in text:
                depth += sign == "["
                shown += _HIDDEN if depth else sign
                depth -= sign == "]" and depth > 0
            text = shown
        parts.append(_HIDDEN * len(text) if is_hidden else text)
    return "".join(parts)


def _placeholder(number: int, dialect: str) -> str:
    if dialect in _NUMBERED:
        return f"{_NUMBERED[dialect]}{number}"
    return "%s" if dialect == "mysql" else "?"


def _literals(text: str, start: int, dialect: str) -> Iterator[tuple[int, str]]:
    """PyMySQL takes `%` for the beginning of a marker, and wants it twice."""
    parts = re.split("(%)", text) if dialect == "mysql" else [text]
    for part in parts:
        yield start, "%%" if part == "%" and dialect == "mysql" else part
        start += len(part)


def _adapted(value: Any, dialect: str) -> Any:
    """What the driver can send: SQLite has neither dates nor decimals nor booleans."""
    if dialect != "sqlite":
        return value
    if isinstance(value, date):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    return float(value) if isinstance(value, Decimal) else int(value) if isinstance(value, bool) else value
