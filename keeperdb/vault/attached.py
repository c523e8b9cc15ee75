"""The vaults that are attached on this machine: attach, refresh, rename, detach, and the credential of the moment."""

import hashlib
import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from keeperdb.connections.profile import ConnectionProfile, Credential
from keeperdb.errors import (
    ConnectError,
    ConnectReason,
    KeychainError,
    NotFoundError,
    VaultError,
    VaultReason,
)
from keeperdb.keychain import Keychain, Secret
from keeperdb.task import Task
from keeperdb.vault.cache import KnownVault, VaultCache
from keeperdb.vault.contents import VaultContents
from keeperdb.vault.credentials import read_credential
from keeperdb.vault.endpoint import VaultEndpoint
from keeperdb.vault.names import check_is_free, checked_name, unique_name
from keeperdb.vault.refreshing import after_failure, after_reading
from keeperdb.vault.token import parse_access

if TYPE_CHECKING:  # the SDK takes 100 ms to import, and is imported when a vault is first spoken to
    from keeperdb.vault.channel import Timeouts
    from keeperdb.vault.client import VaultClient
    from keeperdb.vault.writing import WritingClient

_log = logging.getLogger(__name__)

_DEFAULT_NAME = "My vault"
_FINAL = (VaultReason.BAD_TOKEN, VaultReason.TOKEN_REFUSED)  # asking again with the same key pair is of no use


@dataclass(frozen=True, slots=True)
class AttachedVault:
    """What a person sees of an attached vault.

    `endpoint` is its server. `is_stale`: the last reading failed (`error`, `error_hint`), and its connections are
    those of `refreshed_at`, in UTC. `unusable_count` of the `connection_count` are listed with a problem.
    """

    id: str
    name: str
    endpoint: str
    has_custom_key: bool
    connection_count: int
    unusable_count: int
    refreshed_at: datetime | None
    is_stale: bool
    error: str
    error_hint: str
    warnings: tuple[str, ...]


class _Pending:
    """An attachment that was begun. Only its client has the key pair that the server may already know."""

    def __init__(self, client: "VaultClient") -> None:
        self.vault_id = uuid.uuid4().hex
        self.client = client
        self.is_configuration = client.is_bound  # bound elsewhere before: no token is spent
        self.lock = threading.Lock()


