"""One authenticated call: what the caller may reach, and checked access to the payload's fields."""

from collections.abc import Iterator
from dataclasses import dataclass

from keeperdb.demo import wire
from keeperdb.demo.file_store import FileStore
from keeperdb.demo.protocol import CipherError, Json, KeyPair, from_base64
from keeperdb.demo.vault_state import Application, Device, StoredFolder, StoredRecord, VaultState


@dataclass(frozen=True, slots=True, repr=False)
class Call:
    """A verb's arguments. `base_url` is what file URLs begin with."""

    state: VaultState
    application: Application
    device: Device
    payload: Json
    files: FileStore
    base_url: str

    def text(self, name: str) -> str:
        """A required text of the payload. Raises `WireError`."""
        value = self.payload.get(name)
        if not isinstance(value, str) or not value:
            raise wire.bad_request(f"{name} is missing")
        return value

    def uids(self, name: str) -> list[str]:
        """A list of texts; empty if the payload has none. Raises `WireError`."""
        value = self.payload.get(name) or []
        if not isinstance(value, list) or not all(isinstance(uid, str) for uid in value):
            raise wire.bad_request(f"{name} is not a list of identifiers")
        return value

    def blob(self, name: str) -> bytes:
        """Required base64 of the payload. Raises `WireError`."""
        try:
            return from_base64(self.text(name))
        except CipherError as error:
            raise wire.bad_request(f"{name} is not base64") from error

    def owner_blob(self, name: str) -> bytes:
        """A key that the payload holds in an envelope for the account's owner. Raises `WireError`."""
        try:
            return KeyPair.from_der(self.state.owner_key).open_envelope(self.blob(name))
        except CipherError as error:
            raise wire.bad_request(f"{name} is not sealed for the owner") from error

    def shared_folders(self) -> Iterator[tuple[StoredFolder, bool]]:
        """The shared folders that the application may read, and whether it may change them."""
        for uid, is_editable in self.application.shares.items():
            if uid in self.state.folders:
                yield self.state.folders[uid], is_editable

    def is_folder_editable(self, folder: StoredFolder) -> bool | None:
        """None if the application cannot even see the folder."""
        return self.application.shares.get(folder.root)

    def is_record_editable(self, record: StoredRecord) -> bool | None:
        """By the record's own share or its folder's; None if the application cannot even see it."""
        root = self.state.root_of(record)
        shares = [self.application.shares[uid] for uid in (record.uid, root) if uid in self.application.shares]
        return any(shares) if shares else None

    def editable_folder(self, uid: str) -> StoredFolder:
        """Raises `WireError` if the application may not see or change it."""
        folder = self.state.folders.get(uid)
        editable = self.is_folder_editable(folder) if folder else None
        if folder is None or editable is None:
            raise wire.denied(wire.FOLDER_NOT_ACCESSIBLE)
        if not editable:
            raise wire.denied("Folder is read only")
        return folder

    def editable_record(self, uid: str) -> StoredRecord:
        """Raises `WireError` if the application may not see or change it."""
        record = self.state.records.get(uid)
        editable = self.is_record_editable(record) if record else None
        if record is None or editable is None:
            raise wire.denied(wire.RECORD_NOT_ACCESSIBLE)
        if not editable:
            raise wire.denied("Record is read only")
        return record
