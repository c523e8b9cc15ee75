"""Where a name comes from; `|` is the caret."""

import pytest

from keeperdb.query.definition import Definition, definition_at


def defined(text, names):
    """The table and column, or the text that defines the name."""
    position, bare = text.index("|"), text.replace("|", "")
    found = definition_at(bare, position, "postgres", names)
    if found is None:
        return None
    return (found.table[-1:], found.column) if found.table else bare[found.start : found.end].strip()


@pytest.mark.parametrize(
    ("text", "table", "column"),
    [
        ("select * from art|ist", "artist", ""),
        ("select * from public.art|ist", "artist", ""),
        ("select a.na|me from artist a", "artist", "name"),
        ("select na|me from artist", "artist", "name"),
        (
            "select 1 from album b where b.artist_id = (select artist_id from artist where artist_id = b.tit|le)",
            "album",
            "title",
        ),
        ("update artist set na|me = 'x'", "artist", "name"),
        ("insert into artist (na|me) values (1)", "artist", "name"),
        ("select artist.na|me from artist", "artist", "name"),
        ("select 1 from artist a|", "artist", ""),
        ("select art|ist.name from artist", "artist", ""),
    ],
)
def test_names_lead_to_tables_and_columns(names, text, table, column):
    assert defined(text, names) == ((table,), column)


def test_aliases_and_ctes_lead_to_their_place_in_the_statement(names):
    assert defined("select a|.name from artist a", names) == "a"
    assert defined("with best as (select 1 as one) select * from be|st", names) == "select 1 as one"
    assert defined("select o|ne from (select 1 as one) x", names).endswith("x")


def test_what_is_no_name_or_unknown_leads_nowhere(names):
    for text in (
        "sel|ect 1",
        "select 'art|ist'",
        "select no|thing from artist",
        "select * from no|where",
        "|",
        "select 1 -- art|ist",
    ):
        assert defined(text, names) is None, text


def test_a_definition_says_one_thing():
    assert Definition(table=("a",)).start == -1
