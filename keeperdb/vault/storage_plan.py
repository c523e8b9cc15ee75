"""What a sync changes, and where: a pure function of this machine, the vault, and the last sync."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from keeperdb.vault.storage_content import Content, derived_id, difference, fingerprint, label, merge, renamed
from keeperdb.vault.storage_heads import Head, Stored, addition, find_head, separate_copies

_FEW = 3  # deletions that need no answer


@dataclass(frozen=True, slots=True)
class Base:
    """What both sides held after the last sync, and the record it was in.

    `digest` is the record's, if it is known to hold just that and to need no attention.
    """

    content: Content
    uid: str
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """Everything a plan is made of, by local id.

    `frozen` ids are left alone, because one side of them cannot be read. `left_out` ids are in the vault and not
    wanted on this machine. `machine` and `date` name the second of two versions that clash.
    """

    base: Mapping[str, Base]
    local: Mapping[str, Content]
    stored: Mapping[str, Sequence[Stored]]
    frozen: Collection[str] = frozenset()
    left_out: Collection[str] = frozenset()
    machine: str = ""
    machine_id: str = ""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One connection whose sides do not agree, and what they hold afterwards: `result`, None for nothing.

    `expected` is what this machine holds now. First it is saved or removed here, then written as a new record, then
    the records in `obsolete` are deleted. `changed` are the fields that differ from what is in the vault.
    `origins` are the records whose other fields the new one carries on, `texts` sentences for a person.
    """

    local_id: str
    name: str
    result: Content | None
    expected: Content | None
    uid: str = ""
    saves: bool = False
    removes: bool = False
    writes: bool = False
    obsolete: tuple[str, ...] = ()
    changed: frozenset[str] = frozenset()
    origins: tuple[str, ...] = ()
    replaces: Mapping[str, str] = field(default_factory=dict)
    texts: tuple[str, ...] = ()

    @property
    def deletes_in_vault(self) -> bool:
        """Whether the connection itself goes there, not only an older record of it."""
        return self.result is None and bool(self.obsolete)

    @property
    def is_deletion(self) -> bool:
        return self.removes or self.deletes_in_vault

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to do but to remember."""
        return not (self.saves or self.removes or self.writes or self.obsolete)


def plan(known: Known) -> list[Change]:
    """The changes that make both sides agree, versions that are kept beside others first.

    Nothing is lost: what was changed on one side wins over what was not, independent fields are merged, a deletion
    loses against an edit, and what cannot be merged is kept twice.
    """
    stored = separate_copies(known.stored)
    ids = dict.fromkeys([*known.local, *stored, *known.base])
    changes = [change for local_id in ids for change in _plan_one(local_id, stored.get(local_id), known)]
    return _without_repetition(changes, known, stored)


def needs_answer(changes: Sequence[Change], known: Known) -> bool:
    """Whether so much would be deleted that a person decides: more than a few, or more than one and than a tenth."""
    count = sum(change.is_deletion for change in changes)
    return count > _FEW or (count > 1 and count * 10 > len(known.base))


def _without_repetition(changes: list[Change], known: Known, stored: Mapping[str, Sequence[Stored]]) -> list[Change]:
    """A version that is kept beside another may have been so by an earlier, interrupted sync."""
    besides = [change for change in changes if change.result is not None and _is_beside(change, known, stored)]
    rest = [change for change in changes if change not in besides]
    return [*{change.local_id: change for change in besides}.values(), *rest]


def _is_beside(change: Change, known: Known, stored: Mapping[str, Sequence[Stored]]) -> bool:
    return change.local_id not in known.local and change.local_id not in stored


def _plan_one(local_id: str, versions: Sequence[Stored] | None, known: Known) -> Iterator[Change]:
    if local_id in known.frozen:
        return
    local, base = known.local.get(local_id), known.base.get(local_id)
    if versions is None:
        yield from _without_record(local_id, local, base)
        return
    head = find_head(local_id, versions)
    if local is None and base is None and local_id in known.left_out:
        return
    is_same = base is not None and base.uid == head.first.uid and base.content == head.content == local
    if is_same and not (head.must_be_written or head.older):
        return  # by far the most
    yield from _kept_beside(head.beside, head.content, known)
    if local is None:
        yield from _without_connection(local_id, base, head)
    else:
        yield from _with_both(local_id, local, base, head, known)


def _without_record(local_id: str, local: Content | None, base: Base | None) -> Iterator[Change]:
    if local is None:
        yield Change(local_id, _name(base.content if base else {}), None, None)
    elif base is None:
        yield Change(
            local_id, _name(local), local, local, writes=True, texts=(f"{_quoted(local)} is written to the vault.",)
        )
    elif local == base.content:
        text = f"{_quoted(local)} was deleted in the vault and is removed here."
        yield Change(local_id, _name(local), None, local, removes=True, texts=(text,))
    else:
        text = f"{_quoted(local)} was deleted in the vault but changed here: it is kept and written anew."
        yield Change(local_id, _name(local), local, local, writes=True, texts=(text,))


def _without_connection(local_id: str, base: Base | None, head: Head) -> Iterator[Change]:
    name = _name(head.content)
    if base is not None and head.content == base.content:
        text = f"{_quoted(head.content)} was removed here and is deleted from the vault."
        yield Change(local_id, name, None, None, obsolete=head.uids, texts=(text,))
        return
    added = f"{_quoted(head.content)} is added here."
    survives = f"{_quoted(head.content)} was removed here but changed in the vault: it is kept."
    yield _settled(local_id, head, head.content, None, added if base is None else survives)


def _with_both(local_id: str, local: Content, base: Base | None, head: Head, known: Known) -> Iterator[Change]:
    """Without a base, what this very machine wrote is the base: it was stopped before it could remember."""
    own = base is None and len(head.live) == 1 and head.first.machine_id == known.machine_id != ""
    before = base.content if base is not None else head.first.written if own else None
    merged, clashes = merge(before, local, head.content)
    if not clashes:
        yield _settled(local_id, head, merged, local, "")
        return
    copy_id = derived_id(local_id, known.machine_id, head.first.uid, fingerprint(local))
    beside = renamed(local, addition(known.machine, known.date))
    yield from _kept_beside({copy_id: beside}, head.content, known)
    yield _settled(local_id, head, merged, local, "")


def _kept_beside(beside: Mapping[str, Content], winner: Content, known: Known) -> Iterator[Change]:
    for copy_id, content in beside.items():
        if copy_id in known.local or copy_id in known.stored or copy_id in known.base:
            continue
        fields = ", ".join(sorted(map(label, difference(winner, content) - {"name"}))) or "name"
        text = f"{_quoted(winner)} was changed in two places ({fields}): {_quoted(content)} is kept beside it."
        yield Change(copy_id, _name(content), content, None, saves=True, writes=True, texts=(text,))


def _settled(local_id: str, head: Head, result: Content, local: Content | None, text: str) -> Change:
    """Both sides are brought to `result`."""
    saves, writes = result != local, head.must_be_written or result != head.content
    texts = [text] if text else []
    if not text and saves and local is not None:
        texts.append(f"{_quoted(result)} was changed in the vault ({_fields(local, result)}) and is updated here.")
    if result != head.content:
        texts.append(f"{_quoted(result)} was changed here ({_fields(head.content, result)}) and is written anew.")
    elif head.flaw:
        texts.append(f"{_quoted(result)}: {head.flaw}")
    elif writes:
        texts.append(f"{_quoted(result)} was written by two machines at once: one record is made of both.")
    elif head.obsolete:
        texts.append(f"{_quoted(result)}: an older or doubled record of it is deleted.")
    return Change(
        local_id,
        _name(result),
        result,
        local,
        uid=head.first.uid,
        saves=saves,
        writes=writes,
        obsolete=head.uids if writes else head.obsolete,
        changed=difference(head.content, result),
        origins=tuple(each.uid for each in head.live),
        replaces=head.fingerprints if writes else {},
        texts=tuple(texts),
    )


def _fields(before: Content, after: Content) -> str:
    return ", ".join(sorted(map(label, difference(before, after))))


def _name(content: Content) -> str:
    return str(content.get("name", ""))


def _quoted(content: Content) -> str:
    return f"“{_name(content)}”"
