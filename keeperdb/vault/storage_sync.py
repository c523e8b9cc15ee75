"""Brings this machine and the vault in line: looks at both, plans, and has the plan carried out."""

from dataclasses import replace
from datetime import UTC, datetime

from keeperdb.task import Task
from keeperdb.vault.storage_local import LocalSide, LocalView
from keeperdb.vault.storage_memory import Memory, MemoryFile
from keeperdb.vault.storage_model import PREFERENCES_ID, SyncReport
from keeperdb.vault.storage_plan import Known, plan
from keeperdb.vault.storage_preferences import dated_settings, newest, to_apply
from keeperdb.vault.storage_prepared import Prepared
from keeperdb.vault.storage_run import StorageRun
from keeperdb.vault.storage_view import View, look
from keeperdb.vault.writing import WritingClient


class StorageSync:
    """One sync, with its own client. `now` is for tests."""

    def __init__(
        self, client: WritingClient, memory: MemoryFile, local: LocalSide, now: datetime | None = None
    ) -> None:
        self._client = client
        self._memory = memory
        self._local = local
        self._now = now or datetime.now(UTC)

    def prepare(self, memory: Memory, task: Task) -> Prepared:
        """Look at both sides and plan; nothing is changed. Raises `VaultError`, `KeychainError`, `StoreError`."""
        task.report(text="Reading the vault…")
        view = look(self._client.read(task, even_empty=True), memory)
        task.report(text="Comparing…")
        if memory.key_id != view.key_id:  # the digests that are remembered mean nothing any more
            memory = replace(memory, base={}, key_id=view.key_id)
        local = self._local.look(memory, view)
        frozen = {*view.frozen, *local.frozen}
        if view.is_partial:
            frozen |= memory.base.keys() - view.stored.keys()
        known = Known(
            memory.base,
            local.contents,
            view.stored,
            frozen,
            memory.left_out,
            memory.machine,
            memory.machine_id,
            self._now.date().isoformat(),
        )
        return self._prepared(memory, view, local, known)

    def _prepared(self, memory: Memory, view: View, local: LocalView, known: Known) -> Prepared:
        values = self._local.settings()
        changes = tuple(plan(known))
        if PREFERENCES_ID in memory.left_out:
            return Prepared(memory, view, local, known, changes, {}, {}, writes_preferences=False)
        mine = dated_settings(values, memory.preferences, memory.settings_changed, self._local.settings_changed_at())
        merged = newest([mine, *view.preferences.values()])
        is_stored = len(view.preferences) >= 1 and any(found == merged for found in view.preferences.values())
        return Prepared(memory, view, local, known, changes, merged, to_apply(merged, values), not is_stored)

    def apply(self, prepared: Prepared, task: Task, *, deletes: bool = False) -> SyncReport:
        """Do it, one record at a time; can be stopped after any request.

        Where `prepared.question` is not None, deletions are done only with `deletes`. Raises what stopped it.
        """
        run = StorageRun(self._client, self._memory, self._local, prepared, self._now)
        try:
            run.do(task, deletes=deletes or prepared.question is None)
        finally:
            run.remember(is_done=run.is_done)
        return run.report
