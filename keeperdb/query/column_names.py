"""The names by which a condition calls the columns of a result: each is there once."""

import re
from collections.abc import Sequence

from keeperdb.engines.blocks import Column

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS = (
    "and or not in is null like ilike between true false case when then else end select from where all any some "
    "exists as on join left right inner outer full cross group order by limit offset having union except intersect "
    "distinct with cast interval date time timestamp current_date current_time current_timestamp similar to rlike "
    "regexp glob collate escape isnull notnull div mod xor over if array row struct map overlaps values table "
    "default user using window fetch for into set update delete insert create drop alter natural unique primary "
    "foreign references check constraint only symmetric asymmetric anywhere"
)
_RESERVED = frozenset(_WORDS.split())


def unique_names(columns: Sequence[Column]) -> list[str]:
    """The names of `columns`; the second `id` becomes `id_2`, or the next number that is free; none is empty."""
    taken = {column.name for column in columns}
    seen: set[str] = set()
    result = []
    for place, column in enumerate(columns, start=1):
        name, number = column.name or f"column {place}", 2
        unique = name
        while unique in seen or (number > 2 and unique in taken):
            unique = f"{name}_{number}"
            number += 1
        seen.add(unique)
        result.append(unique)
    return result


def find_column(name: str, names: Sequence[str]) -> int | None:
    """The number of the column called so: exactly, or else but for upper and lower case."""
    if name in names:
        return names.index(name)
    lower = [each.lower() for each in names]
    return lower.index(name.lower()) if name.lower() in lower else None


def written_name(name: str) -> str:
    """`name` as it stands in a condition: in quotes where it is not a plain word."""
    if _PLAIN.fullmatch(name) and name.lower() not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def written_text(text: str) -> str:
    """A text as it stands in a condition."""
    return "'" + text.replace("'", "''") + "'"
