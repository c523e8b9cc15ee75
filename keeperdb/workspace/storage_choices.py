"""What a person may choose from in the storage, and what their answer means."""

from dataclasses import replace
from typing import TYPE_CHECKING

from keeperdb.errors import SettingsError
from keeperdb.vault.storage_content import profile_of
from keeperdb.vault.storage_heads import find_head
from keeperdb.vault.storage_memory import Memory
from keeperdb.vault.storage_model import PREFERENCES_ID, OfferedConnection, Selection, StorageOffer

if TYPE_CHECKING:
    from keeperdb.vault.storage_prepared import Prepared
    from keeperdb.vault.storage_view import View


def offered(view: "View", here: set[str]) -> StorageOffer:
    """Everything in the vault; `here` are the ids that this machine has."""
    found = []
    for local_id, versions in view.stored.items():
        profile = profile_of(local_id, find_head(local_id, versions).content)
        found.append(
            OfferedConnection(local_id, profile.name, profile.engine, profile.address, is_here=local_id in here)
        )
    found.sort(key=lambda each: (each.name.casefold(), each.local_id))
    return StorageOffer(tuple(found), bool(view.preferences), tuple(each.message for each in view.problems))


def selected(prepared: "Prepared", selection: Selection | None) -> frozenset[str]:
    """Ids of what is in the vault and not here. Raises `SettingsError` for a name that nothing has."""
    names: dict[str, set[str]] = {}
    for local_id, versions in prepared.view.stored.items():
        if local_id not in prepared.local.contents:
            for word in (local_id, *(str(each.content.get("name", "")) for each in versions)):
                names.setdefault(word, set()).add(local_id)
    if prepared.view.preferences:
        names.setdefault(PREFERENCES_ID, set()).add(PREFERENCES_ID)
    if selection is None:
        return frozenset(each for found in names.values() for each in found)
    missing = [word for word in selection if word not in names]
    if missing:
        raise SettingsError(
            f"“{missing[0]}” is not among what the vault has and this machine has not.",
            "`keeperdb storage status` shows what there is.",
        )
    return frozenset(each for word in selection for each in names[word])


def without(memory: Memory, ids: Selection) -> Memory:
    """The last sync of these is forgotten: whichever side has one brings it back to the other."""
    return replace(memory, base={name: base for name, base in memory.base.items() if name not in ids})


def is_as_shown(memory: Memory, prepared: "Prepared") -> bool:
    """Whether a person who approved saw every deletion; without a question on record they approve what there is."""
    shown = memory.last_run.question
    if shown is None:
        return True
    now = prepared.deletions
    return set(now.in_vault) <= set(shown.in_vault) and set(now.here) <= set(shown.here)
