"""How times, engines, counts and names are put into words."""

import re
from datetime import UTC, datetime

from keeperdb.engines.registry import ENGINES
from keeperdb.gui.cell_text import one_line, visible

_JOINERS = re.compile("([\u200c\u200d]+)")  # which emoji, Persian and the scripts of India are written with
_REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def name_line(text: str) -> str:
    """A name from outside on one line, with what would break the line, hide or reorder it made visible."""
    return (
        text
        if text.isprintable()
        else "".join(part if _JOINERS.fullmatch(part) else one_line(part) for part in _JOINERS.split(text))
    )


def in_order(text: str) -> str:
    """`text`, which may quote names from outside, without the power to show its words in another order."""
    return _REORDERING.sub(lambda found: visible(found[0]), text)


def engine_name(engine: str) -> str:
    """The product's name by engine id; the id itself where this version does not know it."""
    return ENGINES[engine].name if engine in ENGINES else engine


def ago(moment: datetime | None, now: datetime | None = None) -> str:
    """`just now`, `5 min ago`, `3 h ago`, `2 days ago`, or the date; `never` for None."""
    if moment is None:
        return "never"
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{int(seconds // 60)} min ago"
    if seconds < 86400:
        return f"{int(seconds // 3600)} h ago"
    days = int(seconds // 86400)
    if days < 30:
        return f"{days} days ago" if days > 1 else "yesterday"
    return moment.astimezone().strftime("%Y-%m-%d")


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 connection`, `42 connections`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
