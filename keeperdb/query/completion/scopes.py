"""Which tables, subqueries and CTEs can be named where in a statement; made for statements that are not finished."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from keeperdb.query.code import Piece, name_at, pieces

_SET_WORDS = {"UNION", "INTERSECT", "EXCEPT", "MINUS"}
_CLAUSES = {
    **{word: word for word in ("SELECT", "FROM", "WHERE", "HAVING", "LIMIT", "OFFSET", "FETCH", "VALUES", "SET")},
    **{word: word for word in ("RETURNING", "OUTPUT", "WINDOW", "QUALIFY", "ON", "JOIN", "INTO", "UPDATE", "TABLE")},
    "GROUP": "GROUP BY",
    "ORDER": "ORDER BY",
    "PARTITION": "GROUP BY",
    "APPLY": "JOIN",
    "USING": "FROM",
}
_TABLE_CLAUSES = {"FROM", "JOIN", "INTO", "UPDATE", "TABLE"}
_OF_TARGET = {"CONFLICT", "SET", "RETURNING", "OUTPUT"}  # from here on, an INSERT can name columns of its table
# Words that end a table's name where an alias could stand.
_NO_ALIAS = {
    *_CLAUSES,
    *_SET_WORDS,
    *("AS", "LEFT", "RIGHT", "INNER", "OUTER", "FULL", "CROSS", "NATURAL", "USING", "LATERAL", "TABLESAMPLE", "FOR"),
    *("WHEN", "DEFAULT", "USE", "FORCE", "IGNORE", "WITH", "STRAIGHT_JOIN", "BY", "THEN", "AND", "OR", "NOT"),
}
_QUERY_WORDS = {"SELECT", "WITH", "VALUES", "TABLE", "INSERT", "UPDATE", "DELETE", "MERGE"}


@dataclass
class Item:
    """One entry of a select list: what it is called, the column it is if it is one, or `*` with its qualifier."""

    name: str
    qualifier: str = ""
    column: str = ""
    is_star: bool = False


@dataclass
class Source:
    """Something that rows come from. `parts` is a table's name as written; `query` a subquery or a CTE."""

    alias: str
    parts: tuple[str, ...] = ()
    query: "Query | None" = None
    columns: tuple[str, ...] = ()  # names given in brackets after the alias
    start: int = 0
    end: int = 0
    alias_place: tuple[int, int] | None = None  # of an alias that was given
    is_target: bool = False  # the table of INSERT INTO


@dataclass
class Scope:
    """One SELECT, INSERT, UPDATE or DELETE: its place in characters, its sources, and its clauses in order."""

    start: int
    end: int
    parent: "Scope | None" = None
    sources: list[Source] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    clauses: list[tuple[int, str]] = field(default_factory=list)  # where each begins
    is_in_set: bool = False  # one side of a UNION, whose ORDER BY names columns of the whole

    def clause_at(self, position: int) -> str:
        """The clause that a place belongs to; empty before the first."""
        return next((name for start, name in reversed(self.clauses) if start <= position), "")

    def sources_at(self, position: int) -> "list[Source]":
        """Those whose columns can be named: the values of an INSERT, and its query, cannot name those of its table."""
        begun = [name for start, name in self.clauses if start <= position]
        if begun == ["INTO"] or _OF_TARGET & set(begun):
            return self.sources
        return [source for source in self.sources if not source.is_target]

    def visible(self, position: int) -> "list[Source]":
        """Its own sources, then those of the queries around it."""
        scope: Scope | None = self
        found: list[Source] = []
        while scope is not None:
            found += scope.sources_at(position)
            scope = scope.parent
        return found


@dataclass
class Query:
    """A query, which may be several SELECTs of a UNION; the first one names the columns."""

    scopes: list[Scope] = field(default_factory=list)
    columns: tuple[str, ...] = ()  # of a CTE with names of its own


