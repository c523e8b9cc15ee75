"""Names that a statement cannot mean: qualifiers that nothing is called, and columns that are written to."""

from collections.abc import Iterator

from keeperdb.query.code import Piece
from keeperdb.query.completion.columns import ColumnName, Columns
from keeperdb.query.completion.names import NameIndex
from keeperdb.query.completion.scopes import Analysis, Scope, Source, bare

_CHECKED = ("SELECT", "WHERE", "GROUP BY", "HAVING", "ORDER BY", "ON")
_WITH_PACKAGES = "oracle"  # whose constants and functions are named as columns are


def unknown_elsewhere(
    analysis: Analysis, names: NameIndex, columns: Columns, dialect: str
) -> Iterator[tuple[Piece, str]]:
    """The pieces, and what is to be said of each."""
    if dialect == _WITH_PACKAGES or columns.made.is_moved:
        return
    called = _called(analysis)
    for index, piece in enumerate(analysis.code):
        scope = analysis.scope_at(piece.start) if piece.is_name else None
        if scope is None:
            continue
        name = bare(piece.text)
        if _is_qualifier(analysis.code, index) and scope.clause_at(piece.start) in _CHECKED:
            if not _may_qualify(name, scope.visible(piece.start), called, names, columns):
                yield piece, f"Nothing is called {name} here."
        elif _is_inserted(analysis.code, index, scope) or _is_set(analysis.code, index, scope):
            target = scope.sources[0]
            if not _has_column(target, name, columns):
                yield piece, f"There is no column {name} in {target.parts[-1]}."


def _called(analysis: Analysis) -> set[str]:
    """Sources, and every name that stands alone: it may be the alias of what is not understood, such as PIVOT."""
    found = {part for scope in analysis.scopes for source in scope.sources for part in (source.alias, *source.parts)}
    found |= {
        bare(piece.text)
        for index, piece in enumerate(analysis.code)
        if piece.is_name and not _is(analysis.code, index + 1, ".")
    }
    return {each.casefold() for each in found}


def _is_qualifier(code: list[Piece], index: int) -> bool:
    """Whether a piece stands before the only dot of `name.column`."""
    if not (_is(code, index + 1, ".") and index + 2 < len(code) and code[index + 2].is_name):
        return False
    before = code[index - 1].text if index else ""
    behind = code[index + 3].text if index + 3 < len(code) else ""
    return before not in (".", "@", ":", "$", "%", "#", "::") and behind not in (".", "(", "@", "%", "!")


def _may_qualify(name: str, sources: list[Source], called: set[str], names: NameIndex, columns: Columns) -> bool:
    """A table, a schema, a column of a type with parts; or nothing is known of what else it could be."""
    folded = name.casefold()
    if folded in called or names.schema((name,)) is not None or names.find((name,)) is not None or not sources:
        return True
    for source in sources:
        found = columns.of(source)
        if found is None or _is_among(folded, found):
            return True
    return False


def _is_inserted(code: list[Piece], index: int, scope: Scope) -> bool:
    """Whether a piece is one of the columns in `INSERT INTO t (…)`."""
    if not scope.sources or not scope.sources[0].is_target or scope.clause_at(code[index].start) != "INTO":
        return False
    opening = next((at for at, piece in enumerate(code) if piece.start >= scope.sources[0].end), len(code))
    closes = [at for at in range(opening, len(code)) if code[at].text == ")" and code[at].depth == code[opening].depth]
    is_listed = _is(code, opening, "(") and bool(closes) and opening < index < closes[0]
    is_whole = (
        all(code[at].is_name or code[at].text == "," for at in range(opening + 1, closes[0])) if closes else False
    )
    is_own = bare(code[index].text).casefold() != scope.sources[0].parts[-1].casefold()  # of SQLite's full text search
    return is_listed and is_whole and is_own and code[index - 1].text in ("(", ",")


def _is_set(code: list[Piece], index: int, scope: Scope) -> bool:
    """Whether a piece is a left side in `UPDATE t SET …`, of a single table."""
    if len(scope.sources) != 1 or scope.clause_at(code[index].start) != "SET" or not _is(code, index + 1, "="):
        return False
    before, setting = code[index - 1], _last_set(code, index)
    is_first = before is setting
    return setting is not None and (is_first or (before.text == "," and before.depth == setting.depth))


def _last_set(code: list[Piece], index: int) -> Piece | None:
    return next((piece for piece in reversed(code[:index]) if piece.word == "SET"), None)


def _has_column(target: Source, name: str, columns: Columns) -> bool:
    """Whether a table has a column; it may have any while its columns are not known."""
    found = columns.of(target) if target.parts and target.query is None else None
    return found is None or _is_among(name.casefold(), found)


def _is_among(folded: str, found: list[ColumnName]) -> bool:
    return any(column.name.casefold() == folded for column in found)


def _is(code: list[Piece], index: int, text: str) -> bool:
    return 0 <= index < len(code) and code[index].text == text
