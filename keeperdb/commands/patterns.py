"""Patterns that somebody sends: only those that cannot keep the program busy for long."""

import fnmatch
import re
import threading
import time
from collections.abc import Callable

from keeperdb.errors import CommandError, CommandKind

_LONGEST_PATTERN = 200  # characters
_LONGEST_TEXT = 200  # characters that are looked at, so that each look stays within some milliseconds
_LONGEST_LOOK = 0.001  # seconds that the processor works on one text, after which others get their turn
_LONGEST_SEARCH = 1.0  # seconds that it works on all texts together
_MOST_CHOICES = (8, 4, 2)  # with no repeat, one, and two: each choice doubles what a repeat multiplies by the text
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_CLASS = re.compile(r"\[\^?\]?[^\]]*\]")
# In brackets; Python warns that these will mean something else one day.
_SET_OPERATION = re.compile(r"\[\^?\[|\[.*?(?:--|&&|~~|\|\|)", re.DOTALL)
_REPEAT = re.compile(r"[*+{]")
_RISKY = re.compile(r"\)[*+{?]|\(\?[^:]")
_PLAIN = re.compile(r"[\w\s@/:,;'\"=&%#!~<>-]*")

_one_at_a_time = threading.Lock()


def name_matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a name fits a pattern with `*`, `?` and `[...]`, in any case; one without signs is the name itself."""
    if not re.search(r"[*?\[]", pattern) or len(pattern) > _LONGEST_PATTERN:
        folded = pattern.casefold()
        return lambda name: name.casefold() == folded
    fits = re.compile(fnmatch.translate(pattern.casefold()))
    return lambda name: name == pattern or fits.match(name.casefold()) is not None


def compiled(pattern: str) -> Callable[[str], bool]:
    """Whether a text has the pattern somewhere, in any case. Raises `CommandError`, also while it is
    used, when it has taken a second of the processor's time.

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
    return _bounded(found)


def _bounded(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    """Python runs nothing else during a look: so only one thread looks at a time, and then rests for as long."""
    spent = 0.0

    def fits(text: str) -> bool:
        nonlocal spent
        with _one_at_a_time:
            begun = time.thread_time()
            is_found = pattern.search(text[:_LONGEST_TEXT]) is not None
            took = time.thread_time() - begun
            if took > _LONGEST_LOOK:
                time.sleep(took)
        spent += took
        if spent > _LONGEST_SEARCH:
            raise _refused("The pattern takes too long here. Write one with fewer repeats.")
        return is_found

    return fits


def _is_risky(plain: str) -> bool:
    """Of a pattern with its escapes and brackets taken out."""
    repeats = len(_REPEAT.findall(plain))
    choices = plain.count("?") - plain.count("(?:") + (plain.count("|") if "(" in plain else 0)
    return bool(_RISKY.search(plain)) or repeats >= len(_MOST_CHOICES) or choices > _MOST_CHOICES[repeats]


def _refused(message: str) -> CommandError:
    return CommandError(CommandKind.BAD_ARGUMENTS, message)
