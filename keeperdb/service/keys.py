"""API keys: made, and told apart without showing them."""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from keeperdb.keychain.secret import Secret
from keeperdb.service.config import ApiKey

_BYTES = 32
_SHOWN = 4  # last characters; too few to be of use, enough to tell two keys apart


def new_key(commands: Sequence[str], expires: datetime | None = None, connections: Sequence[str] = ()) -> ApiKey:
    """A key of 32 random bytes as 44 characters of URL-safe base64, which is Commander's form. `expires` is aware."""
    text = base64.urlsafe_b64encode(secrets.token_bytes(_BYTES)).decode()
    return ApiKey(Secret(text), tuple(commands), expires, tuple(connections))


def key_end(key: ApiKey) -> str:
    """What a person knows the key by."""
    return f"…{key.key.reveal()[-_SHOWN:]}"


def digest_of(key: ApiKey) -> str:
    """SHA-256 in hexadecimal; the request log has its first digits."""
    return hashlib.sha256(key.key.reveal().encode()).hexdigest()
