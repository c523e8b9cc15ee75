"""Proposals for the caret. Reads memory only: it may be called on every key."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from keeperdb.query.code import Piece
from keeperdb.query.completion.columns import ColumnName, Columns
from keeperdb.query.completion.joins import conditions, joins
from keeperdb.query.completion.names import NameIndex, TableName
from keeperdb.query.completion.place import Place, place_at
from keeperdb.query.completion.scopes import Source
from keeperdb.query.completion.vocabulary import functions, keywords, needs_no_quotes, statement_words

_EXACT = -1
_LETTERS = 3  # that have to be typed before functions and keywords are found by what is within them
_MOST = 200  # proposals; a person reads fewer


class ProposalKind(StrEnum):
    JOIN = "join"
    COLUMN = "column"
    ALIAS = "alias"
    TABLE = "table"
    VIEW = "view"
    SCHEMA = "schema"
    CTE = "cte"
    STAR = "star"
    FUNCTION = "function"
    KEYWORD = "keyword"
    SNIPPET = "snippet"


# Keywords that mostly come next in a clause.
_FOLLOWING = {
    "SELECT": ("FROM", "AS", "DISTINCT", "CASE"),
    "FROM": ("WHERE", "JOIN", "LEFT JOIN", "GROUP BY", "ORDER BY", "AS"),
    "JOIN": ("ON", "USING", "WHERE", "JOIN", "LEFT JOIN", "AS"),
    "ON": ("WHERE", "JOIN", "LEFT JOIN", "AND", "OR", "GROUP BY", "ORDER BY"),
    "WHERE": ("AND", "OR", "IS NULL", "IS NOT NULL", "IN", "LIKE", "BETWEEN", "GROUP BY", "ORDER BY"),
    "GROUP BY": ("HAVING", "ORDER BY", "LIMIT"),
    "HAVING": ("AND", "OR", "ORDER BY", "LIMIT"),
    "ORDER BY": ("ASC", "DESC", "LIMIT"),
    "UPDATE": ("SET",),
    "SET": ("WHERE",),
    "INTO": ("VALUES", "SELECT"),
}
_COMMON = (ProposalKind.FUNCTION, ProposalKind.KEYWORD)
_ORDER = {kind: rank for rank, kind in enumerate(ProposalKind)}


@dataclass(frozen=True, slots=True)
class Proposal:
    """`text` replaces what was typed; `label` and `detail` are shown. `back` is how far before its end the caret goes.

    The text of a snippet has tab stops (see `snippets`).
    """

    text: str
    label: str
    kind: ProposalKind
    detail: str = ""
    back: int = 0


@dataclass(frozen=True, slots=True)
class Completion:
    """`proposals` replace the characters from `start` to `end` of the statement, the best first.

    `wanted` are the paths of tables whose columns would help, and that are not known yet.
    """

    start: int
    end: int
    proposals: tuple[Proposal, ...] = ()
    wanted: tuple[tuple[str, ...], ...] = ()


@dataclass
class Language:
    """What completion needs of an engine, and the snippets of the person by their abbreviation."""

    dialect: str
    quote: Callable[[str], str]
    snippets: Sequence[tuple[str, str, str]] = field(default_factory=tuple)  # abbreviation, text, description


def complete(statement: str, caret: int, names: NameIndex, language: Language) -> Completion:
    """What may stand at `caret`, a position in `statement`; nothing in strings, comments and numbers."""
    place = place_at(statement, caret, language.dialect)
    if place is None:
        return Completion(caret, caret)
    proposer = _Proposer(place, names, language)
    found = _ranked(proposer.proposals(), place.prefix)
    return Completion(proposer.start, caret, tuple(found), tuple(proposer.columns.wanted))


class _Proposer:
    def __init__(self, place: Place, names: NameIndex, language: Language) -> None:
        self._place = place
        self._names = names
        self._language = language
        self.columns = Columns(names)
        self.start = place.start

    def proposals(self) -> Iterator[Proposal]:
        place = self._place
        if place.star is not None:
            yield from self._star(place.star)
        elif place.qualifier:
            yield from self._qualified()
        elif place.wants_table:
            yield from self._tables()
        elif place.wants_names_of_target:
            yield from self._columns_of(place.sources[:1])
        elif place.clause:
            yield from self._in_clause()
        else:
            yield from self._start()

    def _qualified(self) -> Iterator[Proposal]:
        wanted = [part.casefold() for part in self._place.qualifier]
        for source in self._place.sources:
            if len(wanted) == 1 and source.alias.casefold() == wanted[0]:
                yield from self._columns_of([source])
                return
        table = None if self._place.wants_table else self._names.find(self._place.qualifier)
        if table is not None:
            yield from self._columns_of([Source(table.name, table.path)])
        schema = self._names.schema(self._place.qualifier)
        if schema is not None:
            yield from (self._table(table, is_qualified=True) for table in self._matching(schema))

    def _tables(self) -> Iterator[Proposal]:
        place = self._place
        if place.clause == "JOIN":
            for join in joins(place, self._names, self.columns, self._name):
                yield Proposal(join, join, ProposalKind.JOIN, "by foreign key")
        for name in place.ctes:
            yield Proposal(self._name(name), name, ProposalKind.CTE, "WITH")
        yield from (self._table(table) for table in self._matching(None))
        for schema in self._names.schemas:
            yield Proposal(self._name(schema[-1]), schema[-1], ProposalKind.SCHEMA, ".".join(schema[:-1]))
        if place.clause in ("FROM", "JOIN"):
            yield from self._keywords(("SELECT", "LATERAL", "ONLY"))

    def _in_clause(self) -> Iterator[Proposal]:
        place = self._place
        if place.wants_value:
            if place.clause == "ON":
                for condition in conditions(place.scope_sources, self.columns, self._name):
                    yield Proposal(condition, condition, ProposalKind.JOIN, "by foreign key")
            yield from self._columns_of(place.sources)
            for source in place.sources:
                if source.alias:
                    yield Proposal(self._name(source.alias), source.alias, ProposalKind.ALIAS, ".".join(source.parts))
            yield from self._functions()
        following = _FOLLOWING.get(place.clause, ())
        yield from self._keywords((*following, *keywords(self._language.dialect)))

    def _start(self) -> Iterator[Proposal]:
        yield from self._keywords(statement_words(self._language.dialect))
        for abbreviation, text, description in self._language.snippets:
            yield Proposal(text, abbreviation, ProposalKind.SNIPPET, description)

    def _columns_of(self, sources: Sequence[Source]) -> Iterator[Proposal]:
        """Columns with the alias before them where two sources, or one of an outer query, have the same name."""
        taken: set[str] = set()
        inner = [source for source in sources if source in self._place.scope_sources]
        for group in (inner, [source for source in sources if source not in inner]):
            known = [(source, self.columns.of(source) or []) for source in group]
            count = Counter(name for _, columns in known for name in {column.name.casefold() for column in columns})
            for source, columns in known:
                for column in columns:
                    folded = column.name.casefold()
                    is_ambiguous = count[folded] > 1 or folded in taken
                    yield self._column(column, source.alias if is_ambiguous else "")
            taken.update(count)

    def _column(self, column: ColumnName, alias: str) -> Proposal:
        name = self._name(column.name)
        text = f"{self._name(alias)}.{name}" if alias else name
        detail = " · ".join(part for part in (column.type_name, column.table) if part)
        return Proposal(text, f"{alias}.{column.name}" if alias else column.name, ProposalKind.COLUMN, detail)

    def _star(self, star: Piece) -> Iterator[Proposal]:
        """Each column by name instead of `*`; the qualifier is repeated, and replaced with it."""
        qualifier = self._place.qualifier
        sources = [
            source
            for source in self._place.scope_sources
            if not qualifier or source.alias.casefold() == qualifier[-1].casefold()
        ]
        lists = [(source, self.columns.of(source)) for source in sources]
        if not lists or any(columns is None for _, columns in lists):
            return
        self.start = self._place.qualifier_start if qualifier else star.start
        is_qualified = bool(qualifier) or len(sources) > 1
        texts = [
            f"{self._name(source.alias)}.{self._name(column.name)}" if is_qualified else self._name(column.name)
            for source, columns in lists
            for column in columns or ()
        ]
        if texts:
            yield Proposal(", ".join(texts), f"{len(texts)} columns", ProposalKind.STAR, "instead of *")

    def _functions(self) -> Iterator[Proposal]:
        for name, arguments in functions(self._language.dialect).items():
            word = self._cased(name)
            takes_any = arguments not in ("", "()")
            bracket = "()" if arguments else ""
            yield Proposal(word + bracket, word, ProposalKind.FUNCTION, arguments, back=1 if takes_any else 0)

    def _keywords(self, words: Iterable[str]) -> Iterator[Proposal]:
        yield from (Proposal(self._cased(word), self._cased(word), ProposalKind.KEYWORD) for word in words)

    def _matching(self, schema: tuple[str, ...] | None) -> list[TableName]:
        return self._names.matching(self._place.prefix, schema, _MOST)

    def _table(self, table: TableName, *, is_qualified: bool = False) -> Proposal:
        """Tables outside of the default schemas are named with theirs."""
        names = [table.name] if is_qualified or self._names.is_default(table) else list(table.path[-2:])
        kind = ProposalKind.VIEW if table.is_view else ProposalKind.TABLE
        detail = " · ".join(part for part in (".".join(table.schema), table.comment) if part)
        return Proposal(".".join(self._name(name) for name in names), table.name, kind, detail)

    def _name(self, name: str) -> str:
        """Quoted only where the dialect would read the bare name as something else."""
        return name if needs_no_quotes(name, self._language.dialect) else self._language.quote(name)

    def _cased(self, word: str) -> str:
        return word.lower() if self._place.is_lower else word.upper()


def _ranked(proposals: Iterable[Proposal], prefix: str) -> list[Proposal]:
    """Those that match what was typed: from its beginning, then within, then its letters in order."""
    folded = prefix.casefold()
    scored, seen = [], set()
    for place, proposal in enumerate(proposals):
        score = _score(proposal.label.casefold(), folded)
        key = (proposal.text, proposal.kind)
        if score is not None and score > 1 and proposal.kind in _COMMON and len(folded) < _LETTERS:
            continue
        if score is not None and key not in seen:
            seen.add(key)
            if (
                score == 0
                and folded
                and proposal.label.casefold() == folded
                and proposal.kind is not ProposalKind.SNIPPET
            ):
                score = _EXACT
            scored.append(((score, _ORDER[proposal.kind], place), proposal))
    scored.sort(key=lambda pair: pair[0])
    return [proposal for _, proposal in scored[:_MOST]]


def _score(label: str, prefix: str) -> int | None:
    """0 is best; None if the letters of `prefix` are not all there in order."""
    name = label.rpartition(".")[2]
    if not prefix or label.startswith(prefix) or name.startswith(prefix):
        return 0
    if prefix in label:
        return 1 if f"_{prefix}" in label or f" {prefix}" in label else 2
    position = -1
    for letter in prefix:
        position = label.find(letter, position + 1)
        if position < 0:
            return None
    return 3 if label[0] == prefix[0] and len(prefix) > 1 else None
