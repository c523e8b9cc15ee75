"""Rows of a query as CSV that PostgreSQL itself writes (COPY … TO STDOUT): nothing is decoded on the way to a file."""

from collections.abc import Generator
from typing import TYPE_CHECKING

from psycopg import pq
from psycopg.waiting import Ready, Wait

from keeperdb.engines.base import CsvCopy
from keeperdb.engines.postgresql_blocks import PgColumns
from keeperdb.engines.sql_text import TokenKind, leading_words, tokens
from keeperdb.errors import QueryError

if TYPE_CHECKING:
    from keeperdb.engines.postgresql_connection import PostgreSqlConnection

_OPENING = "COPY (\n"
_QUERIES = {"SELECT", "VALUES", "TABLE", "WITH"}
_CHUNK = 256 * 1024  # bytes handed over at once

_Waiting = Generator[Wait, Ready, tuple[list[memoryview], bool]]


def copyable(statement: str) -> str | None:
    """The query without its last semicolon, if it is a single one that begins like a query."""
    if not _QUERIES.intersection(leading_words(statement, "postgres", 1)):
        return None
    found = list(tokens(statement, "postgres"))
    while found and found[-1].kind in (TokenKind.SPACE, TokenKind.COMMENT, TokenKind.SEMICOLON):
        found.pop()
    if not found or any(token.kind is TokenKind.SEMICOLON for token in found):
        return None
    return statement[: found[-1].end]


def copy_command(query: str, delimiter: str) -> str:
    """The server has parsed `query` alone before, so it cannot end the brackets around it."""
    return f"{_OPENING}{query}\n) TO STDOUT (FORMAT csv, DELIMITER E'\\x{ord(delimiter):02x}')"


def in_query(error: QueryError) -> QueryError:
    """`error` with its position counted in the query instead of the command around it."""
    if error.position is not None:
        error.position = max(0, error.position - len(_OPENING))
    return error


class PgCopy(CsvCopy):
    """What is being copied; the end of the statement is awaited with the last chunk."""

    def __init__(self, connection: "PostgreSqlConnection", described: PgColumns) -> None:
        self._connection = connection
        self.columns = described.columns
        self.is_exhausted = False

    def read(self) -> tuple[bytes, int]:
        if self.is_exhausted:
            return b"", 0
        with self._connection.operation():
            try:
                parts, self.is_exhausted = self._connection.wait_for(copy_data)
                if self.is_exhausted:
                    self._connection.finish_copy()
            except QueryError as error:
                self.is_exhausted = True
                self._connection.finish_statement(failed=True)
                raise in_query(error) from error
            return b"".join(parts), len(parts)

    def close(self) -> None:
        if not self.is_exhausted:
            self.is_exhausted = True
            self._connection.abandon_copy()


def copy_data(connection: pq.abc.PGconn) -> _Waiting:
    """A chunk of rows, one message each, and whether they were the last."""
    parts: list[memoryview] = []
    size = 0
    while size < _CHUNK:
        length, data = connection.get_copy_data(1)
        if length > 0:
            parts.append(data)
            size += length
        elif length < 0:
            return parts, True
        else:
            yield Wait.R
            connection.consume_input()
    return parts, False
