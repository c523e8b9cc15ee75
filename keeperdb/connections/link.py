"""`keeperdb:` links name a saved connection or describe a new one, carry no secret, and are always asked about."""

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.errors import SettingsError

SCHEME = "keeperdb:"
_LONGEST = 4_000  # characters
_OPEN, _NEW = "open/", "new/"
_HIDDEN = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Link:
    """What a link asks for: the saved connection `name` (or vault/name), or a connection like `profile`."""

    name: str = ""
    profile: ConnectionProfile | None = None


def is_link(text: str) -> bool:
    return text[: len(SCHEME)].lower() == SCHEME


def parse_link(text: str) -> Link:
    """Read `keeperdb:open/NAME` or `keeperdb:new/ADDRESS`, where the address is a URL such as `postgresql://…`.

    Raises `SettingsError` for everything else, and for a link that carries a password or leads to a local file: links
    come from other people.
    """
    rest = text[len(SCHEME) :].lstrip("/") if is_link(text) else ""
    if not rest or len(text) > _LONGEST:
        raise _not_understood()
    verb, argument = rest[: rest.find("/") + 1].lower(), unquote(rest[rest.find("/") + 1 :])
    if _HIDDEN.search(argument) or not argument.strip():
        raise _not_understood()
    if verb == _OPEN:
        return Link(name=argument.rstrip("/"))
    if verb == _NEW:
        return Link(profile=_described(argument))
    raise _not_understood()


def link_to(profile: ConnectionProfile) -> str:
    """A link that opens a connection of the same name, wherever it is followed."""
    return f"{SCHEME}{_OPEN}{quote(profile.full_name, safe='')}"


def link_that_makes(profile: ConnectionProfile) -> str:
    """A link that offers a new connection like `profile`, without its password."""
    from keeperdb.connections.address import format_address

    return f"{SCHEME}{_NEW}{quote(format_address(profile), safe='')}"


def _described(address: str) -> ConnectionProfile:
    from keeperdb.connections.address import parse_address  # only here: to tell links apart has to be cheap

    parsed = parse_address(address)
    if parsed.password is not None:
        raise SettingsError(
            "This link carries a password, so it is not followed.",
            "Ask for a link without one, and change that password: links are written down in many places.",
        )
    if parsed.profile.engine == "sqlite" or parsed.profile.host.startswith("/"):
        raise SettingsError("A link cannot open a file of this computer.", "Open the file itself instead.")
    return parsed.profile


def _not_understood() -> SettingsError:
    return SettingsError(
        "This keeperdb link is not understood.", "A link is keeperdb:open/NAME or keeperdb:new/ADDRESS."
    )
