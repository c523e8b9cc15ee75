"""The log viewer: levels, search, following, copying and deleting, all of it redacted and off the UI thread."""

import pytest
from PySide6.QtWidgets import QApplication

from keeperdb.gui.log_lines import delete_log, read_log
from keeperdb.gui.log_viewer import LogViewer
from keeperdb.task import Task

_LINES = (
    "2026-01-01 10:00:00,000 INFO keeperdb.gui: Started\n"
    "2026-01-01 10:00:01,000 WARNING keeperdb.vault: Slow <b>answer</b>\n"
    "2026-01-01 10:00:02,000 ERROR keeperdb.gui: Boom\n"
    "Traceback (most recent call last):\n"
    "ValueError: password=hunter2\n"
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "keeperdb.log").write_text(_LINES)
    (tmp_path / "keeperdb.log.1").write_text("2025-12-31 10:00:00,000 INFO keeperdb: Before\n")
    (tmp_path / "other.txt").write_text("not the log")
    return tmp_path


@pytest.fixture
def viewer(qtbot, themed, runner, folder):
    made = LogViewer(runner, folder)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: runner.is_idle and bool(made.model.lines))
    return made


def shown(viewer) -> list[str]:
    return [line.text.partition(": ")[2] or line.text for line in viewer.model.lines]


def test_all_files_are_shown_the_oldest_first_and_redacted(viewer):
    assert shown(viewer)[0] == "Before"
    assert len(viewer.model.lines) == 6
    assert "hunter2" not in "\n".join(line.text for line in viewer.model.lines)


def test_a_level_keeps_what_is_as_grave_with_its_traceback(qtbot, viewer, runner):
    viewer.level.setCurrentIndex(viewer.level.findData("ERROR"))
    qtbot.waitUntil(lambda: len(viewer.model.lines) == 3)
    assert shown(viewer)[0] == "Boom"


def test_a_search_keeps_the_lines_with_every_word(qtbot, viewer):
    viewer.search.setText("slow KEEPERDB.vault")
    qtbot.waitUntil(lambda: shown(viewer) == ["Slow <b>answer</b>"])
    viewer.copy()
    assert QApplication.clipboard().text().endswith("Slow <b>answer</b>")


def test_what_is_written_while_it_is_open_appears_at_the_end(qtbot, viewer, folder):
    with (folder / "keeperdb.log").open("a") as file:
        file.write("2026-01-01 10:00:09,000 INFO keeperdb: Later\n")
    viewer.look()
    qtbot.waitUntil(lambda: shown(viewer)[-1] == "Later")


def test_deleting_leaves_other_files_and_the_program_goes_on_writing(qtbot, viewer, folder):
    viewer.delete()
    qtbot.waitUntil(lambda: viewer.model.lines == [])
    assert sorted(each.name for each in folder.iterdir()) == ["keeperdb.log", "other.txt"]
    assert (folder / "keeperdb.log").read_text() == ""


def test_megabytes_are_read_in_part_and_hostile_lines_do_no_harm(tmp_path, ui_thread_guard):
    ui_thread_guard.is_on = False
    line = "2026-01-01 10:00:00,000 INFO keeperdb: " + "x" * 100 + "\n"
    (tmp_path / "keeperdb.log").write_bytes(b"\xff\x00\n" + b"y" * 100_000 + b"\n" + line.encode() * 100_000)
    read = read_log(tmp_path, None, Task())
    assert 50_000 < len(read.lines) < 100_000
    assert max(len(each.text) for each in read.lines) <= 4_001
    assert read_log(tmp_path, read, Task()) is read
    delete_log(tmp_path)
    assert read_log(tmp_path, read, Task()).lines == ()
