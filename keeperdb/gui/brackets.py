"""Which brackets of a statement belong together, and which have no partner; strings and comments do not count."""

from dataclasses import dataclass, field
from functools import lru_cache

from keeperdb.engines.sql_text import TokenKind, tokens

_OPENING = {"(": ")", "[": "]", "{": "}"}
_CLOSING = {closing: opening for opening, closing in _OPENING.items()}


@dataclass(frozen=True, slots=True)
class Brackets:
    """Places of brackets in one text."""

    partners: dict[int, int] = field(default_factory=dict)  # both ways
    alone: frozenset[int] = frozenset()  # no partner, or one of another kind

    def near(self, position: int) -> int | None:
        """The bracket right before or behind a caret; the one behind it wins."""
        for place in (position, position - 1):
            if place in self.partners or place in self.alone:
                return place
        return None


@lru_cache(maxsize=8)
def brackets(text: str, dialect: str) -> Brackets:
    """The brackets of one statement."""
    partners: dict[int, int] = {}
    alone: set[int] = set()
    opened: list[tuple[int, str]] = []
    for token in tokens(text, dialect):
        if token.kind is not TokenKind.OTHER:
            continue
        for place in range(token.start, token.end):
            sign = text[place]
            if sign in _OPENING:
                opened.append((place, sign))
            elif sign in _CLOSING:
                _close(place, sign, opened, partners, alone)
    return Brackets(partners, frozenset(alone | {place for place, _ in opened}))


def _close(place: int, sign: str, opened: list[tuple[int, str]], partners: dict[int, int], alone: set[int]) -> None:
    """Pair a closing bracket; one that was opened inside and not closed is left alone."""
    if _CLOSING[sign] not in (each for _, each in opened):
        alone.add(place)
        return
    while opened:
        start, opening = opened.pop()
        if opening == _CLOSING[sign]:
            partners[start], partners[place] = place, start
            return
        alone.add(start)
