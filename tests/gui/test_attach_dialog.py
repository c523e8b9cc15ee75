"""Attaching a vault in the window, against a vault that speaks the real protocol."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton

from keeperdb.demo.sample import sample_document
from keeperdb.demo.seed import plant
from keeperdb.gui.attach_dialog import AttachDialog
from keeperdb.gui.notices import Notice
from keeperdb.vault.endpoint import VaultEndpoint

_PATIENCE = 20_000  # milliseconds


@pytest.fixture
def vault(demo_vault, tmp_path):
    plant(demo_vault, sample_document(tmp_path / "chinook.db", {}))
    return demo_vault


@pytest.fixture
def app(qtbot, vault, gui_workspace, gui_application):
    endpoint = VaultEndpoint.from_options(vault.endpoint, vault.server_key_option, str(vault.ca_file), {})
    app = gui_application(gui_workspace(endpoint=endpoint))
    app.show_picker()
    yield app
    qtbot.waitUntil(lambda: not app.storage_sync.is_running, timeout=_PATIENCE)  # it looks into what was attached


@pytest.fixture
def dialog(qtbot, app):
    app.attach_vault()
    dialog = app.picker.findChild(AttachDialog)
    qtbot.waitUntil(dialog.isActiveWindow)
    return dialog


def _enter(qtbot, dialog, token):
    dialog.token.setFocus()
    qtbot.keyClicks(dialog.token, token)
    qtbot.keyClick(dialog.token, Qt.Key.Key_Return)


def _error(qtbot, dialog):
    qtbot.waitUntil(lambda: bool(dialog.token_field.error), timeout=_PATIENCE)
    qtbot.waitUntil(lambda: not dialog.is_busy)
    return dialog.token_field.error


def test_a_token_brings_the_connections_of_the_vault_into_the_list(qtbot, app, dialog, vault):
    dialog.name.selectAll()
    qtbot.keyClicks(dialog.name, "Team vault")
    with qtbot.waitSignal(dialog.attached, timeout=_PATIENCE):
        _enter(qtbot, dialog, vault.issue_token())
    qtbot.waitUntil(lambda: any(notice.isVisible() for notice in app.picker.findChildren(Notice)))
    notice = next(notice for notice in app.picker.findChildren(Notice) if notice.isVisible())
    attached = app.workspace.vaults.all()[0]
    assert attached.name == "Team vault"
    assert notice.text.startswith(f"{attached.connection_count} connections from Team vault, ")
    qtbot.waitUntil(lambda: app.picker.model.shown == attached.connection_count)
    assert app.picker.current_profile.is_usable
    assert app.picker.current_profile.vault.vault_name == "Team vault"


def test_the_token_is_masked_until_the_eye_is_pressed(qtbot, dialog):
    assert dialog.token.echoMode() == QLineEdit.EchoMode.Password
    eye = next(action for action in dialog.token.actions() if action.text() == "Show")
    eye.trigger()
    assert dialog.token.echoMode() == QLineEdit.EchoMode.Normal
    eye.trigger()
    assert dialog.token.echoMode() == QLineEdit.EchoMode.Password


def test_paste_takes_the_token_without_the_space_around_it(qtbot, dialog, themed):
    themed.clipboard().setText("  US:abc \n")
    next(action for action in dialog.token.actions() if action.text() == "Paste").trigger()
    assert dialog.token.text() == "US:abc"
    themed.clipboard().clear()


def test_empty_fields_are_told_beside_them_and_nothing_is_sent(qtbot, dialog, vault):
    dialog.name.clear()
    qtbot.mouseClick(dialog.connect_button, Qt.MouseButton.LeftButton)
    assert dialog.name_field.error == "Give the vault a name."
    assert dialog.token_field.error == "Paste the one-time token."
    assert not dialog.is_busy
    qtbot.keyClicks(dialog.token, "x")
    assert dialog.token_field.error == ""


def test_what_cannot_be_a_token_is_refused_in_words(qtbot, dialog):
    _enter(qtbot, dialog, "US:short")
    assert "characters instead of 43" in _error(qtbot, dialog)
    assert dialog.isVisible()
    assert dialog.token.text() == "US:short"


def test_a_used_token_is_told_as_such(qtbot, app, dialog, vault):
    token = vault.issue_token()
    with qtbot.waitSignal(dialog.attached, timeout=_PATIENCE):
        _enter(qtbot, dialog, token)
    app.attach_vault()
    again = next(each for each in app.picker.findChildren(AttachDialog) if each.isVisible())
    assert again.name.text() == "My vault 2"
    _enter(qtbot, again, token)
    assert "token" in _error(qtbot, again).lower()
    assert again.isVisible()


@pytest.mark.parametrize("kind", ["reset", "status", "garbage", "lost"])
def test_a_failure_on_the_way_can_be_tried_again_with_the_same_token(qtbot, dialog, vault, kind):
    vault.fail(kind, times=None)
    _enter(qtbot, dialog, vault.issue_token())
    _error(qtbot, dialog)
    assert dialog.connect_button.text() == "Try again"
    vault.faults.clear()
    with qtbot.waitSignal(dialog.attached, timeout=_PATIENCE):
        qtbot.mouseClick(dialog.connect_button, Qt.MouseButton.LeftButton)


def test_a_vault_that_cannot_be_reached_is_told_under_the_token(qtbot, dialog, vault):
    token = vault.issue_token()
    vault.stop()
    _enter(qtbot, dialog, token)
    assert vault.endpoint in _error(qtbot, dialog)


def test_a_hanging_vault_shows_progress_and_can_be_cancelled(qtbot, dialog, vault):
    vault.fail("hang")
    _enter(qtbot, dialog, vault.issue_token())
    assert dialog.is_busy
    assert dialog._foot.currentIndex() == 1
    assert dialog.token.isReadOnly()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not dialog.is_busy, timeout=_PATIENCE)
    assert dialog.isVisible()
    assert dialog._foot.currentIndex() == 0
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_nothing_shared_with_the_application_is_told_under_the_token(qtbot, gui_workspace, gui_application, demo_vault):
    endpoint = VaultEndpoint.from_options(
        demo_vault.endpoint, demo_vault.server_key_option, str(demo_vault.ca_file), {}
    )
    app = gui_application(gui_workspace(endpoint=endpoint))
    app.show_picker()
    app.attach_vault()
    dialog = app.picker.findChild(AttachDialog)
    _enter(qtbot, dialog, demo_vault.issue_token())
    assert "nothing is shared" in _error(qtbot, dialog)
    assert app.workspace.vaults.all() == []


def test_a_ready_configuration_is_taken_in_the_same_field(qtbot, dialog, vault):
    with qtbot.waitSignal(dialog.attached, timeout=_PATIENCE):
        dialog.token.setText(vault.issue_configuration())
        qtbot.keyClick(dialog.token, Qt.Key.Key_Return)


def test_advanced_shows_the_server_that_was_given_and_nothing_to_change(qtbot, dialog, vault):
    qtbot.mouseClick(dialog.advanced, Qt.MouseButton.LeftButton)
    texts = [label.text() for label in dialog._details.findChildren(QLabel)]
    assert dialog._details.isVisible()
    assert vault.endpoint in texts
    assert str(vault.ca_file) in texts
    assert not dialog._details.findChildren(QLineEdit)


def test_the_keyboard_goes_from_name_to_token_to_the_buttons(qtbot, dialog):
    assert dialog.token.hasFocus()
    dialog.name.setFocus()
    seen = []
    for _ in range(4):
        qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        seen.append(dialog.focusWidget())
    assert seen == [dialog.token, dialog.advanced, dialog.connect_button, dialog.cancel_button]
    assert all(widget.accessibleName() or isinstance(widget, QPushButton) for widget in seen)
