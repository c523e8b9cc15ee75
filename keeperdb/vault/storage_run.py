"""Carries out the plan of a sync: each step is safe by itself, so that it can be stopped after any request."""

from dataclasses import replace
from datetime import datetime

from keeperdb.errors import KeeperDBError, KeychainError, VaultError, VaultReason
from keeperdb.task import Task
from keeperdb.vault.storage_content import PASSWORD, Content, profile_of
from keeperdb.vault.storage_deletion import delete_unchanged
from keeperdb.vault.storage_local import LocalSide, Saving
from keeperdb.vault.storage_memory import Memory, MemoryFile
from keeperdb.vault.storage_model import PREFERENCES_ID, StorageFailure, SyncReport
from keeperdb.vault.storage_plan import Base, Change
from keeperdb.vault.storage_prepared import Prepared
from keeperdb.vault.storage_writer import Passwords, RecordWriter
from keeperdb.vault.writing import WritingClient

_SAVE_EVERY = 50  # records between two writings of the memory; a sync that is killed only has more to compare

# After these there is no use in trying the next record.
_FINAL = frozenset(VaultReason) - {VaultReason.OTHER, VaultReason.CONFLICT}


class StorageRun:
    """One application of a plan: first this machine, then new records, then deletions, each step safe by itself."""

    def __init__(
        self, client: WritingClient, memory: MemoryFile, local: LocalSide, prepared: Prepared, now: datetime
    ) -> None:
        self._client = client
        self._memory = memory
        self._local = local
        self._prepared = prepared
        self._now = now
        self._passwords = Passwords(prepared.view, prepared.local.contents, local.password)
        self._writer = RecordWriter(client, prepared.view, prepared.memory, self._passwords, now)
        self._base: dict[str, Base | None] = {}
        self._obsolete: list[str] = []
        self._preferences_uid = prepared.memory.preferences_uid
        self._has_preferences = False
        self._failures: list[StorageFailure] = list(prepared.failures)
        self._counts = {"written": 0, "deleted": 0, "saved": 0, "removed": 0}
        self._notices = list(prepared.view.notices)
        self._asks = False
        self.is_done = False

    @property
    def report(self) -> SyncReport:
        question = self._prepared.question if self._asks else None
        counts = self._counts
        return SyncReport(
            counts["written"],
            counts["deleted"],
            counts["saved"],
            counts["removed"],
            tuple(self._failures),
            tuple(self._notices),
            question,
        )

    def do(self, task: Task, *, deletes: bool) -> None:
        self._asks = self._prepared.question is not None and not deletes
        changes = [change for change in self._prepared.changes if deletes or not change.is_deletion]
        changes = self._save_here(changes)
        self._remove_here([change for change in changes if change.removes], task)
        self._write(changes, task)
        self._write_preferences(task)
        if self._prepared.writes:
            total = self._prepared.writes
            task.report(total, total, f"Configuring… {total} of {total}")
        self._delete([change for change in changes if change.deletes_in_vault], task)
        self._apply_settings()
        self.is_done = True

    def _save_here(self, changes: list[Change]) -> list[Change]:
        """Save what came from the vault; return the changes that go on: not those of connections just edited."""
        savings = []
        for change in changes:
            if change.saves and change.result is not None:
                try:
                    savings.append(self._saving(change, change.result))
                except (ValueError, KeeperDBError) as error:
                    self._fail(change, error)
        saved = self._local.save(savings)
        self._counts["saved"] += len(saved)
        return [change for change in changes if not change.saves or change.local_id in saved]

    def _saving(self, change: Change, result: Content) -> Saving:
        digest = result.get(PASSWORD)
        is_kept = change.expected is not None and change.expected.get(PASSWORD) == digest
        password = None if is_kept or digest is None else self._passwords.find(digest)
        return Saving(profile_of(change.local_id, result), password, change.expected)

    def _remove_here(self, changes: list[Change], task: Task) -> None:
        """Remove connections whose record is gone, once a second look has confirmed it."""
        bases = {change.local_id: self._prepared.known.base[change.local_id].uid for change in changes}
        if not bases:
            return
        still = self._client.read(task, list(bases.values())).records
        for change in changes:
            if bases[change.local_id] in still or change.expected is None:
                self._notices.append(f"“{change.name}” is still in the vault; nothing was removed.")
            elif self._local.remove(change.local_id, change.expected):
                self._base[change.local_id] = None
                self._counts["removed"] += 1

    def _write(self, changes: list[Change], task: Task) -> None:
        total, done = self._prepared.writes, 0
        for change in changes:
            if change.writes and change.result is not None:
                done += 1
                task.report(done - 1, total, f"Configuring… {done} of {total}")
                if not self._try(change, change.result, task):
                    continue
                if done % _SAVE_EVERY == 0:
                    self.remember(is_done=False)
            elif change.result is not None:
                self._base[change.local_id] = Base(change.result, change.uid, self._digest(change))
            elif change.is_settled:
                self._base[change.local_id] = None
                self._local.forget_password(change.local_id)
            if change.result is not None:
                self._obsolete += change.obsolete

    def _try(self, change: Change, result: Content, task: Task) -> bool:
        try:
            self._base[change.local_id] = self._writer.write(change, result, task)
        except (VaultError, KeychainError, ValueError) as error:
            if isinstance(error, VaultError) and error.reason in _FINAL:
                raise
            self._fail(change, error)
            return False
        self._counts["written"] += 1
        return True

    def _digest(self, change: Change) -> str:
        """Of the record that was read and stands for the result, if there is nothing odd about it."""
        reading = self._prepared.view.readings.get(change.uid)
        stored = reading.stored if reading is not None else None
        is_plain = stored is not None and stored.content == change.result and not stored.flaw and not stored.user_uid
        return reading.digest if reading is not None and is_plain else ""

    def _write_preferences(self, task: Task) -> None:
        prepared = self._prepared
        if PREFERENCES_ID in prepared.memory.left_out:
            return
        view = prepared.view
        if prepared.writes_preferences:
            total = prepared.writes
            task.report(total - 1, total, f"Configuring… {total} of {total}")
            self._preferences_uid = self._writer.write_preferences(prepared.preferences, task)
            self._counts["written"] += 1
        else:
            self._preferences_uid = min(uid for uid, found in view.preferences.items() if found == prepared.preferences)
        self._has_preferences = True
        self._obsolete += [uid for uid in view.preferences_documents if uid != self._preferences_uid]

    def _delete(self, changes: list[Change], task: Task) -> None:
        """Old records first, in one request; then those whose connection is gone."""
        wanted = [*self._obsolete, *self._strays(), *(uid for change in changes for uid in change.obsolete)]
        if not wanted:
            return
        task.report(text="Deleting old records…")
        deleted = delete_unchanged(self._client, wanted, self._documents(), task)
        self._failures += [
            StorageFailure(uid, f"The record {uid} could not be deleted: {why}.")
            for uid, why in deleted.refused.items()
        ]
        for change in changes:
            if all(uid in deleted.gone for uid in change.obsolete):
                self._base[change.local_id] = None
                self._local.forget_password(change.local_id)
                self._counts["deleted"] += 1

    def _strays(self) -> list[str]:
        """PAM Users that an interrupted sync left behind: of this machine at once, of another at the second look."""
        memory = self._prepared.memory
        return [
            uid
            for uid, machine_id in self._prepared.view.strays.items()
            if machine_id == memory.machine_id or uid in memory.orphans
        ]

    def _documents(self) -> dict[str, object]:
        """What the records held when the plan was made."""
        view = self._prepared.view
        found: dict[str, object] = {uid: reading.document for uid, reading in view.readings.items()}
        for reading in view.readings.values():
            if reading.stored is not None and reading.stored.user_uid:
                found[reading.stored.user_uid] = reading.user_document
        return found | view.preferences_documents

    def _apply_settings(self) -> None:
        if self._prepared.settings:
            self.remember(is_done=False)  # so that applying them does not look like a change by the person
            self._local.apply_settings(self._prepared.settings)

    def remember(self, *, is_done: bool) -> None:
        """Write down what is settled."""
        prepared = self._prepared

        def change(memory: Memory) -> Memory:
            base = dict(prepared.memory.base if memory.key_id != prepared.view.key_id else memory.base)
            for local_id, each in self._base.items():
                if each is None:
                    base.pop(local_id, None)
                else:
                    base[local_id] = each
            memory = replace(memory, base=base, key_id=prepared.view.key_id)
            if self._has_preferences:
                memory = replace(memory, preferences=prepared.preferences, preferences_uid=self._preferences_uid)
            return self._finished(memory) if is_done else memory

        self._memory.change(change)

    def _finished(self, memory: Memory) -> Memory:
        view, before = self._prepared.view, self._prepared.memory
        memory = replace(
            memory,
            last_sync=self._now,
            shared_folder_uid=view.root.uid,
            shared_folder_name=view.root.name,
            folder_uid=view.folder.uid,
            orphans=frozenset(view.strays),
            left_out=memory.left_out if view.is_partial else memory.left_out & {*view.stored, PREFERENCES_ID},
        )
        waiting = {change.local_id for change in self._prepared.changes if change.local_id not in self._base}
        waiting |= set(self._prepared.known.frozen)
        taken_care_of = {local_id: at for local_id, at in before.touched.items() if local_id not in waiting}
        return memory.without_touched(taken_care_of).without_changed(before.settings_changed)

    def _fail(self, change: Change, error: Exception) -> None:
        message = error.message if isinstance(error, KeeperDBError) else "It cannot be stored as it is."
        hint = error.hint if isinstance(error, KeeperDBError) else ""
        self._failures.append(StorageFailure(change.name, f"“{change.name}”: {message}", hint))
