"""A plan with everything it was made of, and how a person reads it."""

from collections.abc import Mapping
from dataclasses import dataclass

from keeperdb.settings import Value
from keeperdb.vault.storage_local import LocalView
from keeperdb.vault.storage_memory import Memory
from keeperdb.vault.storage_model import ChangeKind, DeletionQuestion, PlanLine, StorageFailure, StoragePlan
from keeperdb.vault.storage_plan import Change, Known, needs_answer
from keeperdb.vault.storage_preferences import Preferences
from keeperdb.vault.storage_view import View


@dataclass(frozen=True, slots=True)
class Prepared:
    """The plan of one sync. `preferences` are the merged ones, `settings` what of them has to be set here."""

    memory: Memory
    view: View
    local: LocalView
    known: Known
    changes: tuple[Change, ...]
    preferences: Preferences
    settings: Mapping[str, Value]
    writes_preferences: bool

    @property
    def deletions(self) -> DeletionQuestion:
        return DeletionQuestion(
            tuple(change.name for change in self.changes if change.deletes_in_vault),
            tuple(change.name for change in self.changes if change.removes),
        )

    @property
    def question(self) -> DeletionQuestion | None:
        return self.deletions if needs_answer(self.changes, self.known) else None

    @property
    def failures(self) -> tuple[StorageFailure, ...]:
        return (*self.view.problems, *self.local.frozen.values())

    @property
    def writes(self) -> int:
        return sum(change.writes for change in self.changes) + self.writes_preferences

    def described(self) -> StoragePlan:
        """As a person reads it."""
        lines = [PlanLine(_kind(change), text) for change in self.changes for text in change.texts]
        if self.settings:
            lines.append(PlanLine(ChangeKind.SAVE, f"Preferences are updated here: {', '.join(self.settings)}."))
        if self.writes_preferences:
            lines.append(PlanLine(ChangeKind.WRITE, "Preferences are written to the vault."))
        lines += [PlanLine(ChangeKind.NOTE, text) for text in self.view.notices]
        lines += [PlanLine(ChangeKind.NOTE, f"{failure.message} {failure.hint}".strip()) for failure in self.failures]
        return StoragePlan(tuple(lines), self.writes, self.question)


def _kind(change: Change) -> ChangeKind:
    if change.removes:
        return ChangeKind.REMOVE
    if change.deletes_in_vault:
        return ChangeKind.DELETE
    return ChangeKind.SAVE if change.saves and not change.writes else ChangeKind.WRITE
