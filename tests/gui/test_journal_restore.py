"""What was open is there again at the next start: whole, not run, connected to nothing."""

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.data.edit_cells import NewValue
from keeperdb.gui.notices import Notice
from keeperdb.gui.parameters_dialog import Given
from keeperdb.gui.query_session import SessionState
from keeperdb.gui.restored_page import RestoredPage
from keeperdb.gui.runner import Runner
from keeperdb.gui.table_tab import TableTab
from keeperdb.query.completion.kept import KeptNames
from keeperdb.query.completion.names import NameIndex, TableName
from keeperdb.query.parameters import ParameterKind
from keeperdb.task import Task


@pytest.fixture
def profile(store):
    return ConnectionProfile("Store", "sqlite", path=str(store))


@pytest.fixture
def start(qtbot, themed, gui_workspace, profile, request):
    """Starts the program on one home, as often as it is called; the run before ends first."""
    from keeperdb.gui.app import Application

    runs = []

    def end():
        if runs:
            application, runner = runs.pop()
            for window in list(application.windows):
                window.deleteLater()
            application.shut_down()
            for widget in themed.topLevelWidgets():
                widget.hide()
                widget.deleteLater()
            application.deleteLater()
            qtbot.wait(20)
            assert runner.shutdown(20)

    def begin(*profiles, settings=(), home=None):
        end()
        workspace = gui_workspace(*(profiles or (profile,)), home=home)
        for name, value in settings:
            workspace.settings.set(name, value)
        runner = Runner()
        application = Application(themed, workspace, runner)
        runs.append((application, runner))
        application.start()
        qtbot.waitUntil(lambda: application._watch.isActive() and runner.is_idle)
        return application

    yield begin
    end()


def open_window(qtbot, application, profile):
    count = len(application.windows)
    application.open_window(profile)
    qtbot.waitUntil(lambda: len(application.windows) > count and application.runner.is_idle)
    window = application.windows[-1]
    qtbot.waitUntil(lambda: not window.tree.session.is_busy)
    return window


def settled(qtbot, application):
    qtbot.waitUntil(lambda: application.windows != [] and all(each.restored.is_settled for each in application.windows))
    qtbot.waitUntil(lambda: application.runner.is_idle)
    return application.windows[0]


def notice_of(widget):
    return widget.findChildren(Notice)[-1]


def test_text_caret_selection_parameters_titles_and_files_come_back(qtbot, start, profile, tmp_path):
    window = open_window(qtbot, start(), profile)
    first = window.tabs.current
    first.editor.setPlainText("select '\U0001f600', :id\nfrom track")
    first.editor.setTextCursor(first.editor.place(12, 16))
    first.editor.document().setModified(True)
    first.given = {"id": Given(ParameterKind.NUMBER, "7")}
    second = window.new_tab("select 2", "second")
    second.set_file(str(tmp_path / "report.sql"), is_same=True)
    window.new_tab("select 3")
    window.tabs.go_to(first)
    window = settled(qtbot, start())
    assert [page.head.title if isinstance(page, RestoredPage) else page.title for page in window.tabs.pages] == [
        "query 1",
        "report.sql",
        "query 2",
    ]
    tab = window.tabs.current
    assert tab.editor.script() == "select '\U0001f600', :id\nfrom track"
    assert tab.editor.selection() == (12, 16)
    assert tab.given == {"id": Given(ParameterKind.NUMBER, "7")}
    assert tab.has_unsaved_text
    window.tabs.step(1)
    qtbot.waitUntil(lambda: window.tabs.current is not None and window.tabs.current is not tab)
    assert window.tabs.current.file_path == str(tmp_path / "report.sql")
    assert not window.tabs.current.has_unsaved_text
    assert window.new_tab().title == "query 3"


