"""What a read-only connection to PostgreSQL refuses before the server does.

The server enforces it: each statement runs alone, by the extended protocol, in a transaction that this program
opened with READ ONLY and in which a snapshot was taken, so that no statement can make it read-write again. Refused
here is what would end that transaction or reach outside of it.
"""

from collections.abc import Iterator

from keeperdb.engines.sql_text import TokenKind, leading_words, tokens, words
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


# Functions that a read-only transaction allows, though they change something: large objects (until PostgreSQL 16),
# files and other sessions of the server, and connections that are not read-only.
_REACHING = {
    *("lo_creat", "lo_create", "lo_export", "lo_from_bytea", "lo_import", "lo_put", "lo_truncate", "lo_truncate64"),
    *("lo_unlink", "lowrite", "dblink", "dblink_connect", "dblink_exec", "dblink_send_query", "pg_file_write"),
    *("pg_cancel_backend", "pg_terminate_backend", "pg_reload_conf", "pg_rotate_logfile", "pg_switch_wal"),
    *("pg_promote", "pg_logical_emit_message", "pg_drop_replication_slot", "pg_stat_reset"),
}


def check(statement: str) -> None:
    """Raise `QueryError` for a statement that a read-only connection does not send."""
    first = (leading_words(statement, _DIALECT, 1) or [""])[0]
    if first in _REFUSED:
        raise _refusal(first, _REFUSED[first])
    if first in ("SET", "RESET") and _touches_read_only(statement):
        raise _refusal(first, "would change what the session may do")
    reaching = next((name for name in _names(statement) if name in _REACHING), "")
    if reaching:
        raise _refusal(reaching, "reaches outside of the read-only transaction")
    if first in ("COMMIT", "END", "ROLLBACK", "ABORT") and "CHAIN" in words(statement, _DIALECT):
        raise _refusal(f"{first} AND CHAIN", "opens a transaction of its own")


def _names(statement: str) -> Iterator[str]:
    """Bare and quoted names as the server reads them, but for Unicode escapes."""
    for token in tokens(statement, _DIALECT):
        if token.kind in (TokenKind.WORD, TokenKind.QUOTED):
            text = statement[token.start : token.end]
            yield text.lower() if token.kind is TokenKind.WORD else text.strip('"')


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
