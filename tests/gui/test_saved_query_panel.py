"""Saved queries in the window: files that are opened, saved back, found, moved and removed."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from keeperdb.gui.notices import Notice
from keeperdb.gui.palette_search import search
from keeperdb.gui.saved_query_dialog import SavedQueryDialog


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "my queries"


@pytest.fixture
def panel(qtbot, window, folder):
    window.application.workspace.settings.set("tabs.queries_folder", str(folder))
    window.docks.show("saved")
    panel = window.docks.get("saved").content()
    qtbot.waitUntil(lambda: window.application.runner.is_idle)
    return panel


def names(panel):
    found = panel.tree.findItems("", Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive)
    return sorted(item.text(0) for item in found if item.data(0, Qt.ItemDataRole.UserRole) is not None)


def choose(panel, name):
    flags = Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive
    panel.tree.setCurrentItem(panel.tree.findItems(name, flags)[0])


def dialog_of(window):
    return window.findChildren(SavedQueryDialog)[-1]


def put(qtbot, panel, path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    count = len(names(panel))
    qtbot.waitUntil(lambda: len(names(panel)) > count)  # the panel looks by itself


def press(qtbot, window, words):
    button = next(each for each in window.findChildren(Notice)[-1].findChildren(QPushButton) if each.text() == words)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_tab_becomes_a_file_with_tags_and_stays_linked_to_it(qtbot, window, panel, folder):
    window.tabs.current.editor.setPlainText("select * from track")
    qtbot.mouseClick(panel.save_button, Qt.MouseButton.LeftButton)
    dialog = dialog_of(window)
    dialog.name.setText("tracks")
    dialog.folder.setCurrentText("reports/monthly")
    dialog.tags.setText("music, long")
    qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton)
    path = folder / "reports" / "monthly" / "tracks.sql"
    qtbot.waitUntil(lambda: names(panel) == ["tracks"])
    assert path.read_text() == "-- tags: music, long\nselect * from track"
    tab = window.tabs.current
    assert tab.file_path == str(path)
    assert not tab.has_unsaved_text
    tab.editor.appendPlainText("where id = 1")
    window.save()
    qtbot.waitUntil(lambda: not tab.has_unsaved_text)
    assert path.read_text() == "-- tags: music, long\nselect * from track\nwhere id = 1"


def test_a_name_that_cannot_be_is_refused_in_the_dialog(qtbot, window, panel, folder):
    window.tabs.current.editor.setPlainText("select 1")
    qtbot.mouseClick(panel.save_button, Qt.MouseButton.LeftButton)
    dialog = dialog_of(window)
    dialog.name.setText("../outside")
    qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "cannot be the name" in dialog.name_field.error)
    assert dialog.isVisible()
    assert not (folder.parent / "outside.sql").exists()
    dialog.reject()


def test_files_of_other_programs_are_seen_and_opened(qtbot, window, panel, folder):
    put(qtbot, panel, folder / "by hand.sql", "select 'by hand'")
    choose(panel, "by hand")
    panel.open_current()
    qtbot.waitUntil(lambda: window.tabs.current.editor.script() == "select 'by hand'")
    assert window.tabs.current.file_path == str(folder / "by hand.sql")
    count = window.tabs.count()
    panel.open_current()
    assert window.tabs.count() == count


def test_they_are_found_by_name_tag_and_text(qtbot, window, panel, folder):
    put(qtbot, panel, folder / "one.sql", "-- tags: monthly\nselect 1")
    put(qtbot, panel, folder / "reports" / "two.sql", "select 'needle'")
    for words, expected in [("monthly", ["one"]), ("needle", ["two"]), ("report", ["two"]), ("zzz", [])]:
        panel.search.setText(words)
        qtbot.waitUntil(lambda expected=expected: names(panel) == expected)
    panel.search.clear()
    qtbot.waitUntil(lambda: names(panel) == ["one", "two"])


def test_moving_and_deleting_can_be_undone(qtbot, window, panel, folder):
    put(qtbot, panel, folder / "one.sql", "select 1")
    choose(panel, "one")
    panel.rename()
    dialog = dialog_of(window)
    dialog.name.setText("uno")
    dialog.folder.setCurrentText("spanish")
    qtbot.mouseClick(dialog.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: names(panel) == ["uno"])
    assert (folder / "spanish" / "uno.sql").exists()
    press(qtbot, window, "Undo")
    qtbot.waitUntil(lambda: names(panel) == ["one"])
    choose(panel, "one")
    panel.delete()
    qtbot.waitUntil(lambda: names(panel) == [] and not (folder / "one.sql").exists())
    press(qtbot, window, "Undo")
    qtbot.waitUntil(lambda: names(panel) == ["one"])
    assert (folder / "one.sql").read_text() == "select 1"


def test_the_palette_finds_them_by_name_and_tag(qtbot, window, panel, folder):
    put(qtbot, panel, folder / "tracks.sql", "-- tags: monthly\nselect 1")
    sources, found = window.palettes._added, []
    for source in sources:
        source.prepare()
    runner = window.application.runner
    runner.start(lambda task: search(sources, "monthly", [], task), owner=window, done=found.extend)
    qtbot.waitUntil(lambda: found != [])
    assert [hit.entry.text for hit in found if hit.entry.kind == "Saved query"] == ["tracks"]


def test_an_empty_panel_says_where_queries_would_be(qtbot, panel, folder):
    qtbot.waitUntil(lambda: panel.nothing.isVisible())
    assert str(folder) in panel.nothing.text()
