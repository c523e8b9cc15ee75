"""What is known about each attached vault, in one file for each: never a secret."""

import dataclasses
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from keeperdb.connections.encoding import decode_profile, encode_profile
from keeperdb.connections.profile import ConnectionProfile, Source, VaultOrigin
from keeperdb.errors import StoreError
from keeperdb.paths import locked, set_aside, write_atomically

_VERSION = 1
_TEXTS = ("name", "endpoint", "error", "error_hint")


@dataclass(frozen=True, slots=True)
class KnownVault:
    """An attached vault as it was last seen.

    `empty_reads` counts reads in a row that found nothing where something had been.
    """

    id: str
    name: str
    endpoint: str = ""
    has_custom_key: bool = False
    attached_at: datetime | None = None
    refreshed_at: datetime | None = None
    error: str = ""
    error_hint: str = ""
    warnings: tuple[str, ...] = ()
    empty_reads: int = 0
    profiles: tuple[ConnectionProfile, ...] = ()

    def renamed(self, name: str) -> "KnownVault":
        """The same under another name, which its connections show too."""
        profiles = (
            profile.with_(vault=dataclasses.replace(profile.vault, vault_name=name)) if profile.vault else profile
            for profile in self.profiles
        )
        return dataclasses.replace(self, name=name, profiles=tuple(profiles))


class VaultCache:
    """A folder with one file per vault. Every change reads again under a lock, so that two windows lose nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.warnings: list[str] = []

    def stamp(self) -> tuple[tuple[str, int, int], ...]:
        """Changes when a file changes."""
        try:
            entries = [(path, path.stat()) for path in self._files()]
        except FileNotFoundError:
            return ()
        return tuple((path.name, entry.st_mtime_ns, entry.st_ino) for path, entry in entries)

    def read(self) -> list[KnownVault]:
        """All vaults in the order in which they were attached; a damaged file is set aside."""
        found = [known for known in map(self._read, self._files()) if known is not None]
        return sorted(found, key=lambda known: (known.attached_at is None, str(known.attached_at), known.name))

    def change(self, change: Callable[[dict[str, KnownVault]], KnownVault]) -> KnownVault:
        """Let `change` look at all vaults, by id, and write the one it returns. Raises `StoreError`."""
        with locked(self._folder / "vaults"):
            written = change({known.id: known for known in self.read()})
            write_atomically(self._path(written.id), _encode(written))
            return written

    def remove(self, vault_id: str) -> None:
        """Forget the vault. Raises `StoreError`."""
        with locked(self._folder / "vaults"):
            try:
                self._path(vault_id).unlink(missing_ok=True)
            except OSError as error:
                raise StoreError(
                    f"{self._path(vault_id)} could not be deleted: {error.strerror}.", "Check its permissions."
                ) from error

    def _warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)

    def _files(self) -> list[Path]:
        return sorted(path for path in self._folder.glob("*.json") if re.fullmatch(r"[0-9a-f]{32}", path.stem))

    def _path(self, vault_id: str) -> Path:
        return self._folder / f"{vault_id}.json"

    def _read(self, path: Path) -> KnownVault | None:
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreError(f"{path} could not be read: {error.strerror}.", "Check its permissions.") from error
        try:
            found = json.loads(content)
            if isinstance(found, dict) and found.get("version") != _VERSION:
                self._warn(f"{path} was written by another version of KeeperDB and is left alone.")
                return None
            return _decode(path.stem, found)
        except (ValueError, RecursionError):
            return self._replace_damaged(path, content)

    def _replace_damaged(self, path: Path, content: bytes) -> KnownVault | None:
        """The access is still in the keychain, so the vault stays; its next refresh fills the list again."""
        aside = set_aside(path, content)
        if aside is None:  # another process was faster
            return self._read(path)
        self._warn(f"The list of a vault could not be read and was set aside as {aside}.")
        known = KnownVault(
            path.stem,
            f"Vault {path.stem[:8]}",
            error="Its last known list could not be read.",
            error_hint="Refresh the vault.",
        )
        write_atomically(path, _encode(known))
        return known


def _encode(known: KnownVault) -> bytes:
    found = {
        "version": _VERSION,
        **{name: getattr(known, name) for name in _TEXTS},
        "has_custom_key": known.has_custom_key,
        "attached_at": _from_time(known.attached_at),
        "refreshed_at": _from_time(known.refreshed_at),
        "warnings": list(known.warnings),
        "empty_reads": known.empty_reads,
        "connections": [_encode_connection(profile) for profile in known.profiles],
    }
    return json.dumps(found, indent=1, ensure_ascii=False).encode()


def _encode_connection(profile: ConnectionProfile) -> dict[str, Any]:
    origin = profile.vault or VaultOrigin("", "", "")
    entry = encode_profile(profile.with_(source=Source.LOCAL, vault=None))
    extra = {
        "record_uid": origin.record_uid,
        "credential_uid": origin.credential_uid,
        "problem": profile.problem,
        "problem_hint": profile.problem_hint,
    }
    return entry | {name: value for name, value in extra.items() if value}


def _decode(vault_id: str, found: Any) -> KnownVault:
    """Raises `ValueError` for what this version did not write."""
    try:
        name = _text(found["name"])
        return KnownVault(
            id=vault_id,
            **{each: _text(found[each]) for each in _TEXTS},
            has_custom_key=found["has_custom_key"] is True,
            attached_at=_to_time(found["attached_at"]),
            refreshed_at=_to_time(found["refreshed_at"]),
            warnings=tuple(_text(warning) for warning in found["warnings"]),
            empty_reads=int(found["empty_reads"]),
            profiles=tuple(_decode_connection(entry, vault_id, name) for entry in found["connections"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError("not a list of a vault") from error


def _decode_connection(entry: Any, vault_id: str, vault_name: str) -> ConnectionProfile:
    profile = decode_profile(entry)
    return profile.with_(
        source=Source.VAULT,
        vault=VaultOrigin(vault_id, vault_name, _text(entry["record_uid"]), _text(entry.get("credential_uid", ""))),
        problem=_text(entry.get("problem", "")) or profile.problem,
        problem_hint=_text(entry.get("problem_hint", "")) or profile.problem_hint,
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("not text")
    return value


def _from_time(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None


def _to_time(text: object) -> datetime | None:
    return datetime.fromisoformat(_text(text)) if text is not None else None
