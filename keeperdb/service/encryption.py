"""Answers that only the holder of the encryption key can read, byte for byte as Commander makes them."""

import json
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from keeperdb.keychain.secret import Secret

MEDIA_TYPE = "text/html"  # the type that Commander's clients see; the charset is added
_NONCE = 12  # bytes


class ResponseCipher:
    """AES-256-GCM with the 32 characters of the key as they are, no derivation and no associated data."""

    def __init__(self, key: Secret) -> None:
        self._cipher = AESGCM(key.reveal().encode("ascii"))

    def seal(self, body: object) -> bytes:
        """Nonce, ciphertext, tag. The text inside has Python's default separators and the members' own order."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, json.dumps(body).encode(), None)
