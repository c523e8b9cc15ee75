"""A connection survives its own URL, and no text makes the reader of addresses stumble."""

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from keeperdb.connections.address import format_address, parse_address
from keeperdb.connections.profile import ConnectionProfile, TlsMode
from keeperdb.connections.validation import host_problem
from keeperdb.errors import SettingsError

_CARRIED = (
    "engine",
    "host",
    "port",
    "database",
    "user",
    "path",
    "options",
    "tls",
    "tls_ca",
    "tls_certificate",
    "read_only",
)


def carried(profile: ConnectionProfile) -> list[object]:
    """What a URL says about a connection."""
    return [getattr(profile, name) for name in _CARRIED]


_TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=20)
_HOSTS = st.one_of(
    st.from_regex(r"[a-z][a-z0-9.-]{0,20}", fullmatch=True),
    st.ip_addresses().map(str),
    st.text(st.characters(exclude_categories=("Cc", "Cs", "Cf", "Zs", "Zl", "Zp")), min_size=1, max_size=15).filter(
        lambda text: not host_problem(text)
    ),
)
_TLS = st.sampled_from(TlsMode)
_OPTIONS = {
    "postgresql": ("application_name", "lock_timeout", "search_path", "statement_timeout", "timezone"),
    "mysql": ("sql_mode", "time_zone", "unix_socket"),
    "mariadb": ("sql_mode", "time_zone", "unix_socket"),
    "sqlserver": ("application_name", "host_name_in_certificate", "instance", "query_timeout"),
    "oracle": ("current_schema", "role", "ssl_server_cert_dn", "statement_timeout", "wallet"),
    "redshift": ("application_name", "query_group", "search_path", "statement_timeout", "timezone"),
}


@st.composite
def server_profiles(draw: st.DrawFn) -> ConnectionProfile:
    engine = draw(st.sampled_from(sorted(_OPTIONS)))
    names = st.sampled_from(_OPTIONS[engine])
    return ConnectionProfile(
        "x",
        engine,
        host=draw(_HOSTS),
        port=draw(st.none() | st.integers(1, 65535)),
        database=draw(_TEXT),
        user=draw(_TEXT),
        tls=draw(_TLS),
        tls_ca=draw(_TEXT.filter(lambda text: text != "system")),
        tls_certificate=draw(_TEXT),
        options=draw(st.dictionaries(names, _TEXT.filter(bool))),
    )


@given(server_profiles())
def test_a_server_survives_its_own_url(profile: ConnectionProfile) -> None:
    assert carried(parse_address(format_address(profile)).profile) == carried(profile)


@given(_TEXT.filter(bool), st.booleans())
def test_a_file_survives_its_own_url(path: str, read_only: bool) -> None:
    profile = ConnectionProfile("x", "sqlite", path=path, read_only=read_only)
    assert carried(parse_address(format_address(profile)).profile) == carried(profile)


@given(st.text(max_size=60))
def test_no_text_makes_it_stumble(text: str) -> None:
    with contextlib.suppress(SettingsError):
        parse_address(text)


@given(
    st.sampled_from(["postgresql://", "jdbc:mysql://", "psql ", "mysql ", "sqlite3 ", "sqlite:", "host=", "PGHOST="]),
    st.text(st.sampled_from("ab/:@?#&=%[],'\"\\ -$\n1"), max_size=30),
)
def test_no_end_of_an_address_makes_it_stumble(start: str, end: str) -> None:
    try:
        profile = parse_address(start + end).profile
    except SettingsError:
        return
    assert not host_problem(profile.host)
