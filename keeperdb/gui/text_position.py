"""Positions in text: Qt counts UTF-16 units, Python counts characters; they differ after an emoji."""

import re
from bisect import bisect_right

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")  # takes two units
_PIECE = 32_768  # characters


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
    """Translates positions of one text in both ways; made in a few milliseconds even for a long text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._before = [0]  # how many characters of two units stand before each piece of the text
        for start in range(0, 0 if text.isascii() else len(text), _PIECE):
            piece = text[start : start + _PIECE]
            units = len(piece.encode("utf-16-le", "surrogatepass")) // 2
            self._before.append(self._before[-1] + units - len(piece))
        self._is_plain = self._before[-1] == 0

    def to_units(self, position: int) -> int:
        """The Qt position of the character at `position`."""
        if self._is_plain:
            return position
        piece = min(position // _PIECE, len(self._before) - 2)
        inside = 0
        if self._before[piece] != self._before[piece + 1]:
            inside = sum(1 for _ in _ASTRAL.finditer(self._text, piece * _PIECE, position))
        return position + self._before[piece] + inside

    def to_characters(self, units: int) -> int:
        """The Python index of the character at the Qt position `units`; the next one when that is inside a pair."""
        if self._is_plain:
            return min(units, len(self._text))
        starts = range(len(self._before) - 1)
        piece = bisect_right(starts, units, key=lambda each: each * _PIECE + self._before[each]) - 1
        position, left = piece * _PIECE, units - piece * _PIECE - self._before[piece]
        if self._before[piece] == self._before[piece + 1]:
            return min(position + left, len(self._text))
        for match in _ASTRAL.finditer(self._text, position, position + _PIECE):
            if match.start() - position >= left:
                break
            left = max(left - 1, match.start() - position + 1)
        return min(position + left, len(self._text))
