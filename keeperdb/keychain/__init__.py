"""Secrets in memory, and the places on this machine that may hold them."""

from keeperdb.errors import SettingsError
from keeperdb.keychain.encrypted_file import FileKeychain
from keeperdb.keychain.secret import REDACTED, Keychain, Secret
from keeperdb.keychain.session import SessionKeychain
from keeperdb.keychain.system import SystemKeychain
from keeperdb.paths import Paths

__all__ = ["REDACTED", "FileKeychain", "Keychain", "Secret", "SessionKeychain", "SystemKeychain", "open_keychain"]

_FILE_NAME = "keychain.json"


def open_keychain(kind: str, paths: Paths) -> Keychain:
    """The keychain that the setting `connections.keychain` names: `system`, `file` or `ask`.

    Nothing is read yet, so this neither blocks nor fails for a place that is absent. Raises `SettingsError` for
    another kind: there is no fallback from one place to another.
    """
    if kind == "system":
        return SystemKeychain()
    if kind == "file":
        return FileKeychain(paths.data / _FILE_NAME)
    if kind == "ask":
        return SessionKeychain()
    raise SettingsError(f"There is no keychain “{kind}”.", "One of: system, file, ask.")
