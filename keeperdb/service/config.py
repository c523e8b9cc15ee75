"""What the service is told: where it listens, what guards it, and which keys may call which commands."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from keeperdb.keychain.secret import Secret

TITLE = "Commander Service Mode"
LOOPBACK = "127.0.0.1"
EVERY_ADDRESS = ("0.0.0.0/0", "::/0")
DEFAULT_RATE_LIMIT = "60/minute"
FOREGROUND, BACKGROUND = "foreground", "background"
YAML, JSON = "yaml", "json"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key. `commands` are names and aliases as they are typed; `expires` is aware, None for never.

    `connections` are the names of those that `query` and `schema` may use with this key; `*` stands for all of them.
    """

    key: Secret
    commands: tuple[str, ...]
    expires: datetime | None = None
    connections: tuple[str, ...] = ()

    def is_expired(self, now: datetime) -> bool:
        """`now` is aware."""
        return self.expires is not None and now >= self.expires


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Paths of PEM files. `key` is empty where the certificate's file holds it; `password` opens an encrypted key."""

    certificate: str
    key: str = ""
    password: Secret | None = None


@dataclass(frozen=True, slots=True)
class Ngrok:
    """A tunnel by the user's own agent. `domain` is a bare name, a domain or empty; `public_url` once it is known."""

    token: Secret
    domain: str = ""
    public_url: str = ""


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    """Everything about one service.

    `allowed` and `denied` are addresses, networks or ranges `a-b`; nothing in `allowed` allows every address.
    `rate_limit` such as `100/minute` is empty for the default. `encryption_key` has 32 ASCII characters.
    `trusted_proxies` are the addresses whose `X-Forwarded-For` is believed, `hosts` further names that the service
    may be called by. `kept` are members of Commander's that mean nothing here and are written back as they were read.
    """

    port: int
    title: str = TITLE
    bind: str = LOOPBACK
    rate_limit: str = ""
    allowed: tuple[str, ...] = EVERY_ADDRESS
    denied: tuple[str, ...] = ()
    encryption_key: Secret | None = None
    queue_enabled: bool = True
    run_mode: str = FOREGROUND
    file_format: str = YAML
    is_advanced: bool = False
    tls: TlsFiles | None = None
    ngrok: Ngrok | None = None
    trusted_proxies: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    keys: tuple[ApiKey, ...] = ()
    kept: tuple[tuple[str, Any], ...] = field(default=(), repr=False)

    def with_(self, **changes: Any) -> Self:
        return replace(self, **changes)
