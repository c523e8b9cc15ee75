"""A private database server: its folder, its account on this machine, its process."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from keeperdb.demo.temporary import make_temporary_folder, remove_temporary_folder

HOST = "127.0.0.1"
_START_SECONDS = 60.0
_STOP_SECONDS = 15.0
_SETUP_SECONDS = 120.0
_POLL_SECONDS = 0.05
_PRODUCT_VARIABLES = ("PG", "MYSQL", "MARIADB")
_OUTPUT_SHOWN = 300  # characters of a failed program's last words
# Runs the server until it ends, or until standard input does: that is when we stop it, or have been killed.
_GUARDIAN = """
signal=$1 folder=$2; shift 2
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
{
  cat <&3 >/dev/null
  kill -s "$signal" $server
  while kill -s 0 $server; do sleep 0.1; done
  cd / && rm -rf "$folder"
} 2>/dev/null &
wait $server
"""


class ServerError(Exception):
    """A private server could not be started; the text says why, in a sentence without its subject."""


class ServerProcess:
    """Runs programs of one database product in a temporary folder, as `account` where this process is root's.

    The servers refuse to run as root; an account of their own comes with their packages.
    """

    def __init__(self, product: str, account: str) -> None:
        """Raises `ServerError` if this is root and the account does not exist."""
        self._account = account if os.geteuid() == 0 else None
        self.folder = make_temporary_folder(product)
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._log = self.folder / "log"
        try:
            if self._account is not None:
                shutil.chown(self.folder, self._account, self._account)
        except (LookupError, OSError) as error:
            remove_temporary_folder(self.folder)
            raise ServerError(f"needs the account {account}, which this machine lacks") from error

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def run(self, command: Sequence[str | Path], script: str = "", environment: dict[str, str] | None = None) -> None:
        """Run a program to its end with `script` as its input. Raises `ServerError` if it fails.

        What the program says is part of the error only where it was given no script: that may hold passwords.
        """
        try:
            done = subprocess.run(
                command,
                input=script.encode(),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=_environment() | (environment or {}),
                cwd=self.folder,
                user=self._account,
                group=self._account,
                extra_groups=[] if self._account else None,
                timeout=_SETUP_SECONDS,
                check=False,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise ServerError(f"cannot be set up: {error}") from error
        if done.returncode != 0:
            said = f": {done.stdout.decode('utf-8', 'replace').strip()[-_OUTPUT_SHOWN:]}" if not script else ""
            raise ServerError(f"cannot be set up, {Path(command[0]).name} failed with code {done.returncode}{said}")

    def start(
        self, command: Sequence[str | Path], is_up: Callable[[], bool], *, stop_signal: signal.Signals = signal.SIGTERM
    ) -> None:
        """Start the server and wait until `is_up`. `stop_signal` will end it. Raises `ServerError`."""
        self._process = self._guarded(command, stop_signal)
        deadline = time.monotonic() + _START_SECONDS
        while not is_up():
            if not self.is_running or time.monotonic() > deadline:
                raise ServerError(f"does not start: {self._last_words()}")
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """End the process, if it runs, and remove the folder."""
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            process.stdin.close()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        remove_temporary_folder(self.folder)

    def _guarded(self, command: Sequence[str | Path], stop_signal: signal.Signals) -> subprocess.Popen[bytes]:
        guardian: list[str | Path] = [
            "/bin/sh",
            "-c",
            _GUARDIAN,
            "guardian",
            stop_signal.name.removeprefix("SIG"),
            self.folder,
        ]
        with self._log.open("wb") as log:
            try:
                return subprocess.Popen(
                    [*guardian, *command],
                    env=_environment(),
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    cwd=self.folder,
                    user=self._account,
                    group=self._account,
                    extra_groups=[] if self._account else None,
                    start_new_session=True,  # Ctrl+C in the terminal is for us, who stop it in order
                )
            except (OSError, subprocess.SubprocessError) as error:
                raise ServerError(f"cannot be started: {error}") from error

    def _last_words(self) -> str:
        return self._log.read_text("utf-8", "replace").strip()[-_OUTPUT_SHOWN:]


def _environment() -> dict[str, str]:
    """This process's, without what the products' programs would take from it."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_PRODUCT_VARIABLES)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
