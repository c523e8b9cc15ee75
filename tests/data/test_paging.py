"""Pages by key show every row once, in order, while rows come and go; filters are typed and checked by the server."""

import random

import pytest

from keeperdb.data.edit_cells import cell_at
from keeperdb.data.keys import best_key, verify_virtual_key
from keeperdb.data.paging import ColumnOrder, PageRequest, page_sql
from keeperdb.data.row_filters import Condition, Operator, RowFilter, checked_where
from keeperdb.data.table_rows import next_page, previous_page, read_page
from keeperdb.errors import KeeperDBError
from keeperdb.query.table_shape import describe_table
from keeperdb.task import Task


def read(edited, page):
    """The rows of a page as dictionaries, and whether there are more."""
    text, values = page_sql(edited.session.engine, page).bound()
    result = edited.session.execute(text, Task(), parameters=values)[-1]
    result.fetch(page.size + 1, Task())
    dialect = edited.session.engine.dialect
    rows = [
        {column.name: cell_at(result, row, n, column, dialect) for n, column in enumerate(result.columns)}
        for row in range(min(result.row_count, page.size))
    ]
    return rows, result.row_count > page.size


def make(edited, rows=60):
    path = edited.new_path()
    table = edited.table(path)
    edited.run(f"CREATE TABLE {table} (id int NOT NULL, lang varchar(5) NOT NULL, n int, word varchar(9),"
               " PRIMARY KEY (id, lang))")  # fmt: skip
    chosen = random.Random(7)
    values = ", ".join(
        f"({n // 2}, '{'en' if n % 2 else 'de'}', {chosen.choice(('NULL', 1, 2, 3))},"
        f" {chosen.choice(('NULL', repr('a'), repr('B'), repr('b'), repr('ü')))})"
        for n in range(rows)
    )
    edited.run(f"INSERT INTO {table} VALUES {values}")
    return table, describe_table(edited.session, path, Task())


_ORDERS = [
    (),
    (ColumnOrder("n"),),
    (ColumnOrder("n", True), ColumnOrder("word")),
    (ColumnOrder("word", True), ColumnOrder("id", True)),
]


@pytest.mark.parametrize("order", _ORDERS, ids=str)
def test_pages_together_are_the_table_in_order_forwards_and_backwards(edited, order):
    table, shape = make(edited)
    first = PageRequest(shape, best_key(shape), 7, order)
    by = ", ".join(f"{each.column} {'DESC' if each.descending else 'ASC'}" for each in first.whole_order)
    expected = [tuple(map(str, row)) for row in edited.run(f"SELECT id, lang FROM {table} ORDER BY {by}")]
    forwards, page, more = [], first, True
    while more:
        rows, more = read(edited, page)
        forwards += [(str(row["id"]), row["lang"]) for row in rows]
        page = PageRequest(shape, first.key, 7, order, after=rows[-1])
    assert forwards == expected
    backwards, page, more = [], PageRequest(shape, first.key, 7, order, is_backwards=True), True
    while more:
        rows, more = read(edited, page)
        backwards += [(str(row["id"]), row["lang"]) for row in rows]
        page = PageRequest(shape, first.key, 7, order, after=rows[-1], is_backwards=True)
    assert backwards == expected[::-1]


def test_rows_that_come_and_go_before_a_page_do_not_move_it(edited):
    table, shape = make(edited)
    rows, _ = read(edited, PageRequest(shape, best_key(shape), 10))
    edited.run(f"DELETE FROM {table} WHERE id < 3")
    edited.run(f"INSERT INTO {table} VALUES (-1, 'en', 1, 'x')")
    following, _ = read(edited, PageRequest(shape, best_key(shape), 10, after=rows[-1]))
    assert [(str(row["id"]), row["lang"]) for row in following[:2]] == [("5", "de"), ("5", "en")]


