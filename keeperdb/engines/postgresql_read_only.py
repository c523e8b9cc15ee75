"""What a read-only connection to PostgreSQL refuses before the server does.

The server enforces it: each statement runs alone, by the extended protocol, in a transaction that this program
opened with READ ONLY and in which a snapshot was taken, so that no statement can make it read-write again. Refused
here is what would end that transaction or reach outside of it.
"""

from keeperdb.engines.sql_text import leading_words, words
from keeperdb.errors import QueryError

OPEN_TRANSACTION = "BEGIN READ ONLY; SELECT 1"

_DIALECT = "postgres"
_REFUSED = {
    "BEGIN": "opens a transaction of its own",
    "START": "opens a transaction of its own",
    "PREPARE": "may end the transaction",
    "DISCARD": "forgets that the session is read-only",
    "COPY": "may reach files and programs of the server",
    "DO": "may run anything",
    "CALL": "may run anything",
    "LOAD": "loads code into the server",
    "LOCK": "blocks others",
}
_TOUCHY = {"TRANSACTION", "CHARACTERISTICS", "AUTHORIZATION", "ALL"}


def check(statement: str) -> None:
    """Raise `QueryError` for a statement that a read-only connection does not send."""
    first = (leading_words(statement, _DIALECT, 1) or [""])[0]
    if first in _REFUSED:
        raise _refusal(first, _REFUSED[first])
    if first in ("SET", "RESET") and _touches_read_only(statement):
        raise _refusal(first, "would change what the session may do")
    if first in ("COMMIT", "END", "ROLLBACK", "ABORT") and "CHAIN" in words(statement, _DIALECT):
        raise _refusal(f"{first} AND CHAIN", "opens a transaction of its own")


def _touches_read_only(statement: str) -> bool:
    return (
        any(word in _TOUCHY or "READ_ONLY" in word for word in words(statement, _DIALECT))
        or "read_only" in statement.lower()
    )


def _refusal(what: str, why: str) -> QueryError:
    return QueryError(
        f"{what} is not allowed: the connection is read-only.",
        f"It {why}. Use a connection that may write.",
        code="25006",  # read_only_sql_transaction
    )
