"""The garbage collector runs on the UI thread, in steps, and misses nothing in the end."""

import gc
import sys
import weakref

import pytest

from keeperdb.gui import collecting as module
from keeperdb.gui.collecting import Collecting


class Ring:
    """Refers to itself, so that only the collector ends it."""

    def __init__(self):
        self.self = self


@pytest.fixture
def collecting(qapp):
    made = Collecting(qapp)
    made.step()
    yield made
    made.stop()


def fill() -> list[list[int]]:
    return [[number] for number in range(3_000)]


def test_python_itself_collects_only_before_and_after(qapp):
    collecting = Collecting(qapp)
    was_on = gc.isenabled()
    collecting.stop()
    assert (was_on, gc.isenabled(), gc.get_freeze_count()) == (False, True, 0)


def test_a_step_ends_what_refers_to_itself(collecting):
    ring = weakref.ref(Ring())
    kept = fill()
    assert ring() is not None
    collecting.step()
    assert ring() is None
    assert kept


def test_modules_are_left_out_when_more_were_imported(collecting, monkeypatch):
    before = gc.get_freeze_count()
    monkeypatch.setitem(sys.modules, "a_module_of_the_test", sys)
    kept = fill()
    collecting.step()
    assert gc.get_freeze_count() >= before + len(kept)


def test_what_was_left_out_is_looked_at_while_another_program_has_the_keyboard(collecting, monkeypatch):
    ring = weakref.ref(Ring())
    gc.freeze()
    kept = []
    for _ in range(10):
        kept += fill()
        collecting.step()
    assert ring() is not None
    monkeypatch.setattr(module, "_has_keyboard", lambda: False)
    collecting.step()
    assert ring() is None
