"""What a read-only connection to MySQL or MariaDB sends at all.

The server enforces it: each statement runs in a transaction that this program opened with START TRANSACTION READ ONLY.
Because one statement may hold a whole program there, only words that begin a reading statement are let through.
"""

from keeperdb.engines.sql_text import TokenKind, is_executable_comment, leading_words, tokens
from keeperdb.errors import QueryError

OPEN_TRANSACTION = "START TRANSACTION READ ONLY"

_ALLOWED = {
    *("SELECT", "WITH", "VALUES", "TABLE", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "USE", "HELP", "CHECKSUM"),
    *("COMMIT", "ROLLBACK"),
}
_FILES = {"OUTFILE", "DUMPFILE"}


def check(statement: str) -> None:
    """Raise `QueryError` for a statement that a read-only connection does not send."""
    first = (leading_words(statement.lstrip("( \t\r\n"), "mysql", 1) or [""])[0]
    if first not in _ALLOWED:
        raise _refusal(first or "This statement", "Only statements that read are sent.")
    for token in tokens(statement, "mysql"):
        if is_executable_comment(statement, token, "mysql"):
            raise _refusal("A comment that the server runs", "Write its text as part of the statement.")
        if token.kind is TokenKind.WORD and statement[token.start : token.end].upper() in _FILES:
            raise _refusal("INTO OUTFILE", "It would write a file on the server.")


def _refusal(what: str, hint: str) -> QueryError:
    return QueryError(f"{what} is not allowed: the connection is read-only.", hint, code="1792")
