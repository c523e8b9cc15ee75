"""The outline of a script: what each statement does, to what, and where."""

from keeperdb.query.outline import outline
from keeperdb.query.statements import split

SCRIPT = """
-- name: the best
select name from artist;
insert into album (title) values ('x');
update "a b" set x = 1;
delete from artist where 1 = 1;
create table if not exists public.fresh (a int);
create or replace view v as select * from artist;
drop index concurrently i;
with t as (select 1 from album) select * from t;
begin;
set search_path to x;
select 1
"""


def test_each_statement_says_what_it_does_to_what():
    labels = [each.label for each in outline(split(SCRIPT, "postgres"), "postgres")]
    assert labels == [
        "the best",
        "INSERT album",
        'UPDATE "a b"',
        "DELETE artist",
        "CREATE TABLE public.fresh",
        "CREATE VIEW v",
        "DROP INDEX i",
        "WITH t",
        "BEGIN",
        "SET search_path to x",
        "SELECT 1",
    ]


def test_positions_are_those_of_the_script():
    for entry, statement in zip(outline(split(SCRIPT, "postgres"), "postgres"), split(SCRIPT, "postgres"), strict=True):
        assert SCRIPT[entry.start : entry.end] == statement.text


def test_a_long_label_is_cut():
    entry = next(outline(split(f"select {'x' * 500}", "sqlite"), "sqlite"))
    assert len(entry.label) <= 60
