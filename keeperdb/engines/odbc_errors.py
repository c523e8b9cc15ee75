"""From pyodbc's exceptions to ours."""

import re
from dataclasses import dataclass

import pyodbc

from keeperdb.errors import ConnectError, ConnectReason, QueryError

_CHECK_ADDRESS = "Check host and port, and that the server runs and accepts connections from this machine."

# SQLSTATE, native code or words of the message -> what it means while connecting. SQLSTATE alone is too coarse:
# drivers report most failures as 08001 or HY000. Microsoft's adds a record on a time-out to a refused connection, so
# the refusal is looked for first.
_CONNECT_ERRORS: tuple[tuple[str, ConnectReason, str, str], ...] = (
    (
        r"file not found|IM002|IM003|Data source name not found|Can't open lib",
        ConnectReason.DRIVER,
        "The ODBC driver cannot be loaded.",
        "Install it again, or choose another with the option “driver”.",
    ),
    (
        r"(?i)certificate|\bSSL\b|\bTLS\b|encryption",
        ConnectReason.TLS,
        "No trusted encrypted connection to {address}.",
        "Check the certificate of the server, or choose another TLS mode.",
    ),
    (
        r"\(4060\)|\(911\)|Cannot open database|database .* does not exist",
        ConnectReason.NO_DATABASE,
        "There is no database “{database}” on {address}, or “{user}” may not open it.",
        "Check the name of the database.",
    ),
    (
        r"\(18456\)|\(18452\)|\(18470\)|\(18486\)|\(18487\)|\(18488\)|28000|28P01|Login failed|authentication failed",
        ConnectReason.LOGIN,
        "{address} refused the login of “{user}”.",
        "Check user name and password.",
    ),
    (
        r"20009|\(10061\)|0x2749|0x2AF9|(?i:refused|unable to connect|can't connect|not known|translate host)",
        ConnectReason.UNREACHABLE,
        "Could not reach {address}.",
        _CHECK_ADDRESS,
    ),
    (
        r"HYT00|HYT01|S1T00|20003|(?i:timeout expired|timed out)",
        ConnectReason.TIMEOUT,
        "{address} did not answer in time.",
        _CHECK_ADDRESS,
    ),
    (
        r"08001|08S01|(?i:server is not found|unreachable)",
        ConnectReason.UNREACHABLE,
        "Could not reach {address}.",
        _CHECK_ADDRESS,
    ),
)

_LOST_STATES = ("08S01", "08003", "08007", "57P01", "57P02", "57P03")
_LOST_WORDS = re.compile(
    r"communication link failure|server closed the connection|no connection to the server|connection is broken"
    r"|terminating connection|not connected|connection not open|could not (?:send|receive)|server has gone away"
    r"|lost connection|ssl connection has been closed|connection reset",
    re.IGNORECASE,
)
_TAIL = re.compile(r"\s*\((?P<native>-?\d+)\)(?: \(SQL\w+\))?\s*\Z")
_RECORD = re.compile(r";? ?\[(?P<state>[0-9A-Z]{5})\] ")
_VENDOR = re.compile(r"^(?:\[[^\]]*\])+\s*")
_NEAR = re.compile(r"near (?:the keyword )?['“\"](?P<token>[^'”\"]+)['”\"]")


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One record of what a driver says: SQLSTATE, the server's own number (0: none), and the words."""

    state: str
    native: int
    text: str


def diagnostics(error: pyodbc.Error) -> list[Diagnostic]:
    """The records in an exception, which pyodbc joins into one text: `[state] [vendor]…text (native) (function)`."""
    state = str(error.args[0]) if error.args else ""
    text = str(error.args[1]) if len(error.args) > 1 else str(error)
    starts = [*_RECORD.finditer(text)]
    if not starts:
        return [Diagnostic(state, 0, text.strip())]
    ends = [*(match.start() for match in starts[1:]), len(text)]
    return [_diagnostic(match["state"], text[match.end() : end]) for match, end in zip(starts, ends, strict=True)]


def _diagnostic(state: str, text: str) -> Diagnostic:
    tail = _TAIL.search(text)
    words = _VENDOR.sub("", text[: tail.start()] if tail else text)
    words = words.removesuffix("Error while executing the query").strip().rstrip(";")
    return Diagnostic(state, int(tail["native"]) if tail else 0, words)


def connect_error(error: pyodbc.Error, *, address: str, database: str, user: str, driver: str) -> ConnectError:
    """What a failed connection means; the driver is named, since the words are its own."""
    first = diagnostics(error)[0]
    searched = f"{first.state} {' '.join(str(part) for part in error.args)}"
    said = f"{driver} said: {first.text}"
    for pattern, reason, message, hint in _CONNECT_ERRORS:
        if re.search(pattern, searched):
            return ConnectError(reason, message.format(address=address, database=database, user=user), f"{hint} {said}")
    return ConnectError(ConnectReason.OTHER, f"{address} refused the connection.", said)


def query_error(error: pyodbc.Error, statement: str) -> QueryError:
    """What an error of a running statement means; `code` is the server's number, or SQLSTATE where it has none."""
    records = diagnostics(error)
    first = records[0]
    return QueryError(
        first.text or "The driver gave no reason.",
        position=position_of(first.text, statement),
        code=str(first.native) if first.native > 1 else first.state,
        detail="\n".join(record.text for record in records[1:]),
    )


def is_lost(error: pyodbc.Error) -> bool:
    """Whether the connection is gone for good."""
    return any(record.state in _LOST_STATES or _LOST_WORDS.search(record.text) for record in diagnostics(error))


def lost(address: str, text: str = "") -> ConnectError:
    """The connection of an open session is gone."""
    said = f"The driver said: {text}" if text else ""
    return ConnectError(
        ConnectReason.LOST, f"The connection to {address} is lost.", f"{said} Open the connection again.".strip()
    )


def position_of(message: str, statement: str) -> int | None:
    """Where the token that the server stumbled over stands, if it stands in one place only; ODBC has no position."""
    match = _NEAR.search(message)
    if match is None:
        return None
    token = match["token"]
    return statement.find(token) if statement.count(token) == 1 else None
