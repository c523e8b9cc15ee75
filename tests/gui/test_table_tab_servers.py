"""The rows of a table on real servers: editors by type, sorting by the server, and a commit of all of it."""

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QComboBox, QLineEdit

from keeperdb.engines.registry import get_engine
from keeperdb.gui.table_tab import TableTab
from keeperdb.task import Task
from tests.fixtures.edit_tables import EditedDatabase
from tests.gui.test_query_tab_servers import ServerOpener

_MAKE = {
    "postgresql": "CREATE TYPE {t}_mood AS ENUM ('ok', 'it''s fine');"
    "CREATE TABLE {t} (id serial PRIMARY KEY, mood {t}_mood, is_on boolean, at timestamptz, doc jsonb, amount numeric)",
    "mariadb": "CREATE TABLE {t} (id int AUTO_INCREMENT PRIMARY KEY, mood enum('ok', 'it''s fine'), is_on tinyint(1),"
    " at datetime(3), doc json, amount decimal(30, 10))",
}


@pytest.fixture(params=["postgresql", "mariadb"])
def place(request, runner):
    """An opener for the server, and a table with two rows."""
    server = request.getfixturevalue(f"{request.param}_server")
    opener = ServerOpener(server)
    path = (server.database, "public") if request.param == "postgresql" else (server.database,)
    database = EditedDatabase(request.param, lambda: opener.open(Task()), path)
    table = database.new_path("gui")
    for statement in _MAKE[request.param].format(t=database.table(table).replace('"', "").replace("`", "")).split(";"):
        database.run(statement)
    database.run(f"INSERT INTO {database.table(table)} (mood, amount) VALUES ('ok', 2), (NULL, 1)")
    yield opener, database, table
    for session in opener.opened:
        session.close()


def test_rows_of_a_server_are_sorted_edited_by_type_and_committed(qtbot, runner, settings, place):
    opener, database, path = place
    tab = TableTab(runner, settings, opener.profile, get_engine(opener.profile.engine), opener, path)
    qtbot.addWidget(tab)
    tab.resize(900, 500)
    with qtbot.waitExposed(tab):
        tab.show()
    tab.load()

    def settle() -> None:
        qtbot.waitUntil(lambda: not tab.is_busy, timeout=20_000)

    settle()
    names = [column.name for column in tab.results.current.model.columns]
    tab.sort(names.index("amount"), False)
    settle()
    model, grid = tab.results.current.model, tab.results.current.grid
    assert [model.cell(row, 0)[0] for row in range(2)] == ["2", "1"]

    def edit(column, kind):
        index = model.index(0, names.index(column))
        grid.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        grid.setFocus()
        tab.editing.edit_cell()
        return grid.viewport().findChild(kind)

    for column, word in (("mood", "it's fine"), ("is_on", "true")):
        box = edit(column, QComboBox)
        box.setCurrentText(word)
        box.activated.emit(box.currentIndex())
        qtbot.waitUntil(lambda: grid.viewport().findChild(QComboBox) is None)
    line = edit("amount", QLineEdit)
    line.selectAll()
    qtbot.keyClicks(line, "12345678901234567890.0123456789")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: grid.viewport().findChild(QLineEdit) is None)
    tab.editing.typed(0, names.index("doc"), '{"a": [1]}')
    tab.editing.typed(0, names.index("at"), "2024-02-29 12:30:00")
    assert tab.staged_count == 1
    tab.editing.commit()
    settle()
    qtbot.waitUntil(lambda: not tab.editing.committing.is_active and not tab.is_busy, timeout=20_000)
    assert tab.staged_count == 0
    ((mood, is_on, at, doc, amount),) = database.run(
        f"SELECT mood, is_on, at, doc, amount FROM {database.table(path)} WHERE id = 2"
    )
    assert (mood, is_on, doc.replace(" ", "")) == ("it's fine", is_on, '{"a":[1]}')
    assert is_on in ("t", "1")
    assert at.startswith("2024-02-29 12:30:00")
    assert amount == "12345678901234567890.0123456789"
    tab.close_session()
    qtbot.waitUntil(lambda: runner.is_idle, timeout=20_000)
