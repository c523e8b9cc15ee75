"""How often a client may call."""

import threading

import pytest

from keeperdb.service import rate
from keeperdb.service.rate import RateLimits, parse_rate
from keeperdb.service.replies import Refused


def calls(limits: RateLimits, limit: str, client: str = "192.0.2.1", endpoint: str = "/a") -> bool:
    try:
        limits.count(parse_rate(limit), client, endpoint)
    except Refused:
        return False
    return True


def test_each_client_has_its_own_windows_for_each_endpoint() -> None:
    limits = RateLimits()
    assert [calls(limits, "2/minute") for _ in range(3)] == [True, True, False]
    assert calls(limits, "2/minute", client="192.0.2.2")
    assert calls(limits, "2/minute", endpoint="/b")


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        ("10/minute", "10 per 1 minute"),
        ("5 per hour", "5 per 1 hour"),
        ("7/DAY", "7 per 1 day"),
        ("", "60 per 1 minute"),
    ],
)
def test_the_refusal_names_the_limit_and_the_seconds_to_wait(limit, text) -> None:
    limits, item = RateLimits(), parse_rate(limit)
    for _ in range(item.amount):
        limits.count(item, "192.0.2.1", "/a")
    with pytest.raises(Refused) as caught:
        limits.count(item, "192.0.2.1", "/a")
    assert caught.value.status == 429
    assert caught.value.body == {
        "error": f"Service rate limit exceeded: {text}",
        "result_code": "rate_limited",
        "status": "error",
    }
    assert 1 <= int(caught.value.headers["retry-after"]) <= item.get_expiry()


def test_a_window_ends(monkeypatch) -> None:
    limits, now = RateLimits(), [1_000_000.0]
    monkeypatch.setattr(rate.time, "time", lambda: now[0])
    assert [calls(limits, "1/minute") for _ in range(2)] == [True, False]
    now[0] += 61
    assert calls(limits, "1/minute")


def test_a_caller_of_many_addresses_takes_no_memory_and_starts_no_thread() -> None:
    limits, threads = RateLimits(), threading.active_count()
    for number in range(60_000):
        calls(limits, "1/day", client=f"10.{number // 65536}.{number // 256 % 256}.{number % 256}")
    assert len(limits._windows) <= 20_000
    assert threading.active_count() == threads
