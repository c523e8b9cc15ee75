"""From sqlite3's exceptions to ours."""

import re
import sqlite3

from keeperdb.errors import ConnectError, ConnectReason, QueryError

_NEAR = re.compile(r'near "(?P<token>.+)": syntax error', re.DOTALL)

_OPEN_ERRORS = {
    "SQLITE_CANTOPEN": (
        ConnectReason.UNREACHABLE,
        "{path} could not be opened.",
        "Check the path and the permissions of the file and its folder.",
    ),
    "SQLITE_NOTADB": (
        ConnectReason.NO_DATABASE,
        "{path} is not a SQLite database.",
        "It may be another kind of file, or an encrypted database.",
    ),
    "SQLITE_CORRUPT": (
        ConnectReason.NO_DATABASE,
        "{path} is damaged.",
        "Restore it from a backup, or recover it with sqlite3 .recover.",
    ),
    "SQLITE_BUSY": (ConnectReason.TIMEOUT, "{path} is locked by another program.", "Close it there, then try again."),
    "SQLITE_PERM": (ConnectReason.LOGIN, "{path} may not be read.", "Check the permissions of the file."),
}

_HINTS = {
    "SQLITE_BUSY": "Another program holds a lock on the database. Try again when it is done.",
    "SQLITE_LOCKED": "A statement that is still open holds a lock on the table. Close its result first.",
    "SQLITE_READONLY": "The connection, the file or its folder is read-only.",
    "SQLITE_AUTH": "The connection is read-only.",
}


def connect_error(error: sqlite3.Error, path: str) -> ConnectError:
    """What an error while opening `path` means."""
    reason, message, hint = _OPEN_ERRORS.get(
        _primary(_name(error)), (ConnectReason.OTHER, "{path} could not be opened: " + str(error) + ".", "")
    )
    return ConnectError(reason, message.replace("{path}", path), hint)


def query_error(error: sqlite3.Error | sqlite3.Warning, statement: str) -> QueryError:
    """What an error of a running statement means."""
    name = _name(error)
    return QueryError(str(error), _HINTS.get(_primary(name), ""), position=_position(str(error), statement), code=name)


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another connection holds a lock; the statement then has had no effect."""
    return _primary(_name(error)) == "SQLITE_BUSY"


def _name(error: BaseException) -> str:
    return getattr(error, "sqlite_errorname", "") or ""


def _primary(name: str) -> str:
    """`SQLITE_BUSY_SNAPSHOT` -> `SQLITE_BUSY` (https://www.sqlite.org/rescode.html)."""
    return "_".join(name.split("_")[:2])


def _position(message: str, statement: str) -> int | None:
    """Where the token that SQLite stumbled over stands, if it stands in one place only."""
    match = _NEAR.search(message)
    if match is None:
        return None
    token = match["token"]
    return statement.find(token) if statement.count(token) == 1 else None
