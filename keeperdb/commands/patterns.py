"""Patterns that somebody sends: only those that cannot keep the program busy for long."""

import fnmatch
import re
from collections.abc import Callable

from keeperdb.errors import CommandError, CommandKind

_LONGEST_PATTERN = 200  # characters
_LONGEST_TEXT = 400  # characters that are looked at; with two repeats each look stays within some milliseconds
_MOST_REPEATS = 2
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_CLASS = re.compile(r"\[\^?\]?[^\]]*\]")
# In brackets; Python warns that these will mean something else one day.
_SET_OPERATION = re.compile(r"\[\^?\[|\[.*?(?:--|&&|~~|\|\|)", re.DOTALL)
_REPEAT = re.compile(r"[*+{]")
_RISKY = re.compile(r"\)[*+{?]|\(\?[^:]|\\[1-9]")


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
    and lets nothing else run meanwhile.
    """
    unescaped = _ESCAPED.sub("x", pattern)
    if _SET_OPERATION.search(unescaped):
        raise _refused("In brackets, write a backslash before [ and before the second of --, &&, ~~ and ||.")
    plain = _CLASS.sub("x", unescaped)
    is_risky = _RISKY.search(plain) or re.search(r"\\[1-9]", pattern) or len(_REPEAT.findall(plain)) > _MOST_REPEATS
    if is_risky or len(pattern) > _LONGEST_PATTERN:
        raise _refused("The pattern is too complicated: at most two repeats, and none of a group.")
    try:
        found = re.compile(pattern, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise _refused("The pattern is not a regular expression.") from error
    return lambda text: found.search(text[:_LONGEST_TEXT]) is not None


def _refused(message: str) -> CommandError:
    return CommandError(CommandKind.BAD_ARGUMENTS, message)
