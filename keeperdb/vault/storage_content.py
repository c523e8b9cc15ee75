"""A connection as flat fields: the form in which this machine, the vault and the last sync are compared and merged."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from keeperdb.connections.encoding import decode_profile, encode_profile
from keeperdb.connections.profile import ConnectionProfile, PasswordMode

Content = Mapping[str, Any]  # fields that have their default value are absent

PASSWORD = "password"  # noqa: S105 - a field, which holds a keyed digest; the password itself is never in a content
_MODE = "password_mode"
_OPTION = "option "
_LABELS = {
    "tls_ca": "TLS authority",
    "tls_certificate": "TLS certificate",
    "tls_key": "TLS key",
    "tls": "TLS",
    "read_only": "read-only",
    "commit_mode": "commit mode",
}


def content_of(profile: ConnectionProfile, password: str = "") -> Content:
    """The fields of a local profile; `password` is the digest of its password, if one is kept.

    Raises `SettingsError` if an option would hold a secret.
    """
    found = flat(encode_profile(profile))
    if password and profile.password_mode is PasswordMode.KEYCHAIN:
        found[PASSWORD] = password
    return found


def flat(body: Content) -> dict[str, Any]:
    """The fields of an encoded profile, without its id, and with each option as a field of its own."""
    found = dict(body)
    found.pop("id", None)
    options = found.pop("options", None)
    if isinstance(options, Mapping):
        found |= {_OPTION + option: value for option, value in options.items()}
    return found


def profile_of(local_id: str, content: Content) -> ConnectionProfile:
    """The profile that `content_of` was made of, under `local_id`. Raises `ValueError` if it cannot be one."""
    options = {name.removeprefix(_OPTION): value for name, value in content.items() if name.startswith(_OPTION)}
    fields = {name: value for name, value in content.items() if name != PASSWORD and not name.startswith(_OPTION)}
    return decode_profile({**fields, "id": local_id, "options": options})


def merge(base: Content | None, ours: Content, theirs: Content) -> tuple[Content, frozenset[str]]:
    """The three-way merge, and the fields that both sides changed differently: there `theirs` is taken.

    Without a `base` every difference is such a clash, except for a password that only one side has.
    """
    if base is None:
        base = _common(ours, theirs)
        changed_by_us = changed_by_them = _units_that_differ(ours, theirs) - {_unit(PASSWORD)}
    else:
        changed_by_us, changed_by_them = _units_that_differ(base, ours), _units_that_differ(base, theirs)
    return join(ours, changed_by_us, theirs, changed_by_them)


def join(
    ours: Content, changed_by_us: frozenset[str], theirs: Content, changed_by_them: frozenset[str]
) -> tuple[Content, frozenset[str]]:
    """One content of two that differ, by who says to have changed what; what both did, or neither, is a clash.

    Of a clash `theirs` is taken, or of a password the one that is there.
    """
    merged, clashes = dict(ours), set()
    for unit in _units_that_differ(ours, theirs):
        if unit in changed_by_us and unit not in changed_by_them:
            continue
        if unit not in changed_by_them or unit in changed_by_us:
            if unit == _unit(PASSWORD) and _is_password_missing(ours, theirs):
                if PASSWORD in theirs:
                    merged[PASSWORD] = theirs[PASSWORD]
                continue
            clashes.add(unit)
        _take(merged, theirs, unit)
    return merged, frozenset(clashes)


def difference(before: Content, after: Content) -> frozenset[str]:
    """The names of what differs, as `join` takes them."""
    return _units_that_differ(before, after)


def label(unit: str) -> str:
    """A field's name for a person."""
    return _LABELS.get(unit, unit.replace("_", " "))


def derived_id(local_id: str, *reasons: str) -> str:
    """The id of a connection that comes from another one: every machine derives the same."""
    return hashlib.sha256("\n".join((local_id, *reasons)).encode()).hexdigest()[:32]


def fingerprint(content: Content) -> str:
    """Differs when anything in the content does."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]


def renamed(content: Content, addition: str) -> Content:
    """The content under a name with `addition` in brackets."""
    return {**content, "name": f"{content.get('name', '')} ({addition})"}


def _unit(field: str) -> str:
    """What belongs together is merged together."""
    return PASSWORD if field == _MODE else field


def _units_that_differ(before: Content, after: Content) -> frozenset[str]:
    return frozenset(_unit(name) for name in before.keys() | after.keys() if before.get(name) != after.get(name))


def _take(merged: dict[str, Any], theirs: Content, unit: str) -> None:
    for field in (PASSWORD, _MODE) if unit == PASSWORD else (unit,):
        merged.pop(field, None)
        if field in theirs:
            merged[field] = theirs[field]


def _is_password_missing(ours: Content, theirs: Content) -> bool:
    """Whether the two differ in nothing but that only one of them has a password."""
    return ours.get(_MODE) == theirs.get(_MODE) and (PASSWORD in ours) != (PASSWORD in theirs)


def _common(ours: Content, theirs: Content) -> Content:
    return {name: value for name, value in ours.items() if theirs.get(name) == value}
