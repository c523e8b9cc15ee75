"""The history: found by words, without secrets, and whole whatever happens."""

import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from keeperdb.query.history import History, HistoryEntry

_NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def entry(sql: str, connection: str = "Orders", *, error: str = "", minutes: int = 0) -> HistoryEntry:
    return HistoryEntry(connection.lower(), connection, sql, _NOON + timedelta(minutes=minutes), 0.25, 3, error)


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "data" / "history.sqlite")


def test_an_entry_comes_back_as_it_was(history: History) -> None:
    history.record([entry("select 'é \U0001f600' from orders", error="no such column: x")])
    (found,) = history.search()
    assert (found.sql, found.connection, found.at, found.rows) == (
        "select 'é \U0001f600' from orders",
        "Orders",
        _NOON,
        3,
    )
    assert found.error == "no such column: x"


@pytest.mark.parametrize("words", ["cust", "CUSTOMERS orders", "from join", "billing", "syntax"])
def test_the_beginnings_of_words_find_it_in_text_connection_and_error(history: History, words: str) -> None:
    history.record([entry("select 1")])
    history.record([entry("select * from customers join orders", "Billing", error="syntax error at join")])
    assert [found.connection for found in history.search(words)] == ["Billing"]


@pytest.mark.parametrize("words", ['"', "a OR", "NEAR(", "sql:select*", "'; drop table entry --", "*", "^select", "\0"])
def test_what_is_typed_is_never_a_query_of_its_own(history: History, words: str) -> None:
    history.record([entry("select 1")])
    history.search(words)
    assert history.count() == 1


def test_the_latest_come_first_and_a_page_follows_another(history: History) -> None:
    history.record([entry(f"select {number} from t", minutes=number) for number in range(25)])
    first = history.search("from", limit=10)
    second = history.search("from", before_id=first[-1].id, limit=10)
    assert [found.sql for found in (*first, *second)] == [f"select {number} from t" for number in range(24, 4, -1)]


def test_one_connection_can_be_looked_at_alone(history: History) -> None:
    history.record([entry("select 1", "Orders"), entry("select 1", "Billing")])
    assert [found.connection for found in history.search(connection_id="billing")] == ["Billing"]
    assert [found.connection for found in history.search("select", connection_id="billing")] == ["Billing"]


@pytest.mark.parametrize(
    "sql",
    [
        "create user joe identified by 'S3cret-pw'",
        "alter role joe password 'S3cret-pw'",
        "create login joe with password = 'S3cret-pw'",
        "set password for 'joe'@'%' = 'S3cret-pw'",
        "select dblink('host=h password=S3cret-pw', 'x')",
    ],
)
def test_secrets_are_not_written_down(history: History, tmp_path: Path, sql: str) -> None:
    history.record([entry(sql, error=f"near {sql}")])
    assert "S3cret-pw" not in repr(history.search())
    assert not any(b"S3cret-pw" in path.read_bytes() for path in (tmp_path / "data").iterdir())


def test_entries_can_be_forgotten(history: History, tmp_path: Path) -> None:
    history.record([entry("select one"), entry("select two"), entry("select three", "Billing")])
    history.remove([history.search("two")[0].id])
    assert [found.sql for found in history.search()] == ["select three", "select one"]
    assert history.search("two") == []
    history.clear("billing")
    assert [found.sql for found in history.search()] == ["select one"]
    history.clear()
    assert history.search("select") == []
    assert b"select one" not in (tmp_path / "data" / "history.sqlite").read_bytes()


def test_a_damaged_file_is_set_aside_and_a_new_one_begun(history: History, tmp_path: Path) -> None:
    path = tmp_path / "data" / "history.sqlite"
    path.parent.mkdir()
    path.write_bytes(b"this is no database" * 100)
    history.record([entry("select 1")])
    assert len(history.search()) == 1
    assert path.with_name("history.damaged-1.sqlite").read_bytes().startswith(b"this is no database")


def test_what_was_recorded_survives_a_kill(history: History, tmp_path: Path) -> None:
    code = (
        "import os, signal\nfrom pathlib import Path\nfrom datetime import datetime, UTC\n"
        "from keeperdb.query.history import History, HistoryEntry\n"
        f"History(Path({str(tmp_path / 'data' / 'history.sqlite')!r})).record("
        "[HistoryEntry('o', 'Orders', 'select survived', datetime.now(UTC), 0.1)])\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == -9
    assert [found.sql for found in history.search("survived")] == ["select survived"]


def test_only_this_user_may_read_the_file(history: History, tmp_path: Path) -> None:
    history.record([entry("select 1")])
    assert (tmp_path / "data" / "history.sqlite").stat().st_mode & 0o077 == 0


def test_another_window_can_write_at_the_same_time(history: History, tmp_path: Path) -> None:
    other = History(tmp_path / "data" / "history.sqlite")
    for number in range(20):
        (history if number % 2 else other).record([entry(f"select {number}")])
    assert history.count() == other.count() == 20
    with sqlite3.connect(tmp_path / "data" / "history.sqlite") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()


def test_what_failed_can_be_looked_at_alone(history: History) -> None:
    history.record([entry("select 1"), entry("select 2", error="syntax"), entry("select 3", "Billing", error="syntax")])
    assert [each.sql for each in history.search(failed_only=True)] == ["select 3", "select 2"]
    assert [each.sql for each in history.search("select", failed_only=True, connection_id="orders")] == ["select 2"]
    assert history.search("failed") == []  # the word that marks them is not one of theirs


def test_forgetting_can_be_undone_in_place(history: History) -> None:
    history.record([entry("select 1"), entry("select 2"), entry("select 3")])
    middle = history.search("2")
    history.remove([middle[0].id])
    history.restore(middle)
    history.restore(middle)
    assert [each.sql for each in history.search()] == ["select 3", "select 2", "select 1"]
    assert history.search("2") == middle


def test_what_is_too_old_is_forgotten(history: History) -> None:
    history.record([entry("old", minutes=0), entry("new", minutes=10)])
    history.prune(_NOON + timedelta(minutes=5))
    assert [each.sql for each in history.search()] == ["new"]
    assert history.search("old") == []
