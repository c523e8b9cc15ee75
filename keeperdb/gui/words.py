"""How times, engines and counts are put into words."""

from datetime import UTC, datetime

from keeperdb.engines.registry import ENGINES


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
