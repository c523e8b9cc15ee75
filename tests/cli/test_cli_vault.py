"""`keeperdb vault`, and queries on what a vault has, over the real protocol."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from keeperdb.demo.record_types import database_record

_ROOT = Path(__file__).parents[2]


@pytest.fixture
def work(cli_with_file_keychain, demo_vault, postgresql_server):
    """The command line pointed at a vault with a server, a broken record and a second folder."""
    server = postgresql_server
    folder = demo_vault.add_shared_folder("Databases")
    folder.add_record(
        database_record(
            "orders",
            "PostgreSQL",
            host=server.host,
            port=server.port,
            login=server.user,
            password=server.password,
            custom={"Database": server.database},
        )
    )
    folder.add_folder("Archive").add_record(database_record("old", "mysql"))
    cli_with_file_keychain.use_vault(demo_vault)
    return cli_with_file_keychain


@pytest.fixture
def attached(work, demo_vault):
    done = work.ok("vault", "attach", "Work", stdin=demo_vault.issue_token() + "\n")
    assert done.out == ""
    assert "2 connections, 1 of them not usable" in done.err
    return work


def test_attached_vaults_are_listed(attached, demo_vault) -> None:
    [row] = attached.ok("vault", "list", "--format", "json").json
    assert (row["name"], row["connections"], row["unusable"], row["state"]) == ("Work", 2, 1, "ready")
    assert row["endpoint"] == f"{demo_vault.endpoint} (custom server key)"
    assert "Work" in attached.ok("vault", "list").out


def test_a_vault_connection_runs_sql_and_shows_its_tables(attached) -> None:
    [orders] = [row for row in attached.ok("connections", "list", "--format", "json").json if row["name"] == "orders"]
    assert (orders["source"], orders["vault"], orders["folder"]) == ("vault", "Work", "Databases")
    for name in ("orders", "Work/orders", "work/ORDERS"):
        done = attached.ok("query", name, "SELECT 42 AS answer", "--format", "json")
        assert done.json == [{"answer": 42}]
    assert attached.ok("connections", "test", "orders").out.startswith("PostgreSQL")
    assert "schema" in attached.ok("schema", "orders").out


def test_sources_are_listed_apart(attached, store) -> None:
    attached.ok("connections", "add", "here", "--engine", "sqlite", "--path", store)
    names = {
        source: [row["name"] for row in attached.ok("connections", "list", "--source", source, "--format", "json").json]
        for source in ("local", "vault", "all")
    }
    assert names == {"local": ["here"], "vault": ["old", "orders"], "all": ["here", "old", "orders"]}


def test_a_name_that_is_here_and_there_needs_its_vault(attached, store) -> None:
    attached.ok("connections", "add", "orders", "--engine", "sqlite", "--path", store)
    done = attached("query", "orders", "SELECT 1")
    assert done.code == 2
    assert "local/orders" in done.err
    assert "Work/orders" in done.err
    assert attached.ok("query", "Work/orders", "SELECT 1 AS a", "--format", "json").json == [{"a": 1}]
    assert attached.ok("query", "local/orders", "SELECT 2 AS a", "--format", "json").json == [{"a": 2}]


def test_what_cannot_be_used_is_listed_and_says_why(attached) -> None:
    done = attached("query", "old", "SELECT 1")
    assert done.code == 3
    assert "host" in done.err


def test_a_vault_connection_is_changed_in_keeper_only(attached) -> None:
    for words in (("edit", "Work/orders", "--host", "x"), ("remove", "Work/orders", "--yes")):
        done = attached("connections", *words)
        assert done.code == 2
        assert "comes from a vault" in done.err


def test_a_rotated_password_just_works_and_a_wrong_one_is_tried_twice_visibly(attached, demo_vault) -> None:
    [record] = [record for record in demo_vault.records() if record.title == "orders"]

    def wrong(document) -> None:
        next(field for field in document["fields"] if field["type"] == "password")["value"] = ["planted-stale"]

    record.update(wrong)
    done = attached("query", "orders", "SELECT 1")
    assert done.code == 3
    assert done.err.count("read again from Work") == 1
    assert "planted-stale" not in done.err


def test_refreshing_finds_what_is_new(attached, demo_vault) -> None:
    demo_vault.add_shared_folder("More").add_record(database_record("new", "mysql", host="db"))
    assert "3 connections" in attached.ok("vault", "refresh", "Work").err
    assert "3 connections" in attached.ok("vault", "refresh").err


def test_renaming_and_detaching(attached) -> None:
    attached.ok("vault", "rename", "Work", "Office")
    assert attached.ok("query", "Office/orders", "SELECT 1 AS a", "--format", "json").json == [{"a": 1}]
    done = attached("vault", "detach", "Office")
    assert done.code == 2
    assert "--yes" in done.err
    attached.ok("vault", "detach", "Office", "--yes")
    assert attached.ok("vault", "list", "--format", "json").json == []
    assert attached.ok("connections", "list", "--format", "json").json == []


def test_a_token_serves_once(attached, work, demo_vault) -> None:
    token = demo_vault.issue_token()
    work.ok("vault", "attach", "Again", stdin=token)
    done = work("vault", "attach", "Third", stdin=token)
    assert done.code == 4
    assert token not in done.err


def test_a_lost_answer_is_asked_for_again_with_the_same_key(work, demo_vault) -> None:
    demo_vault.fail("lost", "get_secret", times=2)  # the client itself asks again once
    done = work.ok("vault", "attach", "Work", stdin=demo_vault.issue_token())
    assert "Trying again" in done.err
    assert len(work.ok("vault", "list", "--format", "json").json) == 1


@pytest.mark.parametrize("text", ["", "nonsense", "XX:" + "A" * 43, "{}"])
def test_what_is_no_token_is_refused_before_anything_is_sent(work, demo_vault, text) -> None:
    done = work("vault", "attach", "Work", stdin=text)
    assert done.code == (4 if text else 2)
    assert len(demo_vault.journal) == 0
    assert work.ok("vault", "list", "--format", "json").json == []


def test_a_vault_that_is_gone_is_a_vault_error_and_the_list_stays(attached, demo_vault) -> None:
    demo_vault.stop()
    for words in (("vault", "refresh"), ("query", "orders", "SELECT 1"), ("connections", "test", "orders")):
        done = attached(*words)
        assert done.code == 4
        assert demo_vault.endpoint.split(":")[0] in done.err
    [row] = attached.ok("vault", "list", "--format", "json").json
    assert row["connections"] == 2
    assert row["state"] != "ready"


@pytest.mark.parametrize("verb", ["refresh", "rename", "detach"])
def test_an_unknown_vault_suggests_the_nearest(attached, verb) -> None:
    words = ["vault", verb, "Wrok"] + (["New"] if verb == "rename" else [])
    done = attached(*words)
    assert done.code == 2
    assert "Did you mean “Work”?" in done.err


def test_without_a_keychain_nothing_is_attached_and_the_token_is_not_spent(cli, demo_vault) -> None:
    demo_vault.add_shared_folder("Databases").add_record(database_record("db", "mysql", host="db"))
    cli.use_vault(demo_vault)
    token = demo_vault.issue_token()
    done = cli("vault", "attach", "Work", stdin=token)
    assert done.code == 2
    assert "keeperdb config set connections.keychain file" in done.err
    assert len(demo_vault.journal) == 0
    assert cli.ok("vault", "list", "--format", "json").json == []


def test_where_nothing_is_kept_no_token_is_spent(cli, demo_vault) -> None:
    cli.use_vault(demo_vault)
    cli.ok("config", "set", "connections.keychain", "ask")
    done = cli("vault", "attach", "Work", stdin=demo_vault.issue_token())
    assert done.code == 2
    assert "ask" in done.err
    assert len(demo_vault.journal) == 0


def test_refreshing_nothing_asks_for_nothing(cli_with_file_keychain, tmp_path) -> None:
    (tmp_path / "master").write_text("not the master password")
    assert cli_with_file_keychain.ok("vault", "refresh").err == ""


_STORY = """
import json, subprocess, sys

