"""The service as part of the window: started, stopped and told of changes; it ends with the program."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from keeperdb.errors import Cancelled, KeeperDBError, NotFoundError
from keeperdb.gui.notices import show_notice
from keeperdb.task import Task

if TYPE_CHECKING:
    from keeperdb.gui.app import Application
    from keeperdb.service.config import ServiceConfig
    from keeperdb.service.local import LocalService
    from keeperdb.service.process import Status
    from keeperdb.service.record import Stored
    from keeperdb.service.request_log import RequestEntry
    from keeperdb.service.running import RunningService
    from keeperdb.vault.attached import AttachedVault

T = TypeVar("T")
_JOIN_SECONDS = 12.0  # the service lets what runs come to its end for 10 s

_log = logging.getLogger(__name__)


class ServiceState(StrEnum):
    """How the service of this window stands."""

    STOPPED = "Stopped"
    STARTING = "Starting…"
    RUNNING = "Running"
    STOPPING = "Stopping…"


@dataclass(frozen=True, slots=True)
class ServiceLook:
    """What the page shows of a vault: the configuration in it, where a new one can go, and who runs the service."""

    stored: "Stored | None"
    folders: tuple[str, ...]
    status: "Status"


class ServiceControl(QObject):
    """Runs the service on a thread of its own. `changed` follows each change of `state`, `failed` what went wrong."""

    changed = Signal()
    failed = Signal(object)
    _moved = Signal(object, object)  # from the service's thread: the state, and the error that it ended with

    def __init__(self, app: "Application") -> None:
        super().__init__(app)
        self._app = app
        self._local: LocalService | None = None
        self._running: RunningService | None = None
        self._task = Task()
        self._thread: threading.Thread | None = None
        self._told_at: QWidget | None = None  # where a start from elsewhere than the page tells what is in its way
        self._next: Callable[[], None] | None = None  # what is to follow when it has stopped
        self._bound_to: object = None
        self.state = ServiceState.STOPPED
        self._moved.connect(self._move)

    @property
    def url(self) -> str:
        """Where this machine reaches the service that runs here; empty while none does."""
        return self._running.url if self._running is not None and self.state is ServiceState.RUNNING else ""

    @property
    def public_url(self) -> str:
        return self._running.public_url if self._running is not None else ""

    def is_outdated(self, config: "ServiceConfig") -> bool:
        """Whether the service that runs here would have to start anew to listen as `config` says."""
        return self.state is ServiceState.RUNNING and self._bound_to != _binding(config)

    def recent(self) -> "list[RequestEntry]":
        """The last requests to the service that runs here or ran last, oldest first."""
        return self._running.service.recent() if self._running is not None else []

    def find_last_vault(self, owner: QObject, done: Callable[[str], object]) -> None:
        """The id of the vault that the service used last, empty if there was none."""
        self._app.runner.start(lambda _: self._service().last_vault_id, owner=owner, done=done)

    def look(
        self,
        window: QWidget,
        vault: "AttachedVault",
        done: Callable[[ServiceLook], object],
        failed: Callable[[KeeperDBError], object],
    ) -> None:
        """Read what the vault has, and who runs the service."""
        from keeperdb.service.record import writable_folders

        def look(task: Task) -> ServiceLook:
            local = self._service()
            stored = local.load(vault.id, task)
            folders = writable_folders(local.state(vault.id).contents.contents)
            return ServiceLook(stored, folders, local.place.look())

        self._app.gate.start(window, look, done=done, failed=failed)

    def save(
        self,
        window: QWidget,
        vault: "AttachedVault",
        config: "ServiceConfig",
        basis: "Stored | None",
        folder: str,
        done: Callable[["Stored"], object],
        failed: Callable[[KeeperDBError], object],
    ) -> None:
        """Write the configuration, a change of `basis`, into the vault; a service that runs takes it over.

        The certificate is tried out before.
        """
        from keeperdb.service.tls import server_context

        def save(task: Task) -> "Stored":
            if config.tls is not None:
                server_context(config.tls)
            return self._service().save(vault.id, config, task, folder, basis)

        self._app.gate.start(window, save, done=done, failed=failed)

    def start(self, window: QWidget | None, vault: "AttachedVault") -> None:
        """Start the service with the configuration in the vault."""
        if self.state is ServiceState.STOPPED:
            self._set(ServiceState.STARTING)
            self._app.gate.start(
                window,
                lambda task: self._prepare(vault, task),
                done=self._begin,
                failed=lambda error: self._move(ServiceState.STOPPED, error),
            )

    def stop(self) -> None:
        """Stop it when the requests under way are answered; returns at once."""
        if self.state in (ServiceState.STARTING, ServiceState.RUNNING) and self._thread is not None:
            self._set(ServiceState.STOPPING)
            self._app.runner.start(lambda _: self._task.cancel(), owner=self)

    def restart(self, window: QWidget | None, vault: "AttachedVault") -> None:
        """Stop it, and start it with the configuration in the vault: for another address, port or kind of TLS."""
        if self.state is ServiceState.RUNNING:
            self._next = lambda: self.start(window, vault)
            self.stop()

    def stop_other(self, window: QWidget, done: Callable[[], object]) -> None:
        """Ask the service of another process to stop, and wait for that."""
        from keeperdb.service.process import Request

        def stop(_: Task) -> bool:
            place = self._service().place
            place.ask(Request.STOP)
            return place.wait_until_stopped(_JOIN_SECONDS)

        self._app.runner.start(stop, owner=window, done=lambda _: done())

    def shut_down(self) -> None:
        """Stop it, and wait until it has."""
        self._next = None
        self._task.cancel()
        if self._thread is not None:
            self._thread.join(_JOIN_SECONDS)

    def start_by_itself(self, window: QWidget) -> None:
        """Start it without anybody asking, if the settings say so; what is in the way is told at `window`.

        A locked keychain is asked for there, unless the vaults are being read, which asks already.
        """
        workspace, refresh = self._app.workspace, self._app.refresh
        if not workspace.settings.is_on("service.start_with_window") or not workspace.vaults.all():
            return
        if refresh.is_running:
            refresh.idle.connect(lambda: self.start_last(window), Qt.ConnectionType.SingleShotConnection)
        else:
            self.start_last(window)

    def start_last(self, window: QWidget) -> None:
        """Start it with the vault that was used last; what is in the way is told at `window`."""
        if self.state is not ServiceState.STOPPED:
            return
        self._told_at = window
        self._app.runner.start(
            lambda _: self._service().vault(),
            owner=self,
            done=lambda vault: self.start(window, vault),
            failed=lambda error: self._move(ServiceState.STOPPED, error),
        )

    def _service(self) -> "LocalService":
        """Off the UI thread."""
        from keeperdb.service.local import LocalService

        if self._local is None:
            self._local = LocalService(self._app.workspace)
        return self._local

    def _prepare(self, vault: "AttachedVault", task: Task) -> "RunningService":
        """Off the UI thread: what serves HTTP takes a while to import. Raises `NotFoundError`."""
        from keeperdb.service.process import Where
        from keeperdb.service.running import RunningService

        local = self._service()
        stored = local.load(vault.id, task)
        if stored is None:
            raise NotFoundError(f"{vault.name} has no configuration of the service.", "Create a key first.")
        return RunningService(local, vault, stored, Where.WINDOW)

    def _begin(self, running: "RunningService") -> None:
        self._running = running
        self._bound_to = _binding(running.config)
        self._task = Task()
        self._thread = threading.Thread(
            target=self._serve, args=(running, self._task), name="service-window", daemon=True
        )
        self._thread.start()

    def _serve(self, running: "RunningService", task: Task) -> None:
        error: KeeperDBError | None = None
        try:
            running.serve(task, lambda _: self._moved.emit(ServiceState.RUNNING, None))
        except Cancelled:
            pass
        except KeeperDBError as caught:
            error = caught
        except Exception as fault:  # noqa: BLE001 - it has a thread of its own, so nobody else says it
            _log.error("The service ended", exc_info=fault)
            error = KeeperDBError("The service ended because of a fault of KeeperDB.", "The log has the details.")
        self._moved.emit(ServiceState.STOPPED, error)

    def _move(self, state: ServiceState, error: KeeperDBError | None) -> None:
        self._set(state)
        window, self._told_at = self._told_at, None
        follows, self._next = self._next, None
        if follows is not None and state is ServiceState.STOPPED and error is None:
            follows()
        if error is not None:
            self.failed.emit(error)
            if window is not None:
                show_notice(window, f"The service did not start. {error}", "warning", seconds=0)

    def _set(self, state: ServiceState) -> None:
        self.state = state
        self.changed.emit()


def _binding(config: "ServiceConfig") -> object:
    """What the service keeps from its start to its end."""
    return config.bind, config.port, config.tls is not None, config.ngrok
