"""Whatever goes wrong at whichever request of a sync, after one more undisturbed sync all is as if nothing had."""

import copy
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.demo.faults import FaultKind
from keeperdb.demo.handles import Folder
from keeperdb.demo.vault_server import DemoVault
from keeperdb.demo.vault_state import VaultState
from keeperdb.errors import Cancelled, KeeperDBError
from keeperdb.task import Task
from keeperdb.vault.storage_model import FOLDER_NAME, RecordKind
from tests.fixtures.storage_fixtures import SHARED, Machine

_CHANGES = 25
_READ_TIMEOUT = 0.25  # seconds, of the sync in which a request hangs
_PATIENT = 30.0
_FAULTS: dict[str, dict[str, Any]] = {
    "refused": {"kind": FaultKind.ERROR, "status": 500},
    "throttled": {"kind": FaultKind.THROTTLED, "retry_after": 0.01},
    "reset before": {"kind": FaultKind.RESET},
    "reset after": {"kind": FaultKind.LOST},
    "hang": {"kind": FaultKind.HANG},
    "garbage": {"kind": FaultKind.GARBAGE},
    "empty": {"kind": FaultKind.EMPTY},
    "cut off": {"kind": FaultKind.TRUNCATED},
    "not json": {"kind": FaultKind.NOT_JSON},
}
_LIKE_GARBAGE = ("empty", "cut off", "not json")  # all are answers that say nothing, after the work was done
State = dict[str, tuple[ConnectionProfile, str | None]]


class World:
    """Two machines with 25 differences between one of them and the vault, that can be put back to the start."""

    def __init__(self, vault: DemoVault, folder: Path, kind: RecordKind) -> None:
        self.vault = vault
        self._folder = folder
        self.one = Machine(vault, folder / "one", _PATIENT).attach().enable(kind)
        self._make_differences(kind)
        shutil.copytree(folder / "one", folder / "start")
        self._start: VaultState = copy.deepcopy(vault.state)

    def reset(self) -> None:
        self.vault.faults.clear()
        shutil.rmtree(self._folder / "one")
        shutil.copytree(self._folder / "start", self._folder / "one")
        with self.vault.lock:
            self.vault.state = copy.deepcopy(self._start)
        self.vault.journal.clear()
        self.one.restarted()

    def outcome(self) -> tuple[State, int]:
        """What is on the machine, which must be what is in the vault; and its editor's font size."""
        here = self.one.everything()
        assert self._in_vault() == {
            profile.id: (profile.name, profile.host, password) for profile, password in here.values()
        }
        kept = {name for name in self.one.keychain.names() if name.startswith("connection/")}
        assert kept == {f"connection/{profile_id}" for profile_id, (_, password) in here.items() if password}
        return {key: (_without_date(profile), each) for key, (profile, each) in here.items()}, int(
            self.one.workspace.settings.get("editor.font_size")
        )

    def _in_vault(self) -> dict[str, tuple[str, str, str | None]]:
        found: dict[str, tuple[str, str, str | None]] = {}
        users = {record.uid: record for record in self.vault.records() if record.type == "pamUser"}
        preferences = 0
        for record in self.vault.folder(SHARED, FOLDER_NAME).records:
            local_id = str(record.value("keeperdb_local_id"))
            if record.type == "pamUser":
                continue
            if local_id == "preferences":
                preferences += 1
                continue
            assert local_id not in found, "something is doubled"
            holder = record
            host: Any = record.value("host")
            if record.type == RecordKind.PAM_DATABASE:
                host = record.value("pamHostname")
                settings: Any = record.value("pamSettings")
                holder = users.pop(settings["connection"]["userRecords"][0])
            password = holder.value("password")
            found[local_id] = (record.title, host["hostName"], str(password) if password is not None else None)
        assert preferences == 1
        assert not users, "a PAM User is left over"
        return found

    def _make_differences(self, kind: RecordKind) -> None:
        one = self.one
        for number in range(18):
            one.save(_profile(f"c{number:02}"), f"password {number}")
        one.sync()
        two = Machine(self.vault, self._folder / "two").attach().enable(kind)
        two.restore()
        for name in ("c00", "c01", "c02", "c03"):
            two.edit(name, host="changed-by-two")
        two.edit("c04", database="shop")
        two.remove("c05")
        for number in range(3):
            two.save(_profile(f"t{number}"), f"password of t{number}")
        two.workspace.settings.set("editor.font_size", 20)
        two.sync()
        for name in ("c02", "c03"):
            one.edit(name, host="changed-by-one")
        one.edit("c04", port=6000)
        for number in range(6, 11):
            one.save(one.find(f"c{number:02}").with_(host="edited"), f"new password {number}")
        one.remove("c11")
        for number in range(7):
            one.save(_profile(f"n{number}"), f"password of n{number}")
        one.workspace.settings.set("editor.font_size", 21)


