"""A tunnel by the ngrok agent that the user has installed, asked through its own local interface.

The agent's interface is at http://127.0.0.1:4040/api unless its configuration says otherwise; the agent writes where
(https://ngrok.com/docs/agent/api). The token goes to the agent in its environment, never on its command line.
"""

import contextlib
import http.client
import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from keeperdb.errors import ConnectError, ConnectReason, UnsupportedError
from keeperdb.keychain.secret import REDACTED, Secret
from keeperdb.service.config import Ngrok
from keeperdb.service.process_identity import identity_of

_AGENT = "ngrok"
_START_SECONDS = 20.0
_STOP_SECONDS = 5.0
_POLL = 0.1  # seconds
_TIMEOUT = 5.0  # seconds for one question to the agent
_LONGEST = 1_000_000  # characters of an answer or a line


class Tunnel:
    """One agent that forwards a public address to a port of this machine. `close` it."""

    def __init__(self, process: "subprocess.Popen[str]", token: Secret) -> None:
        self._process = process
        self._words = _Words(process, token)
        self.pid = process.pid
        self.began = identity_of(process.pid)
        self.public_url = ""

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def find_url(self, port: int, check: Callable[[], None]) -> None:
        """Wait until the agent says which public address leads to `port`. Raises `ConnectError`."""
        deadline = time.monotonic() + _START_SECONDS
        while not self.public_url:
            check()
            if not self.is_running:
                raise _failed(f"The ngrok agent ended with code {self._process.returncode}.", self._words.error)
            if time.monotonic() > deadline:
                raise _failed("The ngrok agent named no public address in time.", self._words.error)
            if self._words.interface:
                self.public_url = _url_to(port, self._words.interface)
            time.sleep(_POLL)

    def close(self) -> None:
        """End the agent; the public address leads nowhere then."""
        if self.is_running:
            self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._words.join()


def open_tunnel(
    ngrok: Ngrok, port: int, check: Callable[[], None] = lambda: None, address: str = "127.0.0.1"
) -> Tunnel:
    """Start the agent and wait for the public address that leads to `port` at `address`, one of this machine's.

    `check` is called meanwhile and may raise.

    Raises `UnsupportedError` where the agent is not installed, and `ConnectError`.
    """
    tunnel = Tunnel(_start(ngrok, port, address), ngrok.token)
    try:
        tunnel.find_url(port, check)
    except BaseException:
        tunnel.close()
        raise
    return tunnel


def url_of(domain: str) -> str:
    """The public address that `domain` asks for: a bare name is one of ngrok's own."""
    if not domain:
        return ""
    return f"https://{domain}" if "." in domain else f"https://{domain}.ngrok.io"


class _Words:
    """What the agent writes: JSON lines, of which two things count."""

    def __init__(self, process: "subprocess.Popen[str]", token: Secret) -> None:
        self._token = token
        self.interface = ""  # HOST:PORT of its local interface
        self.error = ""
        self._lines: IO[str] | None = process.stdout
        self._thread = threading.Thread(target=self._read, name="ngrok", daemon=True)
        self._thread.start()

    def join(self) -> None:
        self._thread.join(_STOP_SECONDS)

    def _read(self) -> None:
        for entry in _entries(self._lines):
            if entry.get("msg") == "starting web service" and isinstance(entry.get("addr"), str):
                self.interface = entry["addr"]
            elif entry.get("lvl") in ("eror", "crit") and isinstance(entry.get("err"), str):
                self.error = entry["err"].replace(self._token.reveal(), REDACTED)  # some messages repeat it
        if self._lines is not None:
            self._lines.close()


def _entries(lines: IO[str] | None) -> Iterator[dict[str, Any]]:
    for line in lines or ():
        with contextlib.suppress(ValueError, RecursionError):
            entry = json.loads(line[:_LONGEST])
            if isinstance(entry, dict):
                yield entry


def _start(ngrok: Ngrok, port: int, address: str) -> "subprocess.Popen[str]":
    agent = shutil.which(_AGENT)
    if agent is None:
        raise UnsupportedError(
            "The ngrok agent is not installed.", "Install it from https://ngrok.com/download, or leave ngrok off."
        )
    host = f"[{address}]" if ":" in address else address
    command = [agent, "http", f"http://{host}:{port}", "--log", "stdout", "--log-format", "json"]
    url = url_of(ngrok.domain)
    try:
        return subprocess.Popen(
            [*command, "--url", url] if url else command,
            env=os.environ | {"NGROK_AUTHTOKEN": ngrok.token.reveal()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,  # Ctrl+C in the terminal is for the service, which ends the agent in order
        )
    except OSError as error:
        raise _failed(f"{Path(agent).name} could not be started: {error.strerror}.", "") from error


def _url_to(port: int, interface: str) -> str:
    """The public address of the tunnel to `port`, or nothing as long as there is none."""
    for tunnel in _ask(interface, "/api/tunnels").get("tunnels") or ():
        config = tunnel.get("config") if isinstance(tunnel, dict) else None
        address = config.get("addr") if isinstance(config, dict) else None
        url = tunnel.get("public_url") if isinstance(tunnel, dict) else None
        if isinstance(address, str) and isinstance(url, str) and address.rpartition(":")[2] == str(port):
            return url if url.startswith("https://") and url.isprintable() else ""
    return ""


def _ask(interface: str, path: str) -> dict[str, Any]:
    host, _, port = interface.rpartition(":")
    if not port.isdecimal():
        return {}
    with contextlib.closing(http.client.HTTPConnection(host.strip("[]"), int(port), timeout=_TIMEOUT)) as connection:
        try:
            connection.request("GET", path, headers={"Accept": "application/json"})
            found = json.loads(connection.getresponse().read(_LONGEST))
        except (OSError, http.client.HTTPException, ValueError, RecursionError):
            return {}  # not ready yet
    return found if isinstance(found, dict) else {}


def _failed(message: str, said: str) -> ConnectError:
    """`said` by the agent is shown as far as it is plain text."""
    line = "".join(each if each.isprintable() else " " for each in said)[:300].strip()
    return ConnectError(
        ConnectReason.OTHER, f"{message} {line}".strip(), "Check the token and the domain, or leave ngrok off."
    )
