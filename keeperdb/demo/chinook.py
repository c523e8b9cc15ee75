"""The sample database, a music store named Chinook: as a SQLite file, and as SQL for PostgreSQL and MariaDB."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

from keeperdb.demo.chinook_rows import Row, Value, chinook_rows
from keeperdb.demo.chinook_schema import TABLES, Table, definitions
from keeperdb.errors import StoreError
from keeperdb.paths import make_private_folder

_ROWS_PER_INSERT = 500


def make_chinook(path: Path) -> None:
    """Write the SQLite file `path`, whole or not at all. Raises `StoreError`."""
    make_private_folder(path.parent)
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        os.close(descriptor)
        try:
            _fill(Path(name))
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{path} could not be written: {error}.", "Check free space and permissions.") from error


def chinook_statements(dialect: str) -> Iterator[str]:
    """Every statement that makes and fills the database: `dialect` is sqlite, postgresql or mysql (also for MariaDB).

    The values stand in the statements, so any client can run them, a command-line one as well.
    """
    rows = chinook_rows()
    statements = list(definitions(dialect))
    tables = [statement for statement in statements if statement.startswith("CREATE TABLE")]
    yield from tables
    for table in TABLES:
        for start in range(0, len(rows[table.name]), _ROWS_PER_INSERT):
            yield _insert(table, rows[table.name][start : start + _ROWS_PER_INSERT])
    yield from (statement for statement in statements if statement not in tables)


def _fill(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("BEGIN")
        for statement in chinook_statements("sqlite"):
            connection.execute(statement)
        connection.execute("COMMIT")


def _insert(table: Table, rows: list[Row]) -> str:
    values = ",\n".join(f"({', '.join(_literal(value) for value in row)})" for row in rows)
    return f"INSERT INTO {table.name} ({', '.join(table.column_names)}) VALUES\n{values}"


def _literal(value: Value) -> str:
    """An SQL literal; the sample's texts hold no backslashes, which MySQL would read."""
    match value:
        case None:
            return "NULL"
        case datetime():
            return f"'{value.isoformat(' ')}'"
        case date():
            return f"'{value.isoformat()}'"
        case str():
            return "'" + value.replace("'", "''") + "'"
        case _:
            return str(value)
