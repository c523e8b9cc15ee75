"""`keeperdb query`."""

import csv
import io
import json
import os
import signal
import sqlite3
import stat
import subprocess
import time
from pathlib import Path

import pytest


@pytest.fixture
def shop(cli, store):
    cli.ok("connections", "add", "shop", "--engine", "sqlite", "--path", store)
    return cli


@pytest.fixture
def pg(cli_with_file_keychain, postgresql_server):
    """The command line with a connection to PostgreSQL whose password is kept in the encrypted file."""
    server = postgresql_server
    cli_with_file_keychain.ok(
        *("connections", "add", "pg", "--engine", "postgresql", "--host", server.host, "--port", server.port),
        *("--database", server.database, "--user", server.user, "--password-stdin"),
        stdin=server.password,
    )
    return cli_with_file_keychain


def test_json_is_exact(pg) -> None:
    sql = """SELECT 9223372036854775807 AS big, 0.1::numeric(40,30) AS precise, NULL AS nothing, 'NULL' AS word,
             '' AS empty, '\\x00ff'::bytea AS bytes, 1 AS a, 2 AS a, true AS yes, 'NaN'::float8 AS odd"""
    done = pg.ok("query", "pg", sql, "--format", "json")
    [row] = json.loads(done.out, parse_float=str)
    assert list(row) == ["big", "precise", "nothing", "word", "empty", "bytes", "a", "a_2", "yes", "odd"]
    assert list(row.values()) == [
        9223372036854775807,
        "0.100000000000000000000000000000",
        None,
        "NULL",
        "",
        "AP8=",
        1,
        2,
        True,
        "NaN",
    ]


def test_no_rows_are_an_empty_array(shop) -> None:
    assert shop.ok("query", "shop", "SELECT 1 AS a WHERE 0", "--format", "json").json == []


def test_json_lines_are_one_object_each(shop) -> None:
    out = shop.ok("query", "shop", "SELECT id FROM track LIMIT 3", "--format", "jsonl").out
    assert [json.loads(line) for line in out.splitlines()] == [{"id": 1}, {"id": 2}, {"id": 3}]


def test_csv_tells_null_from_empty_text(shop) -> None:
    out = shop.ok("query", "shop", "SELECT name FROM kinds ORDER BY id", "--format", "csv").out
    assert out.startswith('name\nplain\n\n""\nNULL\n')
    assert list(csv.reader(io.StringIO(out)))[-1] == ["two\nlines\tand \u202etricks"]


def test_a_table_has_one_line_per_row_and_steers_no_terminal(shop) -> None:
    sql = "SELECT char(27) || ']0;owned' || char(7) || char(10) || 'next' || char(155) || '2J' AS \"a\u202eb\""
    out = shop.ok("query", "shop", sql).out
    assert out.splitlines()[2] == "\\x1b]0;owned\\x07\\nnext\\x9b2J"
    assert len(out.splitlines()) == 3
    assert "\u202e" not in out


def test_a_table_is_aligned_numbers_to_the_right_and_nothing_is_cut(shop) -> None:
    sql = "SELECT 1 AS n, 'é' AS word UNION ALL SELECT 100, '漢字' UNION ALL SELECT 10, NULL"
    assert shop.ok("query", "shop", sql).out.splitlines() == [
        "  n  word",
        "───  ────",
        "  1  é",
        "100  漢字",
        " 10  NULL",
    ]
    assert "x" * 5000 in shop.ok("query", "shop", "SELECT printf('%.5000c', 'x')").out


def test_markdown_runs_no_markup(shop) -> None:
    out = shop.ok("query", "shop", "SELECT '<b>|*x*' AS a", "--format", "md").out
    assert "<b>" not in out
    assert out.startswith("| a |\n")


