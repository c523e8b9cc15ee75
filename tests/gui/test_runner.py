"""The way off the UI thread and back."""

import threading

import pytest
import shiboken6
from PySide6.QtCore import QObject

from keeperdb.errors import Cancelled, KeeperDBError


@pytest.fixture
def owner(qapp):
    return QObject()


def test_an_operation_runs_off_the_ui_thread_and_its_result_comes_back_to_it(qtbot, runner, owner):
    threads = []
    runner.start(
        lambda _: threading.current_thread(),
        owner=owner,
        done=lambda there: threads.extend([there, threading.current_thread()]),
    )
    qtbot.waitUntil(lambda: len(threads) == 2)
    assert threads[0] is not threading.main_thread()
    assert threads[1] is threading.main_thread()


def test_progress_comes_before_the_result_and_finished_comes_last(qtbot, runner, owner):
    said = []

    def count(task):
        task.report(1, 2, "half")
        task.report(2, 2, "all")
        return "result"

    runner.start(
        count,
        owner=owner,
        progress=lambda progress: said.append(progress.text),
        done=said.append,
        finished=lambda: said.append("finished"),
    )
    qtbot.waitUntil(lambda: "finished" in said)
    assert said == ["half", "all", "result", "finished"]


def test_the_last_progress_is_delivered_though_the_throttle_held_it_back(qtbot, runner, owner):
    said = []

    def count(task):
        for number in range(20):
            task.report(number, 100, str(number))

    runner.start(
        count, owner=owner, progress=lambda progress: said.append(progress.text), done=lambda _: said.append("done")
    )
    qtbot.waitUntil(lambda: "done" in said)
    assert said[-2:] == ["19", "done"]


def test_an_error_for_a_person_goes_to_failed_and_not_to_done(qtbot, runner, owner):
    said = []

    def fail(_):
        raise KeeperDBError("It failed.")

    runner.start(
        fail,
        owner=owner,
        done=lambda _: said.append("done"),
        failed=lambda error: said.append(error.message),
        finished=lambda: said.append("finished"),
    )
    qtbot.waitUntil(lambda: "finished" in said)
    assert said == ["It failed.", "finished"]


def test_an_error_that_nobody_takes_is_announced_with_its_owner(qtbot, runner, owner):
    def fail(_):
        raise KeeperDBError("It failed.")

    with qtbot.waitSignal(runner.unhandled) as blocker:
        runner.start(fail, owner=owner)
    assert blocker.args[0] is owner
    assert blocker.args[1].message == "It failed."


def test_an_unforeseen_exception_is_a_crash_and_still_finishes(qtbot, themed, owner):
    from keeperdb.gui.runner import Runner

    runner, said = Runner(), []

    def fail(_):
        raise ZeroDivisionError

    with qtbot.waitSignal(runner.crashed) as blocker:
        runner.start(fail, owner=owner, failed=said.append, finished=lambda: said.append("finished"))
    qtbot.waitUntil(lambda: bool(said))
    assert isinstance(blocker.args[0], ZeroDivisionError)
    assert said == ["finished"]
    assert runner.shutdown(10)


def test_a_cancelled_operation_calls_neither_done_nor_failed(qtbot, runner, owner):
    said = []
    started = threading.Event()

    def wait(task):
        started.set()
        task.sleep(30)

    task = runner.start(
        wait, owner=owner, done=said.append, failed=said.append, finished=lambda: said.append("finished")
    )
    qtbot.waitUntil(started.is_set)
    runner.cancel(task)
    qtbot.waitUntil(lambda: bool(said))
    assert said == ["finished"]


def test_cancelling_does_not_wait_for_the_round_trip(qtbot, runner, owner):
    inside, release, finished = threading.Event(), threading.Event(), []

    def blocking(task):
        with task.interrupting(lambda: release.wait(10)):
            inside.set()
            release.wait(10)
            raise Cancelled

    task = runner.start(blocking, owner=owner, finished=lambda: finished.append(True))
    qtbot.waitUntil(inside.is_set)
    runner.cancel(task)  # the interrupt blocks until `release`; this returns all the same
    assert not finished
    release.set()
    qtbot.waitUntil(lambda: bool(finished))


def test_a_destroyed_owner_gets_no_callback(qtbot, runner):
    owner, said, go = QObject(), [], threading.Event()
    runner.start(lambda _: go.wait(10), owner=owner, done=said.append, finished=lambda: said.append("finished"))
    shiboken6.delete(owner)
    go.set()
    qtbot.waitUntil(lambda: runner.is_idle)
    assert said == []


def test_operations_on_a_lane_run_in_order_on_one_thread(qtbot, runner, owner):
    lane, seen, done = runner.lane(), [], []
    for number in range(50):
        runner.start(
            lambda _, number=number: seen.append((number, threading.get_ident())),
            owner=owner,
            done=done.append,
            lane=lane,
        )
    qtbot.waitUntil(lambda: len(done) == 50)
    assert [number for number, _ in seen] == list(range(50))
    assert len({thread for _, thread in seen}) == 1
    lane.close()


def test_a_closed_lane_finishes_what_it_has_and_takes_nothing_new(qtbot, runner, owner):
    lane, said = runner.lane(), []
    runner.start(lambda _: "first", owner=owner, done=said.append, lane=lane)
    lane.close()
    task = runner.start(
        lambda _: "second", owner=owner, done=said.append, finished=lambda: said.append("finished"), lane=lane
    )
    qtbot.waitUntil(lambda: len(said) == 2)
    assert sorted(said) == ["finished", "first"]
    assert task.is_cancelled


def test_shutting_down_stops_what_runs_and_no_callback_comes_after(qtbot, themed, owner):
    from keeperdb.gui.runner import Runner

    runner, said, started = Runner(), [], threading.Event()

    def wait(task):
        started.set()
        task.sleep(30)

    runner.start(wait, owner=owner, done=said.append, finished=lambda: said.append("finished"), lane=runner.lane())
    qtbot.waitUntil(started.is_set)
    assert runner.shutdown(10)
    qtbot.wait(20)
    assert said == []


def test_shutting_down_does_not_hang_on_a_call_that_cannot_be_told(qtbot, themed, owner):
    from keeperdb.gui.runner import Runner

    runner, started, release = Runner(), threading.Event(), threading.Event()

    def stuck(_):
        started.set()
        release.wait(60)

    runner.start(stuck, owner=owner)
    qtbot.waitUntil(started.is_set)
    assert not runner.shutdown(0.1)
    release.set()


def test_the_guard_stops_a_file_call_of_window_code_on_the_ui_thread(ui_thread_guard, tmp_path):
    code = compile("open(path, 'w')", f"{__import__('keeperdb.gui').gui.__path__[0]}/made_up.py", "exec")
    with pytest.raises(AssertionError, match="On the UI thread"):
        exec(code, {"path": str(tmp_path / "file")})
    assert ui_thread_guard.violations
    ui_thread_guard.violations.clear()


def test_the_guard_lets_the_test_itself_and_other_threads_use_files(ui_thread_guard, tmp_path):
    code = compile("open(path, 'w').close()", f"{__import__('keeperdb.gui').gui.__path__[0]}/made_up.py", "exec")
    (tmp_path / "file").write_text("x")
    thread = threading.Thread(target=lambda: exec(code, {"path": str(tmp_path / "other")}))
    thread.start()
    thread.join()
    assert (tmp_path / "other").exists()
