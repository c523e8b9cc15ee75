"""The names under which the service may be called, so that no web page reaches it through a name of its own.

A page can point its own host name at this machine (DNS rebinding); the browser then sends that name as `Host`. It
cannot do so with an address, with a name that has no dot, or under TLS, where the certificate vouches for the name.
"""

import socket
from collections.abc import Iterable, Sequence

from keeperdb.service.addresses import parse_address
from keeperdb.service.config import ServiceConfig
from keeperdb.service.replies import Refused

_NO_HOST = "Host is not allowed to call API service"
_NO_ORIGIN = "Origin is not allowed to call API service"
_REMEMBERED = 256  # decisions on names
_LONGEST = 261  # characters of a name (253; RFC 1035, 2.3.4) with a colon and a port


class HostRules:
    """Which `Host` and `Origin` headers are ours."""

    def __init__(self, config: ServiceConfig) -> None:
        self._vouched = config.tls is not None
        bind = parse_address(config.bind)
        self._is_local = config.bind == "localhost" or (bind is not None and bind.is_loopback)
        self._names = {"localhost", config.bind.lower(), socket.gethostname().lower(), *_tunnel_names(config)}
        self._names.update(name.lower() for name in config.hosts)
        self._decisions: dict[str, bool] = {}

    def check(self, hosts: Sequence[str], origins: Sequence[str]) -> None:
        """The values of both headers. Raises `Refused`."""
        if len(hosts) != 1 or not self._permits(hosts[0].lower()):
            raise Refused(403, _NO_HOST)
        if any(not self._is_same(origin, hosts[0]) for origin in origins):
            raise Refused(403, _NO_ORIGIN)

    def _permits(self, host: str) -> bool:
        if len(host) > _LONGEST:
            return False
        decision = self._decisions.get(host)
        if decision is None:
            if len(self._decisions) >= _REMEMBERED:
                self._decisions.clear()
            decision = self._decisions[host] = self._decide(_without_port(host))
        return decision

    def _decide(self, name: str) -> bool:
        if self._vouched or name in self._names:
            return bool(name)
        address = parse_address(name.strip("[]"))
        if address is not None:
            return address.is_loopback or not self._is_local
        return bool(name) and "." not in name and not self._is_local

    @staticmethod
    def _is_same(origin: str, host: str) -> bool:
        return origin.lower() in (f"http://{host.lower()}", f"https://{host.lower()}")


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def _tunnel_names(config: ServiceConfig) -> Iterable[str]:
    """A bare name is short for one of ngrok's."""
    if config.ngrok is None:
        return
    domain = config.ngrok.domain.lower()
    if domain:
        yield domain if "." in domain else f"{domain}.ngrok.io"
    if config.ngrok.public_url:
        yield _without_port(config.ngrok.public_url.lower().partition("://")[2].partition("/")[0])
