"""The socket behind a connection whose driver does not tell it: found by its peer, and shut when nothing else helps."""

import contextlib
import os
import socket
import stat
import struct
from pathlib import Path

from keeperdb.engines.keep_alive import keep_alive

_DESCRIPTORS = (Path("/proc/self/fd"), Path("/dev/fd"))  # Linux; macOS and BSD


class DriverSocket:
    """Looked for around a login: `before` it, and `find` after it."""

    def __init__(self) -> None:
        self._before: dict[int, int] = {}
        self._found: tuple[int, int] | None = None  # descriptor and inode

    def before(self) -> None:
        """Remember the sockets that are open already."""
        self._before = _sockets()

    def find(self, port: int) -> bool:
        """Whether one new socket, and one only, is connected to `port`. Another thread may open some as well."""
        new = [
            (descriptor, inode)
            for descriptor, inode in _sockets().items()
            if self._before.get(descriptor) != inode and _peer_port(descriptor) == port
        ]
        self._found = new[0] if len(new) == 1 else None
        return self._found is not None

    def shut(self) -> bool:
        """Cut the connection, so that a thread that waits on it reads an end of file. False where it is not known."""
        if self._found is None:
            return False
        descriptor, inode = self._found
        if _sockets().get(descriptor) != inode:
            return False  # closed in the meantime, and the number may be another's
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as copy:
            copy.shutdown(socket.SHUT_RDWR)
            return True
        return False

    def keep_alive(self) -> None:
        """Have the system look after the connection, for drivers that do not ask it to."""
        if self._found is None:
            return
        descriptor, inode = self._found
        if _sockets().get(descriptor) == inode:
            with contextlib.suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as copy:
                keep_alive(copy)

    def limit(self, seconds: float) -> None:
        """How long the driver may wait for an answer on the socket; 0: without end. Nothing where it is not known."""
        if self._found is None or os.name != "posix":
            return
        descriptor, inode = self._found
        if _sockets().get(descriptor) == inode:
            interval = struct.pack("ll", int(seconds), int(seconds % 1 * 1_000_000))  # struct timeval
            with contextlib.suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as copy:
                copy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, interval)
                copy.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, interval)


def _sockets() -> dict[int, int]:
    """Open sockets: descriptor -> inode. Empty where the system does not list descriptors."""
    folder = next((each for each in _DESCRIPTORS if each.is_dir()), None)
    found = {}
    for entry in folder.iterdir() if folder else ():
        with contextlib.suppress(OSError, ValueError):
            status = os.fstat(int(entry.name))
            if stat.S_ISSOCK(status.st_mode):
                found[int(entry.name)] = status.st_ino
    return found


def _peer_port(descriptor: int) -> int | None:
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as copy:
        if copy.family in (socket.AF_INET, socket.AF_INET6):
            return int(copy.getpeername()[1])
    return None
