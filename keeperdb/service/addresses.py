"""Client addresses: who is calling when a proxy stands between, and who may."""

import ipaddress
from collections.abc import Callable, Iterable

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Test = Callable[[_Address], bool]
UNKNOWN = "unknown"
_REMEMBERED = 4_096  # decisions on addresses


def parse_address(text: str) -> _Address | None:
    """The address; of one that maps IPv4 into IPv6 (RFC 4291, 2.5.5.2) the IPv4 part. None if it is none."""
    try:
        address = ipaddress.ip_address(text.strip().partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


class AddressList:
    """Addresses, networks (host bits may be set) and ranges `a-b`; an item that is none of them matches nothing."""

    def __init__(self, items: Iterable[str]) -> None:
        self._tests = [test for item in items if (test := _parse_item(item.strip())) is not None]

    def __contains__(self, address: _Address) -> bool:
        return any(test(address) for test in self._tests)


def _parse_item(item: str) -> _Test | None:
    if "-" in item:
        return _range_test(*item.split("-", 1))
    if "/" in item:
        return _network_test(item)
    address = parse_address(item)
    return address.__eq__ if address is not None else None


def _network_test(text: str) -> _Test | None:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    if mapped is not None and network.prefixlen >= 96:  # `::ffff:10.0.0.0/104` is `10.0.0.0/8`
        network = ipaddress.ip_network((mapped, network.prefixlen - 96), strict=False)
    return lambda address: address in network


def _range_test(first: str, last: str) -> _Test | None:
    low, high = parse_address(first), parse_address(last)
    if low is None or high is None or low.version != high.version:
        return None
    version, numbers = low.version, range(int(low), int(high) + 1)
    return lambda address: address.version == version and int(address) in numbers


class AddressRules:
    """Which addresses may call: a denied one never, an allowed one always, any if nothing is allowed by name."""

    def __init__(self, allowed: Iterable[str], denied: Iterable[str]) -> None:
        allowed = [item for item in allowed if item.strip()]
        self._allows_all = not allowed
        self._allowed = AddressList(allowed)
        self._denied = AddressList(denied)
        self._decisions: dict[str, bool] = {}

    def permits(self, client: str) -> bool:
        """An address that cannot be read is not permitted."""
        decision = self._decisions.get(client)
        if decision is None:
            if len(self._decisions) >= _REMEMBERED:
                self._decisions.clear()
            decision = self._decisions[client] = self._decide(client)
        return decision

    def _decide(self, client: str) -> bool:
        address = parse_address(client)
        if address is None or address in self._denied:
            return False
        return self._allows_all or address in self._allowed


class Proxies:
    """The hops whose `X-Forwarded-For` is believed."""

    def __init__(self, trusted: Iterable[str]) -> None:
        self._items = [item for item in trusted if item.strip()]
        self._trusted = AddressList(self._items)

    def client_of(self, peer: str, forwarded: Iterable[str]) -> str:
        """The nearest address that is no trusted hop. `forwarded` are the header's values, in their order.

        Each hop appends the address that it was called from, so what is left of the first stranger is hearsay. What
        is no address makes the client unknown, and nobody permits that.
        """
        if not self._items:
            return peer
        address = peer
        for hop in reversed([part for value in forwarded for part in value.split(",")]):
            if not self._trusts(address):
                break
            address = hop.strip()
            if parse_address(address) is None:
                return UNKNOWN
        return address

    def _trusts(self, text: str) -> bool:
        address = parse_address(text)
        return address is not None and address in self._trusted
