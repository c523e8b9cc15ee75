"""Staged changes written to real databases: exactly one row each, all or nothing."""

import json

import pytest

from keeperdb.connections.profile import CommitMode
from keeperdb.data.edit_batches import preview
from keeperdb.data.edit_cells import NewValue, Stand, cell_at
from keeperdb.data.edit_plan import Staging
from keeperdb.data.edits import EditError, EditReason, commit
from keeperdb.data.keys import best_key, verify_virtual_key
from keeperdb.data.staged import RowState, StagedChanges, StoredRow
from keeperdb.errors import KeeperDBError
from keeperdb.query.table_shape import KeyKind, TableKey, describe_table
from keeperdb.task import Task

_MAKE = {
    "sqlite": "CREATE TABLE {t} (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE NOT NULL DEFAULT 'new', rate REAL,"
    " note TEXT)",
    "postgresql": "CREATE TABLE {t} (id serial PRIMARY KEY, name text NOT NULL DEFAULT 'new', rate double precision,"
    " note json)",
    "mariadb": "CREATE TABLE {t} (id int AUTO_INCREMENT PRIMARY KEY, name varchar(40) NOT NULL DEFAULT 'new',"
    " rate float, note text)",
}
_ROWS = """INSERT INTO {t} (name, rate, note) VALUES ('one', 0.1, NULL), ('two', 2.5, '"b"'), ('three', NULL, '[]')"""


def make(edited, statement=None):
    path = edited.new_path()
    table = edited.table(path)
    edited.run((statement or _MAKE[edited.name]).format(t=table))
    if statement is None:
        edited.run(_ROWS.format(t=table))
    shape = describe_table(edited.session, path, Task())
    return path, table, shape


def stage(edited, shape, key=None):
    """Nothing staged yet, and every row as it was read."""
    key = key or best_key(shape)
    table = edited.table(shape.path)
    result = edited.session.execute(f"SELECT * FROM {table}", Task())[-1]
    result.fetch(10_000, Task())
    rows = []
    for row in range(result.row_count):
        values = {
            column.name: cell_at(result, row, n, column, edited.session.engine.dialect)
            for n, column in enumerate(result.columns)
        }
        rows.append(StoredRow(tuple(values[name] for name in key.columns), values))
    return Staging(shape, key, StagedChanges(shape.path, key.columns)), rows


def test_the_shape_tells_keys_defaults_and_what_the_server_makes(edited):
    _, _, shape = make(edited)
    assert best_key(shape) == TableKey(KeyKind.PRIMARY, ("id",))
    assert [column.name for column in shape.columns] == ["id", "name", "rate", "note"]
    assert shape.by_name["id"].is_auto
    assert shape.by_name["name"].is_required
    assert "new" in shape.by_name["name"].default
    assert not shape.locked


def test_changes_insertions_and_deletions_are_written_together(edited):
    _, table, shape = make(edited)
    staging, (one, two, three) = stage(edited, shape)
    changes = staging.changes
    changes.set_cells([(one, "name", NewValue("it's \\ ❄")), (one, "rate", NewValue(None))])
    changes.delete([two])
    changes.set_cells([(three, "name", NewValue(stand=Stand.DEFAULT))])
    (number,) = changes.insert([{"name": NewValue("four")}])
    done = commit(edited.session, [staging], Task())
    assert done.counts == {RowState.MODIFIED: 2, RowState.INSERTED: 1, RowState.DELETED: 1}
    assert edited.run(f"SELECT id, name, rate FROM {table} ORDER BY id") == [
        ("1", "it's \\ ❄", None),
        ("3", "new", None),
        ("4", "four", None),
    ]
    assert [str(cell) for cell in done.keys[(0, number)]] == ["4"]
    assert not edited.session.in_transaction
    assert edited.session.commit_mode is CommitMode.AUTO


