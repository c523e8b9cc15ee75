"""How often one client may call one endpoint: fixed windows, counted in memory."""

import time
from dataclasses import dataclass
from math import ceil

from limits import RateLimitItem, parse

from keeperdb.service.config import DEFAULT_RATE_LIMIT
from keeperdb.service.replies import Refused

_MOST_WINDOWS = 20_000


def parse_rate(text: str) -> RateLimitItem:
    """`100/minute` or `100 per hour`; empty stands for the default."""
    return parse(text or DEFAULT_RATE_LIMIT)


@dataclass(slots=True)
class _Window:
    """`end` is in epoch seconds."""

    limit: RateLimitItem
    end: float
    calls: int = 0


class RateLimits:
    """The windows of all clients; they outlive a change of the configuration.

    The counters of `limits` itself start a thread to forget what is over; these forget when they are looked at.
    """

    def __init__(self) -> None:
        self._windows: dict[tuple[str, str], _Window] = {}  # by client and endpoint

    def count(self, limit: RateLimitItem, client: str, endpoint: str) -> None:
        """Count one call. Raises `Refused` with the seconds until the window ends."""
        now = time.time()
        window = self._windows.get((client, endpoint))
        if window is None or window.end <= now or window.limit != limit:
            self._make_room(now)
            window = self._windows[client, endpoint] = _Window(limit, now + limit.get_expiry())
        window.calls += 1
        if window.calls > limit.amount:
            raise Refused(
                429,
                f"Service rate limit exceeded: {limit}",
                result_code="rate_limited",
                headers={"retry-after": str(max(1, ceil(window.end - now)))},
            )

    def _make_room(self, now: float) -> None:
        """Forgets what is over, and then what began first, so that a caller of many addresses takes no memory."""
        if len(self._windows) < _MOST_WINDOWS:
            return
        self._windows = {key: window for key, window in self._windows.items() if window.end > now}
        for key in list(self._windows)[: max(0, len(self._windows) - _MOST_WINDOWS // 2)]:
            del self._windows[key]
