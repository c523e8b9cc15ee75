"""Where the caret is: what was typed of a word, what stands before it, and what can be named there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from keeperdb.engines.sql_text import Token, TokenKind, tokens
from keeperdb.query.code import Piece
from keeperdb.query.completion.scopes import Analysis, Source, analyse, bare

_TABLE_CLAUSES = ("FROM", "JOIN", "INTO", "UPDATE", "TABLE")
# After these words, and these signs, an expression goes on; after anything else it has ended.
_OPENING_WORDS = {
    *(
        "SELECT",
        "DISTINCT",
        "ALL",
        "WHERE",
        "AND",
        "OR",
        "NOT",
        "ON",
        "BY",
        "HAVING",
        "SET",
        "WHEN",
        "THEN",
        "ELSE",
        "CASE",
    ),
    *(
        "IN",
        "LIKE",
        "ILIKE",
        "BETWEEN",
        "RETURNING",
        "USING",
        "VALUES",
        "OUTPUT",
        "QUALIFY",
        "IS",
        "RLIKE",
        "REGEXP",
        "GLOB",
    ),
}


_NAME_QUOTES = '"`['
_GOES_ON = re.compile(r"\n|\s(?:from|where|join|on|and|or|order|group|set)\s", re.IGNORECASE)  # no part of a name


@dataclass(frozen=True)
class Place:
    """`prefix` was typed from `start` on; `qualifier` are the names before its dot, from `qualifier_start` on.

    `sources` can be named here, `scope_sources` are those of the innermost query; `clause` is its clause. `star` is
    the `*` right before the caret. `is_lower` tells how the person writes keywords.
    """

    analysis: Analysis
    prefix: str
    start: int
    qualifier: tuple[str, ...]
    qualifier_start: int
    clause: str
    sources: Sequence[Source]
    scope_sources: Sequence[Source]
    ctes: Sequence[str]
    before: Piece | None
    star: Piece | None
    is_lower: bool
    is_in_brackets: bool

    @property
    def wants_table(self) -> bool:
        """Whether a table's name begins here; not where its alias would."""
        if self.clause not in _TABLE_CLAUSES or self.is_in_brackets:
            return False
        return self.before is None or self.before.text == "," or self.before.word in (*_TABLE_CLAUSES, "APPLY", "ONLY")

    @property
    def wants_names_of_target(self) -> bool:
        """Whether these are the columns of `INSERT INTO t (…)` or the left sides of `UPDATE t SET …`."""
        if self.clause in ("INTO", "CONFLICT") and self.is_in_brackets:
            return True
        if self.clause == "CONFLICT":  # of MySQL: ON DUPLICATE KEY UPDATE …
            return self.before is not None and (self.before.word == "UPDATE" or self.before.text == ",")
        return self.clause == "SET" and self.before is not None and self.before.text in ("SET", "set", "Set", ",")

    @property
    def wants_value(self) -> bool:
        """Whether an expression goes on here, so that a column may stand; false right behind a name."""
        before = self.before
        if self.clause in _TABLE_CLAUSES or before is None:
            return False
        if before.word:
            return before.word in _OPENING_WORDS
        return not (before.is_name or before.is_string or before.text == ")" or before.text[0].isdigit())


def place_at(statement: str, caret: int, dialect: str) -> Place | None:
    """None where nothing can be proposed: in strings, comments and numbers."""
    token = _token_before(statement, caret, dialect)
    if token is not None and _is_closed_to_names(statement, token, caret, dialect):
        return None
    start = _prefix_start(statement, token, caret)
    analysis = analyse(_with_quote_closed(statement, token, caret), dialect)
    code = [piece for piece in analysis.code if piece.end <= start]
    star = code[-1] if code and code[-1].text == "*" and code[-1].end == caret else None
    if star is not None:
        code.pop()
    qualifier, qualifier_start = _qualifier(code, star.start if star is not None else start)
    if qualifier:
        code = [piece for piece in code if piece.end <= qualifier_start]
    scope = analysis.scope_at(caret)
    sources = scope.visible(start) if scope is not None else []
    if star is not None and not (scope is not None and scope.clause_at(caret) == "SELECT" and _begins_item(code)):
        star = None
    return Place(
        analysis,
        bare(statement[start:caret]) if start < caret else "",
        start,
        qualifier,
        qualifier_start,
        scope.clause_at(start) if scope is not None else "",
        [source for source in sources if not (source.start <= caret and qualifier_start <= source.end)],
        scope.sources_at(start) if scope is not None else [],
        list(analysis.ctes),
        code[-1] if code else None,
        star,
        _is_lower(statement[start:caret], analysis.code, start),
        _is_in_brackets(code, scope.start if scope is not None else 0),
    )


