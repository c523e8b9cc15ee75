"""Passwords and tokens on their way in: a hidden prompt, standard input or a file descriptor, never an argument."""

import getpass
import os
import sys

from keeperdb.errors import SettingsError
from keeperdb.keychain import Secret

_LONGEST = 1_000_000  # bytes; no secret is longer, and a wrong descriptor may never end


def can_ask() -> bool:
    """Whether a person can be asked without showing what is typed."""
    return sys.stdin is not None and sys.stdin.isatty()


def ask(prompt: str) -> Secret:
    """What the person types, unseen; the prompt goes to the terminal. Raises `SettingsError` at end of input."""
    try:
        return Secret(getpass.getpass(prompt, stream=sys.stderr))
    except EOFError:
        raise SettingsError("Nothing was entered.") from None


def from_stdin(what: str) -> Secret:
    """All of standard input without the line break at its end, or a hidden prompt at a terminal."""
    if can_ask():
        return ask(f"{what.capitalize()}: ")
    secret = _decode(sys.stdin.buffer.read(_LONGEST), what)
    if not secret:
        raise SettingsError(f"Standard input holds no {what}.", f"Write the {what} to standard input.")
    return secret


def from_descriptor(number: int) -> Secret:
    """All of a file descriptor without the line break at its end. Raises `SettingsError`."""
    try:
        with os.fdopen(os.dup(number), "rb") as file:
            secret = _decode(file.read(_LONGEST), "master password")
    except OSError as error:
        raise SettingsError(
            f"File descriptor {number} could not be read: {error.strerror}.",
            "Open it in the shell, such as --master-password-fd 3 … 3< file.",
        ) from error
    if not secret:
        raise SettingsError(f"File descriptor {number} holds no master password.")
    return secret


def master_password(*, is_new: bool) -> Secret:
    """The master password of the encrypted file from the person, twice if it is a new one. Raises `SettingsError`."""
    if not can_ask():
        raise SettingsError(
            "Passwords are kept in an encrypted file, which is locked.",
            "Run this in a terminal, or hand the master password over with --master-password-fd.",
        )
    if not is_new:
        return ask("Master password of the encrypted file: ")
    first = ask("Choose a master password for the encrypted file: ")
    if first != ask("The same once more: "):
        raise SettingsError("The two entries differ.", "Try again.")
    return first


def _decode(content: bytes, what: str) -> Secret:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError(f"The {what} is not UTF-8 text.") from None
    for ending in ("\r\n", "\n"):
        if text.endswith(ending):
            return Secret(text.removesuffix(ending))
    return Secret(text)
