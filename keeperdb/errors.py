"""What can go wrong in a way that a person may read: one sentence on what, one on what to do."""

from enum import StrEnum


class KeeperDBError(Exception):
    """Root of every error that is shown to a person.

    `message` says what is wrong and names the thing; `hint` says what to do and may be empty.
    Neither ever holds a secret.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class SettingsError(KeeperDBError):
    """A setting, an option or an argument has a value that cannot be used."""


class StoreError(KeeperDBError):
    """A file of ours could not be read or written."""


class NotFoundError(KeeperDBError):
    """No connection, vault or object goes by that name."""


class UnsupportedError(KeeperDBError):
    """The engine, the platform or the mode lacks what was asked for."""


class KeychainReason(StrEnum):
    MISSING = "missing"  # no keychain on this machine
    LOCKED = "locked"  # it is there, but locked, or the unlocking was dismissed
    WRONG_PASSWORD = "wrong password"  # noqa: S105 - a reason, not a password
    DAMAGED = "damaged"
    FAILED = "failed"


class KeychainError(KeeperDBError):
    """The keychain did not give or take a secret; `reason` says why."""

    def __init__(self, reason: KeychainReason, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.reason = reason


class ConnectReason(StrEnum):
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    LOGIN = "login"  # the server refused the user name or the password
    NO_DATABASE = "no database"
    TLS = "tls"
    DRIVER = "driver"  # the driver is not installed
    PASSWORD_NEEDED = "password needed"  # noqa: S105 - a reason, not a password
    CREDENTIAL = "credential"  # the vault has no usable credential for it
    PROFILE = "profile"  # the connection itself is incomplete
    LOST = "lost"  # an open session's connection is gone
    OTHER = "other"


class ConnectError(KeeperDBError):
    """A database could not be opened, or an open session was lost; `reason` says why."""

    def __init__(self, reason: ConnectReason, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.reason = reason


class QueryError(KeeperDBError):
    """The server refused a statement.

    `position` is the offset in characters (0-based) in the statement's own text, or None; `code` is the
    server's code (SQLSTATE, MySQL error number, SQLite error name), or empty; `detail` is what else the server said.
    """

    def __init__(
        self, message: str, hint: str = "", *, position: int | None = None, code: str = "", detail: str = ""
    ) -> None:
        super().__init__(message, hint)
        self.position = position
        self.code = code
        self.detail = detail


class VaultReason(StrEnum):
    BAD_TOKEN = "bad token"  # noqa: S105 - the pasted text cannot be a token; nothing was sent
    TOKEN_REFUSED = "token refused"  # noqa: S105 - unknown, already used, or of another device
    ACCESS_DENIED = "access denied"  # revoked, expired, or nothing is shared with the application
    ADDRESS_LOCKED = "address locked"  # the token is locked to another network address
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    CERTIFICATE = "certificate"
    THROTTLED = "throttled"
    CLIENT_VERSION = "client version"
    SERVER_KEY = "server key"  # the server does not accept the public key it is spoken to with
    BAD_ANSWER = "bad answer"  # the answer cannot be read, or is empty where it must not be
    NO_RECORDS = "no records"
    NOT_FOUND = "not found"  # the record is not, or no longer, shared with the application
    READ_ONLY = "read only"
    CONFLICT = "conflict"  # somebody else changed the record in the meantime
    OTHER = "other"


class VaultError(KeeperDBError):
    """A vault did not do what was asked; `reason` says why."""

    def __init__(self, reason: VaultReason, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.reason = reason


class CommandKind(StrEnum):
    BAD_ARGUMENTS = "bad arguments"
    FORBIDDEN = "forbidden"  # the vault, the key or the place it is called from does not allow it
    NOT_FOUND = "not found"
    EXISTS = "exists"
    THROTTLED = "throttled"
    VAULT_UNREACHABLE = "vault unreachable"  # or its answer cannot be read
    TIMEOUT = "timeout"


class CommandError(KeeperDBError):
    """A vault command was not carried out; `kind` says why, and `command` which, once that is known.

    `is_usage`: the words of the command itself are wrong, which is said without the command's name before it.
    """

    def __init__(
        self, kind: CommandKind, message: str, hint: str = "", *, command: str = "", is_usage: bool = False
    ) -> None:
        super().__init__(message, hint)
        self.kind = kind
        self.command = command
        self.is_usage = is_usage


class ExportError(KeeperDBError):
    """A result could not be written to a file."""


class Cancelled(Exception):  # noqa: N818 - not an error, and outside the tree so that no handler shows it
    """The person, or the program while closing, stopped the operation."""
