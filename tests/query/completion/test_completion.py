"""Completion in every clause, finished or not; `|` is the caret."""

import pytest

from keeperdb.engines.registry import get_engine
from keeperdb.query.completion.names import NameIndex, TableName
from keeperdb.query.completion.propose import Language, ProposalKind, complete
from keeperdb.query.snippets import BUILT_IN
from keeperdb.query.table_shape import ShapeColumn, TableShape
from tests.fixtures.completion_fixtures import TABLES, known_names

ENGINES = {"postgres": "postgresql", "mysql": "mariadb", "sqlite": "sqlite", "tsql": "sqlserver", "oracle": "oracle"}
SNIPPETS = [(each.abbreviation, each.text, each.description) for each in BUILT_IN]


def completion(text, dialect="postgres", names=None):
    caret = text.index("|")
    language = Language(dialect, get_engine(ENGINES[dialect]).quote, SNIPPETS)
    return complete(text.replace("|", ""), caret, names or known_names(dialect), language)


def proposed(text, *kinds, dialect="postgres", names=None):
    """The texts that are proposed, of some kinds or of all."""
    found = completion(text, dialect, names).proposals
    return [each.text for each in found if not kinds or each.kind in kinds]


def accepted(text, proposal, dialect="postgres", names=None):
    """The statement after a proposal was chosen."""
    found = completion(text, dialect, names)
    bare = text.replace("|", "")
    assert proposal in [each.text for each in found.proposals]
    return bare[: found.start] + proposal + bare[found.end :]


COLUMN, TABLE, JOIN = ProposalKind.COLUMN, ProposalKind.TABLE, ProposalKind.JOIN


@pytest.mark.parametrize(
    "text",
    [
        "select a.| from artist a",
        "select a.|\nfrom artist a where a.name = 'x'",
        "select * from artist a where a.|",
        "select * from artist as a where x = 1 and a.|",
        "select * from album b join artist a on a.| = b.artist_id",
        "select * from artist a order by a.|",
        "select * from artist a group by a.| having count(*) > 1",
        "select max(a.|) from artist a",
        "select case when a.| from artist a",
        "update artist a set name = a.|",
        "delete from artist a where a.|",
        "insert into album select a.| from artist a",
        "with t as (select 1) select a.| from artist a, t",
        "with t as (select a.| from artist a) select * from t",
        "select * from (select a.| from artist a) x",
        "select * from album b where exists (select 1 from artist a where a.|",
        "merge into artist a using album b on a.|",
        "select * from public.artist a where a.|",
        "select artist.| from artist",
        "select 1; -- one ;\nselect a.| from artist a".rpartition("\n")[2],
        "explain select a.| from artist a",
        "select * from artist a left join album b on b.artist_id = a.artist_id where (a.|)",
    ],
)
def test_columns_come_through_the_alias(text):
    assert set(proposed(text, COLUMN)) == set(TABLES["artist"])


def test_what_was_typed_narrows_the_list_best_first():
    assert proposed("select na| from artist", COLUMN) == ["name"]
    assert proposed("select * from inv|", TABLE) == ["invoice"]
    assert proposed("select * from artist a where a.art|") == ["artist_id"]
    assert proposed("select customer| from invoice", COLUMN) == ["customer_id"]
    assert proposed("select date| from invoice", COLUMN) == ["invoice_date"]  # within the name


def test_what_is_written_in_full_comes_first():
    names = NameIndex([TableName(("db", "public", each)) for each in ("order_lines", "order_line", "order")])
    assert proposed("select * from order_line|", names=names)[0] == "order_line"


def test_tables_are_proposed_where_a_table_stands():
    for text in ("select * from |", "select * from artist join |", "update |", "insert into |", "delete from |"):
        assert set(TABLES) <= set(proposed(text, TABLE)), text
    assert proposed("select * from artist |", TABLE) == []


def test_the_alias_place_gets_keywords_not_tables():
    words = proposed("select * from artist |")
    assert "where" in words
    assert "join" in words


def test_tables_of_another_schema_are_qualified():
    assert proposed("select * from ord|", TABLE) == ["sales.orders"]
    assert proposed("select * from sales.|", TABLE) == ["orders"]
    assert accepted("select * from sales.or| where 1 = 1", "orders") == "select * from sales.orders where 1 = 1"


