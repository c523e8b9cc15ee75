"""The configuration in the form in which every request is checked against it."""

from dataclasses import dataclass
from typing import Self

from limits import RateLimitItem

from keeperdb.service.access import KeyRing
from keeperdb.service.addresses import AddressRules, Proxies
from keeperdb.service.config import ServiceConfig
from keeperdb.service.encryption import ResponseCipher
from keeperdb.service.hosts import HostRules
from keeperdb.service.rate import parse_rate


@dataclass(frozen=True, slots=True)
class Rules:
    """Never changes: another configuration makes other rules, and each request is judged by one of them throughout."""

    keys: KeyRing
    addresses: AddressRules
    hosts: HostRules
    proxies: Proxies
    rate: RateLimitItem
    cipher: ResponseCipher | None
    has_queue: bool

    @classmethod
    def of(cls, config: ServiceConfig) -> Self:
        key = config.encryption_key
        return cls(
            KeyRing(config.keys),
            AddressRules(config.allowed, config.denied),
            HostRules(config),
            Proxies(config.trusted_proxies),
            parse_rate(config.rate_limit),
            ResponseCipher(key) if key else None,
            config.queue_enabled,
        )
