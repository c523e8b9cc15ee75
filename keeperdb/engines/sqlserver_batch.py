"""What can be told of a Transact-SQL batch by its words: whether it may write, and whether it returns one result."""

from collections.abc import Iterator

from keeperdb.engines import sql_text
from keeperdb.engines.sql_text import TokenKind, leading_words, tokens
from keeperdb.errors import QueryError

_DIALECT = "tsql"

# Statements need no separator in Transact-SQL, so every word of a batch counts, not only the first.
_WRITING = frozenset(
    """
    ADD ALTER BACKUP BEGIN BULK CHECKPOINT COMMIT CREATE DBCC DELETE DENY DISABLE DROP ENABLE EXEC EXECUTE
    GRANT IMPLICIT_TRANSACTIONS INSERT INTO KILL MERGE MOVE OPENDATASOURCE OPENQUERY OPENROWSET RECEIVE
    RECONFIGURE RENAME RESTORE REVERT REVOKE SAVE SEND SETUSER SHUTDOWN TRANSACTION TRAN TRUNCATE UPDATE
    UPDATETEXT USE WRITETEXT
    """.split()  # noqa: SIM905 - a list of forty names has no shape
)
_READING_STARTS = ("SELECT", "WITH", "DECLARE", "SET", "PRINT", "IF")
_OTHER_STARTS = frozenset(
    """
    ALTER BEGIN CREATE DECLARE DELETE DROP EXEC EXECUTE IF INSERT MERGE PRINT RAISERROR RETURN SET THROW
    TRUNCATE UPDATE USE WAITFOR WHILE
    """.split()  # noqa: SIM905 - a list of forty names has no shape
)
_SET_OPERATORS = ("UNION", "ALL", "EXCEPT", "INTERSECT")


def check_read_only(batch: str) -> None:
    """Raise `QueryError` for a batch that a read-only connection does not send. Best effort: functions are trusted."""
    first = leading_word(batch)
    if first not in _READING_STARTS:
        raise _refusal(first or "This")
    for word in sql_text.words(batch, _DIALECT):
        if word in _WRITING:
            raise _refusal(word)


def leading_word(batch: str) -> str:
    return (leading_words(batch, _DIALECT, 1) or [""])[0]


def words(batch: str) -> Iterator[str]:
    return sql_text.words(batch, _DIALECT)


def returns_one_result(batch: str) -> bool:
    """Whether `batch` is one SELECT; when in doubt, no. Several results are fetched whole, one is streamed."""
    if leading_word(batch) not in ("SELECT", "WITH"):
        return False
    depth, selects, last, is_over = 0, 0, "", False
    for kind, text in _code(batch):
        if is_over:
            return False
        is_over = kind is TokenKind.SEMICOLON
        if kind is TokenKind.OTHER:
            depth += text.count("(") - text.count(")")
        elif kind is TokenKind.WORD and depth == 0:
            if text in _OTHER_STARTS:
                return False
            selects += text == "SELECT" and last not in _SET_OPERATORS
            last = text
    return selects == 1


def _code(batch: str) -> Iterator[tuple[TokenKind, str]]:
    """Tokens that are neither space nor comment; words in capitals."""
    for token in tokens(batch, _DIALECT):
        if token.kind not in (TokenKind.SPACE, TokenKind.COMMENT):
            yield token.kind, batch[token.start : token.end].upper()


def _refusal(word: str) -> QueryError:
    return QueryError(
        f"{word} is not sent: the connection is read-only.",
        "SQL Server cannot enforce this, so what may write is refused here. Use a login that may only read as well.",
    )
