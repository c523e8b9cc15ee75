"""The cryptography of the Secrets Manager protocol: envelopes, blobs, signatures and identifiers."""

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

Json = dict[str, Any]

KEY_BYTES = 32
POINT_BYTES = 65  # an uncompressed P-256 point
_NONCE_BYTES = 12
_BLOCK_BYTES = 16
_MINIMUM_RECORD_BYTES = 384  # the official clients pad record JSON with blanks up to this
_CLIENT_ID_MESSAGE = b"KEEPER_SECRETS_MANAGER_CLIENT_ID"


class CipherError(Exception):
    """A blob, an envelope or a base64 text cannot be opened."""


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def new_uid() -> str:
    """16 random bytes as 22 characters; like the official clients never with a leading `-`."""
    while True:
        uid = to_url_base64(secrets.token_bytes(16))
        if not uid.startswith("-"):
            return uid


def to_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def to_url_base64(data: bytes) -> str:
    """URL-safe and without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def from_base64(text: object) -> bytes:
    """Bytes of standard or URL-safe base64, padded or not: clients send all of them. Raises `CipherError`."""
    if not isinstance(text, str):
        raise CipherError("not base64 text")
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except ValueError as error:
        raise CipherError("not base64 text") from error


def client_id(token: bytes) -> str:
    """The identity that a client derives from its one-time token, 88 characters."""
    return to_base64(hmac.new(token, _CLIENT_ID_MESSAGE, hashlib.sha512).digest())


def seal(data: bytes, key: bytes) -> bytes:
    """AES-256-GCM as nonce, ciphertext, tag."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data, None)


def unseal(blob: bytes, key: bytes) -> bytes:
    """The reverse of `seal`. Raises `CipherError`."""
    try:
        return AESGCM(key).decrypt(blob[:_NONCE_BYTES], blob[_NONCE_BYTES:], None)
    except (InvalidTag, ValueError) as error:
        raise CipherError("the key does not open this blob") from error


def seal_cbc(data: bytes, key: bytes) -> bytes:
    """AES-256-CBC as IV, ciphertext with PKCS#7 padding: folders only."""
    iv = secrets.token_bytes(_BLOCK_BYTES)
    padder = padding.PKCS7(_BLOCK_BYTES * 8).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    return iv + encryptor.update(padder.update(data) + padder.finalize()) + encryptor.finalize()


def unseal_cbc(blob: bytes, key: bytes) -> bytes:
    """The reverse of `seal_cbc`. Raises `CipherError`."""
    try:
        decryptor = Cipher(algorithms.AES(key), modes.CBC(blob[:_BLOCK_BYTES])).decryptor()
        unpadder = padding.PKCS7(_BLOCK_BYTES * 8).unpadder()
        padded = decryptor.update(blob[_BLOCK_BYTES:]) + decryptor.finalize()
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError as error:
        raise CipherError("the key does not open this blob") from error


class KeyPair:
    """An EC P-256 key pair."""

    def __init__(self, private: ec.EllipticCurvePrivateKey | None = None) -> None:
        self._private = private or ec.generate_private_key(ec.SECP256R1())

    @classmethod
    def from_der(cls, der: bytes) -> "KeyPair":
        private = load_der_private_key(der, None)
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            raise CipherError("not an elliptic curve key")
        return cls(private)

    @property
    def der(self) -> bytes:
        return self._private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    @property
    def point(self) -> bytes:
        """The public key, 65 bytes."""
        return self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def open_envelope(self, envelope: bytes) -> bytes:
        """What somebody sealed for this pair with `make_envelope`. Raises `CipherError`."""
        peer = _public_key(envelope[:POINT_BYTES])
        shared = self._private.exchange(ec.ECDH(), peer)
        return unseal(envelope[POINT_BYTES:], hashlib.sha256(shared).digest())


def make_envelope(data: bytes, point: bytes) -> bytes:
    """ECIES: ephemeral point, then `data` sealed under SHA-256 of the shared secret."""
    ephemeral = ec.generate_private_key(ec.SECP256R1())
    shared = ephemeral.exchange(ec.ECDH(), _public_key(point))
    public = ephemeral.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return public + seal(data, hashlib.sha256(shared).digest())


def is_signed_by(point: bytes, signature: bytes, message: bytes) -> bool:
    """Whether `signature` is a DER ECDSA-SHA256 signature of `message` by the owner of `point`."""
    try:
        _public_key(point).verify(signature, message, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, CipherError):
        return False
    return True


def to_json(document: Json) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def record_bytes(document: Json) -> bytes:
    """A record as the official clients write it: JSON padded with blanks to at least 384 bytes."""
    return to_json(document).ljust(_MINIMUM_RECORD_BYTES)


def _public_key(point: bytes) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as error:
        raise CipherError("not a P-256 point") from error
