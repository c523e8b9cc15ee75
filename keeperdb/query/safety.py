"""What a statement does before it is sent: reads, writes, defines, or destroys. What is not known counts as writing.

It guards against accidents. What holds a read-only connection is the server.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from keeperdb.errors import KeeperDBError
from keeperdb.query.code import Piece, pieces, words
from keeperdb.query.dangers import Operation, find_dangers, is_only_explained
from keeperdb.query.harmless import is_harmless_call


class Kind(StrEnum):
    READ = "read"
    WRITE = "write"
    DEFINE = "define"  # DDL
    TRANSACTION = "transaction"
    SESSION = "session"  # settings of this connection alone


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a statement is, and what of it should be confirmed."""

    kind: Kind
    operations: tuple[Operation, ...] = ()

    @property
    def is_change(self) -> bool:
        return self.kind in (Kind.WRITE, Kind.DEFINE)


class ConfirmationRequired(KeeperDBError):  # noqa: N818 - a question rather than a failure
    """The statement was not sent: a person has to confirm it first.

    `rows` is the server's own estimate of the rows it would touch, None where there is none. With `is_typed` the name
    of what is changed is to be typed.
    """

    def __init__(
        self, verdict: Verdict, statement: str, *, rows: int | None = None, is_typed: bool = False, place: str = ""
    ) -> None:
        self.operations = verdict.operations
        self.statement = statement
        self.rows = rows
        self.is_typed = is_typed
        what = "; ".join(operation.in_words for operation in self.operations) or "Change data"
        where = f" on {place}" if place else ""
        super().__init__(f"Not run without confirmation{where}: {what}{self._estimate()}.", "Confirm it to run it.")

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for operation in self.operations for name in operation.names if name))

    def _estimate(self) -> str:
        if self.rows is None:
            return ""
        return " (about 1 row)" if self.rows == 1 else f" (about {self.rows:,} rows)"


@lru_cache(maxsize=16)
def check(statement: str, dialect: str) -> Verdict:
    """What `statement` does. It is never changed by this."""
    code = pieces(statement[:_HEAD], dialect)
    if len(statement) > _HEAD and words(code, 0, 1) in _NEED_ALL:
        code = pieces(statement, dialect)
    operations = tuple(find_dangers(statement, dialect))
    kind = _kind(code, dialect)
    if operations and kind is not Kind.DEFINE:
        kind = Kind.WRITE
    return Verdict(kind, operations)


def is_plannable(statement: str, dialect: str) -> bool:
    """Whether EXPLAIN before `statement` shows its plan: a single DELETE, UPDATE or MERGE, or WITH before it."""
    code = pieces(statement, dialect)
    has_comment = "/*!" in statement or "/*M!" in statement
    first = code[0].word if code else ""
    return (
        first in ("DELETE", "UPDATE", "MERGE", "WITH") and not has_comment and all(piece.text != ";" for piece in code)
    )


_TRANSACTION = {"COMMIT", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "END", "SAVE"}
_BEGIN_WORDS = {
    *("TRAN", "TRANSACTION", "WORK", "ISOLATION", "READ", "DEFERRED", "IMMEDIATE", "EXCLUSIVE", "NOT", "DEFERRABLE"),
    *("CONCURRENT", "DISTRIBUTED"),
}
_DEFINING = {"CREATE", "ALTER", "DROP", "TRUNCATE", "RENAME", "COMMENT", "GRANT", "REVOKE", "REINDEX", "VACUUM"}
_READING = {"SELECT", "VALUES", "TABLE", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "HELP", "WITH", "ANALYZE"}
_SETTING = {"SET", "RESET", "USE", "DISCARD", "LISTEN", "UNLISTEN", "PRINT"}
_LASTING = {"GLOBAL", "PERSIST", "PERSIST_ONLY", "PASSWORD", "ROLE_DEFAULT"}
_WRITING = {
    *("INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "INTO", "TRUNCATE", "DROP", "CREATE", "ALTER", "CALL", "EXEC"),
    *("EXECUTE", "COPY", "LOAD", "IMPORT", "LOCK", "SHARE", "NEXTVAL", "OUTFILE", "DUMPFILE"),
}
_READ_PRAGMAS = {
    *("TABLE_INFO", "TABLE_XINFO", "TABLE_LIST", "INDEX_LIST", "INDEX_INFO", "INDEX_XINFO", "FOREIGN_KEY_LIST"),
    *("DATABASE_LIST", "COLLATION_LIST", "COMPILE_OPTIONS", "FUNCTION_LIST", "MODULE_LIST", "PRAGMA_LIST"),
    *("INTEGRITY_CHECK", "QUICK_CHECK", "FOREIGN_KEY_CHECK"),
}


_HEAD = 4_000  # characters that tell what a long statement is, unless it may read
_NEED_ALL = [[word] for word in ("", *sorted(_READING))]


def _kind(code: Sequence[Piece], dialect: str) -> Kind:
    code = [piece for piece in code if piece.text != "("] if code and code[0].text == "(" else code
    first = code[0].word if code else ""
    if first == "BEGIN" or first == "START":
        second = words(code, 1, 1)
        is_plain = len(code) == 1 or second[0] in _BEGIN_WORDS or code[1].text == ";"
        return Kind.TRANSACTION if is_plain and "ATOMIC" not in words(code, 1, 3) else Kind.WRITE
    if first in _TRANSACTION or words(code, 0, 2) == ["SET", "TRANSACTION"]:
        return Kind.TRANSACTION
    if first in _SETTING:
        return Kind.WRITE if _LASTING.intersection(words(code, 1, 4)) or _calls_unknown(code) else Kind.SESSION
    if first in _DEFINING:
        return Kind.DEFINE
    if first == "PRAGMA":
        return _pragma(code)
    return Kind.READ if first in _READING and _only_reads(code, first, dialect) else Kind.WRITE


def _only_reads(code: Sequence[Piece], first: str, dialect: str) -> bool:
    if is_only_explained(code):
        return dialect != "oracle"  # EXPLAIN PLAN writes into a table
    if first == "ANALYZE" and not {"SELECT", "WITH"}.intersection(words(code, 1)):
        return False
    for index, piece in enumerate(code):
        is_call = index + 1 < len(code) and code[index + 1].text == "("
        if piece.word in _WRITING and not (is_call and is_harmless_call(piece.word)):
            return False
    return not any(piece.text == ";" for piece in code) and not _calls_unknown(code)


def _calls_unknown(code: Sequence[Piece]) -> bool:
    """Whether a function is called that may do anything, as far as is known here."""
    for index, piece in enumerate(code[:-1]):
        if piece.is_name and code[index + 1].text == "(":
            is_bare = bool(piece.word) and (index == 0 or code[index - 1].text != ".")
            if not (is_bare and is_harmless_call(piece.word)) and not _is_alias(code, index):
                return True
    return False


def _is_alias(code: Sequence[Piece], index: int) -> bool:
    """A list of columns after a name: `WITH x (a, b) AS`, `AS x (a, b)`, `) x (a, b)`."""
    before = code[index - 1] if index else None
    return before is not None and (before.word in ("WITH", "RECURSIVE", "AS") or before.text == ")")


def _pragma(code: Sequence[Piece]) -> Kind:
    signs = {piece.text for piece in code}
    name = next((piece.word for piece in code[1:] if piece.word not in ("MAIN", "TEMP")), "")
    if name in _READ_PRAGMAS or not signs & {"=", "("}:
        return Kind.READ if name not in ("OPTIMIZE", "INCREMENTAL_VACUUM", "WAL_CHECKPOINT") else Kind.WRITE
    return Kind.WRITE