@dataclass
class Analysis:
    """`scopes` are all of the statement, outer ones first; `ctes` by folded name; `code` its tokens."""

    code: list[Piece]
    scopes: list[Scope]
    ctes: dict[str, Query]

    def scope_at(self, position: int) -> Scope | None:
        """The innermost scope around a place."""
        inside = [scope for scope in self.scopes if scope.start <= position <= scope.end]
        return min(inside, key=lambda scope: scope.end - scope.start, default=None)


def analyse(statement: str, dialect: str) -> Analysis:
    """Read a statement as far as it goes; what cannot be understood is passed over, and nothing is raised."""
    code = pieces(statement, dialect)
    reader = _Reader(code, len(statement))
    reader.query(0, len(code), None)
    return Analysis(code, reader.scopes, reader.ctes)


def bare(text: str) -> str:
    """A name as the database has it, without its quotes."""
    if len(text) > 1 and text[0] in '"`[':
        closing = "]" if text[0] == "[" else text[0]
        inner = text[1:-1] if text.endswith(closing) else text[1:]
        return inner.replace(closing * 2, closing)
    return text


class _Reader:
    def __init__(self, code: Sequence[Piece], length: int) -> None:
        self._code = code
        self._length = length
        self.scopes: list[Scope] = []
        self.ctes: dict[str, Query] = {}

    def query(self, index: int, end: int, parent: Scope | None) -> Query:
        """Read the pieces from `index` up to `end`, which are one query or statement."""
        query = Query()
        if index < end and self._code[index].word == "WITH":
            index = self._with(index + 1, end, parent)
        while index < end:
            index = self._scope(index, end, parent, query)
        for scope in query.scopes:
            scope.is_in_set = len(query.scopes) > 1
        if not query.scopes:
            self._add(Scope(self._start(index, end), self._end(end), parent), query)
        return query

    def _with(self, index: int, end: int, parent: Scope | None) -> int:
        if index < end and self._code[index].word == "RECURSIVE":
            index += 1
        while index < end and self._code[index].is_name:
            name = bare(self._code[index].text)
            index += 1
            columns: tuple[str, ...] = ()
            if self._is(index, "("):
                columns, index = self._names_in_brackets(index, end)
            while index < end and self._code[index].word in ("AS", "NOT", "MATERIALIZED"):
                index += 1
            if not self._is(index, "("):
                return index
            close = self._close(index, end)
            body = Query(columns=columns)
            self.ctes[name.casefold()] = body  # before its body is read: it may name itself
            body.scopes = self.query(index + 1, close, parent).scopes
            index = close + 1
            if not self._is(index, ","):
                return index
            index += 1
        return index

    def _scope(self, index: int, end: int, parent: Scope | None, query: Query) -> int:
        """One SELECT or other command, up to a UNION or the end."""
        begin, depth = index, self._code[index].depth
        scope = Scope(self._start(begin, end), self._end(end), parent)
        self._add(scope, query)
        clause, items_from, items_end = "", None, end
        while index < end:
            piece = self._code[index]
            if piece.depth == depth and piece.word in _SET_WORDS and index > begin:
                scope.end = piece.start
                items_end = index
                index += 1
                while index < end and self._code[index].word in ("ALL", "DISTINCT"):
                    index += 1
                break
            if piece.depth == depth and self._is_clause(index, begin):
                if items_from is not None:
                    scope.items = self._items(items_from, index, depth)
                    items_from = None
                clause = "CONFLICT" if self._is_conflict(index) else _CLAUSES[piece.word]
                scope.clauses.append((piece.end, clause))
                index += 1
                if clause in ("SELECT", "RETURNING"):
                    index = self._after_select(index, end)
                    items_from = index
                elif clause in _TABLE_CLAUSES:
                    index = self._sources(index, end, scope)
                continue
            if clause == "FROM" and piece.text == "," and piece.depth == depth:
                index = self._sources(index + 1, end, scope)
                continue
            if piece.depth == depth and piece.word == "WITH" and clause == "INTO" and not self._is(index + 1, "("):
                index = self._with(index + 1, end, parent)  # of INSERT INTO t WITH … SELECT
                continue
            index = self._brackets(index, end, scope)
        if items_from is not None:
            scope.items = self._items(items_from, items_end, depth)
        return index

    def _is_clause(self, index: int, begin: int) -> bool:
        """Whether a clause begins at `index`; the same words stand in FOR UPDATE, PARTITION (p0) and FOR JOIN."""
        word, before = self._code[index].word, self._code[index - 1].word if index else ""
        if word not in _CLAUSES or self._follows_dot(index):
            return False
        if word == "UPDATE":
            return index == begin or before in ("EXPLAIN", "ANALYZE")
        if word == "USING":  # of MERGE and DELETE; that of a join has columns in brackets
            reads_query = index + 2 < len(self._code) and self._code[index + 2].word in _QUERY_WORDS
            return index > begin and (reads_query or not self._is(index + 1, "("))
        if word == "PARTITION":
            return index + 1 < len(self._code) and self._code[index + 1].word == "BY"
        return not (word in ("JOIN", "ORDER", "GROUP") and before == "FOR")

    def _is_conflict(self, index: int) -> bool:
        """Whether what an INSERT does with rows that are there begins, and no condition of a join."""
        following = self._code[index + 1].word if index + 1 < len(self._code) else ""
        return self._code[index].word == "ON" and following in ("CONFLICT", "DUPLICATE")

    def _brackets(self, index: int, end: int, scope: Scope) -> int:
        """Pass over one piece; a bracket that holds a query is a scope of its own."""
        if self._is(index, "(") and index + 1 < end and self._code[index + 1].word in _QUERY_WORDS:
            close = self._close(index, end)
            self.query(index + 1, close, scope)
            return close + 1
        return index + 1

    def _sources(self, index: int, end: int, scope: Scope) -> int:
        """The table or subquery at `index` and its alias."""
        while index < end and self._code[index].word in ("ONLY", "LATERAL", "IF", "NOT", "EXISTS", "OVERWRITE"):
            index += 1
        if index >= end:
            return index
        start = self._code[index].start
        if self._code[index].word == "ROWS" and index + 1 < end and self._code[index + 1].word == "FROM":
            return self._aliased(self._close(index + 2, end) + 1, end, scope, Source("", start=start))
        if self._is(index, "("):
            close = self._close(index, end)
            if index + 1 < end and self._code[index + 1].word in _QUERY_WORDS:
                query = self.query(index + 1, close, scope.parent)
                return self._aliased(close + 1, end, scope, Source("", query=query, start=start))
            return self._sources(index + 1, end, scope)  # brackets around a join
        if not self._code[index].is_name or self._code[index].word in _NO_ALIAS:
            return index
        text, after = name_at(self._code, index)
        parts = tuple(bare(part) for part in split_name(text))
        if self._is(after, "("):  # a function in FROM, or the columns of INSERT INTO
            if scope.clause_at(start) == "INTO":
                end_of_name = self._code[after - 1].end
                scope.sources.append(Source(parts[-1], parts, start=start, end=end_of_name, is_target=True))
                return after
            close = self._close(after, end)
            return self._aliased(close + 1, end, scope, Source(parts[-1], start=start))
        cte = self.ctes.get(parts[0].casefold()) if len(parts) == 1 else None
        source = Source(parts[-1], parts, query=cte, start=start, end=self._code[after - 1].end)
        source.is_target = self._is_insert(scope, start)
        return self._aliased(after, end, scope, source)

    def _is_insert(self, scope: Scope, start: int) -> bool:
        """Whether the table at `start` is the one of INSERT INTO; MERGE INTO and SELECT … INTO are others."""
        return [name for _, name in scope.clauses] == ["INTO"] and not any(
            piece.word == "MERGE" for piece in self._code if scope.start <= piece.start < start
        )

    def _aliased(self, index: int, end: int, scope: Scope, source: Source) -> int:
        if index < end and self._code[index].word == "AS":
            index += 1
        if index < end and self._code[index].is_name and self._code[index].word not in _NO_ALIAS:
            source.alias = bare(self._code[index].text)
            source.alias_place = self._code[index].start, self._code[index].end
            index += 1
            if self._is(index, "(") and source.query is not None:
                source.columns, index = self._names_in_brackets(index, end)
        source.end = source.end or (self._code[index - 1].end if index <= len(self._code) else source.start)
        scope.sources.append(source)
        return index

    def _names_in_brackets(self, index: int, end: int) -> tuple[tuple[str, ...], int]:
        close = self._close(index, end)
        names = tuple(bare(piece.text) for piece in self._code[index + 1 : close] if piece.is_name)
        return names, close + 1

    def _after_select(self, index: int, end: int) -> int:
        """Past DISTINCT, ALL and TOP n."""
        while index < end and self._code[index].word in (
            "DISTINCT",
            "ALL",
            "TOP",
            "SQL_CALC_FOUND_ROWS",
            "HIGH_PRIORITY",
            "STRAIGHT_JOIN",
        ):
            index += 2 if self._code[index].word == "TOP" else 1
        return index

    def _items(self, index: int, end: int, depth: int) -> list[Item]:
        items, first = [], index
        while index <= end:
            at_end = index == end
            if at_end or (self._code[index].text == "," and self._code[index].depth == depth):
                if index > first:
                    items.append(_item(self._code[first:index]))
                first = index + 1
            index += 1
        return items

    def _close(self, index: int, end: int) -> int:
        """The bracket that closes the one at `index`; `end` if none does."""
        if index >= end:
            return end
        depth = self._code[index].depth
        index += 1
        while index < end and not (self._code[index].text == ")" and self._code[index].depth == depth):
            index += 1
        return index

    def _add(self, scope: Scope, query: Query) -> None:
        self.scopes.append(scope)
        query.scopes.append(scope)

    def _is(self, index: int, text: str) -> bool:
        return 0 <= index < len(self._code) and self._code[index].text == text

    def _follows_dot(self, index: int) -> bool:
        """Whether a word is the last part of a name; a dot that nothing follows yet is no reason."""
        return self._is(index - 1, ".") and self._code[index - 1].end == self._code[index].start

    def _start(self, index: int, end: int) -> int:
        """Where the scope of a piece begins: right after the bracket or the word before it."""
        return self._code[index - 1].end if 0 < index <= len(self._code) else 0

    def _end(self, end: int) -> int:
        return self._code[end].start if end < len(self._code) else self._length


