"""Snippets: their stops, and the file that holds them."""

import json

import pytest

from keeperdb.errors import SettingsError, StoreError
from keeperdb.query.snippets import BUILT_IN, Snippet, SnippetFile, expand


def test_signs_become_stops_in_the_order_of_their_numbers():
    expansion = expand("SELECT ${2:*} FROM ${1:table};$0")
    assert expansion.text == "SELECT * FROM table;"
    assert [[expansion.text[start:end] for start, end in stop] for stop in expansion.stops] == [["table"], ["*"], [""]]
    assert expansion.stops[-1] == ((20, 20),)


def test_places_of_one_number_have_one_text():
    expansion = expand("$1 ${1:a} $1")
    assert expansion.text == "a a a"
    assert expansion.stops[0] == ((0, 1), (2, 3), (4, 5))


def test_two_dollar_signs_are_one_and_a_lone_one_stays():
    assert expand("$$body$$ costs $ $$1").text == "$body$ costs $ $1"
    assert expand("no stops").stops == (((8, 8),),)


def test_every_built_in_snippet_can_be_written_out():
    for snippet in BUILT_IN:
        expansion = expand(snippet.text)
        assert "$" not in expansion.text
        assert len(expansion.stops) > 1


def test_own_snippets_take_the_place_of_built_in_ones(tmp_path):
    file = SnippetFile(tmp_path / "snippets.json")
    assert [each.abbreviation for each in file.all()] == sorted(each.abbreviation for each in BUILT_IN)
    own = [Snippet("sel", "mine ${1:x}", "ü"), Snippet("zz", "two\nlines")]
    file.save(own)
    assert file.own() == own
    assert next(each for each in file.all() if each.abbreviation == "sel") == own[0]
    assert SnippetFile(tmp_path / "snippets.json").shared() == own


def test_an_abbreviation_is_one_word(tmp_path):
    file = SnippetFile(tmp_path / "snippets.json")
    for wrong in ("", "two words", "a.b", "x" * 41):
        with pytest.raises(SettingsError):
            file.save([Snippet(wrong, "x")])
    assert file.own() == []


@pytest.mark.parametrize(
    "content", [b"{", b"[]", b'{"snippets": 3}', b"\xff\xfe", b"[" * 100_000, b'{"snippets": [[1]]}']
)
def test_a_damaged_file_is_set_aside_or_read_as_far_as_it_goes(tmp_path, content):
    path = tmp_path / "snippets.json"
    path.write_bytes(content)
    assert SnippetFile(path).own() == []
    file = SnippetFile(path)
    file.save([Snippet("a", "b")])
    assert file.own() == [Snippet("a", "b")]


def test_entries_that_are_no_snippets_are_left_out(tmp_path):
    path = tmp_path / "snippets.json"
    good = {"abbreviation": "ok", "text": "x"}
    path.write_text(
        json.dumps({"snippets": [good, {"abbreviation": "no text"}, {"abbreviation": 1, "text": "x"}, None]})
    )
    assert SnippetFile(path).own() == [Snippet("ok", "x")]


def test_a_shared_file_that_is_none_is_refused_and_not_touched(tmp_path):
    path = tmp_path / "photo.json"
    path.write_bytes(b"{ no")
    with pytest.raises(StoreError, match="no file of snippets"):
        SnippetFile(path).shared()
    assert path.read_bytes() == b"{ no"
    with pytest.raises(StoreError):
        SnippetFile(tmp_path / "missing.json").shared()
