"""What a person pastes to attach a vault: a one-time token, or a ready Secrets Manager configuration."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from keeperdb.errors import VaultError, VaultReason
from keeperdb.keychain import Secret
from keeperdb.vault.endpoint import OFFICIAL_HOSTS, Server, VaultEndpoint, is_server_key, split_host

_KEY = re.compile(r"[A-Za-z0-9_-]{43}\Z")
_KEY_LENGTH = 43  # characters of URL-safe base64 for 32 bytes
_COPY_AGAIN = "Copy the whole token from the vault and paste it again."
_IL5_FORM = "An IL5 token has four parts: IL5:KEY:KEYID:SERVERKEY."
_MUST_HAVE = ("clientId", "privateKey")
_REGIONS = ", ".join(OFFICIAL_HOSTS)


@dataclass(frozen=True, slots=True)
class Access:
    """What the pasted text gives access to.

    Exactly one of `token` (the 43 characters) and `configuration` (of a bound device) is there. `host` is empty for
    a bare token. Only a four-part IL5 token and a configuration carry `server_key`.
    """

    host: str
    token: Secret | None = None
    configuration: Mapping[str, str] | None = field(default=None, repr=False)
    server_key_id: str = ""
    server_key: str = ""
    is_configuration: bool = False  # pasted as one, whether its device is bound yet or not

    def server(self, endpoint: VaultEndpoint | None) -> Server:
        """Where to send it. `endpoint` is this process's own; pasted text never brings one. Raises `VaultError`."""
        if endpoint is not None and self._means(endpoint):
            return endpoint.server
        if not self.host:
            raise _bad(
                "The token does not say which region it is for.",
                f"Put the region before it, such as US:TOKEN (one of {_REGIONS}).",
            )
        if self.is_configuration:
            self._check_is_official()
        return Server(self.host, self.server_key_id, self.server_key)

    def _means(self, endpoint: VaultEndpoint) -> bool:
        """Whether it is for `endpoint`: it names nothing else."""
        if self.server_key:
            named = (self.host.lower(), self.server_key_id, self.server_key)
            return named == (endpoint.host.lower(), endpoint.server_key_id, endpoint.server_key)
        if self.is_configuration:
            return self.host.lower() == endpoint.host.lower()
        return self.host.lower() in ("", endpoint.host.lower(), split_host(endpoint.host)[0].lower())

    def _check_is_official(self) -> None:
        if self.server_key or self.host.lower() not in OFFICIAL_HOSTS.values():
            raise _bad(
                f"The configuration is for a server that is not Keeper's cloud: {_shown(self.host)}.",
                "Start KeeperDB with the --vault-endpoint, --vault-server-key and --vault-ca of that server, or paste "
                "a one-time token.",
            )


def parse_access(text: str) -> Access:
    """What `text` gives access to; white space around it does not matter. Raises `VaultError` (BAD_TOKEN)."""
    text = text.strip()
    if not text:
        raise _bad("The token is empty.", "Paste the one-time token from the vault.")
    configuration = _configuration(text)
    if configuration is not None:
        return _from_configuration(configuration)
    if len(text) > 1000:
        raise _bad("The text is too long for a token, and is not a configuration either.", _COPY_AGAIN)
    if re.search(r"\s", text):
        raise _bad("The token has a space or a line break inside.", _COPY_AGAIN)
    if "://" in text:
        raise _bad("The token starts with a web address.", "Write the host alone, such as keepersecurity.com:TOKEN.")
    return _from_token(text.split(":"))


def _from_token(parts: list[str]) -> Access:
    if len(parts) == 1:
        return Access("", Secret(_checked_key(parts[0])))
    prefix = parts[0].upper()
    if prefix == "IL5" and len(parts) > 2:
        return _from_il5(parts)
    if len(parts) in (2, 3) and re.fullmatch(r"[0-9]{1,5}", parts[1]):
        raise _bad("A port cannot be written in a token.", "Use --vault-endpoint HOST:PORT and paste the token alone.")
    if len(parts) != 2:
        raise _bad(f"The token has {len(parts)} parts instead of two.", _COPY_AGAIN)
    host = OFFICIAL_HOSTS.get(prefix) or _checked_host(parts[0])
    return Access(host, Secret(_checked_key(parts[1])))


