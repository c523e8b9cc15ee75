"""The wish to stop, between two threads."""

import threading

import pytest

from keeperdb.engines.interruption import Interruption
from keeperdb.errors import Cancelled


def test_there_is_nothing_to_stop_when_nothing_runs() -> None:
    interruption = Interruption()
    assert not interruption.request()
    with interruption.running():
        assert not interruption.is_requested


def test_a_request_after_arming_stops_what_has_not_begun() -> None:
    interruption = Interruption()
    interruption.arm()
    assert interruption.request()
    with pytest.raises(Cancelled), interruption.running():
        pytest.fail("it began")


def test_a_request_ends_with_the_operation_it_was_for() -> None:
    interruption = Interruption()
    with interruption.running():
        assert interruption.request()
        assert interruption.is_requested
    assert not interruption.is_requested
    with interruption.running():
        pass


def test_an_inner_operation_does_not_end_the_outer_one() -> None:
    interruption = Interruption()
    with interruption.running():
        with interruption.running():
            pass
        assert interruption.request()
        assert not interruption.wait(0)
    assert interruption.wait(0)


def test_waiting_ends_with_the_operation() -> None:
    interruption = Interruption()
    begun, finish = threading.Event(), threading.Event()

    def operate() -> None:
        with interruption.running():
            begun.set()
            finish.wait(60)

    worker = threading.Thread(target=operate)
    worker.start()
    begun.wait(60)
    assert not interruption.wait(0.01)
    finish.set()
    assert interruption.wait(60)
    worker.join()
