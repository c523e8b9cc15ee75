"""The service of this user on this machine: whether it runs, who runs it, and what it is asked to do.

A lock that the running service holds is what counts: the system lets go of it however the process ends. What is
written beside it only says more, and no number in it is believed without the moment at which that process began.
"""

import contextlib
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path

from keeperdb.errors import StoreError, UnsupportedError
from keeperdb.paths import make_private_folder, write_atomically
from keeperdb.service.process_identity import identity_of

_POLL = 0.05  # seconds
_LOOKING = 0.3  # seconds; another process that only looks has the lock for less
_STATE, _LOCK = "service.json", "service.lock"


class Request(StrEnum):
    """What a running service is asked by another process."""

    STOP = "stop"
    RELOAD = "reload"


class Where(StrEnum):
    """What the service is part of."""

    FOREGROUND = "foreground"
    BACKGROUND = "background"
    WINDOW = "window"


@dataclass(frozen=True, slots=True)
class ServiceProcess:
    """Who runs the service. No secret is here. `began` is the identity of the process, `terminal` where it was begun.

    `is_async`: the routes of version 2 exist. `tunnel_url` is empty without a tunnel.
    """

    pid: int
    began: str
    url: str
    vault: str
    where: str
    terminal: str = ""
    is_async: bool = True
    tunnel_pid: int = 0
    tunnel_began: str = ""
    tunnel_url: str = ""

    @property
    def tunnel_runs(self) -> bool:
        return bool(self.tunnel_pid) and _is_same(self.tunnel_pid, self.tunnel_began)


@dataclass(frozen=True, slots=True)
class Status:
    """`process` is who runs the service, or who ran it last and did not say goodbye."""

    is_running: bool
    process: ServiceProcess | None


class ServicePlace:
    """The files in `folder` by which processes know of the service. Everything here is quick, but reads files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def held(self) -> Iterator[None]:
        """Inside, this is the one service. Raises `UnsupportedError` if another one runs, and `StoreError`."""
        lock = self._lock()
        if not lock.acquire(_LOOKING):
            raise UnsupportedError(already_running(self._read()))
        try:
            for request in Request:
                self._request_path(request).unlink(missing_ok=True)
            yield
        finally:
            self._state_path.unlink(missing_ok=True)
            lock.release()

    def write(self, process: ServiceProcess) -> None:
        """Say who runs it; only inside `held`. Raises `StoreError`."""
        write_atomically(self._state_path, json.dumps(asdict(process)).encode())

    def look(self) -> Status:
        """Whether a service runs now. Raises `StoreError`."""
        process = self._read()
        is_alive = process is not None and _is_same(process.pid, process.began)
        lock = self._lock()
        if lock.acquire(0.0 if is_alive else _LOOKING):
            lock.release()
            return Status(False, process)
        return Status(True, process or self._read())

    def ask(self, request: Request) -> None:
        """Ask the running service for something. Raises `StoreError`."""
        write_atomically(self._request_path(request), b"")

    def take(self, request: Request) -> bool:
        """Whether that was asked for since the last look."""
        try:
            self._request_path(request).unlink()
        except FileNotFoundError:
            return False
        return True

    def wait_until_stopped(self, seconds: float) -> bool:
        """Whether the service ended within that time."""
        deadline = time.monotonic() + seconds
        while self.look().is_running:
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL)
        return True

    def forget(self) -> None:
        """Remove what a service that crashed has left, while none runs."""
        lock = self._lock()
        if lock.acquire(_LOOKING):
            self._state_path.unlink(missing_ok=True)
            lock.release()

    @property
    def _state_path(self) -> Path:
        return self._folder / _STATE

    def _request_path(self, request: Request) -> Path:
        return self._folder / f"service.{request}"

    def _lock(self) -> "_Lock":
        make_private_folder(self._folder)
        return _Lock(self._folder / _LOCK)

    def _read(self) -> ServiceProcess | None:
        try:
            values = json.loads(self._state_path.read_bytes())
            known = {each.name: values[each.name] for each in fields(ServiceProcess) if each.name in values}
            process = ServiceProcess(**known)
        except (OSError, ValueError, TypeError):
            return None
        is_sound = all(type(getattr(process, each.name)) is each.type for each in fields(process))
        return process if is_sound else None


def end_process(pid: int, began: str, *, force: bool = False) -> bool:
    """End the process that began then, and no other; say whether it was there."""
    if not _is_same(pid, began):
        return False
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL if force and os.name == "posix" else signal.SIGTERM)
    return True


def already_running(process: ServiceProcess | None) -> str:
    """Commander's sentence."""
    pid = f" (PID: {process.pid})" if process else ""
    return f"Commander Service is already running{pid}."


class _Lock:
    """A lock that no other process, and no other part of this one, has at the same time."""

    def __init__(self, path: Path) -> None:
        import filelock  # only here: importing it takes longer than reading all of our files

        self._lock = filelock.FileLock(path)
        self._taken = filelock.Timeout

    def acquire(self, seconds: float = 0.0) -> bool:
        """Whether it was to be had within that time. Raises `StoreError`."""
        try:
            self._lock.acquire(timeout=seconds, poll_interval=_POLL)
        except self._taken:
            return False
        except OSError as error:
            raise StoreError(
                f"{self._lock.lock_file} could not be locked: {error.strerror}.", "Check the permissions of its folder."
            ) from error
        return True

    def release(self) -> None:
        self._lock.release()


def _is_same(pid: int, began: str) -> bool:
    return bool(began) and identity_of(pid) == began
