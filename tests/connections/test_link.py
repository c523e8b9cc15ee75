"""Links that other people write: they may name a connection or describe one, and nothing else."""

import pytest

from keeperdb.connections.link import Link, is_link, link_that_makes, link_to, parse_link
from keeperdb.connections.profile import ConnectionProfile
from keeperdb.errors import SettingsError

_ORDERS = ConnectionProfile(
    "Orders / 2026 ä", "postgresql", host="db1.example.com", port=5433, database="chinook", user="joe"
)


def test_a_link_to_a_saved_connection_carries_its_name_only() -> None:
    link = link_to(_ORDERS)
    assert link == "keeperdb:open/Orders%20%2F%202026%20%C3%A4"
    assert parse_link(link) == Link(name="Orders / 2026 ä")


def test_a_link_that_describes_a_connection_comes_back_without_its_password() -> None:
    profile = parse_link(link_that_makes(_ORDERS)).profile
    assert profile is not None
    assert (profile.engine, profile.host, profile.port, profile.database, profile.user) == (
        "postgresql",
        "db1.example.com",
        5433,
        "chinook",
        "joe",
    )


@pytest.mark.parametrize("text", ["keeperdb://open/Orders", "KEEPERDB:open/Orders", "keeperdb:open/Orders/"])
def test_the_ways_in_which_desktops_write_links_are_one(text: str) -> None:
    assert is_link(text)
    assert parse_link(text) == Link(name="Orders")


@pytest.mark.parametrize(
    "text",
    [
        "keeperdb:",
        "keeperdb:open/",
        "keeperdb:run/select%201",
        "keeperdb:open/a%00b",
        "keeperdb:open/pay%E2%80%AEtpal",
        "keeperdb:new/",
        "keeperdb:new/ftp%3A%2F%2Fhost",
        "keeperdb:open/" + "x" * 5000,
        "postgresql://host/db",
        "keeperdb:new/sqlite:///etc/passwd",
        "keeperdb:new/file:///etc/passwd",
        "keeperdb:new//etc/passwd",
        "keeperdb:new/postgresql%3A%2F%2F%252Fvar%252Frun%2Fdb",
        "keeperdb:new/postgresql://host/db?service=evil",
        "keeperdb:new/mysql://host/db?allowLoadLocalInfile=true",
        "keeperdb:new/postgresql://host/db%3Fsslkey%3D/etc/key%26passfile%3D/x",
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(SettingsError):
        parse_link(text)


def test_a_link_with_a_password_is_refused_and_does_not_repeat_it() -> None:
    with pytest.raises(SettingsError) as raised:
        parse_link("keeperdb:new/postgresql://joe:hunter2@host/db")
    assert "hunter2" not in f"{raised.value} {raised.value.hint}"
