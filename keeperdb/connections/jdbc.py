"""JDBC URLs of SQL Server and Oracle, which follow no grammar of URLs. No value of them gets into an error."""

import re
from collections.abc import Iterator

from keeperdb.connections.address_options import Draft
from keeperdb.connections.profile import TlsMode
from keeperdb.errors import SettingsError

# https://learn.microsoft.com/sql/connect/jdbc/building-the-connection-url
_PROPERTY = re.compile(r"\s*(?P<name>[^=;{}]+)=(?:\{(?P<braced>(?:[^}]|\}\})*)\}|(?P<plain>[^;]*))\s*(?:;|\Z)")
# https://docs.oracle.com/en/database/oracle/oracle-database/23/jajdb/oracle/jdbc/OracleDriver.html
_THIN = re.compile(r"(?:thin|oci8?):(?P<user>[^/@]*)(?:/(?P<password>.*))?@(?P<place>[^@]*)", re.DOTALL | re.IGNORECASE)
_PLACE = re.compile(
    r"(?:(?P<protocol>tcps?):)?(?://)?(?P<host>\[[^\]]*\]|[^\[\]/:()?]+)(?::(?P<port>[0-9]+))?"
    r"(?:/(?P<service>[^/:?]*)(?::\w+)?|:(?P<sid>[^/:?]+))?(?:\?(?P<query>.*))?",
    re.DOTALL | re.IGNORECASE,
)


def read_sql_server(draft: Draft, rest: str) -> None:
    """`//host\\instance:port;name=value;…`; nothing in it is percent-encoded. Raises `SettingsError`."""
    place, _, properties = rest.removeprefix("//").partition(";")
    host, _, port = place.partition(":") if not place.startswith("[") else _bracketed(place)
    host, _, instance = host.partition("\\")
    draft.set_port(port)
    draft.set_host(host or "localhost")
    if instance:
        draft.options["instance"] = instance
    for name, value in _properties(properties):
        draft.take(name, value)


def read_oracle(draft: Draft, rest: str) -> None:
    """`thin:user/password@//host:port/service`, or `…@host:port:SID`. Raises `SettingsError`."""
    found = _THIN.fullmatch(rest)
    place = _PLACE.fullmatch(found["place"]) if found else None
    if found is None or place is None:
        raise SettingsError(
            "The address does not go on with a host.",
            "Write jdbc:oracle:thin:@//host:1521/service; names of tnsnames.ora and descriptors are not read.",
        )
    draft.user = found["user"]
    draft.set_password(found["password"] or "")
    draft.set_host(place["host"].strip("[]"))
    draft.set_port(place["port"] or "")
    draft.database = place["service"] or ""
    if place["sid"]:
        draft.options["sid"] = place["sid"]
    if (place["protocol"] or "").lower() == "tcps":
        draft.tls = TlsMode.VERIFY_FULL
    for pair in (place["query"] or "").split("&"):
        name, _, value = pair.partition("=")
        if name:
            draft.take(name, value)


def _bracketed(place: str) -> tuple[str, str, str]:
    """An IPv6 address, and its port."""
    host, _, rest = place[1:].partition("]")
    return host, "", rest.removeprefix(":")


def _properties(text: str) -> Iterator[tuple[str, str]]:
    position = 0
    while text[position:].strip(" ;"):
        if text[position] == ";":
            position += 1
            continue
        match = _PROPERTY.match(text, position)
        if match is None:
            raise SettingsError("The properties after the host cannot be read.", "Write name=value;name=value.")
        yield match["name"].strip(), (match["braced"] or "").replace("}}", "}") or match["plain"] or ""
        position = match.end()
