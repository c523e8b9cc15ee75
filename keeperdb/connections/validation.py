"""What is wrong with a connection as a person filled it in, field by field."""

import ipaddress
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from keeperdb.connections.encoding import is_secret_option
from keeperdb.connections.profile import ConnectionProfile

_HOST_LENGTH = 255  # characters, RFC 1035 section 2.3.4
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")

# A host with one of these would be read as something else when a driver puts it into a URL or a list of hosts.
_NOT_IN_HOST = frozenset("/?#@\\,;='\"<>(){}|^`&*[]")
_INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")  # Unicode's general categories of what is not seen
_JOINERS = "\u200c\u200d"  # these belong to words in some scripts, and to emoji


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field of a profile: one sentence, and what to do."""

    field: str
    message: str
    hint: str = ""


def check_profile(
    profile: ConnectionProfile,
    *,
    is_file: bool = False,
    needs_host: bool = True,
    needs_path: bool = False,
    options: Collection[str] | None = None,
) -> list[Problem]:
    """The problems of a profile; none means that it can be saved.

    `is_file`: the engine opens a file instead of a server. `needs_host`, `needs_path`: an empty one is a problem.
    `options`: the names that the engine knows; None leaves them unchecked.
    """
    problems = [*_check_name(profile), *_check_looks(profile)]
    problems += _check_file(profile, needs_path) if is_file else _check_server(profile, needs_host)
    return problems + list(_check_options(profile, options))


def host_problem(host: str) -> str:
    """Why `host` is neither a name, an address nor a socket folder, in one sentence; empty if it is one."""
    if host.startswith("/"):
        return "" if not _has_control(host) else "The socket folder contains a control character."
    if any(character.isspace() for character in host):
        return "The host contains a space."
    if any(unicodedata.category(character) in _INVISIBLE for character in host):
        return "The host contains an invisible character."
    bad = next((character for character in host if character in _NOT_IN_HOST), "")
    if bad:
        return f"The host contains “{bad}”."
    if host.startswith("-") or len(host) > _HOST_LENGTH:
        return "The host starts with “-”." if host.startswith("-") else "The host is too long."
    if ":" in host or "%" in host:
        return "" if _is_ipv6(host) else "The host contains “:” or “%” but is no IPv6 address."
    return ""


def port_problem(port: int | None) -> str:
    """Why `port` cannot be one, in one sentence; empty if it can. None is the engine's default."""
    return "" if port is None or 1 <= port <= 65535 else "The port is not between 1 and 65535."


def _check_name(profile: ConnectionProfile) -> Iterator[Problem]:
    if not profile.name.strip():
        yield Problem("name", "The name is empty.", "Give the connection a name.")
    elif _has_control(profile.name):
        yield Problem("name", "The name contains an invisible character.", "Type it anew.")
    if not profile.engine:
        yield Problem("engine", "No engine is chosen.", "Choose what kind of database it is.")


def _check_looks(profile: ConnectionProfile) -> Iterator[Problem]:
    if profile.color and not _COLOR.fullmatch(profile.color):
        yield Problem("color", "The colour is not of the form #rrggbb.", "Choose one from the palette.")
    if any(not part.strip() or _has_control(part) for part in profile.folder):
        yield Problem("folder", "A folder's name is empty or has an invisible character.", "Name each folder.")


def _check_server(profile: ConnectionProfile, needs_host: bool) -> Iterator[Problem]:
    if not profile.host and needs_host:
        yield Problem("host", "The host is empty.", "Enter a name or an address, such as db.example.com.")
    elif host_problem(profile.host):
        yield Problem("host", host_problem(profile.host), "Enter a name or an address only, such as db.example.com.")
    if port_problem(profile.port):
        yield Problem("port", port_problem(profile.port), "Leave it empty for the usual one.")
    for field in ("user", "database", "tls_ca", "tls_certificate", "tls_key"):
        if _has_control(getattr(profile, field)):
            yield Problem(field, "It contains an invisible character.", "Type it anew.")
    if bool(profile.tls_key) != bool(profile.tls_certificate):
        missing = "tls_certificate" if profile.tls_key else "tls_key"
        yield Problem(missing, "A client certificate and its key are used together.", "Choose both files or none.")


def _check_file(profile: ConnectionProfile, needs_path: bool) -> Iterator[Problem]:
    if not profile.path and needs_path:
        yield Problem("path", "No file is chosen.", "Choose a file, or enter :memory:.")
    elif _has_control(profile.path):
        yield Problem("path", "The path contains an invisible character.", "Type it anew.")


def _check_options(profile: ConnectionProfile, known: Collection[str] | None) -> Iterator[Problem]:
    for name, value in profile.options.items():
        if is_secret_option(name):
            yield Problem("options", f"The option “{name}” would hold a secret.", "Use the password field.")
        elif known is not None and name not in known:
            yield Problem("options", f"There is no option “{name}”.", f"Options are: {', '.join(sorted(known))}.")
        elif _has_control(value):
            yield Problem("options", f"The option “{name}” contains an invisible character.", "Type it anew.")


def _has_control(text: str) -> bool:
    """Whether something in `text` cannot be seen, or changes the direction of what follows."""
    return any(unicodedata.category(each) in _INVISIBLE and each not in _JOINERS for each in text)


def _is_ipv6(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 6
    except ValueError:
        return False
