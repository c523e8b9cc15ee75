"""Deletes records in the vault, but none that somebody has edited since it was read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from keeperdb.task import Task
from keeperdb.vault.writing import WritingClient

_AT_ONCE = 200  # records in one request


@dataclass(slots=True)
class Deleted:
    """`gone` uids are not in the vault any more; `refused` says why not, by uid."""

    gone: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)


def delete_unchanged(client: WritingClient, uids: Sequence[str], as_read: Mapping[str, object], task: Task) -> Deleted:
    """Look at the records once more, then delete those that are `as_read`; the next plan sees to the others.

    Two requests for each 200 records. Raises `VaultError`.
    """
    found = Deleted()
    unique = list(dict.fromkeys(uids))
    for start in range(0, len(unique), _AT_ONCE):
        some = unique[start : start + _AT_ONCE]
        now = client.read(task, some).records
        found.gone |= {uid for uid in some if uid not in now}
        same = [uid for uid in some if uid in now and (uid not in as_read or now[uid].content == as_read[uid])]
        if same:
            task.check()
            refused = client.remove_records(same, task)
            found.refused |= refused
            found.gone |= {uid for uid in same if uid not in refused}
    return found
