"""Secrets in a file that a master password encrypts: Argon2id makes the key, AES-256-GCM does the rest."""

import base64
import binascii
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from keeperdb.errors import KeychainError, KeychainReason, StoreError
from keeperdb.keychain.secret import Secret
from keeperdb.paths import locked, set_aside, write_atomically

_VERSION = 1
_SALT_LENGTH = 16  # bytes, as RFC 9106 section 3.1 recommends
_KEY_LENGTH = 32
_NONCE_LENGTH = 12  # bytes, NIST SP 800-38D section 5.2.1.1
_CHECK_NAME = "master password check"  # no entry has it: names of entries have a slash

# A file asks for at most this much work, so that a crafted one cannot take the memory of the machine.
_LIMITS = {"time_cost": 64, "memory_cost": 2 * 1024 * 1024, "parallelism": 64}


@dataclass(frozen=True, slots=True)
class Derivation:
    """How Argon2id makes the key: RFC 9106's second recommended option. `memory_cost` is in KiB."""

    salt: bytes
    time_cost: int = 3
    memory_cost: int = 64 * 1024
    parallelism: int = 4

    def key(self, password: Secret) -> bytes:
        from argon2.low_level import Type, hash_secret_raw

        return hash_secret_raw(
            password.reveal().encode(errors="surrogatepass"),
            self.salt,
            self.time_cost,
            self.memory_cost,
            self.parallelism,
            _KEY_LENGTH,
            Type.ID,
        )


@dataclass(frozen=True, slots=True)
class _Content:
    """The file as read: everything in it may be seen, except what is sealed."""

    derivation: Derivation
    check: str
    entries: Mapping[str, str]

    @classmethod
    def parse(cls, content: bytes) -> "_Content":
        """Raises `ValueError` for anything that this program does not write."""
        document = json.loads(content)
        version, entries = document["version"], document["entries"]
        if type(version) is not int or not isinstance(entries, dict):
            raise ValueError("not a keychain file")
        if version > _VERSION:
            raise _newer()
        parameters = {name: document["argon2id"][name] for name in _LIMITS}
        if any(type(value) is not int or not 1 <= value <= _LIMITS[name] for name, value in parameters.items()):
            raise ValueError("parameters out of range")
        salt = base64.b64decode(document["argon2id"]["salt"], validate=True)
        if len(salt) < 8 or not all(isinstance(sealed, str) for sealed in (document["check"], *entries.values())):
            raise ValueError("not a keychain file")
        base64.b64decode(document["check"], validate=True)
        return cls(Derivation(salt, **parameters), document["check"], entries)

    def to_bytes(self) -> bytes:
        derivation = asdict(self.derivation) | {"salt": base64.b64encode(self.derivation.salt).decode()}
        document = {"version": _VERSION, "argon2id": derivation, "check": self.check, "entries": dict(self.entries)}
        return json.dumps(document, indent=2).encode()


