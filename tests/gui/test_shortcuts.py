"""Keys: no two actions share one where both would act; what a person changes acts at once and is kept."""

import json

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMessageBox, QWidget

from keeperdb.gui.action_groups import MENUS, group_of
from keeperdb.gui.action_table import ACTIONS
from keeperdb.gui.actions import make_action
from keeperdb.gui.shortcut_dialog import ShortcutDialog
from keeperdb.gui.shortcut_file import read_shortcuts, write_shortcuts
from keeperdb.gui.shortcut_presets import PRESETS
from keeperdb.gui.shortcuts import ShortcutChoice, Shortcuts, clash, shortcuts
from keeperdb.gui.shortcuts_page import ShortcutsPage
from keeperdb.gui.submenus import SUBMENUS

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def keys(qapp):
    """The keys of the program, as they were afterwards."""
    yield shortcuts()
    shortcuts().use(ShortcutChoice())


@pytest.fixture
def path(tmp_path, ui_thread_guard):
    """Of the file with the keys, which this thread may read here."""
    ui_thread_guard.is_on = False
    return tmp_path / "shortcuts.json"


@pytest.fixture
def page(qtbot, themed, keys):
    page = ShortcutsPage(keys)
    qtbot.addWidget(page)
    page.show()
    return page


def select(page, text: str) -> None:
    page.search.setText(text)
    assert page.model.spec(0).text == text


@pytest.mark.parametrize("preset", PRESETS)
def test_no_preset_has_a_key_that_means_two_things_at_once(preset, qapp):
    own = Shortcuts()
    own.choose_preset(preset)
    assert {
        spec.id: rivals
        for spec in ACTIONS.values()
        for key in own.keys(spec.id)
        if (rivals := own.rivals(spec.id, key))
    } == {}


@pytest.mark.parametrize("spec", ACTIONS.values(), ids=ACTIONS.keys())
def test_every_action_has_a_text_a_tip_a_known_menu_and_keys_in_portable_text(spec):
    assert spec.text[0].isupper()
    assert spec.tip[0].isupper()
    assert not spec.tip.endswith(".")
    assert group_of(spec).menu in (*MENUS, "")
    assert [QKeySequence(key).toString() for key in spec.keys] == list(spec.keys)


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS.keys())
def test_presets_name_keys_in_portable_text(preset):
    texts = [key for keys in preset.keys.values() for key in keys]
    assert [QKeySequence(key).toString() for key in texts] == texts


def test_the_beginning_of_a_key_clashes_with_it():
    assert clash("Ctrl+K", "Ctrl+K, Ctrl+C")
    assert not clash("Ctrl+K", "Ctrl+L")
    assert not clash("Ctrl+F1", "Ctrl+F12")


def test_a_tab_and_the_tree_may_share_a_key_but_a_tab_and_its_window_may_not(keys):
    assert keys.rivals("query.run_all", "F5") == []
    assert keys.rivals("query.run_all", "Ctrl+T") == ["file.new_tab"]


def test_changed_keys_act_at_once_and_back_again(qtbot, themed, keys, gui_application, gui_workspace, runner):
    application = gui_application(gui_workspace())
    application._keys.begin()
    window = QWidget()
    qtbot.addWidget(window)
    pressed = []
    action = make_action("file.new_tab", window, lambda: pressed.append(1), Qt.ShortcutContext.WindowShortcut)
    keys.set_keys("file.new_tab", ("Ctrl+J",))
    assert action.shortcut() == QKeySequence("Ctrl+J")
    assert action.toolTip().endswith("(Ctrl+J)")
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_J, CONTROL)
    assert pressed == [1]
    keys.reset("file.new_tab")
    assert action.shortcut() == QKeySequence("Ctrl+T")
    path = application.workspace.paths.config / "shortcuts.json"
    qtbot.waitUntil(lambda: runner.is_idle and path.exists())


def test_taking_a_key_leaves_the_other_action_its_other_keys(keys):
    keys.set_keys("file.new_tab", ("Ctrl+.",), take=True)
    assert keys.keys("query.stop") == ("Esc",)
    assert keys.rivals("file.new_tab", "Ctrl+.") == []


def test_the_file_keeps_preset_and_keys_and_names_of_a_newer_version(path):
    choice = ShortcutChoice("ssms", {"query.run": ("F9",), "future.thing": ("F10",)})
    write_shortcuts(path, choice)
    assert read_shortcuts(path) == choice


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"keys": 5}', b"{" + b" " * 2_000_000])
def test_a_damaged_file_is_set_aside_and_the_defaults_are_used(path, content):
    path.write_bytes(content)
    assert read_shortcuts(path) == ShortcutChoice()
    assert not path.exists()
    assert path.with_name("shortcuts.damaged-1.json").read_bytes() == content


def test_single_values_that_are_no_keys_are_left_out(path):
    path.write_text(json.dumps({"preset": "vim", "keys": {"query.run": ["F9", 5, "no such key", ""], "query.stop": 7}}))
    assert read_shortcuts(path) == ShortcutChoice(changed={"query.run": ("F9",)})


def test_the_page_finds_an_action_by_its_name_and_by_its_key(page):
    select(page, "Run statement")
    page.search.setText("ctrl+shift+t")
    assert page.model.spec(0).id == "file.reopen_tab"


def test_recorded_keys_that_belong_to_another_action_are_said_and_taken(qtbot, page, keys):
    select(page, "Run statement")
    qtbot.mouseClick(page.change, Qt.MouseButton.LeftButton)
    dialog = page.findChild(ShortcutDialog)
    qtbot.keyClick(dialog.recorder, Qt.Key.Key_T, CONTROL)
    assert dialog.said.text() == "Ctrl+T belongs to “New tab”, which loses it if you use it here."
    qtbot.mouseClick(dialog.replace, Qt.MouseButton.LeftButton)
    assert (keys.keys("query.run"), keys.keys("file.new_tab")) == (("Ctrl+T",), ())
    assert page.model.data(page.model.index(0, 3)) == "Changed"
    qtbot.mouseClick(page.reset, Qt.MouseButton.LeftButton)
    assert keys.keys("query.run") == ACTIONS["query.run"].keys
    qtbot.mouseClick(page.reset_all, Qt.MouseButton.LeftButton)
    assert keys.keys("file.new_tab") == ACTIONS["file.new_tab"].keys


def test_the_page_says_which_actions_share_a_key(page, keys):
    keys.set_keys("file.save", ("Ctrl+T",))
    select(page, "Save SQL")
    assert "belong to New tab too" in page.said.text()


def test_a_preset_is_taken_at_once_unless_keys_were_changed(qtbot, page, keys):
    page._choose("ssms")
    assert keys.keys("query.run")[0] == "Ctrl+E"
    keys.set_keys("file.save", ("F12",))
    page._choose("keeperdb")
    box = page.findChild(QMessageBox)
    assert keys.choice.preset == "ssms"
    button = next(each for each in box.buttons() if each.text() == "Replace keys")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert keys.choice == ShortcutChoice()
    box.event(QEvent(QEvent.Type.DeferredDelete))


def test_submenus_name_actions_that_there_are():
    assert set(SUBMENUS) <= set(ACTIONS)
