"""The service while it runs: it listens, follows its configuration in the vault, and heeds other processes."""

import logging
import os
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

from keeperdb.errors import KeeperDBError, SettingsError
from keeperdb.service.config import ServiceConfig
from keeperdb.service.local import LocalService
from keeperdb.service.ngrok import Tunnel, open_tunnel
from keeperdb.service.process import Request, ServiceProcess, Where
from keeperdb.service.process_identity import identity_of
from keeperdb.service.record import TITLES, Stored, read_config, record_version
from keeperdb.service.server import Service
from keeperdb.service.urls import EVERY_INTERFACE, base_url
from keeperdb.task import Task
from keeperdb.vault.attached import AttachedVault

_POLL = 0.2  # seconds between two looks at what others ask for
_LOCAL_HOPS = ("127.0.0.1", "::1")

_log = logging.getLogger(__name__)


class RunningService:
    """One service between `start` and `stop`. `serve` does both, and what is between them."""

    def __init__(self, local: LocalService, vault: AttachedVault, stored: Stored, where: Where) -> None:
        self._local = local
        self._vault = vault
        self._stored = stored
        self._where = where
        self._state = local.state(vault.id)
        self._seen: object = None
        self._tunnel: Tunnel | None = None
        self._stack = ExitStack()
        self.config = stored.config
        self.service = Service(stored.config, self._state)
        self.was_asked_to_stop = False

    @property
    def url(self) -> str:
        return base_url(self.config)

    @property
    def public_url(self) -> str:
        """Where everybody reaches it, through the tunnel; empty without one."""
        return self._tunnel.public_url if self._tunnel is not None else ""

    def serve(self, task: Task, started: Callable[["RunningService"], None]) -> None:
        """Start, call `started`, and go on until `task` is cancelled or another process asks to stop.

        Whichever it is, requests under way are answered first. Raises `Cancelled`, and as `start`.
        """
        try:
            self.start(task)
            started(self)
            while self.poll(task):
                task.sleep(_POLL)
        finally:
            self.stop()

    def start(self, task: Task) -> None:
        """Return when it listens, and is reached through the tunnel if there is one.

        Raises `UnsupportedError` if a service of this user runs already, `SettingsError` for an address or a
        certificate that cannot be used, `ConnectError` for the tunnel, and `StoreError`.
        """
        if not self.config.keys:
            raise SettingsError("The service's configuration has no API key.", "Add one with service-config-add.")
        with ExitStack() as stack:
            stack.enter_context(self._local.place.held())
            self.service.start()
            stack.callback(self.service.stop)
            self._open_tunnel(task, stack)
            self._write()
            self._stack = stack.pop_all()
        self._seen = self._state.contents

    def poll(self, task: Task) -> bool:
        """Do what others ask for; false if that is to stop. Nothing is raised that can be tried again."""
        place = self._local.place
        if place.take(Request.STOP):
            self.was_asked_to_stop = True
            return False
        if place.take(Request.RELOAD):
            self._follow(task, self._reread)
        elif self._state.contents is not self._seen:
            self._follow(task, self._take_over)
        return True

    def stop(self) -> None:
        """Let what runs come to its end, then close everything. May be called again."""
        self._stack.close()

    def reload(self, task: Task) -> None:
        """Read the configuration in the vault and take it over. Raises `VaultError`, `SettingsError`."""
        self._reread(task)

    def _open_tunnel(self, task: Task, stack: ExitStack) -> None:
        if self.config.ngrok is None:
            return
        self._tunnel = open_tunnel(self.config.ngrok, self.service.port, task.check, self._agent_address)
        stack.callback(self._tunnel.close)
        self.service.reconfigure(self._effective(self.config))

    def _effective(self, config: ServiceConfig) -> ServiceConfig:
        """Through the tunnel every request comes from this machine: the agent says who really calls."""
        if config.ngrok is None or not self.public_url:
            return config
        ngrok = replace(config.ngrok, public_url=self.public_url)
        hops = (*config.trusted_proxies, *_LOCAL_HOPS, self._agent_address)
        return config.with_(ngrok=ngrok, trusted_proxies=hops)

    @property
    def _agent_address(self) -> str:
        """Where the agent of the tunnel reaches the service, and comes from."""
        return "127.0.0.1" if self.config.bind in EVERY_INTERFACE else self.config.bind

    def _follow(self, task: Task, look: Callable[[Task], None]) -> None:
        try:
            look(task)
        except (KeeperDBError, OSError) as error:
            _log.warning("The service goes on with the configuration it has: %s", error)
            self._seen = self._state.contents

    def _reread(self, task: Task) -> None:
        self._state.refresh(task)
        self._take_over(task)

    def _take_over(self, task: Task) -> None:
        """A record that is gone takes its keys along; one that cannot be read changes nothing."""
        seen = self._state.contents
        record = seen.contents.records.get(self._stored.record_uid)
        if record is None or (record.content is not None and record.title not in TITLES):
            _log.warning("The configuration is gone from the vault: no key is accepted any more.")
            self._use(self.config.with_(keys=()))
        elif record_version(record) != self._stored.version:
            stored = read_config(self._state, record, task)
            if stored is not None:
                self._stored = stored
                self._use(stored.config)
        self._seen = seen

    def _use(self, config: ServiceConfig) -> None:
        """Address, port and whether there is TLS stay as they are until the next start."""
        config = config.with_(port=self.config.port, bind=self.config.bind)
        if (config.tls is None) != (self.config.tls is None):
            config = config.with_(tls=self.config.tls)
        self.service.reconfigure(self._effective(config))
        self.config = config
        self._write()

    def _write(self) -> None:
        tunnel = self._tunnel
        process = ServiceProcess(
            os.getpid(),
            identity_of(os.getpid()),
            self.url,
            self._vault.name,
            self._where.value,
            _terminal() if self._where is Where.FOREGROUND else "",
            self.config.queue_enabled,
            tunnel.pid if tunnel else 0,
            tunnel.began if tunnel else "",
            self.public_url,
        )
        self._local.place.write(process)


def _terminal() -> str:
    """The path of the terminal that the process was started in, or nothing."""
    try:
        return os.ttyname(sys.stdin.fileno())
    except (OSError, ValueError, AttributeError):
        return ""
