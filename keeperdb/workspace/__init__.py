"""One user's settings, connections and vaults on one machine: opens sessions, and says what changed."""

import logging
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from keeperdb.connections.profile import ConnectionProfile, Source
from keeperdb.connections.state import ConnectionState
from keeperdb.connections.store import ConnectionStore
from keeperdb.errors import NotFoundError, StoreError, VaultError
from keeperdb.keychain import Keychain, Secret
from keeperdb.paths import Paths
from keeperdb.settings import SETTINGS, Settings, did_you_mean
from keeperdb.task import Task
from keeperdb.workspace.chosen_keychain import ChosenKeychain, names_of
from keeperdb.workspace.local_connections import LocalConnections, Removal
from keeperdb.workspace.names import find_profile
from keeperdb.workspace.opening import Opener, RetryListener
from keeperdb.workspace.options import DESKTOP, MODES, SETTINGS_FILE, Options

if TYPE_CHECKING:
    from keeperdb.query.session import Session
    from keeperdb.query.spill import MemoryBudget
    from keeperdb.vault.attached import AttachedVault, AttachedVaults
    from keeperdb.vault.channel import Timeouts
    from keeperdb.vault.contents import VaultContents
    from keeperdb.vault.endpoint import VaultEndpoint
    from keeperdb.vault.storage_model import SyncReport
    from keeperdb.workspace.storage import Storage
    from keeperdb.workspace.storage_side import LocalStorageSide

_log = logging.getLogger(__name__)

__all__ = ["MODES", "SETTINGS_FILE", "Change", "Listener", "Options", "Removal", "Workspace"]


class Change(StrEnum):
    """What a listener may want to look at again."""

    CONNECTIONS = "connections"
    VAULTS = "vaults"
    SETTINGS = "settings"
    STATE = "state"
    STORAGE = "storage"


Listener = Callable[[Change], None]


