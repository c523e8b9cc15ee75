"""One-time codes (RFC 6238) of the `otpauth` addresses that records hold."""

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from keeperdb.commands.record_text import fields_of, values_of
from keeperdb.vault.contents import VaultRecord

_ALGORITHMS = {"SHA1": hashlib.sha1, "SHA256": hashlib.sha256, "SHA512": hashlib.sha512}
_TYPES = ("oneTimeCode", "otp")
_LONGEST_PERIOD = 86_400  # seconds


@dataclass(frozen=True, slots=True)
class OneTimeCode:
    """What codes are made of; `period` is in seconds."""

    secret: bytes = field(repr=False)
    algorithm: str = "SHA1"
    digits: int = 6
    period: int = 30

    def at(self, moment: float, offset: int = 0) -> str:
        """The code of `moment` (seconds since 1970), or of so many periods after it."""
        counter = int(moment // self.period) + offset
        mac = hmac.new(self.secret, max(counter, 0).to_bytes(8, "big"), _ALGORITHMS[self.algorithm]).digest()
        start = mac[-1] & 15
        number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFFFFFF
        return str(number % 10**self.digits).zfill(self.digits)

    def seconds_left(self, moment: float) -> int:
        return self.period - int(moment) % self.period


def one_time_urls(record: VaultRecord) -> Iterator[str]:
    """Every address in the fields of one-time codes."""
    for each in fields_of(record):
        if each.get("type") in _TYPES:
            yield from (value for value in values_of(each) if isinstance(value, str))


def parse_one_time_url(url: str) -> OneTimeCode | None:
    """The code of an address of the form `otpauth://totp/...?secret=...`; None if it is not one."""
    try:
        address = urlsplit(url)
        found = {name.lower(): values[0] for name, values in parse_qs(address.query).items()}
        secret = _from_base32(found["secret"])
        code = OneTimeCode(
            secret,
            found.get("algorithm", "SHA1").upper().replace("-", ""),
            int(found.get("digits", "6")),
            int(found.get("period", "30")),
        )
    except (ValueError, KeyError, binascii.Error):
        return None
    is_known = address.scheme == "otpauth" and code.algorithm in _ALGORITHMS
    return code if is_known and 4 <= code.digits <= 10 and 0 < code.period <= _LONGEST_PERIOD else None


def code_line(url: str) -> str:
    """The code of now as Commander shows it, with the time that it still counts; nothing for no such address."""
    code = parse_one_time_url(url)
    if code is None:
        return ""
    now = time.time()
    return f"{code.at(now)}               valid for {code.seconds_left(now)} sec"


def _from_base32(text: str) -> bytes:
    plain = text.replace(" ", "").replace("-", "").rstrip("=").upper()
    return base64.b32decode(plain + "=" * (-len(plain) % 8))