def _item(code: Sequence[Piece]) -> Item:
    last = code[-1]
    if last.text == "*":
        return Item("*", bare(code[0].text) if len(code) > 1 else "", is_star=True)
    if not last.is_name or last.word == "END":
        return Item("")
    is_plain = all(piece.is_name or piece.text == "." for piece in code) and len(code) % 2 == 1
    if is_plain and (len(code) == 1 or code[-2].text == "."):
        return Item(bare(last.text), bare(code[-3].text) if len(code) > 2 else "", bare(last.text))
    source = code[:-2] if len(code) > 2 and code[-2].word == "AS" else code[:-1]
    if source and all(piece.is_name or piece.text == "." for piece in source) and source[-1].is_name:
        return Item(bare(last.text), bare(source[-3].text) if len(source) > 2 else "", bare(source[-1].text))
    return Item(bare(last.text))


def split_name(text: str) -> list[str]:
    """The parts of a dotted name as they are written; dots within quotes do not split."""
    parts, part, closing = [], "", ""
    for sign in text:
        if closing:
            closing = "" if sign == closing else closing
            part += sign
        elif sign == ".":
            parts.append(part)
            part = ""
        else:
            closing = {'"': '"', "`": "`", "[": "]"}.get(sign, "")
            part += sign
    return [*parts, part]