class Workspace:
    """Settings, connections and vaults. Nothing is read or written before `load`.

    `profiles`, `find`, `find_vault` and `last_used` look at memory only and are safe on the UI thread; whatever takes
    a `Task` blocks. `mode` is `desktop` or `gateway`.
    """

    settings: Settings
    keychain: ChosenKeychain
    connections: ConnectionStore
    state: ConnectionState
    vaults: "AttachedVaults"
    storage: "Storage"
    _local: LocalConnections

    def __init__(
        self,
        paths: Paths,
        *,
        mode: str = DESKTOP,
        endpoint: "VaultEndpoint | None" = None,
        keychain: Keychain | None = None,
        vault_timeouts: "Timeouts | None" = None,
    ) -> None:
        """`keychain` is used instead of the one that the settings choose, until another is chosen."""
        self.paths = paths
        self.mode = mode
        self.endpoint = endpoint
        self.is_loaded = False
        self._given_keychain = keychain
        self._vault_timeouts = vault_timeouts
        self._listeners: list[Listener] = []
        self._memory: MemoryBudget | None = None

    def load(self, task: Task) -> None:
        """Read settings, connections and the vaults' last known lists. Raises `StoreError`."""
        from keeperdb.vault.attached import AttachedVaults
        from keeperdb.workspace.storage import Storage

        task.check()
        self.paths.make()
        self.settings = Settings(self.paths.config / SETTINGS_FILE)
        self.keychain = ChosenKeychain(self.settings.text("connections.keychain"), self.paths, self._given_keychain)
        self.connections = ConnectionStore(self.paths.data / "connections.json")
        self.state = ConnectionState(self.paths.data / "state.json")
        self.vaults = AttachedVaults(self.paths.data / "vaults", self.keychain, self.endpoint, self._vault_timeouts)
        self.storage = Storage(self.paths, self.mode, self.vaults, self._make_storage_side, self._on_sync)
        self._local = LocalConnections(self.connections, self.keychain)
        self.storage.load()
        self.connections.reload()
        self.state.reload()
        self.settings.subscribe(self._on_setting)
        self.is_loaded = True
        self._announce(Change.SETTINGS, Change.VAULTS, Change.CONNECTIONS)

    @property
    def warnings(self) -> list[str]:
        """What was found wrong while reading: damaged files that were set aside, values that cannot be used."""
        if not self.is_loaded:
            return []
        return [
            *self.settings.warnings,
            *self.connections.warnings,
            *self.vaults.warnings,
            *self.storage.warnings,
        ]

    def profiles(self, source: Source | None = None) -> list[ConnectionProfile]:
        """All connections, or those of one source, by name."""
        if not self.is_loaded:
            return []
        found = [] if source is Source.VAULT else self.connections.all()
        if source is not Source.LOCAL:
            found = [*found, *self.vaults.profiles()]
        return sorted(found, key=lambda profile: (profile.name.casefold(), profile.full_name, profile.id))

    def find(self, name: str) -> ConnectionProfile:
        """The connection that goes by `name`, `vault/name` or `local/name`. Raises as `find_profile` does."""
        return find_profile(name, self.profiles())

    def find_vault(self, name: str) -> "AttachedVault":
        """The attached vault of that name or id. Raises `NotFoundError` with the nearest name."""
        vaults = self.vaults.all()
        for vault in vaults:
            if name in (vault.id, vault.name):
                return vault
        hint = did_you_mean(name, [vault.name for vault in vaults]) or "`keeperdb vault list` shows all of them."
        raise NotFoundError(f"There is no vault “{name}”.", hint)

    def last_used(self, profile_id: str) -> datetime | None:
        return self.state.last_used(profile_id) if self.is_loaded else None

    def subscribe(self, listener: Listener) -> None:
        """Call `listener(change)` after each change, on the thread that made it."""
        self._listeners.append(listener)

    def open(
        self,
        profile: ConnectionProfile,
        task: Task,
        *,
        password: Secret | None = None,
        on_retry: RetryListener | None = None,
    ) -> "Session":
        """A new session on `profile`, with its password from the vault, the keychain or `password`.

        Raises `ConnectError` (PASSWORD_NEEDED when a password has to be asked for), `VaultError` and `KeychainError`.
        """
        from keeperdb.query.policy import policy_of
        from keeperdb.query.session import Session

        engine, connection = self._opener().connect(profile, task, password, on_retry)
        try:
            task.check()
            session = Session(profile, engine, connection, policy_of(profile, self.settings))
            session.memory = self._memory_for_rows()
            session.prepare(task)
        except BaseException:
            connection.close()
            raise
        self._remember_use(profile)
        return session

    def _memory_for_rows(self) -> "MemoryBudget":
        """One budget for all results, as the settings have it now."""
        from keeperdb.query.spill import MemoryBudget

        if self._memory is None:
            self._memory = MemoryBudget()
        self._memory.limit = self.settings.number("results.memory_budget") << 20
        return self._memory

    def test(self, profile: ConnectionProfile, task: Task, *, password: Secret | None = None) -> str:
        """Open and close `profile`, which need not be saved; return product and version of the server in one line."""
        engine, connection = self._opener().connect(profile, task, password)
        try:
            version = connection.server_version
        finally:
            connection.close()
        return version or engine.name

    def save(self, profile: ConnectionProfile, password: Secret | None, task: Task) -> None:
        """Store a local connection; `password` None leaves the kept one, an empty one forgets it.

        After a crash, or if the keychain refuses, no password is left without an owner. Raises `StoreError`,
        `KeychainError`, and `UnsupportedError` for a vault connection.
        """
        task.check()
        self.storage.touch(profile.id, forgets_password=password is not None and not password)
        self._local.save(profile, password)
        self._announce(Change.CONNECTIONS)

    def duplicate(self, profile: ConnectionProfile, task: Task | None = None) -> ConnectionProfile:
        """Store and return a local copy under a new name; a copy of a vault connection asks for its password."""
        copy = self._local.duplicate(profile)
        self.storage.touch(copy.id)
        self._announce(Change.CONNECTIONS)
        return copy

    def remove(self, profile: ConnectionProfile, task: Task) -> Removal:
        """Forget a local connection and its password; the answer, when called, brings both back."""
        task.check()
        self.storage.touch(profile.id)
        removed, password = self._local.remove(profile)
        self._announce(Change.CONNECTIONS)
        return Removal(self.save, removed, password)

    def attach(
        self, name: str, text: str, task: Task, retry: Callable[[VaultError], bool] | None = None
    ) -> "AttachedVault":
        """Attach a vault by a one-time token or a ready configuration. Raises `VaultError` and `KeychainError`.

        `retry(error)` is asked whether to send again what got no answer.
        """
        vault = self.vaults.attach(name, text, task, retry)
        self._announce(Change.VAULTS, Change.CONNECTIONS)
        return vault

    def refresh(self, vault_id: str | None, task: Task) -> "list[AttachedVault]":
        """Read one vault, or all of them, anew and return their state.

        A vault that cannot be read keeps its last known list and has `error` set; the others are read all the same.
        """
        vault_ids = [vault_id] if vault_id is not None else [vault.id for vault in self.vaults.all()]
        refreshed = []
        try:
            for index, each in enumerate(vault_ids):
                task.report(index, len(vault_ids), "Reading the vaults…")
                refreshed.append(self.vaults.refresh(each, task))
        finally:
            self._announce(Change.VAULTS, Change.CONNECTIONS)
        return refreshed

    def take_contents(self, vault_id: str, contents: "VaultContents") -> None:
        """Take over the connections from what was read of a vault by other means. Raises as `AttachedVaults.take`."""
        self.vaults.take(vault_id, contents)
        self._announce(Change.VAULTS, Change.CONNECTIONS)

    def rename_vault(self, vault_id: str, name: str) -> None:
        self.vaults.rename(vault_id, name)
        self._announce(Change.VAULTS, Change.CONNECTIONS)

    def detach(self, vault_id: str, task: Task) -> None:
        """Forget a vault, its connections and its access on this machine. Nothing changes in Keeper."""
        task.check()
        self.vaults.detach(vault_id)
        self.storage.vault_detached(vault_id)
        self._announce(Change.VAULTS, Change.CONNECTIONS)

    def count_kept(self, task: Task) -> int:
        """How many passwords and accesses to vaults the keychain holds. Raises `KeychainError`."""
        return self.keychain.count(self._secret_names(), task)

    def choose_keychain(
        self, kind: str, task: Task, *, master_password: Secret | None = None, removes: bool = False
    ) -> None:
        """Keep passwords and vault access in another kind of keychain from now on, and move there what is kept.

        `master_password` unlocks, or creates, the encrypted file. With `ask` what the old keychain holds stays in it,
        and is found again when it is chosen again; unless it `removes` that: then it is in memory until the program
        ends. Raises `KeychainError` with nothing changed.
        """
        if kind == self.keychain.kind:
            return
        move = self.keychain.prepare_move(kind, self._secret_names(), task, master_password, removes=removes)
        try:
            self.settings.set("connections.keychain", kind)
        except StoreError:
            move.give_up()
            raise
        move.finish()
        self._announce(Change.CONNECTIONS, Change.VAULTS)

    def _secret_names(self) -> list[str]:
        return names_of(self.profiles(Source.LOCAL), [vault.id for vault in self.vaults.all()])

    def reload(self, task: Task) -> bool:
        """Look for what another window wrote; return whether there was something."""
        task.check()
        connections_changed = self.connections.reload()
        vaults_changed = self.vaults.reload()
        storage_changed = self.storage.reload()
        if connections_changed or vaults_changed:
            self._announce(Change.CONNECTIONS)
        if vaults_changed:
            self._announce(Change.VAULTS)
        if storage_changed:
            self._announce(Change.STORAGE)
        return connections_changed or vaults_changed or storage_changed

    def _opener(self) -> Opener:
        return Opener(self.keychain, self.vaults, float(self.settings.number("connections.connect_timeout")))

    def _remember_use(self, profile: ConnectionProfile) -> None:
        try:
            self.state.touch(profile.id)
        except StoreError as error:  # an open session is worth more than the date beside its name
            _log.warning("%s", error)
        self._announce(Change.STATE)

    def _on_setting(self, name: str) -> None:
        if name == "connections.keychain":
            self.keychain.choose(self.settings.text(name))
        if SETTINGS[name].synced:
            self.storage.touch_setting(name, self.settings.get(name))
        self._announce(Change.SETTINGS)

    def _on_sync(self, report: "SyncReport | None") -> None:
        """Something about the storage is new; with a report, also what it changed here."""
        if report is not None and (report.saved or report.removed):
            self._announce(Change.CONNECTIONS)
        self._announce(Change.STORAGE)

    def _make_storage_side(self) -> "LocalStorageSide":
        from keeperdb.workspace.storage_side import LocalStorageSide

        return LocalStorageSide(self.connections, self.keychain, self.settings, self.paths.config / SETTINGS_FILE)

    def _announce(self, *changes: Change) -> None:
        for change in changes:
            for listener in list(self._listeners):
                listener(change)
