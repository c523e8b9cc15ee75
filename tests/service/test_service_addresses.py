"""Which addresses may call, and whose address it is."""

from ipaddress import ip_address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from keeperdb.errors import SettingsError
from keeperdb.service import validation
from keeperdb.service.addresses import AddressRules, Proxies, parse_address

_ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))


@pytest.mark.parametrize(
    ("allowed", "denied", "client", "permitted"),
    [
        ((), (), "192.0.2.1", True),
        (("0.0.0.0/0", "::/0"), (), "2001:db8::1", True),
        (("0.0.0.0/0",), (), "2001:db8::1", False),
        (("192.0.2.1",), (), "192.0.2.1", True),
        (("192.0.2.1",), (), "192.0.2.2", False),
        (("192.0.2.77/24",), (), "192.0.2.9", True),
        (("192.0.2.10-192.0.2.20",), (), "192.0.2.20", True),
        (("192.0.2.10-192.0.2.20",), (), "192.0.2.21", False),
        (("192.0.2.10-192.0.2.20",), (), "2001:db8::1", False),
        (("2001:db8::10 - 2001:db8::20",), (), "2001:db8::15", True),
        (("192.0.2.0/24",), (), "::ffff:192.0.2.1", True),
        (("::ffff:192.0.2.0/120",), (), "192.0.2.1", True),
        (("::ffff:192.0.2.1",), (), "192.0.2.1", True),
        ((), ("192.0.2.1",), "::ffff:192.0.2.1", False),
        (("192.0.2.0/24",), ("192.0.2.5",), "192.0.2.5", False),
        (("fe80::/10",), (), "fe80::1%eth0", True),
        (("nonsense", "1.2.3.4/99", "5-"), (), "192.0.2.1", False),
        ((), (), "unknown", False),
        ((), (), "", False),
    ],
)
def test_an_address_is_judged_by_both_lists(allowed, denied, client, permitted) -> None:
    assert AddressRules(allowed, denied).permits(client) is permitted


@given(_ADDRESSES)
def test_a_denied_address_is_never_permitted_however_it_is_written(address) -> None:
    rules = AddressRules((), (str(address),))
    ways = {str(address), address.exploded}
    if address.version == 4:
        ways.add(f"::ffff:{address}")
    assert not any(rules.permits(way) for way in ways)


@given(_ADDRESSES, _ADDRESSES, _ADDRESSES)
@example(ip_address("0.0.0.0"), ip_address("::ffff:0:0"), ip_address("0.0.0.0"))
def test_a_range_holds_what_lies_between_its_ends(first, last, client) -> None:
    """An end that maps IPv4 into IPv6 is the IPv4 address."""
    low, high, middle = (parse_address(str(each)) for each in (first, last, client))
    inside = low.version == high.version == middle.version and int(low) <= int(middle) <= int(high)
    assert AddressRules((f"{first}-{last}",), ()).permits(str(client)) is inside


@given(_ADDRESSES, _ADDRESSES)
@example(ip_address("0.0.0.0"), ip_address("::ffff:0:0"))
@example(ip_address("::ffff:0.0.0.9"), ip_address("::1"))
def test_a_range_that_may_be_given_holds_its_ends_and_no_other_may_be_given(first, last) -> None:
    item = f"{first}-{last}"
    try:
        given_items = validation.address_list(item)
    except SettingsError:
        assert not any(AddressRules((item,), ()).permits(str(end)) for end in (first, last))
    else:
        assert all(AddressRules(given_items, ()).permits(str(end)) for end in (first, last))


def test_decisions_are_remembered_for_a_bounded_number_of_addresses() -> None:
    rules = AddressRules(("10.0.0.0/8",), ())
    for number in range(10_000):
        rules.permits(f"10.0.{number // 256}.{number % 256}")
    assert len(rules._decisions) <= 4_096


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "client"),
    [
        ((), "192.0.2.1", ["203.0.113.9"], "192.0.2.1"),
        (("127.0.0.1",), "192.0.2.1", ["203.0.113.9"], "192.0.2.1"),
        (("127.0.0.1",), "127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        (("127.0.0.1",), "127.0.0.1", ["1.1.1.1, 203.0.113.9"], "203.0.113.9"),
        (("127.0.0.1", "10.0.0.0/8"), "127.0.0.1", ["1.1.1.1", "203.0.113.9, 10.1.2.3"], "203.0.113.9"),
        (("127.0.0.1",), "127.0.0.1", [], "127.0.0.1"),
        (("127.0.0.1",), "127.0.0.1", ["garbage"], "unknown"),
        (("127.0.0.1",), "::ffff:127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
    ],
)
def test_the_client_is_the_nearest_stranger(trusted, peer, forwarded, client) -> None:
    assert Proxies(trusted).client_of(peer, forwarded) == client
