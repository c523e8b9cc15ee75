"""One vault for many callers."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from keeperdb.commands.context import Context
from keeperdb.commands.run import run_line
from keeperdb.commands.vault_state import VaultState
from keeperdb.errors import Cancelled, VaultError
from keeperdb.task import Task, TimedTask


def test_what_one_caller_writes_every_other_sees_at_once(remote) -> None:
    other = remote.another()
    uid = remote.data("record-add -t Seen -rt login --folder Personal login=ann")["record_uid"]
    assert other.data(f"get {uid}")["login"] == "ann"
    remote.ok(f"record-update -r {uid} login=bob")
    assert other.data(f"get {uid}")["login"] == "bob"


def test_a_slow_vault_delays_only_who_asked_for_it(remote) -> None:
    vault, task = remote.vault, Task()
    vault.journal.clear()
    vault.fail("hang", "get_secret")
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(run_line, "sync-down", Context(remote.state, task, is_remote=True))
        assert vault.journal.wait_for("get_secret")
        assert remote.data("get Lone")["login"] == "carol"
        with pytest.raises(Cancelled):  # whoever waits for their turn can give up
            run_line("sync-down", Context(remote.state, TimedTask(0.0), is_remote=True))
        assert not asking.done()
        task.cancel()
        with pytest.raises(Cancelled):
            asking.result()
    vault.faults.clear()
    assert remote.ok("sync-down")


def test_a_vault_that_cannot_be_read_stays_as_it_was(remote) -> None:
    before = remote.state.contents
    remote.vault.fail("empty", "get_secret")
    with pytest.raises(VaultError):
        remote.state.refresh(Task())
    assert remote.state.contents is before


def test_the_vault_is_read_when_it_is_first_needed(office, remote) -> None:
    _, workspace, vault_id = office
    state = VaultState(workspace, vault_id)
    assert not state.is_read
    context = Context(state, Task())
    assert run_line("generate -q", context).text
    assert not state.is_read
    assert "Personal/" in run_line("ls", context).text
    assert state.is_read


def test_writers_take_turns_and_lose_nothing(remote) -> None:
    """Four at the same time, each with records of its own, and a reader that never sees half of something."""
    stop = threading.Event()
    seen: list[int] = []

    def read() -> None:
        caller = remote.another()
        while not stop.is_set():
            rows = caller.data("ls Personal --format json")
            seen.append(len(rows))

    def write(number: int) -> list[str]:
        caller = remote.another()
        return [
            caller.data(f"record-add -t w{number}-{each} -rt login --folder Personal")["record_uid"]
            for each in range(5)
        ]

    reader = threading.Thread(target=read)
    reader.start()
    try:
        with ThreadPoolExecutor(4) as pool:
            uids = [uid for written in pool.map(write, range(4)) for uid in written]
    finally:
        stop.set()
        reader.join()
    assert len(set(uids)) == 20
    assert set(uids) <= remote.state.contents.records.keys()
    assert set(uids) <= {record.uid for record in remote.vault.records()}
    assert seen == sorted(seen)


def test_answers_that_are_kept_are_those_of_the_contents_of_the_moment(remote) -> None:
    first = remote.data("ls Personal --format json")
    assert remote.data("ls Personal --format json") == first
    remote.ok("record-add -t Another -rt login --folder Personal")
    assert len(remote.data("ls Personal --format json")) == len(first) + 1
    local = remote.another(is_remote=False)
    local.ok("record-add -t 'Commander Service Mode' -rt login --folder Personal")
    assert len(local.data("ls Personal --format json")) == len(first) + 2
    assert len(remote.data("ls Personal --format json")) == len(first) + 1


def test_a_connection_that_is_written_is_one_at_once(remote) -> None:
    def names() -> list[str]:
        return [row["name"] for row in remote.data("connections --format json")]

    assert names() == ["Work/Prod DB"]
    line = "record-add -t New -rt databaseCredentials text.type=postgresql host=db:5432 --folder Personal"
    uid = remote.data(line)["record_uid"]
    assert names() == ["Work/New", "Work/Prod DB"]
    remote.ok(f"record-update -r {uid} -t Newer")
    assert names() == ["Work/Newer", "Work/Prod DB"]
    remote.ok(f"rm -f {uid}")
    assert names() == ["Work/Prod DB"]
    remote.vault.delete_record_as_user(remote.vault.find_record("Prod DB"))
    remote.ok("sync-down")
    assert names() == []
