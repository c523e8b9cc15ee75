"""Errors of vaults, databases and settings as the failure of a command: which kind it is."""

from keeperdb.errors import (
    CommandError,
    CommandKind,
    ConnectError,
    ConnectReason,
    KeeperDBError,
    KeychainError,
    NotFoundError,
    QueryError,
    SettingsError,
    StoreError,
    UnsupportedError,
    VaultError,
    VaultReason,
)

_VAULT = {
    VaultReason.TIMEOUT: CommandKind.TIMEOUT,
    VaultReason.THROTTLED: CommandKind.THROTTLED,
    VaultReason.NOT_FOUND: CommandKind.NOT_FOUND,
    VaultReason.CONFLICT: CommandKind.EXISTS,
    VaultReason.READ_ONLY: CommandKind.FORBIDDEN,
    VaultReason.ACCESS_DENIED: CommandKind.FORBIDDEN,
    VaultReason.ADDRESS_LOCKED: CommandKind.FORBIDDEN,
    VaultReason.TOKEN_REFUSED: CommandKind.FORBIDDEN,
    VaultReason.BAD_TOKEN: CommandKind.FORBIDDEN,
}
_CONNECT = {
    ConnectReason.TIMEOUT: CommandKind.TIMEOUT,
    ConnectReason.LOGIN: CommandKind.FORBIDDEN,
    ConnectReason.PASSWORD_NEEDED: CommandKind.FORBIDDEN,
    ConnectReason.CREDENTIAL: CommandKind.FORBIDDEN,
    ConnectReason.NO_DATABASE: CommandKind.NOT_FOUND,
    ConnectReason.PROFILE: CommandKind.BAD_ARGUMENTS,
}
_KINDS: tuple[tuple[type[KeeperDBError], CommandKind], ...] = (
    (NotFoundError, CommandKind.NOT_FOUND),
    (QueryError, CommandKind.BAD_ARGUMENTS),
    (SettingsError, CommandKind.BAD_ARGUMENTS),
    (UnsupportedError, CommandKind.BAD_ARGUMENTS),
    (KeychainError, CommandKind.FORBIDDEN),
    (StoreError, CommandKind.VAULT_UNREACHABLE),
)


def as_command_error(error: KeeperDBError, command: str) -> CommandError:
    """The same sentence and hint, with its kind."""
    if isinstance(error, CommandError):
        return error
    return CommandError(_kind(error), error.message, error.hint, command=command)


def _kind(error: KeeperDBError) -> CommandKind:
    if isinstance(error, VaultError):
        return _VAULT.get(error.reason, CommandKind.VAULT_UNREACHABLE)
    if isinstance(error, ConnectError):
        return _CONNECT.get(error.reason, CommandKind.VAULT_UNREACHABLE)
    return next((kind for type_, kind in _KINDS if isinstance(error, type_)), CommandKind.BAD_ARGUMENTS)
