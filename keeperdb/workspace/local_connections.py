"""Local connections together with their passwords: two stores that a crash must not tear apart."""

from collections.abc import Callable
from uuid import uuid4

from keeperdb.connections.profile import ConnectionProfile, PasswordMode, Source
from keeperdb.connections.store import ConnectionStore
from keeperdb.engines.registry import get_engine
from keeperdb.errors import KeeperDBError, KeychainError, KeychainReason, UnsupportedError
from keeperdb.keychain import Secret
from keeperdb.task import Task
from keeperdb.workspace.chosen_keychain import ChosenKeychain


class Removal:
    """A connection that was removed: calling it brings connection and password back.

    The password is held in memory until then, or until `forget`.
    """

    def __init__(
        self,
        save: Callable[[ConnectionProfile, Secret | None, Task], None],
        profile: ConnectionProfile,
        password: Secret | None,
    ) -> None:
        self.profile = profile
        self._save = save
        self._password = password

    def __call__(self, task: Task | None = None) -> None:
        """Undo the removal; blocking. Raises what `save` raises."""
        self._save(self.profile, self._password, task or Task())
        self.forget()

    def forget(self) -> None:
        """Let go of the password; undoing from now on brings back the connection alone."""
        self._password = None


class LocalConnections:
    """Saves, copies and removes local connections. Every method blocks.

    All raise `StoreError`, `KeychainError`, and `UnsupportedError` for a vault connection.
    """

    def __init__(self, store: ConnectionStore, keychain: ChosenKeychain) -> None:
        self._store = store
        self._keychain = keychain

    def save(self, profile: ConnectionProfile, password: Secret | None) -> None:
        """Store a connection; `password` None leaves the kept one, an empty one forgets it.

        The connection is written before the password, so that a crash in between leaves a connection that asks for
        its password, never a password without an owner. If the keychain refuses, the connection is put back as it
        was.
        """
        _refuse_vault(profile, "changed")
        previous = self._store.find(profile.id)
        self._store.save(profile)
        try:
            self._store_password(profile, previous, password)
        except KeychainError:
            if previous is None:
                self._store.remove(profile.id)
            else:
                self._store.save(previous)
            raise

    def duplicate(self, profile: ConnectionProfile) -> ConnectionProfile:
        """Store and return a local copy under a new name, with the password that is kept for the original.

        A copy of a vault connection asks for its password: what comes from a vault is not kept on this machine.
        """
        copy = profile.with_(id=uuid4().hex, name=self._copy_name(profile.name), source=Source.LOCAL, vault=None)
        if profile.source is Source.VAULT:
            copy = copy.with_(password_mode=PasswordMode.ASK, problem="", problem_hint="")
        self.save(copy, self._kept_password(profile))
        return copy

    def remove(self, profile: ConnectionProfile) -> tuple[ConnectionProfile, Secret | None]:
        """Forget a connection and its password; return both.

        The password goes first, so that none is left behind without an owner.
        """
        _refuse_vault(profile, "removed")
        password = self._kept_password(profile)
        if password is not None:
            self._keychain.forget_password(profile.id)
        try:
            return self._store.remove(profile.id), password
        except KeeperDBError:
            if password is not None:
                self._keychain.set_password(profile.id, password)
            raise

    def _store_password(
        self, profile: ConnectionProfile, previous: ConnectionProfile | None, password: Secret | None
    ) -> None:
        keeps = profile.password_mode is PasswordMode.KEYCHAIN
        kept = previous is not None and previous.password_mode is PasswordMode.KEYCHAIN
        if keeps and password:
            self._keychain.set_password(profile.id, password)
        elif kept and (password is not None or not keeps):
            self._forget(profile)

    def _kept_password(self, profile: ConnectionProfile) -> Secret | None:
        if profile.source is Source.VAULT or profile.password_mode is not PasswordMode.KEYCHAIN:
            return None
        try:
            return self._keychain.password(profile.id)
        except KeychainError as error:
            if error.reason is KeychainReason.MISSING:  # then nothing can be kept in it
                return None
            if error.reason is KeychainReason.LOCKED and not _has_users(profile):
                return None  # a file has no password, and unlocking for it would be in vain
            raise

    def _forget(self, profile: ConnectionProfile) -> None:
        try:
            self._keychain.forget_password(profile.id)
        except KeychainError as error:
            if error.reason is not KeychainReason.MISSING:
                raise

    def _copy_name(self, name: str) -> str:
        taken = {profile.name for profile in self._store.all()}
        candidates = (f"{name} copy" if number == 1 else f"{name} copy {number}" for number in range(1, len(taken) + 3))
        return next(candidate for candidate in candidates if candidate not in taken)


def _has_users(profile: ConnectionProfile) -> bool:
    try:
        return get_engine(profile.engine).capabilities.has_users
    except KeeperDBError:  # an engine that only another version knows
        return True


def _refuse_vault(profile: ConnectionProfile, what: str) -> None:
    if profile.vault is not None:
        raise UnsupportedError(
            f"“{profile.full_name}” comes from a vault and cannot be {what} here.",
            f"Change its record in Keeper, then refresh {profile.vault.vault_name}.",
        )
