"""Tasks: progress that is throttled but never lost, and cancelling without a race."""

import threading
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeperdb.errors import Cancelled, KeeperDBError
from keeperdb.task import Progress, Task


class Call:
    """A blocking driver call that `interrupt` ends with an error, as drivers do."""

    def __init__(self) -> None:
        self.is_running = threading.Event()
        self.is_interrupted = threading.Event()
        self.interruptions = 0

    def run(self) -> None:
        self.is_running.set()
        assert self.is_interrupted.wait(30)
        raise OSError("interrupted by the server")

    def interrupt(self) -> None:
        self.interruptions += 1
        self.is_interrupted.set()


def in_thread(run: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=run)
    thread.start()
    return thread


class TestProgress:
    def test_is_delivered_at_once_the_first_time(self) -> None:
        seen: list[Progress] = []
        Task(seen.append).report(3, 10, "three")
        assert seen == [Progress(3, 10, "three")]

    def test_is_throttled_and_the_last_is_delivered_by_flush(self) -> None:
        seen: list[Progress] = []
        task = Task(seen.append)
        for number in range(100_000):
            task.report(number)
        assert len(seen) < 10_000
        task.flush()
        assert seen[-1] == Progress(99_999)
        count = len(seen)
        task.flush()
        assert len(seen) == count

    def test_the_end_is_always_delivered(self) -> None:
        seen: list[Progress] = []
        task = Task(seen.append)
        for number in range(1, 101):
            task.report(number, 100)
        assert seen[-1] == Progress(100, 100)

    @given(st.lists(st.integers(0, 5), min_size=1))
    def test_what_is_delivered_is_in_order_and_ends_with_the_last(self, numbers: list[int]) -> None:
        seen: list[Progress] = []
        task = Task(seen.append)
        for number in numbers:
            task.report(number)
        task.flush()
        delivered = [progress.done for progress in seen]
        assert delivered[0] == numbers[0]
        assert delivered[-1] == numbers[-1]
        rest = iter(numbers)
        assert all(done in rest for done in delivered)

    def test_needs_nobody_who_listens(self) -> None:
        task = Task()
        task.report(1)
        task.flush()


class TestCancelling:
    def test_a_task_is_not_cancelled_by_itself(self) -> None:
        task = Task()
        task.check()
        assert not task.is_cancelled

    def test_checking_and_reporting_raise_after_a_cancel(self) -> None:
        seen: list[Progress] = []
        task = Task(seen.append)
        task.cancel()
        assert task.is_cancelled
        for call in (task.check, task.report, lambda: task.sleep(0)):
            with pytest.raises(Cancelled):
                call()
        assert seen == []

    def test_cancelled_is_no_error_that_a_handler_shows(self) -> None:
        assert not issubclass(Cancelled, KeeperDBError)

    def test_sleeping_ends_with_a_cancel(self) -> None:
        task = Task()
        canceller = threading.Timer(0.05, task.cancel)
        canceller.start()
        with pytest.raises(Cancelled):
            task.sleep(60)
        canceller.join()

    def test_sleeping_ends_by_itself(self) -> None:
        Task().sleep(0)


class TestInterrupting:
    def test_a_cancel_before_the_call_is_seen_on_entry(self) -> None:
        task, call = Task(), Call()
        task.cancel()
        with pytest.raises(Cancelled), task.interrupting(call.interrupt):
            call.run()
        assert not call.is_running.is_set()
        assert call.interruptions == 0

    def test_a_cancel_during_the_call_interrupts_it_and_its_error_becomes_cancelled(self) -> None:
        task, call = Task(), Call()
        canceller = in_thread(lambda: (call.is_running.wait(30), task.cancel()))
        with pytest.raises(Cancelled) as caught, task.interrupting(call.interrupt):
            call.run()
        canceller.join()
        assert call.interruptions == 1
        assert isinstance(caught.value.__cause__, OSError)

    def test_a_cancel_after_the_call_interrupts_nothing(self) -> None:
        task, call = Task(), Call()
        with task.interrupting(call.interrupt):
            pass
        task.cancel()
        assert call.interruptions == 0

    def test_leaving_waits_for_an_interruption_that_is_under_way(self) -> None:
        task = Task()
        order: list[str] = []
        is_interrupting, may_end = threading.Event(), threading.Event()

        def interrupt() -> None:
            is_interrupting.set()
            assert may_end.wait(30)
            order.append("interrupted")

        canceller = threading.Thread(target=task.cancel)

        def finish_later() -> None:
            time.sleep(0.1)
            may_end.set()

        with task.interrupting(interrupt):
            canceller.start()
            assert is_interrupting.wait(30)
            helper = in_thread(finish_later)
        order.append("left")
        canceller.join()
        helper.join()
        assert order == ["interrupted", "left"]

    def test_an_error_of_the_call_itself_stays(self) -> None:
        with pytest.raises(OSError, match="broken"), Task().interrupting(lambda: None):
            raise OSError("broken")

    def test_a_call_that_ended_before_the_interruption_took_hold_keeps_its_result(self) -> None:
        task = Task()
        with task.interrupting(lambda: None):
            task.cancel()
            result = "rows"
        assert result == "rows"
        with pytest.raises(Cancelled):
            task.check()

    def test_nested_calls_interrupt_the_inner_and_then_the_outer_one(self) -> None:
        task, outer, inner = Task(), Call(), Call()
        with task.interrupting(outer.interrupt):
            with task.interrupting(inner.interrupt):
                pass
            task.cancel()
        assert (outer.interruptions, inner.interruptions) == (1, 0)

    def test_a_late_cancel_never_hits_the_next_call(self) -> None:
        for _ in range(300):
            task = Task()
            hits: list[str] = []
            canceller = threading.Thread(target=task.cancel)
            canceller.start()
            try:
                with task.interrupting(lambda hits=hits: hits.append("first")):
                    pass
                hits.append("left")
                with task.interrupting(lambda hits=hits: hits.append("second")):
                    pass
            except Cancelled:
                pass
            canceller.join()
            if "left" in hits:
                assert "first" not in hits[hits.index("left") :]
            assert hits.count("first") + hits.count("second") <= 1

    def test_either_the_entry_or_the_interruption_sees_every_cancel(self) -> None:
        for _ in range(300):
            task, call = Task(), Call()
            canceller = threading.Thread(target=task.cancel)
            canceller.start()
            with pytest.raises(Cancelled), task.interrupting(call.interrupt):
                call.run()
            canceller.join()
