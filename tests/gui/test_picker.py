"""The first screen: finding, opening, removing and bringing back connections, by keys and clicks."""

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from keeperdb.connections.profile import ConnectionProfile, Environment, Source, VaultOrigin
from keeperdb.gui.connection_delegate import plain_tooltip
from keeperdb.gui.connection_list import ConnectionListModel, Entry, Filter, Heading, spans_of
from keeperdb.gui.notices import Notice
from keeperdb.gui.picker import COMMANDS, Picker
from keeperdb.gui.words import ago, count

_VAULT = VaultOrigin("v1", "Team vault", "uid-1")


def _vault(name, **more):
    return ConnectionProfile(name, more.pop("engine", "postgresql"), source=Source.VAULT, vault=_VAULT, **more)


def _profiles():
    return [
        _vault(
            "Orders",
            host="db1.example.com",
            port=5432,
            database="shop",
            environment=Environment.PRODUCTION,
            folder=("Engineering", "Databases"),
        ),
        _vault(
            "Payroll",
            engine="mysql",
            problem="The record has no host.",
            problem_hint="Enter one.",
            folder=("Engineering", "Databases"),
        ),
        ConnectionProfile("Chinook", "sqlite", path="/data/chinook.sqlite", id="chinook"),
        ConnectionProfile("Warehouse", "mariadb", host="10.0.0.12", folder=("Home",), id="warehouse"),
    ]


def _names(model):
    return [item.title if isinstance(item, Heading) else item.profile.name for item in model._rows]


@pytest.fixture
def model(qtmodeltester):
    model = ConnectionListModel()
    model.set_connections(_profiles())
    yield model
    qtmodeltester.check(model)


def test_vaults_come_before_local_connections_each_under_its_folder(model):
    assert _names(model) == ["Engineering / Databases", "Orders", "Payroll", "Local", "Chinook", "Home", "Warehouse"]
    assert model._rows[0].source == "Team vault"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("orders", ["Orders"]),
        ("DB1", ["Orders"]),
        ("shop", ["Orders"]),
        ("engineering", ["Orders", "Payroll"]),
        ("team vault", ["Orders", "Payroll"]),
        ("postgresql prod", ["Orders"]),
        ("10.0.0", ["Warehouse"]),
        ("nothing like it", []),
    ],
)
def test_search_looks_at_name_host_database_folder_vault_engine_and_environment(model, query, found):
    model.search(query)
    assert [name for item, name in zip(model._rows, _names(model), strict=True) if isinstance(item, Entry)] == found


def test_matched_letters_are_marked_in_name_and_place(model):
    model.search("or EXAMPLE")
    entry = next(item for item in model._rows if isinstance(item, Entry))
    assert [entry.profile.name[start:end] for start, end in entry.name_spans] == ["Or"]
    assert [entry.place[start:end] for start, end in entry.place_spans] == ["example"]


@pytest.mark.parametrize(
    ("words", "text", "spans"),
    [(["aa"], "aaa", ((0, 3),)), (["a", "b"], "abxa", ((0, 2), (3, 4))), (["ß"], "STRASSE", ()), (["i"], "İi", ())],
)
def test_marks_do_not_overlap_and_never_stand_at_the_wrong_letter(words, text, spans):
    assert spans_of(words, text) == spans


def test_the_filters_show_local_vault_and_recently_used_connections(model):
    now = datetime.now(UTC)
    used = {"chinook": now - timedelta(hours=2), "warehouse": now}
    model.set_connections(_profiles(), used.get)
    model.set_filter(Filter.LOCAL)
    assert model.shown == 2
    model.set_filter(Filter.VAULT)
    assert model.shown == 2
    model.set_filter(Filter.RECENT)
    assert _names(model) == ["Last used", "Warehouse", "Chinook"]


