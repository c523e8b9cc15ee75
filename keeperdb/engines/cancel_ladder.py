"""How a statement is stopped: the driver asks, then the session is ended from beside, then its socket is dropped."""

import time
from collections.abc import Callable

from keeperdb.engines.interruption import Interruption

ASK_SECONDS = 2.0
SIDE_SECONDS = 3.0
_ATTEMPT_SECONDS = 1.0
_FIRST_PAUSE = 0.3  # a request may overtake the statement that it is for, and is repeated

Announce = Callable[[str], None]


def climb(
    interruption: Interruption,
    announce: Announce,
    ask: Callable[[float], object],
    end_session: Callable[[float], object],
    drop: Callable[[], object],
) -> None:
    """Stop what runs within `ASK_SECONDS + SIDE_SECONDS`; return when nothing runs any more, or the socket is gone.

    `ask` and `end_session` are given how many seconds they may take. `announce` is told each step, for a person.
    """
    if not interruption.request():
        return
    announce("Asking the server to stop…")
    if _ask_again_and_again(interruption, ask):
        return
    announce("The server does not stop. Ending the session on the server…")
    deadline = time.monotonic() + SIDE_SECONDS
    end_session(SIDE_SECONDS - 0.5)
    if interruption.wait(max(0.0, deadline - time.monotonic())):
        return
    announce("The server does not answer. Dropping the connection…")
    drop()


def _ask_again_and_again(interruption: Interruption, ask: Callable[[float], object]) -> bool:
    """Whether what runs came to its end in time."""
    deadline = time.monotonic() + ASK_SECONDS
    pause = _FIRST_PAUSE
    while (left := deadline - time.monotonic()) > 0:
        ask(min(left, _ATTEMPT_SECONDS))
        if interruption.wait(max(0.0, min(pause, deadline - time.monotonic()))):
            return True
        pause *= 2
    return interruption.wait(0)
