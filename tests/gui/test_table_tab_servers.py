"""The rows of a table on real servers: editors by type, sorting by the server, and a commit of all of it."""

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit

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


_SETS = {
    "postgresql": "CREATE TABLE {t} (id serial PRIMARY KEY, note text DEFAULT 'usual', at timestamptz, d date, u uuid,"
    " pic bytea, story text)",
    "mariadb": "CREATE TABLE {t} (id int AUTO_INCREMENT PRIMARY KEY, note varchar(20) DEFAULT 'usual', at datetime(6),"
    " d date, u char(36), pic blob, story text)",
}


def test_null_default_moments_uuids_and_files_are_set_by_the_server_or_from_disk(
    qtbot, runner, settings, place, tmp_path, monkeypatch
):
    opener, database, _ = place
    path = database.new_path("sets")
    name = database.table(path)
    database.run(_SETS[database.name].format(t=name))
    database.run(f"INSERT INTO {name} (note, story) VALUES ('one', 'old'), ('two', NULL), ('three', NULL)")
    tab = TableTab(runner, settings, opener.profile, get_engine(opener.profile.engine), opener, path)
    qtbot.addWidget(tab)
    with qtbot.waitExposed(tab):
        tab.show()
    tab.load()
    qtbot.waitUntil(lambda: not tab.is_busy, timeout=20_000)
    grid, model = tab.results.current.grid, tab.results.current.model
    names = [column.name for column in model.columns]

    def select(column, rows=(0, 1)):
        flags = QItemSelectionModel.SelectionFlag
        grid.setCurrentIndex(model.index(rows[0], names.index(column)))
        for row in rows:
            grid.selectionModel().select(model.index(row, names.index(column)), flags.Select)

    def load(column, content):
        file = tmp_path / column
        file.write_bytes(content)
        monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
        select(column, (0,))
        before = tab.changes.undo_number
        tab.editing.sources.load_file()
        qtbot.waitUntil(lambda: tab.changes.undo_number != before)

    for column, act in (("at", "set_now"), ("d", "set_now"), ("u", "set_uuid"), ("note", "set_default")):
        select(column)
        getattr(tab.editing, act)()
    assert model.cell(0, names.index("note"))[0] == "DEFAULT"
    load("pic", b"\x00\xff\x80")
    load("story", "first\nsecond ü".encode())
    select("note", (2,))
    tab.editing.set_null()
    tab.editing.commit()
    qtbot.waitUntil(lambda: not tab.editing.committing.is_active and not tab.is_busy, timeout=20_000)
    columns = "note, at IS NOT NULL, d IS NOT NULL, pic, story"
    one, two, three = database.run(f"SELECT {columns} FROM {name} ORDER BY id")
    assert one[0] == two[0] == "usual"
    assert three == (None, *(["f", "f"] if database.name == "postgresql" else ["0", "0"]), None, None)
    assert one[1:3] == two[1:3] != three[1:3]
    assert one[3].endswith("00ff80")
    assert one[4] == "first\nsecond ü"
    assert database.run(f"SELECT COUNT(DISTINCT u), MIN(LENGTH(CAST(u AS char(36)))) FROM {name}") == [("2", "36")]
    tab.close_session()
    qtbot.waitUntil(lambda: runner.is_idle, timeout=20_000)
