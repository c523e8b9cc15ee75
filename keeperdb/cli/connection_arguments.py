"""From the options of `connections add` and `connections edit` to a profile."""

import argparse
from pathlib import Path

from keeperdb.cli import secret_input
from keeperdb.cli.connection_options import OPTIONS
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


def described_profile(arguments: argparse.Namespace, name: str) -> tuple[ConnectionProfile, Secret | None]:
    """The new connection that `--url` and the other options describe, and the password that the URL had."""
    return changed_profile(arguments, ConnectionProfile(name=name, engine=""))


def changed_profile(
    arguments: argparse.Namespace, profile: ConnectionProfile
) -> tuple[ConnectionProfile, Secret | None]:
    """`profile` with what `--url` and the other options say, and the password that the URL had."""
    password = None
    if arguments.url is not None:
        address, password = _from_url(arguments)
        profile = profile.with_(**address)
    profile = profile.with_(**_profile_changes(arguments), problem="", problem_hint="")
    engine = None if profile.engine in ENGINES else identify(profile.engine)
    if engine is not None:
        profile = profile.with_(engine=engine.id)
    return _with_absolute_path(profile), password


def _from_url(arguments: argparse.Namespace) -> tuple[dict[str, object], Secret | None]:
    """The fields that `--url` says, and its password.

    Raises `SettingsError`, also for a password in a URL that stands on the command line.
    """
    from keeperdb.connections.address import parse_address

    is_piped = arguments.url == "-"
    if is_piped and arguments.password_stdin:
        raise SettingsError("Standard input cannot hold both a URL and a password.", "Write the password into the URL.")
    text = secret_input.from_stdin("URL").reveal() if is_piped else arguments.url
    parsed = parse_address(text)
    if parsed.password and not is_piped:
        raise SettingsError(
            "A URL on the command line cannot hold a password: other programs can read it there.",
            "Write the URL to standard input with --url -, and consider this password exposed.",
        )
    profile = parsed.profile
    return {field: getattr(profile, field) for field in _ADDRESS_FIELDS}, parsed.password


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
