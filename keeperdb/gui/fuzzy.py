"""Finds what was meant by a few letters: every word of them is in the text, in one piece or as letters in order."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_EXACT, _START, _WORD, _INITIALS, _INSIDE, _LETTERS = range(6)  # the better, the smaller
_TIER = 10_000  # more than any place or length counts
_MOST_LETTERS = 40  # of a word; a longer one is looked for in one piece only


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    initials: re.Pattern[str]  # each letter at the beginning of a word
    letters: re.Pattern[str]  # the letters in order, whatever is between them


class Needle:
    """What was typed. `rank` is called for every candidate, `places` for those that are shown."""

    def __init__(self, text: str) -> None:
        self._words = [_word(each) for each in text.lower().split()]

    def __bool__(self) -> bool:
        return bool(self._words)

    def rank(self, lowered: str, *, scattered: bool = True) -> int | None:
        """How well a text in small letters fits: the smaller, the better; None if it does not.

        `scattered`: whether letters in order are enough, whatever is between them.
        """
        total = 0
        for word in self._words:
            found = _find(word, lowered)
            if found is None or (found[0] == _LETTERS and not scattered):
                return None
            total += found[0] * _TIER + min(found[1], 500) * 4
        return total + min(len(lowered), 500)

    def places(self, lowered: str) -> tuple[int, ...]:
        """The letters of the text that were matched, ascending."""
        places: set[int] = set()
        for word in self._words:
            found = _find(word, lowered)
            if found is None:
                continue
            kind, start = found
            if kind in (_INITIALS, _LETTERS):
                match = (word.initials if kind == _INITIALS else word.letters).match(lowered)
                places.update(match.start(group) for group in range(1, len(word.text) + 1) if match is not None)
            else:
                places.update(range(start, start + len(word.text)))
        return tuple(sorted(places))


def spans(places: Iterable[int]) -> list[tuple[int, int]]:
    """Runs of places that follow each other, each with its end."""
    runs: list[tuple[int, int]] = []
    for place in places:
        if runs and runs[-1][1] == place:
            runs[-1] = (runs[-1][0], place + 1)
        else:
            runs.append((place, place + 1))
    return runs


def _word(text: str) -> _Word:
    if len(text) > _MOST_LETTERS:
        never = re.compile(r"(?!)")
        return _Word(text, never, never)
    # Atomic: the first place of each letter is as good as any, and nothing is tried twice.
    letters = "".join(f"(?>.*?({re.escape(letter)}))" for letter in text)
    initials = "".join(rf"(?>.*?(?<![^\W_])({re.escape(letter)}))" for letter in text)
    return _Word(text, re.compile(initials, re.DOTALL), re.compile(letters, re.DOTALL))


def _find(word: _Word, lowered: str) -> tuple[int, int] | None:
    """The kind of a match and its place, or how scattered its letters are; or nothing."""
    start = lowered.find(word.text)
    if start == 0:
        return (_EXACT if len(lowered) == len(word.text) else _START), 0
    if start > 0 and not lowered[start - 1].isalnum():
        return _WORD, start
    match = word.letters.match(lowered)
    if match is None:
        return None
    if word.initials.match(lowered):
        return _INITIALS, 0
    return (_INSIDE, start) if start > 0 else (_LETTERS, match.end() - match.start(1) - len(word.text))
