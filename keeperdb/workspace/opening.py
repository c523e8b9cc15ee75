"""From a connection and its credential to an open connection: the password's source, and the one visible retry."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from keeperdb.connections.profile import ConnectionProfile, Credential, PasswordMode
from keeperdb.engines.base import DriverConnection, Engine
from keeperdb.engines.registry import get_engine
from keeperdb.errors import ConnectError, ConnectReason, KeychainError, KeychainReason
from keeperdb.keychain import Secret
from keeperdb.task import Task, TimedTask
from keeperdb.workspace.chosen_keychain import ChosenKeychain

if TYPE_CHECKING:
    from keeperdb.vault.attached import AttachedVaults

RetryListener = Callable[[str], None]


class Opener:
    """Opens connections with the credential of this moment."""

    def __init__(self, keychain: ChosenKeychain, vaults: "AttachedVaults", timeout: float) -> None:
        """`timeout` is in seconds, for each attempt."""
        self._keychain = keychain
        self._vaults = vaults
        self._timeout = timeout

    def connect(
        self,
        profile: ConnectionProfile,
        task: Task,
        password: Secret | None = None,
        on_retry: RetryListener | None = None,
    ) -> tuple[Engine, DriverConnection]:
        """Open `profile`; `password`, when given, is used instead of any that is kept.

        A refused login of a vault connection reads its credential once more and tries once more, because the
        password may have been rotated in between; `on_retry` is told. Raises `ConnectError`, with reason
        PASSWORD_NEEDED when a password has to be asked for, `VaultError` and `KeychainError`.
        """
        if profile.problem:
            raise ConnectError(ConnectReason.PROFILE, profile.problem, profile.problem_hint)
        engine = get_engine(profile.engine)
        task.report(text=f"Connecting to {profile.name}…")
        try:
            return engine, self._connect_once(engine, profile, task, password)
        except ConnectError as error:
            if error.reason is not ConnectReason.LOGIN or profile.vault is None or password is not None:
                raise
        if on_retry is not None:
            on_retry(
                f"The server refused the login of “{profile.name}”. "
                f"Its credential is read again from {profile.vault.vault_name}."
            )
        return engine, self._connect_once(engine, profile, task, password)

    def _connect_once(
        self, engine: Engine, profile: ConnectionProfile, task: Task, password: Secret | None
    ) -> DriverConnection:
        credential = self._credential(engine, profile, task, password)
        task.check()
        connection = engine.connect(profile, credential, task, timeout=self._timeout)
        if profile.vault is not None and password is None:
            connection.forget_credential(lambda seconds: self._credential_again(profile, seconds))
        return connection

    def _credential_again(self, profile: ConnectionProfile, seconds: float) -> Credential:
        """For a vault connection that needs its credential once more, such as to stop a statement."""
        from keeperdb.vault.channel import Timeouts

        return self._vaults.credential(profile, TimedTask(seconds), Timeouts(seconds, seconds))

    def _credential(
        self, engine: Engine, profile: ConnectionProfile, task: Task, password: Secret | None
    ) -> Credential | None:
        if not engine.capabilities.has_users:
            return None
        if profile.vault is not None:
            return self._vault_credential(profile, task, password)
        if password is not None:
            return Credential(profile.user, password or None)
        if profile.password_mode is PasswordMode.NONE:
            return Credential(profile.user)
        if profile.password_mode is PasswordMode.KEYCHAIN:
            return Credential(profile.user, self._kept_password(profile))
        raise _password_needed(profile, "")

    def _vault_credential(self, profile: ConnectionProfile, task: Task, password: Secret | None) -> Credential:
        if password is not None and profile.user:
            return Credential(profile.user, password or None)
        credential = self._vaults.credential(profile, task)
        if password is not None:
            return replace(credential, password=password or None)
        if not credential.password:
            raise _password_needed(profile, "Its record in the vault has no password.")
        return credential

    def _kept_password(self, profile: ConnectionProfile) -> Secret:
        try:
            password = self._keychain.password(profile.id)
        except KeychainError as error:
            # A locked file of ours is unlocked by the front; a system keychain that is absent or stays locked
            # leaves asking as the only way.
            if self._keychain.is_locked or error.reason not in (KeychainReason.MISSING, KeychainReason.LOCKED):
                raise
            raise _password_needed(profile, error.message) from error
        if password is None:
            raise _password_needed(profile, "No password is kept for it on this machine.")
        return password


def _password_needed(profile: ConnectionProfile, why: str) -> ConnectError:
    message = f"“{profile.name}” needs a password."
    return ConnectError(
        ConnectReason.PASSWORD_NEEDED,
        f"{message} {why}".strip(),
        f"Enter the password of {profile.user or 'the user'} at {profile.address}.",
    )
