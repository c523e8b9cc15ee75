"""An open connection to SQL Server: what ODBC's general part has to know of the product."""

import pyodbc

from keeperdb.connections.profile import ConnectionProfile
from keeperdb.engines import sqlserver_batch, sqlserver_catalog, sqlserver_ddl
from keeperdb.engines.driver_socket import DriverSocket
from keeperdb.engines.odbc_columns import read_bytes, read_time, read_timestamp, read_timestamp_offset
from keeperdb.engines.odbc_connection import OdbcConnection, OdbcProduct
from keeperdb.engines.odbc_errors import connect_error
from keeperdb.engines.odbc_login import connection_string, log_in
from keeperdb.engines.server_connection import prepared
from keeperdb.engines.sqlserver_login import Login, is_freetds
from keeperdb.task import Task

_DEFAULT_PORT = 1433
_KILL_TIMEOUT = 2.0  # seconds for the login of a second connection that stops the first

_ABOUT = (
    "SELECT N'SQL Server ' + CAST(SERVERPROPERTY('ProductVersion') AS nvarchar(128)), DB_NAME(), SUSER_SNAME(), @@SPID"
)
_TRANSACTION_WORDS = frozenset(
    ("BEGIN", "TRAN", "TRANSACTION", "COMMIT", "ROLLBACK", "EXEC", "EXECUTE", "IMPLICIT_TRANSACTIONS", "XACT_ABORT")
)
# https://learn.microsoft.com/sql/t-sql/statements/set-transaction-isolation-level-transact-sql
_ISOLATION_LEVELS = ("read uncommitted", "read committed", "repeatable read", "snapshot", "serializable")

_ROWS = "SELECT SUM(p.rows) FROM sys.partitions AS p WHERE p.object_id = OBJECT_ID(?) AND p.index_id IN (0, 1)"

# SQL type codes of Microsoft's driver whose values Python's types would cut (msodbcsql.h)
_OFFSET_TIMESTAMP, _UDT, _TIME, _TIMESTAMP = -155, -151, -154, 93


def product(driver: str) -> OdbcProduct:
    """SQL Server through `driver`. The layout of date and time types is known of Microsoft's drivers only."""
    converters = {_OFFSET_TIMESTAMP: read_timestamp_offset, _UDT: read_bytes}
    if not is_freetds(driver):
        converters |= {_TIME: read_time, _TIMESTAMP: read_timestamp}
    return OdbcProduct(
        about_query=_ABOUT,
        kill=lambda number: f"KILL {number:d}",
        transaction_query="SELECT @@TRANCOUNT",
        transaction_words=_TRANSACTION_WORDS,
        commit="WHILE @@TRANCOUNT > 0 COMMIT TRANSACTION",
        rollback="IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION",
        children=sqlserver_catalog.children,
        details=sqlserver_catalog.details,
        stamp=sqlserver_catalog.stamp,
        ddl=sqlserver_ddl.ddl,
        returns_one_result=sqlserver_batch.returns_one_result,
        check_read_only=sqlserver_batch.check_read_only,
        leading_word=sqlserver_batch.leading_word,
        words=sqlserver_batch.words,
        converters=converters,
        rows_query=_ROWS,
        isolation={level: f"SET TRANSACTION ISOLATION LEVEL {level.upper()}" for level in _ISOLATION_LEVELS}
        | {"": "SET TRANSACTION ISOLATION LEVEL READ COMMITTED"},
    )


def connect_sql_server(
    profile: ConnectionProfile, login: Login, task: Task, *, timeout: float, query_timeout: int
) -> OdbcConnection:
    """Open a connection with its session prepared. Raises `ConnectError` or `Cancelled`."""
    port = profile.port or _DEFAULT_PORT
    address = profile.with_(host=profile.host or "localhost", port=port, path="").address
    text, wire = connection_string(login.fields), DriverSocket()

    def reopen() -> pyodbc.Connection:
        return log_in(text, Task(), port=port, timeout=_KILL_TIMEOUT, attributes=login.attributes)

    try:
        opened = log_in(text, task, port=port, timeout=timeout, attributes=login.attributes, wire=wire)
    except pyodbc.Error as error:
        user = login.fields.get("UID", "") or "this account"
        raise connect_error(
            error, address=address, database=profile.database, user=user, driver=login.driver
        ) from error
    connection = OdbcConnection(
        opened, product(login.driver), address=address, read_only=profile.read_only, wire=wire, reopen=reopen
    )

    def prepare() -> None:
        connection.prepare_session()
        if query_timeout:
            connection.set_statement_timeout(query_timeout)

    return prepared(connection, task, prepare)
