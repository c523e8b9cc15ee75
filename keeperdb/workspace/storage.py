"""The storage of one workspace: switches it on and off, syncs, restores, and says how it stands."""

import platform
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from keeperdb.errors import KeeperDBError, KeychainError, SettingsError, StoreError, UnsupportedError, VaultError
from keeperdb.paths import Paths
from keeperdb.task import Task
from keeperdb.vault.storage_memory import LastRun, Memory, MemoryFile
from keeperdb.vault.storage_model import (
    PREFERENCES_ID,
    RecordKind,
    Selection,
    StorageOffer,
    StoragePlan,
    StorageState,
    StorageTarget,
    SyncReport,
)
from keeperdb.workspace.options import GATEWAY
from keeperdb.workspace.storage_choices import is_as_shown, offered, selected, without

if TYPE_CHECKING:
    from keeperdb.vault.attached import AttachedVaults
    from keeperdb.vault.contents import VaultContents
    from keeperdb.vault.storage_local import LocalSide
    from keeperdb.vault.storage_sync import StorageSync
    from keeperdb.vault.storage_view import View

Announce = Callable[["SyncReport | None"], None]


class Storage:
    """`state` looks at memory only; whatever takes a `Task` blocks.

    In gateway mode everything but `state` raises `UnsupportedError`.
    """

    def __init__(
        self,
        paths: Paths,
        mode: str,
        vaults: "AttachedVaults",
        make_side: "Callable[[], LocalSide]",
        announce: Announce,
    ) -> None:
        self._is_supported = mode != GATEWAY
        self._file = MemoryFile(paths.data / "storage.json")
        self._vaults = vaults
        self._make_side = make_side
        self._made_side: LocalSide | None = None
        self._announce = announce
        self._lock = threading.Lock()
        self._is_running = False
        self._again = False

    def load(self) -> None:
        """Read what is remembered. Raises `StoreError`."""
        if self._is_supported:
            self._file.reload()

    @property
    def warnings(self) -> list[str]:
        return list(self._file.warnings)

    @property
    def state(self) -> StorageState:
        """How the storage stands. Memory only."""
        memory = self._file.current
        if memory is None or not self._is_supported:
            return StorageState(is_supported=self._is_supported, is_running=self._is_running)
        run = memory.last_run
        return StorageState(
            is_enabled=True,
            is_running=self._is_running,
            vault_id=memory.vault_id,
            vault_name=next((vault.name for vault in self._vaults.all() if vault.id == memory.vault_id), ""),
            shared_folder_uid=memory.shared_folder_uid,
            shared_folder_name=memory.shared_folder_name,
            folder_uid=memory.folder_uid,
            record_kind=memory.record_kind,
            last_sync=memory.last_sync,
            pending=len(memory.touched) + bool(memory.settings_changed),
            stored=len(memory.base),
            left_out=len(memory.left_out),
            failures=run.failures,
            notices=run.notices,
            error=run.error,
            error_hint=run.error_hint,
            question=run.question,
        )

    def touch(self, local_id: str, *, forgets_password: bool = False) -> None:
        """Remember that a connection is about to be saved or removed here. Raises `StoreError`."""
        if self._file.current is None:
            return
        now = _now()

        def change(memory: Memory) -> Memory:
            forgotten = memory.forgotten | {local_id} if forgets_password else memory.forgotten
            return replace(memory, touched={**memory.touched, local_id: now}, forgotten=forgotten)

        self._file.change(change)
        self._announce(None)

    def touch_setting(self, name: str, value: object) -> None:
        """Remember that a person has set something. Raises `StoreError`."""
        memory = self._file.current
        if memory is None or memory.preferences.get(name, (None,))[0] == value:
            return
        now = _now()
        self._file.change(lambda each: replace(each, settings_changed={**each.settings_changed, name: now}))
        self._announce(None)

    def targets(self, task: Task) -> list[StorageTarget]:
        """Every shared folder of every attached vault; those that cannot be used say why."""
        from keeperdb.vault.storage_folder import targets_in

        self.check_supported()
        found: list[StorageTarget] = []
        for vault in self._vaults.all():
            task.report(text=f"Reading {vault.name}…")
            try:
                found += targets_in(self._read(vault.id, task), vault.id, vault.name)
            except (VaultError, KeychainError) as error:
                found.append(StorageTarget(vault.id, vault.name, reason=str(error)))
        return found

    def offer(self, vault_id: str, task: Task, shared_folder_uid: str = "") -> StorageOffer:
        """What a vault's storage holds, for this machine to take over; nothing where there is none."""
        from keeperdb.vault.storage_folder import storage_folders

        self.check_supported()
        contents = self._read(vault_id, task)
        roots = [shared_folder_uid] if shared_folder_uid else [each.uid for each in contents.folders.values()]
        for root_uid in roots:
            folders = storage_folders(contents, root_uid)
            if folders:
                view = self._view(contents, self._new_memory(vault_id, root_uid, "", folders[0].uid))
                return offered(view, self._local_ids())
        return StorageOffer()

    def enable(self, vault_id: str, shared_folder_uid: str, record_kind: RecordKind, task: Task) -> StorageState:
        """Switch storage on; the folder is made if need be. Nothing is synced yet.

        Connections that the vault has and this machine has not are left out until `restore`.
        """
        self.check_supported()
        memory = self._file.current
        if memory is not None and (memory.vault_id, memory.shared_folder_uid) != (vault_id, shared_folder_uid):
            raise SettingsError("Storage is switched on already.", "Switch it off first.")
        if memory is not None:
            self._file.change(lambda each: replace(each, record_kind=record_kind))
        else:
            self._file.begin(self._begin_in(vault_id, shared_folder_uid, record_kind, task))
        self._announce(None)
        return self.state

    def plan(self, task: Task) -> StoragePlan:
        """What the next sync would do; nothing is changed."""
        with self._sync_with() as (sync, memory):
            return sync.prepare(memory, task).described()

    def sync(self, task: Task, *, approve_deletions: bool = False) -> SyncReport:
        """Bring both sides in line. One at a time: while one runs, another is remembered and this returns at once.

        Many deletions wait for `approve_deletions`; the report and `state.question` name them. Raises what stopped
        it, which `state` keeps.
        """
        return self._run(lambda: self._sync_once(task, approve_deletions))

    def keep_all(self, task: Task) -> SyncReport:
        """Answer the question about deletions with no: what was deleted on one side is brought back from the other."""
        with self._sync_with() as (sync, memory):
            ids = [change.local_id for change in sync.prepare(memory, task).changes if change.is_deletion]
        self._file.change(lambda each: without(each, ids))
        return self.sync(task)

    def restore(self, task: Task, selection: Selection | None = None) -> SyncReport:
        """Take over what the vault has and this machine has not: all of it, or what is named by id or name."""
        with self._sync_with() as (sync, memory):
            wanted = selected(sync.prepare(memory, task), selection)
        self._file.change(lambda each: replace(without(each, wanted), left_out=each.left_out - wanted))
        return self.sync(task)

    def disable(self, task: Task, *, keep_copy: bool) -> None:
        """Switch storage off; what is on this machine stays. Without `keep_copy` the vault's copy is deleted."""
        memory = self._enabled()
        if not keep_copy:
            self._delete_copy(memory, task)
        self._file.end()
        self._announce(None)

    def vault_detached(self, vault_id: str) -> None:
        """Switch storage off with its vault; the vault's copy stays."""
        memory = self._file.current
        if memory is not None and memory.vault_id == vault_id:
            self._file.end()
            self._announce(None)

    def reload(self) -> bool:
        """Look for what another window wrote; return whether there was something."""
        return self._is_supported and self._file.reload()

    @property
    def _side(self) -> "LocalSide":
        if self._made_side is None:
            self._made_side = self._make_side()
        return self._made_side

    def _run(self, once: Callable[[], SyncReport]) -> SyncReport:
        self._enabled()
        with self._lock:
            if self._is_running:
                self._again = True
                return SyncReport(is_deferred=True)
            self._is_running = True
        self._announce(None)
        try:
            with self._alone() as is_alone:
                return self._repeat(once) if is_alone else SyncReport(is_deferred=True)
        finally:
            with self._lock:
                self._is_running = False
            self._announce(None)

    def _repeat(self, once: Callable[[], SyncReport]) -> SyncReport:
        while True:
            with self._lock:
                self._again = False
            report = once()
            self._announce(report)
            with self._lock:
                if not self._again:
                    return report

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Whether no other process syncs at the same time."""
        import filelock

        lock = filelock.FileLock(f"{self._file.path}.sync.lock", timeout=0)
        try:
            lock.acquire()
        except filelock.Timeout:
            yield False
            return
        except OSError as error:
            raise StoreError(f"{self._file.path} could not be locked: {error.strerror}.") from error
        try:
            yield True
        finally:
            lock.release()

    def _sync_once(self, task: Task, approve: bool) -> SyncReport:
        try:
            with self._sync_with() as (sync, memory):
                prepared = sync.prepare(memory, task)
                report = sync.apply(prepared, task, deletes=approve and is_as_shown(memory, prepared))
        except KeeperDBError as error:
            self._remember_error(error)
            raise
        run = LastRun("", "", report.failures, report.notices, report.question)
        self._file.change(lambda each: each if each.last_run == run else replace(each, last_run=run))
        return report

    def _remember_error(self, error: KeeperDBError) -> None:
        message, hint = error.message, error.hint
        self._file.change(lambda each: replace(each, last_run=replace(each.last_run, error=message, error_hint=hint)))

    @contextmanager
    def _sync_with(self) -> "Iterator[tuple[StorageSync, Memory]]":
        from keeperdb.vault.storage_sync import StorageSync

        self._file.reload()
        memory = self._enabled()
        with self._vaults.writer(memory.vault_id) as client:
            yield StorageSync(client, self._file, self._side), memory

    def _begin_in(self, vault_id: str, root_uid: str, kind: RecordKind, task: Task) -> Memory:
        from keeperdb.vault.storage_folder import find_or_make, storage_folders

        with self._vaults.writer(vault_id) as client:
            contents = client.read(task, even_empty=True)
            existed = bool(storage_folders(contents, root_uid))
            folder = find_or_make(client, contents, root_uid, task)
        memory = self._new_memory(vault_id, root_uid, contents.folders[root_uid].name, folder.uid, kind)
        if not existed:
            return memory
        view = self._view(contents, memory)
        left_out = view.stored.keys() - self._local_ids() | ({PREFERENCES_ID} if view.preferences else set())
        return replace(memory, left_out=frozenset(left_out))

    def _delete_copy(self, memory: Memory, task: Task) -> None:
        from keeperdb.vault.storage_deletion import delete_unchanged

        with self._vaults.writer(memory.vault_id) as client:
            contents = client.read(task, even_empty=True)
            view = self._view(contents, replace(memory, base={}))
            uids = [uid for versions in view.stored.values() for each in versions for uid in each.uids]
            task.report(text="Deleting the vault's copy…")
            deleted = delete_unchanged(client, [*uids, *view.preferences_documents, *view.strays], {}, task)
            if not deleted.refused:
                client.remove_folder(view.folder.uid, task)

    def _view(self, contents: "VaultContents", memory: Memory) -> "View":
        from keeperdb.vault.storage_view import look

        return look(contents, memory)

    def _read(self, vault_id: str, task: Task) -> "VaultContents":
        with self._vaults.writer(vault_id) as client:
            return client.read(task, even_empty=True)

    def _local_ids(self) -> set[str]:
        return set(self._side.ids())

    def _new_memory(
        self, vault_id: str, root_uid: str, root_name: str, folder_uid: str, kind: RecordKind = RecordKind.DATABASE
    ) -> Memory:
        return Memory(vault_id, root_uid, root_name, folder_uid, kind, platform.node() or "this machine")

    def _enabled(self) -> Memory:
        self.check_supported()
        memory = self._file.current
        if memory is None:
            raise SettingsError("Storage is switched off.", "Switch it on in Settings, Storage.")
        return memory

    def check_supported(self) -> None:
        """Raises `UnsupportedError` in gateway mode."""
        if not self._is_supported:
            raise UnsupportedError(
                "Storage is not available in gateway mode, where the Gateway is the only credential authority.",
                "Start KeeperDB without --mode gateway and KEEPERDB_MODE.",
            )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")
