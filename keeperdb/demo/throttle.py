"""Limits how often one client may call one verb."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from keeperdb.demo import wire


@dataclass(frozen=True, slots=True)
class ThrottleRule:
    """At most `limit` calls per client and verb; the count clears after `window` seconds without any.

    As the SDK's source describes Keeper's own rule (100 per 10 s). `retry_after` seconds is told to the client, or not.
    """

    limit: int = 100
    window: float = 10.0
    retry_after: float | None = None


class Throttle:
    """Counts calls under a rule that may change at any time; None lets everything through."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.rule: ThrottleRule | None = None
        self._clock = clock
        self._lock = threading.Lock()
        self._calls: dict[tuple[str, str], tuple[int, float]] = {}

    def check(self, client_id: str, verb: str) -> None:
        """Count a call; raise `WireError` if it is one too many."""
        rule, now = self.rule, self._clock()
        if rule is None:
            return
        with self._lock:
            count, last = self._calls.get((client_id, verb), (0, now))
            count = 1 if now - last >= rule.window else count + 1
            self._calls[client_id, verb] = (count, now)
        if count > rule.limit:
            raise wire.throttled(rule.retry_after)
