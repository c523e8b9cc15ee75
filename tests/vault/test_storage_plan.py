"""The plan of a sync: two machines and a vault in memory, and every order of events that Hypothesis can think of."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from keeperdb.vault.storage_content import Content, fingerprint
from keeperdb.vault.storage_heads import Stored
from keeperdb.vault.storage_plan import Base, Change, Known, needs_answer, plan

_DATE = "2026-11-21"
_FIELDS = ("name", "host", "database", "password")


@dataclass
class Vault:
    records: dict[str, tuple[str, Stored]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=itertools.count)
    late: dict[str, tuple[str, Stored]] = field(default_factory=dict)

    def stored(self) -> dict[str, list[Stored]]:
        found: dict[str, list[Stored]] = {}
        for local_id, each in self.records.values():
            found.setdefault(local_id, []).append(each)
        return found

    def write(self, change: Change, machine: "Machine") -> str:
        assert change.result is not None
        uid = f"r{(next(self.numbers) * 7919) % 10007:05}"
        stored = Stored(
            uid,
            change.result,
            change.replaces,
            change.changed,
            change.result,
            machine.name,
            machine.name,
            _DATE,
            original_uid=uid,
        )
        self.records[uid] = (change.local_id, stored)
        return uid

    def delay(self, uids: set[str]) -> None:
        """Those were not written after all, until `arrive`."""
        self.late |= {uid: self.records.pop(uid) for uid in uids}

    def arrive(self) -> None:
        self.records |= self.late
        self.late.clear()

    def delete(self, uid: str, seen: Content) -> None:
        """A record is deleted only as it was seen."""
        if uid in self.records and self.records[uid][1].content == seen:
            del self.records[uid]

    def contents(self) -> dict[str, Content]:
        assert len({local_id for local_id, _ in self.records.values()}) == len(self.records), "something is doubled"
        return {local_id: each.content for local_id, each in self.records.values()}


@dataclass
class Machine:
    name: str
    vault: Vault
    local: dict[str, Content] = field(default_factory=dict)
    base: dict[str, Base] = field(default_factory=dict)
    looked: "tuple[list[Change], dict[str, Content]] | None" = None

    def known(self) -> Known:
        return Known(
            dict(self.base), dict(self.local), self.vault.stored(), machine=self.name, machine_id=self.name, date=_DATE
        )

    def look(self) -> None:
        """Plan, and be slow."""
        self.looked = plan(self.known()), {uid: each.content for uid, (_, each) in self.vault.records.items()}

    def sync(self, steps: int | None = None) -> None:
        """Apply the plan of the last look, or of a new one; with `steps`, be killed after so many of them."""
        if self.looked is None:
            self.look()
        assert self.looked is not None
        changes, seen = self.looked
        self.looked = None
        every = (step for change in changes for step in self._steps(change, seen))
        for step in itertools.islice(every, steps):
            step()

    def sync_until_writing(self) -> None:
        """Be killed before anything is known about the first record that was to be written."""
        self.look()
        assert self.looked is not None
        changes, seen = self.looked
        self.looked = None
        before = set(self.vault.records)
        for step in (step for change in changes for step in self._steps(change, seen)):
            step()
            if self.vault.records.keys() - before:
                return

    def _steps(self, change: Change, seen: dict[str, Content]) -> list[Any]:
        if self.local.get(change.local_id) != change.expected:
            return []  # edited since the plan was made
        uid = [change.uid]
        steps: list[Any] = []
        if change.saves:
            steps.append(lambda: self.local.update({change.local_id: change.result}))
        if change.removes:
            steps.append(lambda: self.local.pop(change.local_id))
        if change.writes:
            steps.append(lambda: uid.append(self.vault.write(change, self)))
        steps += [lambda each=each: self.vault.delete(each, seen[each]) for each in change.obsolete]
        return [*steps, lambda: self._remember(change, uid[-1])]

    def _remember(self, change: Change, uid: str) -> None:
        if change.result is None:
            self.base.pop(change.local_id, None)
        else:
            self.base[change.local_id] = Base(change.result, uid)


@dataclass
class World:
    vault: Vault = field(default_factory=Vault)
    tokens: Iterator[int] = field(default_factory=itertools.count)
    precious: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.machines = [Machine("anna", self.vault), Machine("bert", self.vault)]

    def edit(self, machine: Machine, local_id: str, name: str) -> None:
        """A person gives a field a value nobody else uses; what they saw there before is theirs to overwrite."""
        content = machine.local.get(local_id) or {"name": self._token(), "engine": "postgresql"}
        self._give_up(content.get(name))
        machine.local[local_id] = {**content, name: self._token()}

    def remove(self, machine: Machine, local_id: str) -> None:
        self._give_up(*machine.local.pop(local_id, {}).values())

    def edit_in_vault(self, index: int, name: str) -> None:
        if not self.vault.records:
            return
        uid = sorted(self.vault.records)[index % len(self.vault.records)]
        local_id, stored = self.vault.records[uid]
        self._give_up(stored.content.get(name))
        changed = replace(stored, content={**stored.content, name: self._token()}, changed=stored.changed | {name})
        self.vault.records[uid] = (local_id, changed)

    def copy_in_vault(self, index: int, name: str) -> None:
        """A person duplicates a record, and may change the copy."""
        if not self.vault.records:
            return
        local_id, stored = self.vault.records[sorted(self.vault.records)[index % len(self.vault.records)]]
        uid = f"copy{next(self.vault.numbers)}"
        self.vault.records[uid] = (local_id, replace(stored, uid=uid))
        if name != "password":
            content = {**stored.content, name: self._token()}
            self.vault.records[uid] = (
                local_id,
                replace(stored, uid=uid, content=content, changed=stored.changed | {name}),
            )

    def _give_up(self, *values: object) -> None:
        """A person saw these and overwrote them, whatever a sync had added to a name."""
        self.precious -= {token for token in self.precious if any(str(value).startswith(token) for value in values)}

    def _token(self) -> str:
        token = f"value-{next(self.tokens)};"
        self.precious.add(token)
        return token

    def settle(self) -> None:
        for _ in range(3):
            for machine in self.machines:
                machine.sync()


_IDS = st.sampled_from(["a", "b", "c"])
_WHO = st.sampled_from([0, 1])
_EVENTS = st.one_of(
    st.tuples(st.just("edit"), _WHO, _IDS, st.sampled_from(_FIELDS)),
    st.tuples(st.just("remove"), _WHO, _IDS),
    st.tuples(st.just("vault"), st.integers(0, 5), st.sampled_from(_FIELDS)),
    st.tuples(st.just("edit"), _WHO, st.just("a"), st.sampled_from(["host", "password"])),
    st.tuples(st.just("copy"), st.integers(0, 5), st.sampled_from(_FIELDS)),
    st.tuples(st.just("sync"), _WHO),
    st.tuples(st.just("killed"), _WHO, st.integers(0, 12)),
    st.tuples(st.just("look"), _WHO),
    st.tuples(st.just("late"), _WHO),
    st.tuples(st.just("arrive")),
    st.tuples(st.just("both"), st.integers(0, 12)),
)


def _play(world: World, events: list[tuple[Any, ...]]) -> None:
    for kind, *rest in events:
        match kind:
            case "edit":
                world.edit(world.machines[rest[0]], rest[1], rest[2])
            case "remove":
                world.remove(world.machines[rest[0]], rest[1])
            case "vault":
                world.edit_in_vault(rest[0], rest[1])
            case "copy":
                world.copy_in_vault(rest[0], rest[1])
            case "look":  # the next sync of that machine acts on it, whatever happens until then
                world.machines[rest[0]].look()
            case "late":  # the answer to the first writing is lost, and it is done only later
                before = set(world.vault.records)
                world.machines[rest[0]].sync_until_writing()
                world.vault.delay(world.vault.records.keys() - before)
            case "arrive":
                world.vault.arrive()
            case "sync":
                world.machines[rest[0]].sync()
            case "killed":
                world.machines[rest[0]].sync(rest[1])
            case "both":  # both have looked before either writes
                for machine in world.machines:
                    machine.look()
                world.machines[0].sync(rest[0])
                world.machines[1].sync()


_WRITTEN_ANEW_BY_BOTH: list[tuple[Any, ...]] = [
    ("remove", 0, "a"),
    ("edit", 1, "b", "name"),
    ("sync", 0),
    ("edit", 0, "a", "host"),
    ("edit", 1, "a", "name"),
    ("both", 1),
    ("vault", 2, "name"),
]


@settings(max_examples=1500, deadline=None)
@given(st.lists(_EVENTS, max_size=12))
@example(_WRITTEN_ANEW_BY_BOTH)
def test_machines_and_vault_agree_and_nothing_is_lost(events: list[tuple[Any, ...]]) -> None:
    world = World()
    for local_id in ("a", "b"):
        world.edit(world.machines[0], local_id, "host")
    world.settle()
    _play(world, events)
    world.vault.arrive()
    world.settle()
    first, second = world.machines
    assert first.local == second.local == world.vault.contents()
    values = {str(value) for content in first.local.values() for value in content.values()}
    lost = {token for token in world.precious if not any(value.startswith(token) for value in values)}
    assert not lost
    assert not [change for machine in world.machines for change in plan(machine.known()) if not change.is_settled]


_OLD: Content = {"name": "Orders", "engine": "postgresql", "host": "db1"}


def _stored(uid: str, content: Content, **more: Any) -> Stored:
    return Stored(uid, content, written=content, original_uid=uid, **more)


def _known(local: Content | None, *stored: Stored, base: Content | None = None, **more: Any) -> Known:
    return Known(
        {"a": Base(base, "old")} if base else {},
        {"a": local} if local else {},
        {"a": list(stored)} if stored else {},
        date=_DATE,
        machine="anna",
        machine_id="anna",
        **more,
    )


def test_an_interrupted_replacement_is_finished_and_nothing_else() -> None:
    new = {**_OLD, "host": "db2"}
    written = _stored("new", new, replaces={"old": fingerprint(_OLD)}, changed=frozenset({"host"}))
    (change,) = plan(_known(new, written, _stored("old", _OLD), base=_OLD))
    assert (change.saves, change.writes, change.obsolete) == (False, False, ("old",))


def test_an_older_record_that_was_edited_since_still_counts() -> None:
    new, edited = {**_OLD, "host": "db2"}, {**_OLD, "port": 7}
    written = _stored("new", new, replaces={"old": fingerprint(_OLD)}, changed=frozenset({"host"}))
    old = replace(_stored("old", edited, changed=frozenset({"port"})), written=_OLD)
    (change,) = plan(_known(new, written, old, base=new))
    assert change.result == {**new, "port": 7}
    assert set(change.obsolete) == {"new", "old"}
    assert set(change.replaces) == {"new", "old"}


def test_two_records_written_at_once_become_one() -> None:
    replaces = {"r0": fingerprint(_OLD)}
    first = _stored("r1", {**_OLD, "host": "db2"}, replaces=replaces, changed=frozenset({"host"}))
    second = _stored("r2", {**_OLD, "port": 7}, replaces=replaces, changed=frozenset({"port"}))
    (change,) = plan(_known(dict(first.content), first, second, base=first.content))
    assert change.result == {**_OLD, "host": "db2", "port": 7}
    assert (change.saves, change.writes) == (True, True)


def test_without_memory_what_this_machine_wrote_is_what_it_compares_with() -> None:
    here = {**_OLD, "host": "db2"}
    (change,) = plan(_known(here, _stored("r1", _OLD, machine_id="anna")))
    assert (change.result, change.saves, change.writes) == (here, False, True)
    assert len(plan(_known(here, _stored("r1", _OLD, machine_id="bert")))) == 2, "of another machine it is a clash"


def test_another_edit_after_a_clash_is_kept_as_well() -> None:
    theirs = _stored("r1", {**_OLD, "host": "theirs"}, machine_id="bert")
    ids = {plan(_known({**_OLD, "host": host}, theirs, base=_OLD))[0].local_id for host in ("one", "two")}
    assert len(ids) == 2


def test_a_clash_is_told_by_machine_and_date() -> None:
    beside, winner = plan(_known({**_OLD, "host": "mine"}, _stored("r1", {**_OLD, "host": "theirs"}), base=_OLD))
    assert beside.name == f"Orders (anna {_DATE})"
    assert beside.texts == (f"“Orders” was changed in two places (host): “Orders (anna {_DATE})” is kept beside it.",)
    assert winner.result == {**_OLD, "host": "theirs"}


def test_what_was_left_out_is_not_taken_over() -> None:
    assert plan(_known(None, _stored("r1", _OLD), left_out={"a"})) == []


def test_what_is_frozen_is_left_alone() -> None:
    assert plan(_known(_OLD, base=_OLD, frozen={"a"})) == []


def test_more_than_a_few_or_a_tenth_needs_an_answer() -> None:
    def asks(deleted: int, total: int) -> bool:
        base = {str(number): Base(_OLD, f"r{number}") for number in range(total)}
        stored = {name: [_stored(each.uid, _OLD)] for name, each in base.items()}
        known = Known(base, dict.fromkeys(list(base)[deleted:], _OLD), stored)
        return needs_answer(plan(known), known)

    assert [asks(1, 5), asks(2, 5), asks(2, 20), asks(3, 20), asks(3, 30), asks(4, 100)] == [
        False,
        True,
        False,
        True,
        False,
        True,
    ]
