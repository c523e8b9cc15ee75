"""From an address that a person pastes to a connection, and back."""

import re
from dataclasses import dataclass
from pathlib import PureWindowsPath
from urllib.parse import quote, urlencode

from keeperdb.connections.address_options import PRODUCTS, Draft
from keeperdb.connections.command_line import (
    is_conninfo,
    parse_command,
    parse_conninfo,
    parse_environment,
    program_of,
    split_environment,
    words_of,
)
from keeperdb.connections.profile import ConnectionProfile, TlsMode
from keeperdb.connections.url import parse_url
from keeperdb.errors import SettingsError
from keeperdb.keychain import Secret

_URL = re.compile(r"(jdbc|sqlite3?|file):|[A-Za-z][\w+.\-]*://", re.IGNORECASE)
_SHELL = re.compile(r"([$%>] |export |set |env |[A-Za-z_]\w*=)")
_CONNINFO = re.compile(r"[a-z_]+\s*=")
_PATH = re.compile(r":memory:|~|\.{0,2}[/\\]|[A-Za-z]:[/\\]")
_FILE_SUFFIXES = (".db", ".db3", ".s3db", ".sl3", ".sqlite", ".sqlite3")

# The words that each product's own programs use for TlsMode in a URL
_MYSQL_TLS = {
    TlsMode.VERIFY_FULL: "VERIFY_IDENTITY",
    TlsMode.VERIFY_CA: "VERIFY_CA",
    TlsMode.REQUIRE: "REQUIRED",
    TlsMode.PREFER: "PREFERRED",
    TlsMode.DISABLE: "DISABLED",
}
_OPTIONS = {
    "postgresql": ("application_name", "lock_timeout", "search_path", "statement_timeout", "timezone"),
    "mysql": ("sql_mode", "time_zone", "unix_socket"),
    "mariadb": ("sql_mode", "time_zone", "unix_socket"),
    "sqlserver": (
        "application_name",
        "authentication",
        "driver",
        "host_name_in_certificate",
        "instance",
        "multi_subnet_failover",
        "query_timeout",
    ),
    "oracle": ("current_schema", "role", "sid", "ssl_server_cert_dn", "statement_timeout", "wallet"),
    "redshift": ("application_name", "query_group", "search_path", "statement_timeout", "timezone"),
}


@dataclass(frozen=True, slots=True)
class ParsedAddress:
    """A new connection as the address describes it, its password, and the names of options that were left out.

    What is left out only tunes another program's driver.
    """

    profile: ConnectionProfile
    password: Secret | None = None
    left_out: tuple[str, ...] = ()


def parse_address(text: str) -> ParsedAddress:
    """The connection that a URL, a JDBC URL, a command line, a libpq string, environment variables or a path describe.

    Raises `SettingsError` for what is not understood, and for every option that is unsafe or unknown, by its name.
    No message quotes a value, because it may be a password.
    """
    draft = _read(_unquoted(text.strip()))
    return ParsedAddress(draft.to_profile(_name(draft)), draft.password, tuple(draft.left_out))


def format_address(profile: ConnectionProfile) -> str:
    """A URL of the connection without its password; `parse_address` takes it back."""
    if profile.engine == "sqlite":
        return _format_file(profile)
    user = quote(profile.user, safe="") + "@" if profile.user else ""
    host = f"[{quote(profile.host, safe=':')}]" if ":" in profile.host else quote(profile.host, safe="")
    port = f":{profile.port}" if profile.port else ""
    database = "/" + quote(profile.database, safe="") if profile.database or not profile.host else ""
    query = urlencode(_query(profile), quote_via=quote, safe="")
    return f"{profile.engine}://{user}{host}{port}{database}{'?' + query if query else ''}"


def _format_file(profile: ConnectionProfile) -> str:
    mode = "ro" if profile.read_only else "rwc" if profile.options.get("create") == "true" else ""
    path = quote(profile.path, safe="/:\\") if profile.path else ":memory:"
    return f"sqlite:///{path}{'?mode=' + mode if mode else ''}"


def _query(profile: ConnectionProfile) -> dict[str, str]:
    is_mysql = profile.engine in ("mysql", "mariadb")
    names = ("ssl-mode", "ssl-ca", "ssl-cert") if is_mysql else ("sslmode", "sslrootcert", "sslcert")
    mode = _MYSQL_TLS.get(profile.tls, "") if is_mysql else profile.tls.value
    query = dict(zip(names, (mode, profile.tls_ca, profile.tls_certificate), strict=True))
    query |= {name: profile.options.get(name, "") for name in _OPTIONS.get(profile.engine, ())}
    return {name: value for name, value in query.items() if value}


def _read(text: str) -> Draft:
    while text.startswith("#"):  # comments above a block of variables
        text = text.partition("\n")[2].strip()
    if _URL.match(text):
        return parse_url(text)
    if program_of(text.split()[:1]) or _SHELL.match(text):
        draft = _read_shell(text)
        if draft is not None:
            return draft
    elif _PATH.match(text) or text.lower().endswith(_FILE_SUFFIXES):
        return Draft("sqlite", path=text)
    raise SettingsError(
        "This is not an address that is understood.",
        "Paste a URL such as postgresql://host/database, a JDBC URL, a psql or mysql command, or the path of a file.",
    )


def _read_shell(text: str) -> Draft | None:
    if _CONNINFO.match(text) and is_conninfo(text):
        return parse_conninfo(text)
    environment, words = split_environment(words_of(text))
    if program_of(words):
        return parse_command(environment, words)
    return None if words else parse_environment(environment)


def _unquoted(text: str) -> str:
    return text[1:-1].strip() if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'`" else text


def _name(draft: Draft) -> str:
    """A name for the new connection, which the person may change."""
    if draft.engine == "sqlite":
        return PureWindowsPath(draft.path).stem if draft.path != ":memory:" else "In memory"
    place = "" if draft.host.startswith("/") or draft.host == "localhost" else draft.host
    if draft.database and place:
        return f"{draft.database} on {place}"
    return draft.database or place or PRODUCTS[draft.engine]