def test_ctes_are_tables_and_have_the_columns_they_select():
    text = (
        "with best(a, b) as (select 1, 2), rest as (select name n, title from artist, album) select | from best, rest"
    )
    assert {"a", "b", "n", "title"} <= set(proposed(text, COLUMN))
    assert "best" in proposed("with best as (select 1 as one) select * from |", ProposalKind.CTE)
    assert proposed("with t as (select * from artist) select t.| from t", COLUMN) == ["artist_id", "name"]
    assert proposed("with recursive r(n) as (select 1 union all select r.| from r) select 1", COLUMN) == ["n"]
    assert proposed("with d as (delete from artist returning name, 1 as one) select d.| from d", COLUMN) == [
        "name",
        "one",
    ]


def test_subqueries_have_the_columns_they_select():
    text = "select x.| from (select a.name, count(*) as times, b.title from artist a, album b) x"
    assert proposed(text, COLUMN) == ["name", "times", "title"]
    assert proposed("select x.| from (select * from artist) x", COLUMN) == ["artist_id", "name"]
    assert proposed("select x.| from (select 1) as x(one)", COLUMN) == ["one"]


def test_a_correlated_subquery_sees_the_outer_query():
    text = "select * from artist a where exists (select 1 from album b where b.artist_id = a.|)"
    assert proposed(text, COLUMN) == ["artist_id", "name"]
    inner = proposed("select * from artist a where exists (select 1 from album b where |)", COLUMN)
    assert inner[:3] == ["album_id", "title", "artist_id"]
    assert "a.artist_id" in inner


def test_names_that_two_sources_have_are_qualified():
    found = proposed("select | from artist a join album b on a.artist_id = b.artist_id", COLUMN)
    assert {"a.artist_id", "b.artist_id", "name", "title"} <= set(found)
    assert "artist_id" not in found


def test_the_star_is_written_out():
    assert accepted("select *| from artist", "artist_id, name") == "select artist_id, name from artist"
    both = "a.artist_id, a.name, b.album_id, b.title, b.artist_id"
    assert accepted("select *| from artist a, album b", both) == f"select {both} from artist a, album b"
    assert accepted("select b.*| from artist a, album b", "b.album_id, b.title, b.artist_id").startswith(
        "select b.album"
    )
    assert proposed("select 2 *| from artist", ProposalKind.STAR) == []


def test_joins_are_written_with_their_condition():
    whole = "album on album.artist_id = a.artist_id"
    assert whole in proposed("select * from artist a join |", JOIN)
    assert "artist on b.artist_id = artist.artist_id" in proposed("select * from album b join |", JOIN)
    assert "ARTIST ON" not in proposed("SELECT * FROM album b JOIN |", JOIN)[0]
    assert " ON " in proposed("SELECT * FROM album b JOIN |", JOIN)[0]
    assert proposed("select * from artist a join album b on |", JOIN) == ["b.artist_id = a.artist_id"]


def test_a_key_of_several_columns_joins_by_all_of_them():
    from keeperdb.query.table_shape import ForeignKey

    names = NameIndex([TableName(("db", "s", "line")), TableName(("db", "s", "head"))], [("db", "s")])
    columns = (ShapeColumn("a", "int"), ShapeColumn("b", "int"))
    names.add_shape(TableShape(("db", "s", "head"), columns))
    key = ForeignKey(("a", "b"), ("db", "s", "head"), ("a", "b"))
    names.add_shape(TableShape(("db", "s", "line"), columns, foreign_keys=(key,)))
    assert proposed("select * from line join |", JOIN, names=names) == ["head on line.a = head.a and line.b = head.b"]


def test_insert_and_update_name_columns_of_their_table_only():
    assert proposed("insert into album (|", COLUMN) == ["album_id", "title", "artist_id"]
    assert proposed("insert into album (title, |)", COLUMN) == ["album_id", "title", "artist_id"]
    assert proposed("update album set |", COLUMN) == ["album_id", "title", "artist_id"]
    assert proposed("update album set title = 'x', |", COLUMN) == ["album_id", "title", "artist_id"]
    assert "title" in proposed("update album set title = |", COLUMN)


def test_a_select_without_a_from_still_has_functions_and_keywords():
    found = proposed("select |")
    assert "count()" in found
    assert "from" in found
    assert proposed("select cou|", ProposalKind.FUNCTION)[0] == "count()"


def test_a_function_takes_the_caret_between_its_brackets():
    found = completion("select cou| from artist").proposals[0]
    assert (found.text, found.back) == ("count()", 1)
    now = next(each for each in completion("select no|").proposals if each.text == "now()")
    assert now.back == 0