def _from_il5(parts: list[str]) -> Access:
    if len(parts) != 4:
        raise _bad(f"The IL5 token has {len(parts)} parts instead of four.", _IL5_FORM)
    key = _checked_key(parts[1])
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", parts[2]):
        raise _bad("The key id in the IL5 token is missing or not valid.", _IL5_FORM)
    if not is_server_key(parts[3].rstrip("=")):
        raise _bad("The server key in the IL5 token is not valid.", _COPY_AGAIN)
    return Access(OFFICIAL_HOSTS["IL5"], Secret(key), None, parts[2], parts[3].rstrip("="))


def _checked_host(text: str) -> str:
    try:
        host, _ = split_host(text)
    except ValueError:
        raise _bad(f"{_shown(text)} is neither a region nor a host name.", f"Regions are {_REGIONS}.") from None
    if "." not in host and host.lower() != "localhost":
        raise _bad(f"{_shown(text)} is not a region.", f"Regions are {_REGIONS}.")
    return host


def _checked_key(text: str) -> str:
    key = text.rstrip("=")
    if not key:
        raise _bad("The token has nothing after the region.", _COPY_AGAIN)
    if not re.fullmatch(r"[A-Za-z0-9_-]*", key):
        raise _bad("The token has characters that a token cannot have.", _COPY_AGAIN)
    if len(key) != _KEY_LENGTH:
        raise _bad(f"The token has {len(key)} characters instead of {_KEY_LENGTH}.", _COPY_AGAIN)
    return key


def _configuration(text: str) -> Mapping[str, object] | None:
    """The JSON object that `text` is, plain or as base64; None if it is none."""
    if not text.startswith("{"):
        packed = "".join(text.split()).rstrip("=")
        try:
            text = base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True).decode()
        except (binascii.Error, UnicodeError, ValueError):
            return None
        if not text.lstrip().startswith("{"):
            return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise _bad("The configuration is not valid JSON.", "Copy the whole configuration and paste it again.") from None
    return found if isinstance(found, dict) else None


def _from_configuration(found: Mapping[str, object]) -> Access:
    values = {name: value for name, value in found.items() if isinstance(value, str) and value}
    host = _configured_host(values.get("hostname", ""))
    key = values.get("serverPublicKey", "").rstrip("=")
    keys = (values.get("serverPublicKeyId", ""), key) if key else ("", "")
    if not values.get("appKey") and values.get("clientKey"):
        return Access(host, Secret(_checked_key(values["clientKey"])), None, *keys, is_configuration=True)
    missing = [name for name in (*_MUST_HAVE, "appKey") if not values.get(name)]
    if missing:
        raise _bad(f"The configuration has no {missing[0]}.", "Copy the whole configuration and paste it again.")
    return Access(host, None, values, *keys, is_configuration=True)


def _configured_host(host: str) -> str:
    host = OFFICIAL_HOSTS.get(host.upper(), host)
    if not host:
        return OFFICIAL_HOSTS["US"]  # what the SDK takes
    try:
        split_host(host)
    except ValueError:
        raise _bad(
            f"{_shown(host)} in the configuration cannot be a host name.", "Copy the whole configuration."
        ) from None
    return host


def _shown(text: str) -> str:
    """Pasted text for a message, unless it is so long that it may be a misplaced key."""
    if len(text) > 32 and "." not in text:
        return "The text before the colon"
    return f"“{''.join(character if character.isprintable() else '?' for character in text)[:80]}”"


def _bad(message: str, hint: str) -> VaultError:
    return VaultError(VaultReason.BAD_TOKEN, message, hint)
