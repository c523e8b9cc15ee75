"""`keeperdb schema`."""

import pytest


@pytest.fixture
def shop(cli, store):
    cli.ok("connections", "add", "shop", "--engine", "sqlite", "--path", store)
    return cli


def listed(cli, *words: str) -> list[tuple[str, str]]:
    return [(row["kind"], row["name"]) for row in cli.ok("schema", *words, "--format", "json").json]


def test_the_objects_of_a_database_are_listed(shop) -> None:
    assert listed(shop, "shop") == [
        ("table", "kinds"),
        ("table", 'odd "name" & <b>'),
        ("table", "track"),
        ("view", "long_tracks"),
    ]
    assert "track" in shop.ok("schema", "shop").out
    assert shop.ok("schema", "shop", "--format", "csv").out.startswith("kind,name,detail")


def test_the_parts_of_a_table_are_listed_whatever_its_name(shop) -> None:
    assert ("column", "milliseconds") in listed(shop, "shop", "track")
    assert ("index", "track_by_length") in listed(shop, "shop", "TRACK")
    assert listed(shop, "shop", 'odd "name" & <b>') == [("column", "select")]
    assert listed(shop, "shop", "track.name") == [("column", "name")]


def test_ddl_is_printed_as_it_is_and_makes_the_object_again(shop, tmp_path) -> None:
    text = shop.ok("schema", "shop", 'odd "name" & <b>', "--ddl").out
    assert text == 'CREATE TABLE "odd ""name"" & <b>" ("select" TEXT);\n'
    table = shop.ok("schema", "shop", "track", "--ddl").out
    assert "CREATE INDEX track_by_length ON track (milliseconds);" in table
    shop.ok(
        "connections", "add", "other", "--engine", "sqlite", "--path", tmp_path / "other.db", "--option", "create=on"
    )
    shop.ok("query", "other", table)
    assert shop.ok("schema", "other", "track", "--ddl").out == table


def test_ddl_needs_the_path_of_an_object(shop) -> None:
    done = shop("schema", "shop", "--ddl")
    assert done.code == 2
    assert "--ddl needs the path of an object." in done.err


def test_an_unknown_object_suggests_the_nearest(shop) -> None:
    done = shop("schema", "shop", "trak")
    assert done.code == 2
    assert "Did you mean “track”?" in done.err


def test_paths_begin_at_the_server_the_database_or_the_default_schema(
    cli_with_file_keychain, postgresql_server
) -> None:
    cli, server = cli_with_file_keychain, postgresql_server
    cli.ok(
        *("connections", "add", "pg", "--engine", "postgresql", "--host", server.host, "--port", server.port),
        *("--database", server.database, "--user", server.user, "--password-stdin"),
        stdin=server.password,
    )
    cli.ok(
        "query",
        "pg",
        """CREATE SCHEMA cli_sales; CREATE TABLE cli_sales.orders (id int PRIMARY KEY, total numeric(10,2));
        CREATE TABLE "cli a.b" (x int)""",
    )
    try:
        assert {("database", server.database), ("user", server.user)} <= {*listed(cli, "pg", "/")}
        assert ("schema", "cli_sales") in listed(cli, "pg")
        for path in ("cli_sales.orders", f"{server.database}/cli_sales/orders"):
            assert ("column", "total") in listed(cli, "pg", path)
        assert ("column", "x") in listed(cli, "pg", "public.cli a.b")
        assert 'CREATE TABLE public."cli a.b" (\n    x integer\n);' in cli.ok("schema", "pg", "cli a.b", "--ddl").out
        assert cli.ok("schema", "pg", server.user, "--ddl").out.startswith(f"CREATE ROLE {server.user}")
    finally:
        cli.ok("query", "pg", 'DROP SCHEMA cli_sales CASCADE; DROP TABLE "cli a.b"', "--yes")
