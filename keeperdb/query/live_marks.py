"""What is wrong with a statement before it is run: brackets, syntax, unknown names, writes where none may be."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from keeperdb.engines.sql_text import TokenKind, leading_words, tokens
from keeperdb.engines.sql_text import words as all_words
from keeperdb.query.code import Piece
from keeperdb.query.completion.columns import ColumnName, Columns
from keeperdb.query.completion.made import Made
from keeperdb.query.completion.names import NameIndex
from keeperdb.query.completion.scopes import Analysis, Scope, Source, analyse, bare
from keeperdb.query.completion.vocabulary import functions, keywords, statement_words
from keeperdb.query.live_marks_names import unknown_elsewhere
from keeperdb.query.safety import check

if TYPE_CHECKING:
    from sqlglot.errors import ParseError

_PARSED = {"SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE"}  # what sqlglot knows well
_LONGEST = 50_000  # characters of a statement that is parsed
_SYSTEM = {"information_schema", "pg_catalog", "pg_toast", "sys", "mysql", "performance_schema", "svv", "stv"}
_SYSTEM_TABLES = re.compile(r"(?i)(pg_|sqlite_|svv_|stv_|stl_|svl_|all_|dba_|user_|v\$|dual$|inserted$|deleted$)")
_PSEUDO_NAMES = """
    rowid oid _rowid_ ctid xmin xmax cmin cmax tableoid level rownum ora_rowscn column_value current_date current_time
    current_timestamp localtime localtimestamp current_user session_user user sysdate systimestamp current_role
    current_schema nextval currval excluded new old inserted deleted
"""
_PSEUDO_COLUMNS = frozenset(_PSEUDO_NAMES.split())
# Words that stand where a column could, in some dialect: a column of such a name is never marked.
_WORD_NAMES = """
    ABSENT AGAINST ARRAY BINARY BOOLEAN BOTH CUBE CURRENT EMPTY EXCLUDE FIRST FOLLOWING GROUPING GROUPS IGNORE KEY
    LAST LEADING LOCKED MATCHED MODE NATURAL NOCYCLE NOWAIT NULLS ONLY ORDINALITY OTHERS OUTER OVERLAPS PERCENT PLACING
    PRECEDING PRIOR QUERY RANGE RESPECT ROLLUP ROW ROWS SEPARATOR SETS SKIP SQL_CALC_FOUND_ROWS STRAIGHT_JOIN SYMMETRIC
    ASYMMETRIC TABLE TIES TOP TRAILING UNBOUNDED UNIQUE UPDATE DELETE INSERT SELECT WITHIN WITHOUT ZONE
    SQL_NO_CACHE SQL_CACHE SQL_BIG_RESULT SQL_SMALL_RESULT SQL_BUFFER_RESULT HIGH_PRIORITY ISNULL NOTNULL
    LANGUAGE EXPANSION
    MICROSECOND MILLISECOND SECOND MINUTE HOUR DAY WEEK MONTH QUARTER YEAR DECADE CENTURY MILLENNIUM EPOCH DOW DOY
    ISODOW ISOYEAR DAYOFYEAR WEEKDAY ISO_WEEK NANOSECOND DAY_HOUR DAY_MINUTE DAY_SECOND HOUR_MINUTE HOUR_SECOND
    MINUTE_SECOND YEAR_MONTH YY YYYY QQ MM DY DD WK WW DW HH MI SS MS TIMEZONE TIMEZONE_HOUR TIMEZONE_MINUTE
