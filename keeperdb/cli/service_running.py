"""Runs the service in this process, or starts another one that does, and ends one that runs."""

import ipaddress
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from keeperdb.cli import exit_codes
from keeperdb.cli.context import Context
from keeperdb.errors import KeeperDBError, SettingsError, StoreError, UnsupportedError
from keeperdb.program import own_command
from keeperdb.service.config import ServiceConfig
from keeperdb.service.local import LocalService
from keeperdb.service.process import Request, ServicePlace, Where, end_process
from keeperdb.service.record import Stored
from keeperdb.service.urls import start_lines
from keeperdb.task import Task
from keeperdb.vault.attached import AttachedVault

if TYPE_CHECKING:
    from keeperdb.service.running import RunningService

_DRAIN_SECONDS = 20.0  # longer than the service takes to end what runs
_KILLED_SECONDS = 5.0
_SLICE = 0.5  # seconds between two looks at whether waiting is to end
_LOG_NAME = "service-output.log"


def run_in_foreground(context: Context, local: LocalService, vault: AttachedVault, stored: Stored) -> int:
    """Serve until Ctrl+C, a signal or `service-stop`; requests under way are answered first."""
    from keeperdb.service.running import RunningService

    reports = bool(getattr(context.arguments, "report", False))
    running = RunningService(local, vault, stored, Where.BACKGROUND if reports else Where.FOREGROUND)
    tell: Callable[[RunningService], None] = _report if reports else lambda each: _tell(context, each)
    try:
        context.run(lambda task: running.serve(task, tell))
    except KeyboardInterrupt:
        context.say("Commander Service stopped.")
    except KeeperDBError as error:
        if reports:
            _hand_over({"error": error.message, "hint": error.hint})
        raise
    if running.was_asked_to_stop and not reports:
        context.say("Commander Service stopped by another terminal")
    return exit_codes.OK


def start_in_background(context: Context, vault: AttachedVault) -> int:
    """Start a process of its own; it reads its configuration from the vault itself. Raises what kept it from it."""
    log = context.workspace.paths.logs / _LOG_NAME
    process = _launch(_command(context, vault), _open_log(log), context.unlocked_with is not None)
    said = context.run(lambda task: _first_word(process, context, task))
    if "error" in said:
        raise UnsupportedError(said["error"], said["hint"])
    if "url" not in said:
        raise UnsupportedError("The service ended before it was ready.", f"Details are in {log}.")
    _print_start(context, said["url"], said["public_url"], is_async=said["is_async"])
    context.out.write(f"Commander Service started with PID: {said['pid']}\n")
    return exit_codes.OK


def end(place: ServicePlace, task: Task) -> None:
    """Ask the running service to end; one that does not within 20 s is killed. Raises `StoreError`."""
    process = place.look().process
    place.ask(Request.STOP)
    task.report(text="Waiting for the requests under way…")
    if _has_ended(place, _DRAIN_SECONDS, task):
        return
    if process is None or not end_process(process.pid, process.began, force=True):
        raise StoreError("The service does not end, and its process is not known.", "End it by hand, then try again.")
    if not _has_ended(place, _KILLED_SECONDS, task):
        raise StoreError(f"The service does not end (PID: {process.pid}).", "End it by hand, then try again.")
    end_process(process.tunnel_pid, process.tunnel_began)
    place.forget()


def _has_ended(place: ServicePlace, seconds: float, task: Task) -> bool:
    waited = 0.0
    while waited < seconds:
        task.check()
        if place.wait_until_stopped(_SLICE):
            return True
        waited += _SLICE
    return False


def _tell(context: Context, running: "RunningService") -> None:
    _print_start(context, running.url, running.public_url, is_async=running.config.queue_enabled)
    context.out.write(f"Process ID: {os.getpid()}\nKeeper Commander Service initialization complete\n")
    context.out.flush()


def warn_of_outside(context: Context, config: ServiceConfig) -> None:
    """Say so where others can reach the service and read what is sent."""
    if config.tls is None and not ipaddress.ip_address(config.bind).is_loopback:
        context.say(
            f"Warning: Other machines can reach {config.bind}, and without TLS the keys can be read on the way.\n"
            "  Give a certificate with -crtf, or leave --bind out."
        )


def _print_start(context: Context, url: str, public_url: str, *, is_async: bool) -> None:
    for line in start_lines(url, is_async=is_async):
        context.out.write(f"{line}\n")
    if public_url:
        context.out.write(f"Generated ngrok URL: {public_url}\n")


def _report(running: "RunningService") -> None:
    _hand_over(
        {
            "pid": os.getpid(),
            "url": running.url,
            "public_url": running.public_url,
            "is_async": running.config.queue_enabled,
        }
    )


def _hand_over(word: dict[str, Any]) -> None:
    """One line to the process that started this one; after it, standard output leads nowhere."""
    sys.stdout.write(json.dumps(word) + "\n")
    sys.stdout.flush()
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _command(context: Context, vault: AttachedVault) -> list[str]:
    """The global options of this process, and a start that reports."""
    arguments = context.arguments
    given = {
        "--home": arguments.home,
        "--mode": arguments.mode,
        "--vault-endpoint": arguments.vault_endpoint,
        "--vault-server-key": arguments.vault_server_key,
        "--vault-ca": arguments.vault_ca,
        "--master-password-fd": 0 if context.unlocked_with is not None else None,
    }
    options = [word for name, value in given.items() if value is not None for word in (name, str(value))]
    return own_command(*options, "service-start", "--vault", vault.id, "-rm", "foreground", "--report")


def _launch(command: list[str], log: IO[bytes], has_password: bool) -> "subprocess.Popen[bytes]":
    """Out of reach of this terminal's signals; nothing secret is among its words or in its environment."""
    flags: dict[str, Any] = {"start_new_session": True}
    if os.name == "nt":
        flags = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}  # type: ignore[attr-defined,unused-ignore]
    with log:
        try:
            return subprocess.Popen(
                command,
                stdin=subprocess.PIPE if has_password else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                **flags,
            )
        except OSError as error:
            raise SettingsError(f"The service could not be started: {error.strerror}.") from error


def _first_word(process: "subprocess.Popen[bytes]", context: Context, task: Task) -> dict[str, Any]:
    """Hand over the master password through the pipe, and wait for the line that says how the start went."""
    with task.interrupting(process.terminate):
        if process.stdin is not None and context.unlocked_with is not None:
            process.stdin.write(context.unlocked_with.reveal().encode())
            process.stdin.close()
        line = process.stdout.readline() if process.stdout is not None else b""
    try:
        said = json.loads(line)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _open_log(path: Path) -> IO[bytes]:
    """Emptied at each start, and for this user only."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    return os.fdopen(descriptor, "wb")