def _profile(name: str) -> ConnectionProfile:
    return ConnectionProfile(name=name, engine="postgresql", host="db", port=5432, user="ann", id=f"id-{name}")


def _without_date(profile: ConnectionProfile) -> ConnectionProfile:
    return profile.with_(name=re.sub(r" \d{4}-\d\d-\d\d\)", ")", profile.name))


@pytest.fixture
def world(demo_vault: DemoVault, team: Folder, tmp_path: Path) -> World:
    return World(demo_vault, tmp_path, RecordKind.DATABASE)


@pytest.fixture
def pam_world(demo_vault: DemoVault, team: Folder, tmp_path: Path) -> World:
    return World(demo_vault, tmp_path, RecordKind.PAM_DATABASE)


def _undisturbed(world: World) -> tuple[tuple[State, int], int]:
    """What comes out if nothing goes wrong, and how many requests it takes."""
    world.reset()
    world.one.sync(approve=True)
    requests = len(world.vault.journal)
    return world.outcome(), requests


def test_the_run_is_as_long_as_it_should_be(world: World) -> None:
    world.reset()
    assert len(world.one.workspace.storage.plan(Task()).lines) >= _CHANGES
    (state, font_size), requests = _undisturbed(world)
    assert requests > 20
    assert len(state) == 18 - 2 + 3 + 7 + 2  # two are removed, two are kept twice
    assert font_size == 21


@pytest.mark.parametrize("name", _FAULTS)
def test_a_fault_at_any_request_is_made_good_by_the_next_sync(world: World, name: str) -> None:
    expected, requests = _undisturbed(world)
    indexes = _first_and_last_of_each_verb(world) if name in _LIKE_GARBAGE else range(requests)
    _fail_at(indexes, world, name, expected)


@pytest.mark.parametrize("name", ["reset after"])
def test_a_fault_between_the_two_records_of_a_pam_database_is_made_good_too(pam_world: World, name: str) -> None:
    expected, requests = _undisturbed(pam_world)
    _fail_at(range(requests), pam_world, name, expected)


def _first_and_last_of_each_verb(world: World) -> list[int]:
    verbs = world.vault.journal.verbs
    return [index for index, verb in enumerate(verbs) if verb not in verbs[:index] or verb not in verbs[index + 1 :]]


def _fail_at(indexes: Iterable[int], world: World, name: str, expected: tuple[State, int]) -> None:
    for index in indexes:
        world.one.read_timeout = _READ_TIMEOUT if name == "hang" else _PATIENT
        world.reset()
        world.vault.fail(skip=index, **_FAULTS[name])
        with suppress(KeeperDBError):
            world.one.sync(approve=True)
        assert any(entry.fault for entry in world.vault.journal), index
        world.vault.faults.clear()
        world.one.read_timeout = _PATIENT
        world.one.restarted().storage.sync(Task(), approve_deletions=True)
        assert world.outcome() == expected, index
        world.vault.journal.clear()
        world.one.sync()
        assert world.vault.journal.verbs == ["get_secret", "get_folders"], index


def test_a_cancel_at_any_request_is_made_good_by_the_next_sync(world: World) -> None:
    expected, requests = _undisturbed(world)
    for index in range(requests):
        world.reset()
        world.vault.fail(FaultKind.HANG, skip=index)
        task = Task()
        canceller = threading.Thread(target=_cancel_at, args=(world.vault, index, task))
        canceller.start()
        with pytest.raises(Cancelled):
            world.one.workspace.storage.sync(task, approve_deletions=True)
        canceller.join()
        world.vault.faults.clear()
        world.one.restarted().storage.sync(Task(), approve_deletions=True)
        assert world.outcome() == expected, index


@pytest.fixture
def process(world: World) -> Iterator["subprocess.Popen[str]"]:
    vault = world.vault
    words = [vault.endpoint, vault.server_key_id, vault.server_key, str(vault.ca_file)]
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fixtures.storage_process", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
    )
    yield process
    process.kill()
    process.communicate()


def test_being_killed_at_any_request_is_made_good_by_the_next_sync(
    world: World, process: "subprocess.Popen[str]"
) -> None:
    expected, requests = _undisturbed(world)
    assert process.stdin is not None
    assert process.stdout is not None
    for index in range(requests):
        world.reset()
        world.vault.fail(FaultKind.HANG, skip=index)
        process.stdin.write(f"{world.one.home}\n")
        process.stdin.flush()
        child = int(process.stdout.readline())
        _wait_for(world.vault, index)
        os.kill(child, signal.SIGKILL)
        assert process.stdout.readline() == "ended\n"
        world.vault.faults.clear()
        world.one.restarted().storage.sync(Task(), approve_deletions=True)
        assert world.outcome() == expected, index


def _cancel_at(vault: DemoVault, index: int, task: Task) -> None:
    _wait_for(vault, index)
    task.cancel()


def _wait_for(vault: DemoVault, index: int) -> None:
    while not any(entry.fault for entry in list(vault.journal)[index:]):
        time.sleep(0.002)
