"""Faults on request: what goes wrong, at which request, how often."""

import threading
from dataclasses import dataclass
from enum import StrEnum

from keeperdb.demo import wire

ANY_VERB = "*"
_NOT_PRESENT_KEY_ID = 999


class FaultKind(StrEnum):
    """Where a fault strikes: the first group before anything was done, the second after it was done and stored."""

    STATUS = "status"  # an HTTP status with an HTML page, such as a proxy sends
    ERROR = "error"  # a JSON error with a code and a message
    THROTTLED = "throttled"
    KEY = "key"  # the client is told to use another public key
    CLIENT_VERSION = "client version"
    RESET = "reset"  # the connection is reset
    HANG = "hang"  # nothing is answered until `Faults.release` or the end of the server

    SLOW = "slow"  # the answer takes `seconds`, in small pieces
    TRUNCATED = "truncated"  # half of the answer, then the connection ends
    GARBAGE = "garbage"  # 200 with bytes that nobody can decrypt
    NOT_JSON = "not json"  # 200 with a properly encrypted text that is not JSON
    EMPTY = "empty"  # 200 with nothing
    LOST = "lost"  # the connection ends without an answer
    LATE = "late"  # nothing is done until `Faults.release`, and then it is; the connection ends without an answer


STRIKES_BEFORE = frozenset(
    {
        FaultKind.STATUS,
        FaultKind.ERROR,
        FaultKind.THROTTLED,
        FaultKind.KEY,
        FaultKind.CLIENT_VERSION,
        FaultKind.RESET,
        FaultKind.HANG,
    }
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. It strikes `times` requests of `verb` (None: all) after letting `skip` of them pass.

    Besides the protocol's verbs there are `upload` and `download`. `seconds` belongs to `SLOW`, `status` to `STATUS`
    and `ERROR`, `code` and `message` to `ERROR`, `retry_after` (seconds) to `THROTTLED`, `key_id` to `KEY`.
    """

    kind: FaultKind
    verb: str = ANY_VERB
    skip: int = 0
    times: int | None = 1
    status: int = 502
    code: str = "internal_error"
    message: str = "Something went wrong"
    seconds: float = 0.5
    retry_after: float | None = None
    key_id: int = _NOT_PRESENT_KEY_ID

    def wire_error(self) -> wire.WireError:
        """What the client is told, for the kinds that tell something in JSON."""
        match self.kind:
            case FaultKind.THROTTLED:
                return wire.throttled(self.retry_after)
            case FaultKind.KEY:
                return wire.other_key(str(self.key_id))
            case FaultKind.CLIENT_VERSION:
                return wire.invalid_client_version("99, demo")
            case _:
                return wire.WireError(self.code, self.message, status=self.status)


class Faults:
    """The faults that are still to strike."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: list[tuple[Fault, int]] = []  # with the number of matching requests so far
        self._released = threading.Event()
        self._closed = threading.Event()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._pending.append((fault, 0))
            self._released.clear()

    def clear(self) -> None:
        """Forget what has not struck, and let hanging requests go."""
        with self._lock:
            self._pending.clear()
        self.release()

    def take(self, verb: str) -> Fault | None:
        """The fault that strikes the request of `verb` that arrives now. Each fault counts every matching request."""
        struck = None
        with self._lock:
            for index, (fault, seen) in enumerate(self._pending):
                if fault.verb not in (ANY_VERB, verb):
                    continue
                self._pending[index] = (fault, seen + 1)
                is_due = seen >= fault.skip and (fault.times is None or seen < fault.skip + fault.times)
                struck = struck or (fault if is_due else None)
        return struck

    def hang(self) -> bool:
        """Wait until the hanging requests are let go; say whether the server goes on."""
        self._released.wait()
        return not self._closed.is_set()

    def pause(self, seconds: float) -> bool:
        """Wait, but no longer than until the server ends; say whether it goes on."""
        return not self._closed.wait(seconds)

    def release(self) -> None:
        """Let the hanging and the late requests go: their connections end without an answer."""
        self._released.set()

    def begin(self) -> None:
        """The server starts."""
        self._closed.clear()

    def end(self) -> None:
        """The server ends: nothing waits any longer."""
        self._closed.set()
        self.release()