def test_a_screen_reader_hears_source_engine_environment_and_problem(model):
    texts = [model.index(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(model.rowCount())]
    assert "Orders, Vault Team vault, PostgreSQL, production, db1.example.com:5432 · shop" in texts
    assert "Payroll, Vault Team vault, MySQL, cannot be used: The record has no host." in texts


def test_tooltips_show_text_and_not_html():
    assert "&lt;b&gt;" in plain_tooltip("<b>")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(5, "just now"), (125, "2 min ago"), (7300, "2 h ago"), (90_000, "yesterday"), (3 * 86_400, "3 days ago")],
)
def test_times_are_put_into_words(seconds, text):
    now = datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert ago(now - timedelta(seconds=seconds), now) == text


def test_counts_are_put_into_words():
    assert [count(1, "connection"), count(1234, "connection")] == ["1 connection", "1,234 connections"]


def _show(qtbot, picker):
    qtbot.addWidget(picker)
    with qtbot.waitActive(picker):
        picker.show()
        picker.activateWindow()


@pytest.fixture
def app(gui_workspace, gui_application):
    local = [profile for profile in _profiles() if profile.source is Source.LOCAL]
    return gui_application(gui_workspace(*local))


@pytest.fixture
def picker(qtbot, app):
    with qtbot.waitActive(app.picker):
        app.show_picker()
    app.picker.show_workspace()
    return app.picker


def test_typing_anywhere_searches_and_escape_clears(qtbot, picker):
    picker.view.setFocus()
    qtbot.keyClicks(picker.view, "ware")
    assert picker.search.text() == "ware"
    assert picker.current_profile.name == "Warehouse"
    assert picker.status._summary.text().startswith("1 of 2 connections")
    qtbot.keyClick(picker.search, Qt.Key.Key_Escape)
    assert picker.search.text() == ""
    assert picker.model.shown == 2


def test_arrows_in_the_search_field_move_over_headings(qtbot, picker):
    picker.view.select_first()
    assert picker.current_profile.name == "Chinook"
    qtbot.keyClick(picker.search, Qt.Key.Key_Down)
    assert picker.current_profile.name == "Warehouse"
    qtbot.keyClick(picker.search, Qt.Key.Key_Down)
    assert picker.current_profile.name == "Warehouse"
    qtbot.keyClick(picker.search, Qt.Key.Key_Up)
    assert picker.current_profile.name == "Chinook"


@pytest.mark.parametrize(
    ("key", "modifier", "name"),
    [
        (Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier, "open"),
        (Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier, "open-window"),
        (Qt.Key.Key_F2, Qt.KeyboardModifier.NoModifier, "edit"),
        (Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier, "duplicate"),
        (Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier, "remove"),
    ],
)
def test_keys_name_what_is_to_be_done_with_the_current_connection(qtbot, gui_workspace, themed, key, modifier, name):
    picker = Picker(gui_workspace(*[each for each in _profiles() if each.source is Source.LOCAL]))
    _show(qtbot, picker)
    picker.view.select_first()
    with qtbot.waitSignal(picker.command) as blocker:
        qtbot.keyClick(picker.search, key, modifier)
    assert blocker.args[0] == name
    assert blocker.args[1].name == "Chinook"


@pytest.mark.parametrize(
    ("key", "modifier", "signal"),
    [
        (Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier, "new_requested"),
        (Qt.Key.Key_F5, Qt.KeyboardModifier.NoModifier, "refresh_requested"),
        (Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier, "settings_requested"),
    ],
)
def test_keys_of_the_window(qtbot, gui_workspace, themed, key, modifier, signal):
    picker = Picker(gui_workspace(_profiles()[2]))
    _show(qtbot, picker)
    with qtbot.waitSignal(getattr(picker, signal)):
        qtbot.keyClick(picker.search, key, modifier)


