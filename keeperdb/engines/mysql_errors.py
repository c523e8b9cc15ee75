"""From PyMySQL's and the server's errors to ours. Numbers: https://mariadb.com/kb/en/mariadb-error-code-reference/"""

import re
import ssl

import pymysql

from keeperdb.engines.tls import advice
from keeperdb.errors import ConnectError, ConnectReason, QueryError

_CHECK_ADDRESS = "Check host and port, and that the server runs and accepts connections from this machine."

_CONNECT_ERRORS: dict[int, tuple[ConnectReason, str, str]] = {
    1045: (ConnectReason.LOGIN, "{address} refused the login of “{user}”.", "Check user name and password."),
    1698: (ConnectReason.LOGIN, "{address} refused the login of “{user}”.", "Check user name and password."),
    1130: (
        ConnectReason.LOGIN,
        "{address} does not accept connections from this machine.",
        "Ask for an account that may log in from here.",
    ),
    1044: (
        ConnectReason.NO_DATABASE,
        "“{user}” may not use the database “{database}” on {address}.",
        "Check the name of the database, or ask for the right to use it.",
    ),
    1049: (
        ConnectReason.NO_DATABASE,
        "There is no database “{database}” on {address}.",
        "Check the name of the database.",
    ),
    2002: (ConnectReason.UNREACHABLE, "Could not reach {address}.", _CHECK_ADDRESS),
    2003: (ConnectReason.UNREACHABLE, "Could not reach {address}.", _CHECK_ADDRESS),
    2006: (ConnectReason.UNREACHABLE, "{address} closed the connection.", _CHECK_ADDRESS),
    2013: (ConnectReason.UNREACHABLE, "{address} closed the connection.", _CHECK_ADDRESS),
    2026: (
        ConnectReason.TLS,
        "{address} offers no encrypted connection.",
        "Turn on TLS on the server, or choose another TLS mode.",
    ),
}
_NEAR = re.compile(r"near '(?P<rest>.*)' at line (?P<line>\d+)$", re.DOTALL)
_LOST = {1053, 1927, 2006, 2013, 2055, 4031}  # shutdown, killed, gone away, lost, lost, idle for too long


def connect_error(error: BaseException, *, address: str, database: str, user: str) -> ConnectError:
    """What an error while connecting means. Raises nothing itself."""
    cause = getattr(error, "original_exception", None) or error
    if isinstance(cause.__context__, ssl.SSLError):  # PyMySQL hides what ended a read
        cause = cause.__context__
    if isinstance(cause, ssl.SSLError):
        return _tls_error(cause, address)
    if isinstance(cause, TimeoutError) or "timed out" in str(error):
        return ConnectError(ConnectReason.TIMEOUT, f"{address} did not answer in time.", _CHECK_ADDRESS)
    if isinstance(cause, OSError):
        return ConnectError(ConnectReason.UNREACHABLE, f"Could not reach {address}.", _CHECK_ADDRESS)
    reason, message, hint = _CONNECT_ERRORS.get(
        code_of(error), (ConnectReason.OTHER, f"{{address}} refused the connection: {text_of(error)}", "")
    )
    filled = message.replace("{address}", address).replace("{database}", database).replace("{user}", user)
    return ConnectError(reason, filled, hint)


def query_error(error: pymysql.Error, statement: str = "") -> QueryError:
    """What the server's refusal of a statement means."""
    return QueryError(text_of(error), position=_position(text_of(error), statement), code=str(code_of(error) or ""))


def _position(message: str, statement: str) -> int | None:
    """The server quotes up to 80 characters of the rest of the statement, and names the line."""
    match = _NEAR.search(message)
    if match is None:
        return None
    lines = statement.split("\n")
    start = sum(len(line) + 1 for line in lines[: int(match["line"]) - 1])
    found = statement.find(match["rest"], start) if match["rest"] else len(statement)
    return found if found >= 0 else None


def is_lost(error: pymysql.Error) -> bool:
    """Whether the connection is gone."""
    return isinstance(error, pymysql.InterfaceError) or code_of(error) in _LOST


def lost(address: str, error: BaseException | None = None) -> ConnectError:
    """The connection of an open session is gone."""
    said = f"The server said: {text_of(error)}. " if error is not None and code_of(error) in (1053, 1927, 4031) else ""
    return ConnectError(
        ConnectReason.LOST, f"The connection to {address} is lost.", f"{said}Open the connection again."
    )


def code_of(error: BaseException) -> int:
    """The error's number, 0 if it has none."""
    return error.args[0] if error.args and isinstance(error.args[0], int) else 0


def text_of(error: BaseException) -> str:
    """The error's text without its number."""
    return str(error.args[1]) if len(error.args) > 1 else str(error)


def _tls_error(error: ssl.SSLError, address: str) -> ConnectError:
    why = getattr(error, "verify_message", "") or (error.reason or str(error)).replace("_", " ").lower()
    return ConnectError(ConnectReason.TLS, f"No trusted encrypted connection to {address}: {why}", advice(why))
