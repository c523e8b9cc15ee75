"""Searches the sources of the command palette; runs in the background."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

from keeperdb.gui.fuzzy import Needle
from keeperdb.gui.palette_sources import Entry, Source
from keeperdb.task import Task

MOST_HITS = 100
_CHECK_EVERY = 1_000  # candidates between two looks at whether the search is still wanted
_RECENT = 30_000  # what it is worth to have been used before: as much as a better kind of match
_BEHIND = 100_000  # what is found in the muted part only, and what cannot be chosen, come last


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that was found, and the letters of its text that were matched."""

    entry: Entry
    places: tuple[int, ...] = ()
    detail_places: tuple[int, ...] = ()


def search(sources: Sequence[Source], text: str, recent: Sequence[str], task: Task) -> list[Hit]:
    """The best hits, at most `MOST_HITS`; without a text what was used last, then what there is.

    Raises `Cancelled`.
    """
    prefix = next((each.prefix for each in sources if each.prefix and text.startswith(each.prefix)), "")
    typed = text[len(prefix) :].strip()
    needle, order = Needle(typed), {name: number for number, name in enumerate(recent)}
    found = (entry for each in sources if each.prefix == prefix for entry in each.entries(typed, task))
    ranked: list[tuple[int, int, Entry]] = []
    for number, entry in enumerate(found):
        if number % _CHECK_EVERY == 0:
            task.check()
        rank = _rank(needle, entry, order)
        if rank is not None:
            ranked.append((rank, number, entry))
    return [_hit(needle, entry) for _, _, entry in heapq.nsmallest(MOST_HITS, ranked)]


def _rank(needle: Needle, entry: Entry, order: dict[str, int]) -> int | None:
    rank = _match(needle, entry)
    if rank is None:
        return None
    if entry.id in order:
        rank += order[entry.id] - _RECENT
    return rank + _BEHIND if entry.reason else rank


def _match(needle: Needle, entry: Entry) -> int | None:
    if not needle:
        return 0
    rank = needle.rank(entry.text.lower())
    if rank is None and entry.detail:
        whole = needle.rank(f"{entry.text} {entry.detail}".lower(), scattered=False)
        return None if whole is None else whole + _BEHIND
    return rank


def _hit(needle: Needle, entry: Entry) -> Hit:
    lowered = entry.text.lower()
    if not needle or len(lowered) != len(entry.text):  # letters whose small form has another length cannot be marked
        return Hit(entry)
    if needle.rank(lowered) is not None:
        return Hit(entry, needle.places(lowered))
    whole = f"{entry.text} {entry.detail}".lower()
    start = len(entry.text) + 1
    places = needle.places(whole)
    return Hit(
        entry,
        tuple(place for place in places if place < start - 1),
        tuple(place - start for place in places if place >= start),
    )