def test_all_rows_come_and_a_limit_says_that_there_are_more(shop) -> None:
    sql = "SELECT id FROM track ORDER BY id"
    assert shop.ok("query", "shop", sql, "--format", "csv").out.count("\n") == 25_001
    for limit in (0, 1, 1000, 1001, 24_999):
        done = shop.ok("query", "shop", sql, "--format", "jsonl", "--limit", limit)
        assert done.out.count("\n") == limit
        assert "there are more" in done.err
    done = shop.ok("query", "shop", sql, "--format", "jsonl", "--limit", 25_000)
    assert done.out.count("\n") == 25_000
    assert "more" not in done.err


def test_several_statements_give_several_results_in_order(shop) -> None:
    sql = "SELECT 1 AS a; CREATE TABLE t (x); INSERT INTO t VALUES (7), (8); SELECT x FROM t;"
    done = shop.ok("query", "shop", sql, "--format", "json")
    decoder, rest, results = json.JSONDecoder(), done.out.strip(), []
    while rest:
        result, end = decoder.raw_decode(rest)
        results.append(result)
        rest = rest[end:].strip()
    assert results == [[{"a": 1}], [{"x": 7}, {"x": 8}]]
    assert "2 rows affected" in done.err


def test_sql_comes_from_an_argument_a_file_or_standard_input(shop) -> None:
    (shop.folder / "q.sql").write_bytes("\ufeffSELECT 'ü' AS a".encode())
    expected = [{"a": "ü"}]
    assert shop.ok("query", "shop", "-f", "q.sql", "--format", "json").json == expected
    assert shop.ok("query", "shop", "-", "--format", "json", stdin="SELECT 'ü' AS a").json == expected
    assert shop.ok("query", "shop", "--format", "json", stdin="SELECT 'ü' AS a").json == expected


@pytest.mark.parametrize(
    ("words", "stdin", "expected"),
    [
        (("-f", "missing.sql"), b"", "missing.sql could not be read"),
        (("-",), b"SELECT '\xff'", "not UTF-8"),
        (("-",), b"", "no SQL statement"),
        (("-- nothing but a comment",), b"", "no SQL statement"),
    ],
)
def test_sql_that_cannot_be_read_is_a_usage_error(shop, words, stdin, expected) -> None:
    done = shop("query", "shop", *words, stdin=stdin)
    assert done.code == 2
    assert expected in done.err
    assert "usage: Traceback" not in done.err


def test_an_error_says_where_and_stops_the_script(shop) -> None:
    sql = "SELECT 1 AS a;\nSELECT *\n  FORM track;\nDROP TABLE track"
    done = shop("query", "shop", sql, "--format", "json", "--yes")
    assert done.code == 1
    assert done.json == [{"a": 1}]
    assert "line 3, column 3" in done.err
    marked, mark = done.err.splitlines()[-2:]
    assert marked[mark.index("^") :].startswith("FORM")
    assert shop.ok("query", "shop", "SELECT count(*) AS n FROM track", "--format", "json").json == [{"n": 25_000}]


def test_an_error_of_the_server_has_its_code_and_place(pg) -> None:
    done = pg("query", "pg", "SELECT 1;\n\nSELECT 'é', nothing FROM pg_class")
    assert done.code == 1
    assert "42703" in done.err
    assert "line 3, column 13" in done.err


def test_an_error_text_steers_no_terminal(shop) -> None:
    done = shop("query", "shop", 'SELECT "\x1b[2J"."x"')
    assert done.code == 1
    assert "\x1b" not in done.err


def test_output_is_written_whole_and_an_error_leaves_what_was_there(shop) -> None:
    target = shop.folder / "out.csv"
    shop.ok("query", "shop", "SELECT 1 AS a", "--format", "csv", "--output", target)
    assert target.read_text() == "a\n1\n"
    done = shop("query", "shop", "SELECT id FROM track; SELECT nonsense", "--format", "csv", "-o", target)
    assert done.code == 1
    assert target.read_text() == "a\n1\n"
    assert [path.name for path in shop.folder.iterdir()] == ["out.csv"]


