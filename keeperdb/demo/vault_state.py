"""Everything that the demo vault remembers, and the file that keeps it."""

import base64
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from keeperdb.demo.protocol import KeyPair, unseal, unseal_cbc
from keeperdb.errors import StoreError
from keeperdb.paths import write_atomically

_FIRST_REVISION = 1_411_000  # the real one is a large account-wide number, too
_SERVER_KEY_ID = "9001"  # none of those that the official clients know


@dataclass(slots=True, repr=False)  # it holds a key
class Device:
    """One client of an application. Times are seconds since 1970."""

    client_id: str
    name: str
    encrypted_app_key: bytes | None  # given out until the binding is confirmed
    token_expires_at: float
    access_expires_at: float | None = None
    is_address_locked: bool = False
    address: str = ""  # the one it is locked to; empty until the first request
    public_key: bytes | None = None
    is_revoked: bool = False

    @property
    def is_bound(self) -> bool:
        return self.public_key is not None


@dataclass(slots=True, repr=False)  # it holds keys
class Application:
    """A Secrets Manager application: its key, what is shared with it (uid -> editable), and its devices."""

    uid: str
    title: str
    key: bytes
    shares: dict[str, bool] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)


@dataclass(slots=True, repr=False)  # it holds keys
class StoredFolder:
    """A folder; `root` is the uid of the shared folder it is in, or is. `data` holds the name, encrypted."""

    uid: str
    key: bytes
    data: bytes
    root: str
    parent: str = ""
    is_broken: bool = False

    @property
    def is_shared(self) -> bool:
        return not self.parent

    @property
    def name(self) -> str:
        return str(json.loads(unseal_cbc(self.data, self.key))["name"])


@dataclass(slots=True, repr=False)  # it holds keys
class StoredFile:
    """A file attached to a record; the tickets make its URLs unguessable."""

    uid: str
    key: bytes
    data: bytes
    size: int
    upload_ticket: str
    download_ticket: str
    is_uploaded: bool = False


@dataclass(slots=True)
class StoredLink:
    """A link of the vault's graph; `is_encrypted` data is kept plain here and sealed under the record key when sent."""

    record_uid: str
    path: str | None
    data: str | None
    is_encrypted: bool = False


@dataclass(slots=True, repr=False)  # it holds keys
class StoredRecord:
    """A record; `data` is its JSON sealed under `key`. `delivery` says in which list the server sends it."""

    uid: str
    key: bytes
    data: bytes
    revision: int
    folder_uid: str = ""
    delivery: str = "folder"
    is_broken: bool = False
    files: dict[str, StoredFile] = field(default_factory=dict)
    links: list[StoredLink] = field(default_factory=list)
    before_transaction: bytes | None = None

    @property
    def document(self) -> dict[str, Any]:
        """The decrypted JSON."""
        document: dict[str, Any] = json.loads(unseal(self.data, self.key))
        return document


@dataclass(slots=True, repr=False)  # it holds keys
class VaultState:
    """The account: keys of the server and of the owner, applications, folders, records."""

    server_key: bytes
    owner_key: bytes
    server_key_id: str = _SERVER_KEY_ID
    revision: int = _FIRST_REVISION
    port: int = 0  # that the server had the last time
    applications: dict[str, Application] = field(default_factory=dict)
    folders: dict[str, StoredFolder] = field(default_factory=dict)
    records: dict[str, StoredRecord] = field(default_factory=dict)

    @classmethod
    def new(cls) -> "VaultState":
        return cls(server_key=KeyPair().der, owner_key=KeyPair().der)

    def next_revision(self) -> int:
        self.revision += 1
        return self.revision

    def find_device(self, client_id: object) -> tuple[Application, Device] | None:
        for application in self.applications.values():
            device = application.devices.get(client_id) if isinstance(client_id, str) else None
            if device is not None:
                return application, device
        return None

    def root_of(self, record: StoredRecord) -> str:
        """The uid of the shared folder that a record is in, or empty."""
        return self.folders[record.folder_uid].root if record.folder_uid else ""


class StateFile:
    """A JSON file with a `VaultState`, readable by its owner only and replaced as a whole."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> VaultState | None:
        """What the file holds, or None if there is none. Raises `StoreError` if it is not one of ours."""
        try:
            raw = json.loads(self.path.read_bytes(), object_hook=_decode_bytes)
            return _state(raw)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise StoreError(
                f"{self.path} is not a state file of the demo vault.", "Delete it, or choose another file."
            ) from error

    def save(self, state: VaultState) -> None:
        """Raises `StoreError`."""
        write_atomically(self.path, json.dumps(asdict(state), default=_encode_bytes).encode())


def _encode_bytes(value: object) -> dict[str, str]:
    if not isinstance(value, bytes):
        raise TypeError(f"{type(value).__name__} cannot be kept")
    return {"base64": base64.b64encode(value).decode()}


def _decode_bytes(value: dict[str, Any]) -> object:
    return base64.b64decode(value["base64"]) if value.keys() == {"base64"} else value


def _state(raw: dict[str, Any]) -> VaultState:
    folders = {uid: StoredFolder(**folder) for uid, folder in raw.pop("folders").items()}
    records = {uid: _record(record) for uid, record in raw.pop("records").items()}
    applications = {uid: _application(application) for uid, application in raw.pop("applications").items()}
    return VaultState(**raw, folders=folders, records=records, applications=applications)


def _application(raw: dict[str, Any]) -> Application:
    devices = {uid: Device(**device) for uid, device in raw.pop("devices").items()}
    return Application(**raw, devices=devices)


def _record(raw: dict[str, Any]) -> StoredRecord:
    files = {uid: StoredFile(**file) for uid, file in raw.pop("files").items()}
    links = [StoredLink(**link) for link in raw.pop("links")]
    return StoredRecord(**raw, files=files, links=links)
