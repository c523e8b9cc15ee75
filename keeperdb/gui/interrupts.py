"""Ctrl+C in the terminal, SIGTERM and SIGHUP end the event loop, so that everything is closed in order."""

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QSocketNotifier

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


@contextmanager
def calling(end: Callable[[], object]) -> Iterator[None]:
    """Inside, the first of these signals calls `end` from the event loop; a second one ends the process at once.

    Qt's event loop does not run Python's handlers, so the signal's number is written to a socket that it watches
    (https://docs.python.org/3/library/signal.html#signal.set_wakeup_fd). To be entered on the main thread.
    """
    numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
    heeded = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]  # nohup wants it ignored
    reader, writer = socket.socketpair()
    reader.setblocking(False)
    writer.setblocking(False)
    notifier = QSocketNotifier(reader.fileno(), QSocketNotifier.Type.Read)

    def come() -> None:
        notifier.setEnabled(False)
        end()

    def use_default(*_: object) -> None:
        for number in heeded:
            signal.signal(number, signal.SIG_DFL)

    notifier.activated.connect(come)
    previous = {number: signal.signal(number, use_default) for number in heeded}
    woken = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(woken)
        for number, handler in previous.items():
            signal.signal(number, handler)
        notifier.setEnabled(False)
        reader.close()
        writer.close()
