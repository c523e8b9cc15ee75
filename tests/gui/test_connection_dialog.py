"""The form of a connection: what is entered is what is stored, and nothing is stored that cannot work."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QPushButton

from keeperdb.connections.address import parse_address
from keeperdb.connections.profile import (
    CommitMode,
    ConnectionProfile,
    Environment,
    PasswordMode,
    Source,
    TlsMode,
    VaultOrigin,
)
from keeperdb.gui.connection_dialog import ConnectionDialog
from keeperdb.gui.connection_form import ConnectionForm
from keeperdb.gui.password_prompt import KeychainChoice, MasterPasswordPrompt, PasswordPrompt
from keeperdb.keychain import Secret
from keeperdb.task import Task

_FULL = ConnectionProfile(
    "Orders",
    "postgresql",
    host="db1.example.com",
    port=5433,
    database="shop",
    user="me",
    options={"application_name": "x"},
    password_mode=PasswordMode.ASK,
    tls=TlsMode.VERIFY_CA,
    tls_ca="/etc/ca.pem",
    folder=("Work", "Orders"),
    color="#dc2626",
    environment=Environment.PRODUCTION,
    read_only=True,
    commit_mode=CommitMode.MANUAL,
    notes="Ask Ada.",
)


@pytest.fixture
def app(gui_workspace, gui_application):
    app = gui_application(gui_workspace())
    app.show_picker()
    return app


@pytest.fixture
def open_dialog(qtbot, app):
    def open_(profile=None):
        dialog = ConnectionDialog(app.workspace, app.gate, app.picker, profile)
        dialog.open()
        qtbot.waitUntil(dialog.isActiveWindow)
        return dialog

    return open_


def _save(qtbot, dialog):
    with qtbot.waitSignal(dialog.saved) as blocker:
        qtbot.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    return blocker.args[0]


def test_every_field_goes_into_the_form_and_comes_back(open_dialog):
    profile = open_dialog(_FULL).form.profile()
    assert profile == _FULL
    assert profile.password_mode is PasswordMode.ASK
    assert profile.tls is TlsMode.VERIFY_CA


def test_a_weaker_encryption_says_what_it_loses(open_dialog):
    form = open_dialog(_FULL).form
    said = {}
    for index in range(form.tls.count()):
        form.tls.setCurrentIndex(index)
        said[TlsMode(form.tls.itemData(index))] = form.tls.accessibleDescription()
    assert said[TlsMode.VERIFY_FULL] == ""
    assert "host name is not checked" in said[TlsMode.VERIFY_CA]
    assert "certificate is not checked" in said[TlsMode.REQUIRE]
    assert "turn the encryption off" in said[TlsMode.PREFER]
    assert "in the clear" in said[TlsMode.DISABLE]
    form.engine.setCurrentIndex(form.engine.findData("oracle"))
    form.tls.setCurrentIndex(form.tls.findData(TlsMode.PREFER))
    assert "not encrypted" in form.tls.accessibleDescription()


@pytest.mark.parametrize(
    ("engine", "words", "hidden"),
    [
        ("postgresql", "Enforced by the server.", {"path"}),
        ("mariadb", "Enforced by the server.", {"path"}),
        ("oracle", "read-only transaction", {"path"}),
        ("sqlserver", "Best effort", {"path", "tls_ca", "tls_certificate", "tls_key"}),
        ("redshift", "Best effort", {"path"}),
        ("sqlite", "Enforced by SQLite.", {"host", "port", "user", "database", "password_mode", "tls", "tls_ca"}),
    ],
)
def test_the_form_has_what_the_engine_has_and_says_who_refuses_writing(open_dialog, engine, words, hidden):
    form = open_dialog(_FULL).form
    form.engine.setCurrentIndex(form.engine.findData(engine))
    assert words in form.read_only.accessibleDescription()
    for name in ("path", "host", "port", "user", "database", "password_mode", "tls", "tls_ca", "tls_certificate"):
        page = form.isTabVisible(form._pages[name])
        shown = page and not form._fields[name].isHidden()
        assert (name, shown) == (name, name not in hidden and not (name == "tls_certificate" and "tls_ca" in hidden))
    assert (form.profile().tls_ca == "") == ("tls_ca" in hidden)


def test_a_new_connection_is_entered_and_stored_with_its_password(qtbot, app, open_dialog):
    dialog = open_dialog()
    form = dialog.form
    for edit, text in (
        (form.name, "Orders"),
        (form.host, "db1"),
        (form.database, "shop"),
        (form.user, "me"),
        (form.password, "s3cret"),
    ):
        qtbot.keyClicks(edit, text)
    saved = _save(qtbot, dialog)
    stored = app.workspace.connections.get(saved.id)
    assert (stored.name, stored.host, stored.port, stored.user) == ("Orders", "db1", None, "me")
    assert app.workspace.keychain.password(saved.id) == Secret("s3cret")
    qtbot.waitUntil(lambda: app.picker.model.row_of(saved.id) >= 0)
    assert not any(isinstance(each, ConnectionDialog) and each.isVisible() for each in app.picker.children())


def test_what_is_missing_is_told_beside_its_field_and_nothing_is_stored(qtbot, app, open_dialog):
    dialog = open_dialog()
    qtbot.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    assert dialog.form._fields["name"].error.startswith("The name is empty.")
    assert dialog.form._fields["host"].error.startswith("The host is empty.")
    assert dialog.isVisible()
    assert app.workspace.profiles() == []
    qtbot.keyClicks(dialog.form.name, "x")
    assert dialog.form._fields["name"].error == ""


def test_the_page_with_the_first_problem_comes_to_the_front(qtbot, open_dialog):
    dialog = open_dialog(_FULL.with_(tls_key="/only/the/key.pem"))
    qtbot.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    assert dialog.form.tabText(dialog.form.currentIndex()) == "TLS"
    assert dialog.form._fields["tls_certificate"].error


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://me:s3cret@db1.example.com:5433/shop",
        "jdbc:postgresql://db1.example.com:5433/shop?user=me&password=s3cret",
        "PGPASSWORD=s3cret psql -h db1.example.com -p 5433 -U me shop",
    ],
)
def test_a_pasted_address_fills_the_form_and_leaves_no_password_in_sight(qtbot, open_dialog, text):
    dialog = open_dialog()
    dialog.address.setText(text)
    dialog.address.textEdited.emit(text)
    form = dialog.form
    assert (form.host.text(), form.port.text(), form.database.text(), form.user.text()) == (
        "db1.example.com",
        "5433",
        "shop",
        "me",
    )
    assert form.password.text() == "s3cret"
    assert form.password.echoMode() == QLineEdit.EchoMode.Password
    assert "s3cret" not in dialog.address.text()
    assert form.name.text()


def test_an_unsafe_option_in_a_pasted_address_is_refused_by_its_name(qtbot, open_dialog):
    dialog = open_dialog()
    qtbot.keyClicks(dialog.address, "mysql://me@db/shop?allow_local_infile=1")
    qtbot.keyClick(dialog.address, Qt.Key.Key_Tab)
    assert "allow_local_infile" in dialog.address_field.error


def test_nothing_is_saved_while_the_address_is_refused(qtbot, app, open_dialog):
    dialog = open_dialog()
    qtbot.keyClicks(dialog.address, "mysql://me@db/shop?allow_local_infile=1")
    qtbot.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
    assert "allow_local_infile" in dialog.address_field.error
    assert dialog.isVisible()
    assert app.workspace.profiles() == []


def test_the_name_follows_an_address_that_is_typed_but_not_over_one_of_the_person(qtbot, open_dialog):
    dialog = open_dialog()
    qtbot.keyClicks(dialog.address, "mysql://me@db/shop")
    assert dialog.form.name.text() == parse_address("mysql://me@db/shop").profile.name
    dialog.form.name.setText("Mine")
    qtbot.keyClicks(dialog.address, "2")
    assert dialog.form.name.text() == "Mine"


def test_an_address_that_is_not_understood_is_told_when_the_field_is_left(qtbot, open_dialog):
    dialog = open_dialog()
    qtbot.keyClicks(dialog.address, "hello there")
    assert dialog.address_field.error == ""
    qtbot.keyClick(dialog.address, Qt.Key.Key_Tab)
    assert "not an address" in dialog.address_field.error


def test_a_file_database_has_a_path_and_no_host_user_or_tls(qtbot, open_dialog):
    dialog = open_dialog(ConnectionProfile("Chinook", "sqlite", path="/data/chinook.db"))
    form = dialog.form
    assert form.path.isVisibleTo(form)
    for name in ("host", "port", "user", "password", "password_mode", "database"):
        assert not form._fields[name].isVisibleTo(form)
    assert not form.isTabVisible(1)
    assert form.profile().path == "/data/chinook.db"
    form.engine.setCurrentIndex(form.engine.findData("mysql"))
    assert form._fields["host"].isVisibleTo(form)
    assert form.port.placeholderText() == "3306"
    assert form.profile().path == ""


def test_the_kept_password_stays_when_nothing_is_typed_and_goes_when_it_is_to_be_asked(qtbot, app, open_dialog):
    profile = _FULL.with_(password_mode=PasswordMode.KEYCHAIN)
    app.workspace.save(profile, Secret("kept"), Task())
    dialog = open_dialog(profile)
    assert "leave empty" in dialog.form.password.placeholderText()
    _save(qtbot, dialog)
    assert app.workspace.keychain.password(profile.id) == Secret("kept")
    dialog = open_dialog(profile)
    dialog.form.password_mode.setCurrentIndex(dialog.form.password_mode.findData(PasswordMode.ASK))
    _save(qtbot, dialog)
    assert app.workspace.keychain.password(profile.id) is None


def test_testing_tells_the_version_and_stores_nothing(qtbot, app, open_dialog, store):
    dialog = open_dialog(ConnectionProfile("Store", "sqlite", path=str(store)))
    qtbot.mouseClick(dialog.test_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog._result.text().startswith("It works: SQLite 3"))
    assert app.workspace.profiles() == []


def test_a_failed_test_tells_why_in_the_dialog(qtbot, open_dialog, tmp_path):
    dialog = open_dialog(ConnectionProfile("Gone", "sqlite", path=str(tmp_path / "gone.db")))
    qtbot.mouseClick(dialog.test_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "gone.db" in dialog._result.text() and dialog.save_button.isEnabled())
    assert dialog._result.property("role") == "danger"


def test_a_test_can_be_stopped(qtbot, open_dialog, silent_server):
    profile = ConnectionProfile(
        "Silent", "postgresql", host="127.0.0.1", port=silent_server, password_mode=PasswordMode.NONE
    )
    dialog = open_dialog(profile)
    qtbot.mouseClick(dialog.test_button, Qt.MouseButton.LeftButton)
    assert dialog.close_button.text() == "Stop"
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: dialog._result.text() == "Cancelled.", timeout=20_000)
    assert dialog.isVisible()
    assert dialog.close_button.text() == "Cancel"


def test_a_vault_connection_is_shown_but_not_changed(qtbot, open_dialog):
    profile = _FULL.with_(source=Source.VAULT, vault=VaultOrigin("v", "Team vault", "uid"))
    dialog = open_dialog(profile)
    assert any("comes from Team vault" in label.text() for label in dialog.findChildren(QLabel))
    assert not dialog.save_button.isVisible()
    assert not dialog.address_field.isVisible()
    assert all(edit.isReadOnly() for edit in dialog.form.findChildren(QLineEdit) if edit.isVisible())
    assert all(edit.isReadOnly() for edit in dialog.form.findChildren(QPlainTextEdit))
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_every_control_has_a_name_for_screen_readers(open_dialog):
    form = open_dialog(_FULL).form
    for name, field in form._fields.items():
        assert field.control.accessibleName(), name


def test_a_password_that_is_asked_for_opens_the_connection(qtbot, app):
    profile = _FULL.with_(host="127.0.0.1", port=1, tls=TlsMode.DISABLE, tls_ca="")
    app.picker.command.emit("open", profile)
    qtbot.waitUntil(lambda: app.picker.findChild(PasswordPrompt) is not None)
    prompt = app.picker.findChild(PasswordPrompt)
    assert prompt.windowTitle() == "Password for “Orders”"
    errors = []
    app.error_shown.connect(errors.append)
    qtbot.keyClicks(prompt.password, "s3cret")
    qtbot.keyClick(prompt.password, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(errors), timeout=20_000)
    assert "127.0.0.1:1" in str(errors[0])
    assert "s3cret" not in str(errors[0])
    qtbot.waitUntil(lambda: app.runner.is_idle)


def test_cancelling_the_password_ends_the_opening_without_a_word(qtbot, app):
    errors = []
    app.error_shown.connect(errors.append)
    app.picker.command.emit("open", _FULL)
    qtbot.waitUntil(lambda: app.picker.findChild(PasswordPrompt) is not None)
    qtbot.keyClick(app.picker.findChild(PasswordPrompt), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: app.runner.is_idle)
    assert errors == []
    assert app.picker.model.busy_text(_FULL.id) == ""


@pytest.fixture
def file_app(gui_workspace, gui_application):
    """With an encrypted file as keychain, which does not exist yet."""
    app = gui_application(gui_workspace(keychain="file"))
    app.show_picker()
    return app


def _prompt(qtbot, parent, kind=MasterPasswordPrompt):
    qtbot.waitUntil(lambda: any(each.isVisible() for each in parent.findChildren(kind)))
    return next(each for each in parent.findChildren(kind) if each.isVisible())


def _profile():
    return _FULL.with_(password_mode=PasswordMode.KEYCHAIN)


def test_the_master_password_is_chosen_twice_and_then_saving_goes_on(qtbot, file_app):
    app, profile, done = file_app, _profile(), []
    app.gate.start(
        app.picker, lambda task: app.workspace.save(profile, Secret("kept"), task), done=done.append, failed=pytest.fail
    )
    prompt = _prompt(qtbot, app.picker)
    qtbot.keyClicks(prompt.password, "master")
    qtbot.keyClicks(prompt.again, "mister")
    qtbot.mouseClick(prompt.ok, Qt.MouseButton.LeftButton)
    assert prompt.again_field.error == "The two are not the same."
    prompt.again.setText("master")
    qtbot.mouseClick(prompt.ok, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(done), timeout=20_000)
    assert app.workspace.keychain.password(profile.id) == Secret("kept")


def test_a_wrong_master_password_is_told_beside_the_field_and_can_be_entered_again(qtbot, file_app):
    app, profile, found = file_app, _profile(), []
    app.workspace.keychain.unlock(Secret("master"))
    app.workspace.save(profile, Secret("kept"), Task())
    app.workspace.keychain.current.lock()
    app.gate.start(
        app.picker, lambda _: app.workspace.keychain.password(profile.id), done=found.append, failed=pytest.fail
    )
    prompt = _prompt(qtbot, app.picker)
    assert not prompt.again_field.isVisible()
    qtbot.keyClicks(prompt.password, "wrong")
    qtbot.keyClick(prompt.password, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "not the master password" in prompt.field.error, timeout=20_000)
    prompt.password.setText("master")
    qtbot.keyClick(prompt.password, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(found), timeout=20_000)
    assert found == [Secret("kept")]


def test_without_a_keychain_the_person_chooses_and_nothing_falls_back(
    qtbot, gui_workspace, gui_application, monkeypatch
):
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
    app = gui_application(gui_workspace(keychain="system"))
    app.show_picker()
    profile, done = _profile(), []
    app.gate.start(
        app.picker, lambda task: app.workspace.save(profile, Secret("kept"), task), done=done.append, failed=pytest.fail
    )
    choice = _prompt(qtbot, app.picker, KeychainChoice)
    assert done == []
    button = next(each for each in choice.findChildren(QPushButton) if each.text().startswith("Keep nothing"))
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(done))
    assert app.workspace.settings.text("connections.keychain") == "ask"


def test_the_environment_says_what_it_brings_along(qtbot):
    form = ConnectionForm("the keychain")
    qtbot.addWidget(form)
    form.show_profile(ConnectionProfile("", "sqlite"))
    assert not form.read_only.isChecked()
    choose_environment(form, Environment.PRODUCTION)
    assert "Commit by hand" in form.environment.toolTip()
    assert form.read_only.isChecked()
    profile = form.profile()
    assert profile.commit_mode is CommitMode.DEFAULT
    assert profile.read_only


def test_the_environment_of_a_connection_that_exists_leaves_its_fields_alone(qtbot):
    form = ConnectionForm("the keychain")
    qtbot.addWidget(form)
    form.show_profile(ConnectionProfile("Orders", "sqlite"))
    choose_environment(form, Environment.PRODUCTION)
    assert not form.read_only.isChecked()


def choose_environment(form, environment) -> None:
    index = form.environment.findData(environment.value)
    form.environment.setCurrentIndex(index)
    form.environment.activated.emit(index)
