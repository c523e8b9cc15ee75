"""From python-oracledb's exceptions to ours."""

import re
from typing import Any

import oracledb

from keeperdb.errors import ConnectError, ConnectReason, QueryError

_CHECK_ADDRESS = "Check host and port, and that the listener runs and accepts connections from this machine."
_CHECK_LOGIN = "Check user name and password."
_CHECK_SERVICE = "Check the name of the service, or set the option “sid” for a database that has no service."
_CHECK_TLS = "Check the certificate authority, or choose the TLS mode “disable” for a listener without TLS (TCP)."

_LOGIN = (ConnectReason.LOGIN, "{address} refused the login of “{user}”.", _CHECK_LOGIN)
_NO_DATABASE = (ConnectReason.NO_DATABASE, "The listener at {address} knows no “{database}”.", _CHECK_SERVICE)
_TIMEOUT = (ConnectReason.TIMEOUT, "{address} did not answer in time.", _CHECK_ADDRESS)
_UNREACHABLE = (ConnectReason.UNREACHABLE, "Could not reach {address}.", _CHECK_ADDRESS)
_TLS = (ConnectReason.TLS, "No trusted encrypted connection to {address}.", _CHECK_TLS)

# https://docs.oracle.com/error-help/db/ and oracledb/errors.py
_CONNECT_ERRORS: dict[str, tuple[ConnectReason, str, str]] = {
    **dict.fromkeys(("ORA-01017", "ORA-01005", "ORA-01045", "ORA-01031", "ORA-28009", "DPY-4001"), _LOGIN),
    "ORA-28000": (ConnectReason.LOGIN, "The account “{user}” at {address} is locked.", "Have it unlocked."),
    "ORA-28001": (ConnectReason.LOGIN, "The password of “{user}” at {address} has expired.", "Change it first."),
    "DPY-3015": (
        ConnectReason.LOGIN,
        "The password of “{user}” is kept by {address} in a form that is not supported.",
        "Have the password set again, so that it is kept as 11G or 12C verifier.",
    ),
    **dict.fromkeys(
        ("ORA-12514", "ORA-12505", "ORA-12504", "ORA-12521", "ORA-01109", "DPY-6001", "DPY-6003"), _NO_DATABASE
    ),
    **dict.fromkeys(("ORA-12170", "ORA-12535", "ORA-12606", "DPY-4024"), _TIMEOUT),
    **dict.fromkeys(
        ("ORA-12541", "ORA-12543", "ORA-12545", "ORA-12537", "DPY-6000", "DPY-6005", "DPY-4011"), _UNREACHABLE
    ),
    **dict.fromkeys(("ORA-29024", "ORA-28860", "ORA-28865", "ORA-12560", "DPY-6002", "DPY-6006", "DPY-6008"), _TLS),
    "DPY-3010": (
        ConnectReason.OTHER,
        "{address} runs a version of Oracle before 12.1, which is not supported.",
        "Use a newer server.",
    ),
    "ORA-01033": (ConnectReason.OTHER, "The database at {address} is starting or stopping.", "Try again in a while."),
}
# What is inside DPY-6005 is told by Python's own words only.
_CAUSES: tuple[tuple[str, tuple[ConnectReason, str, str]], ...] = (
    (r"CERTIFICATE|SSL|TLS|certificate", _TLS),
    (r"timed out|temporarily unavailable|Errno 110\b", _TIMEOUT),
)

_LOST = {
    "DPY-4011",
    "DPY-1001",
    "DPY-4033",
    "ORA-03113",
    "ORA-03114",
    "ORA-03135",
    "ORA-01012",
    "ORA-02396",
    "ORA-00028",
}
_HELP = re.compile(r"\n?(?:Help: )?https?://\S+")
_CODE = re.compile(r"^(?:ORA|DPY|PLS)-\d{4,5}: ")


def connect_error(error: Exception, *, address: str, database: str, user: str) -> ConnectError:
    """What a failed connection means."""
    code, text = _code(error), _text(error)
    meaning = _CONNECT_ERRORS.get(code)
    if code in ("DPY-6005", "DPY-4011", ""):
        meaning = next((meant for pattern, meant in _CAUSES if re.search(pattern, text)), _UNREACHABLE)
    if meaning is None:
        return ConnectError(ConnectReason.OTHER, f"{address} refused the connection: {text}")
    reason, message, hint = meaning
    said = f"Oracle said: {text}" if code.startswith("ORA") else ""
    filled = message.format(address=address, database=database or "the default service", user=user)
    return ConnectError(reason, filled, f"{hint} {said}".strip())


def query_error(error: oracledb.Error, statement: str) -> QueryError:
    """What an error of a running statement means."""
    details = _details(error)
    offset = int(getattr(details, "offset", 0) or 0)
    lines = _text(error).splitlines() or ["Oracle gave no reason."]
    return QueryError(
        _CODE.sub("", lines[0]),
        position=position_of(statement, offset) if offset else None,
        code=_code(error),
        detail="\n".join(lines[1:]),
    )


def is_lost(error: oracledb.Error) -> bool:
    """Whether the connection is gone for good."""
    return _code(error) in _LOST or bool(getattr(_details(error), "is_session_dead", False))


def lost(address: str, text: str = "") -> ConnectError:
    """The connection of an open session is gone."""
    said = f"Oracle said: {text}" if text else ""
    return ConnectError(
        ConnectReason.LOST, f"The connection to {address} is lost.", f"{said} Open the connection again.".strip()
    )


def position_of(statement: str, offset: int) -> int | None:
    """Characters before `offset` bytes of the statement as it is sent, in UTF-8; None when it is past the end."""
    content = statement.encode()
    return len(content[:offset].decode("utf-8", "ignore")) if offset <= len(content) else None


def _details(error: Exception) -> Any:
    return error.args[0] if error.args else None


def _code(error: Exception) -> str:
    return str(getattr(_details(error), "full_code", "") or "")


def _text(error: Exception) -> str:
    """What was said, without the address of a page of help."""
    return _HELP.sub("", str(getattr(_details(error), "message", "") or error)).strip()