def test_a_restored_window_runs_nothing_and_connects_to_nothing_until_asked(qtbot, start, profile):
    window = open_window(qtbot, start(), profile)
    window.tabs.current.editor.setPlainText("select 41 + 1")
    window = settled(qtbot, start())
    assert window.tree.session.state is SessionState.CLOSED
    assert window.tabs.current.session.state is SessionState.CLOSED
    assert window.reopen_bar.isVisible()
    qtbot.mouseClick(window.reopen_bar.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: _labels(window) == ["Tables", "Views"] and not window.tree.session.is_busy)
    assert not window.reopen_bar.isVisible()
    assert window.tabs.current.session.state is SessionState.CLOSED
    assert window.status.version.text()


def test_the_names_that_were_read_before_are_shown_without_connecting(qtbot, start, profile):
    application = start()
    window = open_window(qtbot, application, profile)
    window.tabs.current.editor.setPlainText("select 1")
    kept = KeptNames(application.workspace.paths.cache / "catalog", profile)
    kept.write(NameIndex([TableName(("main", "track")), TableName(("main", "long_tracks"), is_view=True)]), Task())
    window = settled(qtbot, start())
    qtbot.waitUntil(lambda: _labels(window) == ["long_tracks", "track"])
    assert window.tree.session.state is SessionState.CLOSED
    window.reopen_bar.connect_now()
    qtbot.waitUntil(lambda: _labels(window) == ["Tables", "Views"] and not window.tree.session.is_busy)


def _labels(window):
    root = window.tree.model.root
    return [root.child(row).label for row in range(window.tree.model.rowCount())]


def test_running_in_a_restored_window_connects_the_tab_and_then_the_tree(qtbot, start, profile):
    window = open_window(qtbot, start(), profile)
    window.tabs.current.editor.setPlainText("select 41 + 1")
    window = settled(qtbot, start())
    window.tabs.current.run_all()
    qtbot.waitUntil(lambda: window.tabs.current.results.current is not None and not window.tabs.current.is_busy)
    assert window.tabs.current.results.current.model.cell(0, 0)[0] == "42"
    qtbot.waitUntil(lambda: window.tree.model.rowCount() > 0 and not window.tree.session.is_busy)


def test_texts_are_read_when_their_tabs_are_looked_at(qtbot, start, profile):
    window = open_window(qtbot, start(), profile)
    for number in range(5):
        window.new_tab(f"select {number}")
    window = settled(qtbot, start())
    assert len(window.tabs.tabs) == 1
    assert sum(isinstance(page, RestoredPage) for page in window.tabs.pages) == 4


def test_staged_changes_of_a_table_come_back(qtbot, start, profile):
    window = open_window(qtbot, start(), profile)
    tab = window.open_table(("main", "kinds"))
    qtbot.waitUntil(lambda: tab.editing is not None and not tab.is_running)
    tab.changes.insert([{"id": NewValue("77"), "name": NewValue("new")}])
    window = settled(qtbot, start())
    tab = window.tabs.current
    assert isinstance(tab, TableTab)
    assert tab.staged_count == 1
    assert tab.session.state is SessionState.CLOSED
    tab.refresh()
    qtbot.waitUntil(lambda: tab.editing is not None and not tab.is_running)
    assert tab.editing.count == 1


def test_staged_changes_of_a_result_go_on_in_a_tab_of_the_table(qtbot, start, profile):
    window = open_window(qtbot, start(), profile)
    tab = window.tabs.current
    tab.editor.setPlainText("select id, name from kinds")
    tab.run_all()
    qtbot.waitUntil(lambda: tab.results.current is not None and not tab.is_busy)
    tab.result_editing.edit_current()
    qtbot.waitUntil(lambda: tab.result_editing.of(tab.results.current) is not None)
    staging = tab.result_editing.of(tab.results.current).editing.stagings[0]
    staging.changes.insert([{"id": NewValue("78")}])
    window = settled(qtbot, start())
    table = next(each for each in window.tabs.tabs if isinstance(each, TableTab))
    assert table.path[-1] == "kinds"
    assert table.staged_count == 1
    assert any(each.editor.script() == "select id, name from kinds" for each in window.tabs.tabs)


