"""What a reading, or its failure, makes of what was known about a vault: the list never shrinks without a word."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.errors import KeeperDBError
from keeperdb.vault.cache import KnownVault
from keeperdb.vault.contents import VaultContents
from keeperdb.vault.records import is_of_storage, profiles_from

_NAMED = 5  # names in one warning
_SOON = timedelta(days=14)


def after_failure(known: KnownVault, error: KeeperDBError) -> KnownVault:
    """The list of the last time stays."""
    return replace(known, error=error.message, error_hint=error.hint)


def after_reading(known: KnownVault, contents: VaultContents, now: datetime) -> KnownVault:
    """The new list, and a warning for what is gone. An empty one after a full one is believed the second time."""
    if not contents.records and known.profiles and not known.empty_reads:
        return replace(
            known,
            empty_reads=1,
            error=f"{known.name} answered that no records are shared any more. The last known list stays.",
            error_hint="Refresh the vault to confirm, or check the application's shares in the vault.",
        )
    profiles = _with_known_names(known.profiles, profiles_from(contents, known.id, known.name))
    warnings = (
        *_about_nothing(contents, profiles),
        *_about_gone(known.profiles, profiles),
        *_about_expiry(contents.expires_at, now),
        *contents.warnings,
    )
    return replace(
        known, profiles=profiles, warnings=warnings, refreshed_at=now, error="", error_hint="", empty_reads=0
    )


def _with_known_names(
    before: Sequence[ConnectionProfile], after: Iterable[ConnectionProfile]
) -> tuple[ConnectionProfile, ...]:
    """A record that can no longer be decrypted keeps the name that it had."""
    names = {profile.id: profile.name for profile in before}
    return tuple(
        profile.with_(name=names[profile.id])
        if profile.vault and profile.name == profile.vault.record_uid and profile.id in names
        else profile
        for profile in after
    )


def _about_nothing(contents: VaultContents, profiles: Sequence[ConnectionProfile]) -> Sequence[str]:
    if not contents.records:
        return ["No records are shared with this application. Share a folder with it in the vault, then refresh."]
    if profiles:
        return []
    others = sum(not is_of_storage(record) for record in contents.records.values())
    if not others:
        return ["All that is shared belongs to KeeperDB Storage, whose connections Settings → Storage brings here."]
    if others == 1:
        return ["The only shared record is neither a Database nor a PAM Database record."]
    return [f"None of the {others} shared records is a Database or PAM Database record."]


def _about_expiry(expires_at: datetime | None, now: datetime) -> Sequence[str]:
    if expires_at is None or expires_at - now > _SOON:
        return []
    return [f"The access of this device ends on {expires_at:%Y-%m-%d at %H:%M} UTC. Attach the vault anew in time."]


def _about_gone(before: Sequence[ConnectionProfile], after: Sequence[ConnectionProfile]) -> Sequence[str]:
    still = {profile.id for profile in after}
    gone = [profile.name for profile in before if profile.id not in still]
    if not gone:
        return []
    names = ", ".join(f"“{name}”" for name in gone[:_NAMED])
    rest = f" and {len(gone) - _NAMED} more" if len(gone) > _NAMED else ""
    return [f"No longer shared since the last reading: {names}{rest}."]