def test_a_row_that_somebody_else_changed_is_named_and_nothing_is_written(edited):
    _, table, shape = make(edited)
    staging, (one, two, three) = stage(edited, shape)
    other = edited.open()
    edited.run(f"UPDATE {table} SET name = 'TWO' WHERE id = 2", other)  # only its case is different
    staging.changes.set_cells([(one, "name", NewValue("x")), (two, "rate", NewValue("7"))])
    staging.changes.delete([three])
    with pytest.raises(EditError) as caught:
        commit(edited.session, [staging], Task())
    assert caught.value.reason is EditReason.CHANGED
    assert caught.value.ref == two.key
    assert caught.value.current == {"name": "TWO"}
    assert "id = 2" in caught.value.message
    assert "“TWO”" in caught.value.message
    assert edited.run(f"SELECT id, name FROM {table} ORDER BY id") == [("1", "one"), ("2", "TWO"), ("3", "three")]
    assert len(staging.changes) == 3
    assert not edited.session.in_transaction


def test_a_row_that_somebody_else_deleted_is_named(edited):
    _, table, shape = make(edited)
    staging, (one, two, _) = stage(edited, shape)
    edited.run(f"DELETE FROM {table} WHERE id = 2", edited.open())
    staging.changes.delete([one, two])
    with pytest.raises(EditError) as caught:
        commit(edited.session, [staging], Task())
    assert (caught.value.reason, caught.value.ref) == (EditReason.GONE, two.key)
    assert len(edited.run(f"SELECT id FROM {table}")) == 2


def test_what_the_server_refuses_takes_everything_back(edited):
    _, table, shape = make(edited)
    staging, (one, two, _) = stage(edited, shape)
    staging.changes.set_cells([(one, "name", NewValue("x")), (two, "name", NewValue(None))])
    with pytest.raises(EditError) as caught:
        commit(edited.session, [staging], Task())
    assert (caught.value.reason, caught.value.ref) == (EditReason.REFUSED, two.key)
    assert edited.run(f"SELECT name FROM {table} WHERE id = 1") == [("one",)]


def test_a_change_that_is_none_for_the_server_is_written_too(edited):
    _, table, shape = make(edited)
    staging, (_, two, _) = stage(edited, shape)
    staging.changes.set_cells([(two, "rate", NewValue("2.50"))])
    commit(edited.session, [staging], Task())
    assert float(edited.run(f"SELECT rate FROM {table} WHERE id = 2")[0][0]) == 2.5


def test_in_a_transaction_that_is_open_only_the_changes_are_taken_back(edited):
    _, table, shape = make(edited)
    staging, (one, two, _) = stage(edited, shape)
    session = edited.session
    session.set_commit_mode(CommitMode.MANUAL, Task())
    edited.run(f"INSERT INTO {table} (id, name) VALUES (9, 'mine')")
    staging.changes.set_cells([(one, "name", NewValue("x")), (two, "name", NewValue(None))])
    with pytest.raises(EditError):
        commit(session, [staging], Task())
    assert session.in_transaction
    staging.changes.revert([two.key])
    assert not commit(session, [staging], Task()).is_final
    assert session.in_transaction
    session.commit(Task())
    assert edited.run(f"SELECT id, name FROM {table} ORDER BY id") == [
        ("1", "x"), ("2", "two"), ("3", "three"), ("9", "mine"),
    ]  # fmt: skip


def test_the_preview_does_the_same_as_the_commit(edited):
    _, table, shape = make(edited)
    staging, (one, two, three) = stage(edited, shape)
    staging.changes.set_cells([(one, "name", NewValue("a'b\\c:d %s ü")), (two, "note", NewValue('{"k": [1, 2]}'))])
    staging.changes.delete([three])
    staging.changes.insert([{"name": NewValue(""), "rate": NewValue("1.5")}, {}])
    text = preview(edited.session.engine, [staging])
    from keeperdb.query.statements import split

    for statement in split(text, edited.session.engine.dialect):
        edited.session.execute(statement, Task())
    assert edited.run(f"SELECT name, rate, note FROM {table} ORDER BY id") == [
        ("a'b\\c:d %s ü", "0.1", None),
        ("two", "2.5", '{"k": [1, 2]}'),
        ("", "1.5", None),
        ("new", None, None),
    ]


def test_a_read_only_connection_writes_nothing(edited):
    _, table, shape = make(edited)
    staging, (one, _, _) = stage(edited, shape)
    staging.changes.delete([one])
    with pytest.raises(EditError, match="read-only"):
        commit(edited.open(read_only=True), [staging], Task())
    assert len(edited.run(f"SELECT id FROM {table}")) == 3


