"""The keys, and what each of them opens."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from keeperdb.service.config import ApiKey
from keeperdb.service.replies import Refused

if TYPE_CHECKING:
    from keeperdb.connections.profile import ConnectionProfile

EVERY_CONNECTION = "*"
_FINGERPRINT = 8  # digits


@dataclass(frozen=True, slots=True)
class Caller:
    """Who holds one key. `owner` is the SHA-256 of the key, in hexadecimal."""

    owner: str
    commands: frozenset[str]
    connections: frozenset[str]
    expires: datetime | None

    @property
    def fingerprint(self) -> str:
        """Enough of `owner` to tell keys apart in a log."""
        return self.owner[:_FINGERPRINT]

    def may_query(self, profile: "ConnectionProfile") -> bool:
        """Whether `query` and `schema` may use the connection with this key."""
        return not self.connections.isdisjoint((EVERY_CONNECTION, profile.name, profile.full_name))


class KeyRing:
    """The keys by their digests. The time that looking one up takes says nothing about the keys that exist."""

    def __init__(self, keys: Iterable[ApiKey]) -> None:
        self._callers: dict[bytes, Caller] = {}
        for key in keys:
            digest = hashlib.sha256(key.key.reveal().encode()).digest()
            self._callers[digest] = Caller(
                digest.hex(), frozenset(key.commands), frozenset(key.connections), key.expires
            )

    def find(self, presented: str) -> Caller:
        """Raises `Refused`."""
        digest = hashlib.sha256(presented.encode()).digest()
        caller = self._callers.get(digest)
        if not presented or caller is None or not hmac.compare_digest(digest.hex(), caller.owner):
            raise Refused(401, "Please provide a valid api key")
        if caller.expires is not None and datetime.now(UTC) >= caller.expires:
            raise Refused(401, "API key has expired")
        return caller
