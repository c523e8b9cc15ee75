"""One attached vault as last read, and the changes that are made to it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from keeperdb.commands.snapshot import Snapshot
from keeperdb.task import Task
from keeperdb.vault.contents import VaultContents
from keeperdb.vault.records import is_connection

if TYPE_CHECKING:
    from keeperdb.vault.attached import AttachedVault
    from keeperdb.vault.writing import WritingClient
    from keeperdb.workspace import Workspace

_POLL = 0.05  # seconds between two looks at whether a waiting caller still wants to wait


class VaultState:
    """A vault, for any number of callers at the same time.

    `contents` is what all of them read: it is replaced as a whole and never changed. Requests to the vault go one
    after the other; whoever waits for one can be stopped through their task, and readers never wait.
    """

    def __init__(self, workspace: "Workspace", vault_id: str) -> None:
        self.workspace = workspace
        self.vault_id = vault_id
        self.contents = Snapshot(VaultContents())
        self._turn = threading.Lock()

    @property
    def vault(self) -> "AttachedVault":
        """What a person sees of it. Raises `NotFoundError` when it was detached."""
        return self.workspace.find_vault(self.vault_id)

    @property
    def is_read(self) -> bool:
        """Whether it was read at least once."""
        return self.contents.read_at is not None

    def refresh(self, task: Task) -> None:
        """Read the vault anew. Raises `VaultError`, `KeychainError`; then `contents` stays as it was."""
        with self.writing(task) as (client, _):
            read = client.read(task, even_empty=True)
            self.contents = Snapshot(read, datetime.now(UTC))
            self.workspace.take_contents(self.vault_id, read)

    def read_once(self, task: Task) -> None:
        """Read the vault unless that was done before."""
        if not self.is_read:
            self.refresh(task)

    @contextmanager
    def writing(self, task: Task) -> Iterator[tuple["WritingClient", Callable[[VaultContents], None]]]:
        """A client of the vault for one caller at a time, and a function that shows everybody the new contents."""
        while not self._turn.acquire(timeout=_POLL):
            task.check()
        try:
            task.check()
            with self.workspace.vaults.writer(self.vault_id) as client:
                yield client, self._show
        finally:
            self._turn.release()

    def _show(self, contents: VaultContents) -> None:
        before, self.contents = self.contents, Snapshot(contents, self.contents.read_at)
        if _connections_of(before) != _connections_of(self.contents):
            self.workspace.take_contents(self.vault_id, contents)


def _connections_of(snapshot: Snapshot) -> list[tuple[str, str]]:
    """What of the records that describe connections changes whenever a connection does."""
    return [(each.uid, each.digest) for each in snapshot.contents.records.values() if is_connection(each)]
