"""Which vault, and which record in it, hold the service's configuration on this machine."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from keeperdb.paths import locked, write_atomically

_FILE = "service-choice.json"


@dataclass(frozen=True, slots=True)
class Choice:
    """Identifiers, empty while nothing was chosen.

    The record is remembered because anybody who may add records to a shared folder can give one its title.
    """

    vault_id: str = ""
    record_uid: str = ""


class ChoiceFile:
    """Keeps the choice in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / _FILE

    def read(self) -> Choice:
        """Nothing chosen if the file is missing or damaged."""
        try:
            values = json.loads(self._path.read_bytes())
            vault_id, record_uid = values["vault_id"], values["record_uid"]
        except (OSError, ValueError, TypeError, KeyError):
            return Choice()
        return Choice(vault_id, record_uid) if isinstance(vault_id, str) and isinstance(record_uid, str) else Choice()

    def write(self, choice: Choice) -> None:
        """Raises `StoreError`."""
        if choice != self.read():
            with locked(self._path):
                write_atomically(self._path, json.dumps(asdict(choice)).encode())
