"""Saved queries: files that other programs may read and write, and names that cannot lead out of the folder."""

from pathlib import Path

import pytest

from keeperdb.errors import NotFoundError, SettingsError
from keeperdb.query.saved_queries import SavedQueries


@pytest.fixture
def saved(tmp_path: Path) -> SavedQueries:
    return SavedQueries(tmp_path / "queries")


def test_a_query_is_a_file_with_its_tags_in_a_comment(saved: SavedQueries) -> None:
    query = saved.save("Top customers", "select 1\n", ("Sales", "2026"), ["report", "daily", "report"])
    assert query.path == saved.root / "Sales" / "2026" / "Top customers.sql"
    assert query.path.read_text() == "-- tags: report, daily\nselect 1\n"
    assert saved.read(query) == "select 1\n"
    (found,) = saved.all()
    assert (found.name, found.folder, found.tags) == ("Top customers", ("Sales", "2026"), ("report", "daily"))


def test_files_of_other_programs_are_listed_and_links_are_not_followed(saved: SavedQueries, tmp_path: Path) -> None:
    saved.root.mkdir()
    (saved.root / "mine.sql").write_bytes(b"\xef\xbb\xbf-- TAGS: a\r\nselect 2")
    (saved.root / "notes.txt").write_text("no query")
    (tmp_path / "secret.sql").write_text("outside")
    (saved.root / "link.sql").symlink_to(tmp_path / "secret.sql")
    (query,) = saved.all()
    assert (query.name, saved.read(query)) == ("mine", "select 2")


@pytest.mark.parametrize(
    "name", ["", "  ", "a/b", "..", "../x", "a\\b", "con", "x.", ".hidden", "a\0b", "n" * 200, "a:b"]
)
def test_names_that_are_no_file_names_are_refused(saved: SavedQueries, name: str) -> None:
    with pytest.raises(SettingsError):
        saved.save(name, "select 1")
    with pytest.raises(SettingsError):
        saved.save("fine", "select 1", (name,))
    assert not saved.root.exists()


def test_removing_can_be_undone(saved: SavedQueries) -> None:
    query = saved.save("a", "select 1", ("f",), ["t"])
    kept = saved.remove(query)
    assert saved.all() == []
    assert saved.restore(query, kept).tags == ("t",)
    assert [found.name for found in saved.all()] == ["a"]


def test_two_removed_queries_of_one_name_are_both_kept(saved: SavedQueries) -> None:
    kept = [saved.remove(saved.save("a", f"select {number}")) for number in range(3)]
    assert [path.read_text() for path in kept] == ["select 0", "select 1", "select 2"]


def test_moving_does_not_write_over_another(saved: SavedQueries) -> None:
    first, second = saved.save("a", "select 1"), saved.save("b", "select 2")
    with pytest.raises(SettingsError):
        saved.move(first, "b", ())
    moved = saved.move(first, "c", ("x",))
    assert saved.read(moved) == "select 1"
    assert saved.read(second) == "select 2"


def test_a_query_that_is_gone_says_so(saved: SavedQueries) -> None:
    query = saved.save("a", "select 1")
    query.path.unlink()
    with pytest.raises(NotFoundError):
        saved.read(query)
    with pytest.raises(NotFoundError):
        saved.remove(query)


def test_the_files_are_this_users_only(saved: SavedQueries) -> None:
    assert saved.save("a", "select 1").path.stat().st_mode & 0o077 == 0
    assert saved.root.stat().st_mode & 0o077 == 0


def test_words_are_found_in_names_folders_tags_and_texts(saved: SavedQueries) -> None:
    saved.save("revenue", "select sum(total)", ("reports",), ["monthly"])
    saved.save("other", "select 1")
    for words in ("REVENUE", "report monthly", "total", "revenue sum"):
        assert [query.name for query in saved.search(words)] == ["revenue"]
    assert saved.search("revenue nowhere") == []
    assert saved.folders() == [("reports",)]


def test_saving_under_a_name_that_is_there_is_refused_unless_it_is_meant(saved: SavedQueries) -> None:
    first = saved.save_new("one", "-- tags: old\nselect 1", (), ["new"])
    assert saved.whole(first) == "-- tags: new\nselect 1"
    with pytest.raises(SettingsError):
        saved.save_new("one", "select 2", (), [])
    assert saved.whole(saved.save_new("one", "select 2", (), [], replaces=True)) == "select 2"