def test_a_double_click_opens(qtbot, gui_workspace, themed):
    picker = Picker(gui_workspace(_profiles()[2]))
    _show(qtbot, picker)
    place = picker.view.visualRect(picker.model.index(picker.model.row_of("chinook"))).center()
    with qtbot.waitSignal(picker.command) as blocker:
        qtbot.mouseDClick(picker.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert (blocker.args[0], blocker.args[1].id) == ("open", "chinook")


def test_an_empty_list_says_both_ways_to_begin_and_offers_the_demo(qtbot, gui_workspace, themed):
    picker = Picker(gui_workspace())
    _show(qtbot, picker)
    page = picker._stack.currentWidget()
    buttons = {button.text(): button for button in page.findChildren(QPushButton)}
    assert set(buttons) == {"Connect to your Keeper Vault", "New connection", "Open a SQLite file…", "Try the demo"}
    for text, signal in (
        ("Connect to your Keeper Vault", picker.attach_requested),
        ("New connection", picker.new_requested),
        ("Try the demo", picker.demo_requested),
    ):
        with qtbot.waitSignal(signal):
            qtbot.mouseClick(buttons[text], Qt.MouseButton.LeftButton)


def test_a_search_without_a_match_says_so_and_can_be_cleared(qtbot, picker):
    qtbot.keyClicks(picker.search, "zzz")
    page = picker._stack.currentWidget()
    assert "No connection matches “zzz”" in [label.text() for label in page.findChildren(QLabel)]
    qtbot.mouseClick(page.findChild(QPushButton), Qt.MouseButton.LeftButton)
    assert picker.search.text() == ""
    assert picker._stack.currentWidget() is picker.view


def _notices(picker):
    return [notice for notice in picker.findChildren(Notice) if notice.isVisible()]


def test_removing_is_done_at_once_and_undo_brings_it_back(qtbot, app, picker):
    picker.view.select_profile("chinook")
    qtbot.keyClick(picker.view, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: [each.id for each in app.workspace.profiles()] == ["warehouse"])
    qtbot.waitUntil(lambda: bool(_notices(picker)))
    notice = _notices(picker)[0]
    assert notice.text == "“Chinook” was removed."
    qtbot.waitUntil(lambda: picker.model.row_of("chinook") < 0)
    undo = next(button for button in notice.findChildren(QPushButton) if button.text() == "Undo")
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: picker.model.row_of("chinook") >= 0)
    assert picker.current_profile.id == "chinook"


def test_duplicating_adds_a_copy_and_goes_to_it(qtbot, app, picker):
    picker.view.select_profile("chinook")
    qtbot.keyClick(picker.search, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(app.workspace.profiles()) == 3 and picker.current_profile.name == "Chinook copy")


def test_the_url_is_copied_without_a_password(qtbot, app, picker):
    picker.command.emit("copy-url", ConnectionProfile("x", "postgresql", host="db", user="me", database="shop"))
    assert QApplication.clipboard().text() == "postgresql://me@db/shop"


def test_a_vault_connection_is_not_removed_here(qtbot, app, picker):
    picker.command.emit("remove", _profiles()[0])
    assert "Remove its record in Keeper" in _notices(picker)[0].text
    picker.command.emit("show-record", _profiles()[0])
    assert QApplication.clipboard().text() == "uid-1"


def test_an_unusable_connection_is_explained_and_not_opened(qtbot, app, picker):
    picker.command.emit("open", _profiles()[1])
    assert _notices(picker)[0].text == "The record has no host. Enter one."
    assert not app.windows
    assert app.runner.is_idle


def test_the_menu_greys_out_what_does_not_fit(qtbot, picker):
    actions = {action.text(): action for action in picker.menu_for(_profiles()[1]).actions() if action.text()}
    assert not actions["Open"].isEnabled()
    assert not actions["Remove"].isEnabled()
    assert actions["Copy record uid"].isEnabled()
    assert len(actions) == len([command for command in COMMANDS if command])
    local = {action.text(): action for action in picker.menu_for(_profiles()[2]).actions() if action.text()}
    assert local["Open read-only"].isEnabled()
    assert not local["Copy record uid"].isVisible()


def test_names_from_outside_stay_on_one_line_and_in_order(qtmodeltester):
    model = ConnectionListModel()
    model.set_connections(
        [
            _vault("a\u202egpj.exe", folder=("one\ntwo",)),
            _vault("\U0001f468\u200d\U0001f469 \u05e9\u05dc\u05d5\u05dd", folder=("z",)),
        ]
    )
    assert [model.index(row).data() for row in range(4)] == [
        "one\u21b5two",
        "a\u27e8U+202E\u27e9gpj.exe",
        "z",
        "\U0001f468\u200d\U0001f469 \u05e9\u05dc\u05d5\u05dd",
    ]


