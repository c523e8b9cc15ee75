"""What a read-only connection to Oracle refuses before the server does.

The server enforces the rest: each statement runs in a transaction that was opened with SET TRANSACTION READ ONLY,
where changes fail with ORA-01456. It does not stop DDL, which commits first, nor autonomous transactions: so only
queries are sent, and a query may still call a function that has an autonomous transaction.
"""

from itertools import pairwise

from keeperdb.engines.sql_text import leading_words, words
from keeperdb.errors import QueryError

OPEN_TRANSACTION = "SET TRANSACTION READ ONLY"

_DIALECT = "oracle"


def check(statement: str) -> None:
    """Raise `QueryError` for what is no query, and for a query that locks rows or brings its own functions along."""
    first, second = (*leading_words(statement, _DIALECT, 2), "", "")[:2]
    if first not in ("SELECT", "WITH") or second in ("FUNCTION", "PROCEDURE"):
        raise _refusal(f"{first} {second}".strip() if first == "WITH" else first or "This")
    found = list(words(statement, _DIALECT))
    if any(pair == ("FOR", "UPDATE") for pair in pairwise(found)):
        raise _refusal("SELECT … FOR UPDATE")


def _refusal(what: str) -> QueryError:
    return QueryError(
        f"{what} is not allowed: the connection is read-only.",
        "Only queries are sent. Use a connection that may write.",
        code="ORA-01456",
    )
