"""What a server answers, or a call raises, as a `VaultError` in words."""

import http.client
import json
import math
import ssl
from dataclasses import dataclass

from keeperdb.errors import VaultError, VaultReason
from keeperdb.vault.channel import Answer, AuthorityError

_ATTACH_ANEW = "Create a new token in the vault (Secrets Manager, application, Devices) and attach again."
_TRY_AGAIN = "Try again in a while."
_CHECK_NETWORK = "Check the network and the address, then try again."


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer other than 200. `code` is empty if it is not the protocol's JSON; `retry_after` is in seconds."""

    status: int
    code: str = ""
    message: str = ""
    key_id: str = ""
    retry_after: float = 0.0

    @classmethod
    def from_answer(cls, answer: Answer) -> "Refusal":
        try:
            found = json.loads(answer.content)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            return cls(answer.status)
        code = found.get("result_code", found.get("error"))
        message = found.get("message") or found.get("additional_info") or ""
        key_id = found.get("key_id")
        return cls(answer.status, str(code or ""), _line(message), str(key_id or ""), _seconds(found))


# (code, words in the message, reason, what is wrong, what to do); {} is the host.
_REFUSALS = (
    (
        "access_denied",
        "signature is invalid",
        VaultReason.TOKEN_REFUSED,
        "{} refused the token: it was used before, or it is not one of this server.",
        f"A one-time token works once. {_ATTACH_ANEW}",
    ),
    (
        "access_denied",
        "different ip address",
        VaultReason.ADDRESS_LOCKED,
        "{} refused this computer's network address: the token is locked to another one.",
        "Attach from the network that the token was made for, or create a token without the lock.",
    ),
    (
        "access_denied",
        "validate application access",
        VaultReason.ACCESS_DENIED,
        "{} refused access: the token or device has expired or was revoked, or nothing is shared with the application.",
        f"In the vault, check that folders are shared with the application. {_ATTACH_ANEW}",
    ),
    (
        "access_denied",
        "read only",
        VaultReason.READ_ONLY,
        "{} does not let this application change what is shared with it.",
        "In the vault, set the application's permission for the shared folder to Can Edit.",
    ),
    (
        "access_denied",
        "folder uid is not accessible",
        VaultReason.NOT_FOUND,
        "A folder is no longer shared with this application at {}.",
        "In the vault, share it with the application again.",
    ),
    (
        "access_denied",
        "record uid is not accessible",
        VaultReason.NOT_FOUND,
        "The record is not, or no longer, shared with this application at {}.",
        "In the vault, share it with the application, then refresh.",
    ),
    ("access_denied", "", VaultReason.ACCESS_DENIED, "{} refused access.", "Check the application in the vault."),
    (
        "invalid_client_version",
        "",
        VaultReason.CLIENT_VERSION,
        "{} does not accept this version of the Secrets Manager client.",
        "Update KeeperDB.",
    ),
    (
        "out_of_sync",
        "",
        VaultReason.CONFLICT,
        "{} has a newer version of the record: somebody else changed it in the meantime.",
        "Try again.",
    ),
    (
        "throttled",
        "",
        VaultReason.THROTTLED,
        "{} has had too many requests from this device.",
        "Wait some minutes, then try again.",
    ),
    (
        "key",
        "",
        VaultReason.SERVER_KEY,
        "{} does not accept the server key that it is spoken to with.",
        "Check the key and its id in --vault-server-key; for Keeper's cloud, update KeeperDB.",
    ),
)


def refused(refusal: Refusal, host: str, *, is_bound: bool) -> VaultError:
    """The error for an answer other than 200. `is_bound`: the device was accepted before."""
    lowered = refusal.message.lower()
    for code, words, reason, message, hint in _REFUSALS:
        if refusal.code == code and words in lowered:
            if reason is VaultReason.TOKEN_REFUSED and is_bound:
                return _no_longer_accepted(host)
            return VaultError(reason, message.format(host), hint)
    if refusal.code:
        said = f"{refusal.code}: {refusal.message}" if refusal.message else refusal.code
        return VaultError(VaultReason.OTHER, f"{host} refused the request ({said[:300]}).", _TRY_AGAIN)
    return _bare_status(refusal.status, host)