"""
_WORDS = frozenset(_WORD_NAMES.split())
_NOT_READ = {"tsql": {"OUTPUT", "EXEC", "EXECUTE", "OPENJSON"}, "oracle": {"MODEL", "MATCH_RECOGNIZE"}}  # by sqlglot
_NOTHING = Made()
_WITH_SYNONYMS = ("oracle", "tsql")
_VALUE_CLAUSES = {"SELECT", "WHERE", "GROUP BY", "HAVING", "ORDER BY", "ON"}


class MarkKind(StrEnum):
    SYNTAX = "syntax"
    UNKNOWN = "unknown"  # a table or a column
    WRITE = "write"  # on a read-only connection


@dataclass(frozen=True, slots=True)
class Mark:
    """A range of the statement, in characters, and what is to be said about it."""

    start: int
    end: int
    kind: MarkKind
    message: str


def live_marks(
    statement: str, dialect: str, names: NameIndex, *, is_read_only: bool = False, made: Made = _NOTHING
) -> list[Mark]:
    """The marks of one statement, in order. Slow for long ones: not for the UI thread. Names are marked only where all
    that could bear them is known, so that a mark is right; `made` are those that the script makes itself.
    """
    found = list(_balance(statement, dialect))
    if not found:
        found += _syntax(statement, dialect)
    if is_read_only:
        found += _writes(statement, dialect)
    if not names.is_empty:
        found += _unknown(statement, dialect, names, made)
    return sorted(found, key=lambda mark: (mark.start, mark.end))


def wanted_tables(statement: str, dialect: str, names: NameIndex) -> list[tuple[str, ...]]:
    """Paths of the tables of a statement whose columns are not known yet."""
    columns = Columns(names)
    for scope in analyse(statement, dialect).scopes:
        for source in scope.sources:
            columns.of(source)
    return columns.wanted


def _balance(statement: str, dialect: str) -> Iterator[Mark]:
    """Brackets without partner, and a quote or a comment that goes on to the end."""
    open_brackets: list[int] = []
    for token in tokens(statement, dialect):
        text = statement[token.start : token.end]
        if token.kind is TokenKind.OTHER:
            for place, sign in enumerate(text, token.start):
                if sign == "(":
                    open_brackets.append(place)
                elif sign == ")" and not open_brackets:
                    yield Mark(place, place + 1, MarkKind.SYNTAX, "This bracket closes nothing.")
                elif sign == ")":
                    open_brackets.pop()
        elif token.end == len(statement) and _is_open(token.kind, text):
            what = "comment" if token.kind is TokenKind.COMMENT else "quote"
            yield Mark(token.start, token.start + 1, MarkKind.SYNTAX, f"This {what} is not closed.")
    for place in open_brackets:
        yield Mark(place, place + 1, MarkKind.SYNTAX, "This bracket is not closed.")


def _is_open(kind: TokenKind, text: str) -> bool:
    if kind is TokenKind.COMMENT:
        return text.startswith("/*") and not (text.endswith("*/") and len(text) > 3)
    if kind is not TokenKind.QUOTED or text[0] not in "'\"`[":
        return False
    return len(text) == 1 or text[-1] != {"[": "]"}.get(text[0], text[0])


def _syntax(statement: str, dialect: str) -> Iterator[Mark]:
    """What sqlglot cannot read, in the kinds of statement that it reads well."""
    words = leading_words(statement, dialect, 1)
    if not words or words[0] not in _PARSED or len(statement) > _LONGEST:
        return
    if _NOT_READ.get(dialect, set()) & set(all_words(statement, dialect)):
        return
    from sqlglot.errors import TokenError

    text = _readable(statement)
    try:
        error = _parse_error(text, dialect)
        if error is not None and _parse_error(text, "") is not None:  # what any dialect takes is left to the server
            yield _syntax_mark(statement, error)
    except (TokenError, RecursionError):
        return  # quotes were looked at before


def _parse_error(text: str, dialect: str) -> "ParseError | None":
    """Raises what sqlglot raises but `ParseError`."""
    from sqlglot import parse
    from sqlglot.errors import ParseError

    try:
        parse(text, dialect=dialect)
    except ParseError as error:
        return error
    return None


def _syntax_mark(statement: str, error: "ParseError") -> Mark:
    """At the word that could not be read, with what sqlglot says of it."""
    first = error.errors[0] if error.errors else {}
    end = _offset(statement, first.get("line") or 1, first.get("col") or 1)
    start = max(0, end - len(first.get("highlight") or " "))
    message = re.split(r"\. Line| but got <| missing for <", str(first.get("description") or ""))[0]
    if not message or "<class" in message or "keyword: 'this'" in message:
        message = "This cannot be read"
    return Mark(start, max(end, start + 1), MarkKind.SYNTAX, f"{message.rstrip('.')}.")


def _readable(statement: str) -> str:
    """With parameters and conflict clauses that sqlglot does not know written in another way; positions stay."""
    text = re.sub(r"%\((\w+)\)s", lambda match: f":{match[1]}".ljust(len(match[0])), statement)
    text = re.sub(r"(?<=[\s,(=])%s\b", ":s", text)
    text = re.sub(r"\?\d+", lambda match: "?".ljust(len(match[0])), text)
    return re.sub(r"(?i)\b(update\s+)(or\s+\w+)", lambda match: match[1] + " " * len(match[2]), text, count=1)


def _offset(statement: str, line: int, column: int) -> int:
    place = 0
    for _ in range(line - 1):
        place = statement.find("\n", place) + 1
    return min(place + column, len(statement))


def _writes(statement: str, dialect: str) -> Iterator[Mark]:
    if check(statement, dialect).is_change:
        code = analyse(statement, dialect).code
        if code and code[0].word in statement_words(dialect):  # what nobody knows is no write, but an error
            yield Mark(
                code[0].start, code[0].end, MarkKind.WRITE, "This changes data, and the connection is read-only."
            )


def _unknown(statement: str, dialect: str, names: NameIndex, made: Made) -> Iterator[Mark]:
    analysis = analyse(statement, dialect)
    if analysis.code and analysis.code[0].word not in _PARSED:
        return
    columns = Columns(names, made)
    for scope in analysis.scopes:
        for source in scope.sources:
            others = {each.alias.casefold() for each in scope.sources if each is not source}
            if _is_unknown_table(source, names, made, dialect) and source.parts[-1].casefold() not in others:
                what = ".".join(source.parts)
                yield Mark(source.start, source.end, MarkKind.UNKNOWN, f"There is no table or view {what}.")
    yield from _unknown_columns(analysis, columns, dialect)
    for piece, message in unknown_elsewhere(analysis, names, columns, dialect):
        if bare(piece.text).casefold() not in _PSEUDO_COLUMNS:
            yield Mark(piece.start, piece.end, MarkKind.UNKNOWN, message)


def _is_unknown_table(source: Source, names: NameIndex, made: Made, dialect: str) -> bool:
    """Where synonyms stand for tables, which nobody lists, nothing is said."""
    if source.query is not None or not source.parts or dialect in _WITH_SYNONYMS or not names.is_whole:
        return False
    name = source.parts[-1].casefold()
    if name in made.names or name in names.others or names.find(source.parts) is not None:
        return False
    if len(source.parts) > 1:
        return names.schema(source.parts[:-1]) is not None and source.parts[-2].casefold() not in _SYSTEM
    return bool(names.defaults) and not made.is_moved and not _SYSTEM_TABLES.match(source.parts[0])


def _unknown_columns(analysis: Analysis, columns: Columns, dialect: str) -> Iterator[Mark]:
    reserved = _reserved(dialect)
    known: dict[int, list[ColumnName] | None] = {}
    for index, piece in enumerate(analysis.code):
        if not piece.is_name or not _is_column_place(analysis.code, index) or piece.word in reserved:
            continue
        scope = analysis.scope_at(piece.start)
        if scope is None or not _is_checked(analysis.code, index, scope, dialect):
            continue
        qualifier = bare(analysis.code[index - 2].text) if _is(analysis.code, index - 1, ".") else ""
        message = _missing(bare(piece.text), qualifier, scope.visible(piece.start), scope, columns, known)
        if message:
            yield Mark(piece.start, piece.end, MarkKind.UNKNOWN, message)


def _is_checked(code: list[Piece], index: int, scope: Scope, dialect: str) -> bool:
    """Whether a name can be nothing but a column in this place of this dialect."""
    piece = code[index]
    clause = scope.clause_at(piece.start)
    if clause not in _VALUE_CLAUSES or bare(piece.text).casefold() in _PSEUDO_COLUMNS:
        return False
    if clause == "ORDER BY" and scope.is_in_set:
        return False
    if dialect == "sqlite" and piece.text.startswith('"'):
        return False  # SQLite reads it as a text if there is no such column
    return not (dialect == "tsql" and clause == "SELECT" and _is(code, index + 1, "="))  # an alias


@cache
def _reserved(dialect: str) -> frozenset[str]:
    """Words that may mean something else than a column; those of sqlglot's dialect too."""
    from sqlglot.dialects.dialect import Dialect

    known = (*keywords(dialect), *functions(dialect), *Dialect.get_or_raise(dialect).tokenizer_class.KEYWORDS)
    return _WORDS | {word for each in known for word in each.upper().split()}


