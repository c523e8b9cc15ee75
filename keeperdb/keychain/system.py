"""The keychain of the operating system, through `keyring`."""

import importlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from keeperdb.errors import KeychainError, KeychainReason
from keeperdb.keychain.secret import Secret

SERVICE = "KeeperDB"

# The backends that hand secrets to the operating system, best first. Any other keeps them in a file, in clear or
# under a key that everybody has, or drops them without a word.
_BACKENDS: dict[str, tuple[tuple[str, str], ...]] = {
    "darwin": (("keyring.backends.macOS.Keyring", "Keychain"),),
    "win32": (("keyring.backends.Windows.WinVaultKeyring", "Windows Credential Manager"),),
    "linux": (
        ("keyring.backends.SecretService.Keyring", "Secret Service"),
        ("keyring.backends.kwallet.DBusKeyring", "KWallet"),
        ("keyring.backends.kwallet.DBusKeyringKWallet4", "KWallet"),
        ("keyring.backends.libsecret.Keyring", "Secret Service"),
    ),
}

# What the backends raise besides the errors of `keyring` itself.
_FOREIGN_ERRORS = (
    ("secretstorage.exceptions", "SecretStorageException"),
    ("jeepney", "DBusErrorResponse"),
    ("win32ctypes.pywin32.pywintypes", "error"),
    ("dbus", "DBusException"),
)

_ELSEWHERE = "Install or start one, or choose an encrypted file in Settings → Connections."


class SystemKeychain:
    """Secrets in the system's own keychain, under the service name `KeeperDB`.

    The backend is looked for at first use and must be one of the operating system's; there is no fallback.
    `PYTHON_KEYRING_BACKEND` may choose among these, and any other value of it means that there is no keychain.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._environment = environment
        self._backend: Any = None
        self._label = "System keychain"

    @property
    def label(self) -> str:
        """The product's name once it was used, `System keychain` before."""
        return self._label

    def get(self, name: str) -> Secret | None:
        value = self._call(lambda backend: backend.get_password(SERVICE, name))
        return None if value is None else Secret(value)

    def set(self, name: str, secret: Secret) -> None:
        self._call(lambda backend: backend.set_password(SERVICE, name, secret.reveal()))

    def delete(self, name: str) -> None:
        """Forget `name`; nothing happens if it is unknown, which the backends cannot tell from a failure."""
        if self.get(name) is not None:
            self._call(lambda backend: backend.delete_password(SERVICE, name))

    def check(self) -> None:
        """Raise `KeychainError` unless there is a keychain and it can be read."""
        self.get("check")

    def _call(self, operation: Callable[[Any], Any]) -> Any:
        with _translated():
            if self._backend is None:
                self._backend, self._label = _choose(self._environment.get("PYTHON_KEYRING_BACKEND", ""))
            return operation(self._backend)


def _choose(configured: str) -> tuple[Any, str]:
    """The best backend that works here and its label. Raises `KeychainError` with reason MISSING."""
    candidates = _BACKENDS.get(sys.platform, _BACKENDS["linux"])
    if configured:
        candidates = tuple(pair for pair in candidates if pair[0] == configured)
        if not candidates:
            raise KeychainError(
                KeychainReason.MISSING,
                f"PYTHON_KEYRING_BACKEND names {configured}, which is no keychain of the operating system.",
                "Unset it, or choose an encrypted file in Settings → Connections.",
            )
    for path, label in candidates:
        backend = _load(path)
        if backend is not None:
            return backend, label
    raise KeychainError(KeychainReason.MISSING, "This machine has no keychain that is running.", _ELSEWHERE)


def _load(path: str) -> Any:
    """An instance of the backend class at `path`, or None where it does not work."""
    module, _, name = path.rpartition(".")
    try:
        backend = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError):
        return None
    return backend() if backend.viable else None


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what backends raise into `KeychainError`. Their texts may quote an entry, so they stay in the cause."""
    from keyring.errors import InitError, KeyringLocked

    try:
        yield
    except KeyringLocked as error:
        raise _locked() from error
    except InitError as error:
        if type(error.__cause__).__name__ == "PromptDismissedException":
            raise _locked() from error
        raise _failed() from error
    except _known_errors() as error:
        raise _failed() from error


def _locked() -> KeychainError:
    return KeychainError(
        KeychainReason.LOCKED, "The system keychain is locked.", "Unlock it, then try again, or enter the password."
    )


def _failed() -> KeychainError:
    return KeychainError(
        KeychainReason.FAILED,
        "The system keychain did not answer as expected.",
        "Check that it is running and unlocked, or choose an encrypted file in Settings → Connections.",
    )


def _known_errors() -> tuple[type[Exception], ...]:
    """The exception types of `keyring`, of the system, and of those backend libraries that are in use."""
    from keyring.errors import KeyringError

    foreign = [getattr(sys.modules[module], name) for module, name in _FOREIGN_ERRORS if module in sys.modules]
    return (KeyringError, OSError, RuntimeError, *foreign)