def failed(error: Exception, host: str) -> VaultError:
    """The error for a call that brought no answer."""
    for kinds, reason, message, hint in _FAILURES:
        if isinstance(error, kinds):
            return VaultError(reason, message.format(host), hint)
    return VaultError(VaultReason.UNREACHABLE, f"{host} could not be reached{_why(error)}.", _CHECK_NETWORK)


def bad_answer(host: str, what: str = "cannot be read") -> VaultError:
    """The error for a 200 whose content is of no use."""
    return VaultError(VaultReason.BAD_ANSWER, f"The answer of {host} {what}.", _TRY_AGAIN)


_FAILURES: tuple[tuple[type[Exception], VaultReason, str, str], ...] = (
    (
        AuthorityError,
        VaultReason.CERTIFICATE,
        "The file with the certificate authority of {} cannot be read.",
        "Put the file of --vault-ca back, or attach the vault anew.",
    ),
    (
        ssl.SSLCertVerificationError,
        VaultReason.CERTIFICATE,
        "The certificate of {} could not be verified.",
        "The server may not be the one it claims to be. For a server of your own, check --vault-ca.",
    ),
    (
        TimeoutError,
        VaultReason.TIMEOUT,
        "{} did not answer in time.",
        _CHECK_NETWORK,
    ),
    (
        http.client.IncompleteRead,
        VaultReason.BAD_ANSWER,
        "The answer of {} was cut off.",
        _TRY_AGAIN,
    ),
    (
        ConnectionRefusedError,
        VaultReason.UNREACHABLE,
        "Nothing listens at {}.",
        _CHECK_NETWORK,
    ),
    (
        ConnectionError,
        VaultReason.UNREACHABLE,
        "{} broke off the connection before it answered.",
        _TRY_AGAIN,
    ),
    (
        ssl.SSLError,
        VaultReason.CERTIFICATE,
        "No secure connection to {} could be made.",
        "Check that the address and the port belong to a Secrets Manager server.",
    ),
    (
        http.client.HTTPException,
        VaultReason.BAD_ANSWER,
        "{} does not speak the protocol of a Secrets Manager server.",
        "Check the address and the port.",
    ),
)


def _no_longer_accepted(host: str) -> VaultError:
    return VaultError(
        VaultReason.ACCESS_DENIED, f"{host} no longer accepts this device.", f"It may have been removed. {_ATTACH_ANEW}"
    )


def _bare_status(status: int, host: str) -> VaultError:
    if 300 <= status < 400:
        return VaultError(
            VaultReason.BAD_ANSWER, f"{host} answered with a redirection, which is not followed.", "Check the address."
        )
    if status == 429:
        return refused(Refusal(status, "throttled"), host, is_bound=True)
    if status >= 500:
        return VaultError(VaultReason.UNREACHABLE, f"{host} is out of order (status {status}).", _TRY_AGAIN)
    return VaultError(VaultReason.BAD_ANSWER, f"{host} answered with status {status}.", "Check the address.")


def _why(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and isinstance(error.strerror, str) else ""
    return f" ({text})" if text else ""


def _line(value: object) -> str:
    """Text of the server as one line of printable characters."""
    return "".join(character if character.isprintable() else " " for character in str(value))[:300].strip()


def _seconds(found: dict[str, object]) -> float:
    value = found.get("retry_after")
    try:
        seconds = float(value) if isinstance(value, int | float | str) else 0.0
    except (ValueError, OverflowError):
        return 0.0
    return seconds if math.isfinite(seconds) and seconds > 0 else 0.0
