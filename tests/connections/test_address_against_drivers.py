"""Addresses mean here what they mean to libpq and to SQLAlchemy, which wrote the rules."""

import shlex
from urllib.parse import quote

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy.engine import make_url

from keeperdb.connections.address import ParsedAddress, format_address, parse_address
from keeperdb.connections.profile import ConnectionProfile
from keeperdb.errors import SettingsError

_TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=15)
_HOSTS = st.sampled_from(["db1", "db-1.example.com", "10.0.0.1", "::1", "/run/postgresql"])
_PARTS = st.fixed_dictionaries(
    {}, optional={"host": _HOSTS, "port": st.integers(1, 65535), "dbname": _TEXT, "user": _TEXT, "password": _TEXT}
)


def parts(parsed: ParsedAddress) -> dict[str, str]:
    """A connection in libpq's words."""
    profile = parsed.profile
    found = {
        "host": profile.host,
        "port": str(profile.port or ""),
        "dbname": profile.database,
        "user": profile.user,
        "password": parsed.password.reveal() if parsed.password else "",
    }
    return {name: value for name, value in found.items() if value}


def as_texts(values: dict[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}


def url_of(values: dict[str, object]) -> str:
    words = {name: quote(str(value), safe="") for name, value in values.items()}
    host = words.get("host", "")
    if "%3A" in host:
        host = f"[{values['host']}]"
    user = words.get("user", "") + (":" + words["password"] if "password" in words else "")
    port = ":" + words["port"] if "port" in words else ""
    return f"postgresql://{user + '@' if user else ''}{host}{port}/{words.get('dbname', '')}"


@given(_PARTS)
def test_a_url_means_what_libpq_says(values: dict[str, object]) -> None:
    url = url_of(values)
    assert parts(parse_address(url)) == as_texts(conninfo_to_dict(url)) == as_texts(values)


@given(_PARTS)
def test_a_libpq_string_means_what_libpq_says(values: dict[str, object]) -> None:
    text = make_conninfo("", **values)
    if text:
        assert parts(parse_address(text)) == as_texts(conninfo_to_dict(text)) == as_texts(values)
        assert parts(parse_address(f"psql {shlex.quote(text)}")) == as_texts(values)


@given(st.text(st.sampled_from("ab1:/@?=&%[],2F'\\"), max_size=25))
@hypothesis.settings(max_examples=500)
def test_no_url_is_taken_for_something_else_than_libpq_takes_it_for(rest: str) -> None:
    """We may refuse what libpq takes; what both take is the same, but for a slash after the database."""
    url = "postgresql://" + rest.strip()
    try:
        ours = parts(parse_address(url))
    except SettingsError:
        return
    try:
        theirs = as_texts(conninfo_to_dict(url))
    except ProgrammingError:
        return
    if url.count("@") > 1:  # here the last one ends the password, there the first, and what follows is no host
        return
    for each in (ours, theirs):
        each["dbname"] = each.get("dbname", "").removesuffix("/")
    assert {name: value for name, value in ours.items() if value} == {
        name: value for name, value in theirs.items() if value
    }


@pytest.mark.parametrize("engine", ["mysql", "mariadb"])
@given(host=st.sampled_from(["db1", "10.0.0.1", "::1"]), port=st.none() | st.integers(1, 65535), user=_TEXT, name=_TEXT)
def test_a_url_of_ours_means_the_same_to_sqlalchemy(
    engine: str, host: str, port: int | None, user: str, name: str
) -> None:
    url = make_url(format_address(ConnectionProfile("x", engine, host=host, port=port, user=user, database=name)))
    assert (url.host, url.port, url.username) == (host, port, user)


@given(st.sampled_from(["mysql+pymysql", "mariadb+pymysql", "postgresql+psycopg"]), _TEXT, _TEXT)
def test_a_url_that_sqlalchemy_wrote_is_understood(driver: str, user: str, password: str) -> None:
    url = make_url(f"{driver}://db1:33/shop").set(username=user, password=password)
    parsed = parse_address(url.render_as_string(hide_password=False))
    assert parts(parsed) == {"host": "db1", "port": "33", "dbname": "shop", "user": user, "password": password}


@pytest.mark.parametrize("path", ["shop.db", "/data/shop.db", "C:/data/shop.db", "/a b/shöp.db"])
def test_a_file_is_the_same_to_sqlalchemy(path: str) -> None:
    assert make_url(f"sqlite:///{path}").database == path
    assert parse_address(f"sqlite:///{path}").profile.path == path
