"""Logging in through ODBC: a connection string of fields, and a login that can be stopped."""

import math
from collections.abc import Mapping

import pyodbc
from sqlalchemy.engine import URL

from keeperdb.engines.odbc_socket import OdbcSocket
from keeperdb.keychain import Secret
from keeperdb.task import Task


def connection_string(url: URL) -> Secret:
    """What SQLAlchemy's dialect makes of the fields; values with special characters stand in braces.

    Raises `ValueError` for what a connection string cannot hold in any way.
    """
    (text,), _ = url.get_dialect()().create_connect_args(url)
    if "\0" in text:
        raise ValueError("A connection string cannot hold a NUL character.")
    return Secret(text)


def log_in(
    text: Secret,
    task: Task,
    *,
    port: int,
    timeout: float,
    attributes: Mapping[int, int | bytes] | None = None,
    wire: OdbcSocket | None = None,
) -> pyodbc.Connection:
    """Open the connection that `text` describes, in autocommit mode; `timeout` is in seconds.

    A login can be stopped once its socket, to `port`, is open. Raises `pyodbc.Error` or `Cancelled`.
    """
    wire = wire or OdbcSocket()
    wire.before()

    def stop() -> None:
        if wire.find(port):
            wire.shut()

    with task.interrupting(stop):
        connection = pyodbc.connect(
            text.reveal(), autocommit=True, timeout=max(1, math.ceil(timeout)), attrs_before=dict(attributes or {})
        )
    wire.find(port)
    if task.is_cancelled:
        connection.close()
        task.check()
    return connection
