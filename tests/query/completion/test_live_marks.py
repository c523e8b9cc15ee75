"""Marks: right ones where something is wrong, and none in any statement that a server takes."""

import pytest

from keeperdb.query.completion.made import Made, changes_names, made_by
from keeperdb.query.completion.names import NameIndex
from keeperdb.query.live_marks import MarkKind, live_marks, wanted_tables
from tests.fixtures.completion_fixtures import DIALECTS, TABLES, known_names, valid_statements


def marked(statement, dialect="postgres", **options):
    names = options.pop("names", None) or known_names(dialect)
    return [(statement[each.start : each.end], each.kind) for each in live_marks(statement, dialect, names, **options)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_is_marked_in_what_servers_take(dialect):
    names = known_names(dialect)
    false = {
        statement: [mark.message for mark in found]
        for statement in valid_statements(dialect)
        if (found := live_marks(statement, dialect, names))
    }
    assert false == {}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_servers_take_is_not_marked_after_a_line_end_in_capitals_or_with_comments(dialect):
    names = known_names(dialect)
    for statement in valid_statements(dialect):
        for text in (f"-- first (\n{statement}", statement.replace(" from ", "\n  /* ' */ from "), f"{statement}\n"):
            assert live_marks(text, dialect, names) == [], text


@pytest.mark.parametrize(
    ("statement", "word", "kind"),
    [
        ("select nme from artist", "nme", MarkKind.UNKNOWN),
        ("select a.nme from artist a", "nme", MarkKind.UNKNOWN),
        ("select name from artist where nme = 1", "nme", MarkKind.UNKNOWN),
        ("select name from artist order by nme", "nme", MarkKind.UNKNOWN),
        ("select * from artits", "artits", MarkKind.UNKNOWN),
        ("select * from public.artits", "public.artits", MarkKind.UNKNOWN),
        ("update artits set name = 'x'", "artits", MarkKind.UNKNOWN),
        ("select a.name from artist a join album b on a.artist_id = b.artst_id", "artst_id", MarkKind.UNKNOWN),
        ("with t as (select name n from artist) select t.x from t", "x", MarkKind.UNKNOWN),
        ("select t.q from (select name from artist) t", "q", MarkKind.UNKNOWN),
        ("select name from artist where exists (select 1 from album b where b.artist = name)", "artist", None),
        ("select z.name from artist a", "z", MarkKind.UNKNOWN),
        ("select a.name from artist a join album b on a.artist_id = c.artist_id", "c", MarkKind.UNKNOWN),
        ("insert into artist (artist_id, nme) values (1, 'x')", "nme", MarkKind.UNKNOWN),
        ("insert into artist (name) select nme from employee", "nme", MarkKind.UNKNOWN),
        ("insert into artist (artist_id) select artist_id from employee", "artist_id", MarkKind.UNKNOWN),
        ("update artist set nme = 'x' where name = 'y'", "nme", MarkKind.UNKNOWN),
        ("update artist set name = 'x', nme = 'z'", "nme", MarkKind.UNKNOWN),
        ("select (1", "(", MarkKind.SYNTAX),
        ("select 1)", ")", MarkKind.SYNTAX),
        ("select 'abc", "'", MarkKind.SYNTAX),
        ("select 1 /* and on", "/", MarkKind.SYNTAX),
        ("select from where", "where", MarkKind.SYNTAX),
        ("select * frm artist where", "artist", MarkKind.SYNTAX),
    ],
)
def test_what_is_wrong_is_marked_where_it_is(statement, word, kind):
    found = marked(statement)
    assert found == [(word, kind or MarkKind.UNKNOWN)]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_unknown_column_is_marked_in_every_dialect(dialect):
    assert marked("select a.nme, b.title from artist a join album b on b.artist_id = a.artist_id", dialect) == [
        ("nme", MarkKind.UNKNOWN)
    ]


def test_a_write_is_marked_on_a_read_only_connection_and_only_there():
    assert marked("delete from artist") == []
    assert marked("delete from artist", is_read_only=True) == [("delete", MarkKind.WRITE)]
    assert marked("select name from artist", is_read_only=True) == []
    assert marked("with d as (delete from artist returning name) select name from d", is_read_only=True) == [
        ("with", MarkKind.WRITE)
    ]


def test_a_word_that_nobody_knows_is_not_said_to_change_data():
    assert (MarkKind.WRITE) not in [kind for _, kind in marked("selec name from artist", is_read_only=True)]


def test_what_the_script_makes_is_not_marked():
    made = made_by(
        ["create temp table fresh (a int)", "select 1 into other_one", "alter table artist add nme text"], "postgres"
    )
    assert marked("select a from fresh", made=made) == []
    assert marked("select * from other_one", made=made) == []
    assert marked("select nme from artist", made=made) == []
    assert marked("select * from nowhere", made=made) == [("nowhere", MarkKind.UNKNOWN)]


def test_nothing_is_said_of_names_once_another_schema_is_the_default():
    for statement in ("set search_path to sales", "use other", "set schema 'sales'", "attach 'x.db' as y"):
        assert made_by([statement], "postgres").is_moved, statement
    assert marked("select nme from artits, artist", made=Made(is_moved=True)) == []


def test_what_changes_names_is_told_from_what_does_not():
    changing = ("create table x (a int)", "drop view v", "alter table a add b int", "use shop", "select 1 into t")
    assert all(changes_names(each, "postgres") for each in changing)
    assert not any(
        changes_names(each, "postgres") for each in ("select 1", "insert into a values (1)", "set x = 1", "")
    )


def test_tables_are_not_said_to_be_missing_while_names_are_still_read():
    assert marked("select * from artits", names=known_names(is_whole=False)) == []
    assert marked("select * from artits", names=NameIndex()) == []


def test_columns_are_not_marked_before_the_table_was_described():
    names = known_names(more=("undescribed",))
    assert marked("select x.nme from undescribed x", names=names) == []
    assert wanted_tables("select x.nme from undescribed x join artist on true", "postgres", names) == [
        ("db", "public", "undescribed")
    ]


@pytest.mark.parametrize("dialect", ["oracle", "tsql"])
def test_a_table_may_be_a_synonym_where_there_are_some(dialect):
    assert marked("select * from nowhere", dialect) == []


def test_sequences_can_be_selected_from():
    assert marked("select last_value from numbers_seq", names=known_names(others={"numbers_seq"})) == []


def test_every_column_of_the_tables_is_known_in_every_clause():
    for table, columns in TABLES.items():
        for column in columns:
            text = f"select {column}, max({column}) from {table} where {column} > 1 group by {column} order by {column}"
            assert marked(text) == []


@pytest.mark.parametrize(
    "statement",
    [
        "insert into artist (artist_id, name) with x as (select 1 as one, 'y' as two) select x.one, two from x",
        "insert into artist select album_id, title from album on conflict (name) do update set name = excluded.name",
        "insert into artist select album_id, title from album returning artist_id, artist.name",
        "insert into artist select 1 on conflict (name) do update set name = '' where artist.name = '' or name > ''",
        "insert into artist (name) values ((select title from album limit 1)) returning artist.artist_id",
        "update artist set (artist_id, name) = (1, 'x')",
        "update artist set name = album.title from album where album.artist_id = artist.artist_id",
        "select x.b from artist a, lateral (select a.name as b) x",
    ],
)
def test_what_is_written_to_is_named_where_it_can_be(statement):
    assert marked(statement) == []


def test_parts_of_a_column_are_no_unknown_qualifier():
    assert marked("select doc.city from invoice", "tsql") == []
    assert marked("insert into artist (artist) values ('optimize')", "sqlite") == []