@pytest.mark.parametrize(
    ("dialect", "name", "written"),
    [
        ("postgres", "Upper", '"Upper"'),
        ("postgres", "plain_1", "plain_1"),
        ("postgres", "order", '"order"'),
        ("postgres", "two words", '"two words"'),
        ("postgres", 'q"uote', '"q""uote"'),
        ("postgres", "a.b", '"a.b"'),
        ("postgres", "emoji 🎵", '"emoji 🎵"'),
        ("postgres", "שלום", '"שלום"'),
        ("mysql", "Upper", "Upper"),
        ("mysql", "two words", "`two words`"),
        ("sqlite", "group", '"group"'),
        ("tsql", "two words", "[two words]"),
        ("oracle", "lower", '"lower"'),
        ("oracle", "UPPER", "UPPER"),
    ],
)
def test_names_are_quoted_only_where_they_must_be(dialect, name, written):
    names = known_names(dialect)
    prefix = names.tables[0].schema
    names = NameIndex([TableName((*prefix, "t"))], [prefix])
    names.add_shape(TableShape((*prefix, "t"), (ShapeColumn(name, "text"),)))
    assert proposed("select t.| from t", COLUMN, dialect=dialect, names=names) == [written]
    names = NameIndex([TableName((*prefix, name))], [prefix])
    assert proposed("select * from |", TABLE, dialect=dialect, names=names) == [written]


def test_a_quoted_name_with_a_dot_is_one_name():
    names = NameIndex([TableName(("db", "public", "a.b 🎵"))], [("db", "public")])
    names.add_shape(TableShape(("db", "public", "a.b 🎵"), (ShapeColumn("x", "text"),)))
    assert proposed('select t.| from "a.b 🎵" t', COLUMN, names=names) == ["x"]
    assert proposed('select "a.b 🎵".| from "a.b 🎵"', COLUMN, names=names) == ["x"]


def test_an_open_quote_is_replaced_with_the_name():
    assert accepted('select a."na| from artist a', "name") == "select a.name from artist a"


def test_keywords_follow_the_case_that_is_typed():
    assert proposed("sel|", ProposalKind.KEYWORD) == ["select"]
    assert proposed("SEL|", ProposalKind.KEYWORD) == ["SELECT"]
    assert "WHERE" in proposed("SELECT * FROM artist |")
    assert "where" in proposed("select * from artist |")


@pytest.mark.parametrize(
    "text",
    [
        "select '|' from artist",
        "select 'na| from artist",
        "select 1 -- na|",
        "select /* na| */ 1",
        "select 12|",
        "select concat('a', 'b|",
        "select 1.|",
        "select $$ na| $$",
    ],
)
def test_nothing_is_proposed_in_strings_comments_and_numbers(text):
    assert proposed(text) == []


def test_snippets_begin_statements():
    assert "sel" in [each.label for each in completion("se|").proposals if each.kind is ProposalKind.SNIPPET]
    assert proposed("select se| from artist", ProposalKind.SNIPPET) == []


def test_tables_that_are_not_described_are_wanted():
    names = known_names(more=("undescribed",))
    found = completion("select x.| from undescribed x", names=names)
    assert found.proposals == ()
    assert found.wanted == (("db", "public", "undescribed"),)


def test_upper_and_lower_case_are_the_same_for_what_is_found():
    assert proposed("SELECT A.| FROM ARTIST a", COLUMN) == ["artist_id", "name"]
    assert proposed("select * from ARTI|", TABLE) == ["artist"]


def test_another_statement_behind_the_caret_does_not_matter():
    assert "name" in proposed("select | from artist\nwhere", COLUMN)
    assert set(proposed("select a.| from artist a join", COLUMN)) == set(TABLES["artist"])


def test_a_quote_that_is_open_does_not_swallow_the_rest_of_the_statement():
    assert proposed('select a."na| from artist a where a.name = "x"', COLUMN) == ["name"]
    assert proposed("select a.`na| from artist a", COLUMN, dialect="mysql") == ["name"]
    assert proposed('select "na| from artist', dialect="mysql") == []  # a text there


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("insert into artist select | from invoice", ["invoice_id", "customer_id", "total", "invoice_date", "doc"]),
        ("insert into artist (artist_id) values (|)", []),
        ("insert into artist (|)", ["artist_id", "name"]),
        ("insert into artist select 1, 'x' on conflict (|)", ["artist_id", "name"]),
        ("insert into artist select 1, 'x' on conflict (artist_id) do update set |", ["artist_id", "name"]),
        ("insert into artist select 1, 'x' returning |", ["artist_id", "name"]),
        ("insert into artist with x as (select 1 as one) select | from x", ["one"]),
    ],
)
def test_the_query_of_an_insert_does_not_name_its_target(text, columns):
    assert proposed(text, COLUMN) == columns


def test_a_star_in_the_query_of_an_insert_stands_for_the_columns_that_are_read():
    found = accepted("insert into artist select *| from album", "album_id, title, artist_id")
    assert found == "insert into artist select album_id, title, artist_id from album"