def keeperdb(*words, stdin=""):
    command = [sys.executable, "-m", "keeperdb", *OPTIONS, *words]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout

keeperdb("vault", "attach", "Work", stdin=TOKEN)
vaults = json.loads(keeperdb("vault", "list", "--format", "json"))
rows = json.loads(keeperdb("query", "Work/shop", "SELECT count(*) AS n FROM track", "--format", "json"))
kept = subprocess.run(["secret-tool", "search", "--all", "service", "KeeperDB"], capture_output=True, text=True)
keeperdb("vault", "detach", "Work", "--yes")
left = subprocess.run(["secret-tool", "search", "--all", "service", "KeeperDB"], capture_output=True, text=True)
print(json.dumps({"vaults": vaults, "rows": rows, "kept": kept.stdout.count("[/"), "left": left.stdout.count("[/")}))
"""


def test_the_main_story_with_a_real_secret_service(run_with_secret_service, demo_vault, store, home) -> None:
    assert shutil.which("secret-tool")
    demo_vault.add_shared_folder("Databases").add_record(database_record("shop", "sqlite", custom={"Path": str(store)}))
    options = ["--vault-endpoint", demo_vault.endpoint, "--vault-server-key", demo_vault.server_key_option]
    options += ["--vault-ca", str(demo_vault.ca_file)]
    token = demo_vault.issue_token()
    code = f"OPTIONS = {options!r}\nTOKEN = {token!r}\n{_STORY}"
    done = json.loads(run_with_secret_service(code, KEEPERDB_HOME=str(home / "keeperdb")))
    assert [vault["name"] for vault in done["vaults"]] == ["Work"]
    assert done["rows"] == [{"n": 25_000}]
    assert (done["kept"], done["left"]) == (1, 0)


def test_the_demo_vault_alone_can_be_attached_to(cli_with_file_keychain) -> None:
    cli = cli_with_file_keychain
    server = subprocess.Popen(
        [sys.executable, "-m", "keeperdb", "demo-vault"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=cli.environment,
        text=True,
    )
    try:
        said = json.loads(server.stdout.readline())
        cli.options += ["--vault-endpoint", said["endpoint"], "--vault-server-key", said["server_key"]]
        cli.options += ["--vault-ca", said["ca"]]
        cli.ok("vault", "attach", "Demo", stdin=said["token"])
        rows = cli.ok("query", "Demo/Chinook", "SELECT count(*) AS n FROM artist", "--format", "json").json
        assert rows[0]["n"] > 100
    finally:
        server.send_signal(signal.SIGINT)
        out, err = server.communicate(timeout=20)
    assert (server.returncode, out, err) == (0, "", "")
