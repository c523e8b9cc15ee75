"""How often one client may call one endpoint: fixed windows, counted in memory."""

import time
from math import ceil

from limits import RateLimitItem, parse
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from keeperdb.service.config import DEFAULT_RATE_LIMIT
from keeperdb.service.replies import Refused

_MOST_WINDOWS = 20_000


class _Windows(Storage):
    """Counters that expire when they are looked at; the storage that `limits` brings starts a thread to forget them."""

    STORAGE_SCHEME = None

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[str, list[float]] = {}  # key -> [calls, end of the window]

    @property
    def base_exceptions(self) -> type[Exception]:
        return KeyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = time.time()
        window = self._counts.get(key)
        if window is None or window[1] <= now:
            self._make_room(now)
            window = self._counts[key] = [0, now + expiry]
        window[0] += amount
        return int(window[0])

    def _make_room(self, now: float) -> None:
        """Forgets what is over, and then what began first, so that a caller of many addresses takes no memory."""
        if len(self._counts) < _MOST_WINDOWS:
            return
        for key in [key for key, window in self._counts.items() if window[1] <= now]:
            del self._counts[key]
        for key in list(self._counts)[: len(self._counts) - _MOST_WINDOWS // 2]:
            del self._counts[key]

    def get(self, key: str) -> int:
        window = self._counts.get(key)
        return int(window[0]) if window is not None and window[1] > time.time() else 0

    def get_expiry(self, key: str) -> float:
        window = self._counts.get(key)
        return window[1] if window is not None else time.time()

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        count = len(self._counts)
        self._counts.clear()
        return count

    def clear(self, key: str) -> None:
        self._counts.pop(key, None)


def parse_rate(text: str) -> RateLimitItem:
    """`100/minute` or `100 per hour`; empty stands for the default."""
    return parse(text or DEFAULT_RATE_LIMIT)


class RateLimits:
    """The windows of all clients; they outlive a change of the configuration."""

    def __init__(self) -> None:
        self._limiter = FixedWindowRateLimiter(_Windows())

    def count(self, limit: RateLimitItem, client: str, endpoint: str) -> None:
        """Count one call. Raises `Refused` with the seconds until the window ends."""
        if self._limiter.hit(limit, client, endpoint):
            return
        end = self._limiter.get_window_stats(limit, client, endpoint).reset_time
        raise Refused(
            429,
            f"Service rate limit exceeded: {limit}",
            result_code="rate_limited",
            headers={"retry-after": str(max(1, ceil(end - time.time())))},
        )
