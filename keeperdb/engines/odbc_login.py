"""Logging in through ODBC: a connection string of fields, and a login that can be stopped."""

import math
import re
from collections.abc import Mapping
from urllib.parse import quote_plus

import pyodbc
from sqlalchemy.engine import URL

from keeperdb.engines.driver_socket import DriverSocket
from keeperdb.errors import ConnectError, ConnectReason
from keeperdb.keychain import Secret
from keeperdb.task import Task

_PLAIN = re.compile(r"[A-Za-z0-9_.:,\\-]+")


def connection_string(fields: Mapping[str, str]) -> Secret:
    """The fields as an ODBC connection string; whatever a value has in it stays in its field.

    Values stand in braces, with closing ones doubled (SQLDriverConnect, "Connection strings"). Raises `ConnectError`
    for a NUL character, which would end the string.
    """
    named = next((name for name, value in fields.items() if "\0" in value), "")
    if named:
        raise ConnectError(ConnectReason.PROFILE, f"The field {named} has a NUL character.", "Type it anew.")
    text = ";".join(f"{name}={_quoted(value)}" for name, value in fields.items())
    url = URL.create("mssql+pyodbc", query={"odbc_connect": quote_plus(text)})
    (text,), _ = url.get_dialect()().create_connect_args(url)
    return Secret(text)


def _quoted(value: str) -> str:
    return value if _PLAIN.fullmatch(value) else "{" + value.replace("}", "}}") + "}"


def log_in(
    text: Secret,
    task: Task,
    *,
    port: int,
    timeout: float,
    attributes: Mapping[int, int | bytes] | None = None,
    wire: DriverSocket | None = None,
) -> pyodbc.Connection:
    """Open the connection that `text` describes, in autocommit mode; `timeout` is in seconds.

    A login can be stopped once its socket, to `port`, is open. Raises `pyodbc.Error` or `Cancelled`.
    """
    wire = wire or DriverSocket()
    wire.before()

    def stop() -> None:
        if wire.find(port):
            wire.shut()

    with task.interrupting(stop):
        connection = pyodbc.connect(
            text.reveal(), autocommit=True, timeout=max(1, math.ceil(timeout)), attrs_before=dict(attributes or {})
        )
    if wire.find(port):
        wire.keep_alive()
    if task.is_cancelled:
        connection.close()
        task.check()
    return connection
