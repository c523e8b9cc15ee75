"""The sample database."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from keeperdb.demo.chinook import chinook_statements, make_chinook
from keeperdb.demo.chinook_rows import chinook_rows
from keeperdb.demo.chinook_schema import DIALECTS, TABLES, VIEWS
from keeperdb.errors import StoreError


@pytest.fixture
def chinook(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    make_chinook(tmp_path / "chinook.db")
    with closing(sqlite3.connect(tmp_path / "chinook.db")) as connection:
        yield connection


def test_the_rows_are_always_the_same() -> None:
    assert chinook_rows() == chinook_rows()


def test_there_are_some_15_000_rows_in_eleven_tables(chinook: sqlite3.Connection) -> None:
    names = {name for (name,) in chinook.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert names == {table.name for table in TABLES}
    assert len(names) == 11
    counts = [chinook.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0] for name in names]
    assert 15_000 <= sum(counts) <= 16_000


def test_every_foreign_key_holds(chinook: sqlite3.Connection) -> None:
    assert chinook.execute("PRAGMA foreign_key_check").fetchall() == []
    assert len(chinook.execute("PRAGMA foreign_key_list(track)").fetchall()) == 3
    assert chinook.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_invoices_add_up(chinook: sqlite3.Connection) -> None:
    wrong = """SELECT i.invoice_id FROM invoice i JOIN invoice_line l USING (invoice_id)
               GROUP BY i.invoice_id HAVING ABS(SUM(l.unit_price * l.quantity) - i.total) > 0.001"""
    assert chinook.execute(wrong).fetchall() == []
    assert chinook.execute("SELECT COUNT(DISTINCT invoice_id) FROM invoice_line").fetchone() == (412,)


def test_it_has_what_a_client_must_cope_with(chinook: sqlite3.Connection) -> None:
    for column in ("composer", "genre_id", "bytes"):
        assert chinook.execute(f"SELECT COUNT(*) FROM track WHERE {column} IS NULL").fetchone()[0] > 0
    assert chinook.execute("SELECT COUNT(*) FROM customer WHERE last_name LIKE '%''%'").fetchone()[0] > 0
    people = [name for (name,) in chinook.execute("SELECT first_name FROM customer")]
    assert not all(name.isascii() for name in people)
    assert chinook.execute("SELECT COUNT(*) FROM employee WHERE reports_to IS NULL").fetchone() == (1,)


def test_every_view_has_rows(chinook: sqlite3.Connection) -> None:
    for view in VIEWS:
        assert chinook.execute(f"SELECT COUNT(*) FROM {view}").fetchone()[0] > 0


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_has_the_same_tables_and_views(dialect: str) -> None:
    starts = [statement.split("(")[0].split(" AS")[0].strip() for statement in chinook_statements(dialect)]
    for table in TABLES:
        assert f"CREATE TABLE {table.name}" in starts
    for view in VIEWS:
        assert f"CREATE VIEW {view}" in starts


def test_no_text_holds_a_backslash() -> None:
    texts = [value for rows in chinook_rows().values() for row in rows for value in row if isinstance(value, str)]
    assert not [text for text in texts if "\\" in text]


def test_an_existing_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "chinook.db"
    path.write_text("something else")
    make_chinook(path)
    assert path.read_bytes().startswith(b"SQLite format 3\0")
    assert [entry.name for entry in tmp_path.iterdir()] == ["chinook.db"]


def test_a_folder_in_its_place_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "chinook.db").mkdir()
    with pytest.raises(StoreError, match=r"chinook\.db could not be written"):
        make_chinook(tmp_path / "chinook.db")
    assert [entry.name for entry in tmp_path.iterdir()] == ["chinook.db"]
