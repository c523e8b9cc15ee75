"""Positions in text: Qt counts UTF-16 units, Python counts characters; they differ after an emoji."""

import re
from bisect import bisect_left

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")  # takes two units


def to_units(text: str, position: int) -> int:
    """The Qt position of the character at `position`."""
    if text.isascii():
        return position
    return position + sum(1 for _ in _ASTRAL.finditer(text, 0, max(0, position)))


def to_characters(text: str, units: int) -> int:
    """The Python index of the character at the Qt position `units`."""
    return Positions(text).to_characters(units)


def length_in_units(text: str) -> int:
    """How many units Qt counts in `text`."""
    return to_units(text, len(text))


class Positions:
    """Translates positions of one text in both ways; made once, each question costs next to nothing."""

    def __init__(self, text: str) -> None:
        self._length = len(text)
        self._astral = [] if text.isascii() else [match.start() for match in _ASTRAL.finditer(text)]
        self._astral_units = [place + index for index, place in enumerate(self._astral)]

    def to_units(self, position: int) -> int:
        """The Qt position of the character at `position`."""
        return position + bisect_left(self._astral, position)

    def to_characters(self, units: int) -> int:
        """The Python index of the character at the Qt position `units`; the next one when that is inside a pair."""
        passed = bisect_left(self._astral_units, units)
        is_inside = passed > 0 and self._astral_units[passed - 1] == units - 1
        return min(self._length, units - passed + (1 if is_inside else 0))
