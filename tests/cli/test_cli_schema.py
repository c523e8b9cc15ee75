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
        assert ("database", server.database) in listed(cli, "pg", "/")
        assert ("schema", "cli_sales") in listed(cli, "pg")
        for path in ("cli_sales/orders", "cli_sales.orders", f"{server.database}/cli_sales/orders"):
            assert ("column", "total") in listed(cli, "pg", path)
        assert ("column", "x") in listed(cli, "pg", "cli a.b")
        assert ("column", "x") in listed(cli, "pg", "public.cli a.b")
    finally:
        cli.ok("query", "pg", 'DROP SCHEMA cli_sales CASCADE; DROP TABLE "cli a.b"')
