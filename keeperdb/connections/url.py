"""Reading URLs of databases, as programs and Java drivers write them. No value of them gets into an error."""

import re
from urllib.parse import unquote

from keeperdb.connections.address_options import Draft
from keeperdb.connections.jdbc import read_oracle, read_sql_server
from keeperdb.errors import SettingsError

SCHEMES = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "pgsql": "postgresql",
    "mysql": "mysql",
    "mariadb": "mariadb",
    "sqlserver": "sqlserver",
    "mssql": "sqlserver",
    "oracle": "oracle",
    "redshift": "redshift",
    "sqlite": "sqlite",
    "sqlite3": "sqlite",
    "file": "sqlite",
}

_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9]*)(?:\+\w+)?:(?P<rest>.*)", re.DOTALL)
_JDBC_READERS = {"sqlserver": read_sql_server, "oracle": read_oracle}
_JDBC = re.compile(r"jdbc:(?P<rest>.*)", re.DOTALL | re.IGNORECASE)
_DRIVE = re.compile(r"/[A-Za-z]:")
_RESERVED = "Write “/” as %2F, “?” as %3F, “#” as %23 and “@” as %40 in user names and passwords."


def parse_url(text: str) -> Draft:
    """What a URL says. Raises `SettingsError`."""
    jdbc = _JDBC.fullmatch(text)
    found = _SCHEME.fullmatch(jdbc["rest"] if jdbc else text)
    if found is None:
        raise SettingsError("The address does not start with a kind of database.", "Write postgresql://host/database.")
    scheme = found["scheme"].lower()
    if scheme not in SCHEMES:
        raise SettingsError(f"There is no engine for “{scheme}” addresses.", f"One of: {', '.join(SCHEMES)}.")
    draft = Draft(SCHEMES[scheme])
    own_reader = _JDBC_READERS.get(draft.engine) if jdbc else None
    if own_reader is not None:
        own_reader(draft, found["rest"])
    elif draft.engine == "sqlite":
        _read_file(draft, found["rest"], scheme=scheme, is_jdbc=jdbc is not None)
    else:
        _read_server(draft, found["rest"], is_jdbc=jdbc is not None)
    if text.lower().startswith("oracle+") and draft.database and not draft.options.get("sid"):
        _take_path_as_sid(draft, found["rest"])
    return draft


def _take_path_as_sid(draft: Draft, rest: str) -> None:
    """In SQLAlchemy's URLs the path is a SID; a service is in the query."""
    _, path, _ = _split(rest.removeprefix("//"))
    if path.strip("/"):
        draft.options["sid"], draft.database = draft.database, ""


def _read_server(draft: Draft, rest: str, *, is_jdbc: bool) -> None:
    if not rest.startswith("//"):
        if not is_jdbc or ":" in rest:  # such as jdbc:mysql:replication://
            raise SettingsError("The address does not go on with “//” and a host.", "Write postgresql://host/database.")
        rest = "//localhost/" + rest.lstrip("/")
    authority, path, query = _split(rest[2:])
    userinfo, at, place = authority.rpartition("@")
    if not at and ("@" in path or ("@" in query and not path and ":" in authority)):
        raise SettingsError("The user name or the password has a character that ends it too early.", _RESERVED)
    user, _, password = userinfo.partition(":")
    draft.user = _decode(user)
    draft.set_password(_decode(password))
    _read_place(draft, place)
    database = path.removeprefix("/")
    if "/" in database[:-1] or database == "/":
        raise SettingsError("The database in the address contains “/”.", "Write it as %2F.")
    draft.database = _decode(database.removesuffix("/"))
    _read_query(draft, query, is_jdbc=is_jdbc)
    if not draft.host and (is_jdbc or draft.engine != "postgresql"):
        draft.host = "localhost"


def _read_place(draft: Draft, place: str) -> None:
    """Host and port; an IPv6 address stands in brackets."""
    bracketed = re.fullmatch(r"\[(?P<host>[^\[\]]*)\](?::(?P<port>.*))?", place, re.DOTALL)
    if bracketed:
        host, port = bracketed["host"], bracketed["port"] or ""
    elif "," in place:  # each of several hosts may have a port
        host, port = place, ""
    else:
        host, _, port = place.partition(":")
    draft.set_port(port)
    draft.set_host(_decode(host))


def _read_file(draft: Draft, rest: str, *, scheme: str, is_jdbc: bool) -> None:
    """`sqlite:///` goes before the path and `file://` before its first slash; Java has the path at once."""
    if rest.startswith("file:"):
        scheme, rest = "file", rest.removeprefix("file:")
    place, path = "", "/" + rest
    if rest.startswith("//") and (scheme == "file" or not is_jdbc):
        place, path = rest[2:], ""
    place, more, query = _split(place + path)
    if place not in ("", ":memory:"):
        raise SettingsError("The address names a host, but a SQLite database is a file.", "Write sqlite:///path.")
    is_absolute = scheme == "file" and not path and not _DRIVE.match(more)
    draft.path = _decode(place or (more if is_absolute else more.removeprefix("/"))) or ":memory:"
    _read_query(draft, query, is_jdbc=False)


def _read_query(draft: Draft, query: str, *, is_jdbc: bool) -> None:
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if is_jdbc:  # Java's decoder takes the plus sign for a space
            value = value.replace("+", " ")
        if name or value:
            draft.take(_decode(name), _decode(value))


def _split(text: str) -> tuple[str, str, str]:
    """Authority, path with its slash, and query."""
    if "#" in text:
        raise SettingsError("The address contains “#”.", _RESERVED)
    before, _, query = text.partition("?")
    authority, slash, path = before.partition("/")
    return authority, slash + path, query


def _decode(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise SettingsError("The address has a %XX that is not UTF-8.", "Copy the address anew.") from None