def _token_before(statement: str, caret: int, dialect: str) -> Token | None:
    """The token that the caret is in or right behind."""
    last = None
    for token in tokens(statement, dialect):
        if token.start >= caret:
            break
        last = token
    return last


def _with_quote_closed(statement: str, token: Token | None, caret: int) -> str:
    """A name whose quote is open would take all that follows: read it as a word up to the caret."""
    if token is None or token.kind is not TokenKind.QUOTED or caret > token.end:
        return statement
    text, behind = statement[token.start : token.end], statement[caret : token.end]
    is_open = len(text) == 1 or text[-1] != {"[": "]"}.get(text[0], text[0]) or _GOES_ON.search(behind)
    if text[0] not in _NAME_QUOTES or not is_open:
        return statement
    return statement[: token.start] + "_" * (caret - token.start) + statement[caret:]


def _is_closed_to_names(statement: str, token: Token, caret: int, dialect: str) -> bool:
    text = statement[token.start : token.end]
    if token.kind is TokenKind.QUOTED and text[0] == '"' and dialect == "mysql":
        return caret < token.end or len(text) == 1 or text[-1] != '"'
    if token.kind is TokenKind.COMMENT:
        ends_here = token.end == caret and text.startswith("/*") and text.endswith("*/") and len(text) > 3
        return not ends_here
    if token.kind is TokenKind.QUOTED and text[0] not in _NAME_QUOTES:
        return caret < token.end or not (len(text) > 1 and text.endswith(text[0]))
    return token.kind is TokenKind.OTHER and text[0].isdigit()


def _prefix_start(statement: str, token: Token | None, caret: int) -> int:
    if token is None or token.end < caret:
        return caret
    if token.kind is TokenKind.WORD:
        return token.start
    if token.kind is TokenKind.QUOTED:
        text = statement[token.start : token.end]
        closing = {"[": "]"}.get(text[0], text[0])
        is_open = len(text) == 1 or not text.endswith(closing) or caret < token.end
        return token.start if is_open else caret
    return caret


def _qualifier(code: Sequence[Piece], start: int) -> tuple[tuple[str, ...], int]:
    """The names before a dot that ends at `start`."""
    names: list[str] = []
    index, begin = len(code) - 1, start
    while index >= 1 and code[index].text == "." and code[index].end == begin and code[index - 1].is_name:
        names.insert(0, bare(code[index - 1].text))
        begin = code[index - 1].start
        index -= 2
    return tuple(names), begin


def _begins_item(code: Sequence[Piece]) -> bool:
    return bool(code) and (code[-1].word in ("SELECT", "DISTINCT", "ALL") or code[-1].text == ",")


def _is_lower(prefix: str, code: Sequence[Piece], start: int) -> bool:
    """As the prefix is typed; without one, as the first word of the statement is."""
    if prefix:
        return any(sign.islower() for sign in prefix)
    first = next((piece.text for piece in code if piece.word and piece.start < start), "select")
    return first.islower()


def _is_in_brackets(code: Sequence[Piece], scope_start: int) -> bool:
    """Whether a bracket of the innermost query is open here."""
    open_brackets = 0
    for piece in code:
        if piece.start >= scope_start:
            open_brackets += {"(": 1, ")": -1}.get(piece.text, 0)
    return open_brackets > 0