class FileKeychain:
    """Secrets in one encrypted file, each sealed under its own name.

    It is locked until `create` or `unlock` was called with the master password; until then, and after another
    window changed the master password, `get` and `set` raise `KeychainError` with reason LOCKED. A damaged file is set
    aside, never overwritten, and reported with reason DAMAGED. Deriving the key takes some 0.1 s and 64 MiB.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._key: bytes | None = None
        self._derivation: Derivation | None = None

    @property
    def label(self) -> str:
        return "Encrypted file"

    @property
    def path(self) -> Path:
        return self._path

    @property
    def exists(self) -> bool:
        """Whether a master password was chosen before. Looks at the disk."""
        return self._path.exists()

    @property
    def is_locked(self) -> bool:
        return self._key is None

    def create(self, master_password: Secret) -> None:
        """Make the file under a master password that the person chose. Raises `KeychainError`, also if there is one."""
        if not master_password:
            raise KeychainError(KeychainReason.WRONG_PASSWORD, "The master password is empty.", "Choose one.")
        with _store_errors(), locked(self._path):
            if self._path.exists():
                raise KeychainError(
                    KeychainReason.FAILED, f"{self._path} exists already.", "Unlock it with its master password."
                )
            self._write_under(master_password, {})

    def unlock(self, master_password: Secret) -> None:
        """Check the master password and keep the key in memory.

        Raises `KeychainError` with reason WRONG_PASSWORD, DAMAGED or MISSING.
        """
        content = self._read()
        key = content.derivation.key(master_password)
        _check_key(key, content)
        self._key, self._derivation = key, content.derivation

    def lock(self) -> None:
        """Forget the key."""
        self._key = self._derivation = None

    def get(self, name: str) -> Secret | None:
        if self._key is None:
            raise _locked()
        content = self._read()
        key = self._key_for(content)
        return Secret(_open(key, name, content.entries[name])) if name in content.entries else None

    def set(self, name: str, secret: Secret) -> None:
        self._change(name, secret)

    def delete(self, name: str) -> None:
        """Forget `name`; nothing happens if it is unknown."""
        self._change(name, None)

    def change_master_password(self, old: Secret, new: Secret) -> None:
        """Seal everything anew under `new` and a new salt.

        Raises `KeychainError`, with reason WRONG_PASSWORD if `old` is not the master password.
        """
        if not new:
            raise KeychainError(KeychainReason.WRONG_PASSWORD, "The new master password is empty.", "Choose one.")
        with _store_errors(), locked(self._path):
            content = self._read()
            key = content.derivation.key(old)
            _check_key(key, content)
            self._write_under(new, {name: _open(key, name, sealed) for name, sealed in content.entries.items()})

    def _change(self, name: str, secret: Secret | None) -> None:
        if self._key is None:
            raise _locked()
        with _store_errors(), locked(self._path):
            content = self._read()
            key = self._key_for(content)
            entries = {other: sealed for other, sealed in content.entries.items() if other != name}
            if secret is not None:
                entries[name] = _seal(key, name, secret.reveal())
            self._write(_Content(content.derivation, content.check, entries))

    def _key_for(self, content: _Content) -> bytes:
        """Our key, if it is the one of the file as it is now."""
        if self._key is None or self._derivation != content.derivation:
            self.lock()
            raise _locked("The master password was changed in another window.")
        return self._key

    def _write_under(self, password: Secret, entries: Mapping[str, str]) -> None:
        derivation = Derivation(os.urandom(_SALT_LENGTH))
        key = derivation.key(password)
        sealed = {name: _seal(key, name, value) for name, value in entries.items()}
        self._write(_Content(derivation, _seal(key, _CHECK_NAME, ""), sealed))
        self._key, self._derivation = key, derivation

    def _write(self, content: _Content) -> None:
        write_atomically(self._path, content.to_bytes())

    def _read(self) -> _Content:
        try:
            content = self._path.read_bytes()
        except FileNotFoundError as error:
            self.lock()
            raise KeychainError(
                KeychainReason.MISSING, f"There is no encrypted file {self._path}.", "Choose a master password."
            ) from error
        except OSError as error:
            raise KeychainError(
                KeychainReason.FAILED, f"{self._path} could not be read: {error.strerror}.", "Check its permissions."
            ) from error
        try:
            return _Content.parse(content)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            self.lock()
            raise self._damaged(content) from error

    def _damaged(self, content: bytes) -> KeychainError:
        with _store_errors():
            aside = set_aside(self._path, content)
        what = f"The encrypted file could not be read and was set aside as {aside}." if aside else "It was damaged."
        return KeychainError(
            KeychainReason.DAMAGED,
            what,
            "Restore it from a backup, or choose a master password and enter passwords anew.",
        )


@contextmanager
def _store_errors() -> Iterator[None]:
    """Turn `StoreError` into `KeychainError`, which is what callers of a keychain expect."""
    try:
        yield
    except StoreError as error:
        raise KeychainError(KeychainReason.FAILED, error.message, error.hint) from error


def _seal(key: bytes, name: str, value: str) -> str:
    """Base64 of nonce and ciphertext; only `name` opens it again."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE_LENGTH)
    sealed = AESGCM(key).encrypt(nonce, value.encode(errors="surrogatepass"), name.encode())
    return base64.b64encode(nonce + sealed).decode()


def _open(key: bytes, name: str, sealed: str) -> str:
    """Raises `KeychainError` with reason DAMAGED."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        raw = base64.b64decode(sealed, validate=True)
        opened = AESGCM(key).decrypt(raw[:_NONCE_LENGTH], raw[_NONCE_LENGTH:], name.encode())
    except (InvalidTag, binascii.Error, ValueError) as error:
        raise KeychainError(
            KeychainReason.DAMAGED, "This entry of the encrypted file is damaged.", "Enter the password again."
        ) from error
    return opened.decode(errors="surrogatepass")


def _check_key(key: bytes, content: _Content) -> None:
    try:
        _open(key, _CHECK_NAME, content.check)
    except KeychainError as error:
        raise KeychainError(
            KeychainReason.WRONG_PASSWORD,
            "This is not the master password.",
            "Check upper and lower case, then try again.",
        ) from error


def _locked(why: str = "") -> KeychainError:
    return KeychainError(
        KeychainReason.LOCKED, f"The encrypted file is locked. {why}".strip(), "Enter its master password."
    )


def _newer() -> KeychainError:
    return KeychainError(
        KeychainReason.FAILED, "The encrypted file was written by a newer version of KeeperDB.", "Install that version."
    )