def test_a_tab_without_its_connection_comes_back_and_goes_on_on_another(qtbot, start, profile, store, tmp_path):
    other = ConnectionProfile("Other", "sqlite", path=str(store))
    application = start(profile, other)
    window = open_window(qtbot, application, profile)
    window.tabs.current.editor.setPlainText("select 'kept'")
    application.shut_down()
    application.workspace.connections.remove(profile.id)
    path = tmp_path / "home" / "data" / "journal" / "1" / "windows.json"
    path.write_text(path.read_text().replace(str(store), ""))  # a file would be found without its connection
    application = start(other)
    window = settled(qtbot, application)
    assert window.is_missing
    assert window.tabs.current.editor.script() == "select 'kept'"
    window.tabs.current.run_all()
    qtbot.waitUntil(lambda: window.tabs.current.results.error_strip.isVisible())
    assert "not there any more" in window.tabs.current.results.error_strip.message.text()
    application.restoring.move(window, other)
    qtbot.waitUntil(lambda: [each.profile.name for each in application.windows] == ["Other"])
    moved = settled(qtbot, application)
    assert moved.tabs.current.editor.script() == "select 'kept'"


def test_two_failed_starts_lead_to_one_that_restores_nothing_until_asked(qtbot, start, profile, tmp_path):
    window = open_window(qtbot, start(), profile)
    window.tabs.current.editor.setPlainText("select 'kept'")
    start().shut_down()
    (tmp_path / "home" / "data" / "start.json").write_text(json.dumps({"failed_starts": 2}))
    application = start()
    assert application.windows == []
    notice = notice_of(application.picker)
    assert "last two starts failed" in notice.text
    button = next(each for each in notice.findChildren(QPushButton) if each.text() == "Restore tabs")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert settled(qtbot, application).tabs.current.editor.script() == "select 'kept'"


def test_a_start_counts_as_good_once_its_windows_can_be_used(qtbot, start, profile, tmp_path):
    window = open_window(qtbot, start(), profile)
    window.tabs.current.editor.setPlainText("select 1")
    settled(qtbot, start())
    guard = tmp_path / "home" / "data" / "start.json"
    qtbot.waitUntil(lambda: json.loads(guard.read_text())["failed_starts"] == 0)


@pytest.mark.parametrize(("choice", "is_offered"), [("ask", True), ("list", False)])
def test_the_list_is_shown_first_if_the_person_wants_that(qtbot, start, profile, choice, is_offered):
    window = open_window(qtbot, start(), profile)
    window.tabs.current.editor.setPlainText("select 'kept'")
    application = start(settings=[("tabs.at_start", choice)])
    assert application.windows == []
    assert application.picker.isVisible()
    assert bool([each for each in application.picker.findChildren(Notice) if "open" in each.text]) is is_offered
    window = open_window(qtbot, application, profile)  # its tabs come back with the connection all the same
    assert settled(qtbot, application).tabs.current.editor.script() == "select 'kept'"


def test_a_closed_window_gives_its_tabs_to_the_next_of_its_connection(qtbot, start, profile):
    application = start()
    window = open_window(qtbot, application, profile)
    window.tabs.current.editor.setPlainText("select 'kept'")
    application.show_picker()
    window.close()
    qtbot.waitUntil(lambda: application.windows == [])
    assert settled_window(qtbot, application, profile).tabs.current.editor.script() == "select 'kept'"


def settled_window(qtbot, application, profile):
    open_window(qtbot, application, profile)
    return settled(qtbot, application)


def test_a_closed_tab_can_be_opened_again_after_a_restart(qtbot, start, profile):
    window = open_window(qtbot, start(), profile)
    window.new_tab("select 'closed'", "gone")
    window.close_tab()
    window.tabs.current.editor.setPlainText("select 'open'")
    window = settled(qtbot, start())
    window.reopen_tab()
    qtbot.waitUntil(lambda: len(window.tabs.tabs) == 2)
    assert window.tabs.current.title == "gone"
    assert window.tabs.current.editor.script() == "select 'closed'"


