"""Finding a connection by what a person types."""

from collections.abc import Sequence

from keeperdb.connections.profile import ConnectionProfile, Source
from keeperdb.errors import NotFoundError, SettingsError
from keeperdb.settings import did_you_mean

_LOCAL = "local/"


def find_profile(name: str, profiles: Sequence[ConnectionProfile]) -> ConnectionProfile:
    """The connection that goes by `name`: its name, `vault/name`, `local/name`, or its id.

    Upper and lower case are told apart only where that is needed. Raises `NotFoundError` with the nearest name, and
    `SettingsError` naming all candidates where several fit.
    """
    for fits in (_is_exactly, _is_loosely):
        found = [profile for profile in profiles if fits(profile, name)]
        if len(found) == 1:
            return found[0]
        if found:
            raise SettingsError(
                f"“{name}” is the name of {len(found)} connections.",
                f"Write one of: {', '.join(_unambiguous_names(found, profiles))}.",
            )
    names = {profile.name for profile in profiles} | {profile.full_name for profile in profiles}
    hint = did_you_mean(name, sorted(names)) or "`keeperdb connections list` shows all of them."
    raise NotFoundError(f"There is no connection “{name}”.", hint)


def _names_of(profile: ConnectionProfile) -> tuple[str, ...]:
    full = profile.full_name if profile.source is Source.VAULT else _LOCAL + profile.name
    return (profile.name, full, profile.id)


def _is_exactly(profile: ConnectionProfile, name: str) -> bool:
    return name in _names_of(profile)


def _is_loosely(profile: ConnectionProfile, name: str) -> bool:
    return name.casefold() in (word.casefold() for word in _names_of(profile))


def _unambiguous_names(found: Sequence[ConnectionProfile], profiles: Sequence[ConnectionProfile]) -> list[str]:
    """For each of `found` the readable name that fits no other connection, else its id."""
    return [
        next(
            (
                name
                for name in _names_of(profile)[1:]
                if not any(_is_exactly(other, name) for other in profiles if other is not profile)
            ),
            profile.id,
        )
        for profile in found
    ]
