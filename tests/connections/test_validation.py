"""What is wrong with a connection, field by field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.connections.validation import check_profile, host_problem

GOOD = ConnectionProfile(
    "Shop 👩‍💻 été", "postgresql", host="db-1.example_x.com", port=5432, user="joe", color="#00ff00"
)


def fields(profile: ConnectionProfile, **needs: object) -> list[str]:
    return [problem.field for problem in check_profile(profile, **needs)]  # type: ignore[arg-type]


def test_a_good_connection_has_no_problem() -> None:
    assert check_profile(GOOD) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "pay\u202elap"}, "name"),
        ({"engine": ""}, "engine"),
        ({"host": ""}, "host"),
        ({"host": "a b"}, "host"),
        ({"host": "h/../x"}, "host"),
        ({"port": 0}, "port"),
        ({"port": 65536}, "port"),
        ({"port": -1}, "port"),
        ({"user": "a\x00b"}, "user"),
        ({"database": "a\x1bb"}, "database"),
        ({"tls_ca": "a\nb"}, "tls_ca"),
        ({"tls_certificate": "/c.pem"}, "tls_key"),
        ({"tls_key": "/k.pem"}, "tls_certificate"),
        ({"color": "red"}, "color"),
        ({"color": "#00ff00;"}, "color"),
        ({"folder": ("a", "")}, "folder"),
        ({"options": {"password": "x"}}, "options"),
        ({"options": {"application_name": "a\nb"}}, "options"),
    ],
)
def test_a_bad_value_is_a_problem_of_its_field_that_says_what_to_do(change: dict[str, object], field: str) -> None:
    (problem,) = check_profile(GOOD.with_(**change))
    assert problem.field == field
    assert problem.message.endswith(".")
    assert problem.hint.endswith(".")


@pytest.mark.parametrize("bad", "/?#@\\,;='\"<>(){}|^`&*[]\t\n\x00\x7f\u200b\u202e\u00a0\ud800")
def test_a_host_with_a_character_that_means_something_elsewhere_is_refused(bad: str) -> None:
    assert host_problem(f"db{bad}evil.com")


@pytest.mark.parametrize(
    "host", ["::1", "fe80::1%eth0", "10.0.0.1", "localhost", "bücher.example", "db_1", "/run/pg", ""]
)
def test_names_addresses_and_socket_folders_are_hosts(host: str) -> None:
    assert host_problem(host) == ""


@pytest.mark.parametrize("host", ["db:5432", "a%b", "-oProxyCommand=x", "-h", "x" * 256, "/run/\x00"])
def test_what_only_looks_like_a_host_is_refused(host: str) -> None:
    assert host_problem(host)


@given(st.text(st.characters(codec=None), max_size=20))
def test_no_host_that_passes_can_end_an_authority(host: str) -> None:
    if not host_problem(host) and not host.startswith("/"):
        assert not set(host) & set("/?#@ \t\r\n\x00")


def test_a_server_may_do_without_a_host_where_the_engine_says_so() -> None:
    assert fields(GOOD.with_(host=""), needs_host=False) == []


def test_a_file_database_needs_no_host() -> None:
    profile = ConnectionProfile("a", "sqlite", path="/a b.db")
    assert fields(profile, is_file=True, needs_path=True) == []
    assert fields(profile.with_(path=""), is_file=True, needs_path=True) == ["path"]
    assert fields(profile.with_(path=""), is_file=True) == []
    assert fields(profile.with_(path="a\x00b"), is_file=True) == ["path"]


def test_an_option_that_the_engine_does_not_know_is_named() -> None:
    (problem,) = check_profile(GOOD.with_(options={"frobnicate": "1"}), options=("search_path", "timezone"))
    assert "frobnicate" in problem.message
    assert "search_path, timezone" in problem.hint
    assert fields(GOOD.with_(options={"timezone": "UTC"}), options=("timezone",)) == []


def test_several_problems_are_all_told() -> None:
    assert fields(GOOD.with_(name="", host="", port=0)) == ["name", "host", "port"]
