"""Results of queries and joins are edited on real servers where their keys are there; the rest says why not."""

import pytest

from keeperdb.data.edit_cells import NewValue
from keeperdb.data.edit_targets import cells_of, result_targets
from keeperdb.data.edits import commit
from keeperdb.data.staged import RowState
from keeperdb.query.origins import TableName
from keeperdb.query.table_names import find_table
from keeperdb.task import Task


@pytest.fixture
def tables(edited):
    artist, album = edited.new_path("artist"), edited.new_path("Album")
    a, b = edited.table(artist), edited.table(album)
    edited.run(f"CREATE TABLE {a} (id int PRIMARY KEY, name varchar(40))")
    edited.run(f"CREATE TABLE {b} (id int PRIMARY KEY, artist_id int, title varchar(40))")
    edited.run(f"INSERT INTO {a} VALUES (1, 'AC/DC'), (2, 'Accept')")
    edited.run(f"INSERT INTO {b} VALUES (10, 1, 'High'), (11, 1, 'Low'), (12, NULL, 'Lone')")
    return a, b


def run(edited, sql):
    result = edited.session.execute(sql, Task())[-1]
    result.fetch(1_000, Task())
    return result, result_targets(edited.session, result, Task())


def test_a_join_is_edited_through_both_of_its_tables_at_once(edited, tables):
    a, b = tables
    result, editing = run(
        edited,
        f"SELECT b.id, b.title, a.id AS aid, a.name AS artist, b.id + 1 AS n FROM {b} b"
        f" LEFT JOIN {a} a ON a.id = b.artist_id ORDER BY b.id",
    )
    assert [column.locked for column in editing.columns] == ["", "", "", "", "This column is computed by the query."]
    cells = [cells_of(result, row, edited.session.engine.dialect) for row in range(3)]
    for row, column, text in ((0, 1, "Higher"), (1, 3, "ACDC")):
        described = editing.columns[column]
        stored = editing.stored_row(described.target, cells[row])
        changes = editing.targets[described.target].staging.changes
        changes.set_cells([(stored, described.column.name, NewValue(text))])
    assert editing.new_value(cells[0], 3) == NewValue("ACDC")  # the same artist stands in both rows
    assert editing.state(cells[1], 3) is RowState.MODIFIED
    assert "no row of" in editing.locked_cell(cells[2], 3)
    commit(edited.session, editing.stagings, Task())
    assert edited.run(f"SELECT name FROM {a} ORDER BY id") == [("ACDC",), ("Accept",)]
    assert edited.run(f"SELECT title FROM {b} ORDER BY id") == [("Higher",), ("Low",), ("Lone",)]


def test_without_its_key_a_table_is_locked_and_the_key_is_named(edited, tables):
    _, editing = run(edited, f"SELECT name FROM {tables[0]}")
    assert "Add id to the query" in editing.locked


def test_a_star_and_an_alias_are_understood(edited, tables):
    _, editing = run(edited, f"SELECT x.*, x.name AS again FROM {tables[0]} x")
    assert not editing.locked
    assert [column.column.name for column in editing.columns] == ["id", "name", "name"]


def test_nothing_of_a_read_only_connection_is_edited(edited, tables):
    session = edited.open(read_only=True)
    result = session.execute(f"SELECT * FROM {tables[0]}", Task())[-1]
    result.fetch(10, Task())
    assert result_targets(session, result, Task()).locked == "This connection is read-only."


def test_row_numbers_of_the_server_are_no_keys(edited, tables):
    number = {"sqlite": "rowid", "postgresql": "ctid"}.get(edited.name, "1")
    keyless = f"{tables[0][:-1]}k{tables[0][-1]}"
    edited.run(f"CREATE TABLE {keyless} (v varchar(9))")
    edited.run(f"INSERT INTO {keyless} VALUES ('x')")
    _, editing = run(edited, f"SELECT {number}, v FROM {keyless}")
    assert "neither a primary key" in editing.columns[1].locked


def test_a_read_only_connection_reads_pages_and_says_why_nothing_can_be_edited(edited, tables):
    from keeperdb.data.edit_targets import table_targets
    from keeperdb.data.keys import best_key
    from keeperdb.data.paging import PageRequest
    from keeperdb.data.table_rows import next_page, read_page
    from keeperdb.query.table_shape import describe_table

    session = edited.open(read_only=True)
    path = find_table(session, TableName(((tables[1].split(".")[-1][1:-1], True),)), Task())
    shape = describe_table(session, path, Task())
    page = read_page(session, PageRequest(shape, best_key(shape), 2), Task())
    assert (page.result.row_count, page.has_before, page.has_after) == (2, False, True)
    following = read_page(session, next_page(page), Task())
    assert (following.result.row_count, following.has_before, following.has_after) == (1, True, False)
    rows = table_targets(edited.session.engine, shape, best_key(shape), read_only=True)
    assert {column.locked for column in rows.columns} == {"This connection is read-only."}
    assert not rows.can_insert
