"""When connections were last used."""

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from keeperdb.connections.state import ConnectionState
from keeperdb.errors import StoreError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


def reopened(path: Path) -> ConnectionState:
    state = ConnectionState(path)
    state.reload()
    return state


def test_a_connection_was_never_used_before_it_is_touched(path: Path) -> None:
    assert ConnectionState(path).last_used("a") is None
    assert not path.exists()


def test_touching_writes_the_time_down_in_utc(path: Path) -> None:
    before = datetime.now(UTC)
    state = ConnectionState(path)
    state.touch("a")
    used = reopened(path).last_used("a")
    assert used is not None
    assert before <= used <= datetime.now(UTC)
    assert used == state.last_used("a")
    assert used.utcoffset() == timedelta(0)


def test_two_windows_keep_each_others_times(path: Path) -> None:
    left, right = ConnectionState(path), ConnectionState(path)
    threads = [
        threading.Thread(target=lambda state=state, name=name: [state.touch(f"{name}{number}") for number in range(20)])
        for state, name in ((left, "l"), (right, "r"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    state = reopened(path)
    assert all(state.last_used(f"{name}{number}") for name in "lr" for number in range(20))


@pytest.mark.parametrize(
    "content", ["", "[]", '{"last_used": {"a": 5}}', '{"last_used": {"a": "soon"}}', "[" * 100_000]
)
def test_a_damaged_file_is_set_aside(path: Path, content: str) -> None:
    path.write_text(content)
    state = reopened(path)
    assert state.last_used("a") is None
    state.touch("a")
    assert (path.parent / "state.damaged-1.json").read_text() == content
    assert reopened(path).last_used("a")


def test_the_longest_unused_go_first(path: Path) -> None:
    times = {f"p{number}": (datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=number)) for number in range(5000)}
    path.write_text(json.dumps({"last_used": {name: time.isoformat() for name, time in times.items()}}))
    state = reopened(path)
    state.touch("new")
    assert state.last_used("p0") is None
    assert state.last_used("p1") == times["p1"]
    assert len(json.loads(path.read_text())["last_used"]) == 5000


def test_a_file_that_cannot_be_written_is_an_error_and_memory_has_the_time(path: Path) -> None:
    path.mkdir()
    state = ConnectionState(path)
    for call in (state.reload, lambda: state.touch("a")):
        with pytest.raises(StoreError):
            call()
    assert state.last_used("a")
