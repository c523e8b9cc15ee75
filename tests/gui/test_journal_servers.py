"""Restored windows and the history on real servers."""

from dataclasses import replace

import pytest

from keeperdb.connections.profile import PasswordMode
from keeperdb.data.edit_cells import NewValue
from keeperdb.gui.query_session import SessionState
from keeperdb.gui.table_tab import TableTab
from keeperdb.workspace.journal import WindowState


@pytest.fixture(params=["postgresql_server", "mariadb_server"])
def server(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def application(qtbot, runner, gui_workspace, gui_application, server):
    profile = replace(server.profile(), password_mode=PasswordMode.ASK)
    application = gui_application(gui_workspace(profile))
    application.profile = profile
    application.workspace.settings.set("safety.confirmation", "off")
    make = application.opener

    def opener(each):
        made = make(each)
        made._password = server.credential.password  # as if the person had entered it
        return made

    application.opener = opener
    yield application
    for window in application.windows:
        for tab in window.tabs.tabs:
            tab.close_session()
        window.tree.session.close()
    qtbot.waitUntil(lambda: runner.is_idle, timeout=20_000)


def run(qtbot, tab, sql):
    tab.editor.setPlainText(sql)
    tab.run_all()
    qtbot.waitUntil(lambda: not tab.is_busy and tab._run is None, timeout=20_000)


def test_a_window_comes_back_disconnected_and_goes_on_when_asked(qtbot, application, runner):
    window = application.restoring.show(WindowState(application.profile.id, application.profile.name))
    tab = window.tabs.current
    assert window.tree.session.state is SessionState.CLOSED
    run(
        qtbot,
        tab,
        "create table kept_edits (id integer primary key, name varchar(20)); insert into kept_edits values (1, 'a')",
    )
    try:
        qtbot.waitUntil(lambda: window.tree.model.rowCount() > 0 and not window.tree.session.is_busy, timeout=20_000)
        run(qtbot, tab, "select nothing from nowhere")
        qtbot.waitUntil(lambda: runner.is_idle, timeout=20_000)
        failed, insert, create = application.history.history.search(connection_id=application.profile.id)
        assert failed.error
        assert insert.rows == 1
        assert create.sql.startswith("create table")
        keep_a_staged_row(qtbot, application, window)
    finally:
        run(qtbot, tab, "drop table kept_edits")


def keep_a_staged_row(qtbot, application, window):
    """Staged in a table of the server, written down, and there again in a new window."""
    schema = window.tabs.current.session._session.database
    path = ("public", "kept_edits") if application.profile.engine == "postgresql" else (schema, "kept_edits")
    table = window.open_table(path)
    qtbot.waitUntil(lambda: table.editing is not None and not table.is_running, timeout=20_000)
    table.changes.insert([{"id": NewValue("2"), "name": NewValue("b")}])
    state = application.journal.move_tabs(window)
    again = application.restoring.show(state)
    qtbot.waitUntil(lambda: isinstance(again.tabs.current, TableTab), timeout=20_000)
    restored = again.tabs.current
    assert restored.session.state is SessionState.CLOSED
    assert restored.staged_count == 1
    restored.refresh()
    qtbot.waitUntil(lambda: restored.editing is not None and not restored.is_running, timeout=20_000)
    restored.editing.commit()
    qtbot.waitUntil(lambda: restored.staged_count == 0 and not restored.is_running, timeout=20_000)
    check = again.new_tab()
    run(qtbot, check, "select count(*) from kept_edits")
    assert check.results.current.model.cell(0, 0)[0] == "2"
    for each in (table, restored, check):
        each.close_session()