def test_a_new_vault_is_shown_from_its_first_usable_connection(qtbot, gui_workspace, themed, monkeypatch):
    workspace = gui_workspace()
    profiles = [
        _vault("B", host="b", folder=("z",), id="b"),
        _vault("C", host="c", folder=("a",), id="c"),
        _vault("A", problem="The record has no host.", folder=("a",), id="a"),
    ]
    monkeypatch.setattr(workspace.vaults, "profiles", lambda: profiles)
    picker = Picker(workspace)
    qtbot.addWidget(picker)
    picker.show()
    picker.show_workspace()
    picker.show_vault("v1")
    assert picker.view.current_profile.name == "C"


def test_names_with_html_are_painted_as_they_are(qtbot, gui_workspace, themed):
    def picture(name):
        picker = Picker(gui_workspace(ConnectionProfile(name, "sqlite", id="same", path="/x")))
        _show(qtbot, picker)
        return picker.view.grab().toImage()

    assert picture("<b>x</b>") != picture("x")


def test_testing_a_connection_tells_the_version(qtbot, app, picker, store):
    picker.command.emit("test", ConnectionProfile("Store", "sqlite", path=str(store)))
    qtbot.waitUntil(lambda: bool(_notices(picker)))
    assert _notices(picker)[0].text.startswith("“Store” works: SQLite 3")


def test_opening_shows_a_window_and_hides_the_picker(qtbot, app, picker, store):
    profile = ConnectionProfile("Store", "sqlite", path=str(store))
    picker.command.emit("open", profile)
    assert picker.status._summary.text() == "Connecting to Store…"
    qtbot.waitUntil(lambda: bool(app.windows))
    assert app.windows[0].isVisible()
    assert not picker.isVisible()
    picker.show()
    picker.command.emit("open", profile)  # again: the same window comes to the front
    assert not picker.isVisible()
    assert len(app.windows) == 1


def test_a_failed_opening_is_told_and_the_picker_is_as_before(qtbot, app, picker, tmp_path):
    errors = []
    app.error_shown.connect(errors.append)
    picker.command.emit("open", ConnectionProfile("Gone", "sqlite", path=str(tmp_path / "gone.sqlite")))
    qtbot.waitUntil(lambda: bool(errors))
    assert "gone.sqlite" in str(errors[0])
    assert picker.status._summary.text().startswith("2 connections")
    assert picker.isVisible()
    qtbot.waitUntil(lambda: app.runner.is_idle)


def test_opening_can_be_cancelled_with_escape(qtbot, app, picker, silent_server):
    picker.command.emit(
        "open", ConnectionProfile("Silent", "postgresql", host="127.0.0.1", port=silent_server, password_mode="none")
    )
    qtbot.waitUntil(lambda: picker.status._cancel.isVisible())
    qtbot.keyClick(picker.search, Qt.Key.Key_Escape)
    assert not picker.status._cancel.isVisible()
    qtbot.waitUntil(lambda: app.runner.is_idle, timeout=20_000)
    assert not app.windows


def test_a_thousand_connections_are_all_there_and_the_last_can_be_reached(qtbot, gui_workspace, themed):
    many = [
        ConnectionProfile(f"Connection {number:04}", "postgresql", host=f"db{number}", id=f"c{number}")
        for number in range(1000)
    ]
    picker = Picker(gui_workspace(*many))
    _show(qtbot, picker)
    assert picker.model.shown == 1000
    picker.view.setFocus()
    qtbot.keyClick(picker.view, Qt.Key.Key_End)
    assert picker.current_profile.id == "c999"
    assert picker.view.viewport().rect().contains(picker.view.visualRect(picker.view.currentIndex()).center())


def test_the_menu_key_opens_the_menu_of_the_current_connection(qtbot, picker):
    picker.view.select_profile("chinook")
    picker._show_menu(QPoint(-1, -1))
    menus = [menu for menu in QApplication.topLevelWidgets() if menu.inherits("QMenu") and menu.isVisible()]
    assert len(menus) == 1
    menus[0].close()
