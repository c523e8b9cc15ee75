"""`$GEN`: values that are made instead of given."""

import secrets
from base64 import b32encode
from collections.abc import Callable, Mapping
from typing import Any

from keeperdb.commands.passwords import LONGEST, passphrase, plain_password, random_password, words
from keeperdb.errors import CommandError, CommandKind

_LENGTH = 20  # characters
_WORDS = 5
_RSA_BITS = 4096


def generated(kind: str, parameters: str) -> Any:
    """A value for a field of type `kind`; `parameters` stand after `$GEN:`. Raises `CommandError`."""
    name, *rest = parameters.split(",") if parameters else [""]
    if kind == "password":
        return _password(name or "rand", rest)
    if kind in ("oneTimeCode", "otp"):
        secret = b32encode(secrets.token_bytes(20)).decode()
        return f"otpauth://totp/Commander?secret={secret}&issuer=Keeper"
    if kind == "keyPair":
        return _key_pair(name or "rsa", rest)
    raise _refused(f'$GEN makes no values for the field "{kind}"')


def _password(name: str, rest: list[str]) -> str:
    number = _number(rest)
    match name:
        case "rand":
            return random_password(number or _LENGTH)
        case "crypto":
            return plain_password(number or _LENGTH)
        case "dice":
            return " ".join(words(number or _WORDS))
        case "passphrase":
            return passphrase(number or _WORDS)
    raise _refused("$GEN makes passwords with rand, dice, crypto or passphrase")


def _number(rest: list[str]) -> int:
    text = rest[0].strip() if rest else ""
    if not text:
        return 0
    if not text.isdecimal() or not 0 < int(text[:6]) <= LONGEST:
        raise _refused(f"The number of $GEN is one from 1 to {LONGEST}")
    return int(text)


def _key_pair(name: str, rest: list[str]) -> Mapping[str, str]:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    makers: Mapping[str, Callable[[], Any]] = {
        "rsa": lambda: rsa.generate_private_key(65537, _RSA_BITS),
        "ec": lambda: ec.generate_private_key(ec.SECP256R1()),
        "ed25519": ed25519.Ed25519PrivateKey.generate,
    }
    if name not in makers:
        raise _refused("$GEN makes keys with rsa, ec or ed25519")
    if rest:
        raise _refused("$GEN makes keys without a passphrase only")
    key = makers[name]()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    return {"publicKey": public, "privateKey": private}


def _refused(message: str) -> CommandError:
    return CommandError(CommandKind.BAD_ARGUMENTS, f"{message}.")
