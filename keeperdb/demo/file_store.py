"""The encrypted contents of attached files, one file each in a folder of the demo vault."""

import hashlib
from pathlib import Path

from keeperdb.paths import make_private_folder, write_atomically


class FileStore:
    """Blobs by file uid. The vault never sees what is in them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, uid: str, blob: bytes) -> None:
        """Raises `StoreError`."""
        make_private_folder(self._folder)
        write_atomically(self._path(uid), blob)

    def read(self, uid: str) -> bytes | None:
        try:
            return self._path(uid).read_bytes()
        except FileNotFoundError:
            return None

    def remove(self, uid: str) -> None:
        self._path(uid).unlink(missing_ok=True)

    def _path(self, uid: str) -> Path:
        """The uid comes off the wire: its hash makes a safe name."""
        return self._folder / hashlib.sha256(uid.encode()).hexdigest()
