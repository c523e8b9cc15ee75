"""Who calls a command: the vault, the working folder, and what the caller may do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from keeperdb.commands.vault_state import VaultState
from keeperdb.task import Task

if TYPE_CHECKING:
    from keeperdb.commands.snapshot import Snapshot
    from keeperdb.connections.profile import ConnectionProfile


def _everything(profile: "ConnectionProfile") -> bool:
    return True


@dataclass(slots=True)
class Context:
    """One caller, or one request; never shared between two.

    `folder_uid` is the working folder (empty: the root), which `cd` changes here and nowhere else. `filedata` came
    with the request. `is_remote`: called over the network, where local files and the service's own configuration are
    out of reach. `may_query` says which connections `query` and `schema` may use.
    """

    vault: VaultState
    task: Task
    folder_uid: str = ""
    filedata: object | None = field(default=None, repr=False)
    is_remote: bool = False
    may_query: Callable[["ConnectionProfile"], bool] = _everything

    @property
    def snapshot(self) -> "Snapshot":
        """The vault as last read, as far as this caller may see it; read now if that was never done."""
        self.vault.read_once(self.task)
        contents = self.vault.contents
        return contents.seen_remotely if self.is_remote else contents
