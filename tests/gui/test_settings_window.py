"""The settings: everything in the schema is there, acts at once, and can be taken back."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QSpinBox

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.demo.sample import sample_document
from keeperdb.demo.seed import plant
from keeperdb.gui.notices import ErrorDialog, Notice
from keeperdb.gui.password_prompt import OldSecretsChoice
from keeperdb.gui.theme import current_theme
from keeperdb.gui.vaults_page import DetachDialog, RenameDialog
from keeperdb.keychain import Secret
from keeperdb.settings import SCHEMA, SETTINGS
from keeperdb.task import Task
from keeperdb.vault.endpoint import VaultEndpoint


@pytest.fixture
def app(gui_workspace, gui_application):
    return gui_application(gui_workspace())


@pytest.fixture
def window(qtbot, app):
    app.show_settings()
    qtbot.waitUntil(app._settings.isActiveWindow)
    return app._settings


def test_every_setting_has_a_row_with_a_control_of_its_type_a_name_and_help(window):
    assert set(window.rows) == {setting.name for setting in SCHEMA[0].settings}
    for page in SCHEMA:
        window.show_page(page.name)
    assert set(window.rows) == set(SETTINGS)
    for name, row in window.rows.items():
        setting = SETTINGS[name]
        kind = QComboBox if setting.choices else {bool: QCheckBox, int: QSpinBox}.get(setting.kind)
        assert kind is None or isinstance(row.control, kind)
        assert row.control.accessibleName() == setting.label
        assert row.control.accessibleDescription() == setting.help


def test_the_theme_acts_at_once_and_the_arrow_brings_the_default_back(qtbot, app, window):
    row = window.rows["appearance.theme"]
    assert not row.reset.isVisible()
    row.control.setCurrentIndex(row.control.findData("dark"))
    qtbot.waitUntil(lambda: current_theme() == "dark")
    qtbot.waitUntil(lambda: row.reset.isVisible())
    qtbot.mouseClick(row.reset, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: app.workspace.settings.is_default("appearance.theme"))
    qtbot.waitUntil(lambda: current_theme() == "light" and not row.reset.isVisible())


def test_numbers_keep_to_their_limits_and_are_written(qtbot, app, window):
    window.show_page("results")
    spin = window.rows["results.page_size"].control
    assert (spin.minimum(), spin.maximum()) == (10, 1_000_000)
    spin.setValue(500)
    qtbot.waitUntil(lambda: app.workspace.settings.number("results.page_size") == 500)


def test_text_and_switches_are_written(qtbot, app, window):
    window.show_page("results")
    edit = window.rows["results.null_text"].control
    edit.selectAll()
    qtbot.keyClicks(edit, "nil")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: app.workspace.settings.text("results.null_text") == "nil")
    window.show_page("editor")
    box = window.rows["editor.word_wrap"].control
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: app.workspace.settings.is_on("editor.word_wrap"))


def test_a_change_from_elsewhere_is_shown(qtbot, app, window):
    window.show_page("editor")
    app.workspace.settings.set("editor.tab_width", 8)
    qtbot.waitUntil(lambda: window.rows["editor.tab_width"].control.value() == 8)


def test_search_leaves_what_matches_and_goes_there(qtbot, window):
    qtbot.keyClicks(window.search, "tab width")
    assert window.list.currentItem().text() == "Editor"
    assert [window.list.item(row).isHidden() for row in range(len(SCHEMA))].count(False) == 1
    assert window.rows["editor.tab_width"].isVisible()
    assert not window.rows["editor.font_size"].isVisible()
    qtbot.keyClick(window.search, Qt.Key.Key_Escape)
    assert not any(window.list.item(row).isHidden() for row in range(len(SCHEMA)))
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isVisible()


def test_a_search_without_a_match_says_so(qtbot, window):
    qtbot.keyClicks(window.search, "zzz")
    assert window._nothing.isVisible()
    qtbot.keyClick(window.search, Qt.Key.Key_Escape)
    assert not window._nothing.isVisible()
    assert all(row.isVisible() for name, row in window.rows.items() if name in _names_shown(window))


@pytest.mark.parametrize(("answer", "kept"), [("leave", True), ("remove", False)])
def test_keeping_nothing_from_now_on_asks_what_becomes_of_what_is_kept(
    qtbot, gui_workspace, gui_application, answer, kept
):
    workspace, old = _with_kept_password(gui_workspace)
    app = gui_application(workspace)
    dialog = _choose_nowhere(qtbot, app)
    qtbot.mouseClick(getattr(dialog, answer), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: workspace.settings.text("connections.keychain") == "ask" and app.runner.is_idle)
    assert (old.get("connection/one") is not None) is kept
    assert (workspace.keychain.get("connection/one") is None) is kept


def test_escape_leaves_the_place_of_passwords_as_it_is(qtbot, gui_workspace, gui_application):
    workspace, old = _with_kept_password(gui_workspace)
    app = gui_application(workspace)
    qtbot.keyClick(_choose_nowhere(qtbot, app), Qt.Key.Key_Escape)
    combo = app._settings.rows["connections.keychain"].control
    qtbot.waitUntil(lambda: combo.currentData() == "file")
    assert workspace.settings.text("connections.keychain") == "file"
    assert app._settings.findChild(ErrorDialog) is None
    assert old.get("connection/one") == Secret("pw")


def _names_shown(window):
    return [setting.name for setting in SCHEMA[window.list.currentRow()].settings]


def _with_kept_password(gui_workspace):
    workspace = gui_workspace(keychain="file")
    workspace.keychain.unlock(Secret("master"))
    profile = ConnectionProfile(id="one", name="Orders", engine="postgresql", host="db1")
    workspace.save(profile, Secret("pw"), Task())
    return workspace, workspace.keychain.current


def _choose_nowhere(qtbot, app):
    app.show_settings("connections")
    window = app._settings
    combo = window.rows["connections.keychain"].control
    combo.setCurrentIndex(combo.findData("ask"))
    qtbot.waitUntil(lambda: window.findChild(OldSecretsChoice) is not None)
    return window.findChild(OldSecretsChoice)


def test_pages_are_chosen_from_the_list_by_keys(qtbot, window):
    window.list.setFocus()
    qtbot.keyClick(window.list, Qt.Key.Key_Down)
    assert window._pages.currentIndex() == 1


def test_choosing_an_encrypted_file_asks_for_its_master_password_first(qtbot, app, window):
    from keeperdb.gui.password_prompt import MasterPasswordPrompt

    window.show_page("connections")
    combo = window.rows["connections.keychain"].control
    combo.setCurrentIndex(combo.findData("file"))
    qtbot.waitUntil(lambda: window.findChild(MasterPasswordPrompt) is not None)
    prompt = window.findChild(MasterPasswordPrompt)
    assert app.workspace.settings.text("connections.keychain") == "ask"
    prompt.password.setText("master")
    prompt.again.setText("master")
    qtbot.mouseClick(prompt.ok, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: app.workspace.settings.text("connections.keychain") == "file", timeout=20_000)
    assert app.workspace.keychain.label == "Encrypted file"


def test_leaving_the_master_password_out_changes_nothing(qtbot, app, window):
    from keeperdb.gui.password_prompt import MasterPasswordPrompt

    window.show_page("connections")
    combo = window.rows["connections.keychain"].control
    combo.setCurrentIndex(combo.findData("file"))
    qtbot.waitUntil(lambda: window.findChild(MasterPasswordPrompt) is not None)
    qtbot.keyClick(window.findChild(MasterPasswordPrompt), Qt.Key.Key_Escape)
    assert combo.currentData() == "ask"
    assert app.workspace.settings.text("connections.keychain") == "ask"


@pytest.fixture
def vault_app(demo_vault, tmp_path, gui_workspace, gui_application):
    plant(demo_vault, sample_document(tmp_path / "chinook.db", {}))
    endpoint = VaultEndpoint.from_options(
        demo_vault.endpoint, demo_vault.server_key_option, str(demo_vault.ca_file), {}
    )
    workspace = gui_workspace(endpoint=endpoint)
    workspace.attach("Team vault", demo_vault.issue_token(), Task())
    app = gui_application(workspace)
    app.show_settings("vaults")
    return app


def _cells(table, row=0):
    return [table.item(row, column).text() for column in range(table.columnCount())]


def test_a_vault_is_a_row_with_endpoint_key_count_and_state(qtbot, vault_app, demo_vault):
    name, endpoint, connections, refreshed, state = _cells(vault_app._settings.vaults.table)
    assert name == "Team vault"
    assert endpoint == f"{demo_vault.endpoint} · custom server key"
    assert "unusable" in connections
    assert refreshed == "just now"
    assert state


def test_refresh_reads_the_vault_again(qtbot, vault_app, demo_vault):
    vaults = vault_app._settings.vaults
    before = vault_app.workspace.vaults.all()[0].connection_count
    demo_vault.delete_record_as_user(demo_vault.find_record("Chinook"))
    qtbot.mouseClick(vaults.refresh, Qt.MouseButton.LeftButton)
    assert not vaults.refresh.isEnabled()
    qtbot.waitUntil(lambda: vault_app.workspace.vaults.all()[0].connection_count == before - 1, timeout=20_000)
    qtbot.waitUntil(lambda: vaults.refresh.isEnabled())


def test_a_vault_that_is_away_is_stale_and_says_why(qtbot, vault_app, demo_vault):
    demo_vault.stop()
    vaults = vault_app._settings.vaults
    qtbot.mouseClick(vaults.refresh, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: _cells(vaults.table)[4].startswith("Stale: "), timeout=20_000)
    picker = vault_app.picker
    picker.show()
    assert picker.status._trouble.text() == "Offline: Team vault"
    assert "Team vault as last known" in picker.status._summary.text()
    assert "listens" in picker.status._summary.text()
    assert picker.status._retry.isVisible()
    assert picker.model.shown > 0
    demo_vault.start()
    qtbot.mouseClick(picker.status._retry, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not picker.status._trouble.text(), timeout=20_000)


def test_a_vault_is_renamed_and_a_bad_name_is_told_beside_the_field(qtbot, vault_app):
    window = vault_app._settings
    qtbot.mouseClick(window.vaults.rename, Qt.MouseButton.LeftButton)
    dialog = window.findChild(RenameDialog)
    dialog.name.setText("a/b")
    qtbot.mouseClick(dialog.rename, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "cannot be the name" in dialog.field.error)
    dialog.name.setText("Archive")
    qtbot.mouseClick(dialog.rename, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: _cells(window.vaults.table)[0] == "Archive")


def test_detaching_says_what_happens_keeps_by_default_and_forgets_when_told(qtbot, vault_app):
    window = vault_app._settings
    qtbot.mouseClick(window.vaults.detach, Qt.MouseButton.LeftButton)
    dialog = window.findChild(DetachDialog)
    qtbot.keyClick(dialog, Qt.Key.Key_Return)  # the safe answer is the default
    assert len(vault_app.workspace.vaults.all()) == 1
    qtbot.mouseClick(window.vaults.detach, Qt.MouseButton.LeftButton)
    dialog = next(each for each in window.findChildren(DetachDialog) if each.isVisible())
    qtbot.mouseClick(dialog.detach, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: vault_app.workspace.vaults.all() == [])
    qtbot.waitUntil(lambda: window.vaults.empty.isVisible())
    assert not window.vaults.table.isVisible()
    qtbot.waitUntil(lambda: any("was detached" in each.text for each in window.findChildren(Notice)))


def test_the_vaults_are_read_at_start_when_the_settings_say_so(qtbot, vault_app, demo_vault):
    app = vault_app
    app.workspace.settings.set("vaults.refresh_at_start", True)
    count = app.workspace.vaults.all()[0].connection_count
    demo_vault.delete_record_as_user(demo_vault.find_record("Chinook"))
    app.start()
    qtbot.waitUntil(lambda: app.workspace.vaults.all()[0].connection_count == count - 1, timeout=20_000)
    qtbot.waitUntil(lambda: app.runner.is_idle)
