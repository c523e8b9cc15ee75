"""The owner's hands on the demo vault: make folders, records, files, links and shares, and look at the result."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from keeperdb.demo import protocol
from keeperdb.demo.applications import Application
from keeperdb.demo.file_store import FileStore
from keeperdb.demo.handles import Delivery, Folder, Record, uid_of
from keeperdb.demo.protocol import Json
from keeperdb.demo.vault_state import Application as StoredApplication
from keeperdb.demo.vault_state import StateFile, StoredFolder, StoredLink, StoredRecord, VaultState
from keeperdb.demo.writing_verbs import remove_folder, remove_records

_DEFAULT_TITLE = "KeeperDB demo"


class Account:
    """A vault account with one Secrets Manager application to begin with.

    With a state file everything is kept there, atomically, after every change; without one nothing outlives the
    object, except for files' contents in `blobs`. Where a method takes a folder or a record, its uid does as well.
    """

    def __init__(self, blobs: Path, state_file: Path | None = None) -> None:
        self.lock = threading.RLock()
        self.files = FileStore(blobs)
        self._file = StateFile(state_file) if state_file else None
        self._batches = 0
        self.state = (self._file.load() if self._file else None) or VaultState.new()
        if not self.state.applications:
            self.add_application(_DEFAULT_TITLE)

    @property
    def application(self) -> Application:
        """The application that is meant where none is named."""
        return self.applications()[0]

    def applications(self) -> list[Application]:
        return [Application(self, stored) for stored in self.state.applications.values()]

    def add_application(self, title: str) -> Application:
        with self.changing():
            stored = StoredApplication(protocol.new_uid(), title, protocol.new_key())
            self.state.applications[stored.uid] = stored
        return Application(self, stored)

    def store(self) -> None:
        """Keep the state, if there is a file for it and no batch is open. Raises `StoreError`."""
        if self._file is not None and not self._batches:
            self._file.save(self.state)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Alone with the state; it is stored at the end. May be nested to make many changes and store once."""
        with self.lock:
            self._batches += 1
            try:
                yield
            finally:
                self._batches -= 1
                self.store()

    def add_shared_folder(self, name: str, *, editable: bool = True, application: Application | None = None) -> Folder:
        """A shared folder that the application may read and, if `editable`, change."""
        with self.changing():
            folder = self._new_folder(name, None)
            self.share(folder, editable=editable, application=application)
        return folder

    def add_folder(self, parent: Folder | str, name: str) -> Folder:
        with self.changing():
            return self._new_folder(name, self.state.folders[uid_of(parent)])

    def add_record(
        self,
        document: Json,
        folder: Folder | str | None = None,
        *,
        delivery: Delivery = Delivery.FOLDER,
        uid: str | None = None,
    ) -> Record:
        """A record of the owner's, in a folder or (shared with nobody yet) in none. `delivery`: see there."""
        key = self.application.stored.key if delivery is Delivery.LEGACY else protocol.new_key()
        data = protocol.seal(protocol.record_bytes(document), key)
        with self.changing():
            folder_uid = uid_of(folder) if folder else ""
            stored = StoredRecord(
                uid or protocol.new_uid(), key, data, self.state.next_revision(), folder_uid, delivery
            )
            self.state.records[stored.uid] = stored
        return Record(self, stored)

    def share(
        self, item: Folder | Record | str, *, editable: bool = True, application: Application | None = None
    ) -> None:
        """Share a shared folder or a single record with an application, or change whether it may edit it."""
        with self.changing():
            (application or self.application).stored.shares[uid_of(item)] = editable

    def share_record(
        self,
        record: Record | str | Json,
        *,
        editable: bool = True,
        application: Application | None = None,
        delivery: Delivery = Delivery.FOLDER,
    ) -> Record:
        """Share one record directly, by itself; a document becomes a new record outside of all folders."""
        with self.changing():
            shared = self.add_record(record, delivery=delivery) if isinstance(record, dict) else self.record(record)
            self.share(shared, editable=editable, application=application)
        return shared

    def unshare(self, item: Folder | Record | str, application: Application | None = None) -> None:
        with self.changing():
            (application or self.application).stored.shares.pop(uid_of(item), None)

    def break_record(self, record: Record | str) -> None:
        """From now on the record is sent with a key that opens nothing."""
        with self.changing():
            self.state.records[uid_of(record)].is_broken = True

    def break_folder(self, folder: Folder | str) -> None:
        """From now on the folder is sent with a key that opens nothing."""
        with self.changing():
            self.state.folders[uid_of(folder)].is_broken = True

    def update_record_as_user(self, record: Record | str, change: Json | Callable[[Json], None]) -> None:
        """Another person edits the record: the document is replaced, or changed in place by a function."""
        with self.changing():
            stored = self.state.records[uid_of(record)]
            document = change if isinstance(change, dict) else stored.document
            if callable(change):
                change(document)
            stored.data = protocol.seal(protocol.record_bytes(document), stored.key)
            stored.revision = self.state.next_revision()

    def move_record_as_user(self, record: Record | str, folder: Folder | str) -> None:
        with self.changing():
            stored = self.state.records[uid_of(record)]
            stored.folder_uid, stored.revision = uid_of(folder), self.state.next_revision()

    def delete_record_as_user(self, record: Record | str) -> None:
        with self.changing():
            remove_records(self.state, [uid_of(record)], self.files)

    def delete_folder_as_user(self, folder: Folder | str) -> None:
        """With everything in it; a shared folder, too."""
        with self.changing():
            remove_folder(self.state, uid_of(folder), self.files)

    def clear(self) -> None:
        """Remove every folder and record; applications and devices stay."""
        with self.changing():
            remove_records(self.state, list(self.state.records), self.files)
            self.state.folders.clear()
            for application in self.state.applications.values():
                application.shares.clear()

    def link(self, record: Record | str, user: Record | str, **data: object) -> None:
        """Link a PAM User to a PAM resource in the graph, such as `is_launch_credential=True, is_admin=False`."""
        self._add_link(record, StoredLink(uid_of(user), None, json.dumps(data) if data else None))

    def set_link_data(self, record: Record | str, path: str, data: Json, *, encrypted: bool = False) -> None:
        """A link of the record to itself: path `meta` plain, `jit_settings` and `ai_settings` encrypted."""
        self._add_link(record, StoredLink(uid_of(record), path, json.dumps(data), encrypted))

    def record(self, record: Record | str) -> Record:
        """Raises `KeyError`."""
        return Record(self, self.state.records[uid_of(record)])

    def records(self) -> list[Record]:
        """Every record of the account, in the order of their making."""
        with self.lock:
            return [Record(self, stored) for stored in self.state.records.values()]

    def find_record(self, title: str) -> Record:
        """The one record of that title. Raises `LookupError` if there is none or more than one."""
        found = [record for record in self.records() if record.title == title]
        if len(found) != 1:
            raise LookupError(f"{len(found)} records have the title {title}")
        return found[0]

    def folders(self) -> list[Folder]:
        """Every folder of the account, parents first."""
        with self.lock:
            return [Folder(self, stored) for stored in self.state.folders.values()]

    def folder(self, *names: str) -> Folder:
        """The folder with this path, shared folder first. Raises `LookupError`."""
        for folder in self.folders():
            if folder.path == names:
                return folder
        raise LookupError(f"No folder has the path {'/'.join(names)}")

    def _new_folder(self, name: str, parent: StoredFolder | None) -> Folder:
        uid, key = protocol.new_uid(), protocol.new_key()
        data = protocol.seal_cbc(protocol.to_json({"name": name}), key)
        stored = StoredFolder(uid, key, data, parent.root if parent else uid, parent.uid if parent else "")
        self.state.folders[uid] = stored
        return Folder(self, stored)

    def _add_link(self, record: Record | str, link: StoredLink) -> None:
        with self.changing():
            self.state.records[uid_of(record)].links.append(link)
