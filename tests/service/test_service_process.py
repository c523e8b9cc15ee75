"""Whether the service runs: the lock tells, and no stale number is believed."""

import json
import os
import subprocess
import sys

import pytest

from keeperdb.errors import UnsupportedError
from keeperdb.service.process import Request, ServicePlace, ServiceProcess, end_process
from keeperdb.service.process_identity import identity_of

_HOLDER = """
import sys, os, pathlib
from keeperdb.service.process import ServicePlace, ServiceProcess
from keeperdb.service.process_identity import identity_of
place = ServicePlace(pathlib.Path(sys.argv[1]))
with place.held():
    place.write(ServiceProcess(os.getpid(), identity_of(os.getpid()), "http://localhost:1", "Work", "background"))
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def place(tmp_path):
    return ServicePlace(tmp_path / "data")


@pytest.fixture
def holder(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(tmp_path / "data")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.communicate()


def me():
    return ServiceProcess(os.getpid(), identity_of(os.getpid()), "http://localhost:1", "Work", "foreground")


def test_nothing_runs_where_nothing_was_started(place):
    status = place.look()
    assert (status.is_running, status.process) == (False, None)


def test_a_service_of_another_process_is_seen_and_no_second_one_begins(place, holder):
    status = place.look()
    assert (status.is_running, status.process.pid) == (True, holder.pid)
    with pytest.raises(UnsupportedError, match=f"already running \\(PID: {holder.pid}\\)"), place.held():
        pass


def test_after_a_crash_it_is_stopped_whatever_the_files_say_and_can_start_anew(place, holder):
    holder.kill()
    holder.wait()
    status = place.look()
    assert (status.is_running, status.process.pid) == (False, holder.pid)
    with place.held():
        place.write(me())
        assert place.look().is_running
    assert place.look().process is None


def test_a_number_that_another_process_has_now_is_not_believed(place, tmp_path):
    (tmp_path / "data").mkdir()
    stale = {"pid": os.getpid(), "began": "another boot/1", "url": "u", "vault": "v", "where": "background"}
    (tmp_path / "data" / "service.json").write_text(json.dumps(stale))
    assert not place.look().is_running
    assert not end_process(os.getpid(), "another boot/1")
    assert not end_process(os.getpid(), "")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"pid": "x"}', b'{"pid": 1, "began": 2}', b"\xff"])
def test_damaged_files_say_nothing(place, tmp_path, content):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "service.json").write_bytes(content)
    assert place.look().process is None
    place.forget()
    assert not (tmp_path / "data" / "service.json").exists()


def test_a_request_is_taken_once_and_one_from_before_the_start_not_at_all(place):
    place.ask(Request.STOP)
    with place.held():
        assert not place.take(Request.STOP)
        place.ask(Request.RELOAD)
        assert place.take(Request.RELOAD)
        assert not place.take(Request.RELOAD)


def test_ending_a_process_needs_the_moment_it_began(holder):
    assert not end_process(holder.pid, "some other moment", force=True)
    assert holder.poll() is None
    assert end_process(holder.pid, identity_of(holder.pid), force=True)
    holder.wait()
    assert identity_of(holder.pid) == ""
