"""What several records of one local id amount to: the newest, older ones, copies, and what was written at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from keeperdb.vault.storage_content import Content, derived_id, difference, fingerprint, join, renamed

COPIED = "It was copied in the vault; the copy becomes a connection of its own."


@dataclass(frozen=True, slots=True)
class Stored:
    """One record of ours in the vault, as far as planning needs it.

    `replaces` are the records it was written in place of, by uid, with the fingerprint of what they held; `changed`
    are the fields in which its writer, or a person in the vault, had it differ from what those amounted to: of a
    record that replaces none it says nothing about what was written. `written` is what it held when it was written,
    None if that is not known. `original_uid` is the uid it was written under: another one means that a person copied
    it. `user_uid` is its PAM User. A `flaw` is a sentence on what a person did to its identity; it is written
    anew then.
    """

    uid: str
    content: Content
    replaces: Mapping[str, str] = field(default_factory=dict)
    changed: frozenset[str] = frozenset()
    written: Content | None = None
    machine: str = ""
    machine_id: str = ""
    date: str = ""
    original_uid: str = ""
    user_uid: str = ""
    flaw: str = ""

    @property
    def uids(self) -> tuple[str, ...]:
        return (self.uid, self.user_uid) if self.user_uid else (self.uid,)

    @property
    def is_copy(self) -> bool:
        return bool(self.original_uid) and self.original_uid != self.uid


@dataclass(frozen=True, slots=True)
class Head:
    """What the vault says about one connection.

    `live` are the records that nothing replaced, the first is the one to keep; `older` are replaced or doubled and
    can go. More than one in `live` means that they were merged into `content`, which no record holds.
    `beside` are versions that clash with it, by the id under which they are kept as connections of their own.
    """

    content: Content
    live: tuple[Stored, ...]
    older: tuple[Stored, ...] = ()
    beside: Mapping[str, Content] = field(default_factory=dict)

    @property
    def first(self) -> Stored:
        return self.live[0]

    @property
    def uids(self) -> tuple[str, ...]:
        """Of all its records."""
        return (*(uid for each in self.live for uid in each.uids), *self.obsolete)

    @property
    def obsolete(self) -> tuple[str, ...]:
        return tuple(uid for each in self.older for uid in each.uids)

    @property
    def fingerprints(self) -> Mapping[str, str]:
        """What a record that is written in place of all of them says to replace."""
        return {each.uid: fingerprint(each.content) for each in (*self.live, *self.older)}

    @property
    def flaw(self) -> str:
        return next((each.flaw for each in self.live if each.flaw), "")

    @property
    def must_be_written(self) -> bool:
        """Whether no record holds the content under the right identity."""
        return len(self.live) > 1 or bool(self.flaw)


def separate_copies(stored: Mapping[str, Sequence[Stored]]) -> dict[str, list[Stored]]:
    """Copies that a person made beside the original, and changed, under ids of their own."""
    found: dict[str, list[Stored]] = {}
    for local_id, versions in stored.items():
        if len(versions) == 1:
            found.setdefault(local_id, []).append(versions[0])
            continue
        originals = [each for each in versions if not each.is_copy]
        for each in versions:
            is_own = each.is_copy and bool(originals) and all(each.content != other.content for other in originals)
            target = derived_id(local_id, each.uid) if is_own else local_id
            found.setdefault(target, []).append(replace(each, flaw=COPIED, replaces={}) if is_own else each)
    return found


def find_head(local_id: str, versions: Sequence[Stored]) -> Head:
    """The same on every machine that sees the same `versions`, of which there is at least one."""
    if len(versions) == 1:
        return Head(versions[0].content, tuple(versions))
    ordered = sorted(versions, key=lambda each: (bool(each.is_copy), each.uid))
    live = [each for each in ordered if not _is_replaced(each, ordered)] or ordered
    distinct: list[Stored] = []
    for each in live:
        if all(each.content != other.content for other in distinct):
            distinct.append(each)
    content, beside = _fold(local_id, distinct)
    return Head(content, tuple(distinct), tuple(each for each in ordered if each not in distinct), beside)


def _is_replaced(stored: Stored, versions: Iterable[Stored]) -> bool:
    """Whether another record stands for all that is in this one: one that was edited since does not count."""
    others = (each.replaces.get(stored.uid) for each in versions if not each.is_copy and each.uid != stored.uid)
    return any(found is not None and found == fingerprint(stored.content) for found in others)


def _fold(local_id: str, live: Iterable[Stored]) -> tuple[Content, dict[str, Content]]:
    merged, *others = live
    beside: dict[str, Content] = {}
    for other in others:
        changed_by_other, changed_before = _changes_since_common(other, merged)
        joined, clashes = join(other.content, changed_by_other, merged.content, changed_before)
        if clashes:
            beside[derived_id(local_id, other.uid, fingerprint(other.content))] = renamed(
                other.content, addition(other.machine, other.date)
            )
        merged = replace(merged, content=joined, changed=merged.changed | difference(merged.content, joined))
    return merged.content, beside


def _changes_since_common(one: Stored, other: Stored) -> tuple[frozenset[str], frozenset[str]]:
    """What each changed since both were the same; nothing where they never were, so that every difference clashes."""
    if one.replaces and one.replaces == other.replaces:
        return one.changed, other.changed
    if one.written is not None and one.written == other.written:
        return difference(one.written, one.content), difference(other.written, other.content)
    if one.written is not None and _is_made_of(other, one):
        return difference(one.written, one.content), other.changed
    if other.written is not None and _is_made_of(one, other):
        return one.changed, difference(other.written, other.content)
    return frozenset(), frozenset()


def _is_made_of(later: Stored, earlier: Stored) -> bool:
    """Whether `later` was written in place of just what `earlier` held when written, and maybe of what that replaced.

    Not necessarily of that very record: where an answer was lost, another one was written that held the same.
    """
    written = fingerprint(earlier.written or {})
    return (
        not earlier.is_copy
        and written in later.replaces.values()
        and all(found in (written, earlier.replaces.get(uid)) for uid, found in later.replaces.items())
    )


def addition(machine: str, date: str) -> str:
    """What is added to the name of a version that is kept beside another one."""
    return " ".join(part for part in (machine, date) if part) or "other version"
