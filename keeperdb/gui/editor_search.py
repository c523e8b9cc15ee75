"""Finding in a script: what to look for, all its places, and what to put there; no pattern can hold up the window."""

import re
import time
from bisect import bisect_left
from dataclasses import dataclass

from PySide6.QtCore import QRegularExpression, QRegularExpressionMatch

from keeperdb.errors import QueryError
from keeperdb.task import Task

_STEPS = 50_000  # of one attempt to match, in PCRE's counting; the interpreter waits for it, so a few milliseconds
_SECONDS = 3.0  # of one search
_TURN = 0.003  # seconds of work, after which the window may have the interpreter
_PAUSE = 0.0005
MOST = 1_000_000  # places that are kept
_GROUP = re.compile(r"\\(\\|n|t|\d)|\$(\$|\d)")
_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for; the limits are Qt's positions, the end -1 for the end of the text."""

    text: str
    is_pattern: bool = False
    has_case: bool = False
    is_word: bool = False
    start: int = 0
    end: int = -1

    def expression(self) -> QRegularExpression:
        """The expression to search with. Raises `QueryError` if the pattern is none."""
        pattern = self.text if self.is_pattern else QRegularExpression.escape(self.text)
        if self.is_word:
            pattern = rf"(?<!\w)(?:{pattern})(?!\w)"
        checked = QRegularExpression(pattern)
        if not checked.isValid():
            raise QueryError(f"Not a regular expression: {checked.errorString()}.")
        options = QRegularExpression.PatternOption.MultilineOption
        options |= QRegularExpression.PatternOption.UseUnicodePropertiesOption
        if not self.has_case:
            options |= QRegularExpression.PatternOption.CaseInsensitiveOption
        return QRegularExpression(f"(*LIMIT_MATCH={_STEPS}){pattern}", options)


@dataclass(frozen=True, slots=True)
class Places:
    """Where something was found: Qt's positions in order, and what each of them may be replaced with."""

    starts: list[int]
    ends: list[int]
    replacements: list[str] | None = None
    is_cut: bool = False  # there are more

    def __len__(self) -> int:
        return len(self.starts)

    def index_from(self, position: int) -> int:
        """The first place that begins at `position` or behind it; the number of places if there is none."""
        return bisect_left(self.starts, position)


def find_all(text: str, wanted: Wanted, task: Task, replacement: str | None = None) -> Places:
    """Every place of what is wanted, without those of no length; with `replacement`, what comes there.

    Raises:
        QueryError: the pattern is none, or it takes too long.
        Cancelled: the task was stopped.
    """
    expression = wanted.expression()
    deadline = time.perf_counter() + _SECONDS
    turn = time.perf_counter() + _TURN
    found = Places([], [], None if replacement is None else [])
    matches = expression.globalMatch(text, wanted.start)
    while matches.hasNext():
        match = matches.next()
        if not match.isValid():
            raise _too_long()
        if wanted.end >= 0 and match.capturedEnd() > wanted.end:
            break
        if match.capturedLength():
            _take(found, match, wanted, replacement)
        if len(found) >= MOST:
            return Places(found.starts, found.ends, found.replacements, is_cut=True)
        if (now := time.perf_counter()) > turn:
            task.check()
            if now > deadline:
                raise _too_long()
            time.sleep(_PAUSE)
            turn = time.perf_counter() + _TURN
    _check_end(expression, text, found, wanted)
    return found


def replaced(text: str, places: Places) -> str:
    """The text from the first place to the end of the last, given as `text`, with all of them replaced."""
    if not places or places.replacements is None:
        return text
    units, done = text.encode("utf-16-le", "surrogatepass"), places.starts[0]
    offset = done
    pieces: list[bytes] = []
    for start, end, new in zip(places.starts, places.ends, places.replacements, strict=True):
        pieces += (units[2 * (done - offset) : 2 * (start - offset)], new.encode("utf-16-le", "surrogatepass"))
        done = end
    return b"".join(pieces).decode("utf-16-le", "surrogatepass")


def expand(template: str, match: QRegularExpressionMatch) -> str:
    r"""The replacement with its groups put in: `$1` or `\1`, `$0` for all; `\n` and `\t` as usual."""

    def put(each: re.Match[str]) -> str:
        sign = each[1] or each[2]
        if sign.isdigit():
            return match.captured(int(sign))
        return _ESCAPES.get(sign, "$")

    return _GROUP.sub(put, template)


def _take(found: Places, match: QRegularExpressionMatch, wanted: Wanted, replacement: str | None) -> None:
    found.starts.append(match.capturedStart())
    found.ends.append(match.capturedEnd())
    if found.replacements is not None and replacement is not None:
        found.replacements.append(expand(replacement, match) if wanted.is_pattern else replacement)


def _check_end(expression: QRegularExpression, text: str, found: Places, wanted: Wanted) -> None:
    """The iterator ends without a word where an attempt was given up: ask once more from the last place on."""
    last = expression.match(text, found.ends[-1] if found.ends else wanted.start)
    if not last.isValid():
        raise _too_long()


def _too_long() -> QueryError:
    return QueryError("This expression takes too long.", "Make it simpler: avoid nested repetitions such as (a+)+.")
