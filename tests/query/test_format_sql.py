"""Formatting: the same tokens on better lines, comments included, or a sentence that says why not."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from keeperdb.errors import QueryError
from keeperdb.query.format_sql import format_script, significant
from keeperdb.query.format_sql_layout import lay_out

_SCRIPTS = [
    (
        "postgres",
        (
            "select a.id, count(*) filter (where x > 1) c, case when a.x=1 then 'one' when a.x=2 then 'two, and long "
            "text that goes on and on' else 'other' end as k from artist a left join album b on a.id=b.artist_id "
            "and b.year between 1970 and 1980 where a.id in (select artist_id from label) and (a.formed is not null "
            "or a.note::text = 'x') -- trailing\n group by a.id, a.name having count(*)>2 order by 2 desc limit 10;"
            "\n\n\nselect 1;"
        ),
    ),
    ("postgres", "select - -1, -1, a->>'b', x[1], '{}'::jsonb #> '{a}', date '2020-01-01', $1, $x$ ; $x$ from t"),
    ("postgres", "-- name: first\nselect /* all */ a, -- one\n b, -- two\n c\nfrom t -- end"),
    ("postgres", "insert into t (a,b) values (1,2),(3,4) on conflict (a) do update set b=excluded.b returning id"),
    ("mysql", "update t set a=1, b = 'it\\'s', `c d`=(select max(x) from u) where id=3 and z<>-1 # done\n"),
    ("sqlite", "with a as (select 1 as x), b as (select * from a) insert into t (a,b) select x, 2 from b"),
    ("sqlite", "create table t(id integer primary key,name text not null,price decimal(10,2),unique (name))"),
    ("tsql", "select top 10 [my col], left(name, 3) from dbo.t with (nolock) where x = @p"),
    ("oracle", "select q'[it's]' from dual where rownum < 3 and a = :b"),
]


@pytest.mark.parametrize(("dialect", "script"), _SCRIPTS)
def test_a_formatted_script_has_the_same_tokens_and_stays_as_it_is_the_second_time(dialect, script):
    once = format_script(script, dialect)
    assert significant(once, dialect) == significant(script, dialect)
    assert format_script(once, dialect) == once


def test_clauses_begin_lines_and_what_is_long_is_broken():
    script = (
        "select artist.id, artist.name, artist.formed, artist.country, artist.label from artist where id in (select 1)"
    )
    assert format_script(script, "sqlite") == (
        "SELECT artist.id, artist.name, artist.formed, artist.country, artist.label\nFROM artist\nWHERE id IN (\n"
        "    SELECT 1\n)"
    )


def test_joins_stand_on_lines_and_conditions_below_where():
    script = (
        "select * from artist a left join album b on a.id = b.artist where a.name = 'a name that is long' and "
        "b.title = 'a title that is longer' or b.year between 1 and 2"
    )
    assert format_script(script, "sqlite", "  ").splitlines() == [
        "SELECT *",
        "FROM artist a",
        "LEFT JOIN album b ON a.id = b.artist",
        "WHERE",
        "  a.name = 'a name that is long'",
        "  AND b.title = 'a title that is longer'",
        "  OR b.year BETWEEN 1 AND 2",
    ]


def test_comments_stay_with_what_they_are_about():
    script = "select a, -- the first\n b -- the second\nfrom t /* where */"
    assert format_script(script, "postgres").splitlines() == [
        "SELECT",
        "    a, -- the first",
        "    b -- the second",
        "FROM t /* where */",
    ]


def test_what_stands_between_statements_and_short_queries_stay():
    assert format_script("select 1;\n\n-- end\n", "sqlite") == "SELECT 1;\n\n-- end\n"


def test_procedures_and_executable_comments_are_left_as_they_are():
    body = "create function f() returns int as $$ begin   return 1; end $$ language plpgsql;"
    assert format_script(body, "postgres") == body
    assert format_script("/*!40000 alter table t  disable keys */;", "mysql").startswith("/*!40000 alter table t  d")


def test_names_after_a_dot_keep_their_letters():
    assert format_script('select t.order, "select" from t', "mysql") == 'SELECT t.order, "select" FROM t'


@pytest.mark.parametrize("script", ["select from where (", "select (1", "select 'open"])
def test_what_cannot_be_read_is_refused_in_one_sentence(script):
    with pytest.raises(QueryError) as caught:
        format_script(script, "postgres")
    assert caught.value.message.count(".") == 1
    assert "left as it is" in caught.value.message


def test_operators_that_would_melt_count_as_different():
    assert significant("- -1", "postgres") != significant("--1", "postgres")
    assert significant("a , b", "postgres") == significant("a,\n b", "postgres")


_WORDS = st.sampled_from(
    [
        *re.findall(
            r"\w+", "select from t a where 1 and or join on case when then end order by with as left in values set"
        ),
        *",()=-.;",
        "'x y'",
        "::",
        "--c\n",
        "/* d */",
    ]
)


@given(st.lists(_WORDS, max_size=25), st.sampled_from(["postgres", "mysql", "sqlite", "tsql"]))
def test_whatever_is_laid_out_keeps_its_tokens(words, dialect):
    text = " ".join(words)
    assume(all(text.count("(", 0, end) >= text.count(")", 0, end) for end in range(len(text) + 1)))
    assume(text.count("(") == text.count(")"))
    assert significant(lay_out(text, dialect, "  "), dialect) == significant(text, dialect)
