"""Passwords, phrases and keys, made from the system's source of randomness."""

import base64
import math
import secrets
import string
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SYMBOLS = "!@#$%()+;<>=?[]{}^.,"
_PLAIN_SYMBOLS = "-_.+="
_CHARACTERS = {
    "uppercase": string.ascii_uppercase,
    "lowercase": string.ascii_lowercase,
    "digits": string.digits,
    "symbols": SYMBOLS,
}
LONGEST = 1000  # characters, and words
_STRONG = 80.0  # bits that count as full strength
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Rules:
    """At least so many of each kind; 0 leaves a kind out where another has a number."""

    uppercase: int | None = None
    lowercase: int | None = None
    digits: int | None = None
    symbols: int | None = None

    def counts(self) -> dict[str, int]:
        """How many at least, for the kinds that take part: all of them, once, unless numbers are given."""
        given = {name: getattr(self, name) for name in _CHARACTERS}
        if all(each is None for each in given.values()):
            return dict.fromkeys(_CHARACTERS, 1)
        return {name: number for name, number in given.items() if number}


def random_password(length: int, rules: Rules | None = None) -> str:
    """`length` characters, or as many more as the rules need."""
    counts = (rules or Rules()).counts() or {"lowercase": 1}
    everything = "".join(_CHARACTERS[name] for name in counts)
    chosen = [secrets.choice(_CHARACTERS[name]) for name, number in counts.items() for _ in range(number)]
    if len(chosen) > length:
        length = len(chosen)
    chosen += [secrets.choice(everything) for _ in range(length - len(chosen))]
    secrets.SystemRandom().shuffle(chosen)
    return "".join(chosen)


def plain_password(length: int) -> str:
    """Characters that mean nothing to shells, URLs and connection strings."""
    everything = string.ascii_letters + string.digits + _PLAIN_SYMBOLS
    inner = "".join(secrets.choice(everything) for _ in range(max(length - 1, 0)))
    return secrets.choice(string.ascii_letters) + inner


def words(count: int, listed: Sequence[str] = ()) -> list[str]:
    """So many words of the list, or of the one of BIP-39."""
    return [secrets.choice(listed or _word_list()) for _ in range(count)]


def passphrase(count: int, separator: str = "-", *, capitalize: bool = True, number: bool = True) -> str:
    chosen = [word.capitalize() if capitalize else word for word in words(count)]
    if number and chosen:
        at = secrets.randbelow(len(chosen))
        chosen[at] += str(secrets.randbelow(10))
    return separator.join(chosen)


def recovery_phrase() -> str:
    """24 words of BIP-39: 256 bits and their check sum."""
    from mnemonic import Mnemonic

    return Mnemonic("english").to_mnemonic(secrets.token_bytes(_KEY_BYTES))


def aes_key() -> str:
    """32 random bytes, as URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode().rstrip("=")


def strength(password: str) -> int:
    """0 to 100: the bits of a random choice of such characters, of the 80 that count as strong."""
    kinds = [each for each in _CHARACTERS.values() if not set(each).isdisjoint(password)]
    alphabet = sum(map(len, kinds)) + (32 if any(not each.isascii() or each.isspace() for each in password) else 0)
    bits = len(password) * math.log2(alphabet) if alphabet else 0.0
    few = len(set(password)) * 2 / max(len(password), 1)  # a run of the same is no choice
    return min(100, round(bits * min(1.0, few) / _STRONG * 100))


@cache
def _word_list() -> list[str]:
    from mnemonic import Mnemonic

    return list(Mnemonic("english").wordlist)


def read_word_list(path: str) -> list[str]:
    """The words of a file, one in a line; what precedes the last blank, such as the dice's numbers, is left out."""
    lines = Path(path).read_text("utf-8").splitlines()
    return [line.split()[-1] for line in lines if line.strip()]