class AttachedVaults:
    """All vaults of one user on one machine.

    `all` and `profiles` look at memory only and may be called from any thread; everything else blocks. The access to
    each vault is in `keychain` as `vault/<id>`; `folder` holds the last known lists, without secrets.
    """

    def __init__(
        self, folder: Path, keychain: Keychain, endpoint: VaultEndpoint | None, timeouts: "Timeouts | None" = None
    ) -> None:
        """Reads `folder`. `endpoint` is where a bare token is sent. Raises `StoreError`."""
        self._cache = VaultCache(folder)
        self._keychain = keychain
        self._endpoint = endpoint
        self._timeouts = timeouts
        self._lock = threading.Lock()
        self._pending: dict[bytes, _Pending] = {}
        self._known: tuple[KnownVault, ...] = ()
        self._stamp: object = None
        self.reload()

    @property
    def warnings(self) -> list[str]:
        """What was found wrong while reading `folder`."""
        return list(self._cache.warnings)

    def all(self) -> list[AttachedVault]:
        """The vaults in the order in which they were attached. Memory only."""
        return [_shown(known) for known in self._known]

    def profiles(self) -> list[ConnectionProfile]:
        """The last known connections of all vaults. Memory only."""
        return [profile for known in self._known for profile in known.profiles]

    def reload(self) -> bool:
        """Read what another process may have changed; return whether it did. Raises `StoreError`."""
        stamp = self._cache.stamp()
        with self._lock:
            if stamp == self._stamp:
                return False
            before, self._known = self._known, tuple(self._cache.read())
            self._stamp = stamp
            return before != self._known

    def attach(
        self, name: str, access_text: str, task: Task, retry: Callable[[VaultError], bool] | None = None
    ) -> AttachedVault:
        """Bind this machine to a vault by what was pasted, keep the access in the keychain, then read the vault.

        Raises `VaultError` and `KeychainError` while the vault is not attached. Calling again with the same text
        goes on with the same key pair, which is the only way if an answer was lost; `retry`, when given, is asked
        after such a failure whether to do so at once. A vault that is attached but cannot be read, or has nothing
        to read, is returned with `error` or `warnings`.
        """
        name = checked_name(name.strip() or _DEFAULT_NAME)
        digest = hashlib.sha256(access_text.strip().encode(errors="surrogatepass")).digest()
        pending = self._begin(digest, access_text)
        with _alone(pending.lock), closing(pending.client) as client:
            self._keychain.get(_key(pending.vault_id))  # a locked keychain shows before the token is spent
            self._bind(digest, client, task, retry)
            contents = client.read(task) if pending.is_configuration else None  # nothing is kept of one that fails
            known = self._keep(pending, name)
            self._pending.pop(digest, None)
            return self._read(known, client, task) if contents is None else self._take(known.id, contents)

    def refresh(self, vault_id: str, task: Task) -> AttachedVault:
        """Read the vault anew. If that fails, the last known list stays and the state says why.

        Raises `NotFoundError` if it is not attached, and `StoreError`.
        """
        known = self._get(vault_id)
        try:
            with self._client(known) as client:
                return self._read(known, client, task)
        except (VaultError, KeychainError) as error:
            return self._fail(vault_id, error)

    def take(self, vault_id: str, contents: VaultContents) -> AttachedVault:
        """Take over what was read of a vault by other means. Raises `NotFoundError`, `StoreError`."""
        return self._take(vault_id, contents)

    def rename(self, vault_id: str, name: str) -> None:
        """Raises `SettingsError` if another vault has that name, or it cannot be one."""
        name = checked_name(name)

        def change(others: dict[str, KnownVault]) -> KnownVault:
            check_is_free(name, [other.name for other in others.values() if other.id != vault_id])
            return _found(others, vault_id).renamed(name)

        self._cache.change(change)
        self.reload()

    def detach(self, vault_id: str) -> None:
        """Forget the access and the list. Raises `KeychainError`, and then the vault stays attached."""
        self._keychain.delete(_key(vault_id))
        self._cache.remove(vault_id)
        self.reload()

    def credential(self, profile: ConnectionProfile, task: Task, timeouts: "Timeouts | None" = None) -> Credential:
        """Login and password as they are in the vault now; nothing of it is kept. `timeouts` replaces the usual ones.

        Reads the record and the one it links to, not the vault. Raises `VaultError`, `KeychainError`, and
        `ConnectError` (CREDENTIAL) if the linked record is not shared with the application.
        """
        origin = profile.vault
        if origin is None:
            raise ConnectError(ConnectReason.PROFILE, f"“{profile.name}” does not come from a vault.")
        known = self._get(origin.vault_id)
        task.report(text=f"Reading the credential of {profile.name} from {known.name}…")
        with self._client(known, timeouts) as client:
            return read_credential(client, profile, origin, task)

    def _begin(self, digest: bytes, access_text: str) -> _Pending:
        with self._lock:
            pending = self._pending.get(digest)
            if pending is None:
                access = parse_access(access_text)
                from keeperdb.vault.client import VaultClient

                client = VaultClient.begin(access, self._endpoint, self._timeouts)
                pending = self._pending[digest] = _Pending(client)
            return pending

    def _bind(
        self, digest: bytes, client: "VaultClient", task: Task, retry: Callable[[VaultError], bool] | None
    ) -> None:
        while True:
            task.report(text=f"Connecting to {client.server.host}…")
            try:
                client.bind(task)
            except VaultError as error:
                if error.reason in _FINAL:
                    self._pending.pop(digest, None)
                    raise
                if retry is None or not retry(error):
                    raise
            else:
                return

    def _keep(self, pending: _Pending, name: str) -> KnownVault:
        """First the access, which cannot be had again, then the vault's place in the list."""
        self._keychain.set(_key(pending.vault_id), pending.client.stored_form())
        server = pending.client.server

        def change(others: dict[str, KnownVault]) -> KnownVault:
            unique = unique_name(name, [other.name for other in others.values()])
            known = KnownVault(pending.vault_id, unique, server.host, bool(server.server_key), datetime.now(UTC))
            return replace(known, error="The vault has not been read yet.", error_hint="Refresh it.")

        known = self._cache.change(change)
        self.reload()
        return known

    def _read(self, known: KnownVault, client: "VaultClient", task: Task) -> AttachedVault:
        task.report(text=f"Reading {known.name}…")
        try:
            contents = client.read(task)
        except VaultError as error:
            return self._fail(known.id, error)
        return self._take(known.id, contents)

    def _fail(self, vault_id: str, error: VaultError | KeychainError) -> AttachedVault:
        _log.warning("Vault %s could not be read (%s): %s", vault_id, error.reason, error)
        return self._change(vault_id, partial(after_failure, error=error))

    def _take(self, vault_id: str, contents: VaultContents) -> AttachedVault:
        return self._change(vault_id, partial(after_reading, contents=contents, now=datetime.now(UTC)))

    @contextmanager
    def writer(self, vault_id: str) -> "Iterator[WritingClient]":
        """A client of the vault that may write, closed at the end. Raises as `credential`, and `NotFoundError`."""
        from keeperdb.vault.writing import WritingClient

        stored = self._access(self._get(vault_id))
        with closing(WritingClient.from_stored_form(stored, self._timeouts)) as client:
            yield client

    @contextmanager
    def _client(self, known: KnownVault, timeouts: "Timeouts | None" = None) -> Iterator["VaultClient"]:
        from keeperdb.vault.client import VaultClient

        with closing(VaultClient.from_stored_form(self._access(known), timeouts or self._timeouts)) as client:
            yield client

    def _access(self, known: KnownVault) -> Secret:
        stored = self._keychain.get(_key(known.id))
        if stored is None:
            raise VaultError(
                VaultReason.ACCESS_DENIED,
                f"The access to {known.name} is not kept on this machine ({self._keychain.label}).",
                "Detach the vault and attach it with a new token.",
            )
        return stored

    def _change(self, vault_id: str, change: Callable[[KnownVault], KnownVault]) -> AttachedVault:
        known = self._cache.change(lambda others: change(_found(others, vault_id)))
        self.reload()
        return _shown(known)

    def _get(self, vault_id: str) -> KnownVault:
        return _found({known.id: known for known in self._known}, vault_id)


@contextmanager
def _alone(lock: threading.Lock) -> Iterator[None]:
    if not lock.acquire(blocking=False):
        raise VaultError(VaultReason.OTHER, "A vault is being attached with this token already.", "Wait for it to end.")
    try:
        yield
    finally:
        lock.release()


def _shown(known: KnownVault) -> AttachedVault:
    return AttachedVault(
        known.id,
        known.name,
        known.endpoint,
        known.has_custom_key,
        len(known.profiles),
        sum(not profile.is_usable for profile in known.profiles),
        known.refreshed_at,
        bool(known.error),
        known.error,
        known.error_hint,
        known.warnings,
    )


def _found(others: dict[str, KnownVault], vault_id: str) -> KnownVault:
    if vault_id not in others:
        raise NotFoundError("The vault is no longer attached.", "Attach it again.")
    return others[vault_id]


def _key(vault_id: str) -> str:
    return f"vault/{vault_id}"