def _is_column_place(code: list[Piece], index: int) -> bool:
    """Whether a name can be a column's: no function, no alias, no qualifier, and no second name after another."""
    if _is(code, index + 1, "(") or _is(code, index + 1, ".") or _is(code, index + 1, "::"):
        return False
    if index >= 1 and code[index - 1].text in ("@", ":", "$", "%"):
        return False  # a variable, a parameter, or a type after a cast
    following = code[index + 1] if index + 1 < len(code) else None
    if following is not None and following.is_string:
        return False  # a type before a literal: DATE '…'
    if _is(code, index - 1, "(") and (
        _is(code, index - 2, "%") or (following is not None and following.word == "FROM")
    ):
        return False  # %(name)s, EXTRACT(YEAR FROM …)
    if _is(code, index - 1, "."):
        return index >= 2 and not _is(code, index - 3, ".")
    before = code[index - 1] if index else None
    if before is None:
        return False
    if before.word:
        return before.word in {
            "SELECT",
            "DISTINCT",
            "WHERE",
            "AND",
            "OR",
            "ON",
            "BY",
            "HAVING",
            "NOT",
            "WHEN",
            "THEN",
            "ELSE",
            "CASE",
            "IN",
            "LIKE",
            "BETWEEN",
        }
    return not (before.is_name or before.is_string or before.text in (")", "]") or before.text[-1].isalnum())


def _is(code: list[Piece], index: int, text: str) -> bool:
    return 0 <= index < len(code) and code[index].text == text


def _missing(
    name: str,
    qualifier: str,
    sources: list[Source],
    scope: Scope,
    columns: Columns,
    known: dict[int, list[ColumnName] | None],
) -> str:
    """What to say if no source can have the column; nothing where one is not known."""
    if qualifier:
        sources = [source for source in sources if source.alias.casefold() == qualifier.casefold()][:1]
    folded = name.casefold()
    aliases = (item.name.casefold() for item in scope.items if item.name and item.name != item.column)
    if not sources or folded in aliases:
        return ""
    if not qualifier and any(source.alias.casefold() == folded for source in sources):
        return ""  # a whole row
    for source in sources:
        if id(source) not in known:
            known[id(source)] = columns.of(source)
        found = known[id(source)]
        if found is None or any(column.name.casefold() == folded for column in found):
            return ""
    where = sources[0].parts[-1] if len(sources) == 1 and sources[0].parts else sources[0].alias
    return (
        f"There is no column {name} in {where}." if len(sources) == 1 and where else f"There is no column {name} here."
    )
