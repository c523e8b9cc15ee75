"""Rows with the same change share a statement, and still each of them is touched exactly once or nothing is."""

import pytest

from keeperdb.data.edit_batches import preview
from keeperdb.data.edit_cells import NewValue
from keeperdb.data.edits import EditError, EditReason, commit
from keeperdb.data.keys import verify_virtual_key
from keeperdb.task import Task
from tests.data.test_edits import make, stage


def many(edited, count=450):
    _, table, shape = make(edited)
    edited.run(f"DELETE FROM {table}")
    edited.run(f"INSERT INTO {table} (name, rate) VALUES " + ", ".join(f"('n{n}', {n})" for n in range(count)))
    return table, shape


def sent(edited, monkeypatch):
    """The statements that change something, as they are sent."""
    found, execute = [], edited.session.execute

    def watched(statement, *arguments, **named):
        text = str(getattr(statement, "text", statement))
        if text.startswith(("UPDATE", "DELETE")):
            found.append(text)
        return execute(statement, *arguments, **named)

    monkeypatch.setattr(edited.session, "execute", watched)
    return found


def test_the_same_value_in_many_rows_is_written_by_few_statements(edited, monkeypatch):
    table, shape = many(edited)
    staging, rows = stage(edited, shape)
    staging.changes.set_cells([(row, "note", NewValue('"x"')) for row in rows[:300]])
    staging.changes.delete(rows[300:])
    assert preview(edited.session.engine, [staging]).count("UPDATE") < 10
    found = sent(edited, monkeypatch)
    done = commit(edited.session, [staging], Task())
    assert sorted(done.counts.values()) == [0, 150, 300]
    assert 2 < len(found) < 10
    assert edited.run(f"SELECT count(*), count(note) FROM {table}") == [("300", "300")]


def test_a_row_among_many_that_was_changed_is_named_and_nothing_is_written(edited):
    table, shape = many(edited, 40)
    staging, rows = stage(edited, shape)
    staging.changes.set_cells([(row, "note", NewValue('"x"')) for row in rows])
    key = rows[17].key[0]
    edited.run(f"UPDATE {table} SET name = 'theirs' WHERE id = {key}")
    with pytest.raises(EditError, match="theirs") as caught:
        commit(edited.session, [staging], Task())
    assert caught.value.reason is EditReason.CHANGED
    assert caught.value.ref == rows[17].key
    assert edited.run(f"SELECT count(note) FROM {table}") == [("0",)]
    assert staging.changes.rebase(caught.value.ref, caught.value.current)
    commit(edited.session, [staging], Task())
    assert edited.run(f"SELECT name, note FROM {table} WHERE id = {key}") == [("theirs", '"x"')]


def test_in_an_open_transaction_a_batch_that_fails_takes_back_only_itself(edited):
    table, shape = many(edited, 5)
    staging, rows = stage(edited, shape)
    staging.changes.set_cells([(row, "note", NewValue('"x"')) for row in rows])
    edited.run(f"UPDATE {table} SET name = 'theirs' WHERE id = {rows[4].key[0]}")
    edited.run("BEGIN")
    edited.run(f"UPDATE {table} SET rate = 99 WHERE id = {rows[0].key[0]}")
    with pytest.raises(EditError):
        commit(edited.session, [staging], Task())
    assert edited.session.in_transaction
    edited.run("COMMIT")
    assert edited.run(f"SELECT count(note), max(rate) FROM {table}") in ([("0", "99")], [("0", "99.0")])


def test_rows_with_a_virtual_key_or_different_values_have_statements_of_their_own(edited):
    _, shape = many(edited, 4)
    staging, rows = stage(edited, shape, verify_virtual_key(edited.session, shape, ["name"], Task()))
    staging.changes.set_cells([(row, "note", NewValue('"x"')) for row in rows])
    assert preview(edited.session.engine, [staging]).count("UPDATE") == 4
    staging, rows = stage(edited, shape)
    staging.changes.set_cells([(row, "note", NewValue(f'"{n % 2}"')) for n, row in enumerate(rows)])
    assert preview(edited.session.engine, [staging]).count("UPDATE") == 4
    if edited.name == "sqlite":
        staging, rows = stage(edited, shape)
        staging.changes.set_cells([(rows[0], "note", NewValue(1)), (rows[1], "note", NewValue(1.0))])
        assert preview(edited.session.engine, [staging]).count("UPDATE") == 2


def test_a_table_that_cannot_be_rolled_back_loses_no_second_row(request):
    from tests.fixtures.edit_tables import EditedDatabase

    edited = EditedDatabase("mariadb", lambda: _open(request.getfixturevalue("mariadb_server")), ("keeperdb_test",))
    _, table, shape = make(edited, "CREATE TABLE {t} (x int, y int) ENGINE=MyISAM")
    edited.run(f"INSERT INTO {table} VALUES (1, 1), (2, 2)")
    staging, rows = stage(edited, shape, verify_virtual_key(edited.session, shape, ["x"], Task()))
    staging.changes.delete([rows[0]])
    edited.run(f"INSERT INTO {table} VALUES (1, 1)")
    with pytest.raises(EditError, match="2 rows instead of one"):
        commit(edited.session, [staging], Task())
    assert edited.run(f"SELECT count(*) FROM {table}") == [("3",)]
    edited.session.close()


def _open(server):
    from keeperdb.engines.registry import get_engine
    from keeperdb.query.session import Session

    engine = get_engine("mariadb")
    return Session(server.profile(), engine, engine.connect(server.profile(), server.credential, Task()))


def test_geometry_is_written_as_text_and_compared_by_its_bytes(request):
    from tests.fixtures.edit_tables import EditedDatabase

    edited = EditedDatabase("mariadb", lambda: _open(request.getfixturevalue("mariadb_server")), ("keeperdb_test",))
    _, table, shape = make(edited, "CREATE TABLE {t} (id int PRIMARY KEY, g geometry, p point)")
    edited.run(f"INSERT INTO {table} VALUES (1, ST_GeomFromText('POINT(1 2)', 4326), POINT(3, 4)), (2, NULL, NULL)")
    staging, (one, two) = stage(edited, shape)
    staging.changes.set_cells(
        [(one, "g", NewValue("SRID=4326;LINESTRING(0 0,1.5 2)")), (two, "g", NewValue(one.values["g"]))]
    )
    staging.changes.set_cells([(two, "p", NewValue("POINT(5 6)"))])
    commit(edited.session, [staging], Task())
    assert edited.run(f"SELECT ST_AsText(g), ST_SRID(g), ST_AsText(p) FROM {table} ORDER BY id") == [
        ("LINESTRING(0 0,1.5 2)", "4326", "POINT(3 4)"),
        ("POINT(1 2)", "4326", "POINT(5 6)"),
    ]
    staging, (one, _) = stage(edited, shape)
    edited.run(f"UPDATE {table} SET g = POINT(9, 9) WHERE id = 1")
    staging.changes.set_cells([(one, "p", NewValue(None))])
    with pytest.raises(EditError, match="changed by somebody else"):
        commit(edited.session, [staging], Task())
    edited.session.close()
