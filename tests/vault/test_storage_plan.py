"""The plan of a sync: two machines and a vault in memory, and every order of events that Hypothesis can think of."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from keeperdb.vault.storage_content import Content
from keeperdb.vault.storage_heads import Stored
from keeperdb.vault.storage_plan import Base, Change, Known, plan

_DATE = "2026-11-21"
_FIELDS = ("name", "host", "database", "password")


@dataclass
class Vault:
    records: dict[str, tuple[str, Stored]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=itertools.count)

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

    def contents(self) -> dict[str, Content]:
        assert len({local_id for local_id, _ in self.records.values()}) == len(self.records), "something is doubled"
        return {local_id: each.content for local_id, each in self.records.values()}


@dataclass
class Machine:
    name: str
    vault: Vault
    local: dict[str, Content] = field(default_factory=dict)
    base: dict[str, Base] = field(default_factory=dict)

    def known(self) -> Known:
        return Known(
            dict(self.base), dict(self.local), self.vault.stored(), machine=self.name, machine_id=self.name, date=_DATE
        )

    def sync(self, steps: int | None = None, planned: list[Change] | None = None) -> int:
        """Apply the plan; with `steps`, be killed after so many of them. Returns how many steps were left."""
        left = 10**6 if steps is None else steps
        for change in plan(self.known()) if planned is None else planned:
            for step in self._steps(change):
                if not left:
                    return 0
                step()
                left -= 1
        return left

    def _steps(self, change: Change) -> list[Any]:
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
        steps += [lambda each=each: self.vault.records.pop(each, None) for each in change.obsolete]
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
        changed = Stored(
            uid,
            {**stored.content, name: self._token()},
            stored.replaces,
            stored.changed | {name},
            stored.written,
            stored.machine,
            stored.machine_id,
            stored.date,
            original_uid=stored.original_uid,
        )
        self.vault.records[uid] = (local_id, changed)

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
    st.tuples(st.just("sync"), _WHO),
    st.tuples(st.just("killed"), _WHO, st.integers(0, 12)),
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
            case "sync":
                world.machines[rest[0]].sync()
            case "killed":
                world.machines[rest[0]].sync(rest[1])
            case "both":  # both have looked before either writes
                plans = [plan(machine.known()) for machine in world.machines]
                world.machines[0].sync(rest[0], plans[0])
                world.machines[1].sync(None, plans[1])


@settings(max_examples=500, deadline=None)
@given(st.lists(_EVENTS, max_size=25))
def test_machines_and_vault_agree_and_nothing_is_lost(events: list[tuple[Any, ...]]) -> None:
    world = World()
    _play(world, events)
    world.settle()
    first, second = world.machines
    assert first.local == second.local == world.vault.contents()
    values = {str(value) for content in first.local.values() for value in content.values()}
    lost = {token for token in world.precious if not any(value.startswith(token) for value in values)}
    assert not lost
    assert not [change for machine in world.machines for change in plan(machine.known()) if not change.is_settled]
