"""The PIN that unlocks the window: an Argon2id hash of it in the keychain, and nothing else."""

from keeperdb.errors import KeychainError, KeychainReason
from keeperdb.keychain import Keychain, Secret
from keeperdb.workspace.chosen_keychain import PIN

SHORTEST = 4  # characters


def set_pin(keychain: Keychain, pin: Secret) -> None:
    """Keep the hash of a PIN. Raises `KeychainError`, with reason WRONG_PASSWORD for one that is too short."""
    from argon2 import PasswordHasher

    if len(pin.reveal()) < SHORTEST:
        raise KeychainError(
            KeychainReason.WRONG_PASSWORD, "The PIN is too short.", f"It has at least {SHORTEST} characters."
        )
    keychain.set(PIN, Secret(PasswordHasher().hash(pin.reveal().encode(errors="surrogatepass"))))


def remove_pin(keychain: Keychain) -> None:
    """Raises `KeychainError`."""
    keychain.delete(PIN)


def has_pin(keychain: Keychain) -> bool:
    """Raises `KeychainError`."""
    return keychain.get(PIN) is not None


def check_pin(keychain: Keychain, pin: Secret) -> None:
    """Raises `KeychainError`: with reason WRONG_PASSWORD for another PIN, DAMAGED for a hash that is none."""
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

    kept = keychain.get(PIN)
    if kept is None:
        return
    try:
        PasswordHasher().verify(kept.reveal(), pin.reveal().encode(errors="surrogatepass"))
    except VerifyMismatchError as error:
        raise KeychainError(KeychainReason.WRONG_PASSWORD, "This is not the PIN.", "Try again.") from error
    except (InvalidHashError, VerificationError) as error:
        raise KeychainError(
            KeychainReason.DAMAGED,
            "The PIN in the keychain cannot be checked.",
            "Remove the entry app/pin of KeeperDB from the keychain, then start again.",
        ) from error
