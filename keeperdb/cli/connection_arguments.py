"""From the options of `connections add` and `connections edit` to a profile."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from keeperdb.cli import secret_input
from keeperdb.cli.connection_options import OPTIONS
from keeperdb.connections.address import ParsedAddress, parse_address
from keeperdb.connections.profile import CommitMode, ConnectionProfile, Environment, PasswordMode, TlsMode
from keeperdb.engines.registry import ENGINES, identify
from keeperdb.errors import SettingsError
from keeperdb.keychain import Secret

_ADDRESS_FIELDS = (
    "engine", "host", "port", "database", "user", "path", "options", "tls", "tls_ca", "tls_certificate", "tls_key",
)  # fmt: skip
_ENUMS = {"password_mode": PasswordMode, "tls": TlsMode, "environment": Environment, "commit_mode": CommitMode}


def _profile_changes(arguments: argparse.Namespace) -> dict[str, object]:
    """The fields of a profile that the options name, with their values. Raises `SettingsError`."""
    changes: dict[str, object] = {}
    for option in OPTIONS:
        word = getattr(arguments, option.name.replace("-", "_"), None)
        if word is not None:
            field = option.field or option.name.replace("-", "_")
            changes[field] = _value(field, "" if option.empty and word == option.empty else word)
    if getattr(arguments, "new_name", None):
        changes["name"] = arguments.new_name
    if hasattr(arguments, "read_only"):
        changes["read_only"] = arguments.read_only
    if hasattr(arguments, "options"):
        changes["options"] = dict(_named_value(each) for each in arguments.options)
    return changes


@dataclass(frozen=True, slots=True)
class Described:
    """A connection as the command line describes it, the password of its URL, and options of it without a use."""

    profile: ConnectionProfile
    password: Secret | None = None
    left_out: tuple[str, ...] = ()


def described(arguments: argparse.Namespace, profile: ConnectionProfile) -> Described:
    """`profile` with what `--url` and the other options say. Raises `SettingsError`."""
    parsed = None
    if arguments.url is not None:
        parsed = _parse_url(arguments)
        profile = profile.with_(**{field: getattr(parsed.profile, field) for field in _ADDRESS_FIELDS})
    profile = profile.with_(**_profile_changes(arguments), problem="", problem_hint="")
    engine = None if profile.engine in ENGINES else identify(profile.engine)
    if engine is not None:
        profile = profile.with_(engine=engine.id)
    profile = _with_absolute_path(profile)
    return Described(profile, parsed.password, parsed.left_out) if parsed else Described(profile)


def _parse_url(arguments: argparse.Namespace) -> ParsedAddress:
    """What `--url` says. Raises `SettingsError`, also for a password in a URL that stands on the command line."""
    is_piped = arguments.url == "-"
    if is_piped and arguments.password_stdin:
        raise SettingsError("Standard input cannot hold both a URL and a password.", "Write the password into the URL.")
    parsed = parse_address(secret_input.from_stdin("URL").reveal() if is_piped else arguments.url)
    if parsed.password and not is_piped:
        raise SettingsError(
            "A URL on the command line cannot hold a password: other programs can read it there.",
            "Write the URL to standard input with --url -, and consider this password exposed.",
        )
    return parsed


def _value(field: str, word: str) -> object:
    if field == "port":
        if not word.isascii() or not word.isdigit():
            raise SettingsError(f"--port is a whole number, not “{word}”.", "A whole number from 1 to 65535.")
        return int(word)
    if field == "folder":
        return tuple(part.strip() for part in word.split("/") if part.strip())
    if field in _ENUMS:
        return _ENUMS[field](word)
    return word


def _named_value(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise SettingsError("--option has the form NAME=VALUE.", "Such as --option sslcompression=0.")
    return name, value


def _with_absolute_path(profile: ConnectionProfile) -> ConnectionProfile:
    """A file is meant where the command runs, not where the connection is opened."""
    if not profile.path or profile.path == ":memory:":
        return profile
    return profile.with_(path=str(Path(profile.path).expanduser().absolute()))
