"""`keeperdb export`."""

import csv
import json
import os
import signal
import stat
import subprocess
import time

import pyarrow.parquet as pq
import pytest

FORMATS = ("csv", "tsv", "json", "jsonl", "sql", "md", "html", "xlsx", "parquet")


@pytest.fixture
def shop(cli, store):
    cli.ok("connections", "add", "shop", "--engine", "sqlite", "--path", store)
    return cli


@pytest.fixture
def pg(cli_with_file_keychain, postgresql_server):
    server = postgresql_server
    cli_with_file_keychain.ok(
        *("connections", "add", "pg", "--engine", "postgresql", "--host", server.host, "--port", server.port),
        *("--database", server.database, "--user", server.user, "--password-stdin"),
        stdin=server.password,
    )
    return cli_with_file_keychain


@pytest.mark.parametrize("form", FORMATS)
def test_the_ending_tells_the_format_and_the_file_is_whole(shop, form) -> None:
    path = shop.folder / f"track.{form}"
    done = shop.ok("export", "shop", "--table", "track", "--output", path)
    assert done.out == ""
    assert "25,000 rows written" in done.err
    assert [each.name for each in shop.folder.iterdir()] == [path.name]
    content = path.read_bytes()
    if form in ("csv", "tsv"):
        rows = list(csv.reader(content.decode().splitlines(), delimiter="," if form == "csv" else "\t"))
        assert rows[0][:2] == ["id", "name"]
        assert len(rows) == 25_001
    elif form == "json":
        assert len(json.loads(content)) == 25_000
    elif form == "jsonl":
        assert content.count(b"\n") == 25_000
    elif form == "sql":
        assert content.startswith(b'INSERT INTO "track" ("id", "name"')
        assert content.count(b"INSERT") == 250
    elif form == "parquet":
        assert pq.read_metadata(path).num_rows == 25_000
    else:
        assert content.startswith({"md": b"| id", "html": b"<!DOCTYPE html>", "xlsx": b"PK"}[form])


def test_parameters_are_bound_and_asked_for(shop) -> None:
    sql = "SELECT :word AS a, :n + 1 AS b"
    shop.ok("export", "shop", sql, "-o", "a.csv", "--param", "word=it's", "--param", "n:number=41")
    assert (shop.folder / "a.csv").read_text() == "a,b\nit's,42\n"
    done = shop("export", "shop", sql, "-o", "b.csv", "--param", "n:number=1")
    assert done.code != 0
    assert "no value for word" in done.err
    assert not (shop.folder / "b.csv").exists()


def test_what_destroys_is_exported_only_with_yes(shop) -> None:
    words = ("export", "shop", "DELETE FROM track RETURNING id", "-o", "gone.csv")
    done = shop(*words)
    assert done.code != 0
    assert "--yes" in done.err
    assert "25,000 rows written" in shop.ok(*words, "--yes").err


def test_a_query_from_an_argument_a_file_and_standard_input(shop) -> None:
    sql = "SELECT 1 AS a, NULL AS b, '' AS c;"
    (shop.folder / "q.sql").write_text(sql)
    shop.ok("export", "shop", sql, "-o", "a.csv")
    shop.ok("export", "shop", "-f", "q.sql", "-o", "b.csv")
    shop.ok("export", "shop", "-", "-o", "c.csv", stdin=sql)
    for name in "abc":
        assert (shop.folder / f"{name}.csv").read_text() == 'a,b,c\n1,,""\n'


def test_options_of_csv(shop) -> None:
    words = ("export", "shop", "SELECT '=1+1' AS a, 'x;y' AS b", "-o", "x.csv")
    shop.ok(*words, "--delimiter", ";", "--bom", "--formula-guard")
    assert (shop.folder / "x.csv").read_bytes() == '\ufeffa;b\n\'=1+1;"x;y"\n'.encode()
    shop.ok(*words, "--delimiter", "tab", "--no-header")
    assert (shop.folder / "x.csv").read_bytes() == b"=1+1\tx;y\n"
    shop.ok("config", "set", "results.csv_delimiter", "|")
    shop.ok(*words)
    assert (shop.folder / "x.csv").read_bytes() == b"a|b\n=1+1|x;y\n"


