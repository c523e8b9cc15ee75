"""A vault as last read, with what makes looking things up fast. Nothing in it changes."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cached_property

from keeperdb.commands.command import Output
from keeperdb.commands.protected import is_config, is_storage
from keeperdb.commands.record_text import search_text
from keeperdb.vault.contents import VaultContents, VaultFolder, VaultRecord

ROOT = ""  # the uid that stands for the vault itself, in which the shared folders are


class Snapshot:
    """Records and folders by uid, title and place. Safe for any number of threads.

    `is_remote`: without what only the machine's own user may see; `hidden` are the uids of that, and
    `hidden_titles` the titles of the configurations among it, in lower case.
    """

    def __init__(self, contents: VaultContents, read_at: datetime | None = None, *, is_remote: bool = False) -> None:
        self.contents = contents
        self.read_at = read_at
        self.is_remote = is_remote
        self._kept: dict[object, Output] = {}
        self.folders: Mapping[str, VaultFolder] = contents.folders
        configs = [each for each in contents.records.values() if is_config(each)]
        self.hidden = frozenset(
            [
                *(each.uid for each in configs),
                *(uid for uid, each in contents.records.items() if is_storage(each, contents)),
            ]
        )
        self.hidden_titles = frozenset(each.title.casefold() for each in configs)
        self.records: Mapping[str, VaultRecord] = contents.records
        if is_remote and self.hidden:
            self.records = {uid: each for uid, each in contents.records.items() if uid not in self.hidden}

    @cached_property
    def seen_remotely(self) -> "Snapshot":
        """The same as callers over the network see it."""
        return Snapshot(self.contents, self.read_at, is_remote=True)

    def place_of(self, record: VaultRecord) -> str:
        """The uid of the folder that a record is shown in."""
        for uid in (record.inner_folder_uid, record.folder_uid):
            if uid in self.folders:
                return uid
        return ROOT

    def parent_of(self, folder: VaultFolder) -> str:
        """The uid of the folder above; one whose parents are unknown, a ring or too many stands in the root."""
        return folder.parent if self._depths.get(folder.parent, 0) else ROOT

    def subfolders(self, uid: str) -> tuple[VaultFolder, ...]:
        """The folders directly in a folder, by name."""
        return self._subfolders.get(uid, ())

    def records_in(self, uid: str) -> tuple[VaultRecord, ...]:
        """The records directly in a folder, by title."""
        return self._records_in.get(uid, ())

    def titled(self, title: str) -> tuple[VaultRecord, ...]:
        """The records of that title; of those that differ in case only, the ones of exactly that spelling."""
        found = self._by_title.get(title.casefold(), ())
        return tuple(each for each in found if each.title == title) or found

    def named(self, name: str) -> tuple[VaultFolder, ...]:
        """The folders of that name, anywhere."""
        found = self._by_name.get(name.casefold(), ())
        return tuple(each for each in found if each.name == name) or found

    def names_to(self, uid: str) -> list[str]:
        """The names of the folders from the root down to that one; none for the root."""
        names: list[str] = []
        seen: set[str] = set()
        while uid in self.folders and uid not in seen:
            seen.add(uid)
            names.append(folder_name(self.folders[uid]))
            uid = self.folders[uid].parent
        return names[::-1]

    def below(self, uid: str) -> Iterator[str]:
        """A folder and all that are below it."""
        yield uid
        for folder in self.subfolders(uid):
            yield from self.below(folder.uid)

    def kept(self, key: object, make: Callable[[], Output]) -> Output:
        """What `make` gave for `key` the first time: for the lists that are asked for again and again."""
        found = self._kept.get(key)
        if found is None:
            found = make()
            if len(self._kept) < _MOST_KEPT:
                self._kept[key] = found
        return found

    @cached_property
    def search_texts(self) -> dict[str, str]:
        """What is searched of each record, by uid: no secrets."""
        return {uid: search_text(record) for uid, record in self.records.items()}

    @cached_property
    def _depths(self) -> dict[str, int]:
        """How far below the root each folder is, from 1; without those that cannot be reached from there."""
        depths = {uid: 1 for uid, each in self.folders.items() if each.parent not in self.folders}
        level = set(depths)
        below: dict[str, list[str]] = {}
        for each in self.folders.values():
            below.setdefault(each.parent, []).append(each.uid)
        for depth in range(2, _DEEPEST + 1):
            level = {uid for parent in level for uid in below.get(parent, ())}
            depths.update(dict.fromkeys(level, depth))
        return depths

    @cached_property
    def _subfolders(self) -> dict[str, tuple[VaultFolder, ...]]:
        found: dict[str, list[VaultFolder]] = {}
        for folder in self.folders.values():
            found.setdefault(self.parent_of(folder), []).append(folder)
        return {
            uid: tuple(sorted(each, key=lambda one: (folder_name(one).casefold(), one.uid)))
            for uid, each in found.items()
        }

    @cached_property
    def _records_in(self) -> dict[str, tuple[VaultRecord, ...]]:
        found: dict[str, list[VaultRecord]] = {}
        for record in self.records.values():
            found.setdefault(self.place_of(record), []).append(record)
        return {
            uid: tuple(sorted(each, key=lambda one: (one.title.casefold(), one.uid))) for uid, each in found.items()
        }

    @cached_property
    def _by_title(self) -> dict[str, tuple[VaultRecord, ...]]:
        found: dict[str, tuple[VaultRecord, ...]] = {}
        for record in self.records.values():
            key = record.title.casefold()
            found[key] = (*found.get(key, ()), record)
        return found

    @cached_property
    def _by_name(self) -> dict[str, tuple[VaultFolder, ...]]:
        found: dict[str, tuple[VaultFolder, ...]] = {}
        for folder in self.folders.values():
            key = folder_name(folder).casefold()
            found[key] = (*found.get(key, ()), folder)
        return found


_MOST_KEPT = 16  # lists; one of 10,000 records takes some megabytes
_DEEPEST = 100  # folders below each other


def folder_name(folder: VaultFolder) -> str:
    """Its name, or its uid if that could not be decrypted."""
    return folder.name or folder.uid
