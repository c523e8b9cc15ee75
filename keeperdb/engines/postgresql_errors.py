"""From libpq's and PostgreSQL's errors to ours."""

import re

from psycopg import pq

from keeperdb.engines.tls import advice
from keeperdb.errors import ConnectError, ConnectReason, QueryError

_CHECK_ADDRESS = "Check host and port, and that the server runs and accepts connections from this machine."
_CHECK_LOGIN = "Check user name and password."

# libpq gives no code for a failed connection, only text; the server's part may be in another language.
_CONNECT_ERRORS: tuple[tuple[str, ConnectReason, str, str], ...] = (
    (
        r"authentication failed|no password supplied|SCRAM|role .* does not exist|not permitted to log in|no pg_hba",
        ConnectReason.LOGIN,
        "{address} refused the login of “{user}”.",
        _CHECK_LOGIN,
    ),
    (
        r"database .* does not exist",
        ConnectReason.NO_DATABASE,
        "There is no database “{database}” on {address}.",
        "Check the name of the database.",
    ),
    (
        r"certificate|SSL|TLS|private key",
        ConnectReason.TLS,
        "No trusted encrypted connection to {address}: {reason}",
        "{advice}",
    ),
    (
        r"timeout expired|timed out",
        ConnectReason.TIMEOUT,
        "{address} did not answer in time.",
        _CHECK_ADDRESS,
    ),
    (
        r"(?i)refused|host name|not receive|no route|unreachable|no such file|closed the connection|reset by peer",
        ConnectReason.UNREACHABLE,
        "Could not reach {address}.",
        _CHECK_ADDRESS,
    ),
)

_DIAGNOSTIC = pq.DiagnosticField
_CANCELLED = "57014"


def connect_error(text: str, *, address: str, database: str, user: str) -> ConnectError:
    """What libpq's message about a failed connection means."""
    reason_text = _last_reason(text)
    for pattern, reason, message, hint in _CONNECT_ERRORS:
        if re.search(pattern, text):
            said = "" if reason is ConnectReason.TLS else _quote_server(text)
            filled = message.format(address=address, database=database, user=user, reason=reason_text)
            hint = hint.format(advice=advice(reason_text))
            return ConnectError(reason, filled, f"{hint} {said}".strip())
    return ConnectError(ConnectReason.OTHER, f"{address} refused the connection: {reason_text}", "")


def query_error(result: pq.abc.PGresult, encoding: str) -> QueryError:
    """What an error result means; the position counts characters from 0."""

    def field(name: pq.DiagnosticField) -> str:
        return (result.error_field(name) or b"").decode(encoding, "replace")

    position = field(_DIAGNOSTIC.STATEMENT_POSITION)
    code = field(_DIAGNOSTIC.SQLSTATE)
    context = field(_DIAGNOSTIC.CONTEXT)
    details = [field(_DIAGNOSTIC.MESSAGE_DETAIL), f"Context: {context}" if context else ""]
    return QueryError(
        field(_DIAGNOSTIC.MESSAGE_PRIMARY) or result.error_message.decode(encoding, "replace").strip(),
        field(_DIAGNOSTIC.MESSAGE_HINT),
        position=int(position) - 1 if position.isdigit() else None,
        code=code,
        detail="\n".join(detail for detail in details if detail),
    )


def lost(address: str, text: str = "") -> ConnectError:
    """The connection of an open session is gone."""
    said = _quote_server(text)
    return ConnectError(
        ConnectReason.LOST, f"The connection to {address} is lost.", f"{said} Open the connection again.".strip()
    )


def _last_reason(text: str) -> str:
    """The last line, without `connection to server at …, port … failed:` and without severity."""
    line = next((line for line in reversed(text.splitlines()) if line.strip()), text)
    return re.sub(r"^.*failed: (?:\w+:\s+)?", "", line.strip())


def _quote_server(text: str) -> str:
    """The server's own words, when it spoke."""
    match = re.search(r"FATAL:\s+(?P<said>[^\n]+)", text)
    return f"The server said: {match['said']}." if match else ""
