"""What was asked of the demo vault, for tests to look at."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from keeperdb.demo.protocol import Json

_BLOBS = ("data", "key", "Key", "Data")  # ends of the names of the fields that hold sealed or key material


@dataclass(slots=True)
class JournalEntry:
    """One request. `status` is 0 until it is answered, or if it never is. `payload` has sizes in place of blobs.

    `at` is when it arrived, `seconds` how long the server worked on it, `fault` what was made to go wrong.
    """

    verb: str
    address: str = ""
    client_id: str = ""
    client_version: str = ""
    payload: Json = field(default_factory=dict)
    status: int = 0
    error: str = ""
    fault: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds: float = 0.0
    connection: int = 0  # a number per TCP connection

    def describe(self, payload: Json) -> None:
        """Take over the decrypted payload, without anything secret."""
        self.client_id = str(payload.get("clientId"))
        self.client_version = str(payload.get("clientVersion"))
        rest = {name: value for name, value in payload.items() if name not in ("clientId", "clientVersion")}
        self.payload = {name: _without_blob(name, value) for name, value in rest.items()}


class Journal:
    """Entries in order of arrival. Iterating and counting see a snapshot."""

    def __init__(self) -> None:
        self._entries: list[JournalEntry] = []
        self._changed = threading.Condition()

    def __iter__(self) -> Iterator[JournalEntry]:
        with self._changed:
            return iter(list(self._entries))

    def __len__(self) -> int:
        with self._changed:
            return len(self._entries)

    def __getitem__(self, index: int) -> JournalEntry:
        with self._changed:
            return self._entries[index]

    @property
    def verbs(self) -> list[str]:
        return [entry.verb for entry in self]

    def of(self, verb: str) -> list[JournalEntry]:
        return [entry for entry in self if entry.verb == verb]

    def add(self, entry: JournalEntry) -> None:
        with self._changed:
            self._entries.append(entry)
            self._changed.notify_all()

    def clear(self) -> None:
        with self._changed:
            self._entries.clear()

    def wait_for(self, verb: str, count: int = 1, timeout: float = 30.0) -> bool:
        """Wait until `count` requests of `verb` have arrived, at most `timeout` seconds; say whether they have."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while sum(entry.verb == verb for entry in self._entries) < count:
                if not self._changed.wait(max(0.0, deadline - time.monotonic())):
                    return False
        return True


def _without_blob(name: str, value: Any) -> Any:
    if isinstance(value, str) and name.endswith(_BLOBS):
        return f"{len(value)} characters"
    return value
