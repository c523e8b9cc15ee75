"""The journal: what was open comes back whole, and nothing in it can stop a start."""

import json
import os
import signal
import subprocess
import sys
import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from keeperdb.errors import NotFoundError
from keeperdb.workspace.journal import Journal, TabState, WindowState
from keeperdb.workspace.start_guard import StartGuard


def tab(text: str = "select 1", connection: str = "orders") -> TabState:
    return TabState(
        uuid.uuid4().hex,
        connection,
        connection.title(),
        title="query \U0001f600",
        text=text,
        is_modified=True,
        caret=3,
        anchor=1,
        parameters={"id": {"kind": "number", "text": "7"}},
        extra={"staged": {"rows": [1, None, "x"]}},
    )


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal")


def test_tabs_and_windows_come_back_as_they_were(journal: Journal) -> None:
    first, second = tab("select\n'\U0001f600'"), tab()
    for each in (first, second):
        journal.write_tab(each)
    window = WindowState("orders", "Orders", (second.head, first.head), first.id)
    journal.write_windows([window])
    assert journal.windows() == [window]
    assert journal.read_tab(first.id) == first


def test_nothing_is_there_before_the_first_write(journal: Journal) -> None:
    assert journal.windows() == []
    assert journal.closed_tabs() == []


def test_a_tab_that_no_list_names_is_found_by_its_file(journal: Journal) -> None:
    listed, lost, other = tab(), tab("lost"), tab("elsewhere", "billing")
    for each in (listed, lost, other):
        journal.write_tab(each)
    journal.write_windows([WindowState("orders", "Orders", (listed.head,), listed.id)])
    windows = {window.connection_id: {head.id for head in window.tabs} for window in journal.windows()}
    assert windows == {"orders": {listed.id, lost.id}, "billing": {other.id}}


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"windows": 7}', b'{"windows": [{"tabs": [{"id": 3}]}]}', b"\xff\xfe", b"[" * 100_000],
    ids=["empty", "cut", "list", "number", "wrong id", "binary", "deep"],
)
def test_a_damaged_list_is_set_aside_and_the_tabs_are_still_there(journal: Journal, content: bytes) -> None:
    each = tab("kept")
    journal.write_tab(each)
    (journal.folder / "windows.json").write_bytes(content)
    (window,) = journal.windows()
    assert [head.id for head in window.tabs] == [each.id]
    assert (journal.folder / "windows.damaged-1.json").read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"null", b'{"text": 1}', b"[" * 100_000, b'{"parameters": []}'])
def test_a_damaged_tab_says_where_the_rest_of_it_is(journal: Journal, content: bytes) -> None:
    each = tab()
    journal.write_tab(each)
    (journal.folder / f"{each.id}.json").write_bytes(content)
    (journal.folder / f"{each.id}.sql").unlink()
    with pytest.raises(NotFoundError) as raised:
        journal.read_tab(each.id)
    assert f"{each.id}.damaged-1.json" in raised.value.hint
    assert journal.windows() == []


@pytest.mark.parametrize("content", [None, b"", b"[" * 100_000])
def test_a_text_comes_back_without_the_rest_of_its_tab(journal: Journal, content: bytes | None) -> None:
    each = tab("select precious")
    journal.write_tab(each)
    path = journal.folder / f"{each.id}.json"
    path.unlink() if content is None else path.write_bytes(content)
    (window,) = journal.windows()
    assert [head.id for head in window.tabs] == [each.id]
    assert journal.read_tab(each.id).text == "select precious"


def test_a_text_that_is_no_text_is_shown_as_far_as_it_goes(journal: Journal) -> None:
    each = tab("a\ud800b")
    journal.write_tab(each)
    assert journal.read_tab(each.id).text == "a\ud800b"
    (journal.folder / f"{each.id}.sql").write_bytes(b"select \xff 1")
    assert journal.read_tab(each.id).text == "select \ufffd 1"


