"""What the process answers with: one number per kind of failure."""

from keeperdb.errors import (
    ConnectError,
    KeeperDBError,
    QueryError,
    VaultError,
)

OK = 0
SQL = 1
USAGE = 2  # arguments, settings, files and keychain of this machine
CONNECTION = 3
VAULT = 4
BUG = 70  # sysexits.h: an internal software error
INTERRUPTED = 130

_BY_ERROR: tuple[tuple[type[KeeperDBError], int], ...] = (
    (QueryError, SQL),
    (ConnectError, CONNECTION),
    (VaultError, VAULT),
)


def exit_code_of(error: KeeperDBError) -> int:
    """The exit code that stands for `error`."""
    return next((code for kind, code in _BY_ERROR if isinstance(error, kind)), USAGE)