def test_a_limit_and_the_table_of_inserts(shop) -> None:
    shop.ok("export", "shop", "--table", "track", "-o", "x.sql", "--limit", 2, "--insert-into", "it's")
    text = (shop.folder / "x.sql").read_text()
    assert text.startswith('INSERT INTO "it\'s" ("id"')
    assert text.count("\n") == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["SELECT 1", "-o", "x.dat"], "tells no format"),
        (["SELECT 1", "--table", "track", "-o", "x.csv"], "not several"),
        (["SELECT 1", "-o", "x.json", "--delimiter", ";"], "--delimiter is for CSV"),
        (["SELECT 1", "-o", "x.csv", "--delimiter", '"'], "one ASCII character"),
        (["SELECT 1", "-o", "x.csv", "--delimiter", "ab"], "one ASCII character"),
        (["SELECT 1", "-o", "x.csv", "--limit", "-1"], "--limit"),
        (["SELECT 1; SELECT 2", "-o", "x.csv"], "2 statements"),
        (["CREATE TABLE t (i)", "-o", "x.csv"], "returns no rows"),
        (["--table", "trac", "-o", "x.csv"], "Did you mean “track”?"),
        (["SELECT 1"], "--output"),
        (["SELECT 1", "-o", "none/x.csv"], "could not be written"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_written(shop, words, said) -> None:
    done = shop("export", "shop", *words)
    assert done.code == 2
    assert said in done.err
    assert done.out == ""
    assert list(shop.folder.iterdir()) == []


def test_an_error_in_sql_shows_its_place_and_leaves_what_was_there(pg) -> None:
    path = pg.folder / "x.csv"
    path.write_text("old")
    done = pg("export", "pg", "SELECT 1,\n  nonsense", "-o", path)
    assert done.code == 1
    assert "line 2, column 3" in done.err
    done = pg("export", "pg", "SELECT 1 / (5000 - i) FROM generate_series(1, 9000) i", "-o", path)
    assert done.code == 1
    assert "division by zero" in done.err
    assert path.read_text() == "old"
    assert [each.name for each in pg.folder.iterdir()] == [path.name]


def test_a_file_that_is_replaced_keeps_its_permissions(pg) -> None:
    path = pg.folder / "x.csv"
    path.write_text("old")
    path.chmod(0o600)
    pg.ok("export", "pg", "--table", "pg_catalog/pg_class", "-o", path, "--limit", 1)
    pg.ok("export", "pg", "SELECT true AS yes", "-o", path)
    assert path.read_text() == "yes\nt\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("form", ["csv", "json", "xlsx", "parquet"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_export_leaves_no_half_file(pg, form, number) -> None:
    process = pg.start(
        "export", "pg", "SELECT i, repeat('x', 100) FROM generate_series(1, 100000000) i", "-o", f"x.{form}"
    )
    deadline = time.monotonic() + 30
    while not list(pg.folder.glob(".keeperdb-*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert process.poll() is None
    os.kill(process.pid, number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert list(pg.folder.iterdir()) == []


def test_a_terminal_sees_progress(shop) -> None:
    sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500000) SELECT i FROM n"
    words = shop.command("export", "shop", sql, "-o", "x.csv")
    done = subprocess.run(
        ["script", "-qec", " ".join(f"'{word}'" for word in words), "/dev/null"],
        cwd=shop.folder,
        env=shop.environment | {"TERM": "xterm"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    assert b"rows written" in done.stdout
    assert b"500,000 rows written to x.csv" in done.stdout
    assert b"\r\x1b[K" in done.stdout
