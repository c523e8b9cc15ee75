"""`keeperdb query`: what destroys wants --yes, parameters want values."""

import sqlite3
from pathlib import Path

import pytest


@pytest.fixture(params=["", "production"])
def shop(cli, store, request):
    environment = ("--environment", request.param) if request.param else ()
    cli.ok("connections", "add", "shop", "--engine", "sqlite", "--path", store, *environment)
    return cli


def tracks(store: Path) -> int:
    with sqlite3.connect(store) as database:
        number = database.execute("SELECT count(*) FROM track").fetchone()[0]
    database.close()
    return number


def test_what_destroys_is_refused_before_anything_runs(shop, store) -> None:
    before = tracks(store)
    sql = "DELETE FROM track WHERE id = 1; DELETE FROM track WHERE 1 = 1"
    done = shop("query", "shop", sql, "--commit")
    assert done.code == 2
    assert "Delete all rows of track" in done.err
    assert "--yes" in done.err
    assert done.out == ""
    assert tracks(store) == before


def test_yes_runs_it(shop, store) -> None:
    shop.ok("query", "shop", "DELETE FROM track", "--yes", "--commit")
    assert tracks(store) == 0


def test_the_setting_does_not_hold_for_production(shop, store) -> None:
    shop.ok("config", "set", "safety.confirmation", "off")
    is_production = shop.ok("connections", "show", "shop", "--format", "json").json["environment"] == "production"
    done = shop("query", "shop", "DELETE FROM track", "--commit")
    assert done.code == (2 if is_production else 0)
    assert (tracks(store) > 0) is is_production


def test_values_are_bound(shop) -> None:
    evil = "x'; DROP TABLE track; --"
    done = shop.ok(
        *("query", "shop", "SELECT :text AS a, %(number)s + 1 AS b, :nothing IS NULL AS c", "--format", "json"),
        *("--param", f"text={evil}", "--param", "number:number=41", "--param", "nothing:null"),
    )
    assert done.json == [{"a": evil, "b": 42, "c": 1}]


def test_a_value_that_is_missing_is_named_before_anything_runs(shop, store) -> None:
    before = tracks(store)
    done = shop("query", "shop", "DELETE FROM track WHERE id = 1; SELECT :nme", "--param", "name=1", "--commit")
    assert done.code == 2
    assert "nme" in done.err
    assert "--param nme=VALUE" in done.err
    assert tracks(store) == before


def test_a_value_of_the_wrong_type_is_refused(shop) -> None:
    done = shop("query", "shop", "SELECT :n", "--param", "n:number=ten")
    assert done.code == 2
    assert "not a number" in done.err