def test_a_virtual_key_is_counted_and_still_has_to_find_one_row(edited):
    _, table, shape = make(edited, "CREATE TABLE {t} (a int, b varchar(9))")
    edited.run(f"INSERT INTO {table} VALUES (1, 'x'), (1, 'y'), (NULL, 'z')")
    assert best_key(shape) is None
    with pytest.raises(KeeperDBError, match="several rows have a = 1"):
        verify_virtual_key(edited.session, shape, ["a"], Task())
    key = verify_virtual_key(edited.session, shape, ["a", "b"], Task())
    staging, rows = stage(edited, shape, key)
    by_name = {row.values["b"]: row for row in rows}
    staging.changes.set_cells([(by_name["z"], "a", NewValue("3"))])
    commit(edited.session, [staging], Task())
    assert edited.run(f"SELECT a FROM {table} WHERE b = 'z'") == [("3",)]
    staging.changes.forget()
    edited.run(f"INSERT INTO {table} VALUES (1, 'x')")
    staging.changes.set_cells([(by_name["x"], "b", NewValue("w"))])
    with pytest.raises(EditError) as caught:
        commit(edited.session, [staging], Task())
    assert caught.value.reason is EditReason.SEVERAL
    assert edited.run(f"SELECT count(*) FROM {table} WHERE b = 'w'") == [("0",)]


def test_staged_changes_survive_as_json_and_are_written_by_another_session(edited):
    _, table, shape = make(edited)
    staging, (one, two, _) = stage(edited, shape)
    staging.changes.set_cells([(one, "name", NewValue("kept"))])
    staging.changes.delete([two])
    staging.changes.insert([{"name": NewValue("added")}])
    kept = json.loads(json.dumps(staging.changes.to_json()))
    again = Staging(shape, staging.key, StagedChanges.from_json(kept))
    assert again.changes.changes == staging.changes.changes
    commit(edited.open(), [again], Task())
    assert edited.run(f"SELECT name FROM {table} ORDER BY id") == [("kept",), ("three",), ("added",)]


def test_what_cannot_be_rolled_back_is_written_one_change_at_a_time(edited):
    engine = " ENGINE=MyISAM" if edited.name == "mariadb" else ""
    _, table, shape = make(edited, f"CREATE TABLE {{t}} (id int PRIMARY KEY, a int){engine}")
    edited.run(f"INSERT INTO {table} VALUES (1, 1), (2, 2)")
    staging, (one, two) = stage(edited, shape)
    staging.changes.set_cells([(one, "a", NewValue("5")), (two, "a", NewValue("6"))])
    assert shape.is_transactional is not bool(engine)
    if engine:
        with pytest.raises(EditError, match="cannot be rolled back"):
            commit(edited.session, [staging], Task())
        staging.changes.revert([two.key])
    commit(edited.session, [staging], Task())
    assert edited.run(f"SELECT a FROM {table} ORDER BY id") == [("5",), ("2" if engine else "6",)]


def test_keys_defaults_and_references_are_found_where_names_are_hostile(edited):
    parent, child = edited.new_path('par"ent`; [x]'), edited.new_path("chi'ld %s :v1")
    p, c = edited.table(parent), edited.table(child)
    quote = edited.session.engine.quote
    edited.run(f"CREATE TABLE {p} ({quote('k:v1')} varchar(9) NOT NULL PRIMARY KEY)")
    edited.run(
        f"CREATE TABLE {c} (id int NOT NULL, {quote('r %s')} varchar(9), UNIQUE (id),"
        f" FOREIGN KEY ({quote('r %s')}) REFERENCES {p} ({quote('k:v1')}))"
    )
    edited.run(f"INSERT INTO {p} VALUES ('a'), ('b')")
    edited.run(f"INSERT INTO {c} VALUES (1, 'a')")
    shape = describe_table(edited.session, child, Task())
    assert best_key(shape) == TableKey(KeyKind.UNIQUE, ("id",))
    (key,) = shape.foreign_keys
    assert (key.columns, key.target, key.target_columns) == (("r %s",), parent, ("k:v1",))
    staging, (row,) = stage(edited, shape)
    staging.changes.set_cells([(row, "r %s", NewValue("b"))])
    commit(edited.session, [staging], Task())
    assert edited.run(f"SELECT {quote('r %s')} FROM {c}") == [("b",)]
