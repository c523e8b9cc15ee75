"""Patterns that somebody sends: only those that cannot keep the program busy for long."""

import fnmatch
import re
from collections.abc import Callable

from keeperdb.errors import CommandError, CommandKind

_LONGEST_PATTERN = 200  # characters
_LONGEST_TEXT = 200  # characters that are looked at, so that each look stays within some milliseconds
_MOST_CHOICES = (8, 4, 2)  # with no repeat, one, and two: each choice doubles what a repeat multiplies by the text
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_CLASS = re.compile(r"\[\^?\]?[^\]]*\]")
# In brackets; Python warns that these will mean something else one day.
_SET_OPERATION = re.compile(r"\[\^?\[|\[.*?(?:--|&&|~~|\|\|)", re.DOTALL)
_REPEAT = re.compile(r"[*+{]")
_RISKY = re.compile(r"\)[*+{?]|\(\?[^:]")
_PLAIN = re.compile(r"[\w\s@/:,;'\"=&%#!~<>-]*")


def name_matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a name fits a pattern with `*`, `?` and `[...]`, in any case; one without signs is the name itself."""
    if not re.search(r"[*?\[]", pattern) or len(pattern) > _LONGEST_PATTERN:
        folded = pattern.casefold()
        return lambda name: name.casefold() == folded
    fits = re.compile(fnmatch.translate(pattern.casefold()))
    return lambda name: name == pattern or fits.match(name.casefold()) is not None


def compiled(pattern: str) -> Callable[[str], bool]:
    """Whether a text has the pattern somewhere, in any case. Raises `CommandError`.

    Repeated groups, references and more than two repeats are refused: Python's matcher may take for ever over them,
    and lets nothing else run meanwhile. A pattern without signs is looked for in the whole text, another at its start.
    """
    if _PLAIN.fullmatch(pattern):
        folded = pattern.casefold()
        return lambda text: folded in text.casefold()
    unescaped = _ESCAPED.sub("x", pattern)
    if _SET_OPERATION.search(unescaped):
        raise _refused("In brackets, write a backslash before [ and before the second of --, &&, ~~ and ||.")
    plain = _CLASS.sub("x", unescaped)
    if len(pattern) > _LONGEST_PATTERN or re.search(r"\\[1-9]", pattern) or _is_risky(plain):
        raise _refused("The pattern is too complicated: at most two repeats, few choices, and no group repeated.")
    try:
        found = re.compile(pattern, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise _refused("The pattern is not a regular expression.") from error
    return lambda text: found.search(text[:_LONGEST_TEXT]) is not None


def _is_risky(plain: str) -> bool:
    """Of a pattern with its escapes and brackets taken out."""
    repeats = len(_REPEAT.findall(plain))
    choices = plain.count("?") - plain.count("(?:") + (plain.count("|") if "(" in plain else 0)
    return bool(_RISKY.search(plain)) or repeats >= len(_MOST_CHOICES) or choices > _MOST_CHOICES[repeats]


def _refused(message: str) -> CommandError:
    return CommandError(CommandKind.BAD_ARGUMENTS, message)
