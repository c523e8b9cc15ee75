"""The zone in which moments are shown: a cell is written anew only where that is exact, and stays as sent otherwise."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo

from keeperdb.engines.blocks import CellKind, Column

_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)([ T])(\d\d):(\d\d):(\d\d)(\.\d+)?( ?)(Z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?", re.ASCII
)
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)?:?(\d\d)?", re.ASCII)
_ZONED = re.compile(r"timestamp(\(\d+\))? with (local )?time zone|timestamptz|datetimeoffset", re.IGNORECASE)

Converter = Callable[[str], str]


class TimeZone(StrEnum):
    """What a person chooses; the values of the setting `results.time_zone`."""

    AS_SENT = "sent"
    SESSION = "session"
    LOCAL = "local"
    UTC = "utc"


def has_zone(column: Column) -> bool:
    """Whether the cells of a column are moments, which can be shown in any zone."""
    return column.kind is CellKind.TIMESTAMP and _ZONED.match(column.type_name) is not None


def converter(choice: TimeZone, session_zone: str = "") -> Converter | None:
    """What writes a moment in the chosen zone; None where cells are shown as they were sent.

    `session_zone` is the server's own name of the zone of its session, empty if it is not known.
    """
    if choice is TimeZone.AS_SENT:
        return None
    if choice is TimeZone.LOCAL:
        return lambda text: _converted(text, None)
    zone = UTC if choice is TimeZone.UTC else find_zone(session_zone)
    return None if zone is None else lambda text: _converted(text, zone)


def find_zone(name: str) -> tzinfo | None:
    """The zone that a server calls `name`: of the zone database, or an offset such as `+02:00`; None if unknown."""
    if name.upper() in ("UTC", "GMT", "ETC/UTC", "Z"):
        return UTC
    if _OFFSET.fullmatch(name):
        return timezone(_offset(name))
    try:
        return ZoneInfo(name)
    except (OSError, ValueError):  # also ZoneInfoNotFoundError of a subclass of KeyError, below
        return None
    except KeyError:
        return None


def local_zone_name() -> str:
    """What this machine calls its own zone now, such as `CET`."""
    return datetime.now().astimezone().tzname() or ""


def _converted(text: str, zone: tzinfo | None) -> str:
    """`text` in `zone`, or in the zone of this machine for None.

    Fractions of a second are carried over digit by digit. What has no offset, infinity, years before 1 or after 9999
    and other ways to write a date stay as they are; their own text says so.
    """
    found = _MOMENT.fullmatch(text)
    if found is None or found[10] is None:
        return text
    year, month, day, hour, minute, second = map(int, found.group(1, 2, 3, 5, 6, 7))
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=timezone(_offset(found[10]))).astimezone(zone)
    except (ValueError, OverflowError, OSError):
        return text
    written = f"{moment:%m-%d}{found[4]}{moment:%H:%M:%S}"  # the year below: %Y does not pad everywhere
    return f"{moment.year:04}-{written}{found[8] or ''}{found[9]}{_offset_text(moment, found[10])}"


def _offset(text: str) -> timedelta:
    found = _OFFSET.fullmatch(text)
    if found is None:
        return timedelta()  # Z
    hours, minutes, seconds = (int(part or 0) for part in found.group(2, 3, 4))
    size = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -size if found[1] == "-" else size


def _offset_text(moment: datetime, like: str) -> str:
    """The offset as short as PostgreSQL writes it, with minutes where the server writes them always."""
    seconds = round((moment.utcoffset() or timedelta()).total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("+", seconds)
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    if rest:
        return f"{sign}{hours:02}:{minutes:02}:{rest:02}"
    return f"{sign}{hours:02}:{minutes:02}" if minutes or len(like) > 3 else f"{sign}{hours:02}"
