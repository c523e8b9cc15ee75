"""The command palette: what it finds, in which order, and where it leads."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt

from keeperdb.errors import Cancelled
from keeperdb.gui.fuzzy import Needle, spans
from keeperdb.gui.palette import Palette
from keeperdb.gui.palette_memory import PaletteMemory
from keeperdb.gui.palette_search import MOST_HITS, search
from keeperdb.gui.palette_sources import Entry
from keeperdb.settings import find_setting
from keeperdb.task import Task

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


class Things:
    """A source of texts."""

    prefix = ""

    def __init__(self, *texts: str, **more: str) -> None:
        self.found = [Entry(text, lambda: None, id=f"thing:{text}", **more) for text in texts]

    def prepare(self) -> None:
        """Nothing to take hold of."""

    def entries(self, text, task):
        return self.found


def found(*sources, text: str, recent=()) -> list[str]:
    return [hit.entry.text for hit in search(sources, text, recent, Task())]


@pytest.mark.parametrize(
    ("typed", "texts", "best"),
    [
        ("track", ["soundtrack", "tracks", "track"], ["track", "tracks", "soundtrack"]),
        ("line", ["online", "order_line"], ["order_line", "online"]),
        ("ol", ["school", "order_line", "oil_well"], ["order_line", "school", "oil_well"]),
        ("order pay", ["payment_order", "order", "pay"], ["payment_order"]),
        ("xyz", ["order"], []),
        ("OL", ["Order Line"], ["Order Line"]),
    ],
)
def test_the_better_match_comes_first(typed, texts, best):
    result = found(Things(*texts), text=typed)
    assert result[: len(best)] == best or sorted(result) == sorted(best)
    assert result[:1] == best[:1]


@given(text=st.text(max_size=30), typed=st.text(max_size=8))
def test_the_marked_letters_are_those_that_were_typed(text, typed):
    needle, lowered = Needle(typed), text.lower()
    places = needle.places(lowered) if needle.rank(lowered) is not None else ()
    assert all(0 <= place < len(lowered) for place in places)
    if needle and needle.rank(lowered) is not None:
        assert {lowered[place] for place in places} == set("".join(typed.lower().split()))


def test_runs_of_marked_letters_are_drawn_in_one_piece():
    assert spans((0, 1, 2, 5, 7, 8)) == [(0, 3), (5, 6), (7, 9)]


def test_letters_that_repeat_are_looked_for_once():
    assert Needle("a" * 39 + "b").rank("a" * 50_000) is None  # a pattern that goes back and forth would take hours
    assert Needle("b" * 500).rank("a" * 50_000) is None


def test_what_was_used_lately_comes_before_a_better_match():
    things = Things("order", "order_line", "orders_of_yesterday")
    assert found(things, text="order", recent=["thing:orders_of_yesterday"])[0] == "orders_of_yesterday"
    assert found(things, text="", recent=["thing:order_line"])[0] == "order_line"


def test_what_cannot_be_chosen_comes_last_and_the_schema_is_found_too():
    assert found(Things("run", reason="Nothing to run."), Things("runner"), text="run") == ["runner", "run"]
    assert found(Things("artist", detail="music"), Things("artist", detail="sport"), text="sport art") == ["artist"]


def test_a_search_that_is_no_longer_wanted_stops():
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        search([Things(*(f"t{number}" for number in range(3_000)))], "t", (), task)


def test_no_more_hits_than_can_be_looked_through():
    assert len(found(Things(*(f"t{number}" for number in range(3_000))), text="t")) == MOST_HITS


def test_only_names_of_the_program_itself_are_written_down(runner, tmp_path, qtbot, ui_thread_guard):
    path = tmp_path / "palette.json"
    memory = PaletteMemory(path, runner)
    for name in ("object:secret_table", "action:query.run", "connection:1", "action:query.run"):
        memory.remember(name)
    assert memory.recent == ["action:query.run", "connection:1", "object:secret_table"]
    qtbot.waitUntil(lambda: runner.is_idle)
    ui_thread_guard.is_on = False
    assert json.loads(path.read_text()) == ["action:query.run", "connection:1"]
    again = PaletteMemory(path, runner)
    again.read()
    assert again.recent == ["action:query.run", "connection:1"]
    path.write_text("[" * 90_000)
    damaged = PaletteMemory(path, runner)
    damaged.read()
    assert damaged.recent == []


@pytest.fixture
def palette(qtbot, window):
    """Opens the palette by its keys, types, and waits for what is found."""

    def open_(typed: str = "", modifiers=CONTROL) -> Palette:
        qtbot.keyClick(window, Qt.Key.Key_P, modifiers)
        opened = window.findChild(Palette)
        assert opened.isVisible()
        assert opened.field.hasFocus()
        qtbot.keyClicks(opened.field, typed)
        qtbot.waitUntil(lambda: not opened.is_searching)
        return opened

    return open_


def test_ctrl_shift_p_finds_an_action_with_its_keys_and_enter_does_it(qtbot, window, palette):
    opened = palette("new tab", CONTROL | SHIFT)
    assert opened.field.text() == ">new tab"
    hit = opened.model.hits[0]
    assert (hit.entry.text, hit.entry.keys) == ("New tab", "Ctrl+T")
    qtbot.keyClick(opened.field, Qt.Key.Key_Return)
    assert window.tabs.count() == 2
    assert not opened.isVisible()


def test_enter_before_the_list_is_up_to_date_goes_to_what_was_typed(qtbot, window, palette):
    opened = palette("", CONTROL | SHIFT)
    opened.field.insert("new tab")
    assert opened.is_searching
    qtbot.keyClick(opened.field, Qt.Key.Key_Return)
    assert window.tabs.count() == 1
    qtbot.waitUntil(lambda: window.tabs.count() == 2)


def test_an_action_that_cannot_act_says_why_and_stays(qtbot, window, palette):
    opened = palette("commit", CONTROL | SHIFT)
    row = next(row for row, hit in enumerate(opened.model.hits) if hit.entry.text == "Commit")
    opened.choose(row)
    assert opened.isVisible()
    assert opened.said.text() == "No transaction is open."


def test_escape_closes_and_the_focus_returns(qtbot, window, palette):
    window.tree.filter.setFocus()
    opened = palette()
    qtbot.keyClick(opened.field, Qt.Key.Key_Escape)
    assert not opened.isVisible()
    assert window.tree.filter.hasFocus()


def test_ctrl_p_opens_a_table(qtbot, window, palette):
    opened = palette("kinds")
    assert (opened.model.hits[0].entry.kind, opened.model.hits[0].places) == ("Table", (0, 1, 2, 3, 4))
    qtbot.keyClick(opened.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(window.tabs.current.results.views) and not window.tabs.current.is_busy)
    assert window.tabs.current.title == "kinds"


def test_ctrl_p_finds_a_view_whose_heading_was_never_opened(qtbot, window, palette):
    opened = palette("long_tr")
    qtbot.waitUntil(lambda: [hit.entry.kind for hit in opened.model.hits] == ["View"])


def test_ctrl_p_goes_to_a_tab(qtbot, window, palette):
    window.new_tab("select 1", "monthly report")
    window.tabs.go_to(window.tabs.tabs[0])
    opened = palette("monthly")
    qtbot.keyClick(opened.field, Qt.Key.Key_Return)
    assert window.tabs.current.title == "monthly report"
    assert window.tabs.current.editor.hasFocus()


def test_ctrl_p_opens_another_connection(qtbot, window, palette, runner):
    opened = palette("second st")
    assert opened.model.hits[0].entry.kind == "Connection"
    qtbot.keyClick(opened.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(window.application.windows) == 2 and runner.is_idle)
    assert window.application.windows[1].profile.name == "Second store"


def test_ctrl_p_goes_to_a_setting(qtbot, window, palette):
    label = find_setting("editor.tab_width").label
    opened = palette(label.lower())
    qtbot.keyClick(opened.field, Qt.Key.Key_Return)
    settings = window.application._settings
    assert settings.isVisible()
    assert settings.rows["editor.tab_width"].isVisible()


def test_a_source_that_was_added_is_searched_too(qtbot, window, palette):
    chosen = []
    things = Things()
    things.found = [Entry("last month's revenue", lambda: chosen.append(1), kind="Saved query")]
    window.add_palette_source(things)
    opened = palette("last mon")
    qtbot.keyClick(opened.field, Qt.Key.Key_Return)
    assert chosen == [1]


def test_the_arrows_go_around_and_a_name_is_shown_as_it_is(qtbot, window, palette):
    opened = palette("odd")
    assert opened.model.hits[0].entry.text == 'odd "name" & <b>'
    rows = opened.model.rowCount()
    qtbot.keyClick(opened.field, Qt.Key.Key_Up)
    assert opened.list.currentIndex().row() == rows - 1
    qtbot.keyClick(opened.field, Qt.Key.Key_Down)
    assert opened.list.currentIndex().row() == 0
    assert not opened.grab().isNull()


def test_a_focus_elsewhere_closes_it(qtbot, window, palette):
    opened = palette()
    window.tree.view.setFocus()
    assert not opened.isVisible()
    assert window.tree.view.hasFocus()