def test_a_closed_table_is_opened_again_with_what_was_staged(qtbot, start, profile):
    window = open_window(qtbot, start(), profile)
    table = window.open_table(("main", "kinds"))
    qtbot.waitUntil(lambda: table.editing is not None and not table.is_running)
    table.changes.insert([{"id": NewValue("77")}])
    window.close_tab(table)
    assert table not in window.tabs.tabs
    window.reopen_tab()
    qtbot.waitUntil(lambda: isinstance(window.tabs.current, TableTab))
    assert window.tabs.current.staged_count == 1


def test_a_huge_text_is_opened_only_when_asked(qtbot, start, profile, tmp_path):
    window = open_window(qtbot, start(), profile)
    window.tabs.current.editor.setPlainText("select 1")
    start().shut_down()
    path = next((tmp_path / "home" / "data" / "journal" / "1").glob("windows.json"))
    document = json.loads(path.read_text())
    document["windows"][0]["tabs"][0]["size"] = 50_000_000
    path.write_text(json.dumps(document))
    window = settled(qtbot, start())
    page = window.tabs.current_page
    assert isinstance(page, RestoredPage)
    button = page.findChild(QPushButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.tabs.current is not None)
    assert window.tabs.current.editor.script() == "select 1"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"[" * 100_000, b'{"windows": 3}'])
def test_a_damaged_journal_does_not_stop_the_start(qtbot, start, profile, tmp_path, content):
    window = open_window(qtbot, start(), profile)
    window.tabs.current.editor.setPlainText("select 'kept'")
    start().shut_down()
    (tmp_path / "home" / "data" / "journal" / "1" / "windows.json").write_bytes(content)
    assert settled(qtbot, start()).tabs.current.editor.script() == "select 'kept'"


def test_where_the_journal_cannot_be_written_it_is_said_and_closing_asks(qtbot, start, profile, tmp_path):
    application = start()
    window = open_window(qtbot, application, profile)
    folder = tmp_path / "home" / "data" / "journal" / "1"
    qtbot.waitUntil(lambda: (folder / "windows.json").exists())
    (folder / "windows.json").unlink()
    (folder / "windows.json").mkdir()
    qtbot.keyClicks(window.tabs.current.editor, "select 1")
    qtbot.waitUntil(lambda: not application.journal.is_keeping)
    assert "cannot be kept" in notice_of(window).text
    (folder / "windows.json").rmdir()
    application.journal._clock.start(0)
    qtbot.waitUntil(lambda: application.journal.is_keeping)


def test_a_split_window_comes_back_split_with_what_is_seen_of_it_opened(qtbot, start, profile):
    window = open_window(qtbot, start(), profile)
    for number, direction in (("1", ""), ("2", "view.split_down"), ("3", "view.split"), ("4", "")):
        window.new_tab(f"select {number}", f"tab {number}")
        if direction:
            next(action for action in window.actions() if action.objectName() == direction).trigger()
    qtbot.wait(20)

    def shown(window):
        return [[[page_title(page) for page in pane.pages] for pane in column] for column in window.tabs.columns]

    def page_title(page):
        return page.head.title if isinstance(page, RestoredPage) else page.title

    before = [[["tab 1"], ["tab 2"]], [["tab 3", "tab 4"]]]
    window.close_tab(next(tab for tab in window.tabs.tabs if tab.title == "query 1"))
    assert shown(window) == before
    window.tabs.go_to(window.tabs.tabs[-1])
    again = start()
    qtbot.waitUntil(lambda: bool(again.windows))
    window = again.windows[0]
    qtbot.waitUntil(lambda: all(not isinstance(pane.currentWidget(), RestoredPage) for pane in window.tabs.panes))
    assert shown(window) == before
    assert window.tabs.current.title == "tab 4"
