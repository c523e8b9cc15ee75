"""What was read from a vault: records and folders, decrypted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class VaultFolder:
    """A shared folder (`parent` empty) or a folder below one. `key` is None if it could not be decrypted.

    `is_editable`: whether the application may change a shared folder; None where the server did not say.
    """

    uid: str
    name: str = ""
    parent: str = ""
    key: bytes | None = field(default=None, repr=False)
    is_editable: bool | None = None


@dataclass(frozen=True, slots=True)
class VaultFile:
    """A file attached to a record; `size` is in bytes, `modified_at` in UTC. `key` and `url` open and fetch it.

    `title` and `name` are empty if it could not be decrypted.
    """

    uid: str
    name: str = ""
    title: str = ""
    size: int = 0
    media_type: str = ""
    modified_at: datetime | None = None
    key: bytes | None = field(default=None, repr=False)
    url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class VaultRecord:
    """One record. `content` is its JSON object; None if it could not be decrypted.

    `folder_uid` is the shared folder it came with and `inner_folder_uid` the folder below that; empty for a record
    that is shared by itself. `links` are the raw entries of the vault's graph. `digest` is that of
    the encrypted record: as long as it stays, so does the content.
    """

    uid: str
    content: Json | None = field(default=None, repr=False)
    folder_uid: str = ""
    inner_folder_uid: str = ""
    links: tuple[Json, ...] = field(default=(), repr=False)
    digest: str = field(default="", repr=False, compare=False)
    files: tuple[VaultFile, ...] = field(default=(), repr=False)
    revision: int = field(default=0, compare=False)
    key: bytes | None = field(default=None, repr=False, compare=False)
    is_editable: bool | None = None

    @property
    def type(self) -> str:
        return self._text("type")

    @property
    def title(self) -> str:
        return self._text("title")

    def _text(self, name: str) -> str:
        value = (self.content or {}).get(name)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class VaultContents:
    """Everything, or what was asked for, by uid. `warnings` are sentences about what could not be read.

    `expires_at` is when this device loses access, in UTC; None for never.
    """

    records: Mapping[str, VaultRecord] = field(default_factory=dict)
    folders: Mapping[str, VaultFolder] = field(default_factory=dict)
    expires_at: datetime | None = None
    warnings: tuple[str, ...] = ()

    def root(self, uid: str) -> VaultFolder | None:
        """The shared folder that a folder is in, or is."""
        seen: set[str] = set()
        while uid in self.folders and uid not in seen:
            seen.add(uid)
            if not self.folders[uid].parent:
                return self.folders[uid]
            uid = self.folders[uid].parent
        return None

    def path(self, record: VaultRecord) -> tuple[str, ...]:
        """Names of the folders from the shared one down to the record's; an unreadable name is shown as its uid."""
        names: list[str] = []
        seen: set[str] = set()
        uid = record.inner_folder_uid or record.folder_uid
        while uid and uid not in seen:
            seen.add(uid)
            folder = self.folders.get(uid)
            names.append(folder.name if folder is not None and folder.name else uid)
            uid = folder.parent if folder is not None else ""
        if record.folder_uid and record.folder_uid not in seen:
            root = self.folders.get(record.folder_uid)
            names.append(root.name if root is not None and root.name else record.folder_uid)
        return tuple(reversed(names))
