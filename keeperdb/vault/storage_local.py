"""What the storage sync asks of this machine."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.keychain import Secret
from keeperdb.settings import Value
from keeperdb.vault.storage_content import Content
from keeperdb.vault.storage_memory import Memory
from keeperdb.vault.storage_model import StorageFailure
from keeperdb.vault.storage_view import View


@dataclass(frozen=True, slots=True)
class LocalView:
    """This machine at one moment: contents by local id, and what cannot be synced."""

    contents: Mapping[str, Content]
    frozen: Mapping[str, StorageFailure] = field(default_factory=dict)


class LocalSide(Protocol):
    """The connections, passwords and settings of this machine. Every method blocks."""

    def look(self, memory: Memory, view: View) -> LocalView:
        """What is here now."""

    def ids(self) -> Collection[str]:
        """The ids of all connections that are here."""

    def password(self, local_id: str) -> Secret | None:
        """The password that is kept for a connection."""

    def save(self, saves: "Iterable[Saving]") -> set[str]:
        """Save connections that are still as expected; return the ids of those that were."""

    def remove(self, local_id: str, expected: Content) -> bool:
        """Remove a connection if it is still as expected; say whether it was."""

    def forget_password(self, local_id: str) -> None:
        """Delete a password that may be left of a connection that is gone, or that asks for it now."""

    def settings(self) -> Mapping[str, Value]:
        """The values of all settings."""

    def settings_changed_at(self) -> str:
        """When they were last written, for changes that nobody noticed: ISO 8601 in UTC."""

    def apply_settings(self, values: Mapping[str, Value]) -> None:
        """Set them."""


@dataclass(frozen=True, slots=True)
class Saving:
    """A connection to save. `password` None leaves what is kept."""

    profile: ConnectionProfile
    password: Secret | None
    expected: Content | None
