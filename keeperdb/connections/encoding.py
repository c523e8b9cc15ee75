"""Between a profile and the JSON object it is stored as."""

import dataclasses
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from keeperdb.connections.profile import (
    CommitMode,
    ConnectionProfile,
    Environment,
    PasswordMode,
    Source,
    TlsMode,
)
from keeperdb.errors import SettingsError

# Where a profile came from and whether it can be used is found out anew each time.
_NOT_STORED = {"source", "vault", "problem", "problem_hint"}
_ENUMS: dict[str, type[StrEnum]] = {
    "password_mode": PasswordMode,
    "tls": TlsMode,
    "environment": Environment,
    "commit_mode": CommitMode,
}
_FIELDS = {
    each.name: each.default for each in dataclasses.fields(ConnectionProfile) if each.name not in _NOT_STORED
} | {"options": MappingProxyType({})}
_REQUIRED = ("id", "name", "engine")

_SECRET_OPTION = re.compile(r"pass(word|wd|phrase)?$|pwd|secret|token|private_?key", re.IGNORECASE)


def encode_profile(profile: ConnectionProfile) -> dict[str, Any]:
    """The JSON object for a local profile, without what has its default value.

    Raises `SettingsError` if an option would hold a password; nothing but plain text, numbers and lists gets in.
    """
    if profile.source is not Source.LOCAL:
        raise ValueError("only local connections are stored")
    for option in profile.options:
        if is_secret_option(option):
            raise SettingsError(
                f"The option “{option}” would hold a secret in the list of connections.", "Use the password field."
            )
    values = {name: getattr(profile, name) for name in _FIELDS}
    return {name: _plain(name, value) for name, value in values.items() if name in _REQUIRED or value != _FIELDS[name]}


def decode_profile(entry: object) -> ConnectionProfile:
    """The profile that `entry` stands for. Raises `ValueError` saying what cannot be used.

    A value that only a newer version can mean makes a profile with a `problem`, which is listed but not opened.
    """
    if not isinstance(entry, dict):
        raise ValueError("it is not an object")
    for name in _REQUIRED:
        if not isinstance(entry.get(name), str):
            raise ValueError(f"its {name} is missing or is not text")
    if not entry["id"]:
        raise ValueError("its id is empty")
    values: dict[str, Any] = {}
    odd: list[str] = []
    for name in _FIELDS.keys() & entry.keys():
        try:
            values[name] = _typed(name, entry[name])
        except ValueError:
            odd.append(name.replace("_", " "))
    problem = f"The stored connection has a value that cannot be used: {', '.join(sorted(odd))}." if odd else ""
    hint = "Edit and save the connection, or install the version that wrote it." if odd else ""
    return ConnectionProfile(**values, problem=problem, problem_hint=hint)


def unknown_fields(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What a newer version stored in `entry` and this one does not know."""
    return {name: value for name, value in entry.items() if name not in _FIELDS}


def is_secret_option(name: str) -> bool:
    """Whether an option of that name would hold a secret."""
    return _SECRET_OPTION.search(name) is not None


def _plain(name: str, value: object) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    if value is None or type(value) in (str, int, bool):
        return value
    if isinstance(value, tuple) and _are_texts(value):
        return list(value)
    if isinstance(value, Mapping) and _are_texts(value) and _are_texts(value.values()):
        return dict(value)
    raise TypeError(f"{name} of a connection is not stored as {type(value).__name__}")


def _typed(name: str, value: Any) -> Any:
    """Raises `ValueError` for what the field cannot hold."""
    if name in _ENUMS:
        return _ENUMS[name](value)
    if name == "options" and isinstance(value, dict) and _are_texts(value.values()):
        return MappingProxyType(value)
    if name == "folder" and isinstance(value, list) and _are_texts(value):
        return tuple(value)
    if name == "port" and (value is None or (type(value) is int and 1 <= value <= 65535)):
        return value
    if type(value) is type(_FIELDS[name]) or (name in _REQUIRED and type(value) is str):
        return value
    raise ValueError(name)


def _are_texts(values: Iterable[Any]) -> bool:
    return all(type(value) is str for value in values)