def test_filters_are_typed_and_texts_in_them_are_only_texts(edited):
    table, shape = make(edited)
    edited.run(f"UPDATE {table} SET word = '5%_!''x' WHERE id = 4 AND lang = 'de'")
    for conditions, where in [
        ((Condition("word", Operator.CONTAINS, "%_!'"),), "id = 4 AND lang = 'de'"),
        ((Condition("n", Operator.NULL),), "n IS NULL"),
        ((Condition("n", Operator.ONE_OF, "1, 3"), Condition("id", Operator.MORE, "9")), "n IN (1, 3) AND id > 9"),
        ((Condition("id", Operator.BETWEEN, "3..5"),), "id BETWEEN 3 AND 5"),
        ((Condition("lang", Operator.BEGINS, "d"), Condition("id", Operator.DIFFERS, "2")), "lang = 'de' AND id <> 2"),
    ]:
        rows, _ = read(edited, PageRequest(shape, best_key(shape), 100, filter=RowFilter(conditions)))
        expected = edited.run(f"SELECT id, lang FROM {table} WHERE {where} ORDER BY id, lang")
        assert [(str(row["id"]), row["lang"]) for row in rows] == [tuple(map(str, row)) for row in expected], where
        assert rows
    own = RowFilter((Condition("id", Operator.LESS, "5"),), where="n = 1 OR n = 2")
    rows, _ = read(edited, PageRequest(shape, best_key(shape), 100, filter=own))
    assert len(rows) == len(edited.run(f"SELECT 1 FROM {table} WHERE id < 5 AND (n = 1 OR n = 2)"))


@pytest.mark.parametrize(
    "text",
    ["1=1; DROP TABLE t", "1=1) OR (1=1", "1=1 -- x", "id = :v1", "id = 'x", "pg_terminate_backend(1) > 0", "1=1 /*"],
)
def test_a_condition_that_is_more_than_one_is_refused(text):
    with pytest.raises(KeeperDBError):
        checked_where(text, "postgres")


def test_a_condition_may_have_brackets_and_quotes():
    assert checked_where("(a = ')(' OR b LIKE '%;--') AND lower(c) = 'x'", "postgres")


def walk(session, request):
    """Every row of every page, read as a tab reads them."""
    found, page = [], read_page(session, request, Task())
    while True:
        found += [page.result.text(row, 0) for row in range(page.result.row_count)]
        if not page.has_after or len(found) > 1_000:
            return found, page
        page = read_page(session, next_page(page), Task())


def test_a_verified_virtual_key_pages_by_its_values_also_where_they_are_null(edited):
    path = edited.new_path()
    table = edited.table(path)
    edited.run(f"CREATE TABLE {table} (x int, y varchar(9))")
    edited.run(f"INSERT INTO {table} VALUES " + ", ".join(f"({n // 5 or 'NULL'}, 'v{n}')" for n in range(23)))
    shape = describe_table(edited.session, path, Task())
    key = verify_virtual_key(edited.session, shape, ["x", "y"], Task())
    found, page = walk(edited.session, PageRequest(shape, key, 4))
    assert len(found) == 23
    assert page.request.is_by_key
    assert sorted(found, key=str) == sorted((row[0] for row in edited.run(f"SELECT x FROM {table}")), key=str)


def test_rows_of_sqlite_whose_primary_key_is_null_are_on_some_page(sqlite_file, edited):
    if edited.name != "sqlite":
        pytest.skip("only SQLite takes such rows")
    path = edited.new_path()
    table = edited.table(path)
    edited.run(f"CREATE TABLE {table} (n int, code TEXT PRIMARY KEY)")
    edited.run(f"INSERT INTO {table} VALUES (1, NULL), (2, NULL), (3, NULL), (4, 'a'), (5, 'b')")
    shape = describe_table(edited.session, path, Task())
    found, _ = walk(edited.session, PageRequest(shape, best_key(shape), 2))
    assert sorted(found) == ["1", "2", "3", "4", "5"]
    edited.run(f"DELETE FROM {table} WHERE code IS NULL")
    assert walk(edited.session, PageRequest(shape, best_key(shape), 1))[1].request.is_by_key


def test_values_that_are_not_compared_as_they_are_sorted_page_by_number(edited):
    if edited.name != "mariadb":
        pytest.skip("MySQL and MariaDB sort these otherwise than they compare them")
    path = edited.new_path()
    table = edited.table(path)
    edited.run(f"CREATE TABLE {table} (id int PRIMARY KEY, size enum('small', 'medium', 'large'), doc json, f float)")
    edited.run(
        f"INSERT INTO {table} VALUES " + ", ".join(f"({n}, {n % 3 + 1}, '{{\"n\": {n}}}', {n}.1)" for n in range(20))
    )
    shape = describe_table(edited.session, path, Task())
    for name in ("size", "doc", "f"):
        found, page = walk(edited.session, PageRequest(shape, best_key(shape), 3, (ColumnOrder(name),)))
        assert found == [row[0] for row in edited.run(f"SELECT id FROM {table} ORDER BY {name}, id")]
        if page.request.is_by_key:
            assert name == "doc"  # which is text in MariaDB
        else:
            back = read_page(edited.session, previous_page(page), Task())
            assert back.request.offset == page.request.offset - 3
