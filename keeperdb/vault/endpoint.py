"""Where a vault's server is, and the options that point at one that is not Keeper's cloud."""

import base64
import binascii
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from keeperdb.errors import SettingsError

OFFICIAL_HOSTS: Mapping[str, str] = {
    "US": "keepersecurity.com",
    "EU": "keepersecurity.eu",
    "AU": "keepersecurity.com.au",
    "GOV": "govcloud.keepersecurity.us",
    "JP": "keepersecurity.jp",
    "CA": "keepersecurity.ca",
    "IL5": "il5.keepersecurity.us",
}

_OPTIONS = ("--vault-endpoint", "--vault-server-key", "--vault-ca")
_VARIABLES = ("KEEPERDB_VAULT_ENDPOINT", "KEEPERDB_VAULT_SERVER_KEY", "KEEPERDB_VAULT_CA")
_ALL_OR_NONE = "Give all three of {}, or none of them."

_HOST = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*\Z"
)
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")

# The curve NIST P-256 (FIPS 186-4, D.1.2.3): y² = x³ - 3x + b mod p.
_P256_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_P256_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B


@dataclass(frozen=True, slots=True)
class Server:
    """A server that speaks the Secrets Manager protocol.

    `host` is `HOST` or `HOST:PORT`. An empty `server_key` means one of the keys that the SDK knows, a `ca` of None
    the public certificate authorities.
    """

    host: str
    server_key_id: str = ""
    server_key: str = ""
    ca: Path | None = None


@dataclass(frozen=True, slots=True)
class VaultEndpoint:
    """The three options of this process for a server that is not Keeper's cloud."""

    host: str
    server_key_id: str
    server_key: str
    ca: Path

    @classmethod
    def from_options(
        cls, endpoint: str | None, server_key: str | None, ca: str | Path | None, environment: Mapping[str, str]
    ) -> "VaultEndpoint | None":
        """From the command line, else from the environment, else None.

        Each source gives all three or none; the environment may only name an address of this machine.
        Raises `SettingsError`.
        """
        options = (endpoint, server_key, str(ca) if ca is not None else None)
        if any(value is not None for value in options):
            return cls._from_three(options, _OPTIONS)
        variables = tuple(environment.get(name) or None for name in _VARIABLES)
        if not any(variables):
            return None
        found = cls._from_three(variables, _VARIABLES)
        if not is_loopback(found.host):
            raise SettingsError(
                f"{_VARIABLES[0]} names “{found.host}”, which is not an address of this machine.",
                f"Use {_OPTIONS[0]}, {_OPTIONS[1]} and {_OPTIONS[2]} for a server elsewhere.",
            )
        return found

    @property
    def server(self) -> Server:
        return Server(self.host, self.server_key_id, self.server_key, self.ca)

    @classmethod
    def _from_three(cls, values: tuple[str | None, ...], names: tuple[str, ...]) -> "VaultEndpoint":
        missing = [name for name, value in zip(names, values, strict=True) if not value]
        if missing:
            raise SettingsError(
                f"{_and(missing)} {'is' if len(missing) == 1 else 'are'} missing.", _ALL_OR_NONE.format(_and(names))
            )
        host, key, ca = (value or "" for value in values)
        key_id, point = _checked_key(key, names[1])
        return cls(_checked_host(host, names[0]), key_id, point, _checked_ca(ca, names[2]))


def split_host(text: str) -> tuple[str, int]:
    """Host and port (443 if none is given) of `HOST`, `HOST:PORT` or `[IPv6]:PORT`. Raises `ValueError`."""
    host, port = text, ""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueError("brackets")
        ipaddress.IPv6Address(host)
        port = rest[1:] if rest else "443"
    else:
        host, colon, port = text.partition(":")
        port = port if colon else "443"
        if not _HOST.match(host):
            raise ValueError("host")
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 0 < int(port) < 65536:
        raise ValueError("port")
    return host, int(port)


def is_loopback(host: str) -> bool:
    """Whether `HOST[:PORT]` is this machine, by its text alone."""
    try:
        name, _ = split_host(host)
    except ValueError:
        return False
    if name.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def is_server_key(text: str) -> bool:
    """Whether `text` is the URL-safe base64, without padding, of an uncompressed point on P-256 (65 bytes)."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{87}", text):
        return False
    try:
        point = base64.urlsafe_b64decode(text + "=")
    except binascii.Error:
        return False
    x, y = int.from_bytes(point[1:33]), int.from_bytes(point[33:])
    on_curve = (y * y - (x * x * x - 3 * x + _P256_B)) % _P256_P == 0
    return point[0] == 4 and x < _P256_P and y < _P256_P and on_curve


def _checked_host(text: str, name: str) -> str:
    try:
        split_host(text)
    except ValueError:
        raise SettingsError(
            f"{name} cannot be “{text}”.", "Write HOST or HOST:PORT, without https:// and without a path."
        ) from None
    return text


def _checked_key(text: str, name: str) -> tuple[str, str]:
    key_id, colon, key = text.partition(":")
    if not colon or not _KEY_ID.match(key_id):
        raise SettingsError(f"{name} has no key id.", "Write ID:KEY, the id first.")
    key = key.rstrip("=")
    if not is_server_key(key):
        raise SettingsError(
            f"{name} holds no valid key.", "The key is a P-256 point of 65 bytes as 87 characters of URL-safe base64."
        )
    from keeper_secrets_manager_core.keeper_globals import keeper_public_keys  # only here: it takes 100 ms

    if key_id in keeper_public_keys:
        raise SettingsError(
            f"{name} uses the id “{key_id}”, which is one of Keeper's own keys.", "Give the server's key another id."
        )
    return key_id, key


def _checked_ca(text: str, name: str) -> Path:
    import ssl  # only here: few start with a server of their own

    path = Path(text).expanduser().absolute()
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cafile=path)
        if not context.cert_store_stats()["x509"]:
            raise ssl.SSLError
    except ssl.SSLError:
        raise SettingsError(f"{name}: {path} holds no certificate.", "Name a PEM file with the server's CA.") from None
    except OSError as error:
        raise SettingsError(f"{name}: {path} could not be read: {error.strerror}.", "Check the path.") from error
    return path


def _and(names: tuple[str, ...] | list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