def test_only_what_changed_is_written(journal: Journal) -> None:
    each = tab("first")
    journal.write_tab(each)
    journal.write_tab(replace(each, text="other", caret=2), has_new_text=False)
    state = journal.read_tab(each.id)
    assert (state.text, state.caret) == ("first", 2)


def test_what_another_program_left_behind_is_taken_over(journal: Journal, tmp_path: Path) -> None:
    other = Journal(tmp_path / "other")
    open_, closed = tab("open"), tab("closed")
    for each in (open_, closed):
        other.write_tab(each)
    other.close_tab(closed.id)
    other.write_windows([WindowState("orders", "Orders", (open_.head,))])
    journal.adopt(other)
    assert [head.id for window in journal.windows() for head in window.tabs] == [open_.id]
    assert journal.reopen_tab(closed.id) == closed
    assert other.windows() == []


@pytest.mark.parametrize("tab_id", ["", "..", "../../etc/passwd", "a" * 31, "A" * 32, "windows"])
def test_an_id_that_is_none_never_becomes_a_path(journal: Journal, tab_id: str) -> None:
    with pytest.raises(NotFoundError):
        journal.read_tab(tab_id)
    with pytest.raises(NotFoundError):
        journal.close_tab(tab_id)


def test_positions_outside_the_text_are_brought_in(journal: Journal) -> None:
    each = tab("abc")
    journal.write_tab(each)
    path = journal.folder / f"{each.id}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"caret": 10**9, "anchor": -4}))
    state = journal.read_tab(each.id)
    assert (state.caret, state.anchor) == (3, 0)


def test_closed_tabs_can_be_opened_again_and_the_oldest_go(journal: Journal) -> None:
    tabs = [tab(f"select {number}") for number in range(103)]
    for number, each in enumerate(tabs):
        journal.write_tab(each)
        journal.close_tab(each.id)
        os.utime(journal.folder / "closed" / f"{each.id}.json", (number, number))
    journal.close_tab(tab().id)
    heads = journal.closed_tabs()
    assert [head.id for head in heads] == [each.id for each in reversed(tabs[3:])]
    assert journal.reopen_tab(heads[0].id) == tabs[-1]
    assert journal.read_tab(tabs[-1].id).text == "select 102"
    assert len(journal.closed_tabs()) == 99
    with pytest.raises(NotFoundError):
        journal.reopen_tab(tabs[0].id)


def test_a_writer_that_is_killed_leaves_the_old_or_the_new_text(journal: Journal) -> None:
    each = tab("x" * 2_000_000)
    journal.write_tab(each)
    code = (
        "import itertools\nfrom dataclasses import replace\nfrom pathlib import Path\n"
        "from keeperdb.workspace.journal import Journal\n"
        f"journal = Journal(Path({str(journal.folder)!r}))\nstate = journal.read_tab({each.id!r})\n"
        "print('ready', flush=True)\n"
        "for number in itertools.count():\n"
        "    journal.write_tab(replace(state, text=chr(97 + number % 26) * 2_000_000))"
    )
    for _ in range(3):
        with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            with pytest.raises(subprocess.TimeoutExpired):
                writer.wait(0.15)
            writer.send_signal(signal.SIGKILL)
        text = journal.read_tab(each.id).text
        assert len(text) == 2_000_000
        assert len(set(text)) == 1
    journal.windows()
    assert not list(journal.folder.glob(".*"))


def test_two_starts_that_failed_make_the_next_a_safe_one(tmp_path: Path) -> None:
    guard = StartGuard(tmp_path / "start.json")
    assert [guard.begin() for _ in range(3)] == [False, False, True]
    guard.succeeded()
    assert not guard.begin()


@pytest.mark.parametrize("content", [b"", b"[]", b'{"failed_starts": "many"}', b"\xff"])
def test_a_damaged_count_is_no_reason_not_to_start(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "start.json").write_bytes(content)
    assert not StartGuard(tmp_path / "start.json").begin()