def test_output_that_cannot_be_written_is_a_usage_error(shop) -> None:
    done = shop("query", "shop", "SELECT 1", "--output", "missing/out.csv")
    assert done.code == 2
    assert "out.csv could not be written" in done.err


def test_a_full_device_is_an_error_and_no_traceback(shop) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            shop.command("query", "shop", "SELECT 1"), stdout=full, stderr=subprocess.PIPE, env=shop.environment
        )
    assert done.returncode == 2
    assert b"No space left" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_reader_that_has_seen_enough_is_no_error(shop) -> None:
    process = shop.start("query", "shop", "SELECT * FROM track", "--format", "csv")
    assert process.stdout.readline() == b"id,name,milliseconds\n"
    process.stdout.close()
    assert process.wait(30) == 0
    assert process.stderr.read() == b""
    process.stdout = None


def test_changes_are_committed_one_by_one_unless_the_connection_commits_by_hand(shop, store) -> None:
    shop("query", "shop", "INSERT INTO kinds (name) VALUES ('kept'); SELECT nonsense")
    assert _count(store, "kept") == 1
    shop.ok("connections", "edit", "shop", "--commit-mode", "manual")
    done = shop("query", "shop", "INSERT INTO kinds (name) VALUES ('lost')")
    assert (done.code, _count(store, "lost")) == (2, 0)
    assert "--commit" in done.err
    done = shop("query", "shop", "INSERT INTO kinds (name) VALUES ('lost'); SELECT nonsense", "--commit")
    assert (done.code, _count(store, "lost")) == (1, 0)
    done = shop.ok("query", "shop", "INSERT INTO kinds (name) VALUES ('won')", "--commit")
    assert (_count(store, "won"), "Committed." in done.err) == (1, True)
    assert shop.ok("query", "shop", "SELECT 1 AS a", "--format", "json").json == [{"a": 1}]


def test_a_transaction_that_is_left_open_is_rolled_back_and_said(shop, store) -> None:
    done = shop.ok("query", "shop", "BEGIN; INSERT INTO kinds (name) VALUES ('open')")
    assert "left open" in done.err
    assert _count(store, "open") == 0


def _count(store, name: str) -> int:
    database = sqlite3.connect(store)
    try:
        return database.execute("SELECT count(*) FROM kinds WHERE name = ?", (name,)).fetchone()[0]
    finally:
        database.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_cancels_at_the_server(pg, postgresql_server, number) -> None:
    marker = f"sleeper {number}"
    process = pg.start("query", "pg", f"/* {marker} */ SELECT pg_sleep(600)")
    activity = (
        f"SELECT count(*) AS n FROM pg_stat_activity WHERE query LIKE '%/* {marker} */%' "
        "AND pid <> pg_backend_pid() AND state = 'active'"
    )

    def running() -> int:
        return pg.ok("query", "pg", activity, "--format", "json").json[0]["n"]

    _wait_until(lambda: running() == 1)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert (out, b"Traceback" in err) == (b"", False)
    assert running() == 0


def test_ctrl_c_while_rows_stream_ends_at_once(shop) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    process = shop.start("query", "shop", endless, "--format", "csv")
    for _ in range(5000):
        process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Traceback" not in err


def test_ctrl_c_leaves_no_half_written_file(shop) -> None:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    process = shop.start("query", "shop", endless, "--format", "csv", "-o", shop.folder / "out.csv")
    _wait_until(lambda: any(shop.folder.iterdir()))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert list(shop.folder.iterdir()) == []


def _wait_until(is_true) -> None:
    deadline = time.monotonic() + 30
    while not is_true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_file_has_the_permissions_that_new_files_have(shop) -> None:
    target = shop.folder / "out.csv"
    mask = os.umask(0o027)
    try:
        shop.ok("query", "shop", "SELECT 1", "-o", target)
    finally:
        os.umask(mask)
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
