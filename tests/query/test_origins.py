"""Columns of results are traced to the table they come from, or say why they cannot be."""

import pytest

from keeperdb.query.origins import Origin, find_origins

_TABLES = {
    "artist": ("id", "name", "formed"),
    "album": ("id", "artist_id", "title"),
    "Odd Name": ("id", "a.b"),
}


def columns_of(table):
    return _TABLES.get(table.parts[-1][0]) or _TABLES.get(table.parts[-1][0].lower())


def traced(sql, names, dialect="postgres"):
    found = find_origins(sql, dialect, columns_of, names)
    if found.reason:
        return found.reason
    return [
        f"{each.table.parts[-1][0]}#{each.place}.{each.column}" if isinstance(each, Origin) else "-"
        for each in found.columns
    ]


@pytest.mark.parametrize(
    ("sql", "names", "expected"),
    [
        ("SELECT * FROM artist", "id name formed", "artist#1.id artist#1.name artist#1.formed"),
        ("select Name as n, upper(name), id from public.artist limit 3", "n upper id", "artist#1.name - artist#1.id"),
        (
            "SELECT a.*, b.title FROM artist a JOIN album b ON b.artist_id = a.id",
            "id name formed title",
            "artist#1.id artist#1.name artist#1.formed album#2.title",
        ),
        ("SELECT x.name, y.name FROM artist x, artist y", "name name", "artist#1.name artist#2.name"),
        ("SELECT name FROM (SELECT id, name FROM artist WHERE id > 1) s", "name", "artist#1.name"),
        ("WITH s AS (SELECT id k, name FROM artist) SELECT k FROM s", "k", "artist#1.id"),
        ("WITH s(x, y) AS (SELECT id, name FROM artist) SELECT y FROM s", "y", "artist#1.name"),
        ("SELECT id, title, row_number() OVER (ORDER BY id) r FROM album", "id title r", "album#1.id album#1.title -"),
        ("SELECT id, (SELECT count(*) FROM album) c FROM artist", "id c", "artist#1.id -"),
        (
            "SELECT title, c FROM album JOIN (SELECT artist_id, count(*) AS c FROM album GROUP BY artist_id) s ON true",
            "title c",
            "album#1.title -",
        ),
        ('SELECT "a.b", "Odd Name".id FROM "Odd Name"', "a.b id", "Odd Name#1.a.b Odd Name#1.id"),
        ("SELECT id FROM artist JOIN album USING (id)", "id", "-"),
        ("SELECT name, title FROM artist JOIN album USING (id)", "name title", "artist#1.name album#2.title"),
        ("SELECT id FROM artist, album", "id", "-"),
        ("(SELECT id FROM artist)", "id", "artist#1.id"),
    ],
)  # fmt: skip
def test_columns_are_traced(sql, names, expected):
    assert " ".join(traced(sql, names.split(" "))) == expected


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT name FROM artist GROUP BY name", "GROUP BY"),
        ("SELECT DISTINCT name FROM artist", "DISTINCT"),
        ("SELECT name FROM artist UNION SELECT title FROM album", "UNION"),
        ("SELECT max(name) AS name FROM artist", "one row from several"),
        ("SELECT 1 AS name", "no table"),
        ("SELECT name FROM nowhere", "not known"),
        ("SELECT name FROM", "could not be read"),
        ("SHOW search_path", "Only rows of a SELECT"),
        ("SELECT name FROM artist; SELECT name FROM album", "Several statements"),
        ("SELECT * FROM artist JOIN album USING (id)", "USING"),
        ("SELECT id FROM artist", "not those that were expected"),
    ],
)
def test_what_cannot_be_written_back_says_why(sql, words):
    assert words in traced(sql, ["name"])


def test_brackets_and_backticks_are_read_in_their_dialects():
    assert traced("SELECT TOP 3 [name] FROM [dbo].[artist] AS [a]", ["name"], "tsql") == ["artist#1.name"]
    assert traced("SELECT `a`.`NAME` FROM `db`.`artist` `a`", ["NAME"], "mysql") == ["artist#1.name"]
